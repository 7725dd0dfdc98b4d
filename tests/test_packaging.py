"""The wheel holds the addon, all of it, and nothing of the repository's tools."""

import ast
import email
import importlib.util
import os
import pathlib
import tempfile
import unittest
import zipfile

CHECKOUT = pathlib.Path(__file__).resolve().parent.parent
PACKAGE = CHECKOUT / "script" / "lib" / "package.py"
ADDON = "odoo/addons/constituent_services/"
NOT_ADDON = ("script/", ".", "node_modules/", "pyproject.toml", "build/", "dist/")


class TestPackaging(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not (PACKAGE.exists() and (CHECKOUT / ".git").exists()):
            raise unittest.SkipTest("the wheel is built from a git checkout only")
        spec = importlib.util.spec_from_file_location("package", PACKAGE)
        package = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(package)
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.wheel = package.build(CHECKOUT, pathlib.Path(folder.name))
        archive = zipfile.ZipFile(cls.wheel)
        cls.addClassCleanup(archive.close)
        names = [name for name in archive.namelist() if not name.endswith("/")]
        cls.files = {name.removeprefix(ADDON) for name in names if name.startswith(ADDON)}
        cls.others = {name for name in names if not name.startswith(ADDON)}
        metadata = next(name for name in names if name.endswith("/METADATA"))
        cls.metadata = email.message_from_bytes(archive.read(metadata))
        cls.manifest = ast.literal_eval((CHECKOUT / "__manifest__.py").read_text())

    def test_name_and_version(self):
        self.assertEqual(self.metadata["Name"], "odoo-addon-constituent_services")
        self.assertEqual(self.metadata["Version"], self.manifest["version"])
        self.assertEqual(
            self.wheel.name,
            f"odoo_addon_constituent_services-{self.manifest['version']}-py3-none-any.whl",
        )

    def test_requirements(self):
        requirements = self.metadata.get_all("Requires-Dist")
        self.assertTrue(any(r.startswith("odoo") for r in requirements), requirements)
        external = self.manifest.get("external_dependencies", {}).get("python", [])
        for name in external:
            self.assertIn(name, requirements)

    def test_files_of_the_manifest(self):
        for key in ("data", "demo"):
            for name in self.manifest.get(key, []):
                self.assertIn(name, self.files, f"listed under {key}")

    def test_every_source_file(self):
        """Nothing that Odoo loads from the checkout is missing in the wheel."""
        for folder in ("controllers", "models", "report", "tools", "wizard", "static"):
            for path in (CHECKOUT / folder).rglob("*"):
                if path.is_file() and "__pycache__" not in path.parts:
                    self.assertIn(str(path.relative_to(CHECKOUT)), self.files)

    def test_nothing_else(self):
        outside = {name for name in self.files if name.startswith(NOT_ADDON)}
        self.assertFalse(outside)
        self.assertFalse({n for n in self.files if n.endswith((".pyc", ".log"))})
        self.assertFalse({name for name in self.others if ".dist-info" + os.sep not in name})

"""The addon's own rules: translations complete, public methods documented, enough tests."""

import ast
import io
import re
import unittest
from pathlib import Path

import polib

from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import trans_export

ADDON = Path(__file__).resolve().parent.parent
SOURCE_FOLDERS = ("controllers", "models", "report", "tools", "wizard")
# Overridden methods of Odoo whose meaning is Odoo's: a docstring would only repeat it.
ORM_METHODS = {"create", "write", "unlink", "copy", "copy_data", "init", "read", "web_read"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\{.*?\}\}|\$\{.*?\}")


def python_files():
    """Return the addon's own Python files, tests and scripts left out."""
    return [path for name in SOURCE_FOLDERS for path in sorted((ADDON / name).rglob("*.py"))]


class TestSource(unittest.TestCase):
    """What the source itself must be, without a database."""

    def test_public_functions_are_documented(self):
        missing = []
        for path in python_files():
            for node in ast.walk(ast.parse(path.read_text())):
                if not isinstance(node, ast.FunctionDef | ast.ClassDef):
                    continue
                if node.name.startswith("_") or node.name in ORM_METHODS:
                    continue
                # An extension in a file of its own says in one place what the class is.
                extends = isinstance(node, ast.ClassDef) and any(
                    isinstance(statement, ast.Assign)
                    and getattr(statement.targets[0], "id", "") == "_inherit"
                    for statement in node.body
                )
                if not extends and not ast.get_docstring(node):
                    missing.append(f"{path.relative_to(ADDON)}:{node.lineno} {node.name}")
        self.assertFalse(missing)

    def test_files_and_functions_stay_small(self):
        large = []
        for path in python_files():
            text = path.read_text()
            if text.count("\n") > 600:
                large.append(f"{path.name}: {text.count(chr(10))} lines")
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef):
                    length = node.end_lineno - node.lineno
                    if length > 45:
                        large.append(f"{path.name}:{node.lineno} {node.name}: {length} lines")
        self.assertFalse(large)

    def test_as_many_lines_of_tests_as_of_source(self):
        def lines(paths):
            return sum(
                1
                for path in paths
                for line in path.read_text().splitlines()
                if line.strip() and not line.strip().startswith("#")
            )

        tests = lines((ADDON / "tests").rglob("*.py")) + lines(
            (ADDON / "static" / "tests").rglob("*.js")
        )
        self.assertGreaterEqual(tests, lines(python_files()))

    def test_every_sudo_has_its_reason_and_name(self):
        """`sudo()` has a comment above it and, when kept, a name that says so."""
        unexplained = []
        for path in python_files():
            source = path.read_text().splitlines()
            for index, line in enumerate(source):
                if ".sudo()" not in line or line.strip().startswith("#"):
                    continue
                above = source[max(0, index - 6) : index + 1]
                if not any("#" in text for text in above):
                    unexplained.append(f"{path.relative_to(ADDON)}:{index + 1}")
        self.assertFalse(unexplained)


@tagged("post_install", "-at_install")
class TestTranslations(TransactionCase):
    """The template is what the code says, and Spanish has all of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        buffer = io.BytesIO()
        # Test databases have no demo data: its texts are not the product's.
        trans_export(False, ["constituent_services"], buffer, "po", cls.env)
        cls.exported = polib.pofile(buffer.getvalue().decode())
        cls.template = polib.pofile(str(ADDON / "i18n" / "constituent_services.pot"))
        cls.spanish = polib.pofile(str(ADDON / "i18n" / "es.po"))

    def test_template_is_complete(self):
        exported = {entry.msgid for entry in self.exported}
        self.assertFalse(exported - {entry.msgid for entry in self.template})

    def test_spanish_is_complete(self):
        translated = {entry.msgid for entry in self.spanish if entry.msgstr and not entry.fuzzy}
        self.assertFalse({entry.msgid for entry in self.exported} - translated)

    def test_placeholders_survive_translation(self):
        for entry in self.spanish:
            with self.subTest(entry.msgid[:60]):
                self.assertEqual(self._placeholders(entry.msgid), self._placeholders(entry.msgstr))

    def _placeholders(self, text):
        """Return placeholders without the words for when one is empty: those are translated."""
        found = PLACEHOLDER.findall(text)
        return sorted(re.sub(r"\s*\|\|\|.*?\}\}", " }}", one) for one in found)

"""Build the addon's wheel from the checkout as it is.

Usage: package.py [--export] CHECKOUT FOLDER: the wheel, or with --export the files
that make it, into FOLDER.

whool takes the addon's name from its folder and, in a git checkout, packs every
tracked file, script/ included. So it gets an export: what git archive would give
if everything were committed (tracked and new files, without those that
.gitattributes marks export-ignore), in a folder of the right name, outside git.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ADDON = "constituent_services"
BUILD = "import sys, whool.buildapi as b; print(b.build_wheel(sys.argv[1]))"


class NotACheckout(Exception):
    """The folder has no git repository of its own."""


def export(checkout, folder):
    """Write the addon's files into folder/constituent_services.

    :return: its path. The repository is read only: index and new objects are
        temporary.
    """
    if not (checkout / ".git").exists():
        raise NotACheckout(f"{checkout} is not a git checkout: wheels are built from a clone")

    def git(*arguments, **kwargs):
        return subprocess.run(
            ["git", "-C", checkout, *arguments],
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
            **kwargs,
        ).stdout

    environment = dict(os.environ)
    paths = {}
    for name in ("index", "objects"):
        path = git("rev-parse", "--git-path", name, text=True).strip()
        paths[name] = checkout / path
    objects = folder / "objects"
    objects.mkdir()
    if paths["index"].exists():
        shutil.copy(paths["index"], folder / "index")
    environment.update(
        GIT_INDEX_FILE=str(folder / "index"),
        GIT_OBJECT_DIRECTORY=str(objects),
        GIT_ALTERNATE_OBJECT_DIRECTORIES=str(paths["objects"].resolve()),
    )
    git("add", "--all", ".")
    tree = git("write-tree", text=True).strip()
    archive = git("archive", "--format=tar", f"--prefix={ADDON}/", tree)
    subprocess.run(["tar", "-x", "-C", folder], input=archive, check=True)
    return folder / ADDON


def build(checkout, target):
    """:return: the path of the wheel made in folder target"""
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        addon = export(checkout.resolve(), pathlib.Path(temporary))
        # A temporary folder may lie in somebody's repository: git must not find it.
        environment = {**os.environ, "GIT_CEILING_DIRECTORIES": temporary}
        result = subprocess.run(
            [sys.executable, "-c", BUILD, target.resolve()],
            cwd=addon,
            env=environment,
            capture_output=True,  # git's complaint that there is no repository, too
            text=True,
        )
    if result.returncode:
        raise RuntimeError(result.stdout + result.stderr)
    return target / result.stdout.splitlines()[-1]


if __name__ == "__main__":
    *options, source, destination = sys.argv[1:]
    try:
        if options == ["--export"]:
            export(pathlib.Path(source), pathlib.Path(destination))
        else:
            print(build(pathlib.Path(source), pathlib.Path(destination)))
    except NotACheckout as error:
        sys.exit(str(error))

"""Run in an Odoo shell by script/i18n: `env` is the shell's."""

import io
import re
from pathlib import Path

import polib

from odoo.modules import get_module_path
from odoo.tools.translate import trans_export

FOLDER = Path(get_module_path("constituent_services")).resolve() / "i18n"
# Changes with every export and says nothing.
DATES = re.compile(r'^"(POT-Creation-Date|PO-Revision-Date): .*\n', re.M)


def tidy(text):
    """Return a text with its white space folded."""
    return " ".join(text.split())


def main(env):
    buffer = io.BytesIO()
    trans_export(False, ["constituent_services"], buffer, "po", env)
    template = DATES.sub("", buffer.getvalue().decode())
    (FOLDER / "constituent_services.pot").write_text(template)
    spanish = polib.pofile(str(FOLDER / "es.po"))
    translated = {tidy(entry.msgid): entry.msgstr for entry in spanish if entry.msgstr}
    spanish.merge(polib.pofile(template))
    for entry in spanish:
        # A view that was only formatted anew keeps its translations.
        if not entry.msgstr and tidy(entry.msgid) in translated:
            entry.msgstr = translated[tidy(entry.msgid)]
    for entry in spanish.obsolete_entries():
        spanish.remove(entry)
    spanish.metadata = {
        key: value for key, value in spanish.metadata.items() if not key.endswith("-Date")
    }
    spanish.save()
    missing = [entry for entry in spanish if not entry.msgstr or entry.fuzzy]
    print(f"{len(spanish)} texts, {len(missing)} without a Spanish translation")
    for entry in missing[:20]:
        print(f"  {entry.msgid[:90]!r}")


main(env)  # noqa: F821

from odoo import models
from odoo.tools import SQL

# Of a hundred samples PostgreSQL cannot tell a rare word from one in a hundred, and walks
# through all rows in the hope of a page of them: at 200,000 cases 708 ms in place of 31, at
# 180,000 letters 792 in place of 20.
WORD_SAMPLES = 500


class ConstituentWordsMixin(models.AbstractModel):
    """Records that are found by their words among hundreds of thousands."""

    _name = "constituent.words.mixin"
    _description = "Found by Words"

    # Index of words → the number of the words' column in it
    _word_indexes = {}

    def _register_hook(self):
        """Let PostgreSQL look closely at the words it indexes, from its next analysis on."""
        super()._register_hook()
        if not self._word_indexes:
            return
        self.env.cr.execute(
            "SELECT c.relname, a.attnum FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE c.relname = ANY(%s) AND c.relkind = 'i'"
            " AND COALESCE(a.attstattarget, -1) < %s",
            (list(self._word_indexes), WORD_SAMPLES),
        )
        for name, column in self.env.cr.fetchall():
            if column == self._word_indexes[name]:
                self.env.cr.execute(
                    SQL(
                        "ALTER INDEX %s ALTER COLUMN %s SET STATISTICS %s",
                        SQL.identifier(name),
                        column,
                        WORD_SAMPLES,
                    )
                )

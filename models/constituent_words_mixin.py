import math

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

# Of a hundred samples PostgreSQL cannot tell a rare word from one in a hundred, and walks
# through all rows in the hope of a page of them: at 200,000 cases 708 ms in place of 31, at
# 180,000 letters 792 in place of 20.
WORD_SAMPLES = 500
# So many bits of an id are within a slice: 8,192 records that came one after the other.
SLICE_BITS = 13
PAGE = 80
# So many of the newest slices are looked into first: some 30,000 records.
FIRST_SLICES = 4
# What is looked for in texts; who else looks for it will look at many.
TEXT_OPERATORS = {"like", "ilike", "=like", "=ilike"}
# As many records more than the newest ones promise: they do not come evenly.
MARGIN = 1.3


def words_by_slice(*columns):
    """Return what defines an index of texts' parts that knows the newest ones from others.

    An index of the parts alone reads all records that have a part, however old they are.

    :param columns: of the texts
    """

    def _definition(registry):
        if not registry.has_trigram:
            return ""
        texts = ", ".join(f"({registry.unaccent(column)}) gin_trgm_ops" for column in columns)
        return f"USING gin ((ARRAY[id >> {SLICE_BITS}]), {texts})"

    return _definition


class ConstituentWordsMixin(models.AbstractModel):
    """Records that are found by their words among hundreds of thousands, the newest first."""

    _name = "constituent.words.mixin"
    _description = "Found by Words"

    # Index of words → the numbers of the words' columns in it
    _word_indexes = {}
    # Fields whose words an index knows by slice
    _sliced_fields = frozenset()
    # Whether PostgreSQL takes the model's rules for ones that nearly all records pass, and
    # so would walk through all of them to a page of what has a word
    _words_before_rules = False

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
            if column in self._word_indexes[name]:
                self.env.cr.execute(
                    SQL(
                        "ALTER INDEX %s ALTER COLUMN %s SET STATISTICS %s",
                        SQL.identifier(name),
                        column,
                        WORD_SAMPLES,
                    )
                )

    @api.model
    def search_fetch(self, domain, field_names=None, offset=0, limit=None, order=None):
        """Search and read; see Odoo. A page of the newest is looked for among those."""
        find = super().search_fetch
        if not limit or (order or self._order).split(",")[0].lower().split() != ["id", "desc"]:
            return find(domain, field_names, offset, limit, order)
        return self._find_newest_first(
            domain, limit, lambda part: find(part, field_names, offset, limit, order)
        )

    @api.model
    def search_count(self, domain, limit=None):
        """Count; see Odoo. As many as the limit are looked for among the newest."""
        if not limit:
            return super().search_count(domain)
        count = super().search_count
        return len(self._find_newest_first(domain, limit, lambda part: range(count(part, limit))))

    @api.model
    def _find_newest_first(self, domain, limit, find):
        """Return what is found: among the newest records when there is enough, else among all.

        :param domain: what is looked for
        :param int limit: of how many there are enough
        :param find: called with a domain; returns what is found, at most that many
        """
        domain = domain_of_all = Domain(domain)
        names = {
            condition.field_expr
            for condition in domain.iter_conditions()
            if condition.operator in TEXT_OPERATORS
        }
        last_id = self._last_id() if names else 0
        newest, slices = last_id >> SLICE_BITS, self._first_slices(domain, limit, names)
        # A quarter of all slices costs as much as looking into all records at once.
        while 4 * slices < newest:
            found = find(domain & self._newest_slices(newest, slices, names))
            if len(found) >= limit:
                break
            promised = slices * limit / len(found) if found else newest
            slices = max(2 * slices, math.ceil(MARGIN * promised))
        else:
            if self._words_before_rules:
                domain_of_all = domain.map_conditions(self._looked_up_once)
            found = find(domain_of_all)
        if found and names and isinstance(found, models.BaseModel):
            # How far apart they are, for whoever counts them next.
            density = (last_id - found[-1].id + 1) / len(found)
            self.env.cr.cache[self._name, "density"] = (self.env.uid, domain, density)
        return found

    def _first_slices(self, domain, limit, names):
        """Return how many of the newest slices to look into first."""
        known = self.env.cr.cache.get((self._name, "density"), (0, None, 0))
        if known[:2] == (self.env.uid, domain):
            return max(FIRST_SLICES, math.ceil(MARGIN * limit * known[2] / 2**SLICE_BITS))
        if names & self._sliced_fields:
            return FIRST_SLICES
        # Contacts of a name are all found each time: looking twice costs twice.
        return FIRST_SLICES * math.ceil(limit / PAGE)

    def _looked_up_once(self, condition):
        """Return a condition on an indexed text as one on the ids of those that have it."""
        if condition.operator not in TEXT_OPERATORS:
            return condition
        if condition.field_expr not in self._sliced_fields:
            return condition
        # The rules are of the query that this becomes a part of.
        query = self.with_context(active_test=False)._search(condition, bypass_access=True)

        def _to_sql(_model, alias, _query):
            return SQL("%s = ANY(ARRAY(%s))", SQL.identifier(alias, "id"), query.select())

        return Domain.custom(to_sql=_to_sql)

    def _last_id(self):
        """Return the id of the newest record, whoever may see it."""
        self.env.cr.execute(SQL("SELECT max(id) FROM %s", SQL.identifier(self._table)))
        return self.env.cr.fetchone()[0] or 0

    def _newest_slices(self, newest, count, names):
        """Return the condition that a record is in one of the newest slices.

        :param int newest: number of the newest slice
        :param int count: of how many
        :param names: of the fields whose texts are looked into
        """
        oldest = newest - count + 1
        sliced = names & self._sliced_fields

        def _to_sql(_model, alias, _query):
            column = SQL.identifier(alias, "id")
            if sliced:
                numbers = list(range(oldest, newest + 1))
                return SQL("ARRAY[%s >> %s] && %s", column, SLICE_BITS, numbers)
            return SQL("%s >= %s", column, oldest << SLICE_BITS)

        return Domain.custom(to_sql=_to_sql)

import math

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

# To take the accents off a subject lasts as long as some fifty comparisons of numbers.
UNACCENT_COST = 50
# So many bits of an id are within a slice: 8,192 cases that came one after the other.
SLICE_BITS = 13
PAGE = 80
# So many of the newest slices are looked into first: some 30,000 cases.
FIRST_SLICES = 4
# What is looked for in texts; who else looks for it will look at many.
TEXT_OPERATORS = {"like", "ilike", "=like", "=ilike"}
# Words that the index knows by slice.
SLICED_FIELDS = {"name", "description_text"}
# Of these there are few, and PostgreSQL knows how many cases each has.
MASTERS = {
    "constituent.department", "constituent.category", "constituent.case.stage",
    "constituent.case.tag", "constituent.channel", "constituent.case.outcome", "res.users",
}  # fmt: skip
# As many cases more than the newest ones promise: they do not come evenly.
MARGIN = 1.3


def _words_by_slice(column):
    """Return what defines an index of a text's parts that knows the newest ones from others.

    An index of the parts alone reads all cases that have a part, however old they are.
    """

    def _definition(registry):
        if not registry.has_trigram:
            return ""
        text = registry.unaccent(column)
        return f"USING gin ((ARRAY[id >> {SLICE_BITS}]), ({text}) gin_trgm_ops)"

    return _definition


class ConstituentCase(models.Model):
    """Finding cases by their words: the newest first, without reading all that have them."""

    _name = "constituent.case"
    _inherit = ["constituent.case", "constituent.words.mixin"]
    # Behind the slice
    _word_indexes = {
        "constituent_case_name_words_idx": 2,
        "constituent_case_description_words_idx": 2,
    }

    # Who sees some of the cases has them found and counted without their rows.
    _seen_idx = models.Index(
        "(id DESC) INCLUDE (company_id, confidentiality, department_id, user_id, create_uid,"
        " is_shared, status)"
    )
    _open_priority_idx = models.Index("(priority, id) WHERE status != 'closed'")
    _name_words_idx = models.Index(_words_by_slice("name"))
    _description_words_idx = models.Index(_words_by_slice("description_text"))

    def init(self):
        """Tell PostgreSQL what unaccent costs, where that is this role's to say.

        It takes it to be as cheap as comparing two numbers, and so would rather read
        case after case than the few that the trigram index has for a word.
        """
        super().init()
        self.env.cr.execute(
            "SELECT 1 FROM pg_proc WHERE oid = to_regprocedure('unaccent(text)')"
            " AND pg_has_role(proowner, 'USAGE') AND procost < %s",
            (UNACCENT_COST,),
        )
        if self.env.cr.rowcount:
            self.env.cr.execute("ALTER FUNCTION unaccent(text) COST %s", (UNACCENT_COST,))

    @api.model
    def search_fetch(self, domain, field_names=None, offset=0, limit=None, order=None):
        """Search and read; see Odoo.

        A page of the newest cases is looked for among those. A page in the order of a
        master's is sorted without the cases' rows, which are read for the page alone.
        """
        if not limit:
            return super().search_fetch(domain, field_names, offset, limit, order)
        first = (order or self._order).split(",")[0].split()
        if first == ["id", "desc"]:
            find = super().search_fetch
            return self._find_newest_first(
                domain, limit, lambda part: find(part, field_names, offset, limit, order)
            )
        field = self._fields.get(first[0])
        if field and field.type == "many2one":
            # In two steps: 84 ms and not 516, of 150,000 open cases.
            found = self.browse(self._search(domain, offset, limit, order))
            found.fetch(field_names)
            return found
        return super().search_fetch(domain, field_names, offset, limit, order)

    @api.model
    def search_count(self, domain, limit=None):
        """Count; see Odoo. As many as the limit are looked for among the newest."""
        if not limit:
            return super().search_count(domain)
        count = super().search_count
        return len(self._find_newest_first(domain, limit, lambda part: range(count(part, limit))))

    @api.model
    def _find_newest_first(self, domain, limit, find):
        """Return what is found: among the newest cases when there is enough, else among all.

        :param domain: what is looked for
        :param int limit: of how many there are enough
        :param find: called with a domain; returns what is found, at most that many
        """
        domain = Domain(domain).map_conditions(self._masters_by_id)
        names = {
            condition.field_expr
            for condition in domain.iter_conditions()
            if condition.operator in TEXT_OPERATORS
        }
        last_id = self._last_id() if names else 0
        newest, slices = last_id >> SLICE_BITS, self._first_slices(domain, limit, names)
        # A quarter of all slices costs as much as looking into all cases at once.
        while 4 * slices < newest:
            found = find(domain & _newest_slices(newest, slices, names))
            if len(found) >= limit:
                break
            promised = slices * limit / len(found) if found else newest
            slices = max(2 * slices, math.ceil(MARGIN * promised))
        else:
            found = find(domain)
        if found and names and isinstance(found, models.BaseModel):
            # How far apart they are, for whoever counts them next.
            density = (last_id - found[-1].id + 1) / len(found)
            self.env.cr.cache["constituent.case.density"] = (self.env.uid, domain, density)
        return found

    def _first_slices(self, domain, limit, names):
        """Return how many of the newest slices to look into first."""
        uid, known, density = self.env.cr.cache.get("constituent.case.density", (0, None, 0))
        if uid == self.env.uid and known == domain:
            promised = MARGIN * limit * density / 2**SLICE_BITS
            return max(FIRST_SLICES, math.ceil(promised))
        if names & SLICED_FIELDS:
            return FIRST_SLICES
        # Contacts of a name are all found each time: looking twice costs twice.
        return FIRST_SLICES * math.ceil(limit / PAGE)

    def _masters_by_id(self, condition):
        """Return a condition on a master's name as one on its id."""
        field = self._fields.get(condition.field_expr)
        if condition.operator != "ilike" or not field or field.comodel_name not in MASTERS:
            return condition
        # Archived ones, too, as Odoo looks for them.
        masters = self.env[field.comodel_name].with_context(active_test=False)
        found = masters.search([("display_name", "ilike", condition.value)])
        return Domain(condition.field_expr, "in", found.ids)

    def _last_id(self):
        """Return the id of the newest case, whoever may see it."""
        self.env.cr.execute("SELECT max(id) FROM constituent_case")
        return self.env.cr.fetchone()[0] or 0


def _newest_slices(newest, count, names):
    """Return the condition that a case is in one of the newest slices.

    :param int newest: number of the newest slice
    :param int count: of how many
    :param names: of the fields whose texts are looked into
    """
    oldest = newest - count + 1

    def _to_sql(_model, alias, _query):
        if names & SLICED_FIELDS:
            column = SQL.identifier(alias, "id")
            return SQL("ARRAY[%s >> %s] && %s", column, SLICE_BITS, list(range(oldest, newest + 1)))
        return SQL("%s >= %s", SQL.identifier(alias, "id"), oldest << SLICE_BITS)

    return Domain.custom(to_sql=_to_sql)

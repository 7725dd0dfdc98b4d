"""The screens, as Odoo's web client asks the server for them; the same for both products.

What the client does is in Odoo's addons/web/static/src: model/relational_model (lists,
kanban), views/pivot/pivot_model.js, search/search_model.js (the panel beside the list).
"""

from dataclasses import dataclass

from lxml import etree

from odoo.tools.safe_eval import safe_eval

from .measuring import Rows, measurement

PAGE = 80  # an action's default limit, unless the view says otherwise
COUNT_LIMIT = 10_000  # the client shows "10,000+", unless the view says otherwise
ALWAYS = ("1", "True", "true")

# Fields that a widget reads beside its own.
ACTIVITY = (
    "activity_exception_decoration",
    "activity_exception_icon",
    "activity_state",
    "activity_summary",
    "activity_type_icon",
    "activity_type_id",
)
DEPENDENCIES = {"list_activity": ACTIVITY, "kanban_activity": ACTIVITY}


@dataclass(frozen=True)
class Product:
    """What differs between ours and the peer.

    :ivar action: XML id of the action whose screens are opened; pivot_action: of the pivot's
    :ivar logins: role → login
    :ivar search_fields: where → the search view's field for it
    """

    model: str
    action: str
    pivot_action: str
    logins: dict
    search_fields: dict


def records_of(session, role, model=None):
    """Return the model with a role's environment."""
    return session.user_env(role)[model or session.product.model]


def arch_of(records, kind):
    """Return a view as this user gets it."""
    return etree.fromstring(records.get_view(view_type=kind)["arch"])


def specification(records, arch):
    """Return what the client asks of each record for a view (getFieldsSpec)."""
    spec = {}
    for node in arch.iter("field"):
        if any(parent.tag == "field" for parent in node.iterancestors()):
            continue
        hidden = node.get("column_invisible", node.get("invisible")) in ALWAYS
        spec[node.get("name")] = _field_specification(records, node, hidden)
        for name in DEPENDENCIES.get(node.get("widget"), ()):
            relational = records._fields[name].type == "many2one"
            spec.setdefault(name, {"fields": {"display_name": {}}} if relational else {})
    return spec


def _field_specification(records, node, hidden):
    field = records._fields[node.get("name")]
    if field.type == "many2one":
        return {"fields": {} if hidden else {"display_name": {}}}
    if field.type not in ("one2many", "many2many") or hidden:
        return {}
    related = {}
    if node.get("widget") == "many2many_tags":
        color = safe_eval(node.get("options", "{}")).get("color_field")
        related = {name: {} for name in ("display_name", color) if name}
    return {"fields": related}


def action_domain(session, records, xml_id):
    """Return an action's domain with its default filters."""
    action = session.env.ref(xml_id)
    values = {"uid": records.env.uid}
    domain = safe_eval(action.domain or "[]", values)
    arch = arch_of(records, "search")
    for key, value in safe_eval(action.context or "{}", values).items():
        for node in arch.iter("filter"):
            if value and key == f"search_default_{node.get('name')}":
                domain += safe_eval(node.get("domain") or "[]", values)
    return domain


def word_domain(records, field, word):
    """Return what the search view makes of a word typed into one of its fields."""
    for node in arch_of(records, "search").iter("field"):
        if node.get("name") == field:
            if node.get("filter_domain"):
                return safe_eval(node.get("filter_domain"), {"self": word, "uid": records.env.uid})
            return [(field, node.get("operator", "ilike"), word)]
    raise LookupError(f"the search view of {records._name} has no field {field}")


def page_step(records, domain):
    """Return a step that reads the first page of a list."""
    arch = arch_of(records, "list")
    spec = specification(records, arch)
    reader = records.with_context(bin_size=True)
    kwargs = {
        "offset": 0,
        "order": arch.get("default_order", ""),
        "limit": int(arch.get("limit", PAGE)),
        "count_limit": int(arch.get("count_limit", COUNT_LIMIT)) + 1,
    }

    def step():
        return Rows(len(reader.web_search_read(domain, spec, **kwargs)["records"]))

    return step


@measurement("list")
def listing(session, role):
    """Read the first page of the action's list, with its default filters."""
    records = records_of(session, role)
    return page_step(records, action_domain(session, records, session.product.action))


def _register_searches():
    for where in ("name", "description"):
        for suffix, kind in (("", "middling"), ("_rare", "rare"), ("_common", "common")):
            measurement(f"search_{where}{suffix}")(_searching(where, kind))


def _searching(where, kind):
    def prepare(session, role):
        """Read the first page of all cases with a word."""
        records = records_of(session, role)
        word, _hits = session.facts["words"][where][kind]
        field = session.product.search_fields[where]
        domain = word_domain(records, field, word)
        if not records.sudo().search_count(domain, limit=1):
            raise LookupError(f"nothing is found with the word {word}")
        return page_step(records, domain)

    return prepare


_register_searches()


@measurement("kanban")
def kanban(session, role):
    """Read the columns with their first records, and the bars above them."""
    records = records_of(session, role)
    domain = action_domain(session, records, session.product.action)
    arch = arch_of(records, "kanban")
    spec, groupby = specification(records, arch), arch.get("default_group_by")
    bar = arch.find(".//progressbar")
    colors = safe_eval(bar.get("colors"))
    reader = records.with_context(read_group_expand=True)

    def step():
        reader.web_read_group(
            domain,
            [groupby],
            [],
            order=arch.get("default_order", ""),
            auto_unfold=True,
            opening_info=[],
            unfold_read_specification=spec,
            unfold_read_default_limit=int(arch.get("limit", PAGE)),
            groupby_read_specification={},
        )
        records.read_progress_bar(
            domain, group_by=groupby, progress_bar={"colors": colors, "field": bar.get("field")}
        )

    return step


@measurement("pivot")
def pivot(session, role):
    """Read the pivot's totals, rows, columns and cells."""
    records = records_of(session, role)
    domain = action_domain(session, records, session.product.pivot_action)
    axes = {"row": [], "col": []}
    for node in arch_of(records, "pivot").iter("field"):
        name = node.get("name")
        if records._fields[name].type in ("date", "datetime"):
            name = f"{name}:{node.get('interval', 'month')}"
        axes[node.get("type")].append(name)
    rows, columns = ([axes[axis][:end] for end in range(len(axes[axis]) + 1)] for axis in axes)
    sets = [row + column for row in rows for column in columns]

    def step():
        records.formatted_read_grouping_sets(domain, sets, ["__count"])

    return step


@measurement("panel")
def panel(session, role):
    """Read the values and counts of the panel beside list and kanban."""
    records = records_of(session, role)
    domain = action_domain(session, records, session.product.action)
    calls = []
    for node in arch_of(records, "search").iterfind(".//searchpanel/field"):
        kwargs = {
            "category_domain": [],
            "enable_counters": node.get("enable_counters") in ALWAYS,
            "expand": node.get("expand") in ALWAYS,
            "filter_domain": [],
            "limit": int(node.get("limit", 200)),
            "search_domain": domain,
        }
        if node.get("select") == "multi":
            kwargs |= {"comodel_domain": [], "group_by": False, "group_domain": []}
            calls.append((records.search_panel_select_multi_range, node.get("name"), kwargs))
        else:
            kwargs["hierarchize"] = node.get("hierarchize") not in ("0", "False", "false")
            calls.append((records.search_panel_select_range, node.get("name"), kwargs))

    def step():
        for call, name, kwargs in calls:
            call(name, **kwargs)

    return step

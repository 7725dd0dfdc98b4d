"""The screens of the correspondence office, as Odoo's web client asks the server for them."""

from odoo.tools.safe_eval import safe_eval

from .measuring import measurement
from .screens import arch_of, page_step, records_of, specification, word_domain

MODEL = "constituent.correspondence"
ACTIONS = "constituent_services.constituent_correspondence_action"


def screen(session, role, action, **context):
    """Return the letters as an action's list reads them, and its domain.

    :param str action: XML id, behind what all of them have in common
    :param context: of the action, in place of its own
    """
    action = session.env.ref(f"{ACTIONS}{action}")
    values = {"uid": session.user_env(role).uid}
    views = {view.view_mode: view.view_id.id for view in action.view_ids}
    letters = records_of(session, role, MODEL)
    if views.get("list"):
        letters = letters.with_context(list_view_ref=action.view_ids[0].view_id.xml_id)
    domain = safe_eval(action.domain or "[]", values)
    context = context or safe_eval(action.context or "{}", values)
    arch = arch_of(letters, "search")
    if action.search_view_id:
        arch = arch_of(letters.with_context(search_view_ref=action.search_view_id.xml_id), "search")
    for node in arch.iter("filter"):
        if context.get(f"search_default_{node.get('name')}"):
            domain += safe_eval(node.get("domain") or "[]", values)
    return letters, domain


@measurement("letters_list")
def letters_list(session, role):
    """Read the first page of what is not sent yet, as the menu opens it."""
    return page_step(*screen(session, role, ""))


@measurement("letters_all")
def letters_all(session, role):
    """Read the first page of all, without a filter."""
    return page_step(*screen(session, role, "", none=True))


@measurement("letters_search")
def letters_search(session, role):
    """Read the first page of those with a word in their subjects."""
    letters, _domain = screen(session, role, "", none=True)
    word, _hits = session.facts["words"]["name"]["middling"]
    return page_step(letters, word_domain(letters, "subject", word))


@measurement("letters_number")
def letters_number(session, role):
    """Read the letter with a number."""
    letters, _domain = screen(session, role, "", none=True)
    number = letters.search([("state", "=", "sent")], limit=1).reference
    return page_step(letters, word_domain(letters, "subject", number))


@measurement("letters_stack")
def letters_stack(session, role):
    """Read what waits for the user's decision."""
    return page_step(*screen(session, role, "_to_approve"))


@measurement("letters_incoming")
def letters_incoming(session, role):
    """Read the first page of the incoming register."""
    return page_step(*screen(session, role, "_incoming"))


@measurement("letters_outgoing")
def letters_outgoing(session, role):
    """Read the first page of the outgoing register."""
    return page_step(*screen(session, role, "_outgoing"))


@measurement("letter_form")
def letter_form(session, role):
    """Open the latest draft in its form."""
    letters = records_of(session, role, MODEL)
    letter = letters.search([("state", "=", "draft")], limit=1)
    spec = specification(letters, arch_of(letters, "form"))
    reader = letter.with_context(bin_size=True)

    def step():
        letters.env.invalidate_all()
        (read,) = reader.web_read(spec)
        if read["id"] != letter.id:
            raise LookupError("another letter was read")

    return step


@measurement("desk")
def desk(session, role):
    """Read the start page."""
    records = records_of(session, role, "constituent.desk")

    def step():
        records.desk_data()

    return step

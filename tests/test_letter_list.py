"""The list of letters: found by number and code, sent together, and what is told of them."""

from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain
from odoo.tests import Form, tagged
from odoo.tools.safe_eval import safe_eval

from ..models import constituent_correspondence_selected as selected
from . import test_index_use
from .approval_common import ApprovalSetup
from .batch_common import BatchSetup
from .common import PREFIX, ConstituentCommon
from .letter_common import LetterSetup


class SearchViewSetup(LetterSetup):
    """What the web client makes of a search view."""

    def _arch(self):
        view = self.env.ref(f"{PREFIX}constituent_correspondence_view_search")
        return etree.fromstring(self.Letter.get_view(view.id, "search")["arch"])

    def _filter(self, name):
        (node,) = self._arch().xpath(f"//filter[@name='{name}']")
        return Domain(safe_eval(node.get("domain"), {"uid": self.env.uid}))

    def _typed(self, name, text, *filters, user=None):
        """Return what is found when a text is typed while filters are on."""
        node = self._arch().xpath(f"//field[@name='{name}']")[0]
        words = node.get("filter_domain") or f"[('{name}', '{node.get('operator')}', self)]"
        domain = Domain(safe_eval(words, {"self": text}))
        for one in filters:
            domain &= self._filter(one)
        # The web client gives the context of a field a list of what was typed.
        context = safe_eval(node.get("context") or "{}", {"self": [text]})
        return self.Letter.with_user(user or self.caseworker).with_context(**context).search(domain)


@tagged("post_install", "-at_install")
class TestFound(SearchViewSetup, ConstituentCommon):
    """Only what was sent has a number: the filter of the rest gives way to one."""

    def test_a_number_or_code_whatever_the_filter(self):
        self._make_letter()
        letter = self._make_sent()
        self._make_sent()
        code = letter.verification_code
        for name in ("subject", "verification_search"):
            for typed in (letter.reference, code, f" {code.lower().replace('-', ' ')}"):
                with self.subTest(field=name, typed=typed):
                    self.assertEqual(self._typed(name, typed, "open"), letter)
        self.assertEqual(self._typed("subject", letter.reference[2:], "open"), letter)
        self.assertLessEqual(letter, self._typed("subject", letter.reference[:6], "open"))

    def test_the_filter_holds_for_words(self):
        draft, sent = self._make_letter(subject="Tall testoak"), self._make_sent()
        sent_too = self._make_sent(subject="Other testoak")
        self.assertEqual(self._typed("subject", "testoak", "open"), draft)
        self.assertEqual(self._typed("subject", "testoak"), draft | sent_too)
        self.assertTrue(draft.not_sent_yet)
        self.assertFalse(sent.not_sent_yet)
        both = self.Letter.search([("not_sent_yet", "in", (True, False))])
        self.assertLessEqual(draft | sent, both)
        self.assertNotIn(draft, self.Letter.search([("not_sent_yet", "=", False)]))

    def test_what_may_not_be_seen_is_not_found(self):
        letter = self._make_sent()
        for name in ("subject", "verification_search"):
            found = self._typed(name, letter.reference, "open", user=self.other_caseworker)
            self.assertFalse(found)

    def test_nonsense_in_the_context(self):
        sent = self._make_sent()
        for nonsense in (True, 7, [None, 7], "pothole", {"a": 1}):
            letters = self.Letter.with_context(constituent_looked_up=nonsense)
            with self.subTest(nonsense=nonsense):
                self.assertNotIn(sent, letters.search([("not_sent_yet", "=", True)]))

    def test_filters(self):
        draft, approved = self._make_letter(), self._make_approved()
        returned = self._make_approved()
        returned.action_reject("Shorter.")
        ours = Domain("id", "in", (draft | approved | returned).ids)
        self.assertEqual(self.Letter.search(ours & self._filter("approved")), approved)
        self.assertEqual(self.Letter.search(ours & self._filter("rejected")), returned)


@tagged("post_install", "-at_install")
class TestSelected(ApprovalSetup, ConstituentCommon):
    """Several letters take a step at once, or none does and each is named."""

    def _named(self, *names, state="draft", **vals):
        letters = self.Letter.with_user(self.caseworker)
        for name in names:
            made = self._make_letter(subject=name, **vals)
            if state != "draft":
                made.action_submit()
                made.action_approve()
            letters |= made
        return letters

    def test_submitted_and_sent_together(self):
        letters = self._named("One testletter", "Two testletter")
        letters.action_submit_selected()
        self.assertEqual(set(letters.mapped("state")), {"to_approve"})
        letters.action_approve()
        letters.action_send_selected()
        self.assertEqual(set(letters.mapped("state")), {"sent"})
        self.assertEqual(len(set(letters.mapped("reference"))), 2)

    def test_who_cannot_go_is_named_and_nothing_is_done(self):
        letters = self._named("One testletter", "Two testletter", "Three testletter")
        letters[1].body = False
        letters[2].salutation = False
        with self.assertRaises(UserError) as refused, self.env.cr.savepoint():
            letters.action_submit_selected()
        words = str(refused.exception)
        for part in ("2 of 3", "Two testletter: the text", "Three testletter: the salutation"):
            self.assertIn(part, words)
        self.assertNotIn("One testletter", words)
        self.env.invalidate_all()
        self.assertEqual(set(letters.mapped("state")), {"draft"})

    def test_a_stale_letter_keeps_the_others_back(self):
        letters = self._named("One testletter", "Two testletter", state="approved")
        other = self._named("Draft testletter")
        neighbor = self.resident.copy({"name": "Olga Lind"})
        stale = self._named("Old testletter", state="approved", partner_id=neighbor.id)
        neighbor.name = "Olga Stone"
        with self.assertRaises(UserError) as refused, self.env.cr.savepoint():
            (letters | other | stale).action_send_selected()
        words = str(refused.exception)
        self.assertIn("2 of 4", words)
        self.assertIn("Draft testletter", words)
        self.assertIn("Old testletter: the addressee's name", words)
        self.env.invalidate_all()
        self.assertEqual(set(letters.mapped("state")), {"approved"})
        self.assertFalse(any(letters.mapped("reference")))
        self.assertEqual((stale.state, other.state), ("approved", "draft"))

    def test_whose_step_it_is(self):
        letters = self._named("One testletter", state="approved")
        with self.assertRaises(AccessError):
            letters.with_user(self.clerk).action_send_selected()
        with self.assertRaises(UserError):
            self.Letter.action_submit_selected()
        self.patch(selected, "AT_ONCE", 0)
        with self.assertRaisesRegex(UserError, "too many"):
            letters.action_send_selected()

    def test_the_buttons_of_the_list(self):
        for user, names in (
            (self.caseworker, {"action_submit_selected", "action_send_selected"}),
            (self.clerk, {"action_submit_selected"}),
        ):
            view = self.env.ref(f"{PREFIX}constituent_correspondence_view_list")
            arch = self.Letter.with_user(user).get_view(view.id, "list")["arch"]
            buttons = set(etree.fromstring(arch).xpath("//header/button/@name"))
            self.assertEqual(buttons - {"action_read_and_decide"}, names)


@tagged("post_install", "-at_install")
class TestTold(ApprovalSetup, ConstituentCommon):
    """After the approval somebody has to send it: who drafted it is told."""

    # As the filters of the search views are checked
    _bitmaps = test_index_use.TestIndexUse._bitmaps
    assertAnswers = test_index_use.TestIndexUse.assertAnswers

    def _told(self, letter):
        messages = letter.sudo().message_ids.filtered(lambda one: "may be sent" in one.body)
        return messages.notified_partner_ids

    def test_the_drafter(self):
        self._rule("Counsel", self.counsel)
        self._rule("Then the second", self.second, sequence=90)
        letter = self._submitted()
        letter.with_user(self.counsel).action_approve()
        self.assertFalse(self._told(letter), "it waits for another")
        letter.with_user(self.second).action_approve()
        self.assertEqual(letter.state, "approved")
        self.assertEqual(self._told(letter), self.caseworker.partner_id)

    def test_not_of_ones_own(self):
        letter = self._make_approved()
        self.assertNotIn("may be sent", "".join(letter.sudo().message_ids.mapped("body")))

    def _tile(self, key, user):
        tiles = self.env["constituent.desk"].with_user(user).desk_data()["tiles"]
        return next(tile for tile in tiles if tile["key"] == key)

    def _rows(self, key, user):
        return {row["id"] for row in self._tile(key, user)["rows"]}

    def test_the_desk(self):
        self._rule("The deputy", self.deputy)
        mine, approved = self._submitted(), self._submitted()
        approved.with_user(self.deputy).action_approve()
        self.assertEqual(self._rows("to_approve", self.deputy), set(mine.ids))
        self.assertNotIn(mine.id, self._rows("to_approve", self.caseworker))
        self.assertIn(approved.id, self._rows("approved", self.caseworker))
        self.assertNotIn(approved.id, self._rows("approved", self.other_caseworker))
        row = next(
            row
            for row in self._tile("approved", self.caseworker)["rows"]
            if row["id"] == approved.id
        )
        self.assertEqual((row["name"], row["department"]), (approved.subject, "Streets Department"))
        approved.action_send()
        self.assertNotIn(approved.id, self._rows("approved", self.caseworker))

    def test_the_tiles_have_indexes(self):
        for key, _label, model, domain, _order, _action in self.env["constituent.desk"]._tiles():
            if key in ("approved", "to_approve"):
                with self.subTest(key):
                    self.assertAnswers(f"_{key}_idx", self.env[model], domain)


@tagged("post_install", "-at_install")
class TestWaitingBatches(BatchSetup, ConstituentCommon):
    """Batches that wait for somebody stand above the letters that do."""

    def test_named_to_who_decides(self):
        self._rule("Counsel", self.counsel)
        batches = self.env["constituent.letter.batch"]
        self.assertEqual(batches.with_user(self.counsel).waiting_for_me(), [])
        batch = self._written()
        batch.action_submit()
        self.assertEqual(
            batches.with_user(self.counsel).waiting_for_me(),
            [{"id": batch.id, "name": "Test batch", "count": len(self.cases)}],
        )
        self.assertEqual(batches.with_user(self.second).waiting_for_me(), [])
        self.assertEqual(batches.with_user(self.env.ref("base.public_user")).waiting_for_me(), [])
        with self.assertRaisesRegex(UserError, "Test batch"):
            self.Letter.with_user(self.counsel).action_read_and_decide()

    def test_the_stack_shows_them(self):
        for kind in ("list", "kanban"):
            view = self.env.ref(f"{PREFIX}constituent_correspondence_view_{kind}_to_approve")
            arch = etree.fromstring(self.Letter.get_view(view.id, kind)["arch"])
            self.assertEqual(arch.get("js_class"), f"constituent_to_approve_{kind}")


@tagged("post_install", "-at_install")
class TestInPreparation(LetterSetup, ConstituentCommon):
    """A second letter about a case is noticed before it is written."""

    def _new(self, user=None):
        action = self.case.with_user(user or self.caseworker).action_write_letter()
        return Form(
            self.Letter.with_user(user or self.caseworker).with_context(**action["context"])
        )

    def test_said_in_form_and_chooser(self):
        self.assertFalse(self._new().prepared_id)
        first = self._make_letter(subject="The first")
        with self._new() as form:
            self.assertEqual(form.prepared_id, first)
            self.assertEqual(form.prepared_note, f"Draft, {self.caseworker.name}")
        second = form.record
        self.assertEqual((first.prepared_id, second.prepared_id), (second, first))
        second.action_submit()
        third = self._new()
        self.assertEqual(third.prepared_note, f"To Approve, {self.caseworker.name}, and 1 more")
        action = self.case.with_user(self.caseworker).action_choose_letter()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(wizard.with_user(self.caseworker).prepared_id, second)

    def test_one_that_also_answers_it(self):
        other = self._make_case(partner_id=self.case.partner_id.id)
        letter = self._make_letter(case_id=other.id, also_case_ids=[Command.link(self.case.id)])
        self.assertEqual(self._new().prepared_id, letter)

    def test_not_said_of_what_is_no_second_answer(self):
        self._make_sent()
        cancelled = self._make_letter()
        cancelled.action_cancel()
        self.assertFalse(self._new().prepared_id)
        letter = self._make_letter()
        self.assertFalse(letter.prepared_id)
        office = self.env["res.partner"].create({"name": "Council Office 3"})
        self.case.referrer_ids = [Command.create({"partner_id": office.id})]
        note = self._make_letter(covers_id=letter.id, partner_id=office.id)
        self.assertFalse(letter.prepared_id or note.prepared_id)

    def test_not_of_what_may_not_be_seen(self):
        letter = self._make_letter()
        self.assertTrue(self.case._letter_in_preparation()[0])
        case = self.case.with_user(self.other_caseworker)
        self.assertFalse(letter.with_user(self.other_caseworker)._filtered_access("read"))
        self.assertEqual(case._letter_in_preparation(), (self.Letter, False))

    def test_still_unanswered_has_a_count(self):
        for _number in range(2):
            self._make_case(partner_id=self.case.partner_id.id)
        letter = self._make_letter()
        self.assertEqual(letter.unanswered_count, len(letter.unanswered_case_ids))
        self.assertGreaterEqual(letter.unanswered_count, 2)

    def test_a_mail_that_has_not_left_is_not_said_to_be_sent(self):
        arch = etree.fromstring(self.Letter.get_view(view_type="form")["arch"])
        shown = {}
        for state in ("sending", "sent", "received"):
            values = {"state": state, "is_sealed": True}
            shown[state] = [
                name
                for name in ("sealed", "sending")
                if not safe_eval(arch.xpath(f"//div[@name='{name}']/@invisible")[0], values)
            ]
        self.assertEqual(shown, {"sending": ["sending"], "sent": ["sealed"], "received": []})


@tagged("post_install", "-at_install")
class TestCards(ConstituentCommon):
    """On a telephone cards take the place of lists: each action has them."""

    def test_actions_and_views(self):
        for name, view in (
            ("constituent_letter_batch_action", "constituent_letter_batch_view_kanban"),
            ("constituent_correspondence_action_incoming", "constituent_incoming_view_kanban"),
            ("constituent_correspondence_action_outgoing", "constituent_outgoing_view_kanban"),
            ("constituent_scan_action", "constituent_scan_view_kanban"),
            ("constituent_letter_template_action", "constituent_letter_template_view_kanban"),
            ("constituent_letter_clause_action", "constituent_letter_clause_view_kanban"),
        ):
            action = self.env.ref(PREFIX + name)
            with self.subTest(name):
                kinds = [kind for _id, kind in action.views]
                self.assertEqual(kinds[:2], ["list", "kanban"], "the list is first on a desk")
                chosen = dict((kind, view_id) for view_id, kind in action.views)["kanban"]
                found = self.env[action.res_model].get_view(chosen, "kanban")["id"]
                self.assertEqual(found, self.env.ref(PREFIX + view).id)

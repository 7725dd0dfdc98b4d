import io
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import IntegrityError
from pypdf import PdfReader

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models import constituent_post_run_file as run_file
from ..tools import print_file
from ..tools.letter import sha256
from ..tools.scan_file import ScanError
from .common import PREFIX
from .post_common import PEOPLE, PostCommon
from .scan_files import make_page
from .test_post_tools import texts

LOGGER = f"odoo.addons.{PREFIX}models.constituent_post_run_file"


@tagged("post_install", "-at_install")
class TestGather(PostCommon):
    """Which letters a run takes in, and in which order."""

    def test_in_the_order_of_the_post(self):
        run = self._make_run()
        self.assertEqual(self._names(run), [name for name, _street, _code in PEOPLE])
        self.assertEqual(run.letter_count, 4)
        self.assertEqual(run.letter_ids.sorted("post_order").mapped("post_order"), [1, 2, 3, 4])
        self.assertEqual(set(run.letter_ids.mapped("post_state")), {"run"})
        self.assertEqual(run.waiting_count, 0)

    def test_abroad_comes_last(self):
        self._make_sent(case_id=False, partner_id=self._abroad().id)
        self.assertEqual(self._names(self._make_run())[-1], "Zoé Rue")

    @freeze_time("2026-11-22 03:30:00")
    def test_named_by_the_offices_day(self):
        self.assertEqual(self._make_run().name, "2026-11-21 / 1")
        self.assertEqual(self._make_run().name, "2026-11-21 / 2")

    def test_each_letter_in_one_run(self):
        first = self._make_run()
        late = self._send_to("Ann Oak")
        second = self._make_run()
        self.assertEqual(second.letter_ids, late)
        self.assertEqual(len(first.letter_ids), 4)
        self.assertFalse(first.letter_ids & second.letter_ids)

    def test_addresses_are_those_printed(self):
        """The contact moved after the letter was sealed: the page decides."""
        self.people["Bea Ash"].write({"zip": "99999", "name": "Zoe Zed"})
        self.assertEqual(self._names(self._make_run())[0], "Bea Ash")

    def test_what_does_not_go_by_post(self):
        email = self._make_sent(medium="email")
        portal = self._make_sent(medium="portal")
        by_hand = self._send_to("Ann Oak")
        by_hand.action_posted_by_hand()
        returned = self._send_to("Ann Oak")
        returned.action_returned("Lost on the way to the mail room")
        approved = self._make_approved()
        run = self._make_run()
        self.assertFalse(run.letter_ids & (email | portal | by_hand | returned | approved))

    def test_both_goes_by_post_at_once(self):
        letter = self._make_sent(medium="both")
        self.assertEqual(letter.state, "sending")
        self.assertIn(letter, self._make_run().letter_ids)

    def test_gather_again_and_take_out(self):
        run = self._make_run()
        late = self._send_to("Bea Ash")
        self.assertEqual(run.waiting_count, 1)
        run.action_gather()
        self.assertIn(late, run.letter_ids)
        self.assertEqual(self._names(run)[:2], ["Bea Ash", "Bea Ash"])
        late.with_user(self.coordinator).action_leave_run()
        self.assertEqual(late.post_state, "waiting")
        self.assertFalse(late.post_run_id)
        self.assertEqual(run.letter_count, 4)
        with self.assertRaisesRegex(UserError, "in no post run"):
            late.action_leave_run()

    def test_a_letter_somebody_works_on_is_left(self):
        """Locked elsewhere: not waited for, and in the next run."""
        busy = self.letters[0]
        lock = type(self.Letter).try_lock_for_update

        def without_busy(records, **kwargs):
            return lock(records - busy, **kwargs)

        with patch.object(type(self.Letter), "try_lock_for_update", without_busy):
            run = self._make_run()
        self.assertEqual(run.letter_count, 3)
        self.assertEqual(self._make_run().letter_ids, busy)

    def test_another_offices_letters(self):
        company = self.env["res.company"].create({"name": "Town of Elsewhere"})
        self.coordinator.company_ids |= company
        runs = self.Run.with_user(self.coordinator).with_company(company)
        run = runs.create({"company_id": company.id})
        self.assertEqual(run.letter_count, 0)
        with self.assertRaisesRegex(UserError, "has no letters"):
            run.action_make_file()

    def test_restricted_letters_have_a_run_of_their_own(self):
        case = self._make_case(confidentiality="restricted")
        secret = self._make_letter(user=self.confidant, case_id=case.id)
        for step in ("action_submit", "action_approve", "action_send"):
            getattr(secret, step)()
        self.assertNotIn(secret, self._make_run(user=self.confidant).sudo().letter_ids)
        with self.assertRaises(AccessError):
            self._make_run(is_restricted=True)
        run = self._make_run(user=self.confidant, is_restricted=True)
        self.assertEqual(run.letter_ids, secret)
        run.action_make_file()
        self.env.invalidate_all()
        for read in (
            lambda: run.with_user(self.coordinator).read(["name"]),
            lambda: run.document_id.with_user(self.coordinator).read(["raw"]),
        ):
            with self.assertRaises(AccessError):
                read()
        self.assertNotIn(run, self.Run.with_user(self.coordinator).search([]))

    def test_letters_that_also_answer_a_restricted_case(self):
        first, other = (self._make_case(partner_id=self.resident.id) for _number in range(2))
        letter = self._make_sent(
            partner_id=self.resident.id,
            case_id=first.id,
            also_case_ids=[Command.set(other.ids)],
            medium="post",
        )
        late = self._make_run(user=self.confidant)
        self.assertIn(letter, late.sudo().letter_ids)
        other.confidentiality = "restricted"
        self.env.flush_all()
        late.action_make_file()
        self.assertIn("its case is restricted now", late.left_out)
        self.assertNotIn(letter, self._make_run(user=self.confidant).sudo().letter_ids)
        run = self._make_run(user=self.confidant, is_restricted=True)
        self.assertEqual(run.sudo().letter_ids, letter)

    def test_the_index_is_used(self):
        self.env.flush_all()
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        query = self.Letter._search(self._make_run()._waiting_domain()).select()
        self.env.cr.execute("EXPLAIN " + query.code, query.params)
        plan = "\n".join(row[0] for row in self.env.cr.fetchall())
        self.assertIn("post_waiting_idx", plan)


@tagged("post_install", "-at_install")
class TestPrintFileOfRun(PostCommon):
    """The file for the printer."""

    def test_every_letter_in_order(self):
        run = self._make_ready()
        self.assertEqual(run.state, "ready")
        content = run.document_id.sudo().raw
        pages = texts(content)
        self.assertEqual(len(pages), 4)
        for page, (name, street, _code) in zip(pages, PEOPLE, strict=True):
            self.assertIn(name, page)
            self.assertIn(street, page)
        self.assertEqual(run.page_count, 4)
        self.assertEqual(run.progress, 100)
        self.assertEqual(run.document_sha256, sha256(content))
        self.assertFalse(run.part_ids)
        self.assertFalse(run.left_out)

    def test_pages_look_as_the_sealed_ones(self):
        run = self._make_ready()
        pages = PdfReader(io.BytesIO(run.document_id.sudo().raw)).pages
        for letter, page in zip(run.letter_ids.sorted("post_order"), pages, strict=True):
            own = PdfReader(io.BytesIO(letter.document_id.sudo().raw)).pages[0]
            self.assertEqual(page.extract_text(), own.extract_text())
            self.assertEqual(page.mediabox, own.mediabox)
            self.assertEqual(
                page["/Contents"].get_object().get_data(),
                own["/Contents"].get_object().get_data(),
            )

    def test_blank_backs(self):
        run = self._make_ready(duplex=True)
        self.assertEqual(run.page_count, 8)
        self.assertEqual(texts(run.document_id.sudo().raw)[1::2], ["", "", "", ""])

    def test_in_parts(self):
        with patch.object(run_file, "SLICE", 3):
            run = self._make_ready()
        self.assertEqual(run.page_count, 4)
        names = [name for name, _street, _code in PEOPLE]
        for page, name in zip(texts(run.document_id.sudo().raw), names, strict=True):
            self.assertIn(name, page)

    def _enclose(self, *names, size=None):
        """Return files as a letter takes them: each says its name."""
        return (
            self.env["ir.attachment"]
            .with_user(self.caseworker)
            .create(
                [
                    {
                        "name": f"{name}.pdf",
                        "raw": make_page(name) if size is None else make_page(name, size),
                        "res_model": "constituent.correspondence",
                        "res_id": 0,
                    }
                    for name in names
                ]
            )
        )

    def test_enclosed_files_follow_their_letter(self):
        files = self._enclose("Plan", "Map")
        self._send_to("Cal Ash", enclosure_file_ids=[Command.set(files.ids)])
        run = self._make_ready()
        pages = texts(run.document_id.sudo().raw)
        self.assertEqual([page for page in pages if len(page) < 10], ["Map", "Plan"])
        self.assertIn("Cal Ash", pages[pages.index("Map") - 1])
        self.assertIn("To Cal Ash", pages[pages.index("Map") - 1])
        self.assertEqual((run.letter_count, run.page_count), (5, 7))

    def test_enclosed_files_begin_on_the_front_of_a_sheet(self):
        (file,) = self._enclose("Plan")
        self._send_to("Bea Ash", enclosure_file_ids=[Command.set(file.ids)])
        pages = texts(self._make_ready(duplex=True).document_id.sudo().raw)
        self.assertEqual(pages.index("Plan") % 2, 0)
        self.assertEqual(len(pages), 12)

    def test_enclosed_files_on_the_letters_paper(self):
        (file,) = self._enclose("Plan", size=(1191, 842))
        self._send_to("Bea Ash", enclosure_file_ids=[Command.set(file.ids)])
        run = self._make_ready()
        sizes = {
            (float(page.mediabox.width), float(page.mediabox.height))
            for page in PdfReader(io.BytesIO(run.document_id.sudo().raw)).pages
        }
        self.assertEqual(sizes, {(612.0, 792.0)})

    def test_many_letters_ask_no_more_often(self):
        """Their cases are read together; each has its own document and files."""
        self.letters._note_post(post_state="by_hand")
        counts = []
        for names in (("Ann Oak",), ("Ann Oak", "Bea Ash", "Cal Ash", "Dan Elm")):
            for name in names:
                self._send_to(name, case_id=self._make_case(partner_id=self.people[name].id).id)
            run = self._make_run()
            run.action_make_file()
            run.action_take_back()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            run.action_make_file()
            counts.append((run.letter_count, self.env.cr.sql_log_count - before))
            run.action_posted()
        (few, asked), (many, asked_again) = counts
        self.assertEqual((few, many), (1, 4))
        self.assertLessEqual(asked_again, asked + 2, counts)

    def test_a_part_ends_when_its_files_are_large(self):
        for name in ("Ann Oak", "Bea Ash"):
            (file,) = self._enclose("Plan")
            self._send_to(name, enclosure_file_ids=[Command.set(file.ids)])
        with patch.object(run_file, "PART_BYTES", 1):
            run = self._make_ready()
        pages = texts(run.document_id.sudo().raw)
        self.assertEqual((run.letter_count, len(pages)), (6, 8))
        self.assertEqual(pages.count("Plan"), 2)

    def test_a_file_that_cannot_be_read_keeps_its_letter_back(self):
        (file,) = self._enclose("Plan")
        letter = self._send_to("Bea Ash", enclosure_file_ids=[Command.set(file.ids)])
        run = self._make_run()
        with patch.object(run_file, "printable", side_effect=ScanError("broken")):
            run.action_make_file()
        self.assertIn(f"{letter.reference}: “Plan.pdf” is damaged", run.left_out)
        self.assertEqual((run.letter_count, run.page_count), (4, 4))
        self.assertEqual(letter.post_state, "waiting")
        references = " ".join(texts(run.document_id.sudo().raw))
        self.assertNotIn(letter.reference, references)

    def test_many_parts_are_joined_by_another_process(self):
        with patch.object(run_file, "SLICE", 1), patch.object(run_file, "FEW_PARTS", 2):
            run = self._make_ready(duplex=True)
        self.assertEqual((run.state, run.page_count), ("ready", 8))
        pages = texts(run.document_id.sudo().raw)
        for page, (name, _street, _code) in zip(pages[::2], PEOPLE, strict=True):
            self.assertIn(name, page)
        self.assertFalse(run.part_ids)

    def test_a_join_that_fails_is_told(self):
        slow = patch.object(print_file, "JOIN_TIMEOUT", 0.001)
        with patch.object(run_file, "SLICE", 1), patch.object(run_file, "FEW_PARTS", 2), slow:
            run = self._make_run()
            with self.assertLogs(LOGGER, "ERROR"):
                run.action_make_file()
        self.assertEqual(run.state, "failed")
        self.assertIn("TimeoutExpired", run.error)
        self.assertFalse(run.part_ids or run.document_id)
        run.action_make_file()
        self.assertEqual(run.state, "ready")

    def test_a_damaged_pdf_is_left_out_and_named(self):
        letter = self.letters[1]
        run = self._make_run()
        read = type(self.env["ir.attachment"])._file_read
        damaged = letter.document_id.sudo().store_fname

        def forged(records, fname, **kwargs):
            return b"%PDF-forged" if fname == damaged else read(records, fname, **kwargs)

        self.env.invalidate_all()
        with patch.object(type(self.env["ir.attachment"]), "_file_read", forged):
            run.action_make_file()
        self.assertEqual(run.state, "ready")
        self.assertIn(letter.reference, run.left_out)
        self.assertIn("not the one that was sent", run.left_out)
        self.assertEqual((run.letter_count, run.page_count), (3, 3))
        self.assertEqual(letter.post_state, "waiting")
        self.assertFalse(letter.post_run_id)

    def test_none_can_be_printed(self):
        run = self._make_run()
        self.letters.action_returned("Lost")
        run.action_make_file()
        self.assertEqual(run.state, "failed")
        self.assertIn("None of the letters", run.error)
        self.assertEqual(run.left_out.count("came back meanwhile"), 4)

    def test_a_case_restricted_meanwhile_is_left_out(self):
        letter = self._make_sent()
        run = self._make_run()
        self.assertIn(letter, run.letter_ids)
        self.case.confidentiality = "restricted"
        run.action_make_file()
        self.assertNotIn(letter, run.sudo().letter_ids)
        self.assertIn("restricted now", run.left_out)

    def test_in_the_background(self):
        with patch.object(run_file, "AT_ONCE", 2):
            run = self._make_run()
            run.action_make_file()
        self.assertEqual(run.state, "printing")
        self.assertEqual(run.progress, 0)
        with self.assertRaisesRegex(UserError, "this step is not open"):
            run.action_posted()
        cron = self.env.ref(f"{PREFIX}ir_cron_post_run")
        with patch.object(run_file, "SLICE", 3), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(run.state, "ready")
        self.assertEqual(run.page_count, 4)

    def test_goes_on_after_a_crash(self):
        """What was committed is not made again, and nothing is lost."""
        with patch.object(run_file, "AT_ONCE", 2), patch.object(run_file, "SLICE", 3):
            run = self._make_run()
            run.action_make_file()
            self.assertTrue(run._work_slice())
            self.assertEqual((run.done_count, run.state), (3, "printing"))
            self.assertEqual(len(run.part_ids), 1)
            self.assertEqual(run.progress, 75)
            run._work()
        self.assertEqual(run.state, "ready")
        self.assertEqual(run.page_count, 4)

    def test_a_failure_is_told_and_can_be_tried_again(self):
        run = self._make_run()
        with patch.object(type(run), "_join_parts", side_effect=OSError("12 Home Street")):
            with self.assertLogs(LOGGER, "ERROR") as logs:
                run.action_make_file()
        self.assertNotIn("Home Street", str(logs.output))
        self.assertEqual(run.state, "failed")
        self.assertIn("OSError", run.error)
        self.assertFalse(run.part_ids)
        self.assertEqual(len(run.letter_ids), 4)
        run.action_make_file()
        self.assertEqual(run.state, "ready")
        self.assertFalse(run.error)

    def test_discard_and_make_again(self):
        run = self._make_ready()
        document = run.document_id
        with self.assertRaisesRegex(UserError, "made already"):
            run.duplex = True
        run.action_take_back()
        self.assertFalse(document.sudo().exists())
        self.assertEqual(run.state, "draft")
        run.duplex = True
        run.action_make_file()
        self.assertEqual(run.page_count, 8)

    def test_download(self):
        run = self._make_ready()
        self.assertIn(f"/web/content/{run.document_id.id}", run.action_download()["url"])
        with patch.object(
            type(self.env["ir.attachment"]), "_file_read", lambda *_args, **_kw: b"%PDF-other"
        ):
            self.env.invalidate_all()
            with self.assertRaisesRegex(UserError, "missing or damaged"):
                run.action_download()


@tagged("post_install", "-at_install")
class TestPosted(PostCommon):
    """What stands in the history, and what stays."""

    def test_posted(self):
        with_case = self._make_sent()
        run = self._make_ready()
        run.action_posted()
        self.assertEqual(run.state, "posted")
        self.assertEqual(run.posted_by_id, self.coordinator)
        self.assertEqual(set(run.letter_ids.mapped("post_state")), {"posted"})
        event = self.case.event_ids.filtered(lambda event: event.kind == "letter_posted")
        self.assertEqual(len(event), 1)
        self.assertEqual(event.correspondence_id, with_case)
        self.assertIn(run.name, event.note)
        for step in ("action_posted", "action_take_back", "action_make_file", "action_gather"):
            with self.subTest(step=step), self.assertRaises(UserError):
                getattr(run, step)()
        with self.assertRaises(UserError):
            run.unlink()
        with self.assertRaises(UserError):
            with_case.with_user(self.coordinator).action_leave_run()

    def test_a_posted_letter_can_come_back(self):
        letter = self._make_sent()
        run = self._make_ready()
        run.action_posted()
        letter.action_returned("Moved")
        self.assertEqual((letter.state, letter.post_state), ("returned_mail", "posted"))
        self.assertEqual(letter.post_run_id, run)

    def test_posting_costs_the_same_for_many(self):
        """No query for each letter."""
        for _letter in range(4):
            self._make_sent()
        run = self._make_ready()
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(40):
            run.with_user(self.coordinator).action_posted()
            self.env.flush_all()

    def test_deleting_a_new_run_lets_its_letters_wait(self):
        run = self._make_run()
        run.unlink()
        self.assertEqual(set(self.letters.mapped("post_state")), {"waiting"})

    def test_what_a_run_says_is_not_written_by_hand(self):
        run = self._make_ready()
        document = self.env["ir.attachment"].create({"name": "x", "raw": b"x"})
        for vals in (
            {"state": "posted"},
            {"document_id": document.id},
            {"letter_count": 7},
            {"user_id": self.manager.id},
            {"company_id": self.company.id},
            {"is_restricted": True},
            {"letter_ids": [(4, self.letters[0].id)]},
            {"posted_at": "2026-01-01"},
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                run.with_user(self.manager).write(vals)
        with self.assertRaises(AccessError):
            self._make_run(state="posted")
        started = self.Run.with_user(self.coordinator).with_context(default_state="posted")
        self.assertEqual(started.create({}).state, "draft")

    def test_labels_a_sheet_has(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._make_run(label_start=31)
            self.env.flush_all()

    def test_the_letter_is_sealed_all_the_same(self):
        letter = self._make_ready().letter_ids[0]
        for vals in ({"post_state": "waiting"}, {"post_run_id": False}, {"subject": "x"}):
            with self.assertRaises(UserError):
                letter.write(vals)

    def test_others_have_no_part_in_it(self):
        run = self._make_ready()
        for user in (self.clerk, self.caseworker, self.internal_user, self.portal_user):
            mine = run.with_user(user)
            letter = self.letters[0].with_user(user)
            for name, step in {
                "create": lambda user=user: self.Run.with_user(user).create({}),
                "read": lambda mine=mine: mine.read(["name"]),
                "write": lambda mine=mine: mine.write({"note": "x"}),
                "unlink": lambda mine=mine: mine.unlink(),
                "posted": lambda mine=mine: mine.action_posted(),
                "make": lambda mine=mine: mine.action_make_file(),
                "download": lambda mine=mine: mine.action_download(),
                "list": lambda mine=mine: mine._list_pdf(),
                "leave": lambda letter=letter: letter.action_leave_run(),
            }.items():
                self.env.invalidate_all()
                with self.subTest(user=user.login, step=name), self.assertRaises(AccessError):
                    step()

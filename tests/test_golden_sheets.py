"""Every envelope and sheet the office prints, in English and in Spanish."""

import io

from freezegun import freeze_time
from pypdf import PdfReader

from odoo.fields import Command
from odoo.tests import tagged

from .common import ConstituentCommon
from .dispatch_common import DispatchSetup
from .golden_common import SPANISH, GoldenSetup
from .pdf_places import MM, text_places
from .scan_common import ScanSetup

LANGS = (("en", "en_US"), ("es", SPANISH))
SQUARE = '{"type": "Polygon", "coordinates": [[[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]]}'


@tagged("post_install", "-at_install")
@freeze_time("2026-11-20 15:00:00")
class TestGoldenPost(GoldenSetup, ConstituentCommon):
    """Envelopes, labels, posting list and file copy."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Of letters of the database the tests run in.
        cls.Letter.search([("post_state", "=", "waiting")])._note_post(post_state="by_hand")
        counsel = cls.env["res.partner"].create({"name": "Dana Fox", "function": "City Attorney"})
        cls.letters = cls.Letter.browse()
        for spanish in (False, True):
            case = cls._matter(spanish)
            cls.letters |= cls._make_sent(
                case_id=case.id,
                partner_id=case.partner_id.id,
                subject=case.name,
                body="<p>Lo rellenaremos.</p>" if spanish else "<p>We will fill it.</p>",
                lang=case.partner_id.lang,
                bcc_partner_ids=[Command.set(counsel.ids)],
                letter_date="2026-11-20",
            )
        cls.coordinator.name = "Robin Gray"

    def _make_run(self):
        run = self.env["constituent.post.run"].with_user(self.coordinator).create({})
        self.assertEqual(run.letter_ids, self.letters)
        return run

    def _mm_of(self, pdf, text):
        (place,) = [place for place in text_places(pdf) if place.text == text]
        return self._mm((place.left, place.base))

    def test_envelopes(self):
        for letter, (short, lang) in zip(self.letters, LANGS, strict=True):
            pdf = self._print("correspondence_report_envelope", letter, lang=lang)
            place = f"address at {self._mm_of(pdf, letter.printed_name)}"
            self.assert_golden(f"envelope_{short}", pdf, place)
            self.assert_accessible(pdf)

    def test_labels(self):
        run = self._make_run()
        for short, lang in LANGS:
            pdf = self._print("post_run_report_labels", run, self.coordinator, lang)
            places = [self._mm_of(pdf, name) for name in self.letters.mapped("printed_name")]
            self.assert_golden(f"labels_{short}", pdf, f"labels at {'; '.join(places)}")
            self.assert_accessible(pdf)

    def test_posting_list(self):
        run = self._make_run()
        run.action_make_file()
        for short, lang in LANGS:
            pdf = self._print("post_run_report_list", run, self.coordinator, lang)
            self.assert_golden(f"posting_list_{short}", pdf)
            self.assert_accessible(pdf)

    def test_file_copy(self):
        """For the file alone, and not for readers of the screen: the letter is."""
        for letter, (short, lang) in zip(self.letters, LANGS, strict=True):
            pdf = self._print("correspondence_report_file_copy", letter, lang=lang)
            self.assert_golden(f"file_copy_{short}", pdf)


@tagged("post_install", "-at_install")
@freeze_time("2026-11-20 15:00:00")
class TestGoldenSheets(DispatchSetup, ScanSetup, GoldenSetup, ConstituentCommon):
    """Registers, the crew's sheet, the flow chart of its tasks and the answer to a meeting."""

    def _office_words(self):
        """Give the masters their Spanish words, as an office that works in both has."""
        self.pothole.with_context(lang=SPANISH).name = "Bache de prueba"
        for task, words in zip(
            self.pothole.task_ids,
            ("Cerrar el carril", "Mover la tapa del hidrante", "Rellenar el hoyo"),
            strict=True,
        ):
            task.with_context(lang=SPANISH).name = words

    def test_registers(self):
        scan = self._make_scan(user=self.coordinator, received_on="2026-11-02")
        scan.piece_ids.write(
            {
                "subject": "Broken street lamp",
                "sender_name": "Olga Lind",
                "sender_street": "7 Elm Street",
                "sender_city": "Example",
                "sender_zip": "10002",
            }
        )
        scan.action_register()
        came = scan.piece_ids.correspondence_id
        sent = self._make_sent(case_id=self._matter().id, letter_date="2026-11-03")
        wizards = self.env["constituent.register.wizard"].with_user(self.coordinator)
        for direction, letters in (("in", came), ("out", sent)):
            for short, lang in LANGS:
                self.coordinator.lang = lang
                wizard = wizards.with_context(lang=lang).create(
                    {"direction": direction, "letter_ids": self._set(letters)}
                )
                pdf = self._print("correspondence_report_register", wizard, self.coordinator, lang)
                self.assert_golden(f"register_{direction}_{short}", pdf)
                self.assert_accessible(pdf)

    def test_work_order(self):
        ward = self.env["constituent.district.type"].create({"name": "Ward"})
        self.env["constituent.district"].create(
            {"name": "Harbor", "code": "7", "district_type_id": ward.id, "boundary": SQUARE}
        )
        self._office_words()
        for short, lang in LANGS:
            self.worker.lang = lang
            order = self._order(spanish=short == "es")
            pdf = self._print("work_order_report_sheet", order, self.worker, lang)
            self.assert_golden(f"work_order_{short}", pdf)
            self.assert_accessible(pdf)
            self.assertLessEqual(len(PdfReader(io.BytesIO(pdf)).pages), 2)

    def _order(self, spanish):
        """Return an order whose tasks are in the language of who wrote it."""
        names = [task.with_context(lang=SPANISH).name for task in self.pothole.task_ids]
        tasks = [Command.create({"name": name}) for name in names]
        vals = {"task_ids": tasks} if spanish else {"permit_note": "Lane closure until noon"}
        return self._make_order(
            self._matter(spanish, city="Example", zip="10001"),
            latitude=1.5,
            longitude=0.5,
            priority="3",
            equipment="12",
            hours_estimated=2.5,
            **vals,
        )

    def test_flow_chart(self):
        self._office_words()
        for short, lang in LANGS:
            self.worker.lang = lang
            pdf = self._print("category_report_task_chart", self.pothole, self.worker, lang)
            self.assert_golden(f"flow_chart_{short}", pdf)
            self.assert_accessible(pdf)

    def _meeting_letter(self, lang, lines):
        group = self.env["res.partner"].create(
            {
                "name": "Elm Street Association",
                "is_company": True,
                "is_constituent": True,
                "constituent_role": "neighborhood_association",
                "street": "1 Elm Street",
                "city": "Example",
                "zip": "10002",
                "contact_preference": "letter",
                "lang": lang,
            }
        )
        meeting = (
            self.env["constituent.meeting"]
            .with_user(self.coordinator)
            .create(
                {
                    "name": "Elm Street, November",
                    "date": "2026-11-12",
                    "group_id": group.id,
                    "department_id": self.streets.id,
                    "page": lines,
                }
            )
        )
        meeting.action_read_page()
        meeting.action_make_cases()
        meeting.concern_ids[0].case_id.with_user(self.manager)._close(self.outcome_resolved)
        letter = self.Letter.browse(meeting.action_reply()["res_id"])
        letter.signatory_ids = self.manager
        return letter

    def test_meeting_reply(self):
        for short, lang, lines in (
            ("en", "en_US", "A testpothole at 5 Elm Street\nA testtree leans over Canal Street"),
            ("es", SPANISH, "Un bache en 5 Elm Street\nUn árbol caído en Canal Street"),
        ):
            letter = self._meeting_letter(lang, lines)
            self._send(letter)
            self.assert_letter(f"meeting_reply_{short}", letter)

    def test_labels_are_measured_in_millimetres(self):
        self.assertEqual(self._mm((1, 0.5)), "25.4, 12.7 mm")
        self.assertEqual(MM, 25.4)

import base64
import io
import json
import re
from unittest.mock import patch

import page
from freezegun import freeze_time
from PIL import Image
from pypdf import PdfReader

from odoo import Command, http
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import file_open

from .common import PREFIX, ConstituentCommon
from .letter_common import LetterSetup, make_noise
from .pdf_places import text_places

REPORT = f"{PREFIX}correspondence_report_letter"
RICH_BODY = """
<h3>What we found</h3>
<p>We inspected the place <b>on November 12</b>; see <a href="https://www.example.gov">our
page</a>.</p>
<ul><li>The pothole will be filled.</li><li>The ramps:
<ul><li>north</li><li>south</li></ul></li></ul>
<ol><li><p>first</p></li><li>second</li></ol>
<table><thead><tr><th>Work</th><th>When</th></tr></thead>
<tbody><tr><td>Pothole</td><td>November 30</td></tr>
<tr><td colspan="2">Ramps later</td></tr><tr><td>short</td></tr></tbody>
</table>
<blockquote>As the ordinance says.</blockquote>
<h5>Next</h5>
<hr><pre>code  and
lines</pre>
"""


@tagged("post_install", "-at_install")
class TestLetterPdf(LetterSetup, ConstituentCommon):
    """The page of a letter."""

    def _print(self, letter):
        report = self.env["ir.actions.report"].with_user(self.caseworker)
        pdf, kind = report._render_qweb_pdf(REPORT, letter.ids)
        self.assertEqual(kind, "pdf")
        return pdf

    def _pages(self, pdf):
        return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]

    def _places(self, pdf, lines):
        """Return how far below the top of the first page these lines stand, in inches."""
        places = []

        def visit(text, cm, tm, _font, _size):
            if text.strip() in lines:
                places.append((792 - tm[5] * cm[3] - cm[5]) / 72)

        PdfReader(io.BytesIO(pdf)).pages[0].extract_text(visitor_text=visit)
        return places

    def _assert_accessible(self, pdf):
        report = page.validate_pdf_bytes(pdf, profile=page.ValidationProfile.PDF_UA_1)
        self.assertTrue(report.is_compliant, report.failures)

    def _image_body(self):
        attachment = self.env["ir.attachment"].create(
            {
                "name": "map.png",
                "raw": make_noise(60, 40),
                "mimetype": "image/png",
                "res_model": "constituent.case",
                "res_id": self.case.id,
            }
        )
        return f'<p><img src="/web/image/{attachment.id}-x/map.png"></p>'

    # Accessible

    def test_one_page_in_english(self):
        pdf = self._print(self._make_approved(body=RICH_BODY + self._image_body()))
        self._assert_accessible(pdf)
        reader = PdfReader(io.BytesIO(pdf))
        self.assertEqual(reader.trailer["/Root"]["/Lang"], "en-US")
        self.assertEqual(reader.metadata.title, "A testpothole on Main Street")

    def test_three_pages_in_spanish(self):
        self.env["res.lang"]._activate_lang("es_419")
        body = RICH_BODY + self._image_body() + "<p>%s</p>" % ("Calle y acera. " * 60) * 6
        letter = self._make_approved(
            lang="es_419",
            subject="Un bache en la calle",
            body=body,
            enclosures="Mapa\nFolleto",
            cc_partner_ids=[Command.set(self.company.partner_id.ids)],
            delivery_notation="Por correo certificado",
            letter_date="2026-11-21",
        )
        pdf = self._print(letter)
        self._assert_accessible(pdf)
        pages = self._pages(pdf)
        self.assertGreaterEqual(len(pages), 3)
        self.assertIn("21 de noviembre de 2026", pages[0])
        self.assertEqual(PdfReader(io.BytesIO(pdf)).trailer["/Root"]["/Lang"], "es-419")

    def test_drafts_with_their_watermark(self):
        for body in (RICH_BODY, "<p>%s</p>" % ("Street and sidewalk. " * 60) * 8):
            pdf = self._print(self._make_letter(body=body))
            self._assert_accessible(pdf)
            for text in self._pages(pdf):
                self.assertIn("DRAFT", text)
        self.assertNotIn("DRAFT", self._pages(self._print(self._make_approved()))[0])

    def test_poor_text_and_a4(self):
        self.company.constituent_letter_paper = "a4"
        pdf = self._print(self._make_approved(body="only words & <b>signs"))
        self._assert_accessible(pdf)
        self.assertEqual(round(PdfReader(io.BytesIO(pdf)).pages[0].mediabox.height), 842)
        self.assertIn("only words & signs", self._pages(pdf)[0])

    # What stands on it

    @freeze_time("2026-11-22 03:30:00")
    def test_everything_is_on_the_page_in_order(self):
        self.resident.honorific = "Ms."
        letter = self._make_approved(
            delivery_notation="Via certified mail",
            their_date="2026-11-03",
            their_reference="AR-7",
            enclosures="Map of the work\n\n Brochure ",
            cc_partner_ids=[Command.set(self.company.partner_id.ids)],
        )
        text = self._pages(self._print(letter))[0]
        place = 0
        for words in (
            "City of Example",
            "Office of Constituent Services",
            "Streets Department",
            "100 City Hall Plaza",
            "+1 555 0199",
            "TTY/TDD: 711",
            "www.example.gov",
            # The day in the office's zone, not the server's.
            "November 21, 2026",
            "VIA CERTIFIED MAIL",
            "Ana Rivera",
            "12 Home Street",
            "10001",
            "Re:",
            "A testpothole on Main Street",
            f"Our number: {self.case.number}",
            "Your letter of November 3, 2026 (AR-7)",
            "Dear Ms. Rivera:",
            "We inspected the place on November 12",
            "Sincerely,",
            "Test Manager",
            "Commissioner of Streets",
            "Enclosures:",
            "Map of the work",
            "Brochure",
            "cc:",
            "City of Example",
        ):
            found = text.find(words, place)
            self.assertGreaterEqual(found, place, f"{words!r} in {text}")
            place = found

    def test_their_letter_and_single_things(self):
        for vals, words, missing in (
            ({"their_date": "2026-11-03"}, "Your letter of November 3, 2026", "("),
            ({"their_reference": "X 1"}, "Your reference: X 1", "Your letter"),
            ({"enclosures": "Map"}, "Enclosure: Map", "Enclosures"),
            ({}, "Dear Ana Rivera:", "cc:"),
        ):
            with self.subTest(vals=vals):
                text = self._pages(self._print(self._make_approved(**vals)))[0]
                self.assertIn(words, text)
                self.assertNotIn(missing, text)

    def test_continuation_head_from_page_two(self):
        letter = self._make_approved(
            body="<p>%s</p>" % ("Street and sidewalk. " * 60) * 8, letter_date="2026-11-21"
        )
        pages = self._pages(self._print(letter))
        self.assertGreater(len(pages), 1)
        self.assertNotIn("Page 1", pages[0])
        for number, text in enumerate(pages[1:], start=2):
            self.assertRegex(
                text, rf"Ana Rivera\s+Page {number} of {len(pages)}\s+November 21, 2026"
            )

    def test_close_is_never_alone(self):
        """At least two lines of the text go with the signature."""
        for lines in range(24, 40, 3):
            body = "<p>%s</p>" % "<br>".join(f"word{number}" for number in range(lines))
            pages = self._pages(self._print(self._make_approved(body=body)))
            with self.subTest(lines=lines):
                self.assertRegex(
                    pages[-1] if len(pages) > 1 else pages[0],
                    rf"word{lines - 2} word{lines - 1} Sincerely",
                )

    def _address_partners(self):
        """Yield an ordinary addressee and some with as many and as long lines as can be."""
        place = {"street": "1 Home Street", "city": "Exampletown", "zip": "10002"}
        make = self.env["res.partner"].create
        yield make({"name": "Ana Rivera", **place})
        group = "Elm Street Neighborhood Association of the Upper East Side"
        mexico = self.env.ref("base.mx").id
        for company, person, more in (
            (group, "Anna-Maria Rivera y Fernández de Córdoba", {"country_id": mexico}),
            (group.upper(), "MR. WILLIAM W. WOMMACK, COMMANDER, RETIRED", {}),
            (group + " and of the Lower West Side", "W" * 60, {"country_id": mexico}),
        ):
            parent = make({"name": company, "is_company": True})
            partner = make({"name": person, "parent_id": parent.id})
            partner.write({"street2": "Building C, Suite 1200", **place, **more})
            yield partner

    def _lines_on_page(self, pdf, height):
        """Return [(text, inches from the left, from the top)] of the first page's lines."""
        found = []

        def visit(text, cm, tm, _font, _size):
            if text.strip():
                x, y = tm[4] * cm[0] + cm[4], tm[5] * cm[3] + cm[5]
                found.append((text.strip(), x / 72, (height - y) / 72))

        PdfReader(io.BytesIO(pdf)).pages[0].extract_text(visitor_text=visit)
        return found

    def test_only_the_address_shows_in_the_window(self):
        """Wherever the sheet slides: the address 1/8 in clear, and nothing else seen.

        Of each paper: its height, what the window always shows of it and what it ever
        shows, from the top in inches, and up to where it always shows it, from the left;
        see static/src/letter/paper_*.css.
        """
        for paper, height, always, ever, right in (
            ("letter", 792, (2.5, 3.5), (2.375, 3.625), 4.375),
            ("a4", 841.89, (63.5 / 25.4, 89.3 / 25.4), (60.7 / 25.4, 92.1 / 25.4), 105.2 / 25.4),
        ):
            self.company.constituent_letter_paper = paper
            for partner in self._address_partners():
                letter = self._make_sent(
                    partner_id=partner.id,
                    case_id=False,
                    delivery_notation="Via certified mail",
                    their_date="2026-11-01",
                )
                lines = letter.printed_address.split("\n")
                self.assertLessEqual(len(lines), 5)
                content = letter.document_id.sudo().raw
                pieces = text_places(content)
                address = [piece for piece in pieces if ever[0] < piece.base < ever[1]]
                words = "".join("".join(piece.text for piece in address).split())
                self.assertEqual(words, "".join("".join(lines).split()), "whole")
                for piece in address:
                    # Above the base stand signs of 0.77 ems, below it of 0.24.
                    em = piece.size / 72
                    self.assertGreaterEqual(piece.base - 0.77 * em, always[0] + 0.12)
                    self.assertLessEqual(piece.base + 0.24 * em, always[1] - 0.12)
                    # Left edge of the window, where the sheet has slid furthest to the left
                    self.assertGreaterEqual(piece.left, 0.875 + 0.12)
                    self.assertLessEqual(piece.right, right - 0.12, piece)
                others = [place for place in self._lines_on_page(content, height)]
                others = [top for _t, _l, top in others if not ever[0] < top < ever[1]]
                self.assertGreater(len(others), 10)
                for top in others:
                    self.assertFalse(ever[0] - 0.1 < top < ever[1] + 0.2, (paper, top))

    def test_folding_marks(self):
        """At the left edge, 4 and 7.5 inches from the top: nothing a reader is told of."""
        pdf = self._print(self._make_approved())
        self._assert_accessible(pdf)
        self.assertNotIn("4 in", self._pages(pdf)[0])

    def test_a_letter_that_replaces_another(self):
        first = self._make_sent(letter_date="2026-11-02")
        second = self.Letter.browse(first.action_correct()["res_id"])
        text = self._pages(self._print(second))[0]
        self.assertIn(
            f"This letter replaces our letter {first.reference} of November 2, 2026.", text
        )

    def test_head_of_the_office_itself_and_of_a_department_with_its_own(self):
        letter = self._make_letter(
            department_id=self.office.id, signatory_ids=[Command.set(self.manager.ids)]
        )
        values = letter._letter_values()
        self.assertEqual(values["department"], "")
        self.manager.partner_id.function = "Director"
        self.assertEqual(letter._letter_values()["signatories"][0]["title"], "Director")
        self.streets.write(
            {
                "letterhead_address": "5 Yard Road\nExample",
                "phone": "+1 555 0111",
                "website": "http://streets.example.gov/",
            }
        )
        contact = self._make_letter()._letter_values()["contact"]
        self.assertEqual(
            contact,
            ["5 Yard Road", "Example", "+1 555 0111", "TTY/TDD: 711", "streets.example.gov"],
        )

    def test_names_are_text(self):
        """Markup in a name is printed, not read."""
        self.resident.name = "Ana <b>Rivera</b> & Sons"
        letter = self._make_approved(subject="1 < 2 <script>")
        pdf = self._print(letter)
        self._assert_accessible(pdf)
        text = self._pages(pdf)[0]
        self.assertIn("Ana <b>Rivera</b> & Sons", text)
        self.assertIn("1 < 2 <script>", text)

    # Pictures

    def _image_on_page(self, body, user=None):
        letter = self._make_approved(body=body)
        report = self.env["ir.actions.report"].with_user(user or self.caseworker)
        pdf = report._render_qweb_pdf(REPORT, letter.ids)[0]
        self._assert_accessible(pdf)
        return [
            (image.image.width, image.image.height)
            for image in PdfReader(io.BytesIO(pdf)).pages[0].images
        ]

    def test_own_pictures_only(self):
        self.assertIn((60, 40), self._image_on_page(self._image_body()))
        private = self.env["ir.attachment"].create(
            {
                "name": "secret.png",
                "raw": make_noise(61, 41),
                "mimetype": "image/png",
                "res_model": "res.company",
                "res_id": self.company.id,
            }
        )
        other = self.env["ir.attachment"].create(
            {
                "name": "note.png",
                "raw": make_noise(62, 42),
                "mimetype": "image/png",
                "res_model": "constituent.case",
                "res_id": self._make_case(name="testtree", department_id=self.parks.id).id,
            }
        )
        logger = f"odoo.addons.{PREFIX}tools.letter"
        for source in (
            f"/web/image/{other.id}",
            f"/web/content/{other.id}?access_token=x",
            "/web/image/999999999",
        ):
            with self.subTest(source=source), self.assertLogs(logger, "WARNING"):
                sizes = self._image_on_page(f'<p>a<img src="{source}"></p>')
                self.assertNotIn((62, 42), sizes)
                self.assertIn((1, 1), sizes)
        # What names no attachment is not even stored, so nothing of it is asked for.
        for source in (
            "/web/image/res.company/1/logo",
            "https://example.org/pixel.png",
            "file:///etc/passwd",
        ):
            with self.subTest(source=source), self.assertNoLogs(logger, "WARNING"):
                sizes = self._image_on_page(f'<p>a<img src="{source}"></p>')
                self.assertNotIn((62, 42), sizes)
                self.assertIn((1, 1), sizes)
        self.assertTrue(private)

    def _image_of(self, user=None, **vals):
        return (
            self.env["ir.attachment"]
            .with_user(user or self.env.user)
            .create({"name": "a.png", "raw": make_noise(62, 42), "mimetype": "image/png", **vals})
        )

    def test_whose_pictures_a_letter_prints(self):
        """Whoever prints: not what they may read, but what the letter has to do with."""
        letter, sibling = self._make_letter(), self._make_letter()
        restricted = self._make_case(confidentiality="restricted")
        name = letter._name
        for shown, attachment in (
            (True, self._image_of(res_model=name, res_id=letter.id)),
            (True, self._image_of(res_model="constituent.case", res_id=self.case.id)),
            (True, self._image_of(res_model="res.company", res_id=self.company.id)),
            (True, self._image_of(self.caseworker, res_model=name)),
            (False, self._image_of(self.other_caseworker, res_model=name)),
            (False, self._image_of(res_model=name, res_id=sibling.id)),
            (False, self._image_of(res_model="constituent.case", res_id=restricted.id)),
            (False, self._image_of(res_model="res.partner", res_id=self.resident.id)),
            (False, self._image_of(public=True)),
            (False, self._image_of()),
        ):
            with self.subTest(model=attachment.res_model, id=attachment.res_id):
                for reader in (self.confidant, self.env.ref("base.user_root")):
                    printed = letter.with_user(reader)._letter_image(f"/web/image/{attachment.id}")
                    if reader == self.env.ref("base.user_root"):
                        self.assertEqual(bool(printed), shown)
                    else:
                        self.assertFalse(printed and not shown)

    def test_a_letter_without_a_case_prints_no_unlinked_picture(self):
        letter = self._make_letter(case_id=False)
        loose = self._image_of(res_model="constituent.case")
        self.assertEqual(letter._letter_image(f"/web/image/{loose.id}"), b"")

    def test_a_picture_of_gigabytes_is_left_out(self):
        output = io.BytesIO()
        Image.new("1", (6000, 6000)).save(output, "PNG")
        source = "data:image/png;base64," + base64.b64encode(output.getvalue()).decode()
        with self.assertLogs(f"odoo.addons.{PREFIX}tools.letter", "WARNING"):
            sizes = self._image_on_page(f'<p>a<img src="{source}"></p>')
        self.assertIn((1, 1), sizes)

    def test_seal_is_small_and_there_once(self):
        self.company.logo = base64.b64encode(make_noise(2000, 900))
        letter = self._make_approved(body="<p>%s</p>" % ("Street and sidewalk. " * 60) * 8)
        pdf = self._print(letter)
        self.assertLess(len(pdf), 400_000)
        self.assertGreater(len(self._pages(pdf)), 1)
        self.assertEqual(pdf.count(b"/DCTDecode"), 1)
        self.company.logo = False
        self.company.partner_id.image_1920 = False
        pdf = self._print(letter)
        self._assert_accessible(pdf)
        self.assertEqual(pdf.count(b"/DCTDecode"), 0)

    # As sent

    def test_sent_letters_print_what_was_sent(self):
        letter = self._make_sent()
        document = letter.document_id.sudo().raw
        self.resident.write({"name": "Somebody Else", "street": "9 Other Street"})
        self.company.name = "Town of Elsewhere"
        self.streets.head_title = "Nobody"
        with patch.object(type(letter), "_letter_render", side_effect=AssertionError):
            self.assertEqual(self._print(letter), document)
        self.assertEqual(letter.document_id.sudo().name, f"{letter.reference}.pdf")
        self._assert_accessible(document)

    def test_a_damaged_document_is_not_handed_out(self):
        letter = self._make_sent()
        attachment = self.env["ir.attachment"]
        with patch.object(type(attachment), "_file_read", lambda *_args, **_kw: b"%PDF-forged"):
            self.env.invalidate_all()
            with self.assertRaisesRegex(UserError, "not the one that was sent"):
                letter._letter_pdf()

    # Report

    def test_several_letters_and_other_reports(self):
        letters = self._make_approved() | self._make_sent()
        pdf = self._print(letters)
        self.assertEqual(len(PdfReader(io.BytesIO(pdf)).pages), 2)
        streams = self.env["ir.actions.report"]._render_qweb_pdf_prepare_streams(
            REPORT, {}, letters.ids
        )
        self.assertEqual(list(streams), letters.ids)
        report = self.env["ir.actions.report"]
        # Other reports go Odoo's way, which in a test is HTML.
        other = report.search([("model", "=", "ir.model")], limit=1)
        self.assertFalse(report._is_constituent_letter(other))
        model = self.env["ir.model"]._get("res.partner")
        self.assertEqual(report._render_qweb_pdf(other, model.ids)[1], "html")

    def test_works_without_wkhtmltopdf(self):
        report = type(self.env["ir.actions.report"])
        with patch.object(report, "get_wkhtmltopdf_state", side_effect=AssertionError):
            self.assertTrue(self._print(self._make_approved()).startswith(b"%PDF-"))

    def test_the_web_client_prints_each_of_our_reports_our_way(self):
        """One that its handler does not name gives a page of HTML without wkhtmltopdf."""
        with file_open("constituent_services/static/src/report/letter_report_handler.js") as file:
            (listed,) = re.findall(r"LETTER_REPORTS = \[(.*?)\]", file.read(), re.DOTALL)
        reports = self.env["ir.actions.report"].search(
            [("report_name", "=like", "constituent\\_services.%"), ("report_type", "=", "qweb-pdf")]
        )
        self.assertIn(f"{PREFIX}correspondence_register", reports.mapped("report_name"))
        self.assertEqual(set(re.findall(r'"(.+?)"', listed)), set(reports.mapped("report_name")))

    def test_strangers_print_nothing(self):
        letter = self._make_sent()
        report = self.env["ir.actions.report"]
        for user in (self.other_caseworker, self.portal_user, self.internal_user):
            for record in (letter, self._make_letter()):
                with self.assertRaises(AccessError):
                    self.env.invalidate_all()
                    report.with_user(user)._render_qweb_pdf(REPORT, record.ids)

    def test_queries_of_one_print(self):
        letter = self._make_approved()
        report = self.env["ir.actions.report"].with_user(self.caseworker)
        report._render_qweb_pdf(REPORT, letter.ids)
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(27):
            report._render_qweb_pdf(REPORT, letter.ids)


@tagged("post_install", "-at_install")
class TestLetterDownload(LetterSetup, HttpCase):
    """The PDF through the web client's own door."""

    def test_download(self):
        letter = self._make_sent()
        self.authenticate("t_caseworker", "t_caseworker")
        url = f"/report/pdf/{PREFIX}correspondence_letter/{letter.id}"
        response = self.url_open(
            "/report/download",
            data={
                "data": json.dumps([url, "qweb-pdf"]),
                "context": json.dumps({"lang": "en_US"}),
                "csrf_token": http.Request.csrf_token(self),
            },
        )
        self.assertEqual(response.status_code, 200, response.text[:300])
        self.assertEqual(response.content, letter.document_id.sudo().raw)
        self.assertIn(f"{letter.reference}.pdf", response.headers["Content-Disposition"])

    def test_print_button_in_the_web_client(self):
        """The client downloads the PDF and never asks for wkhtmltopdf."""
        letter = self._make_sent()
        action = {
            "type": "ir.actions.report",
            "report_type": "qweb-pdf",
            "report_name": f"{PREFIX}correspondence_letter",
            "context": {"active_ids": letter.ids},
        }
        code = """
            const asked = [];
            const open = XMLHttpRequest.prototype.open;
            XMLHttpRequest.prototype.open = function (method, url) {
                asked.push(url);
                this.addEventListener("load", () => asked.push(this.status));
                return open.apply(this, arguments);
            };
            const fetched = window.fetch;
            window.fetch = (url, options) => {
                asked.push(String(url));
                return fetched(url, options);
            };
            odoo.__WOWL_DEBUG__.root.env.services.action.doAction(%s).then(() => {
                const answer = JSON.stringify(asked);
                const right = asked.includes("/report/download") && asked.includes(200)
                    && !answer.includes("wkhtmltopdf");
                (right ? console.log : console.error)(right ? "test successful" : answer);
            });
        """
        self.browser_js(
            "/odoo",
            code % json.dumps(action),
            ready="odoo.isReady === true",
            login="t_caseworker",
        )

    def test_preview_as_html(self):
        letter = self._make_letter()
        self.authenticate("t_caseworker", "t_caseworker")
        response = self.url_open(f"/report/html/{PREFIX}correspondence_letter/{letter.id}")
        self.assertEqual(response.status_code, 200)
        self.assertTrue(re.search(r'<html lang="en-US"', response.text))
        self.assertIn("Ana Rivera", response.text)
        sent = self._make_sent()
        with self.assertRaisesRegex(UserError, "as it was sent"):
            self.env["ir.actions.report"]._render_qweb_html(REPORT, sent.ids)

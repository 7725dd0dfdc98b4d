import base64
import io
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import page
from lxml import html
from PIL import Image
from pypdf import PdfReader

from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from ..tools import letter
from ..tools.letter_body import body_pictures, clean_body
from .letter_common import make_logo, make_noise
from .pdf_places import text_places

PAGE = (
    '<html lang="en"><head><title>Letter</title></head><body>'
    '<div class="body">%s</div></body></html>'
)
LOGGER = "odoo.addons.constituent_services.tools.letter"


@tagged("post_install", "-at_install")
class TestPictureNumber(BaseCase):
    """Which attachment an address shows, as the page is read."""

    def test_every_way_to_write_it(self):
        for address in (
            "/web/image/12",
            "/web/content/12?download=1",
            "/web/image/12-ab12/p.png",
            "web/image/12",
            " /web/image/12 ",
            "/web/./image/12",
            "/x/../web/image/12",
            "/we\nb/image/12",
            "//own.invalid/web/image/12",
            "http://own.invalid/web/image/12#x",
        ):
            with self.subTest(address=address):
                self.assertEqual(letter.picture_number(address), 12)

    def test_what_names_none(self):
        for address in (
            "",
            "/web/image",
            "/web/image/x",
            "/web/image/12x",
            "/web/image/res.partner/12/image",
            "https://example.org/web/image/12",
            "http://own.invalid.example.org/web/image/12",
            "http://[/web/image/12",
            "file:///web/image/12",
            "data:image/png;base64,AAAA",
            "/web/image/2147483648",
            "/web/image/99999999999999999999",
        ):
            with self.subTest(address=address):
                self.assertEqual(letter.picture_number(address), 0)

    def test_pictures_of_a_text(self):
        self.assertEqual(body_pictures(""), [])
        self.assertEqual(body_pictures("<p>none</p>"), [])
        body = '<p>a<img src="/web/image/2">b</p><div><img src="x"></div><img>'
        self.assertEqual(body_pictures(body), ["/web/image/2", "x", ""])


@tagged("post_install", "-at_install")
class TestCleanBody(BaseCase):
    """What of an editor's text gets onto paper."""

    def _clean(self, body):
        return clean_body(body)

    def test_nothing(self):
        for body in (None, False, "", "  \n", "<p><br></p>", "<p></p><div> </div>", "<!-- x -->"):
            with self.subTest(body=body):
                self.assertEqual(self._clean(body), "")

    def test_text_stays_as_it_is(self):
        body = "<p>Dear <b>all</b>, <i>see</i> § 3 &amp; § 4 &lt; 5.</p><ul><li>one</li></ul>"
        self.assertEqual(self._clean(body), body)

    def test_loose_text_gets_a_paragraph(self):
        self.assertEqual(
            self._clean("one <b>two</b> three<p>four</p>five"),
            "<p>one <b>two</b> three</p><p>four</p><p>five</p>",
        )

    def test_what_does_not_belong_on_paper(self):
        body = (
            '<p onclick="x()" class="o_a" style="color: red; background: url(http://x/y)">a</p>'
            "<script>alert(1)</script>b<style>p{}</style><iframe src='http://x'></iframe>"
            "<form><input value='c'>d</form><font color='red'>e</font><!-- f -->g\0"
            "<svg><image href='file:///etc/passwd'/></svg><link rel='stylesheet' href='http://x'>"
        )
        cleaned = self._clean(body)
        for word in (
            "script",
            "style",
            "onclick",
            "class",
            "url",
            "iframe",
            "input",
            "font",
            "svg",
            "passwd",
            "<!--",
            "link",
            "\0",
            "form",
        ):
            self.assertNotIn(word, cleaned)
        self.assertEqual(html.fromstring(f"<div>{cleaned}</div>").text_content(), "abeg")

    def test_alignment_is_kept(self):
        self.assertEqual(
            self._clean('<p style="color: red; text-align: RIGHT">a</p>'),
            '<p style="text-align: right">a</p>',
        )

    def test_links(self):
        for href, kept in (
            ("https://www.example.gov", True),
            ("mailto:a@example.gov", True),
            ("tel:311", True),
            ("javascript:alert(1)", False),
            ("file:///etc/passwd", False),
            ("/web#id=1", False),
            ("", False),
        ):
            with self.subTest(href=href):
                self.assertEqual("<a" in self._clean(f'<p><a href="{href}">a</a></p>'), kept)

    def test_headings_follow_each_other(self):
        cleaned = self._clean("<h3>a</h3><h5>b</h5><h2>c</h2><h6>d</h6><h1>e</h1>")
        self.assertEqual(cleaned, "<h1>a</h1><h2>b</h2><h2>c</h2><h3>d</h3><h1>e</h1>")

    def test_pictures_are_described(self):
        for attributes, alt in (
            ('src="/web/image/1-ab/map.png?access_token=s3cret"', "map.png"),
            ('src="/web/image/1" alt="A map"', "A map"),
            ('src="/web/image/1" title="Where"', "Where"),
            ('src="data:image/png;base64,AAAA"', "Image"),
        ):
            image = html.fromstring(self._clean(f"<p><img {attributes}></p>")).find(".//img")
            image = (
                image
                if image is not None
                else html.fromstring(self._clean(f"<p><img {attributes}></p>")).xpath("//img")[0]
            )
            self.assertEqual(image.get("alt"), alt)

    def test_lists_and_tables_are_whole(self):
        self.assertEqual(self._clean("<p>a</p><table></table><ul></ul>"), "<p>a</p>")
        self.assertNotIn("<li", self._clean("<div><li>a</li></div>"))
        table = "<table><tr><th>Street</th><td>Main</td></tr><tr><th>x</th><th>y</th></tr></table>"
        cleaned = self._clean(table)
        self.assertIn('<th scope="row">Street', cleaned)
        self.assertIn('<th scope="col">y', cleaned)

    def test_sizes_are_numbers(self):
        cleaned = self._clean('<img src="/web/image/1" width="50%" height="expression(x)">')
        self.assertIn('width="50%"', cleaned)
        self.assertNotIn("height", cleaned)


@tagged("post_install", "-at_install")
class TestAddress(BaseCase):
    """Five lines in a window."""

    def test_lines(self):
        for lines, expected in (
            (["Ana Rivera", "", None, " 12  Main St ,", "Example, NY 10001"],
             ["Ana Rivera", "12 Main St", "Example, NY 10001"]),
            (["Ana", "Acme", "1 A St", "Suite 2", "Town", "MEXICO"],
             ["Ana", "Acme", "1 A St, Suite 2", "Town", "MEXICO"]),
            (["Ana", "Acme", "Dept", "1 A St", "Suite 2", "Town", "MEXICO"],
             ["Ana", "Acme, Dept", "1 A St, Suite 2", "Town", "MEXICO"]),
            ([], []),
        ):  # fmt: skip
            with self.subTest(lines=lines):
                found = letter.address_lines(lines)
                self.assertLessEqual(len(found), letter.MAX_ADDRESS_LINES)
                self.assertEqual(found[:1], expected[:1])
                self.assertEqual(found[-1:], expected[-1:])
                self.assertEqual(", ".join(found), ", ".join(expected))


@tagged("post_install", "-at_install")
class TestPictures(BaseCase):
    """Seals and pictures are small, white and read once."""

    def test_logo(self):
        uri = letter.logo_uri(make_logo((2000, 500), "RGBA"))
        self.assertTrue(uri.startswith("data:image/jpeg;base64,"))
        with Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))) as image:
            self.assertLessEqual(image.size, (900, 300))
            self.assertEqual(image.mode, "RGB")

    def test_transparent_becomes_white(self):
        output = io.BytesIO()
        Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(output, "PNG")
        with Image.open(io.BytesIO(letter.shrink(output.getvalue()))) as image:
            self.assertEqual(image.getpixel((5, 5)), (255, 255, 255))

    def test_read_once(self):
        content = make_noise(50, 50)
        first = letter.logo_uri(content)
        with patch.object(letter, "shrink", side_effect=AssertionError):
            self.assertEqual(letter.logo_uri(bytes(content)), first)
            with self.assertRaises(AssertionError):
                letter.logo_uri(make_noise(51, 50))

    @mute_logger(LOGGER)
    def test_too_large_is_not_unpacked(self):
        """15 kB of one colour are 36 megapixels: its head is enough to refuse it."""
        content = make_logo((6000, 6000), "1")
        self.assertLess(len(content), 20_000)
        with patch.object(Image.Image, "convert", side_effect=AssertionError("unpacked")):
            self.assertEqual(letter.shrink(content), b"")
            self.assertEqual(letter.logo_uri(content), "")
        self.assertEqual(letter.count_pixels(content), 36_000_000)
        self.assertTrue(letter.shrink(make_logo((2000, 2000), "1")))

    @mute_logger(LOGGER)
    def test_bomb(self):
        with patch.object(Image, "MAX_IMAGE_PIXELS", 10):
            self.assertEqual(letter.count_pixels(make_logo((100, 100))), 0)
            self.assertEqual(letter.shrink(make_logo((100, 100))), b"")

    def test_small_jpeg_stays_as_it_is(self):
        small = letter.shrink(make_noise(60, 40))
        self.assertEqual(letter.shrink(small), small)
        self.assertNotEqual(letter.shrink(small, (30, 30)), small)
        with self.assertLogs(LOGGER, "WARNING"):
            self.assertEqual(letter.shrink(small[:200]), b"", "cut off")

    def test_none_and_unreadable(self):
        self.assertEqual(letter.logo_uri(b""), "")
        self.assertEqual(letter.logo_uri(None), "")
        with self.assertLogs(LOGGER, "WARNING"):
            self.assertEqual(letter.logo_uri(b"<svg/>"), "")


@tagged("post_install", "-at_install")
class TestFetcher(BaseCase):
    """A letter reads data: and this database's pictures, nothing else."""

    def setUp(self):
        super().setUp()
        self.asked = []

    def _read_image(self, address):
        self.asked.append(address)
        return make_logo((8, 8)) if address == "/web/image/1" else b""

    def _fetch(self, url):
        fetcher = letter.LetterFetcher(self._read_image)
        content = fetcher.fetch(url).read()
        return content, fetcher.refused

    def _data_uri(self, content, mimetype="image/png"):
        return f"data:{mimetype};base64,{base64.b64encode(content).decode()}"

    def test_data(self):
        content, refused = self._fetch(self._data_uri(make_logo((9, 7))))
        self.assertEqual(refused, 0)
        with Image.open(io.BytesIO(content)) as image:
            self.assertEqual((image.size, image.format), ((9, 7), "JPEG"))

    @mute_logger(LOGGER)
    def test_data_that_is_no_small_picture(self):
        drawing = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
        for url in (
            "data:text/plain;base64,YWJj",
            "data:image/png;base64,%%%",
            "data:",
            self._data_uri(drawing, "image/svg+xml"),
            self._data_uri(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "image/eps"),
            self._data_uri(make_logo((6000, 6000), "1")),
        ):
            with self.subTest(url=url[:40]):
                self.assertEqual(self._fetch(url), (letter.PLACEHOLDER, 1))

    @mute_logger(LOGGER)
    def test_all_pictures_of_a_letter_together(self):
        fetcher = letter.LetterFetcher()
        with patch.object(letter, "shrink", return_value=b"JPEG") as shrink:
            for width in range(4990, 5000):
                fetcher.fetch(self._data_uri(make_logo((width, 5000), "1")))
        self.assertEqual((shrink.call_count, fetcher.refused), (4, 6))

    def test_own_picture(self):
        content, refused = self._fetch(letter.OWN_HOST + "/web/image/1")
        self.assertEqual(refused, 0)
        with Image.open(io.BytesIO(content)) as image:
            self.assertEqual(image.size, (8, 8))

    def test_refused(self):
        with patch("socket.socket.connect", side_effect=AssertionError("went outside")):
            for url in (
                "http://169.254.169.254/latest/meta-data",
                "https://example.org/ana.rivera.png",
                "file:///etc/passwd",
                "ftp://example.org/x",
                letter.OWN_HOST + "/web/image/2",
                letter.OWN_HOST + ".example.org/web/image/1",
                "HTTP://OWN.INVALID:80/web/image/1",
            ):
                with self.subTest(url=url), self.assertLogs(LOGGER, "WARNING") as logs:
                    content, refused = self._fetch(url)
                    self.assertEqual(refused, 1)
                    self.assertEqual(content, letter.PLACEHOLDER)
                    # The address may name people.
                    self.assertNotIn(url.rpartition("/")[2], "".join(logs.output))
        self.assertEqual(self.asked, ["/web/image/2"])

    @mute_logger(LOGGER)
    def test_a_page_that_asks_for_everything(self):
        page = PAGE % (
            '<img alt="a" src="file:///etc/passwd"><img alt="b" src="http://localhost:1/x.png">'
            '<img alt="c" src="/web/image/1"><img alt="d" src="//example.org/x.png">'
            '<link rel="stylesheet" href="http://localhost:1/x.css">'
            '<link rel="attachment" href="file:///etc/passwd">'
            "<style>@import 'http://localhost:1/y.css'; p {background: url(http://x.invalid)}"
            "</style><p>Text</p>"
        )
        with (
            patch("socket.socket.connect", side_effect=AssertionError("went outside")),
            mute_logger("weasyprint"),
        ):
            pdf = letter.render_pdf(page, read_image=self._read_image)
        self.assertTrue(pdf.startswith(b"%PDF-"))
        self.assertNotIn(b"root:", pdf)
        self.assertIn("/web/image/1", self.asked)

    def test_papers(self):
        for paper, size in (("letter", (612, 792)), ("a4", (595, 842))):
            pdf = PdfReader(io.BytesIO(letter.render_pdf(PAGE % "<p>a</p>", paper)))
            box = pdf.pages[0].mediabox
            self.assertEqual((round(box.width), round(box.height)), size)
        with self.assertRaises(ValueError):
            letter.render_pdf(PAGE % "", "legal")

    def test_styles_are_read_once(self):
        letter.render_pdf(PAGE % "")
        with patch.object(letter, "CSS", side_effect=AssertionError):
            letter.render_pdf((PAGE % "").encode())


@tagged("post_install", "-at_install")
class TestQuiet(BaseCase):
    """WeasyPrint tells of its steps while it is imported already."""

    def test_import_logs_nothing(self):
        source = Path(letter.__file__).read_text()
        program = (
            "import logging\nlogging.basicConfig(level=logging.INFO)\n"
            f"__file__ = {letter.__file__!r}\n{source.partition('_logger =')[0]}"
        )
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))


@tagged("post_install", "-at_install")
class TestDrawings(BaseCase):
    """What a drawing shows is said in words."""

    def test_titled(self):
        svg = '<svg viewBox="0 0 1 1"><path/></svg>'
        self.assertEqual(
            letter.titled_svg(svg, "1 < 2 & 3"),
            '<svg viewBox="0 0 1 1"><title>1 &lt; 2 &amp; 3</title><path/></svg>',
        )
        self.assertEqual(letter.titled_svg("", "nothing"), "")


@tagged("post_install", "-at_install")
class TestArtifacts(BaseCase):
    """What stands in the margins is marked as an artifact, the page's own text is not."""

    def test_margins(self):
        body = '<div class="watermark" style="font-size: 90pt">DRAFT</div>'
        body += '<div class="continuation"><span class="who">Ana</span></div>'
        body += '<div class="body">%s</div>' % (
            '<p>Word <a href="https://a.example">x</a></p>' * 90
        )
        pdf = letter.render_pdf(
            f'<html lang="en"><head><title>L</title></head><body>{body}</body></html>'
        )
        for number in range(2):
            pieces = text_places(pdf, number)
            apart = {piece.text for piece in pieces if piece.artifact}
            self.assertEqual(apart, {"DRAFT", "Ana"} if number else {"DRAFT"})
            self.assertGreater(len(pieces), 20)
        report = page.validate_pdf_bytes(pdf, profile=page.ValidationProfile.PDF_UA_1)
        self.assertTrue(report.is_compliant, report.failures)

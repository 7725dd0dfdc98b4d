"""What the post needs, without a database: addresses, labels, codes and print files."""

import io
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pikepdf
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader

from odoo.tests import BaseCase, tagged

from ..tools import postal, verification
from ..tools.letter import logo_uri, render_pdf
from ..tools.letter_body import text_body
from ..tools.print_file import PrintFile, UnreadableError, join_apart, overlay
from .letter_common import make_logo

PAGE = '<html lang="en"><head><title>L</title></head><body>%s</body></html>'
BREAK = '<div style="break-before: page"></div>'


def make_pdf(text, pages=1, paper="letter"):
    """Return a letter-like PDF that says a text on each of its pages."""
    return render_pdf(PAGE % BREAK.join([f"<p>{text}</p>"] * pages), paper)


def texts(pdf):
    """Return the words of each page, spaces made one."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


@tagged("post_install", "-at_install")
class TestVerificationCode(BaseCase):
    """Codes as they are drawn, and as people type them."""

    def test_what_is_drawn_is_read(self):
        drawn = {verification.draw_code() for _code in range(500)}
        self.assertEqual(len(drawn), 500)
        for code in drawn:
            self.assertRegex(code, r"^[A-Z3-9]{5}-[A-Z3-9]{5}$")
            self.assertEqual(verification.read_code(code), code)

    def test_nothing_ambiguous(self):
        self.assertFalse(set("01258BILOQSUVZ") & set(verification.ALPHABET))
        self.assertEqual(len(set(verification.ALPHABET)), len(verification.ALPHABET))

    def test_however_it_is_typed(self):
        for typed in (
            "k7rmx-39aht",
            " K7RMX 39AHT\n",
            "k7rmx39aht",
            "K7-RMX.39_AHT",
            "K7RMX–39AHT",
        ):
            with self.subTest(typed=typed):
                self.assertEqual(verification.read_code(typed), "K7RMX-39AHT")

    def test_what_is_no_code(self):
        for typed in (
            "",
            None,
            "L-2026-000123",
            "K7RMX-39AH",
            "K7RMX-39AH0",
            "K7RMX-39AHTT",
            "é" * 10,
        ):
            with self.subTest(typed=typed):
                self.assertEqual(verification.read_code(typed), "")

    @given(st.text(max_size=60))
    def test_any_text(self, text):
        code = verification.read_code(text)
        self.assertIn(len(code), (0, 11))
        self.assertEqual(verification.read_code(code), code)


@tagged("post_install", "-at_install")
class TestPostal(BaseCase):
    """The order of the post, and the places of labels."""

    def test_zip(self):
        for address, code in (
            ("Ana\n1 Home Street\nExample NY 10001", "10001"),
            ("Ana\n1 Home Street\nExample, NY 10001-1234 ", "10001-1234"),
            ("Ana\n10001 Home Street", ""),
            ("Ana\nCalle 5\n06000 Ciudad de México\nMEXICO", ""),
            ("10001", ""),
            ("", ""),
            (None, ""),
        ):
            with self.subTest(address=address):
                self.assertEqual(postal.zip_code(address), code)

    def test_order(self):
        """By ZIP, street, number and name; abroad and without a ZIP last."""
        wanted = [
            "B. Bee\n2 Ash Street\nExample NY 10001",
            "A. Bee\n9 Ash Street\nExample NY 10001",
            "A. Bee\n10 Ash Street\nExample NY 10001",
            "Z. Bee\n10 Ash Street\nExample NY 10001",
            "A. Bee\nSuite 4\n1 Elm Street\nExample NY 10001",
            "A. Bee\nPO Box 7\nExample NY 10001",
            "A. Bee\n1 Ash Street\nExample NY 10001-0001",
            "A. Bee\n1 Ash Street\nExample NY 10002",
            "A. Bee\n1 Rue Haute\n75001 Paris\nFRANCE",
            "A. Bee\nCalle 5\n06000 Ciudad de México\nMEXICO",
        ]
        for shuffled in (wanted[::-1], wanted[5:] + wanted[:5]):
            ordered = sorted(shuffled, key=lambda a: postal.sort_key(a, a.split("\n")[0]))
            self.assertEqual(ordered, wanted)

    @given(st.lists(st.text(max_size=80), max_size=8))
    def test_any_addresses_have_an_order(self, addresses):
        keys = sorted(postal.sort_key(address, address) for address in addresses)
        self.assertEqual(len(keys), len(addresses))

    def test_places_of_labels(self):
        """Avery 5160: three columns of ten, from the first free one on."""
        addresses = [f"Name {number}\n1 Street" for number in range(31)]
        first, second = postal.label_sheets(addresses, start=2)
        self.assertEqual(len(first), 29)
        self.assertEqual(len(second), 2)
        self.assertEqual((first[0].left, first[0].top), (2.9375, 0.5))
        self.assertEqual((first[1].left, first[1].top), (5.6875, 0.5))
        self.assertEqual((first[2].left, first[2].top), (0.1875, 1.5))
        self.assertEqual((first[-1].left, first[-1].top), (5.6875, 9.5))
        self.assertEqual((second[0].left, second[0].top), (0.1875, 0.5))
        self.assertEqual(first[0].lines, ("Name 0", "1 Street"))
        # The last label ends at the right place of the sheet: 8.5 − 0.1875 in.
        self.assertEqual(5.6875 + postal.LABEL_WIDTH, 8.5 - postal.LABEL_LEFT)

    def test_no_such_label(self):
        for start in (0, 31, -1):
            with self.assertRaises(ValueError):
                postal.label_sheets(["a"], start)
        self.assertEqual(postal.label_sheets([]), [])


@tagged("post_install", "-at_install")
class TestPrintFile(BaseCase):
    """Many letters in one file."""

    def test_in_order_and_whole(self):
        print_file = PrintFile()
        self.assertEqual(print_file.add(make_pdf("first")), 1)
        self.assertEqual(print_file.add(make_pdf("second", pages=2)), 2)
        self.assertEqual(print_file.add(make_pdf("third", paper="a4")), 1)
        self.assertEqual(print_file.page_count, 4)
        pdf = print_file.content()
        self.assertEqual(texts(pdf), ["first", "second", "second", "third"])
        pages = PdfReader(io.BytesIO(pdf)).pages
        self.assertEqual([round(page.mediabox.height) for page in pages], [792, 792, 792, 842])

    def test_blank_backs(self):
        print_file = PrintFile(duplex=True)
        for text, count in (("one", 1), ("two", 2), ("three", 3)):
            print_file.add(make_pdf(text, pages=count))
        pdf = print_file.content()
        self.assertEqual(texts(pdf), ["one", "", "two", "two", "three", "three", "three", ""])
        sizes = {tuple(map(float, page.mediabox)) for page in PdfReader(io.BytesIO(pdf)).pages}
        self.assertEqual(sizes, {(0.0, 0.0, 612.0, 792.0)})

    def test_parts_are_joined(self):
        parts = []
        for number in range(3):
            part = PrintFile(duplex=True)
            part.add(make_pdf(f"letter {number}"))
            parts.append(part.content())
        whole = PrintFile()
        for part in parts:
            whole.add(part)
        self.assertEqual(texts(whole.content()), ["letter 0", "", "letter 1", "", "letter 2", ""])

    def test_the_seal_is_there_once(self):
        seal = f'<img alt="Seal" src="{logo_uri(make_logo())}">'
        other = f'<img alt="Seal" src="{logo_uri(make_logo((200, 100)))}">'
        print_file = PrintFile()
        for number in range(6):
            print_file.add(render_pdf(PAGE % f"<p>{number}</p>{other if number == 3 else seal}"))
        pdf = print_file.content()
        self.assertEqual(pdf.count(b"/Subtype /Image"), 2)
        pages = PdfReader(io.BytesIO(pdf)).pages
        widths = [page.images[0].image.width for page in pages]
        self.assertEqual(widths, [300, 300, 300, 200, 300, 300])

    def test_pictures_that_differ_in_their_mask_only(self):
        """Same colours, other transparency: two pictures."""
        print_file = PrintFile()
        for alpha in (10, 200):
            document = pikepdf.new()
            page = document.add_blank_page(page_size=(100, 100))
            mask = document.make_stream(bytes([alpha]) * 4)
            mask.update({"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Image})
            mask.update({"/Width": 2, "/Height": 2, "/BitsPerComponent": 8})
            mask["/ColorSpace"] = pikepdf.Name.DeviceGray
            picture = document.make_stream(b"\x00" * 12)
            picture.update({"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Image})
            picture.update({"/Width": 2, "/Height": 2, "/BitsPerComponent": 8})
            picture["/ColorSpace"] = pikepdf.Name.DeviceRGB
            picture["/SMask"] = mask
            page.obj["/Resources"] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=picture))
            output = io.BytesIO()
            document.save(output)
            print_file.add(output.getvalue())
        with pikepdf.open(io.BytesIO(print_file.content())) as made:
            masks = [page.obj.Resources.XObject.Im.SMask.read_bytes() for page in made.pages]
        self.assertEqual(masks, [b"\x0a" * 4, b"\xc8" * 4])

    def test_files_are_read_when_the_whole_is_written(self):
        print_file = PrintFile()
        with ExitStack() as files:
            for number in range(3):
                part = files.enter_context(tempfile.TemporaryFile())
                part.write(make_pdf(f"part {number}"))
                self.assertEqual(print_file.add(part), 1)
            print_file.add(make_pdf("bytes"))
            found = texts(print_file.content())
        self.assertEqual(found, ["part 0", "part 1", "part 2", "bytes"])

    def test_what_many_letters_bring_is_there_once(self):
        print_file = PrintFile(duplex=True)
        plan, made = make_pdf("plan", pages=2), []

        def make():
            made.append(1)
            return plan

        sizes = []
        for number in range(40):
            print_file.add(make_pdf(f"letter {number}"))
            sizes.append(print_file.add_again("plan", make))
        self.assertEqual(sizes, [len(plan)] + [0] * 39)
        self.assertEqual(made, [1])
        pdf = print_file.content()
        self.assertEqual(texts(pdf)[-4:], ["letter 39", "", "plan", "plan"])
        with pikepdf.open(io.BytesIO(pdf)) as whole:
            contents = {page.obj.Contents.objgen for page in whole.pages[2::4]}
        self.assertEqual(len(contents), 1, "the same page each time")

    def test_joined_by_another_process(self):
        with tempfile.TemporaryDirectory() as folder:
            parts = [Path(folder) / f"{number}.pdf" for number in range(3)]
            for number, part in enumerate(parts):
                part.write_bytes(make_pdf(f"letter {number}", pages=2))
            whole = Path(folder) / "whole.pdf"
            self.assertEqual(join_apart(parts, whole), 6)
            expected = [f"letter {number // 2}" for number in range(6)]
            self.assertEqual(texts(whole.read_bytes()), expected)
            parts[1].write_bytes(b"%PDF-forged")
            with self.assertRaises(subprocess.CalledProcessError):
                join_apart(parts, Path(folder) / "other.pdf")
            self.assertFalse((Path(folder) / "other.pdf").exists())

    def test_cut(self):
        print_file = PrintFile()
        print_file.add(make_pdf("stays"))
        print_file.add(make_pdf("goes", pages=2))
        print_file.cut(1)
        print_file.add(make_pdf("comes"))
        self.assertEqual(texts(print_file.content()), ["stays", "comes"])

    def test_more_than_stay_open(self):
        letters = [make_pdf(f"letter {number}") for number in range(3)]
        print_file = PrintFile()
        for number in range(260):
            print_file.add(letters[number % 3])
        found = texts(print_file.content())
        self.assertEqual(found, [f"letter {number % 3}" for number in range(260)])

    def test_what_is_no_letter(self):
        locked = io.BytesIO()
        with pikepdf.open(io.BytesIO(make_pdf("secret"))) as document:
            document.save(locked, encryption=pikepdf.Encryption(owner="a", user="b"))
        empty = io.BytesIO()
        pikepdf.new().save(empty)
        print_file = PrintFile()
        print_file.add(make_pdf("good"))
        for content in (b"", b"%PDF-forged", b"hello", locked.getvalue(), empty.getvalue()):
            with self.subTest(content=content[:12]), self.assertRaises(UnreadableError):
                print_file.add(content)
        self.assertEqual(texts(print_file.content()), ["good"])

    def test_nothing_at_all(self):
        with self.assertRaises(ValueError):
            PrintFile().content()

    def test_overlay(self):
        letter = make_pdf("letter", pages=2)
        pdf = overlay(letter, make_pdf("copy"), make_pdf("foot"))
        first, last = texts(pdf)
        self.assertIn("letter", first)
        self.assertIn("copy", first)
        self.assertNotIn("foot", first)
        self.assertIn("copy", last)
        self.assertIn("foot", last)
        with self.assertRaises(UnreadableError):
            overlay(b"no", make_pdf("copy"), make_pdf("foot"))


@tagged("post_install", "-at_install")
class TestTextBody(BaseCase):
    """A letter's text for who cannot open a PDF."""

    def test_pictures_become_words(self):
        body = '<p>See <img src="/web/image/1" alt="A map">here</p><p><img src="x"><b>so</b></p>'
        self.assertEqual(text_body(body), "<p>See [A map]here</p><p><b>so</b></p>")

    def test_the_rest_stays(self):
        body = "<p>1 &lt; 2 &amp; <b>3</b></p><ul><li>one</li></ul>"
        self.assertEqual(text_body(body), body)
        self.assertEqual(text_body("a &lt; b"), "a &lt; b")
        for nothing in ("", None, False, "  "):
            self.assertEqual(text_body(nothing), "")

    def test_a_real_picture_is_left_out(self):
        output = io.BytesIO()
        Image.new("RGB", (2, 2)).save(output, "PNG")
        self.assertNotIn("img", text_body('<p>a</p><img src="data:image/png;base64,AA=="><p>b</p>'))

"""Page ranges and scans, without a database."""

import io
import unittest
from unittest.mock import patch

import pikepdf
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFile

from ..tools import scan_file
from ..tools.page_ranges import PageRangeError, format_ranges, parse_ranges, plan_pieces
from ..tools.scan_file import ScanError, cut_pages, read_scan
from . import scan_files as make

DANGEROUS = (
    "evil", "JavaScript", "/JS", "Launch", "OpenAction", "/AA", "EmbeddedFile", "/EF",
    "Filespec", "PieceInfo", "/AF", "MZ",
)  # fmt: skip


class TestPageRanges(unittest.TestCase):
    def test_what_people_type(self):
        for text, pages in (
            ("3", (3,)),
            ("1-2", (1, 2)),
            ("4-6,8", (4, 5, 6, 8)),
            (" 4 - 6 ; 8 ,", (4, 5, 6, 8)),
            ("4–6", (4, 5, 6)),
            ("8-", (8, 9, 10)),
            ("10,1", (10, 1)),
            ("5-5", (5,)),
            ("007", (7,)),
        ):
            with self.subTest(text):
                self.assertEqual(parse_ranges(text, 10), pages)

    def test_what_is_no_range(self):
        for text, kind, what in (
            ("", "empty", ""),
            (None, "empty", ""),
            (" , ; ", "empty", ""),
            ("one", "not_pages", "one"),
            ("1,-2", "not_pages", "-2"),
            ("1-2-3", "not_pages", "1-2-3"),
            ("1.5", "not_pages", "1.5"),
            ("0", "outside", "0"),
            ("11", "outside", "11"),
            ("1-5550199", "outside", "5550199"),
            ("9999999999", "not_pages", "9999999999"),
            ("6-4", "backwards", "6-4"),
            ("1-3,2", "twice", "2"),
        ):
            with self.subTest(text), self.assertRaises(PageRangeError) as caught:
                parse_ranges(text, 10)
            self.assertEqual((caught.exception.kind, caught.exception.what), (kind, what))

    def test_pieces_that_fit(self):
        plan = plan_pieces(["1-2", "3", "4-6,8"], 8)
        self.assertEqual(plan.pieces, ((1, 2), (3,), (4, 5, 6, 8)))
        self.assertEqual(plan.shared, {})
        self.assertEqual(plan.leftover, (7,))

    def test_pieces_that_overlap(self):
        plan = plan_pieces(["1-3", "3-4", "2-3"], 4)
        self.assertEqual(plan.shared, {2: (0, 2), 3: (0, 1, 2)})
        self.assertEqual(plan.leftover, ())

    def test_which_piece_cannot_be_read(self):
        with self.assertRaises(PageRangeError) as caught:
            plan_pieces(["1", "2", "x"], 3)
        self.assertEqual(caught.exception.piece, 2)

    @given(st.lists(st.integers(1, 60), min_size=1, unique=True))
    def test_pages_survive_being_written_and_read(self, pages):
        self.assertEqual(parse_ranges(format_ranges(pages), 60), tuple(pages))

    @given(st.text(alphabet="0123456789-–,; x", max_size=20), st.integers(1, 500))
    def test_any_text_gives_pages_of_the_scan_or_a_reason(self, text, total):
        try:
            pages = parse_ranges(text, total)
        except PageRangeError as error:
            self.assertIn(error.kind, ("empty", "not_pages", "outside", "backwards", "twice"))
        else:
            self.assertTrue(pages)
            self.assertEqual(len(set(pages)), len(pages))
            self.assertTrue(all(1 <= page <= total for page in pages))
            self.assertEqual(parse_ranges(format_ranges(pages), total), pages)

    @given(
        st.integers(1, 40).flatmap(
            lambda total: st.tuples(
                st.just(total),
                st.lists(st.lists(st.integers(1, total), min_size=1, unique=True), max_size=6),
            )
        )
    )
    def test_every_page_is_of_one_piece_shared_or_left_over(self, case):
        total, pieces = case
        plan = plan_pieces([format_ranges(pages) for pages in pieces], total)
        for page in range(1, total + 1):
            owners = tuple(at for at, pages in enumerate(pieces) if page in pages)
            self.assertEqual(page in plan.leftover, not owners)
            self.assertEqual(plan.shared.get(page, ()), owners if len(owners) > 1 else ())


class TestPdf(unittest.TestCase):
    def _refuse(self, content, kind, **kwargs):
        with self.assertRaises(ScanError) as caught:
            read_scan(content, **kwargs)
        self.assertEqual(caught.exception.kind, kind)
        return caught.exception

    def test_an_ordinary_scan(self):
        scan = read_scan(make.make_pdf(3))
        self.assertEqual(scan.pages, 3)
        texts = make.texts_of(scan.pdf)
        self.assertIn("Page 1 of the scan", texts[0])
        self.assertIn("Page 3 of the scan", texts[2])

    def test_cut_by_pages_in_the_order_asked_for(self):
        scan = read_scan(make.make_pdf(5))
        piece = cut_pages(scan.pdf, (4, 2))
        self.assertEqual(len(make.texts_of(piece)), 2)
        self.assertIn("Page 4", make.texts_of(piece)[0])
        self.assertIn("Page 2", make.texts_of(piece)[1])
        self.assertNotIn("Page 3", make.everything_in(piece))
        self.assertEqual(piece, cut_pages(scan.pdf, (4, 2)), "the same bytes, the same hash")
        with pikepdf.open(io.BytesIO(piece)) as document:
            self.assertFalse(document.check_pdf_syntax())

    def test_what_cannot_be_cut(self):
        scan = read_scan(make.make_pdf(2))
        for pdf, pages in ((scan.pdf, (3,)), (b"nothing", (1,))):
            with self.assertRaises(ScanError):
                cut_pages(pdf, pages)

    def test_a_forty_megabyte_scan(self):
        error = self._refuse(b"%PDF-1.7\n" + bytes(40_000_000), "large")
        self.assertEqual(error.limit, scan_file.MAX_BYTES)
        self.assertGreater(error.number, 40_000_000)

    def test_the_limit_can_be_raised_to_what_odoo_takes(self):
        content = make.make_pdf(1)
        self._refuse(content, "large", max_bytes=100)
        self.assertEqual(read_scan(content, max_bytes=len(content)).pages, 1)
        # A file grows by a third on its way, and Odoo takes 128 MiB.
        self.assertLess(scan_file.HIGHEST_MAX_BYTES * 4 / 3, 128 * 1024**2)

    def test_encrypted(self):
        self._refuse(make.make_encrypted(), "encrypted")
        # Printing or copying may be forbidden: that asks for no password to read it.
        self.assertEqual(read_scan(make.make_encrypted(user="")).pages, 2)

    def test_broken_table_of_contents_is_mended(self):
        content = make.make_broken_xref()
        with self.assertRaises(pikepdf.PdfError):
            pikepdf.open(io.BytesIO(content), attempt_recovery=False)
        scan = read_scan(content)
        self.assertEqual(scan.pages, 3)
        with pikepdf.open(io.BytesIO(scan.pdf), attempt_recovery=False) as document:
            self.assertFalse(document.check_pdf_syntax())

    def test_beyond_repair(self):
        for content in (
            b"%PDF-1.7 hello",
            b"%PDF-1.4\n" + b"1 0 obj <<" * 5000,
            make.make_pdf(2)[:150],
            make.make_pdf(0),
        ):
            self._refuse(content, "broken")

    def test_too_many_pages(self):
        error = self._refuse(make.make_pdf(scan_file.MAX_PAGES + 1), "pages")
        self.assertEqual((error.number, error.limit), (501, 500))
        self.assertEqual(read_scan(make.make_pdf(scan_file.MAX_PAGES)).pages, 500)

    def test_millions_of_pages_are_believed_and_not_counted(self):
        error = self._refuse(make.make_lying_count(), "pages")
        self.assertEqual(error.number, 5_000_000)

    def test_too_many_objects(self):
        with patch.object(scan_file, "MAX_OBJECTS", 3):
            self._refuse(make.make_pdf(2), "broken")

    def test_a_stream_that_unpacks_to_gigabytes_is_not_unpacked(self):
        content = make.make_stream_bomb()
        self.assertLess(len(content), 1_000_000)
        scan = read_scan(content)
        with (
            pikepdf.open(io.BytesIO(scan.pdf)) as document,
            self.assertRaises(pikepdf.PdfError),
        ):
            document.pages[0].Contents.read_bytes()

    def test_an_archive_by_the_name_of_a_pdf(self):
        self._refuse(make.make_zip(), "not_a_scan")

    def test_nothing_and_other_things(self):
        self._refuse(b"", "empty")
        self._refuse(b"<html>letter</html>", "not_a_scan")
        self._refuse(make.make_picture("GIF"), "not_a_scan")

    def test_nothing_runs_opens_or_is_carried_along(self):
        content = make.make_live_pdf()
        before = make.everything_in(content)
        for word in ("JavaScript", "Launch", "EmbeddedFile", "evil", "PieceInfo"):
            self.assertIn(word, before)
        scan = read_scan(content)
        for pdf in (scan.pdf, cut_pages(scan.pdf, (1,)), cut_pages(content, (1,))):
            after = make.everything_in(pdf)
            for word in DANGEROUS:
                self.assertNotIn(word, after)

    def test_what_was_filled_in_is_still_seen(self):
        scan = read_scan(make.make_live_pdf())
        with pikepdf.open(io.BytesIO(scan.pdf)) as document:
            (annotation,) = document.pages[0].Annots
            self.assertEqual(annotation.Subtype, "/Stamp")
            self.assertIn(b"re f", annotation.AP.N.read_bytes())
            self.assertNotIn("/Annots", document.pages[1])

    def test_nothing_of_the_other_pages_goes_along(self):
        for content in (make.make_sharing_pdf(), read_scan(make.make_sharing_pdf()).pdf):
            for number, own, other in ((1, "first", "second"), (2, "second", "first")):
                found = make.everything_in(cut_pages(content, (number,)))
                self.assertIn(f"only of the {own} page", found)
                self.assertNotIn(f"only of the {other} page", found)


class TestPictures(unittest.TestCase):
    def _refuse(self, content, kind):
        with self.assertRaises(ScanError) as caught:
            read_scan(content)
        self.assertEqual(caught.exception.kind, kind)
        return caught.exception

    def _picture(self, content):
        """Return (page size in points, picture) of the one page made of a picture."""
        scan = read_scan(content)
        self.assertEqual(scan.pages, 1)
        with pikepdf.open(io.BytesIO(scan.pdf)) as document:
            self.assertFalse(document.check_pdf_syntax())
            page = document.pages[0]
            image = pikepdf.PdfImage(page.Resources.XObject.Im0).as_pil_image()
            image.load()
            return tuple(round(float(value)) for value in page.mediabox[2:]), image

    def test_every_kind_of_picture(self):
        for kind, mode, kept in (
            ("JPEG", "RGB", "RGB"),
            ("JPEG", "L", "L"),
            ("JPEG", "CMYK", "RGB"),
            ("PNG", "RGB", "RGB"),
            ("PNG", "L", "L"),
            ("TIFF", "1", "1"),
            ("TIFF", "RGB", "RGB"),
        ):
            with self.subTest(kind=kind, mode=mode):
                size, image = self._picture(make.make_picture(kind, mode=mode))
                self.assertEqual((image.size, image.mode), ((850, 1100), kept))
                self.assertEqual(size, make.LETTER, "as large as a letter")

    def test_transparent_and_gray_of_16_bits(self):
        for mode, color in (("RGBA", (0, 0, 0, 0)), ("LA", (0, 0)), ("I;16", 65535)):
            output = io.BytesIO()
            Image.new(mode, (850, 1100), color).save(output, "PNG")
            _size, image = self._picture(output.getvalue())
            with self.subTest(mode):
                self.assertGreater(image.convert("L").getpixel((400, 500)), 250, "white")

    def test_black_and_white_stay_what_they_are(self):
        scan = read_scan(make.make_tiff(1))
        with pikepdf.open(io.BytesIO(scan.pdf)) as document:
            image = pikepdf.PdfImage(document.pages[0].Resources.XObject.Im0).as_pil_image()
        image = image.convert("L")
        self.assertEqual((image.getpixel((5, 5)), image.getpixel((500, 500))), (0, 255))

    def test_the_paper_is_as_large_as_it_was(self):
        for vals, size in (
            ({"dpi": (100, 100)}, (612, 792)),
            ({"dpi": (200, 200)}, (306, 396)),
            # A camera says 72 and means nothing by it.
            ({"size": (4000, 3000), "dpi": (72, 72)}, (792, 594)),
            ({"size": (4000, 3000)}, (792, 594)),
        ):
            with self.subTest(**vals):
                self.assertEqual(self._picture(make.make_picture(**vals))[0], size)

    def test_photos_are_upright_and_do_not_say_where_they_were_taken(self):
        exif = Image.Exif()
        exif[0x0112] = 6
        exif[0x010F] = "Telephone of a clerk"
        size, image = self._picture(make.make_picture(size=(1100, 850), exif=exif))
        self.assertEqual((size, image.size), ((612, 792), (850, 1100)))
        scan = read_scan(make.make_picture(exif=exif))
        self.assertNotIn("Telephone of a clerk", make.everything_in(scan.pdf))

    def test_a_tiff_of_three_pages(self):
        for mode in ("1", "RGB"):
            scan = read_scan(make.make_tiff(3, mode))
            self.assertEqual(scan.pages, 3)
            piece = cut_pages(scan.pdf, (3,))
            with pikepdf.open(io.BytesIO(piece)) as document:
                image = pikepdf.PdfImage(document.pages[0].Resources.XObject.Im0).as_pil_image()
            image = image.convert("L")
            # The third page has the longest mark.
            self.assertLess(image.getpixel((27, 5)), 30)
            self.assertGreater(image.getpixel((40, 5)), 225)

    def test_a_hundred_megapixels_are_refused_by_the_head(self):
        decode = patch.object(Image.Image, "load", side_effect=AssertionError("decoded"))
        for size, number in (((10_000, 10_000), 100_000_000), ((20_000, 20_000), 0)):
            with decode:
                error = self._refuse(make.make_png_head(*size), "pixels")
            self.assertEqual((error.number, error.limit), (number, scan_file.MAX_PIXELS))

    def test_many_pages_that_are_large_together(self):
        with patch.object(scan_file, "MAX_TOTAL_PIXELS", 2_000_000):
            self._refuse(make.make_tiff(3), "pixels_together")
        with patch.object(scan_file, "MAX_PAGES", 2):
            self._refuse(make.make_tiff(3), "pages")

    def test_a_second_view_in_a_jpeg_is_no_page(self):
        self.assertEqual(read_scan(make.make_mpo()).pages, 1)

    def test_half_a_picture(self):
        whole = make.make_tiff()
        exif = Image.Exif()
        exif[0x010F] = "With a head of its own"
        # Odoo sets this for its own reports; without it Pillow refuses by itself.
        for lenient in (True, False):
            with patch.object(ImageFile, "LOAD_TRUNCATED_IMAGES", lenient):
                self._refuse(make.make_picture()[:3000], "broken")
                self._refuse(make.make_picture(exif=exif)[:3000], "broken")
                self._refuse(make.make_picture("PNG")[:-20], "broken")
                for length in (900, 1200):
                    self._refuse(whole[:length], "broken")

    def test_a_tiff_whose_page_is_not_all_there(self):
        content = make.make_tiff(1)
        with Image.open(io.BytesIO(content)) as image:
            size = len(content)
            self.assertTrue(scan_file._has_strips(image, size))
            image.tag_v2[279] = (size,)
            self.assertFalse(scan_file._has_strips(image, size))

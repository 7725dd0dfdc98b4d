"""Files that go with a letter, as they are printed."""

import io

import pikepdf
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from odoo.tests import BaseCase, tagged

from ..tools.enclosed_file import PAPERS, printable
from ..tools.scan_file import ScanError
from .scan_files import make_page, make_pdf
from .test_post_tools import texts


def only_page(pdf):
    """Return the size of a PDF's one page, and where its corner's word begins, in points."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        (page,) = document.pages
        assert "/Rotate" not in page.obj
        size = tuple(round(float(edge), 2) for edge in page.mediabox[2:])
        return size, _corner(page.obj, pikepdf.Matrix())


def _corner(stream, matrix):
    """Follow the forms that are drawn to the text that is shown."""
    begun = []
    for operands, operator in pikepdf.parse_content_stream(stream):
        match str(operator):
            case "q":
                begun.append(matrix)
            case "Q":
                matrix = begun.pop()
            case "cm":
                matrix = pikepdf.Matrix(*map(float, operands)) @ matrix
            case "Td":
                return tuple(
                    round(value) for value in matrix.transform(tuple(map(float, operands)))
                )
            case "Do":
                form = stream.Resources.XObject[str(operands[0])]
                if form.Subtype != pikepdf.Name.Form:
                    continue
                own = pikepdf.Matrix(form.get("/Matrix", pikepdf.Matrix()))
                found = _corner(form, own @ matrix)
                if found:
                    return found
    return None


@tagged("post_install", "-at_install")
class TestPrintable(BaseCase):
    """Pages of the letter's paper."""

    def test_a_page_of_the_same_paper_stays(self):
        size, place = only_page(printable(make_page("Corner", (612, 792))))
        self.assertEqual((size, place), ((612, 792), (5, 777)))
        size, _place = only_page(printable(make_page("Corner", (610, 791))))
        self.assertEqual(size, (610, 791))

    def test_a_larger_one_is_made_smaller(self):
        size, place = only_page(printable(make_page("Corner", (1224, 1584))))
        self.assertEqual((size, place), ((612, 792), (2, 784)))

    def test_one_of_other_paper_is_in_the_middle(self):
        size, place = only_page(printable(make_page("Corner", PAPERS["a4"])))
        scale = 792 / 841.89
        left = (612 - 595.28 * scale) / 2
        self.assertEqual(size, (612, 792))
        self.assertAlmostEqual(place[0], left + 5 * scale, delta=1)
        size, _place = only_page(printable(make_page("Corner", (612, 792)), "a4"))
        self.assertEqual(size, (595.28, 841.89))

    def test_a_small_one_is_not_enlarged(self):
        size, place = only_page(printable(make_page("Corner", (200, 300))))
        self.assertEqual((size, place), ((612, 792), (211, 531)))

    def test_one_that_lies_across_is_turned(self):
        size, place = only_page(printable(make_page("Corner", (792, 612))))
        self.assertEqual(size, (612, 792))
        self.assertGreater(place[0], 550, "its top is on the right")
        size, _place = only_page(printable(make_page("Corner", (612, 792), turn=90)))
        self.assertEqual(size, (612, 792))

    def test_one_on_its_head_is_set_up(self):
        _size, place = only_page(printable(make_page("Corner", (612, 792), turn=180)))
        self.assertEqual(place, (607, 15))

    def test_only_what_a_reader_shows(self):
        """What is cropped away is not printed across the margin of the paper."""
        page = printable(make_page("Corner", (612, 792), crop=[0, 0, 300, 792]))
        with pikepdf.open(io.BytesIO(page)) as pdf:
            (form,) = pdf.pages[0].obj.Resources.XObject.values()
            self.assertEqual([float(value) for value in form.BBox], [0, 0, 300, 792])

    def test_filled_in_fields_are_printed(self):
        with pikepdf.open(io.BytesIO(make_pdf())) as pdf:
            look = pikepdf.Stream(
                pdf, b"BT /F1 12 Tf 2 2 Td (My answer) Tj ET", BBox=[0, 0, 200, 20]
            )
            look.Type, look.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
            look.Resources = pdf.pages[0].obj.Resources
            field = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget)
            field.FT, field.T, field.F = pikepdf.Name.Tx, pikepdf.String("a"), 4
            field.Rect, field.AP = [72, 600, 272, 620], pikepdf.Dictionary(N=look)
            field = pdf.make_indirect(field)
            pdf.pages[0].obj.Annots = pikepdf.Array([field])
            pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([field]))
            output = io.BytesIO()
            pdf.save(output)
        made = printable(output.getvalue())
        self.assertIn("My answer", texts(made)[0])
        with pikepdf.open(io.BytesIO(made)) as pdf:
            self.assertNotIn("/Annots", pdf.pages[0].obj)

    def test_scripts_stay_behind(self):
        with pikepdf.open(io.BytesIO(make_pdf())) as pdf:
            pdf.Root.OpenAction = pikepdf.Dictionary(
                S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)")
            )
            output = io.BytesIO()
            pdf.save(output)
        self.assertNotIn(b"JavaScript", printable(output.getvalue()))

    def test_pictures(self):
        for kind in ("JPEG", "PNG"):
            output = io.BytesIO()
            Image.new("RGB", (1600, 1200), "teal").save(output, kind)
            size, _place = only_page(printable(output.getvalue(), "a4"))
            self.assertEqual(size, (595.28, 841.89), kind)

    def test_what_cannot_be_printed(self):
        locked = make_pdf(encryption=pikepdf.Encryption(owner="a", user="b"))
        for content, kind in ((locked, "encrypted"), (b"%PDF-no", "broken"), (b"x", "not_a_scan")):
            with self.subTest(kind=kind), self.assertRaises(ScanError) as caught:
                printable(content)
            self.assertEqual(caught.exception.kind, kind)

    @settings(max_examples=25, deadline=None)
    @given(
        st.floats(20, 3000), st.floats(20, 3000), st.sampled_from((0, 90, 180, 270)),
        st.sampled_from(sorted(PAPERS)),
    )  # fmt: skip
    def test_any_page_fits(self, width, height, turn, paper):
        page = printable(make_page("Corner", (width, height), turn=turn), paper)
        size, place = only_page(page)
        for one, other in zip(size, PAPERS[paper], strict=True):
            self.assertAlmostEqual(one, other, delta=3)
        x, y = place
        self.assertTrue(-1 <= x <= size[0] + 1 and -1 <= y <= size[1] + 1, place)

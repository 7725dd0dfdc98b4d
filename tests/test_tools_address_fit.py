"""Addresses stay within their window, label and envelope, however long their lines are."""

import html

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools.address_fit import FACE, LABEL, WINDOW, address_size, line_width
from ..tools.letter import render_pdf
from .pdf_places import text_places

PAGE = '<html lang="en"><head><title>A</title></head><body><div class="%s">%s</div></body></html>'
LINES = (
    "Ana Rivera",
    "Anna-Maria Rivera y Fernández de Córdoba",
    "ELM STREET NEIGHBORHOOD ASSOCIATION",
    "Elm Street Neighborhood Association of the Upper East Side",
    "Городская ассоциация жителей улицы Вязов",
    "W" * 45,
    "il" * 40,
    "@&%MW" * 8,
)


@tagged("post_install", "-at_install")
class TestAddressFit(BaseCase):
    """What fits is reckoned without printing, and holds when it is printed."""

    def test_sizes(self):
        for lines, size in (
            ([], ""),
            (["x" * 36], ""),
            (["x" * 39], "wide"),
            (["a", "x" * 44], "widest"),
            (["W" * 20], ""),
            (["W" * 22], "wide"),
            (["word " * 8] * 5, "wide"),
            (["word " * 12] * 5, "smallest"),
            (["word " * 12] * 3, "widest"),
            (["word " * 400], "smallest"),
        ):
            with self.subTest(lines=lines):
                self.assertEqual(address_size(lines), size)
        self.assertEqual(address_size(["x" * 36], LABEL), "widest")
        self.assertEqual(address_size(["x" * 50], FACE), "")

    def test_printed_within_the_window(self):
        """Measured in the PDF, with the widest font that may be there."""
        for paper, width in (("letter", 3.25), ("a4", 76.6 / 25.4)):
            for line in LINES:
                lines = [line, "1 Home Street", "Example 10001"]
                words = "".join(f"<p>{html.escape(one)}</p>" for one in lines)
                names = f"addressee {address_size(lines)}"
                pieces = text_places(render_pdf(PAGE % (names, words), paper))
                with self.subTest(line=line, paper=paper):
                    left = min(piece.left for piece in pieces)
                    self.assertLessEqual(max(piece.right for piece in pieces), left + width)
                    whole = "".join(piece.text for piece in pieces)
                    self.assertEqual(
                        "".join(whole.split()), "".join("".join(lines).split()), "nothing lost"
                    )

    @given(st.lists(st.text(max_size=90), max_size=5))
    def test_any_lines(self, lines):
        for frame in (WINDOW, LABEL, FACE):
            self.assertIn(address_size(lines, frame), [name for name, *_rest in frame.steps])

    @given(st.text(max_size=60), st.text(max_size=60))
    def test_longer_is_wider(self, first, second):
        self.assertGreaterEqual(line_width(first + second) + 1e-6, line_width(first))

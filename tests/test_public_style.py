import re

from odoo.tests import BaseCase, tagged
from odoo.tools import file_open

PAIRS = [
    ("text", "ground"),
    ("text", "soft"),
    ("muted", "ground"),
    ("muted", "soft"),
    ("link", "ground"),
    ("link", "soft"),
    ("on-brand", "brand"),
    ("on-brand", "header"),
    ("on-notice", "notice"),
    ("on-good", "good"),
]
# What only has to be told apart: bars, outlines (WCAG 1.4.11)
SHAPES = [
    ("brand", "soft"),
    ("brand", "ground"),
    ("focus", "ground"),
    ("focus", "soft"),
]


def luminance(colour):
    """Return the relative luminance of #rrggbb as WCAG 2.1 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other):
    """Return the contrast of two colours, from 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@tagged("post_install", "-at_install")
class TestPublicStyle(BaseCase):
    """The style sheets of the public pages."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = "constituent_services/static/src/public/"
        with (
            file_open(f"{folder}case.css") as case,
            file_open(f"{folder}layout.css") as layout,
        ):
            cls.case_css, cls.layout_css = case.read(), layout.read()

    def _colours(self, css):
        """Return the first colours a style sheet names."""
        return dict(re.findall(r"--cs-([a-z-]+): (#[0-9a-f]{6});", css))

    def _schemes(self):
        light = self._colours(self.case_css)
        dark_block = self.layout_css.split("prefers-color-scheme: dark")[1].split("\n}\n")[0]
        return {"light": light, "dark": light | self._colours(dark_block)}

    def test_contrast_of_texts(self):
        for scheme, colours in self._schemes().items():
            for text, ground in PAIRS:
                ratio = contrast(colours[text], colours[ground])
                self.assertGreaterEqual(ratio, 4.5, f"{scheme}: {text} on {ground}")

    def test_contrast_of_shapes(self):
        for scheme, colours in self._schemes().items():
            for shape, ground in SHAPES:
                ratio = contrast(colours[shape], colours[ground])
                self.assertGreaterEqual(ratio, 3, f"{scheme}: {shape} on {ground}")

    def test_dark_scheme_is_complete(self):
        schemes = self._schemes()
        self.assertNotEqual(schemes["light"]["ground"], schemes["dark"]["ground"])
        self.assertEqual(set(schemes["light"]), set(schemes["dark"]))

    def test_small_and_without_foreign_sources(self):
        css = self.case_css + self.layout_css
        self.assertLess(len(css), 15_000)
        for word in ("@import", "url(", "http:", "https:"):
            self.assertNotIn(word, css)

    def test_focus_is_visible(self):
        self.assertIn(":focus-visible", self.case_css)
        self.assertNotRegex(self.case_css, r"outline:\s*(none|0)")

    def test_contrast_is_computed_right(self):
        self.assertAlmostEqual(contrast("#000000", "#ffffff"), 21)
        self.assertAlmostEqual(contrast("#777777", "#ffffff"), 4.48, places=2)

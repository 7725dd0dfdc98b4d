from odoo import api, models
from odoo.tools import LazyTranslate

from ..tools.page_ranges import format_ranges

_lt = LazyTranslate(__name__)

# What is wrong with a file
FILE_SENTENCES = {
    "empty": _lt("%(file)s is empty. Scan it again."),
    "large": _lt(
        "%(file)s has %(size)s MB; at most %(limit)s MB are taken. Scan at 200 or 300 dpi in "
        "black and white, or in several files. An administrator can raise the limit by the "
        "system parameter constituent_services.scan_max_mb."
    ),
    "not_a_scan": _lt(
        "%(file)s is no scan: it is neither a PDF nor a picture (JPEG, PNG, TIFF), whatever "
        "its name says."
    ),
    "encrypted": _lt("%(file)s asks for a password. Save it without one, or print and scan it."),
    "broken": _lt(
        "%(file)s is damaged and cannot be repaired here. Scan it again, or print it to a new PDF."
    ),
    "pages": _lt(
        "%(file)s has %(number)s pages; at most %(limit)s are taken at once. Scan it in "
        "several files."
    ),
    "pixels": _lt(
        "%(file)s holds a picture of more than %(limit)s megapixels, larger than a page at "
        "600 dpi. Scan it at 300 dpi."
    ),
    "pixels_together": _lt(
        "The pictures in %(file)s have more than %(limit)s megapixels together. Scan at "
        "300 dpi, or in several files."
    ),
}
# What is wrong with the pages of a piece
RANGE_SENTENCES = {
    "empty": _lt("Letter %(piece)s: say which pages it has, such as 1-2 or 3."),
    "not_pages": _lt(
        "Letter %(piece)s: “%(what)s” is no page. Write 1-2, or 4-6, 8 for pages that are not "
        "together."
    ),
    "outside": _lt("Letter %(piece)s: the scan has no page %(what)s; its last one is %(total)s."),
    "backwards": _lt("Letter %(piece)s: “%(what)s” ends before it begins."),
    "twice": _lt("Letter %(piece)s names page %(what)s twice."),
}


class ConstituentScan(models.Model):
    """What is said of a file and of page ranges."""

    _name = "constituent.scan"
    _inherit = "constituent.scan"

    @api.model
    def _file_sentence(self, error, name):
        """Return what is wrong with a file, and what to do.

        :param ScanError error: what was found
        :param str name: of the file, as the user knows it
        """
        million = 1 if error.kind == "pages" else 1_000_000
        # An empty name is the browser's; a sentence needs a subject.
        values = {
            "file": f"“{name}”" if name else self.env._("The file"),
            "size": f"{error.number / 1_000_000:.1f}",
            "number": error.number,
            "limit": error.limit // million,
        }
        # pylint: disable-next=translation-not-lazy
        return self.env._(FILE_SENTENCES[error.kind]) % values

    def _range_sentence(self, error):
        """Return what is wrong with the pages of a piece.

        :param PageRangeError error: from `plan_pieces`
        """
        self.ensure_one()
        # pylint: disable-next=translation-not-lazy
        return self.env._(RANGE_SENTENCES[error.kind]) % {
            "piece": error.piece + 1,
            "what": error.what,
            "total": self.page_count,
        }

    def _shared_sentence(self, plan):
        """Return which pages several pieces ask for, False when there are none."""
        if not plan.shared:
            return False
        by_pieces = {}
        for page, pieces in plan.shared.items():
            by_pieces.setdefault(pieces, []).append(page)
        return "\n".join(
            self.env._(
                "Letters %(pieces)s have the same pages: %(pages)s.",
                pieces=", ".join(str(piece + 1) for piece in pieces),
                pages=format_ranges(pages),
            )
            for pieces, pages in by_pieces.items()
        )

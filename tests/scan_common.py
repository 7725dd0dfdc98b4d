"""A mail room: scans of letters, and the cases they belong to."""

import base64

from odoo.fields import Command

from . import scan_files as make
from .common import ConstituentSetup


class ScanSetup(ConstituentSetup):
    """Class set-up shared by the tests of paper: mixed in before Odoo's test case."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Scan = cls.env["constituent.scan"]
        cls.Letter = cls.env["constituent.correspondence"]

    @classmethod
    def _make_scan(cls, user=None, content=None, pages=1, pieces=None, **vals):
        """Upload a scan as a clerk.

        :param list pieces: values of its letters; one of all pages when not given
        """
        content = make.make_pdf(pages) if content is None else content
        values = {"file": base64.b64encode(content), "file_name": "morning post.pdf", **vals}
        if pieces:
            values["piece_ids"] = [Command.create(piece) for piece in pieces]
        return cls.Scan.with_user(user or cls.clerk).create(values)

    @classmethod
    def _make_received(cls, user=None, **piece):
        """Register a scan of one letter; return the letter, as its clerk sees it."""
        scan = cls._make_scan(user=user)
        scan.piece_ids.write({"subject": "The lamp is out", **piece})
        scan.action_register()
        return scan.piece_ids.correspondence_id

    def _stored(self, scan, name="file"):
        return self.env["ir.attachment"].search(
            [
                ("res_model", "=", "constituent.scan"),
                ("res_id", "=", scan.id),
                ("res_field", "=", name),
            ]
        )

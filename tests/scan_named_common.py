"""A case of another department, and letters that name it."""

import json

from .letter_common import LetterSetup
from .scan_common import ScanSetup

SECRET = "A testtree nobody at the desk hears of"


class NamedSetup(ScanSetup, LetterSetup):
    """A case of the Parks Department, which a clerk does not see."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hers = cls._make_case(name=SECRET, user_id=cls.other_caseworker.id)
        cls.other = cls.env["res.partner"].create(
            {"name": "Olga Lind", "street": "7 Elm Street", "city": "Example", "zip": "10002"}
        )

    @classmethod
    def _make_contact(cls, **vals):
        return cls.env["res.partner"].create({"name": "Somebody", **vals})

    def _register(self, user=None, number=None, **vals):
        """Register a scan of one letter that names the case; return its piece."""
        piece = {"pages": "1", "subject": "My lamp", "case_number": number or self.hers.number}
        scan = self._make_scan(user=user, pieces=[{**piece, **vals}])
        scan.action_register()
        return scan.piece_ids

    def _assert_joined(self, piece, case=None):
        case = case or self.hers
        self.assertTrue(piece.joined_by_number)
        self.assertEqual(piece.sudo().correspondence_id.case_id, case)

    def _assert_new(self, piece):
        """Check that the letter became a case of its own, with a note for who sorts it."""
        self.assertFalse(piece.joined_by_number)
        case = piece.case_id
        self.assertNotIn(case, self.hers | self.case)
        self.assertEqual(case.create_uid, piece.create_uid)
        note = case.message_ids.filtered(lambda one: "was found that knows" in one.body)
        self.assertEqual(len(note), 1)
        self.assertIn(piece.case_number, note.body)
        self.assertTrue(note.subtype_id.internal, "nobody outside reads it")
        return note

    def _texts(self, records):
        """Return all that somebody reads of records, links by name included."""
        return json.dumps([record.read() for record in records], default=str)

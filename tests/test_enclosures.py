"""Files that go with a letter."""

import pikepdf

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from ..models import constituent_correspondence_enclosure as enclosure
from .common import ConstituentCommon
from .letter_common import LetterSetup, make_logo
from .scan_files import make_pdf

PDF = make_pdf()


@tagged("post_install", "-at_install")
class TestEnclosures(LetterSetup, ConstituentCommon):
    def _file(self, name="Plan.pdf", raw=PDF, user=None, **vals):
        vals = {"res_model": "constituent.correspondence", "res_id": 0, **vals}
        attachments = self.env["ir.attachment"].with_user(user or self.caseworker)
        return attachments.create({"name": name, "raw": raw, **vals})

    def _with(self, *files, **vals):
        ids = [file.id for file in files]
        return self._make_letter(enclosure_file_ids=[Command.set(ids)], **vals)

    def _approve(self, letter):
        letter.action_submit()
        letter.action_approve()
        return letter

    def test_named_under_the_letter_once(self):
        letter = self._with(self._file(), self._file("Map.png", make_logo()), enclosures="plan")
        self.assertEqual(letter._letter_values()["enclosures"], ["plan", "Map"])

    def test_a_title_in_place_of_the_file_name(self):
        photo = self._file("IMG_2044.png", make_logo())
        letter = self._with(photo, self._file())
        letter.write(
            {
                "enclosure_file_ids": [
                    Command.update(photo.id, {"description": "Photo of\nthe hole "})
                ]
            }
        )
        self.assertEqual(letter._letter_values()["enclosures"], ["Photo of the hole", "Plan"])
        letter.enclosures = "photo of the hole"
        self.assertEqual(letter._letter_values()["enclosures"], ["photo of the hole", "Plan"])
        letter.enclosures = "img_2044"
        self.assertEqual(letter._letter_values()["enclosures"], ["img_2044", "Plan"])

    def test_another_title_asks_for_another_approval(self):
        photo = self._file("IMG_2044.png", make_logo())
        letter = self._approve(self._with(photo))
        letter.write({"enclosure_file_ids": [Command.update(photo.id, {"description": "Hole"})]})
        self.assertEqual(letter.state, "draft")
        letter = self._approve(self._with(self._file("Other.png", make_logo())))
        letter.enclosure_file_ids.description = "Behind its back"
        self.assertEqual(letter.action_send()["params"]["type"], "danger")
        self._approve(letter).action_send()
        with self.assertRaises(UserError):
            letter.sudo().enclosure_file_ids.description = "Afterwards"

    def test_the_title_of_a_copied_file_stays(self):
        file = self._file(
            res_model="constituent.case", res_id=self.case.id, description="Plan of the street"
        )
        letter = self._approve(self._with(file))
        letter.action_send()
        self.assertNotEqual(letter.sudo().enclosure_file_ids, file)
        self.assertEqual(letter._letter_values()["enclosures"], ["Plan of the street"])

    def test_mailed_and_sealed_with_it(self):
        file = self._file()
        letter = self._approve(self._with(file, medium="email"))
        letter.action_send()
        self.assertEqual((file.sudo().res_id, file.sudo().constituent_sealed), (letter.id, True))
        content = letter._delivery_content(letter.sudo().delivery_ids)
        names = [name for name, _raw, _kind in content["attachments"]]
        self.assertEqual(names, [f"{letter.reference}.pdf", "Plan.pdf"])
        self.assertEqual(content["attachments"][1][1], PDF)
        with self.assertRaises(UserError):
            file.sudo().raw = b"other"
        with self.assertRaises(UserError):
            letter.enclosure_file_ids = False

    def test_a_file_of_the_case_is_copied(self):
        file = self._file(res_model="constituent.case", res_id=self.case.id)
        letter = self._approve(self._with(file))
        letter.action_send()
        kept = letter.sudo().enclosure_file_ids
        self.assertNotEqual(kept, file)
        self.assertEqual((kept.raw, kept.res_id, kept.constituent_sealed), (PDF, letter.id, True))
        self.assertFalse(file.sudo().constituent_sealed)

    def test_copies_are_what_was_approved(self):
        of_case = self._file("B.pdf", res_model="constituent.case", res_id=self.case.id)
        letter = self._approve(self._with(of_case, self._file("C.pdf", PDF + b" ")))
        letter._keep_enclosures()
        self.assertTrue(letter._is_approved(), "no DRAFT across what is sent")
        self.assertEqual(letter._letter_values()["enclosures"], ["B", "C"])

    def test_another_file_asks_for_another_approval(self):
        letter = self._approve(self._with(self._file()))
        letter.enclosure_file_ids = [Command.link(self._file("More.pdf").id)]
        self.assertEqual(letter.state, "draft")

    def test_another_content_behind_the_name(self):
        file = self._file()
        letter = self._approve(self._with(file))
        file.raw = PDF + b"\n"
        answer = letter.action_send()
        self.assertEqual(answer["params"]["type"], "danger")
        self.assertEqual(letter.state, "draft")

    def test_refused_kinds_and_sizes(self):
        for name, raw in (("x.exe", b"MZ\x00\x01"), ("x.pdf", b"<script>"), ("x.svg", b"<svg/>")):
            with self.subTest(name=name), self.assertRaisesRegex(ValidationError, "neither PDF"):
                self._with(self._file(name, raw))
        link = self._file(raw=False, type="url", url="https://example.org/x.pdf")
        with self.assertRaisesRegex(ValidationError, "neither PDF"):
            self._with(link)
        self.patch(enclosure, "MAX_BYTES", 100)
        with self.assertRaisesRegex(ValidationError, "mail servers take"):
            self._with(self._file(), self._file())

    def test_what_nobody_can_open_is_not_enclosed(self):
        locked = make_pdf(encryption=pikepdf.Encryption(owner="a", user="b"))
        for raw, sentence in ((locked, "“Plan.pdf” asks for a password"), (PDF[:60], "damaged")):
            with self.subTest(sentence=sentence), self.assertRaisesRegex(ValidationError, sentence):
                self._with(self._file(raw=raw))
        half = make_logo()[:-40]
        with self.assertRaisesRegex(ValidationError, "“Map.png” is damaged"):
            self._with(self._file("Map.png", half))

    def test_files_of_others_are_not_enclosed(self):
        hidden = self._make_case(name="testtree", confidentiality="restricted")
        file = self._file(user=self.confidant, res_model=hidden._name, res_id=hidden.id)
        for user in (self.caseworker, self.clerk, self.coordinator):
            with self.assertRaises(AccessError):
                self._with(file, user=user, case_id=False)

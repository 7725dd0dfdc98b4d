"""Links to documents of cases and letters: they open nothing that their reader may not."""

import base64
import json

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from . import scan_files as make
from .common import ConstituentCommon
from .letter_common import LetterSetup, make_logo
from .scan_common import ScanSetup

QUIET = ("odoo.http", "odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_binary")


class DocumentSetup(LetterSetup, ScanSetup):
    """A document at a case and a picture in a letter, with tokens as Odoo makes them."""

    def _attach(self, record, content=None, name="secret.pdf"):
        return self.env["ir.attachment"].create(
            {
                "name": name,
                "raw": content or make.make_pdf(1),
                "res_model": record._name,
                "res_id": record.id,
            }
        )

    def _give_token(self, attachment, token="known"):
        """Give a token past the refusals, as one that is there from before."""
        self.env.flush_all()
        self.cr.execute(
            "UPDATE ir_attachment SET access_token = %s WHERE id = %s", [token, attachment.id]
        )
        attachment.invalidate_recordset(["access_token"])
        return token


@tagged("post_install", "-at_install")
class TestDocumentLinks(DocumentSetup, HttpCase):
    """Over the wire, with a login and without."""

    def _opened(self, login, address):
        self.authenticate(login, login)
        response = self.url_open(address)
        return response.status_code == 200 and response.content[:4] in (b"%PDF", b"\x89PNG")

    def _addresses(self, attachment):
        raw, owner = attachment._get_raw_access_token(), attachment._get_ownership_token()
        token = self._give_token(attachment)
        self.env.flush_all()
        return {
            "token": f"/web/content/{attachment.id}?access_token={token}",
            "model": f"/web/content/ir.attachment/{attachment.id}/raw?access_token={token}",
            "Odoo's": f"/web/content/{attachment.id}?access_token={raw}",
            "first page": f"/mail/attachment/pdf_first_page/{attachment.id}?access_token={owner}",
        }

    @mute_logger(*QUIET)
    def test_no_token_opens_a_document_without_a_login(self):
        letter = self._make_sent()
        scan = self._make_scan()
        stored = self._stored(scan)
        self.assertTrue(stored)
        for attachment in (letter.document_id, stored, self._attach(self.case)):
            for name, address in self._addresses(attachment.sudo()).items():
                for login in (None, "t_portal", "t_internal", "t_other_caseworker"):
                    with self.subTest(model=attachment.res_model, link=name, login=login):
                        self.assertFalse(self._opened(login, address))

    @mute_logger(*QUIET)
    def test_no_token_outlives_a_right(self):
        document = self._attach(self.case)
        addresses = self._addresses(document)
        for name, address in addresses.items():
            with self.subTest(link=name):
                self.assertTrue(self._opened("t_coordinator", address))
        self.case.with_user(self.confidant).confidentiality = "restricted"
        self.env.flush_all()
        for name, address in addresses.items():
            with self.subTest(link=name):
                self.assertFalse(self._opened("t_coordinator", address))
                self.assertTrue(self._opened("t_confidant", address))

    @mute_logger(*QUIET)
    def test_who_may_read_it_opens_it_by_any_link(self):
        picture = self._attach(self.case, make_logo(), "p.png")
        for link in ("", "?access_token=", "?access_token=wrong", "?access_token=known"):
            for route in ("image", "content"):
                address = f"/web/{route}/{picture.id}{link}"
                with self.subTest(address=address):
                    self.assertTrue(self._opened("t_caseworker", address))

    @mute_logger(*QUIET)
    def test_previews_of_the_chatter(self):
        document = self._attach(self.case)
        document.thumbnail = base64.b64encode(make_logo())
        thumbnail = document._get_thumbnail_token()
        address = f"/web/image/{document.id}/thumbnail?access_token={thumbnail}"
        self.env.flush_all()
        # Who may not gets Odoo's placeholder.
        self.authenticate("t_caseworker", "t_caseworker")
        shown = self.url_open(address).content
        self.authenticate(None, None)
        self.assertNotEqual(self.url_open(address).content, shown)

    @mute_logger(*QUIET)
    def test_other_documents_keep_their_links(self):
        contact = self.env["res.partner"].create({"name": "Somebody"})
        document = self._attach(contact)
        for name, address in self._addresses(document).items():
            with self.subTest(link=name):
                self.assertTrue(self._opened(None, address))
        (token,) = document.with_user(self.env.user).generate_access_token()
        self.assertEqual(token, "known")

    @mute_logger(*QUIET)
    def test_nobody_changes_a_document_by_a_token(self):
        document = self._attach(self.case)
        token = document._get_ownership_token()
        self.env.flush_all()
        self.authenticate(None, None)
        for route, more in (("delete", {}), ("update_thumbnail", {"thumbnail": "x"})):
            params = {"attachment_id": document.id, "access_token": token, **more}
            self.url_open(
                f"/mail/attachment/{route}",
                data=json.dumps({"params": params}),
                headers={"Content-Type": "application/json"},
            )
        self.env.invalidate_all()
        self.assertTrue(document.exists())
        self.assertFalse(document.thumbnail)


@tagged("post_install", "-at_install")
class TestDocumentTokens(DocumentSetup, ConstituentCommon):
    """Making tokens, and what mail has with it instead."""

    def test_users_make_no_tokens(self):
        document = self._attach(self.case).with_user(self.coordinator)
        for value in ("aaaa", "x"):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                document.write({"access_token": value})
        self.assertEqual(document.generate_access_token(), [""])
        other = self._attach(self.env["res.partner"].create({"name": "Somebody"}))
        first, second = (document.sudo() | other).generate_access_token()
        self.assertFalse(first)
        self.assertTrue(second)
        self.assertEqual(other.access_token, second)
        self.assertFalse(document.access_token)

    def test_a_letter_keeps_the_editors_picture(self):
        letter = self._make_letter()
        picture = self._attach(letter, make_logo(), "p.png").with_user(self.caseworker)
        (token,) = picture.generate_access_token()
        letter.body = f'<p><img src="/web/image/{picture.id}?access_token={token}"></p>'
        self.assertTrue(letter._letter_pdf().startswith(b"%PDF"))

    def _send(self, body, user=None, record=None, **kwargs):
        """Post a message to Ana; return the mail that goes out, as it is built."""
        record = record or self.case
        with self.mock_mail_gateway(), self.mock_mail_app():
            record.with_user(user or self.caseworker).message_post(
                body=body,
                body_is_html=True,
                partner_ids=self.resident.ids,
                subtype_xmlid="mail.mt_comment",
                **kwargs,
            )
            mails = self._new_mails.filtered(lambda mail: self.resident in mail.recipient_ids)
            (prepared,) = mails._prepare_outgoing_list()
        return prepared

    def test_pictures_go_within_the_mail(self):
        picture = base64.b64encode(make_logo()).decode()
        prepared = self._send(f'<p>See <img src="data:image/png;base64,{picture}"> here</p>')
        self.assertNotIn("/web/image", prepared["body"])
        ((name, content, mimetype),) = prepared["attachments"]
        self.assertEqual((content, mimetype), (make_logo(), "image/png"))
        message = self.env["ir.mail_server"]._build_email__(
            "city@example.org", ["a@example.org"], "s", prepared["body"], subtype="html",
            attachments=[*prepared["attachments"], ("other.png", content, mimetype)],
        )  # fmt: skip
        inside, other = message.iter_attachments()
        self.assertIn(f'src="cid:{inside["Content-ID"][1:-1]}"', prepared["body"])
        self.assertEqual(inside.get_content_disposition(), "inline")
        self.assertEqual(inside.get_filename(), name)
        self.assertEqual(inside.get_content(), content)
        self.assertFalse(other["Content-ID"])
        self.assertEqual(other.get_content_disposition(), "attachment")

    def test_files_go_with_the_mail_however_large(self):
        self.env["ir.config_parameter"].set_param("base.default_max_email_size", "0.001")
        document = self._attach(self.case).with_user(self.caseworker)
        link = f'<a href="/web/content/{document.id}?access_token=x">The plan</a>'
        for body in ("<p>See the plan.</p>", f"<p>{link}</p>"):
            prepared = self._send(body, attachment_ids=document.ids)
            with self.subTest(body=body):
                names = [name for name, _content, _mimetype in prepared["attachments"]]
                self.assertEqual(names, ["secret.pdf"])
                self.assertEqual(prepared["body"].count("access_token="), body.count("access_"))

    def test_nothing_out_of_the_authors_sight_goes_along(self):
        secret = self._make_case(confidentiality="restricted")
        hidden = self._attach(secret, make_logo(), "hidden.png")
        own = self._attach(self.case, make_logo(), "own.png")
        body = "".join(f'<img src="/web/image/{file.id}">' for file in (hidden, own))
        prepared = self._send(body)
        self.assertEqual(len(prepared["attachments"]), 1)
        self.assertIn(f"/web/image/{hidden.id}", prepared["body"])
        self.assertNotIn(f"/web/image/{own.id}", prepared["body"])
        # By the gateway: whoever takes the mail in, what it links to is its writer's choice.
        outsider = self.env["res.partner"].create({"name": "Mallory", "email": "m@example.net"})
        prepared = self._send(body, user=self.confidant, author_id=outsider.id)
        self.assertFalse(prepared["attachments"])

    def test_other_mail_is_as_it_was(self):
        contact = self.env["res.partner"].create({"name": "Somebody"})
        document = self._attach(contact, make_logo(), "p.png")
        body = f'<p><img src="/web/image/{document.id}?access_token=x"></p>'
        prepared = self._send(body, user=self.env.user, record=contact)
        self.assertIn(f"/web/image/{document.id}?access_token=x", prepared["body"])
        self.assertFalse(prepared["attachments"])

"""Sending mail to the office, as tests do it."""

from email.message import EmailMessage
from itertools import count

from .common import ConstituentCommon

_NUMBERS = count(1)


class InboundCommon(ConstituentCommon):
    """A gateway that takes mail in transactions of its own, as the real one does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Inbound = cls.env["constituent.inbound.mail"]
        cls.streets_address = f"t-streets@{cls.alias_domain}"
        cls.office_address = f"t-311@{cls.alias_domain}"
        cls.parks.alias_name = "t-parks"
        cls.parks_address = f"t-parks@{cls.alias_domain}"
        cls.official = cls.env["res.partner"].create(
            {
                "name": "Councilmember Lee",
                "email": "lee@council.example",
                "is_constituent": True,
                "constituent_role": "elected_official",
            }
        )
        cls.env["ir.config_parameter"].set_param(
            "constituent_services.authserv_id", "mx.city.example"
        )

    def _mail(self, body="Please mend it.", html=None, attachments=(), **heads):
        """Return the bytes of a message; heads by name, with _ for the hyphen."""
        message = EmailMessage()
        values = {
            "From": "Ana Rivera <ana.rivera@example.org>",
            "To": self.streets_address,
            "Subject": "A testpothole",
            "Message-ID": f"<test-{next(_NUMBERS)}@example.org>",
            "Date": "Sat, 21 Nov 2026 09:00:00 -0500",
            **{name.replace("_", "-"): value for name, value in heads.items()},
        }
        for name, value in values.items():
            if value is not None:
                message[name] = value
        message.set_content(body)
        if html:
            message.add_alternative(html, subtype="html")
        for name, content in attachments:
            message.add_attachment(
                content, maintype="application", subtype="octet-stream", filename=name
            )
        return message.as_bytes()

    def _take(self, raw, model=False, **kwargs):
        """Run a message through the gateway and return its row of the register."""
        before = self.Inbound.sudo().search([], limit=1).id or 0
        with self.enter_registry_test_mode():
            self.result = self.env["mail.thread"].message_process(model, raw, **kwargs)
        rows = self.Inbound.search([("id", ">", before)], order="id")
        self.assertNotIn("received", rows.mapped("state"))
        return rows

    def _send(self, body="Please mend it.", **heads):
        """Write a message, run it through the gateway and return its row."""
        return self._take(self._mail(body, **heads))

    def _notes(self, case, kind="message"):
        events = case.event_ids.filtered(lambda event: event.kind == kind)
        return "\n".join(events.mapped("note"))

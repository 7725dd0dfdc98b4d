"""One acknowledgement that names several cases.

    cases._acknowledge_together()

`cases` are cases of one batch or of one sender, in the same transaction as their intake
or later. The acknowledgements that the intake has queued stay what they are (who is told,
in which language, by which notice); here those of the same reader become one mail: the
first speaks for the others, which are marked as not sent with the reason. What was
acknowledged before is named again, so that the reader has all numbers in one place. A
mail that is on its way already is left alone, and so is a reader with one case only, a
department, and who stopped the notices. Nothing is queued that was not queued before:
automatic and imported reports stay unanswered. Calling it twice changes nothing.

How the mail is made and what it leaves out is in ``constituent_delivery_together.py``.
"""

from odoo import models

TOGETHER = ("constituent", "referrer")


class ConstituentCase(models.Model):
    """One acknowledgement for several cases of the same reader."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    def _acknowledge_together(self):
        """Let each reader of these cases have one acknowledgement with all numbers.

        :return: the constituent.delivery records that name several cases now
        """
        # Who enters or splits a case has no right to outgoing mail and tokens.
        # What was diverted is acknowledged in words of its own, or not at all.
        cases_sudo = self.sudo().filtered(
            lambda case: (
                not case.diversion_id
                and not case.alarm_id
                and case.confidentiality != "restricted"  # other cases' files would tell of it
            )
        )
        deliveries_sudo = self.env["constituent.delivery"].sudo()
        queued_sudo = deliveries_sudo.search(
            [
                ("case_id", "in", cases_sudo.ids),
                ("event", "=", "received"),
                ("audience", "in", TOGETHER),
                ("state", "=", "queued"),
                ("resend_of_id", "=", False),
            ],
            order="id",
        ).try_lock_for_update()
        # As above.
        known = self.env["constituent.case.subscription"].sudo()._by_case(cases_sudo)
        groups = []
        for (company, _email, _audience), mails_sudo in queued_sudo.grouped(
            lambda mail: (mail.company_id, mail.email, mail.audience)
        ).items():
            named_sudo = cases_sudo._named_to(mails_sudo, known).filtered(
                lambda case, company=company: case.company_id == company
            )
            if len(named_sudo) > 1:
                groups.append((mails_sudo.sorted(lambda mail: mail.case_id.id), named_sudo))
        deliveries_sudo._join(groups)
        return self.env["constituent.delivery"].union(*(mails[:1] for mails, _cases in groups))

    def _named_to(self, deliveries, known):
        """Return the cases a reader's one mail names.

        :param deliveries: the reader's queued acknowledgements, with superuser rights
        :param dict known: as ``constituent.case.subscription._by_case`` gives it
        :return: the cases of these mails, and others acknowledged to the reader before
        """
        email, audience = deliveries[0].email, deliveries[0].audience
        named = deliveries.case_id | deliveries.also_case_ids
        for case in self - named:
            subscription = known[case.id].get(email)
            if not (subscription and subscription.active and case.status != "closed"):
                continue
            readers = case._notice_readers(audience, known[case.id])
            told = case.delivery_ids.filtered(
                lambda mail: mail.email == email and mail.event == "received"
            )
            if told and any(reader.email == email for reader in readers):
                named |= case
        return named.sorted("id")

from odoo import api, fields, models


class ConstituentDelivery(models.Model):
    """One mail that names several cases of its reader.

    Made of single acknowledgements by ``constituent.case._acknowledge_together``. What
    may be told is decided case by case when it is sent: a reader who stopped one of
    them, or one that was restricted since, is left out; the others are named.
    """

    _name = "constituent.delivery"
    _inherit = "constituent.delivery"

    also_case_ids = fields.Many2many(
        "constituent.case",
        "constituent_delivery_also_case_rel",
        "delivery_id",
        "case_id",
        string="Also Names",
        readonly=True,
        help="Further cases of the same reader that this one mail acknowledges.",
    )

    def _together_told(self):
        """Return what the mail may tell now.

        :return list: (case, the reader's subscription) pairs, the oldest case first
        """
        self.ensure_one()
        cases = (self.case_id | self.also_case_ids).sorted("id")
        known = self.env["constituent.case.subscription"]._by_case(cases)
        told = []
        for case in cases:
            subscription = known[case.id].get(self.email)
            if len(cases) > 1 and case.confidentiality == "restricted":
                continue  # since then: the others' files would tell of it
            if subscription and not self._refusal_of_case(case, subscription):
                told.append((case, subscription))
        return told

    def _refusal(self):
        """Return why nothing is sent: of several cases, only when none may be told."""
        if not self.also_case_ids:
            return super()._refusal()
        told = self._together_told()
        if not told:
            return super()._refusal() or self.env._("None of these cases is told of any more.")
        # What speaks against the reader or the notice speaks against all of them.
        first_case, first_subscription = told[0]
        if self.case_id != first_case:
            self.write(
                {
                    "case_id": first_case.id,
                    "subscription_id": first_subscription.id,
                    "also_case_ids": [
                        fields.Command.set([case.id for case, _subscription in told[1:]])
                    ],
                }
            )
        return super()._refusal()

    def _notice_content(self):
        """Name each case with its date, its link and its own stop."""
        if not self.also_case_ids:
            return super()._notice_content()
        delivery = self._in_reader_lang()
        notices = [
            case._notice_values(delivery.audience, subscription)
            for case, subscription in delivery._together_told()
        ]
        template = self.env.ref("constituent_services.mail_template_received_together")
        # The foot's stop is of one case: here each has its own.
        notice = {
            **notices[0],
            "stop_url": "",
            "matters": self.env["ir.qweb"]
            .with_context(lang=delivery.env.lang)
            ._render("constituent_services.notice_matters", {"notices": notices}),
        }
        subject, text, page = delivery._notice_page(template, delivery.case_id, notice)
        return {
            "subject": subject,
            "body_html": page,
            "chatter": self._without_links(text, notices),
            "headers": self._notice_headers(notice),
            "reply_to": self._reply_address(),
        }

    def _record_notice(self, content):
        """Write into each case that it was acknowledged; answers belong to the first."""
        if not self.also_case_ids:
            return super()._record_notice(content)
        for case, _subscription in self._together_told():
            message_id = self.message_id if case == self.case_id else False
            self._record_notice_of(case, content, message_id)
        return None

    @api.model
    def _join(self, groups):
        """Let one queued mail of each group speak for the others.

        :param list groups: (deliveries that are queued, cases to name) pairs
        """
        for deliveries, cases in groups:
            carrier, rest = deliveries[0], deliveries[1:]
            carrier.also_case_ids = cases - carrier.case_id
            rest.write(
                {
                    "state": "cancelled",
                    "error": self.env._(
                        "Named in one mail together with %(number)s.", number=carrier.case_id.number
                    ),
                }
            )

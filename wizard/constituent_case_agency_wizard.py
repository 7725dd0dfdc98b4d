from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError


class ConstituentCaseAgencyWizard(models.TransientModel):
    """Refer a case to an outside agency, with what the constituent allows to be passed on."""

    _name = "constituent.case.agency.wizard"
    _inherit = ["constituent.wizard.mixin"]
    _description = "Refer to an Agency"

    case_ids = fields.Many2many("constituent.case", string="Cases", required=True)
    case_id = fields.Many2one("constituent.case", compute="_compute_case_id")
    partner_id = fields.Many2one(
        "res.partner",
        string="Agency",
        required=True,
        domain="[('constituent_role', '=', 'agency')]",
    )
    share_words = fields.Boolean(string="What They Said", default=True)
    share_place = fields.Boolean(string="The Place of the Matter", default=True)
    may_share_contact = fields.Boolean(compute="_compute_case_id")
    share_contact = fields.Boolean(string="Name and How to Reach Them")
    note = fields.Text(string="Your Words", help="What you ask of the agency.")

    @api.depends("case_ids")
    def _compute_case_id(self):
        for wizard in self:
            wizard.case_id = wizard.case_ids[:1]
            wizard.may_share_contact = wizard.case_id._contact_may_be_shared()

    def action_draft(self):
        """Draft the letter to the agency; it is sent like any other.

        :return dict: the action that opens the draft
        :raises UserError: no permission to pass on the contact
        """
        self.ensure_one()
        case = self.case_ids.ensure_one()
        case.check_access("write")
        if self.share_contact and not case._contact_may_be_shared():
            raise UserError(
                self.env._(
                    "Nobody has allowed that name and contact of %(number)s are passed on.",
                    number=case.number,
                )
            )
        agency = self.partner_id
        department = case.department_id or case.company_id.constituent_department_id
        letter = self.env["constituent.correspondence"].create(
            {
                "case_id": case.id,
                "partner_id": agency.id,
                "company_id": case.company_id.id,
                "department_id": department.id,
                "medium": "email" if agency.email else "post",
                "subject": case._agency_subject(),
                "body": self._body(case.with_context(lang=agency.lang or self.env.lang)),
            }
        )
        return letter._get_records_action()

    def _body(self, case):
        """Return the text: what is asked, and the facts that may be passed on."""
        text = Markup("<p>%s</p>") % (
            self.note or case.env._("We refer the matter below to you and ask for your answer.")
        )
        facts = case._agency_facts(self.share_words, self.share_place, self.share_contact)
        for label, value in facts:
            text += Markup("<p><strong>%s</strong><br/>%s</p>") % (label, value)
        return text

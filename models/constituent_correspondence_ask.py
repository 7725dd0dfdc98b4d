from odoo import api, fields, models
from odoo.tools import format_datetime

ACTIVITY = "constituent_services.mail_activity_type_approval"


class ConstituentCorrespondence(models.Model):
    """Whom a letter asks for a decision, and what was decided so far, for people."""

    _name = "constituent.correspondence"
    _inherit = "constituent.correspondence"

    approval_trail = fields.Html(
        string="Decisions",
        compute="_compute_approval_trail",
        sanitize=False,
        help="The decisions on the letter, the newest first.",
    )
    approval_note = fields.Char(compute="_compute_approval_note")

    def _ask_for_decision(self):
        """Give each who has to decide an activity; without a mail of its own."""
        for letter in self:
            # Who submits a letter may ask colleagues whom they cannot open.
            letter_sudo = letter.sudo().with_context(mail_activity_quick_update=True)
            for user in letter_sudo.waiting_for_ids - self.env.user:
                letter_sudo.activity_schedule(ACTIVITY, user_id=user.id)

    def _forget_activities(self):
        """Take the questions back: decided, withdrawn or changed."""
        # They are the letter's, whoever was asked.
        self.sudo().activity_unlink([ACTIVITY])

    @api.depends("approval_ids")
    def _compute_approval_trail(self):
        for letter in self:
            # Who may read a letter may know who decided on it.
            rows_sudo = letter.sudo().approval_ids
            letter.approval_trail = rows_sudo and letter._render_page(
                "approval_trail",
                {
                    "rows": rows_sudo,
                    "labels": self._decision_labels(),
                    "when": lambda moment: format_datetime(self.env, moment),
                },
            )

    @api.model
    def _decision_labels(self):
        field = self.env["constituent.approval"]._fields["decision"]
        return dict(field._description_selection(self.env))

    def action_read_and_decide(self):
        """Open the window in which letters are read, one below the other, and decided on.

        :return dict: a window action
        :raises UserError: none waits for the user, or too many
        """
        return self.env["constituent.approval.wizard"]._open_for(self)

    def _reading_page(self):
        """Return the letter as it is read before a decision: what will be printed, as HTML."""
        self.ensure_one()
        return self._render_page("letter_reading", {"v": self._letter_values(), "letter": self})

    @api.model
    def _render_page(self, name, values):
        return self.env["ir.qweb"]._render(f"constituent_services.{name}", values)

    @api.depends("state", "waiting_for_ids", "approved_digest")
    @api.depends_context("uid")
    def _compute_approval_note(self):
        for letter in self:
            note = False
            # Whom it waits for is shown, whichever users the reader may open.
            people_sudo = letter.sudo().waiting_for_ids
            if letter.state == "to_approve" and people_sudo:
                note = self.env._(
                    "Waits for %(people)s.", people=", ".join(people_sudo.mapped("name"))
                )
            elif letter.state == "approved" and isinstance(letter.id, int):
                if not letter._is_approved():
                    note = self.env._(
                        "Not what was approved: the addressee, the one who signs or a picture "
                        "was changed since. It needs another approval."
                    )
            letter.approval_note = note

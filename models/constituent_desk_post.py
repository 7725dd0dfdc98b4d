from odoo import api, models
from odoo.fields import Domain

from .constituent_desk import COUNT_LIMIT


class ConstituentDesk(models.AbstractModel):
    """Letters on the desk: to approve, to send, come back, and whose fate nobody knows."""

    _name = "constituent.desk"
    _inherit = "constituent.desk"

    @api.model
    def _tiles(self):
        return [
            *super()._tiles(),
            self._tile_to_approve(),
            self._tile_approved(),
            self._tile_answer_owed(),
        ]

    @api.model
    def _tile_to_approve(self):
        return (
            "to_approve",
            self.env._("Letters to Approve"),
            "constituent.correspondence",
            Domain("waits_for_me", "=", True),
            "submitted_at, id",
            "constituent_services.constituent_correspondence_action_to_approve",
        )

    @api.model
    def _tile_approved(self):
        return (
            "approved",
            self.env._("Letters Approved, Not Sent"),
            "constituent.correspondence",
            Domain("state", "=", "approved"),
            "approved_at, id",
            "constituent_services.constituent_correspondence_action",
        )

    @api.model
    def _row_fields(self, model):
        if model != "constituent.correspondence":
            return super()._row_fields(model)
        return ["subject", "department_id", "submitted_at", "approved_at"]

    @api.model
    def _row_correspondence(self, letter):
        return {
            "id": letter.id,
            "number": "",
            "name": letter.subject,
            "department": letter.department_id.name or "",
            "when": self._age(letter.approved_at or letter.submitted_at or letter.create_date),
            "is_late": False,
        }

    @api.model
    def _tile_answer_owed(self):
        return self._case_tile(
            "answer_owed",
            self.env._("Letter Came Back: Answer Owed"),
            Domain("answer_owed", "=", True),
            order="answer_owed_since, id",
        )

    @api.model
    def _health(self):
        return [*super()._health(), self._health_letters_in_flight()]

    @api.model
    def _health_letters_in_flight(self):
        """Return how many letters' mails were cut off at a crash: somebody has to decide."""
        letters = self.env["constituent.correspondence"]
        # How many, and nothing of what.
        count = (
            self.env["constituent.delivery"]
            .sudo()
            .search_count(self._of_offices() & letters._in_flight_domain(), limit=COUNT_LIMIT)
        )
        return self._health_item(
            "letters_in_flight", self.env._("Letters in flight at a crash"), str(count), bool(count)
        )

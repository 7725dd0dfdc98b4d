from odoo import api, models
from odoo.fields import Domain

from .constituent_desk import COUNT_LIMIT


class ConstituentDesk(models.AbstractModel):
    """What came back by post, and letters whose fate nobody knows, on the desk."""

    _name = "constituent.desk"
    _inherit = "constituent.desk"

    @api.model
    def _tiles(self):
        return [*super()._tiles(), self._tile_answer_owed()]

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

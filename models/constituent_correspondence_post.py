from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .constituent_correspondence import BY_POST
from .constituent_delivery import IN_FLIGHT_MINUTES

POST_STATES = [
    ("waiting", "Waiting for the Post"),
    ("run", "In a Post Run"),
    ("posted", "Posted"),
    ("by_hand", "Posted by Hand"),
]


class ConstituentCorrespondence(models.Model):
    """What becomes of a sealed letter on its way: in the post, in flight, undelivered."""

    _name = "constituent.correspondence"
    _inherit = "constituent.correspondence"

    post_state = fields.Selection(POST_STATES, string="Post", readonly=True, copy=False)
    # One column, so that a letter is in one run at most.
    post_run_id = fields.Many2one(
        "constituent.post.run",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    post_order = fields.Integer(
        string="Place in the Run", readonly=True, copy=False, help="By ZIP code, then street."
    )
    is_in_flight = fields.Boolean(
        string="In Flight at a Crash",
        compute="_compute_is_in_flight",
        search="_search_is_in_flight",
        help="Its mail was being handed over when the server stopped: whether it arrived is "
        "not known. A coordinator decides in the list of outgoing mail.",
    )
    is_undelivered = fields.Boolean(
        compute="_compute_is_undelivered",
        help="Its mail bounced or was not sent, and it does not go by post as well.",
    )

    _post_waiting_idx = models.Index("(company_id, id) WHERE post_state = 'waiting'")
    _post_run_idx = models.Index("(post_run_id, post_order) WHERE post_run_id IS NOT NULL")

    # Computes

    @api.model
    def _in_flight_domain(self):
        """Return which deliveries were cut off: a mail server answers within a minute."""
        limit = fields.Datetime.now() - timedelta(minutes=IN_FLIGHT_MINUTES)
        return (
            Domain("state", "=", "sending")
            & Domain("correspondence_id", "!=", False)
            & Domain("is_copy", "!=", True)
            & (Domain("started_at", "<", limit) | Domain("error", "!=", False))
        )

    @api.model
    def _search_is_in_flight(self, operator, value):
        if operator != "in":
            return NotImplemented
        # Which letters, whichever mails the user may list; the letters are their own.
        deliveries_sudo = self.env["constituent.delivery"].sudo()
        letters_sudo = deliveries_sudo.search(self._in_flight_domain()).correspondence_id
        # A letter whose fate somebody settled is not in flight any more.
        return Domain("id", "in", letters_sudo.ids) & Domain("state", "=", "sending")

    @api.depends("state", "delivery_ids.state")
    def _compute_is_in_flight(self):
        in_flight = self.filtered_domain(self._search_is_in_flight("in", [True]))
        for letter in self:
            letter.is_in_flight = letter in in_flight

    @api.depends("medium", "delivery_ids.state")
    def _compute_is_undelivered(self):
        for letter in self:
            # Whether it arrived concerns whoever may read the letter.
            deliveries_sudo = letter.sudo().delivery_ids.filtered(
                lambda mail: not mail.resend_ids and not mail.is_copy
            )
            letter.is_undelivered = (
                letter.is_sealed
                and letter.medium == "email"
                and bool(deliveries_sudo)
                and all(mail.state in ("failed", "cancelled") for mail in deliveries_sudo)
            )

    # Sending

    def _letter_snapshot(self, values):
        """Let a letter that goes by post wait for the next run."""
        return {
            **super()._letter_snapshot(values),
            "post_state": "waiting" if self.medium in BY_POST else False,
        }

    # Actions

    def action_posted_by_hand(self):
        """Take letters out of the post's queue: somebody put them into the mail singly.

        :raises AccessError: a clerk
        :raises UserError: not waiting for the post
        """
        self._check_may_send()
        self.check_access("write")
        self.lock_for_update(allow_referencing=True)
        for letter in self:
            if letter.post_state != "waiting":
                raise UserError(
                    self.env._("%(letter)s does not wait for the post.", letter=letter.display_name)
                )
        self._note_post(post_state="by_hand")

    def action_leave_run(self):
        """Take letters out of a post run whose print file is not made.

        :raises AccessError: not a coordinator
        :raises UserError: the print file is made already, or in no run
        """
        self.check_access("read")
        for letter in self:
            if not letter.post_run_id:
                raise UserError(
                    self.env._("%(letter)s is in no post run.", letter=letter.display_name)
                )
        self.post_run_id._take_out(self)

    def action_send_by_post(self):
        """Begin a letter by post that replaces one whose mail did not arrive.

        :return dict: action that opens the new draft
        :raises UserError: its mail is not known to have failed, or it is replaced already
        """
        self.ensure_one()
        if not self.is_undelivered:
            raise UserError(
                self.env._(
                    "%(letter)s: only a letter whose mail did not arrive is sent by post instead.",
                    letter=self.display_name,
                )
            )
        return self._draft_again(medium="post").action_open()

    def _draft_again(self, **vals):
        """Return a new draft that replaces a letter that was sent.

        :param vals: what is other in it
        :raises UserError: not sent, or replaced already
        """
        draft = self.browse(self.action_correct()["res_id"])
        if vals:
            draft.write(vals)
        return draft

    def _note_post(self, **vals):
        """Write what became of sealed letters in the post: bookkeeping outside the seal.

        :param vals: columns of the post
        """
        quiet = self.with_context(tracking_disable=True)
        for state, letters in quiet.grouped("state").items():
            letters._advance(state, **vals)

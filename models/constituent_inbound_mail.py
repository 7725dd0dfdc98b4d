from contextlib import contextmanager
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models, tools
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..tools.authentication import authenticate
from ..tools.mail import readable_text

SPAM_DAYS = 30


class ConstituentInboundMail(models.Model):
    """One message as it came in: never lost, always in a final state.

    This file holds the record, its entry and what people decide about it; where a
    message goes is in `constituent_inbound_route.py`, what it becomes in
    `constituent_inbound_process.py`.
    """

    _name = "constituent.inbound.mail"
    _inherit = ["constituent.sealed.mixin"]
    _description = "Inbound Mail"
    _order = "id desc"
    _rec_name = "subject"
    # The original of a mail that became a case or a reply is a record.
    _seal_field = "state"
    _seal_values = ("case", "reply")
    _seal_columns = (
        "raw", "raw_sha256", "case_id", "received_at", "message_id", "mail_date", "email_from",
        "email_to", "email_cc", "subject", "body_sha256", "is_automatic", "authentication",
        "authentication_detail", "company_id", "sender", "fingerprint", "quoted",
        "automatic_reason", "gateway_user_id",
    )  # fmt: skip

    raw = fields.Many2one("ir.attachment", string="Original", readonly=True, ondelete="restrict")
    raw_sha256 = fields.Char(readonly=True, index="btree_not_null")
    state = fields.Selection(
        [
            ("received", "Received"),
            ("case", "New Case"),
            ("reply", "Reply"),
            ("bounce", "Bounce"),
            ("duplicate", "Duplicate"),
            ("not_understood", "Not Understood"),
            ("spam", "Spam"),
        ],
        required=True,
        default="received",
        readonly=True,
        index=True,
    )
    case_id = fields.Many2one(
        "constituent.case", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    error = fields.Text(readonly=True)
    received_at = fields.Datetime(readonly=True, default=fields.Datetime.now, index=True)
    message_id = fields.Char(readonly=True, index="btree_not_null", string="Message-Id")
    mail_date = fields.Char(readonly=True, string="Date Header")
    email_from = fields.Char(readonly=True, string="From", index="trigram")
    email_to = fields.Char(readonly=True, string="To", index="trigram")
    email_cc = fields.Char(readonly=True, string="Cc")
    subject = fields.Char(readonly=True, index="trigram")
    body_sha256 = fields.Char(readonly=True)
    is_automatic = fields.Boolean(
        string="Automatic", readonly=True, help="Sent by a machine: not acknowledged."
    )
    authentication = fields.Selection(
        string="Proof of the Sender",
        selection=[("pass", "Passed"), ("fail", "Failed"), ("none", "Not Checked")],
        default="none",
        readonly=True,
        help="SPF, DKIM and DMARC as our own mail server found them.",
    )
    authentication_detail = fields.Char(string="Results of the Checks", readonly=True)
    automatic_reason = fields.Char(
        string="Recognized By",
        readonly=True,
        help="The head by which the message was taken for a machine's.",
    )
    sender = fields.Char(readonly=True, help="The address of From, in lower case.")
    fingerprint = fields.Char(
        readonly=True,
        index="btree_not_null",
        help="Equal for two copies of one message: Message-Id, From, Date and body.",
    )
    quoted = fields.Html(
        readonly=True,
        sanitize="email_outgoing",
        help="What the sender quoted; the case's description has only what was new.",
    )
    gateway_user_id = fields.Many2one(
        "res.users",
        string="Handed In By",
        readonly=True,
        ondelete="restrict",
        help="The user whose mail gateway brought the message: anybody who may call it "
        "could have written it.",
    )
    route = fields.Json(readonly=True, help="Where the message was addressed to.")
    spam_since = fields.Datetime(readonly=True, index="btree_not_null")
    raw_text = fields.Text(
        compute="_compute_raw_text", string="Original Text", help="The message as it came in."
    )
    company_id = fields.Many2one("res.company", readonly=True, index=True)

    # Two copies that come at the same moment: the second one to commit starts again.
    _once = models.UniqueIndex(
        "(fingerprint, COALESCE(company_id, 0)) WHERE state IN ('case', 'reply')",
        "This message has been taken in already.",
    )
    _sender_idx = models.Index("(sender, received_at) WHERE sender IS NOT NULL")
    _received_idx = models.Index("(id) WHERE state = 'received'")
    # Of blocked senders
    _blocked_idx = models.Index("(id DESC) WHERE state = 'spam' AND spam_since IS NULL")
    _not_proven_idx = models.Index("(id DESC) WHERE authentication = 'fail'")

    @api.depends("raw")
    def _compute_raw_text(self):
        for inbound in self:
            # Whoever may read the register may read what it is about.
            raw_sudo = inbound.raw.sudo().with_context(bin_size=False)
            inbound.raw_text = readable_text(raw_sudo.raw or b"")

    # Entry

    @api.model
    @tools.ormcache("company_id")
    def _office_lang(self, company_id):
        # The language of the office's notes, whoever runs the gateway.
        return self.env["res.company"].sudo().browse(company_id).partner_id.lang

    @api.model
    @contextmanager
    def _own_cursor(self):
        """Give this model in a transaction of its own, as the gateway's user.

        It is committed at the end, whatever becomes of the caller's transaction, and
        rolled back when an exception leaves it.
        """
        context = {"lang": self._office_lang(self.env.company.id)}
        with self.env.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, context)[self._name]

    @api.model
    def _enter(self, raw, heads, routes):
        """Store a message, for good, before anything can go wrong with it.

        :param bytes raw: the message as it came in
        :param Heads heads: as ``tools.mail.read_heads`` gives them
        :param list[dict] routes: as ``_claim`` gives them, one for each office
        :return list[int]: ids of the rows, committed
        """
        common = self._head_values(raw, heads)
        with self._own_cursor() as own:
            rows = own.create(
                [{**common, "company_id": route["company"], "route": route} for route in routes]
            )
            attachments = own.env["ir.attachment"].create(
                [
                    {
                        "name": "message.eml",
                        "raw": raw,
                        "mimetype": "message/rfc822",
                        "res_model": self._name,
                        "res_id": row.id,
                    }
                    for row in rows
                ]
            )
            # Plain SQL: a row just made is not sealed, and this is said for every mail.
            for row, attachment in zip(rows, attachments, strict=True):
                own.env.cr.execute(
                    SQL(
                        "UPDATE constituent_inbound_mail SET raw = %s WHERE id = %s",
                        attachment.id,
                        row.id,
                    )
                )
            return rows.ids

    @api.model
    def _head_values(self, raw, heads):
        """Return the values of a new row that come from the message itself."""
        verdict, detail = authenticate(raw, self._authserv_id())
        names = (
            "raw_sha256", "message_id", "email_from", "email_to", "email_cc", "subject",
            "body_sha256", "sender", "fingerprint",
        )  # fmt: skip
        return {
            **{name: getattr(heads, name) or False for name in names},
            "mail_date": heads.date or False,
            "is_automatic": bool(heads.automatic),
            "automatic_reason": heads.automatic or False,
            "authentication": verdict,
            "authentication_detail": detail or False,
            "gateway_user_id": self.env.uid,
        }

    @api.model
    def _authserv_id(self):
        """Return the name our mail server signs its checks with, False when it has none."""
        # The gateway's settings are read whoever runs it.
        params_sudo = self.env["ir.config_parameter"].sudo()
        return params_sudo.get_param("constituent_services.authserv_id")

    def _finish(self, state, **vals):
        """Put a message into its final state.

        :param str state: any but received
        """
        quoted = vals.pop("quoted", None)
        if quoted:
            # Apart: the database may refuse the state, and logs what it refused.
            self.quoted = quoted
            self.flush_recordset(["quoted"])
        self.write({"state": state, **vals})
        if state in self._seal_values:
            self.raw._constituent_seal()

    # What people decide

    def action_make_case(self):
        """Make a case by hand of messages that did not become one.

        :return dict: the action that opens the case or cases
        :raises UserError: a message that is a case or a reply already
        """
        self._check_may_decide()
        if self.filtered(lambda inbound: inbound.state in ("case", "reply", "received")):
            raise UserError(self.env._("This message belongs to a case already."))
        # Code alone writes the register; who may decide was checked above.
        inbounds_sudo = self.sudo()
        parsed = [inbound_sudo._parse_for_hand() for inbound_sudo in inbounds_sudo]
        cases = self.env["constituent.case"].intake(
            [
                {
                    **inbound_sudo._report_base(),
                    "description": msg_dict["constituent_description"],
                    "automatic": inbound_sudo.is_automatic or inbound_sudo.state == "bounce",
                    "forwarded": msg_dict.get("constituent_forwarded"),
                }
                for inbound_sudo, msg_dict in zip(inbounds_sudo, parsed, strict=True)
            ]
        )
        for inbound_sudo, case, msg_dict in zip(inbounds_sudo, cases, parsed, strict=True):
            contacts_sudo = inbound_sudo._sender_contacts()
            # As the gateway posts it: in the sender's name.
            case_sudo = case.sudo()
            inbound_sudo._post(case_sudo, msg_dict, contacts_sudo)
            inbound_sudo._warn_of_sender(case_sudo, contacts_sudo)
            inbound_sudo._finish(
                "case",
                case_id=case.id,
                quoted=msg_dict["constituent_quoted"],
                spam_since=False,
            )
        return cases._get_records_action(name=self.env._("Cases"))

    def action_mark_spam(self):
        """Put messages to spam, where they are deleted after 30 days.

        What became a case is a record and stays: the case is closed as entered in
        error, without a word to its sender.
        """
        self._check_may_decide()
        # Code alone writes the register; who may decide was checked above.
        inbounds_sudo = self.sudo()
        of_case = inbounds_sudo.filtered(lambda inbound: inbound.state == "case")
        loose = inbounds_sudo.filtered(
            lambda inbound: (
                inbound.state in ("bounce", "duplicate", "not_understood")
                or (inbound.state == "spam" and not inbound.spam_since)  # of a blocked sender
            )
        )
        if of_case + loose != inbounds_sudo:
            raise UserError(self.env._("A reply belongs to its case and cannot be marked as spam."))
        of_case.case_id._close_as_spam()
        loose._finish("spam", spam_since=fields.Datetime.now())
        return True

    def action_not_spam(self):
        """Take messages out of spam and run them through the gateway again."""
        self._check_may_decide()
        if self.filtered(lambda inbound: inbound.state != "spam"):
            raise UserError(self.env._("This message is not marked as spam."))
        # Code alone writes the register; who may decide was checked above.
        inbounds_sudo = self.sudo()
        inbounds_sudo._finish("received", spam_since=False)
        for inbound_sudo in inbounds_sudo.with_user(SUPERUSER_ID):
            try:
                with self.env.cr.savepoint():
                    inbound_sudo._process_now()
            except Exception as error:
                inbound_sudo._end_as_not_understood(error)
        return True

    def action_open_case(self):
        """Open the case the message belongs to."""
        self.ensure_one()
        return self.case_id._get_records_action()

    def _check_may_decide(self):
        """Deciding about mail is for those who may read it and work on cases.

        :raises AccessError: others
        """
        self.check_access("read")
        if not self.env.user.has_group("constituent_services.group_caseworker"):
            raise AccessError(self.env._("Deciding about mail takes a caseworker."))

    # Scheduled

    @api.autovacuum
    def _gc_spam(self):
        """Delete what has been spam for 30 days, with its original."""
        old = self.search(
            [
                ("state", "=", "spam"),
                ("spam_since", "<", fields.Datetime.now() - timedelta(days=SPAM_DAYS)),
            ],
            limit=1000,
        )
        originals = old.raw
        old.unlink()
        originals.exists().unlink()  # most went with their messages

    @api.model
    def _cron_finish_received(self):
        """Finish messages whose processing was cut off, as when the server stopped."""
        left = self.search(
            [
                ("state", "=", "received"),
                ("received_at", "<", fields.Datetime.now() - timedelta(minutes=5)),
            ],
            order="id",
            limit=200,
        )
        for done, inbound in enumerate(left, 1):
            inbound._process(last=True)
            remaining = len(left) - done
            if not self.env["ir.cron"]._commit_progress(1, remaining=remaining):
                break

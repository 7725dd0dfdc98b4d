from datetime import datetime, time, timedelta

import babel.dates
import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools.misc import babel_locale_parse

# Beyond it "999+" says as much as a number, and is counted in a moment.
COUNT_LIMIT = 1000
ROWS = 5
# A mail should be acknowledged within a minute: what waits longer is stuck.
UNACKNOWLEDGED_MINUTES = 10
CRON_LATE_MINUTES = 15


class ConstituentDesk(models.AbstractModel):
    """The start page: what waits for a decision, most pressing first, and is all well.

    The page is a client action (static/src/desk) with one endpoint. Each tile is a small
    method listed in `_tiles`; other files extend that list. All is read with the user's
    own rights and from indexes.
    """

    _name = "constituent.desk"
    _description = "Desk"

    @api.model
    def desk_data(self):
        """Return what the start page shows.

        :return dict: tiles (key, label, help, count, rows, action) in their order, and
            health (a list of key, label, value, is_bad)
        :raises AccessError: not a caseworker or more
        """
        if not self.env.user.has_group("constituent_services.group_caseworker"):
            raise AccessError(self.env._("The desk is for caseworkers and coordinators."))
        return {
            "tiles": [self._tile(*tile) for tile in self._tiles()],
            "health": self._health(),
            "at": self._moment(fields.Datetime.now(), "HH:mm"),
        }

    # Tiles

    @api.model
    def _tiles(self):
        """Return (key, label, model, domain, order, action's XML id) of each tile, in order."""
        return [
            self._tile_triage(),
            self._tile_not_understood(),
            self._tile_unassigned(),
            self._tile_declined(),
            self._tile_overdue(),
            self._tile_call_back(),
            self._tile_reply_after_closing(),
            self._tile_duplicate(),
        ]

    @api.model
    def _tile_triage(self):
        domain = Domain("department_id", "=", False) & Domain("status", "!=", "closed")
        return self._case_tile("triage", self.env._("Triage"), domain)

    @api.model
    def _tile_not_understood(self):
        return (
            "not_understood",
            self.env._("Mails Not Understood"),
            "constituent.inbound.mail",
            Domain("state", "=", "not_understood"),
            "id",
            "constituent_services.constituent_inbound_mail_action",
        )

    @api.model
    def _tile_unassigned(self):
        domain = Domain("user_id", "=", False) & Domain("status", "!=", "closed")
        # Those in triage have a tile of their own.
        domain &= Domain("department_id", "!=", False)
        return self._case_tile("unassigned", self.env._("Unassigned"), domain)

    @api.model
    def _tile_declined(self):
        domain = Domain("is_declined", "=", True) & Domain("status", "!=", "closed")
        return self._case_tile("declined", self.env._("Refused by a Department"), domain)

    @api.model
    def _tile_overdue(self):
        domain = Domain("due_at", "<", fields.Datetime.now()) & Domain("status", "!=", "closed")
        return self._case_tile("overdue", self.env._("Overdue"), domain, order="due_at, id")

    @api.model
    def _tile_call_back(self):
        domain = Domain("is_call_back_open", "=", True)
        domain &= Domain("call_back_by", "<=", self._end_of_today())
        return (
            "call_back",
            self.env._("Call-Backs Due"),
            "constituent.call",
            domain,
            "call_back_by, id",
            "constituent_services.constituent_call_action_call_back",
        )

    @api.model
    def _tile_reply_after_closing(self):
        domain = Domain("reply_after_closing", "=", True)
        return self._case_tile(
            "reply_after_closing", self.env._("Reply after Closing"), domain, order="id"
        )

    @api.model
    def _tile_duplicate(self):
        domain = Domain("duplicate_candidate", "=", True) & Domain("status", "!=", "closed")
        return self._case_tile("duplicate", self.env._("Duplicates to Confirm"), domain)

    @api.model
    def _case_tile(self, key, label, domain, order="id"):
        """Return a tile of cases; the oldest first unless told otherwise."""
        action = "constituent_services.constituent_case_action"
        return (key, label, "constituent.case", domain, order, action)

    @api.model
    def _tile(self, key, label, model, domain, order, action):
        """Read one tile: its first rows, and how many there are when they are not all."""
        records = self.env[model]
        tile = {"key": key, "label": label, "model": model, "count": "0", "total": 0, "rows": []}
        if not records.has_access("read"):
            return tile
        names = self._row_fields(model)
        # One more than shown says whether there is anything to count.
        rows = records.search_fetch(domain, names, limit=ROWS + 1, order=order)
        total = len(rows)
        if total > ROWS:
            total = records.search_count(domain, limit=COUNT_LIMIT)
        capped = total >= COUNT_LIMIT
        return {
            **tile,
            "total": total,
            "count": f"{COUNT_LIMIT - 1}+" if capped else str(total),
            "rows": [getattr(self, self._row_method(model))(row) for row in rows[:ROWS]],
            "action": {
                "type": "ir.actions.act_window",
                "name": label,
                "res_model": model,
                "xml_id": action,
                "domain": list(domain),
            },
        }

    @api.model
    def _row_fields(self, model):
        """Return the fields of a tile's rows, read in one query."""
        return {
            "constituent.case": [
                "number", "name", "received_at", "due_at", "department_id", "status",
            ],
            "constituent.inbound.mail": ["subject", "received_at"],
            "constituent.call": ["case_id", "call_back_by", "department_id", "direction"],
        }[model]  # fmt: skip

    @api.model
    def _row_method(self, model):
        return f"_row_{model.removeprefix('constituent.').replace('.', '_')}"

    @api.model
    def _row_case(self, case):
        # What is closed is not late any more.
        due_at = case.status != "closed" and case.due_at
        return {
            "id": case.id,
            "number": case.number,
            "name": case.name,
            "department": case.department_id.name or "",
            "when": self._age(due_at or case.received_at, bool(due_at)),
            "is_late": bool(due_at and due_at < fields.Datetime.now()),
        }

    @api.model
    def _row_inbound_mail(self, mail):
        return {
            "id": mail.id,
            "number": "",
            "name": mail.subject or self.env._("(no subject)"),
            "department": "",
            "when": self._age(mail.received_at),
            "is_late": False,
        }

    @api.model
    def _row_call(self, call):
        return {
            "id": call.id,
            "number": call.case_id.number,
            "name": call.case_id.name,
            "department": call.department_id.name or "",
            "when": self.env._(
                "Call by %(moment)s", moment=self._moment(call.call_back_by, "MMM d, HH:mm")
            ),
            "is_late": call.call_back_by < fields.Datetime.now(),
        }

    # Health: is everything running

    @api.model
    def _health(self):
        """Return the line of health, worked out for the whole office: moments and numbers."""
        return [
            self._health_mail_in(),
            self._health_queue(),
            self._health_unacknowledged(),
            self._health_crons(),
        ]

    @api.model
    def _health_mail_in(self):
        # When, and nothing of what: the office's own, whoever may read its mail.
        mail_sudo = (
            self.env["constituent.inbound.mail"]
            .sudo()
            .search_fetch(self._of_offices(), ["received_at"], limit=1, order="received_at desc")
        )
        value = self._age(mail_sudo.received_at) if mail_sudo else self.env._("never")
        return self._health_item("mail_in", self.env._("Last mail received"), value)

    @api.model
    def _health_queue(self):
        limit = fields.Datetime.now() - timedelta(minutes=UNACKNOWLEDGED_MINUTES)
        # How old, and nothing of what.
        oldest_sudo = (
            self.env["constituent.delivery"]
            .sudo()
            .search_fetch(
                self._of_offices() & Domain("state", "in", ("queued", "sending")),
                ["create_date"],
                limit=1,
                order="id",
            )
        )
        waits = oldest_sudo.create_date
        value = self._age(waits) if waits else self.env._("empty")
        return self._health_item(
            "queue", self.env._("Outgoing mail waits since"), value, bool(waits and waits < limit)
        )

    @api.model
    def _health_unacknowledged(self):
        """Return how many acknowledgements of live cases did not leave in time."""
        limit = fields.Datetime.now() - timedelta(minutes=UNACKNOWLEDGED_MINUTES)
        domain = self._of_offices() & Domain("state", "in", ("queued", "sending"))
        domain &= Domain("event", "=", "received") & Domain("audience", "=", "constituent")
        domain &= Domain("create_date", "<", limit)
        # How many, and nothing of what.
        count = self.env["constituent.delivery"].sudo().search_count(domain, limit=COUNT_LIMIT)
        return self._health_item(
            "unacknowledged", self.env._("Not acknowledged in time"), str(count), bool(count)
        )

    @api.model
    def _health_crons(self):
        """Return how many of the addon's scheduled actions are late or failed last."""
        limit = fields.Datetime.now() - timedelta(minutes=CRON_LATE_MINUTES)
        # How many: scheduled actions are the administrator's.
        crons_sudo = self.env["ir.cron"].sudo().with_context(active_test=False)
        own_sudo = crons_sudo.search_fetch(
            [("model_id.model", "=like", "constituent.%")], ["active", "nextcall", "failure_count"]
        )
        late_sudo = own_sudo.filtered(
            lambda cron: not cron.active or cron.nextcall < limit or cron.failure_count
        )
        return self._health_item(
            "crons", self.env._("Scheduled actions late"), str(len(late_sudo)), bool(late_sudo)
        )

    @api.model
    def _health_item(self, key, label, value, is_bad=False):
        return {"key": key, "label": label, "value": value, "is_bad": is_bad}

    @api.model
    def _of_offices(self):
        return Domain("company_id", "in", self.env.companies.ids)

    # Times in words

    @api.model
    def _zone(self):
        return pytz.timezone(self.env["res.company"]._office(self.env.company.id).tz)

    @api.model
    def _end_of_today(self):
        """Return the end of the office's day, naive UTC."""
        today = pytz.utc.localize(fields.Datetime.now()).astimezone(self._zone()).date()
        midnight = self._zone().localize(datetime.combine(today + timedelta(days=1), time.min))
        return midnight.astimezone(pytz.utc).replace(tzinfo=None)

    @api.model
    def _moment(self, moment, pattern):
        local = pytz.utc.localize(moment).astimezone(self._zone())
        return babel.dates.format_datetime(
            local, pattern, locale=babel_locale_parse(self.env.lang or "en_US")
        )

    @api.model
    def _age(self, moment, is_due=False):
        """Return how far away a moment is, in words: 3 days ago, due in 2 hours.

        :param datetime moment: naive UTC
        :param bool is_due: something is due then
        """
        distance = babel.dates.format_timedelta(
            moment - fields.Datetime.now(),
            add_direction=True,
            locale=babel_locale_parse(self.env.lang or "en_US"),
        )
        return self.env._("due %(when)s", when=distance) if is_due else distance

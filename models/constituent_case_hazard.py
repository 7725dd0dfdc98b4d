import logging

from psycopg2 import OperationalError

from odoo import api, models, tools

_logger = logging.getLogger(__name__)
# In the context of an alert; nothing that a caller over RPC could send.
ALERT = object()


class ConstituentCase(models.Model):
    """A hazard that comes in is told to whoever is on call, at once."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    def _intake_notify(self, drafts):
        """Queue notices, and alert the person on call to hazards among the live cases."""
        result = super()._intake_notify(drafts)
        hazard_ids = self._hazard_category_ids()
        for case, draft in zip(self, drafts, strict=True):
            if draft.is_live and draft.vals.get("category_id") in hazard_ids:
                case._try_alert_on_call()
        return result

    @api.model
    @tools.ormcache()
    def _hazard_category_ids(self):
        """Return the ids of the categories of dangers, read once."""
        # Cached for everybody; ids only.
        categories_sudo = self.env["constituent.category"].sudo().with_context(active_test=False)
        return frozenset(categories_sudo.search([("is_hazard", "=", True)]).ids)

    def _try_alert_on_call(self):
        """Alert, and keep the case whatever happens to the alert.

        :raises OperationalError: so that Odoo can retry the transaction
        """
        # Nobody who reports a danger needs rights to find who is on call.
        case_sudo = self.sudo()
        try:
            with self.env.cr.savepoint():
                case_sudo._alert_on_call()
        except OperationalError:
            raise
        except Exception as error:
            # The type only: the text of an error may carry personal data.
            _logger.error("Alert of the person on call failed: %s", type(error).__name__)
            case_sudo._log_event(
                self.env._("The person on call could not be alerted. Call them."), kind="error"
            )

    def _alert_on_call(self):
        """Mail the person on call and give them an activity, where the office wants that."""
        self.ensure_one()
        company = self.company_id
        when = company.constituent_hazard_alert
        if self.status == "closed" or when == "never":
            return
        if when == "after_hours" and not company._is_after_hours(self._calendar_id()):
            return
        user = self._on_call_user()
        if not user:
            self._log_event(
                self.env._(
                    "A hazard came in and nobody is on call. Name somebody in the settings."
                ),
                kind="error",
            )
            return
        case = self.with_context(lang=user.lang or self.env.lang)
        may_read = self.with_user(user).has_access("read")
        case.with_context(constituent_alert=ALERT).message_notify(
            partner_ids=user.partner_id.ids,
            # The subject of a mail is read on locked screens: nothing of who or where.
            subject=case.env._("Hazard reported: %(number)s", number=self.number),
            body=case._alert_body(may_read),
            # The layout prints it: the subject of a case is the sender's words.
            force_record_name=self.number,
        )
        if may_read:
            # Without its own mail: the alert is on its way.
            case.with_context(mail_activity_quick_update=True).activity_schedule(
                "mail.mail_activity_data_todo",
                summary=case.env._("Hazard: see to it now"),
                user_id=user.id,
            )
        self._log_event(
            self.env._("Hazard: %(user)s, on call, was alerted", user=user.name), kind="alert"
        )

    def _on_call_user(self):
        """Return who is on call: the first who may see the case, else the first there is."""
        users = self.department_id.on_call_user_id | self.company_id.constituent_on_call_user_id
        users = users.filtered("active")
        return users.filtered(lambda user: self.with_user(user).has_access("read"))[:1] or users[:1]

    def _alert_body(self, may_read):
        """Return what the person on call is told; no word of who reported it."""
        if not may_read:
            return self.env._(
                "A case of a hazard category came in: %(number)s. You may not open it yourself: "
                "call the office's coordinator now.",
                number=self.number,
            )
        return self.env._(
            "A case of the hazard category “%(category)s” came in: %(number)s, with "
            "%(department)s. Open it and see to it now.",
            category=self.category_id.name,
            number=self.number,
            department=self.department_id.name or self.env._("Triage"),
        )

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Alert by mail, also whoever reads their messages in the office only."""
        recipients = super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
        if self.env.context.get("constituent_alert") is not ALERT:
            return recipients
        return [{**recipient, "notif": "email"} for recipient in recipients]

    def _may_be_told(self, recipient):
        """Alert a stranger to the case, too: the alert then says its number and no more."""
        return self.env.context.get("constituent_alert") is ALERT or super()._may_be_told(recipient)

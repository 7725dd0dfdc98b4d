from odoo import fields, models
from odoo.exceptions import UserError

from ..tools.notice import INSIDE


class ConstituentCase(models.Model):
    """What another department does of a case: a case of its own that belongs to this one."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    is_part = fields.Boolean(
        string="Part",
        readonly=True,
        copy=False,
        help="Another department's part of a case. The constituent hears of the whole only.",
    )
    part_ids = fields.One2many(
        "constituent.case", "parent_id", domain=[("is_part", "=", True)], string="Parts of It"
    )

    def action_add_parts(self):
        """Ask which departments do a part of the case.

        :return dict: the action of the wizard
        :raises UserError: closed, or a part itself
        """
        self.ensure_one()
        self.check_access("write")
        if self.status == "closed":
            raise UserError(
                self.env._("%(number)s is closed: reopen it first.", number=self.number)
            )
        if self.is_part:
            raise UserError(
                self.env._(
                    "%(number)s is a part itself: add one to %(whole)s.",
                    number=self.number,
                    whole=self.sudo().parent_id.number,  # its number is no secret
                )
            )
        return self._wizard_action("constituent.case.part.wizard", self.env._("Parts"))

    def _add_part(self, department, name, words, due_at):
        """Return the intake report of a part.

        :param department: who does it
        :param str name: what they do, a line
        :param str words: HTML, what they need to know
        :param datetime due_at: until when
        """
        self.ensure_one()
        return {
            "channel": self.channel_id.code,
            "name": name,
            "description": words,
            "kind": self.kind,
            "category_id": self.category_id.id,
            "received_at": self.received_at,
            "priority": self.priority,
            "partner_id": self.partner_id.id,
            "identity": self.identity,
            "lang": self.lang,
            "street": self.street,
            "city": self.city,
            "zip": self.zip,
            "location_note": self.location_note,
            "latitude": self.latitude,
            "longitude": self.longitude,
            "confidentiality": self.confidentiality,
            "department_id": department.id,
            "due_at": due_at or self.due_at,
            "parent_id": self.id,
            "is_part": True,
            "informed_department_ids": self.department_id.ids,
        }

    def write(self, vals):
        """Write; what becomes restricted is so in all its parts."""
        result = super().write(vals)
        if vals.get("confidentiality") == "restricted":
            # Whoever has them: their words are the whole's.
            open_sudo = self.sudo().part_ids.filtered(
                lambda part: part.confidentiality != "restricted"
            )
            if open_sudo:
                open_sudo.write({"confidentiality": "restricted"})
        return result

    def _open_parts(self):
        """Return the parts that are not done, whoever has them."""
        # Whether a part is done is for whoever closes the whole.
        return self.sudo().part_ids.filtered(lambda part: part.status != "closed")

    def _before_write(self, vals):
        """Refuse to close a whole before its parts, unless somebody says why.

        :raises UserError: which parts are open
        """
        stages = self.env["constituent.case.stage"]
        if vals.get("stage_id") and stages._status_by_id(vals["stage_id"]) == "closed":
            reason = self.env.context.get("constituent_parts_reason")
            for case in self.filtered(lambda case: case.status != "closed"):
                parts_sudo = case._open_parts()
                if parts_sudo and not reason:
                    raise UserError(
                        self.env._(
                            "%(number)s has parts that are not done: %(parts)s. Close them first,"
                            " or say in the Close window why not.",
                            number=case.number,
                            parts=", ".join(parts_sudo.mapped("number")),
                        )
                    )
                if parts_sudo:
                    case._log_event(
                        self.env._(
                            "Closed before its parts %(parts)s: %(reason)s",
                            parts=", ".join(parts_sudo.mapped("number")),
                            reason=reason,
                        )
                    )
        return super()._before_write(vals)

    def _log_changes(self, before):
        """Say in the whole that its last part is done."""
        result = super()._log_changes(before)
        done = self.filtered(
            lambda case: (
                case.is_part
                and case.status == "closed"
                and "stage_id" in before.get(case.id, {})
                and before[case.id]["stage_id"].status != "closed"
            )
        )
        # Who does a part need not see the whole.
        for whole_sudo in done.sudo().parent_id:
            if whole_sudo.status != "closed" and not whole_sudo._open_parts():
                whole_sudo._all_parts_done()
        return result

    def _all_parts_done(self):
        note = self.env._("All parts are done")
        self._log_event(note, kind="linked")
        if self.user_id:
            self.activity_schedule(
                "mail.mail_activity_data_todo", summary=note, user_id=self.user_id.id
            )

    # The constituent hears of the whole

    def _notice_readers(self, audience, subscriptions):
        """Tell nobody outside the office of a part."""
        if self.is_part and audience not in INSIDE:
            return []
        return super()._notice_readers(audience, subscriptions)

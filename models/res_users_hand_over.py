"""What somebody who leaves holds, and how it goes to those who stay.

Another part that gives people work extends two methods: ``_held`` (what there is) and
``_hand_over_further`` (give it to somebody). Configuration needs nothing: every model of
``constituent.master.mixin`` that names users is found by itself.
"""

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain

from .constituent_correspondence import OPEN_STATES

AUDIT = ("create_uid", "write_uid")
# Of the person, not of what they do: days away, and who has blocked a sender.
OWN = (
    "constituent.absence", "constituent.blocked.sender", "constituent.approval.delegation",
    "constituent.signatory.term",
)  # fmt: skip


class ResUsers(models.Model):
    """Handing over cases, activities and letters when a member of staff leaves."""

    _name = "res.users"
    _inherit = "res.users"

    # What there is

    def _held(self):
        """Return what somebody holds, as far as the reader sees it.

        :return dict: "cases", "activities", "letters" and what further parts add → records
        """
        self.ensure_one()
        # Whose activity it is does not depend on the reader; those of records out of their
        # sight stay for who sees them: an activity shows its record's name.
        activities_sudo = (
            self.env["mail.activity"]
            .sudo()
            .search([("user_id", "=", self.id), ("res_model", "=like", "constituent.%")])
        )
        activities_sudo = self._may_hand_over(activities_sudo)
        return {
            "cases": self.env["constituent.case"].search(
                [("user_id", "=", self.id), ("status", "!=", "closed")]
            ),
            "activities": activities_sudo,
            "letters": self.env["constituent.correspondence"].search(
                [("signatory_ids", "in", self.ids), ("state", "in", OPEN_STATES)]
            ),
        }

    def _may_hand_over(self, activities):
        """Return those whose records who hands over may write; a look at each model only."""
        found = activities.browse()
        for name, group in activities.grouped("res_model").items():
            records = self.env[name].browse(group.mapped("res_id")).exists()
            written = records._filtered_access("write")._ids
            found |= group.filtered(lambda activity, written=written: activity.res_id in written)
        return found

    def _named_in(self):
        """Return where the configuration names somebody.

        :return list: (field, records) pairs: rules, headships, memberships, crews
        """
        self.ensure_one()
        found = []
        registry = self.env.registry
        for name, model in sorted(registry.items()):
            if model._abstract or not issubclass(model, registry["constituent.master.mixin"]):
                continue
            if name in OWN:
                continue
            for field in model._fields.values():
                if field.comodel_name == "res.users" and field.store and field.name not in AUDIT:
                    # Which rules and departments name somebody is no secret of theirs.
                    masters_sudo = self.env[name].sudo().with_context(active_test=False)
                    domain = Domain(field.name, "in", self.ids)
                    if "company_id" in model._fields:
                        domain &= Domain("company_id", "in", [False, *self.env.companies.ids])
                    records = masters_sudo.search(domain)
                    if records:
                        found.append((field, records))
        return found

    # Handing over

    def _constituent_hand_over(self, successors, default, note):
        """Give all that somebody holds to others.

        Cases go the way of every hand-over, with an event each; nobody gets a mail for
        each of a thousand cases. Restricted cases are handed over by who sees them.

        :param dict successors: department id → user, or nobody: the department decides
        :param default: user for what has no department or one not named; may be empty
        :param str note: why, kept with each case
        :return dict: what was handed over → how many
        :raises AccessError: not a coordinator
        :raises UserError: somebody who leaves or no caseworker would take over
        """
        self.ensure_one()
        if not self.env.user.has_group("constituent_services.group_coordinator"):
            raise AccessError(self.env._("Coordinators hand over the work of others."))
        for successor in {default, *successors.values()}:
            self._check_successor(successor)
        held = self._held()

        def _successor(department):
            return successors.get(department.id, default)

        # First the activities: whose they are follows from the case's department.
        done = {"activities": self._hand_over_activities(held["activities"], _successor)}
        done["cases"] = self._hand_over_cases(held["cases"], _successor, note)
        done["letters"] = self._hand_over_letters(held["letters"], _successor)
        done.update(self._hand_over_further(held, _successor))
        if self.env.user.has_group("constituent_services.group_manager"):
            done["named_in"] = self._hand_over_masters(_successor)
        self._hand_over_note(done)
        return done

    def _check_successor(self, successor):
        """Raise unless somebody can take over.

        :raises UserError: the one who leaves, an archived login, or no caseworker
        """
        if not successor:
            return
        if successor == self:
            raise UserError(self.env._("%(name)s leaves: choose somebody else.", name=self.name))
        if not successor.active or not successor.has_group("constituent_services.group_caseworker"):
            raise UserError(
                self.env._("%(name)s is no caseworker and cannot take over.", name=successor.name)
            )

    def _hand_over_cases(self, cases, successor_of, note):
        """Give cases to their department's successor; return how many."""
        cases.check_access("write")
        # No message and mail for each case: the successor gets one report.
        quiet = cases.with_context(tracking_disable=True, mail_auto_subscribe_no_notify=True)
        groups = quiet.grouped(lambda case: successor_of(case.department_id))
        for successor, group in groups.items():
            # Kept by the code; the right to write the cases is checked.
            group_sudo = group.sudo()
            group_sudo.write(
                {"user_id": successor.id, "routing_rule_id": False, "routing_note": note}
            )
            group.message_unsubscribe(self.partner_id.ids)
            if successor:
                group.message_subscribe(successor.partner_id.ids)
        return len(cases)

    def _hand_over_activities(self, activities, successor_of):
        """Give activities to somebody who stays; return how many.

        Where a department is to decide, its head gets them, or who hands over.
        """
        of_department = self._departments_of(activities)
        groups = activities.grouped(
            lambda activity: self._somebody(
                successor_of, of_department.get((activity.res_model, activity.res_id))
            )
        )
        for successor, group in groups.items():
            group.with_context(mail_activity_quick_update=True).write({"user_id": successor.id})
        return len(activities)

    @api.model
    def _departments_of(self, activities):
        """Return {(model, id): department} of what activities are about."""
        found = {}
        for name, group in activities.grouped("res_model").items():
            if name in self.env and "department_id" in self.env[name]._fields:
                for record in group.env[name].browse(group.mapped("res_id")).exists():
                    found[name, record.id] = record.department_id
        return found

    def _somebody(self, successor_of, department):
        """Return who takes what cannot be nobody's: successor, head, or who hands over."""
        department = department or self.env["constituent.department"]
        head = department.head_id
        if head == self or not head.active:
            head = self.browse()
        return successor_of(department) or head or self.env.user

    def _hand_over_letters(self, letters, successor_of):
        """Let others sign what is not sent yet; return how many.

        A letter that was approved with the old signature is approved anew.
        """
        letters.check_access("write")
        for successor, group in letters.grouped(
            lambda letter: self._somebody(successor_of, letter.department_id)
        ).items():
            group.write({"signatory_ids": [Command.unlink(self.id), Command.link(successor.id)]})
        return len(letters)

    def _hand_over_further(self, held, successor_of):
        """Hand over what other parts hold; for them to extend.

        :param dict held: as ``_held`` gives it
        :param successor_of: function, department → user or nobody
        :return dict: what was handed over → how many
        """
        return {}

    def _hand_over_masters(self, successor_of):
        """Switch rules and headships to successors, and take memberships back.

        :return list[str]: what was changed, in words
        """
        changed = []
        for field, records in self._named_in():
            if field.type == "many2many":
                records.write({field.name: [Command.unlink(self.id)]})
            else:
                for successor, group in records.grouped(
                    lambda record: successor_of(self._department_of(record))
                ).items():
                    group.write({field.name: successor.id})
            changed.append(self._named_line(field, records))
        return changed

    @api.model
    def _department_of(self, master):
        if master._name == "constituent.department":
            return master
        if "department_id" in master._fields:
            return master.department_id
        return self.env["constituent.department"]

    @api.model
    def _named_line(self, field, records):
        """Return where somebody is named, in words: Department, Head: Streets, Parks."""
        label = records.fields_get([field.name], ["string"])[field.name]["string"]
        model = self.env["ir.model"]._get(records._name).name
        return f"{model}, {label}: {', '.join(records.mapped('display_name'))}"

    def _hand_over_note(self, done):
        """Note with the contact of who leaves what was handed over, and by whom."""
        # Who hands over may not write the contacts of colleagues.
        partner_sudo = self.partner_id.sudo()
        partner_sudo.message_post(
            body=self.env._(
                "Handed over: %(cases)s cases, %(activities)s activities, %(letters)s letters.",
                cases=done["cases"],
                activities=done["activities"],
                letters=done["letters"],
            ),
            subtype_xmlid="mail.mt_note",
            author_id=self.env.user.partner_id.id,
        )

    @api.model
    def _open_cases_by_department(self, user):
        """Return [(department, how many)] of somebody's open cases, as far as seen."""
        return self.env["constituent.case"]._read_group(
            Domain("user_id", "=", user.id) & Domain("status", "!=", "closed"),
            ["department_id"],
            ["__count"],
        )

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.intake import Door


class ConstituentCase(models.Model):
    """Which department and person a case goes to, and the record of hand-overs."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    routed_by = fields.Selection(
        [
            ("hand", "A person"),
            ("rule", "A rule"),
            ("door", "The department's address"),
            ("category", "The category"),
            ("nothing", "Nothing: triage"),
        ],
        readonly=True,
        copy=False,
        help="What gave the case its department. What a person gave is not overruled. A duplicate "
        "lies where it is worked; this is what placed it before.",
    )

    # At intake

    @api.model
    def _intake_route(self, drafts):
        """Give each draft its department and person.

        Precedence: given by a person > routing rule > the door's department > the
        category's department > triage (no department and not closed).
        """
        rules = self.env["constituent.routing.rule"]
        for draft in drafts:
            vals = draft.vals
            rule = words = None
            by_hand = draft.given("department_id", "user_id")
            if draft.is_live:
                matches = rules._matches(draft, self._intake_districts(draft))
                if matches and not matches[-1][0].adds_only:
                    rule, words = matches.pop()
                for adding, found in matches:
                    self._intake_add_by_rule(draft, adding, found)
            if rule:
                self._intake_apply_rule(draft, rule)
            if not draft.given("department_id"):
                vals["department_id"] = self._intake_fallback_department(draft)
            if draft.given("department_id", "user_id"):
                vals["held_since"] = fields.Datetime.now() if draft.is_live else vals["received_at"]
            self._intake_explain_routing(draft, by_hand, rule, words)

    @api.model
    def _intake_apply_rule(self, draft, rule):
        """Fill in what the rule says and nobody gave."""
        vals = draft.vals
        given_department = vals.get("department_id")
        vals["routing_rule_id"] = rule.id
        vals["department_id"] = given_department or rule.department_id
        if rule.department_id == vals["department_id"] or not given_department:
            vals["user_id"] = vals.get("user_id") or rule.user_id
        self._intake_add(draft, rule)

    @api.model
    def _intake_add_by_rule(self, draft, rule, words):
        """Fill in what a rule that only adds says, and say so in the history."""
        self._intake_add(draft, rule)
        note = self.env._("Rule “%(rule)s” adds", rule=rule.name)
        if words:
            note = self.env._(
                "Rule “%(rule)s” adds: %(words)s", rule=rule.name, words=", ".join(words)
            )
        draft.explain("routed", note, rule_id=rule.id)

    @api.model
    def _intake_add(self, draft, rule):
        """Set priority, confidentiality and tags where nobody gave them."""
        vals = draft.vals
        if rule.priority and vals.get("priority") in (None, False, "0"):
            vals["priority"] = rule.priority
        if rule.confidentiality:
            vals.setdefault("confidentiality", rule.confidentiality)
        if rule.tag_ids:
            vals["tag_ids"] = [
                *(vals.get("tag_ids") or []),
                *(fields.Command.link(tag_id) for tag_id in rule.tag_ids),
            ]

    @api.model
    def _intake_fallback_department(self, draft):
        """Return the door's department, else the category's, else False (triage)."""
        office = self.env["res.company"]._office(draft.vals["company_id"])
        door_id = draft.door.department_id
        if door_id and door_id != office.department_id:
            return door_id
        if draft.given("category_id"):
            return self.env["constituent.category"]._routing_defaults(draft.vals["category_id"])[0]
        return False

    @api.model
    def _intake_explain_routing(self, draft, by_hand, rule, words):
        """Put why the case is where it is on the case and into its history."""
        vals = draft.vals
        if by_hand and draft.door.journal:
            basis, note = "hand", self.env._("As in the imported file")
        elif by_hand:
            basis, note = "hand", self.env._("Given by hand")
        elif rule and words:
            basis, note = (
                "rule",
                self.env._("Rule “%(rule)s”: %(words)s", rule=rule.name, words=", ".join(words)),
            )
        elif rule:
            basis, note = "rule", self.env._("Rule “%(rule)s”", rule=rule.name)
        elif not vals.get("department_id"):
            basis, note = (
                "nothing",
                self.env._("No rule, door or category gives a department: triage"),
            )
        elif vals["department_id"] == draft.door.department_id:
            basis, note = "door", self.env._("By the department's own address")
        else:
            basis, note = "category", self.env._("By the category's department")
        vals.update(routing_note=note, routed_by=basis)
        draft.explain(
            "routed",
            note,
            rule_id=rule.id if rule else False,
            department_to_id=vals.get("department_id"),
            user_to_id=vals.get("user_id"),
        )

    # Later

    def action_assign_to_me(self):
        """Take the cases over; one in triage goes to the user's department, if there is one."""
        vals = {"user_id": self.env.uid}
        for company, cases in self.grouped("company_id").items():
            departments = self.env.user.constituent_department_ids.filtered(
                lambda department, company=company: department.company_id == company
            )
            triage = cases.filtered(lambda case: not case.department_id)
            if len(departments) == 1 and triage:
                triage.write({**vals, "department_id": departments.id})
                cases -= triage
            if cases:
                cases.write(vals)
        return True

    def action_route_again(self):
        """Forget department and person and run the routing rules again, and say so.

        :raises UserError: a closed case
        """
        for case in self:
            if case.status == "closed":
                raise UserError(
                    self.env._("%(case)s is closed: reopen it first.", case=case.display_name)
                )
        self._route_again()
        return True

    def _route_again(self):
        """Run the routing rules again, and write down what they say."""
        self.check_access("write")
        drafts = [case._routing_draft() for case in self]
        doors = self._came_by_doors()
        for case, draft in zip(self, drafts, strict=True):
            draft.door = Door(department_id=doors.get(case.id, 0))
        self._intake_route(drafts)
        # Who has it in the same department keeps it.
        for case, draft in zip(self, drafts, strict=True):
            if draft.vals.get("department_id") == case.department_id.id and case.user_id:
                draft.vals["user_id"] = case.user_id.id
        self._intake_assign(drafts)
        for case, draft in zip(self, drafts, strict=True):
            case._take_route(draft)
        # Which rules they met, whether or not they went anywhere else.
        self._log_events(
            [
                (case, event)
                for case, draft in zip(self, drafts, strict=True)
                for event in draft.events
            ]
        )

    def _came_by_doors(self):
        """Return {case id: id of the department whose address it came by}."""
        # Which address a case came in by is no secret of the register.
        mails_sudo = self.env["constituent.inbound.mail"].sudo()
        found = mails_sudo.search_fetch(
            [("case_id", "in", self.ids), ("state", "=", "case")],
            ["case_id", "route"],
            order="id desc",
        )
        # Of several the first, which is the last here.
        return {
            mail_sudo.case_id.id: next(iter(mail_sudo._own_doors()), 0)
            for mail_sudo in found
            if mail_sudo.route
        }

    def _take_route(self, draft):
        """Write what the rules gave."""
        values = {
            name: draft.vals.get(name)
            for name in ("department_id", "user_id", "routing_rule_id", "routing_note")
        }
        values |= {name: draft.vals[name] for name in ("priority", "tag_ids") if name in draft.vals}
        # Who may change what is routed by need not see the case where it goes.
        self_sudo = self.sudo()
        self_sudo.write(values)
        self_sudo.write({"routed_by": draft.vals["routed_by"]})

    def _routing_draft(self):
        """Return a draft of the case as it is, without department and person."""
        self.ensure_one()
        return self._intake_draft(
            {
                "name": self.name,
                "description": self.description,
                "kind": self.kind,
                "company_id": self.company_id.id,
                "partner_id": self.partner_id.id,
                "partner_name": self.partner_name,
                "partner_email": self.partner_email,
                "partner_phone": self.partner_phone,
                "identity": self.identity,
                "lang": self.lang,
                "street": self.street,
                "city": self.city,
                "zip": self.zip,
                "received_at": self.received_at,
                "category_id": self.category_id.id,
                "channel_id": self.channel_id.id,
                "district_ids": [fields.Command.set(self.district_ids.ids)],
                "priority": self.priority,
                "confidentiality": self.confidentiality,
            }
        )

    def write(self, vals):
        """Write; a department that a person gives is that person's word."""
        result = super().write(vals)
        if "department_id" in vals:
            values = {"routed_by": "hand" if vals["department_id"] else "nothing"}
            if "routing_note" not in vals:
                # The reason of an earlier move is none of this one.
                values["routing_note"] = vals["department_id"] and self.env._("Given by hand")
            # Kept by the code; the right to write the case was checked above.
            self.sudo().write(values)
        return result

    def _holders(self):
        """Return {case id: (department id, user id, held since)} as they are now."""
        return {case.id: (case.department_id.id, case.user_id.id, case.held_since) for case in self}

    def _log_hand_overs(self, holders_before):
        """Write a hand-over event for each case whose holder changed.

        :param dict holders_before: as ``_holders`` gave it before the change
        :return: (the cases that moved, the time of it)
        """
        now = fields.Datetime.now()
        events = []
        moved = self.browse()
        for case in self:
            department_id, user_id, since = holders_before[case.id]
            if (department_id, user_id) == (case.department_id.id, case.user_id.id):
                continue
            moved |= case
            events.append(
                (
                    case,
                    {
                        "kind": "handed_over",
                        "department_from_id": department_id,
                        "user_from_id": user_id,
                        "held_from": since,
                        "held_to": now,
                        "department_to_id": case.department_id.id,
                        "user_to_id": case.user_id.id,
                        "note": case.routing_note,
                    },
                )
            )
        self._log_events(events)
        return moved, now

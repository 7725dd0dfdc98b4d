from collections import Counter

import pytz

from odoo import api, fields, models


class ConstituentCase(models.Model):
    """Which person of a department gets a case: in turn, or who has fewest, never who is away."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    @api.model
    def _intake_assign(self, drafts):
        """Give each live draft whose department wants it a person."""
        pending = [
            draft
            for draft in drafts
            if draft.is_live
            and draft.vals.get("department_id")
            and not draft.vals.get("user_id")
            and not draft.vals.get("closed_at")
        ]
        picked = self._pick_members([draft.vals["department_id"] for draft in pending])
        for draft, user_id in zip(pending, picked, strict=True):
            if user_id:
                draft.vals["user_id"] = user_id
                # What the routing step has said of the person is said again.
                routed = [event for event in draft.events if event["kind"] == "routed"]
                if routed:
                    routed[-1]["user_to_id"] = user_id

    @api.model
    def _pick_members(self, department_ids):
        """Return a person for each of the cases that departments get, one after the other.

        :param list[int] department_ids: a department for each case
        :return list[int]: a user each, 0 where the department assigns by hand or all its
            members are away
        """
        departments = self.env["constituent.department"]
        counts = Counter(department_ids)
        present = {
            department_id: self._present_members(departments._facts(department_id))
            for department_id in counts
        }
        wants = {
            department_id: departments._facts(department_id).assignment if members else "manual"
            for department_id, members in present.items()
        }
        balanced = [key for key, how in wants.items() if how == "balanced"]
        load = self._open_counts({user for key in balanced for user in present[key]})
        turns = {
            key: iter(self._draw_turns(key, counts[key]))
            for key, how in wants.items()
            if how == "round_robin"
        }
        picked = []
        for department_id in department_ids:
            members, user_id = present[department_id], 0
            if department_id in turns:
                user_id = members[next(turns[department_id]) % len(members)]
            elif wants[department_id] == "balanced":
                user_id = min(members, key=lambda member: (load[member], member))
                load[user_id] += 1
            picked.append(user_id)
        return picked

    @api.model
    def _present_members(self, facts):
        """Return the members of a department who are not away today, in a fixed order."""
        if facts.assignment == "manual" or not facts.member_ids:
            return []
        zone = pytz.timezone(self.env["res.company"]._office(facts.company_id).tz)
        today = pytz.utc.localize(fields.Datetime.now()).astimezone(zone).date()
        away = self.env["constituent.absence"]._away_on(today)
        return [member for member in sorted(facts.member_ids) if member not in away]

    @api.model
    def _open_counts(self, user_ids):
        """Return how many open cases people have."""
        if not user_ids:
            return Counter()
        # Whoever enters a case need not see the members' other cases.
        counts_sudo = self.sudo()._read_group(
            [("user_id", "in", list(user_ids)), ("status", "!=", "closed")],
            ["user_id"],
            ["__count"],
        )
        return Counter({user.id: count for user, count in counts_sudo})

    @api.model
    def _draw_turns(self, department_id, count):
        """Draw turns of a department: a PostgreSQL sequence, so that nobody waits for a row."""
        return self._draw_sequence("constituent_department_turn", department_id, 0, count)

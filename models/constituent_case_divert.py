from odoo import api, fields, models

from .constituent_case import CASE_KINDS
from .constituent_diversion import ALARMS, DIVERTED_KINDS


class ConstituentCase(models.Model):
    """Diverting: records requests, media inquiries, claims, threats, and self-harm.

    Recognized before anybody is identified or answered; what follows then, and what is
    done by hand, is in ``constituent_case_diverted.py``.
    """

    _name = "constituent.case"
    _inherit = "constituent.case"

    diversion_id = fields.Many2one(
        "constituent.diversion",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        help="By which line the case was given its kind.",
    )
    alarm_id = fields.Many2one(
        "constituent.diversion",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        help="Words of a threat or of self-harm: nothing is sent by itself.",
    )
    kind_before = fields.Selection(CASE_KINDS, readonly=True, copy=False)
    hold_by_diversion = fields.Boolean(readonly=True, copy=False)
    needs_counsel = fields.Boolean(
        string="Letters Need Counsel",
        tracking=True,
        copy=False,
        help="Counsel must see a letter of this case before it is sent.",
    )
    routed_by = fields.Selection(selection_add=[("diversion", "What it is")])

    # At intake

    @api.model
    def _intake_divert(self, drafts):
        """Give each live draft the kind it is, by its words, its sender, or by hand."""
        diversions = self.env["constituent.diversion"]
        for draft in drafts:
            if not draft.is_live:
                continue
            vals = draft.vals
            matches = diversions._matches(
                vals["company_id"], draft.folded(), vals.get("partner_email")
            )
            if vals.get("kind") in DIVERTED_KINDS:
                matches = [(line, why) for line, why in matches if line.matter in ALARMS]
                line = diversions._of_matter(vals["company_id"], vals["kind"])
                if line:
                    matches.append((line, ""))
            for line, why in matches:
                self._intake_apply_diversion(draft, line, why)

    @api.model
    def _intake_apply_diversion(self, draft, line, why):
        """Fill in what a line says, and say why in the history."""
        vals = draft.vals
        if line.matter in ALARMS:
            vals["alarm_id"] = vals.get("alarm_id") or line.id
            vals["confidentiality"] = "restricted"
        else:
            vals.update(
                diversion_id=line.id,
                kind_before=vals.get("kind") if vals.get("kind") != line.matter else False,
                kind=line.matter,
            )
        if line.sets_hold and not vals.get("legal_hold"):
            vals.update(legal_hold=True, hold_by_diversion=True)
        vals["needs_counsel"] = vals.get("needs_counsel") or line.needs_counsel
        draft.explain("diverted", self._diverted_note(line, why))

    @api.model
    def _diverted_note(self, line, why):
        what = self.env["constituent.diversion"]._matter_label(line.matter)
        if not why:
            return self.env._("%(what)s: by hand", what=what)
        return self.env._("%(what)s, recognized by: %(why)s", what=what, why=why)

    @api.model
    def _diverted_place_note(self, line):
        what = self.env["constituent.diversion"]._matter_label(line.matter)
        return self.env._("Diverted: %(what)s", what=what)

    @api.model
    def _intake_route(self, drafts):
        """Route; what was diverted goes to the department of its line, unless a person said."""
        places = {}
        for draft in drafts:
            line = self._intake_diversion_of(draft)
            if line and line.department_id and not draft.given("department_id", "user_id"):
                draft.vals["department_id"] = line.department_id
                places[id(draft)] = line
        result = super()._intake_route(drafts)
        for draft in drafts:
            line = places.get(id(draft))
            if line:
                note = self._diverted_place_note(line)
                draft.vals.update(routing_note=note, routed_by="diversion")
                draft.events[-1]["note"] = note
        return result

    @api.model
    def _intake_diversion_of(self, draft):
        """Return the line that gives a draft its place: the alarm's before the kind's."""
        vals = draft.vals
        if not (vals.get("alarm_id") or vals.get("diversion_id")):
            return None
        table, _index = self.env["constituent.diversion"]._compiled(vals["company_id"])
        lines = [table.get(vals.get("alarm_id")), table.get(vals.get("diversion_id"))]
        return next((line for line in lines if line and line.department_id), None)

    def _routing_draft(self):
        """Return the draft with what the case was diverted as: routing again keeps to it."""
        draft = super()._routing_draft()
        draft.vals.update(diversion_id=self.diversion_id.id, alarm_id=self.alarm_id.id)
        return draft

    def _intake_notify(self, drafts):
        """Queue notices; who gets diverted cases is told, and of an alarm at once."""
        result = super()._intake_notify(drafts)
        diverted = self.filtered(lambda case: case.diversion_id or case.alarm_id)
        if diverted:
            diverted._tell_diverted()
        return result

from odoo import api, fields, models
from odoo.exceptions import UserError


class ConstituentCase(models.Model):
    """What it is about: the category by keywords, or the three best to choose from."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    category_suggestions = fields.Json(
        compute="_compute_category_suggestions",
        help="For an open case without category: the three its words speak most for.",
    )

    @api.depends("name", "description", "category_id", "status", "company_id")
    def _compute_category_suggestions(self):
        for case in self:
            case.category_suggestions = (
                False if case.category_id or case.status == "closed" else case._suggestions()
            )

    def _suggestions(self):
        """Return what the case's words speak for, the clearest first.

        :return list[dict]: id, name, score (0 to 100) and words
        """
        self.ensure_one()
        draft = self._intake_draft({"name": self.name, "description": self.description})
        company = self.company_id or self.env.company
        return self._suggestion_dicts(
            self.env["constituent.category"]._ranked(company.id, *draft.folded())
        )

    @api.model
    def _suggestion_dicts(self, ranked):
        """Return ranked categories as plain values, for screens."""
        categories = self.env["constituent.category"].browse([one.owner for one in ranked])
        return [
            {
                "id": category.id,
                "name": category.complete_name,
                "score": one.score,
                "words": ", ".join(one.words),
            }
            for category, one in zip(categories, ranked, strict=True)
        ]

    @api.model
    def _intake_classify(self, drafts):
        """Set the category the words speak for clearly; say what came near where none does.

        From which score on a category is set by itself is the office's to say.
        """
        categories = self.env["constituent.category"]
        for draft in drafts:
            if draft.given("category_id"):
                continue
            ranked = categories._ranked(draft.vals["company_id"], *draft.folded())
            if not ranked:
                continue
            names = categories._keyword_index(draft.vals["company_id"])[2]
            best = categories._clearest(draft.vals["company_id"], ranked)
            if best:
                draft.vals["category_id"] = best.owner
                note = self.env._(
                    "Category %(category)s by keywords (score %(score)s): %(words)s",
                    category=names[best.owner],
                    score=best.score,
                    words=", ".join(best.words),
                )
            else:
                near = [
                    f"{names[one.owner]} {one.score} ({', '.join(one.words)})" for one in ranked
                ]
                note = self.env._("Category not clear: %(near)s", near="; ".join(near))
            draft.explain("classified", note)

    # Later

    def write(self, vals):
        """Write; a category that was corrected routes the case anew, and says so."""
        before = {}
        if vals.get("category_id") and not {"department_id", "user_id"} & vals.keys():
            before = {case.id: case.category_id for case in self}
        result = super().write(vals)
        changed = self.filtered(
            lambda case: case.id in before and before[case.id] != case.category_id
        )
        if changed:
            changed._reclassified(before)
        return result

    def _reclassified(self, before):
        """Say that the category was changed, and route again what no person has placed.

        :param dict before: case id → category it had
        """
        live = self.filtered(lambda case: case.status != "closed" and case.intake_mode == "live")
        live._log_events(
            [
                (
                    case,
                    {
                        "kind": "classified",
                        "note": self.env._(
                            "Category changed: %(old)s → %(new)s",
                            old=before[case.id].complete_name or "—",
                            new=case.category_id.complete_name,
                        ),
                    },
                )
                for case in live
            ]
        )
        # A duplicate lies where it is worked, whatever its own category.
        live.filtered(
            lambda case: case.routed_by != "hand" and not case.duplicate_of_id
        )._route_again()
        gone = self - self._filtered_access("read")
        if gone:
            # A form that saves and reads again would fail, and nobody have said why.
            gone_sudo = gone[0].sudo()  # for the names of what the user has just changed
            raise UserError(
                self.env._(
                    "“%(category)s” belongs to %(department)s, where you would not see the case"
                    " any more. Use Not Ours, and say what it is about.",
                    category=gone_sudo.category_id.name,
                    department=gone_sudo.department_id.name or self.env._("triage"),
                )
            )

from odoo import api, models


class ConstituentCase(models.Model):
    """What it is about: the pipeline's step that finds the category."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    @api.model
    def _intake_classify(self, drafts):
        """Propose the category whose keywords occur most in subject and description."""
        pending = [draft for draft in drafts if not draft.given("category_id")]
        if not pending:
            return
        categories = self.env["constituent.category"]
        for draft in pending:
            category_id, words = categories._by_keywords(
                draft.vals["company_id"], self._intake_text(draft)
            )
            if category_id:
                draft.vals["category_id"] = category_id
                draft.explain(
                    "classified",
                    self.env._("Category by keywords: %(words)s", words=", ".join(words)),
                )

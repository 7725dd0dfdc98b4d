from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.questions import AnswerError, read_answer


class ConstituentCaseAnswer(models.Model):
    """What was answered to a question of the category, with the question as it was asked."""

    _name = "constituent.case.answer"
    _description = "Answer in a Case"
    _order = "case_id, sequence, id"
    _rec_name = "question"

    case_id = fields.Many2one("constituent.case", required=True, index=True, ondelete="cascade")
    question_id = fields.Many2one(
        "constituent.category.question", ondelete="set null", index="btree_not_null"
    )
    sequence = fields.Integer()
    code = fields.Char(string="Variable", required=True)
    question = fields.Char(
        string="As Asked", required=True, help="The question's words of that day."
    )
    value = fields.Char(help="For programs: keys of choices.")
    text = fields.Text(string="Answer", required=True)
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)


class ConstituentCase(models.Model):
    """The questions of a category, asked at every door and answered in the case."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    answer_ids = fields.One2many("constituent.case.answer", "case_id", string="Answers")

    @api.model
    def _check_answers(self, category_id, given):
        """Read the answers of a form, all or none.

        :param int category_id: of the form
        :param dict given: variable → answer as typed
        :return list[str]: what to tell instead of taking the report: answers that stop it
        :raises UserError: which question, and what is wrong with its answer
        """
        stops = []
        for _id, name, _hint, question in self._questions_of(category_id):
            try:
                answer = read_answer(question, given.get(question.code))
            except AnswerError as error:
                raise UserError(
                    self.env._(
                        "%(question)s %(problem)s",
                        question=name,
                        problem=self._answer_problem(error.kind),
                    )
                ) from None
            if answer and answer.stops:
                stops.append(answer.stops)
        return stops

    @api.model
    def _questions_of(self, category_id):
        lang = self.env.lang or "en_US"
        return self.env["constituent.category.question"]._questions(category_id or 0, lang)

    @api.model
    def _answer_problem(self, kind):
        """Return what is wrong with an answer, in words."""
        return {
            "missing": self.env._("Please answer."),
            "long": self.env._("The answer is too long."),
            "number": self.env._("Please give a number in digits."),
            "datetime": self.env._("Please give a day and time: 2026-11-26 14:30."),
            "choice": self.env._("Please choose from the list."),
        }[kind]

    @api.model
    def _intake_answers(self, drafts):
        """Keep the answers with the questions as they were asked.

        What cannot be read is kept as it was given: nothing that somebody said is lost.
        """
        for draft in drafts:
            given = draft.door.answers
            if not given:
                continue
            rows, asked = [], self._questions_of(draft.vals.get("category_id"))
            for sequence, (question_id, name, _hint, question) in enumerate(asked):
                if given.get(question.code):
                    row = self._answer_row(question, given[question.code])
                    rows.append(
                        {
                            "question_id": question_id,
                            "sequence": sequence,
                            "question": name,
                            **row,
                        }
                    )
            known = {question.code for _id, _name, _hint, question in asked}
            rows += [
                {"code": code, "question": code, "text": str(value), "sequence": len(asked)}
                for code, value in given.items()
                if code not in known and value
            ]
            draft.vals["answer_ids"] = [fields.Command.create(row) for row in rows]

    @api.model
    def _answer_row(self, question, given):
        try:
            answer = read_answer(question, given)
        except AnswerError:
            return {"code": question.code, "value": False, "text": str(given)}
        return {"code": question.code, "value": answer.value, "text": answer.text}

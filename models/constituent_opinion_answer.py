from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

# A letter in one of these states has answered.
ANSWERS = ("sending", "sent")


class ConstituentOpinionGroup(models.Model):
    """Opinion mail answered as one batch: a letter for each person, however often they wrote."""

    _name = "constituent.opinion.group"
    _inherit = "constituent.opinion.group"

    batch_ids = fields.One2many(
        "constituent.letter.batch", "opinion_group_id", string="Batches", readonly=True
    )
    batch_count = fields.Integer(compute="_compute_answered", string="Batches of Letters")
    answered_count = fields.Integer(
        compute="_compute_answered",
        string="Answered",
        help="Cases that a letter answers, as far as you may see them.",
    )

    @api.depends("batch_ids", "case_ids.correspondence_ids.state")
    @api.depends_context("uid")
    def _compute_answered(self):
        sent = Domain("direction", "=", "out") & Domain("state", "in", ANSWERS)
        mine = Domain("opinion_group_id", "in", self.ids)
        by_letter = Domain("correspondence_ids", "any!", sent) | Domain(
            "also_letter_ids", "any!", sent
        )
        key = ["opinion_group_id"]
        cases = self.env["constituent.case"]._read_group(mine & by_letter, key, ["__count"])
        batches = self.env["constituent.letter.batch"]._read_group(mine, key, ["__count"])
        for group in self:
            group.answered_count = dict(cases).get(group._origin, 0)
            group.batch_count = dict(batches).get(group._origin, 0)

    def action_answer(self):
        """Begin a batch for the open letters of the group that nothing answers yet.

        Pressed again, it opens the batch that is being made.

        :return dict: the action that shows the batch
        :raises AccessError: not a coordinator
        :raises UserError: no group, all answered, or nobody named in them
        """
        self.ensure_one()
        self.check_access("write")
        if self.state == "not_one":
            raise UserError(self.env._("These were said not to be one group."))
        chosen_sudo = self._lines_chosen_sudo()
        cases = self._cases_to_answer() - (
            chosen_sudo.case_id | chosen_sudo.also_case_ids
        ).with_env(self.env)
        named = cases.filtered(lambda case: case._may_be_in_a_batch())
        if not named and chosen_sudo:
            return chosen_sudo.batch_id.sorted("id")[-1].with_env(self.env)._open()
        if not cases:
            raise UserError(
                self.env._(
                    "All letters of \u201c%(group)s\u201d are answered or closed.", group=self.name
                )
            )
        if not named:
            raise UserError(self.env._("Nobody to write to: nobody is named in these cases."))
        batch = self.env["constituent.letter.batch"].create(
            {"name": self.name, "company_id": self.company_id.id}
        )
        batch._answer_opinion(self, named, left_out=len(cases - named))
        return batch._open()

    def _lines_chosen_sudo(self):
        """Return the lines of the group's batches whose letters are not written yet."""
        # A case is answered once, whoever made the batch it is in.
        return (
            self.env["constituent.letter.batch.line"]
            .sudo()
            .search(
                [
                    ("batch_id.opinion_group_id", "=", self.id),
                    ("batch_id.state", "not in", ("done", "cancelled")),
                    ("state", "in", ("waiting", "failed")),
                ]
            )
        )

    def action_batches(self):
        """Open the batches that answer the group, as far as the user may see them.

        :return dict: a window action
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "constituent_services.constituent_letter_batch_action"
        )
        return {**action, "domain": [("opinion_group_id", "=", self.id)]}


class ConstituentCase(models.Model):
    """Whether a case may be answered among others."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    def _may_be_in_a_batch(self):
        """Return whether somebody is named in it and it needs no letter of its own."""
        self.ensure_one()
        return bool(
            self.partner_id
            and self.identity == "identified"
            and self.confidentiality != "restricted"
        )


class ConstituentLetterBatch(models.Model):
    """A batch that answers opinion mail, and tells its group when it is done."""

    _name = "constituent.letter.batch"
    _inherit = "constituent.letter.batch"

    opinion_group_id = fields.Many2one(
        "constituent.opinion.group",
        string="Answers the Opinion Mail",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        groups="constituent_services.group_caseworker",
    )

    def _answer_opinion(self, group, cases, left_out=0):
        """Choose the cases of a group: one letter each person, which answers all of theirs.

        :param cases: the oldest first, all of a person who is named
        :param int left_out: how many cases nobody is named in
        """
        self._advance("draft", opinion_group_id=group.id)
        of_people = cases.grouped("partner_id")
        self._add(self.env["constituent.case"].union(*(theirs[0] for theirs in of_people.values())))
        # The lines are written by the batch's steps only.
        for line_sudo in self.sudo().line_ids:
            also = of_people[line_sudo.partner_id.with_env(self.env)][1:]
            if also:
                line_sudo.also_case_ids = [Command.set(also.ids)]
        note = self.env._(
            "Answers the opinion mail \u201c%(group)s\u201d: %(letters)s letters for "
            "%(cases)s cases. Who wrote more than once gets one letter.",
            group=group.name,
            letters=len(of_people),
            cases=len(cases),
        )
        if left_out:
            note += " " + self.env._(
                "Not in it: %(count)s cases in which nobody is named.", count=left_out
            )
        self.message_post(body=note, subtype_xmlid="mail.mt_note")

    def _advance_opinion(self, group):
        """Let batches answer another group than before; their state stays.

        :param group: with which theirs was merged
        """
        for state, batches in self.grouped("state").items():
            batches._advance(state, opinion_group_id=group.id)

    def _advance(self, state, **vals):
        """Go on; tell the opinion mail that it was answered."""
        result = super()._advance(state, **vals)
        if state == "done" and "opinion_group_id" not in vals:
            for batch in self:
                batch._tell_opinion()
        return result

    def _tell_opinion(self):
        """Write into the group how many of its letters were answered."""
        # How far the batch is, whoever it was that pressed the last button.
        batch_sudo = self.sudo()
        if not batch_sudo.opinion_group_id:
            return
        lines_sudo = batch_sudo.line_ids.filtered(lambda line: line.state == "sent")
        letters_sudo = lines_sudo.letter_id
        batch_sudo.opinion_group_id.message_post(
            body=self.env._(
                "Answered by the batch \u201c%(batch)s\u201d: %(letters)s letters for %(cases)s "
                "cases; %(failed)s failed.",
                batch=self.name,
                letters=len(letters_sudo),
                cases=len(letters_sudo.case_id | letters_sudo.also_case_ids),
                failed=batch_sudo.failed_count,
            ),
            subtype_xmlid="mail.mt_note",
        )

    def action_opinion_group(self):
        """Open the opinion mail that the batch answers.

        :return dict: a window action
        """
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "constituent.opinion.group",
            "res_id": self.opinion_group_id.id,
            "views": [(False, "form")],
        }

    def _letter_vals_of_line(self, line_sudo):
        """Return the values of a letter; it answers what else its addressee wrote."""
        vals = super()._letter_vals_of_line(line_sudo)
        if line_sudo.also_case_ids:
            # As they are now, and only what the sender may see.
            also = self.env["constituent.case"].search(
                [
                    ("id", "in", line_sudo.also_case_ids.ids),
                    ("partner_id", "=", line_sudo.partner_id.id),
                    ("confidentiality", "!=", "restricted"),
                    ("status", "!=", "closed"),
                ]
            )
            vals["also_case_ids"] = [Command.set(also.ids)]
        return vals


class ConstituentLetterBatchLine(models.Model):
    """A letter that answers several cases of its addressee."""

    _name = "constituent.letter.batch.line"
    _inherit = "constituent.letter.batch.line"

    also_case_ids = fields.Many2many(
        "constituent.case",
        "constituent_letter_batch_line_also_rel",
        "line_id",
        "case_id",
        string="Also Answers",
        readonly=True,
    )

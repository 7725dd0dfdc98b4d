from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date


class ConstituentMeeting(models.Model):
    """The reply to the group: what became of each concern, in one letter."""

    _name = "constituent.meeting"
    _inherit = "constituent.meeting"

    def action_reply(self):
        """Draft the letter that answers the group line by line.

        Open cases are listed with where they stand: the letter can wait until all are
        answered, or go before the next meeting. It is approved, printed and sealed as
        any other.

        :return dict: the action that opens the draft
        :raises UserError: no concern yet
        """
        self.ensure_one()
        self.check_access("write")
        if not self.concern_ids:
            raise UserError(self.env._("There is no concern to answer yet."))
        lang = self.group_id.lang or self.env.lang
        meeting = self.with_context(lang=lang)
        department = self.department_id or self.company_id.constituent_department_id
        by_email = self.group_id.email and (
            self.group_id.contact_preference == "email" or not self.group_id.street
        )
        letter = self.env["constituent.correspondence"].create(
            {
                "partner_id": self.group_id.id,
                "company_id": self.company_id.id,
                "department_id": department.id,
                "medium": "email" if by_email else "post",
                "lang": lang,
                "subject": meeting.env._(
                    "%(meeting)s, %(date)s: our answers",
                    meeting=self.name,
                    date=format_date(meeting.env, self.date, date_format="long"),
                ),
                "body": meeting._reply_body(),
                "also_case_ids": [Command.set(self._reply_cases().ids)],
            }
        )
        # Who may write the meeting may note what replies to it.
        meeting_sudo = self.sudo()
        meeting_sudo.letter_ids = [Command.link(letter.id)]
        return letter.action_open()

    def _reply_cases(self):
        """Return the cases the letter answers, as far as the user sees them."""
        told = self.concern_ids.case_id._filtered_access("read")
        return told.filtered(
            lambda case: (
                case.confidentiality != "restricted"
                and case.identity != "confidential"
                and case.status == "closed"
                and self.group_id in case.referrer_ids.partner_id
            )
        )

    def _reply_body(self):
        """Return the text of the letter, in the language of the context."""
        self.ensure_one()
        rows = self._reply_rows()
        return self.env["ir.qweb"]._render(
            "constituent_services.meeting_reply",
            {
                "rows": rows,
                "date": format_date(self.env, self.date, date_format="long"),
                "meeting": self,
                "open_count": sum(1 for row in rows if row["is_open"]),
            },
        )

    def _reply_rows(self):
        """Return what the letter says of each concern.

        Only what the group said itself and what the public may know: never a name, a
        note to the constituent or a word of the case. Confidential and restricted ones
        keep their place in the list and say nothing.

        :return list[dict]: place, words, number, answer, is_open
        """
        # The group is told of each of its concerns, whichever cases the user sees.
        meeting_sudo = self.sudo()
        return [
            concern_sudo._reply_row(place)
            for place, concern_sudo in enumerate(meeting_sudo.concern_ids, 1)
        ]


class ConstituentMeetingConcern(models.Model):
    """What a group is told of one of its concerns."""

    _name = "constituent.meeting.concern"
    _inherit = "constituent.meeting.concern"

    def _reply_row(self, place):
        """Return the row of one concern; see ``constituent.meeting._reply_rows``."""
        self.ensure_one()
        case = self.case_id
        row = {"place": place, "words": self.words, "number": "", "answer": "", "is_open": True}
        if case.confidentiality == "restricted" or case.identity == "confidential":
            return {
                **row,
                "words": self.env._("A concern that we answer separately"),
                "answer": self.env._("We are in touch with whoever raised it."),
                "is_open": False,
            }
        if not case:
            return {**row, "answer": self.env._("We have noted it and will look into it.")}
        return {
            **row,
            "number": case.number,
            "answer": self._reply_answer(),
            "is_open": case.status != "closed",
        }

    def _reply_answer(self):
        """Return where the case stands, in words the public may read."""
        case = self.case_id
        if case.status == "closed":
            outcome = case.outcome_id
            return self.env._(
                "%(answer)s (%(date)s)",
                answer=outcome.public_text or outcome.name or case.stage_id.public_name or "",
                date=case._notice_date(case.closed_at),
            )
        status = case.stage_id.public_name or case.stage_id.name
        if case.due_at and case.due_at > fields.Datetime.now():
            return self.env._(
                "%(status)s. We expect to answer by %(date)s.",
                status=status,
                date=case._notice_date(case.due_at),
            )
        return self.env._("%(status)s.", status=status)

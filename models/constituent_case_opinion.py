import logging
import traceback

from psycopg2 import OperationalError

from odoo import api, fields, models

from ..tools.opinion import read_opinion
from ..tools.opinion_sort import Letter, sort_letters

_logger = logging.getLogger(__name__)

# What people write of their own accord, and by which doors; what else comes in many alike
# pieces (claims, records requests, calls noted in the same words) is no opinion mail.
KINDS = frozenset({"comment", "complaint", "request", "inquiry"})
CHANNELS = ("mail", "web", "letter")


class ConstituentCase(models.Model):
    """Letters of one text, sent by many: found as they come in, each with its own case.

    The fingerprint of a text is kept for those to come (`constituent.opinion.print`); from
    so many people on as the office has set they are a group, the earlier ones too.
    Restricted cases and those of confidential or anonymous constituents have no
    fingerprint and are in no group; a case that becomes one leaves it.
    """

    _name = "constituent.case"
    _inherit = "constituent.case"

    opinion_group_id = fields.Many2one(
        "constituent.opinion.group",
        string="Opinion Mail",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )

    # At intake

    @api.model
    def _intake_steps(self):
        """Find letters of one text before duplicates: they are none of each other."""
        steps = super()._intake_steps()
        steps.insert(steps.index(self._intake_duplicates), self._intake_opinion)
        return steps

    @api.model
    def _intake_opinion(self, drafts):
        """Let letters join the others of their text; say how many there are."""
        letters = {}
        for draft in drafts:
            letter = draft.is_live and self._opinion_letter(draft.vals, draft.door.automatic)
            if letter:
                letters[letter] = draft
        self._opinion_sort(letters)

    @api.model
    def _opinion_letter(self, vals, automatic=False):
        """Return a case as a letter to be compared; False where it is none.

        :param dict vals: the case's values
        :param bool automatic: sent by a machine
        """
        channel_id = vals.get("channel_id")
        codes = self.env["constituent.channel"]._id_by_code
        if (
            automatic
            or (vals.get("kind") or "request") not in KINDS
            or not channel_id
            or channel_id not in map(codes, CHANNELS)
            or (vals.get("identity") or "identified") != "identified"
            or vals.get("confidentiality") == "restricted"
            or vals.get("is_part")
            or vals.get("closed_at")
        ):
            return False
        names = filter(None, [vals.get("partner_name")])
        opinion = read_opinion(vals.get("description"), vals.get("name"), names)
        if not opinion:
            return False
        email = (vals.get("partner_email") or "").lower()
        partner_id = vals.get("partner_id")
        return Letter(
            opinion,
            fields.Datetime.to_datetime(vals["received_at"]),
            # As the search of fingerprints gives it; who is not known is somebody else.
            f"p{partner_id}" if partner_id else email or object(),
            vals["company_id"],
        )

    @api.model
    def _opinion_sort(self, letters):
        """Find the groups of letters, and let those of new groups join, the earlier too.

        :param dict letters: Letter → its draft; None for one of a case that exists
        """
        if not letters:
            return
        # Whoever takes a report finds its like, whatever they may see of it.
        prints_sudo = self.env["constituent.opinion.print"].sudo()
        offices = self.env["res.company"]
        arrived = list(letters)
        founded = sort_letters(
            arrived,
            prints_sudo._near(arrived),
            lambda company_id: offices._office(company_id).opinion_from,
        )
        drafts = {letter: draft for letter, draft in letters.items() if draft}
        counts = self._opinion_counts(arrived)
        if founded:
            self._opinion_found(founded, drafts)
            counts.update((one.record_id, len(one.letters)) for one in founded)
        founders = {letter for one in founded for letter in one.letters}
        for letter, draft in drafts.items():
            if letter.refused:
                continue
            if letter.group is None:
                draft.kept["opinion"] = letter
                continue
            group_id = getattr(letter.group, "record_id", letter.group)
            # The founders count each other, who comes later all before.
            others = counts.get(group_id, 0) - (letter in founders)
            counts[group_id] = others + 1
            draft.vals["opinion_group_id"] = group_id
            draft.explain("opinion", self._opinion_note(others))

    @api.model
    def _opinion_counts(self, letters):
        """Return how many cases the groups have that letters join: group id → count."""
        ids = {letter.group for letter in letters if isinstance(letter.group, int)}
        if not ids:
            return {}
        # As many as there are: restricted ones are in no group.
        cases_sudo = self.sudo()
        rows = cases_sudo._read_group(
            [("opinion_group_id", "in", ids)], ["opinion_group_id"], ["__count"]
        )
        return {group.id: count for group, count in rows}

    @api.model
    def _opinion_note(self, others):
        return self.env._("Opinion mail: like %(count)s others", count=others)

    @api.model
    def _opinion_found(self, founded, drafts):
        """Make the groups that were found, and let the earlier cases of their text join.

        :param list founded: as ``tools.opinion_sort`` gives them; each learns its record
        :param dict drafts: Letter → draft
        """
        # Nobody has the right to make groups by hand: the pipeline proposes them.
        groups_sudo = self.env["constituent.opinion.group"].sudo()
        for one, group_sudo in zip(founded, groups_sudo._found(founded, drafts), strict=True):
            one.record_id = group_sudo.id
            earlier_sudo = self.sudo().browse(
                [letter.case_id for letter in one.letters if letter.case_id]
            )
            earlier_sudo._join_opinion(group_sudo, len(one.letters) - 1)

    def _join_opinion(self, group, others):
        """Let cases that exist join a group.

        :param group: the group
        :param int others: of how many letters beside each the history tells
        """
        if not self:
            return
        self.opinion_group_id = group
        self._opinion_forget()
        self._log_event(self._opinion_note(others), kind="opinion")
        # They may have been taken for each other's duplicates before.
        asked = self.filtered("duplicate_candidate")
        found = self._find_duplicates([case._duplicate_wanted() for case in asked], True)
        asked.browse(
            case.id for case, matches in zip(asked, found, strict=True) if not matches
        ).duplicate_candidate = False

    # After creation

    def _intake_log(self, drafts):
        """Keep the fingerprints of those that wait for others, now that they have cases."""
        result = super()._intake_log(drafts)
        waiting = []
        for case, draft in zip(self, drafts, strict=True):
            letter = draft.kept.get("opinion")
            if letter:
                letter.case_id = case.id
                waiting.append(letter)
        if waiting:
            self._opinion_keep(waiting)
        return result

    @api.model
    def _opinion_keep(self, letters):
        """Keep fingerprints; a case is not lost for one that cannot be kept.

        :raises OperationalError: so that Odoo can retry the transaction
        """
        try:
            with self.env.cr.savepoint():
                # Fingerprints are for no user.
                self.env["constituent.opinion.print"].sudo()._keep(letters)
        except OperationalError:
            raise
        except Exception as error:
            # Where and what kind; the text of an error may carry personal data.
            _logger.error(
                "Fingerprints of %s letters were not kept (%s):\n%s",
                len(letters),
                type(error).__name__,
                "".join(traceback.format_tb(error.__traceback__)),
            )
            self.browse([letter.case_id for letter in letters])._log_event(
                f"_opinion_keep: {type(error).__name__}", kind="error"
            )

    # Later

    def write(self, vals):
        """Write; what becomes restricted, confidential or anonymous leaves its group."""
        result = super().write(vals)
        if {"confidentiality", "identity"} & vals.keys():
            # By whoever may change that; fingerprints and groups are the code's own.
            cases_sudo = self.sudo()
            hidden_sudo = cases_sudo.filtered(
                lambda case: case.confidentiality == "restricted" or case.identity != "identified"
            )
            hidden_sudo._leave_opinion(self.env._("Opinion mail: no longer counted with others"))
            (cases_sudo - hidden_sudo)._opinion_recognise()
        return result

    def _leave_opinion(self, note):
        """Take cases out of their groups, and forget their fingerprints.

        :param str note: why, for the history
        """
        grouped = self.filtered("opinion_group_id")
        if grouped:
            grouped._log_event(note, kind="opinion")
            grouped.opinion_group_id = False
        self._opinion_forget()

    def _opinion_forget(self):
        # Fingerprints are for no user.
        prints_sudo = self.env["constituent.opinion.print"].sudo()
        prints_sudo.search([("case_id", "in", self.ids)]).unlink()

    def _opinion_recognise(self):
        """Let open cases that are in no group and wait for none be compared again."""
        fresh = self.filtered(
            lambda case: (
                case.intake_mode == "live"
                and case.status != "closed"
                and not case.opinion_group_id
                and not case.opinion_apart
            )
        )
        letters = {}
        for case in fresh:
            vals = {
                name: case[name]
                for name in (
                    "kind", "identity", "confidentiality", "is_part", "description", "name",
                    "partner_name", "partner_email", "received_at", "closed_at",
                )
            }  # fmt: skip
            for name in ("channel_id", "partner_id", "company_id"):
                vals[name] = case[name].id
            letter = self._opinion_letter(vals)
            if letter:
                letter.case_id = case.id
                letters[letter] = None
        if not letters:
            return
        fresh._opinion_forget()
        self._opinion_sort(letters)
        counts = self._opinion_counts(letters)
        waiting = []
        for letter in letters:
            if isinstance(letter.group, int) and not letter.refused:
                group = self.env["constituent.opinion.group"].browse(letter.group)
                self.browse(letter.case_id)._join_opinion(group, counts.get(letter.group, 0))
            elif letter.group is None and not letter.refused:
                waiting.append(letter)
        if waiting:
            self._opinion_keep(waiting)

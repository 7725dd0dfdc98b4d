import logging
import traceback

import pytz
from psycopg2 import OperationalError

from odoo import api, fields, models

from ..tools.intake import CASE_KEYS, Door, Draft, check_report

_logger = logging.getLogger(__name__)


class ConstituentCase(models.Model):
    """The intake pipeline: every door, and a case typed in by hand, go through it."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    # Doors

    @api.private
    @api.model
    def intake(self, reports):
        """Take in what a door received.

        :param list[dict] reports: as described in ``tools/intake.py``
        :return: one case for each report, in their order
        :raises ValueError: a report with an unknown key or mode
        """
        return self.create([self._intake_vals(check_report(report)) for report in reports])

    @api.model
    def _intake_vals(self, report):
        """Translate a report into the values ``create`` takes."""
        vals = {key: report[key] for key in CASE_KEYS if key in report}
        vals["intake_mode"] = report["mode"]
        vals["intake_door"] = Door(
            report.get("door_department_id") or 0,
            bool(report.get("automatic")),
            report.get("journal"),
            report.get("answers"),
            tuple(report.get("forwarded") or ()),
        )
        if report.get("channel"):
            vals["channel_id"] = self.env["constituent.channel"]._id_by_code(report["channel"])
        if report.get("referrers"):
            vals["referrer_ids"] = [fields.Command.create(ref) for ref in report["referrers"]]
        for key in ("shared_department_ids", "informed_department_ids", "tag_ids"):
            if report.get(key):
                vals[key] = [fields.Command.set(report[key])]
        return vals

    @api.model_create_multi
    def create(self, vals_list):
        """Create cases by the same steps whatever the door."""
        drafts = self._intake_run(vals_list)
        numbers = self._draw_numbers(drafts)
        for draft, number in zip(drafts, numbers, strict=True):
            draft.vals["number"] = number
        # The history is in the events: no creation message, and no follower who
        # would get a mail for every call entered.
        quiet = self.with_context(mail_create_nolog=True, mail_create_nosubscribe=True)
        later = self._intake_restricted_later(drafts)
        cases = super(ConstituentCase, quiet).create([draft.vals for draft in drafts])
        cases = cases.with_env(self.env)
        cases._intake_log(drafts)
        cases._intake_notify(drafts)
        cases.browse([cases.ids[place] for place in later])._restrict()
        return cases

    # Running the steps

    @api.model
    def _intake_draft(self, vals):
        """Make a draft from values; False from the web client means "not given"."""
        vals = dict(vals)
        door = vals.pop("intake_door", None)
        vals["received_at"] = vals.get("received_at") or fields.Datetime.now()
        # Follow from other columns, whatever a caller sends.
        for name in ("number", "status", "description_text"):
            vals.pop(name, None)
        name = (vals.get("name") or "").replace("\0", "").strip()
        vals["name"] = name or self.env._("(no subject)")
        return Draft(vals, door if isinstance(door, Door) else Door())

    @api.model
    def _intake_steps(self):
        """Return the steps in order; each takes the list of drafts and changes them."""
        return [
            self._intake_company,
            self._intake_divert,
            self._intake_identify,
            self._intake_classify,
            self._intake_answers,
            self._intake_locate,
            self._intake_route,
            self._intake_assign,
            self._intake_acceptance,
            self._intake_due,
            self._intake_duplicates,
        ]

    @api.model
    def _intake_run(self, vals_list):
        """Run all steps; what one of them cannot do never loses a report.

        In the ordinary case one savepoint holds for all. After a failure each step
        runs again in its own, and a step that failed record by record: only the
        record it cannot do goes on without it, with the reason in its history.

        :param list[dict] vals_list: as ``create`` takes them
        :return list[Draft]: one for each, in order
        :raises OperationalError: so that Odoo can retry the transaction
        """
        drafts = [self._intake_draft(vals) for vals in vals_list]
        steps = self._intake_steps()
        try:
            with self.env.cr.savepoint():
                for step in steps:
                    step(drafts)
            return drafts
        except OperationalError:
            raise
        except Exception as error:
            # Where and what kind; the text of an error may carry personal data.
            _logger.error(
                "Intake of %s reports failed (%s), step by step now:\n%s",
                len(vals_list),
                type(error).__name__,
                "".join(traceback.format_tb(error.__traceback__)),
            )
        drafts = [self._intake_draft(vals) for vals in vals_list]
        for step in steps:
            drafts = [self._intake_run_one(step, draft) for draft in drafts]
        return drafts

    @api.model
    def _intake_run_one(self, step, draft):
        """Run one step for one draft; return the draft as it was when the step fails."""
        trial = draft.clone()
        try:
            with self.env.cr.savepoint():
                step([trial])
            return trial
        except OperationalError:
            raise
        except Exception as error:
            # The type only: the text of an error may carry personal data.
            _logger.warning("Intake step %s failed: %s", step.__name__, type(error).__name__)
            draft.explain("error", f"{step.__name__}: {type(error).__name__}")
            return draft

    # Steps

    @api.model
    def _intake_company(self, drafts):
        """The office comes from the door or the department, not from who is logged in."""
        departments = self.env["constituent.department"]
        for draft in drafts:
            vals = draft.vals
            if not vals.get("company_id"):
                department_id = vals.get("department_id") or draft.door.department_id
                vals["company_id"] = (
                    departments._facts(department_id).company_id
                    if department_id
                    else self.env.company.id
                )
            stages = self.env["constituent.case.stage"]
            if not vals.get("stage_id"):
                vals["stage_id"] = stages._first_stage_id("new", vals["company_id"])
            if stages._status_by_id(vals["stage_id"]) == "closed":
                vals["closed_at"] = vals.get("closed_at") or fields.Datetime.now()

    @api.model
    def _intake_text(self, draft):
        """Return the folded words of subject and description."""
        return " ".join(filter(None, draft.folded()))

    # Number

    @api.model
    def _draw_numbers(self, drafts):
        """Return a number for each draft, in order.

        Numbers start anew each year of the office's time zone: the year of today, for
        imported history the year it was received. They come from one PostgreSQL
        sequence a company and year: one query for a whole batch, no row to wait for.
        A rolled-back case leaves a gap.

        :param list[Draft] drafts: each with its office
        :return list[str]: like CS-2026-000123
        """
        keys = [self._number_key(draft) for draft in drafts]
        numbers = {}
        for company_id, year in set(keys):
            prefix = self.env["res.company"]._office(company_id).number_prefix
            drawn = self._draw_sequence(
                "constituent_case_number", company_id, year, keys.count((company_id, year))
            )
            numbers[company_id, year] = iter([f"{prefix}-{year}-{value:06}" for value in drawn])
        return [next(numbers[key]) for key in keys]

    @api.model
    def _number_key(self, draft):
        """Return the office and year whose numbers a draft draws from."""
        vals = draft.vals
        # Empty only where the step that finds the office failed.
        vals["company_id"] = vals.get("company_id") or self.env.company.id
        zone = pytz.timezone(self.env["res.company"]._office(vals["company_id"]).tz)
        moment = fields.Datetime.now()
        if vals.get("intake_mode") == "import":
            moment = fields.Datetime.to_datetime(vals["received_at"])
        return vals["company_id"], pytz.utc.localize(moment).astimezone(zone).year

    @api.model
    def _draw_sequence(self, kind, company_id, year, count):
        """Draw values of the sequence of a kind, company and year, made when missing.

        :param str kind: an SQL name that the code gives, never a user
        :param int count: how many
        :return list[int]: distinct, not necessarily without gaps
        """
        name = f"{kind}_{int(company_id)}_{int(year)}"
        cr = self.env.cr
        # nextval of an unknown name (NULL) is NULL: one query in the ordinary case.
        draw = "SELECT nextval(to_regclass(%s)) FROM generate_series(1, %s)"
        cr.execute(draw, (name, count))
        values = [row[0] for row in cr.fetchall()]
        if values and values[0] is None:
            cr.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (name,))
            cr.execute(f"CREATE SEQUENCE IF NOT EXISTS {name}")  # pylint: disable=E8103
            cr.execute(draw, (name, count))
            values = [row[0] for row in cr.fetchall()]
        return values

    # After creation

    def _intake_log(self, drafts):
        """Write the history of what the steps did, in one go."""
        events = []
        for case, draft in zip(self, drafts, strict=True):
            if draft.door.journal:
                draft.write_journal()
                continue
            base = {"case_id": case.id, "company_id": case.company_id.id}
            if not draft.is_live:
                # What an import tells happened when the matter was received.
                base["happened_at"] = case.received_at
            channel = self.env["constituent.channel"]._name_by_id(case.channel_id.id)
            events.append(
                {
                    **base,
                    "kind": "received",
                    "note": self.env._("Received by %(channel)s", channel=channel)
                    if channel
                    else self.env._("Entered by hand"),
                }
            )
            events.extend({**base, **event} for event in draft.events)
        if events:
            # Only the pipeline writes history; nobody has the right to create events.
            self.env["constituent.case.event"].sudo().create(events)

    def _intake_notify(self, drafts):
        """Queue the acknowledgement and other notices of live, open cases."""
        for mode_automatic in (False, True):
            cases = self.browse(
                case.id
                for case, draft in zip(self, drafts, strict=True)
                if draft.is_live
                and case.status != "closed"
                and draft.door.automatic == mode_automatic
            )
            if cases:
                cases._notify_event("received", automatic=mode_automatic)

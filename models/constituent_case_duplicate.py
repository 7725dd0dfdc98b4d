import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..tools.duplicates import box_around, metres_between, resembles, same_street

DAYS = 60
# So many of each kind are looked at, so many shown.
LOOKED_AT, SHOWN = 20, 5
DEFAULT_RADIUS = 50


class ConstituentCase(models.Model):
    """The same matter reported twice: found by place or person, and worked once.

    A duplicate keeps its number, its words, when it was received and where: it may be
    legal notice of a hazard. Its constituent is answered separately and learns nothing of
    who else reported it.
    """

    _name = "constituent.case"
    _inherit = "constituent.case"

    duplicate_ids = fields.One2many(
        "constituent.case", "duplicate_of_id", string="Reported the Same"
    )
    duplicate_count = fields.Integer(compute="_compute_duplicate_count")
    duplicate_candidate = fields.Boolean(
        string="Perhaps a Duplicate",
        readonly=True,
        copy=False,
        help="An open case nearby, or of the same constituent, may be the same matter.",
    )
    closed_with_main = fields.Boolean(
        readonly=True, copy=False, help="It ended with the case under which it is worked."
    )
    not_duplicate_ids = fields.Many2many(
        "constituent.case",
        "constituent_case_not_duplicate_rel",
        "case_id",
        "other_id",
        readonly=True,
        copy=False,
        string="Not the Same As",
    )
    duplicate_suggestions = fields.Json(
        compute="_compute_duplicate_suggestions",
        help="Open cases that may be the same matter, as far as the reader may see them.",
    )

    # What is looked up for each new case.
    _open_place_idx = models.Index(
        "(latitude, longitude) WHERE status != 'closed' AND latitude IS NOT NULL AND latitude != 0"
    )
    _open_street_idx = models.Index(
        "(lower(street)) WHERE status != 'closed' AND street IS NOT NULL"
    )
    _duplicate_candidate_idx = models.Index("(id DESC) WHERE duplicate_candidate IS TRUE")

    def _compute_duplicate_count(self):
        counts = dict(
            self._read_group(
                [("duplicate_of_id", "in", self.ids)], ["duplicate_of_id"], ["__count"]
            )
        )
        for case in self:
            case.duplicate_count = counts.get(case._origin, 0)

    @api.depends(
        "name", "category_id", "partner_id", "street", "latitude", "longitude", "status",
        "duplicate_of_id", "not_duplicate_ids", "opinion_group_id",
    )  # fmt: skip
    @api.depends_context("uid")
    def _compute_duplicate_suggestions(self):
        asked = self.filtered(
            lambda case: case.status != "closed" and not case.duplicate_of_id and not case.is_part
        )
        (self - asked).duplicate_suggestions = False
        found = self._duplicate_dicts([case._duplicate_wanted() for case in asked])
        for case, suggestions in zip(asked, found, strict=True):
            case.duplicate_suggestions = suggestions

    # Finding

    def _duplicate_wanted(self):
        """Return what to look for to find cases like this one."""
        self.ensure_one()
        return self._duplicate_query(
            {
                "name": self.name,
                "company_id": self.company_id.id or self.env.company.id,
                "category_id": self.category_id.id,
                "partner_id": self.partner_id.id,
                "street": self.street,
                "city": self.city,
                "latitude": self.latitude,
                "longitude": self.longitude,
                "received_at": self.received_at,
                "opinion_group_id": self.opinion_group_id.id,
            },
            own_id=self._origin.id,
            not_ids=self.not_duplicate_ids.ids,
        )

    @api.model
    def _duplicate_query(self, vals, own_id=0, not_ids=()):
        """Return what to look for, as one row of the search.

        :param dict vals: the case's values
        """
        category_id = vals.get("category_id")
        kin, radius = self.env["constituent.category"]._duplicate_facts(category_id)
        place = vals.get("latitude") and vals.get("longitude") and category_id
        box = box_around(vals["latitude"], vals["longitude"], radius) if place else None
        received = fields.Datetime.to_datetime(vals["received_at"]) or fields.Datetime.now()
        street = same_street(vals.get("street")) if category_id else ""
        return {
            "name": vals.get("name") or "",
            "company_id": vals["company_id"],
            "kin": list(kin),
            "partner_id": vals.get("partner_id") or None,
            # As typed: the index knows nothing of our folding, and few type it otherwise.
            "street": vals["street"].strip().lower() if street else None,
            "city": (vals.get("city") or "").strip().lower() or None,
            "south": box and box.south,
            "north": box and box.north,
            "west": box and box.west,
            "east": box and box.east,
            "latitude": vals.get("latitude") or None,
            "longitude": vals.get("longitude") or None,
            "radius": radius,
            "since": fields.Datetime.to_string(received - timedelta(days=DAYS)),
            "until": fields.Datetime.to_string(received + timedelta(days=DAYS)),
            # Letters of a campaign name the same street; each is answered for itself.
            "opinion_group_id": vals.get("opinion_group_id") or None,
            "own_id": own_id or 0,
            "not_ids": list(not_ids),
        }

    @api.model
    def _find_duplicates(self, wanted, restricted=False):
        """Return open cases that may be the same matter, by one query for all.

        :param list[dict] wanted: as `_duplicate_query` gives them
        :param bool restricted: restricted cases, too
        :return list[list[dict]]: for each, the likeliest first: id, number, how (place,
            street, person), metres (None where one of them is not on the map)
        """
        # A search that could find nothing is not made.
        asked = [
            {"position": position, **one}
            for position, one in enumerate(wanted)
            if one["south"] or one["street"] or one["partner_id"]
        ]
        found = [[] for _one in wanted]
        if not asked:
            return found
        self.flush_model(
            ["latitude", "longitude", "street", "partner_id", "category_id", "received_at",
             "duplicate_of_id", "status", "confidentiality", "company_id", "name", "city",
             "opinion_group_id"]
        )  # fmt: skip
        for row in self.env.execute_query_dict(self._duplicates_sql(asked, restricted)):
            one = wanted[row["position"]]
            match = self._duplicate_match(one, row)
            if match and match["id"] not in {known["id"] for known in found[row["position"]]}:
                found[row["position"]].append(match)
        order = ("place", "street", "person")
        for matches in found:
            matches.sort(key=lambda one: (order.index(one["how"]), one["metres"] or 0, -one["id"]))
        return found

    @api.model
    def _duplicates_sql(self, asked, restricted):
        """Return the search: for each wanted row three arms, each with an index of its own."""
        columns = SQL(
            "id, number, name, latitude::float8 AS latitude, longitude::float8 AS longitude,"
            " lower(city) AS city"
        )
        common = SQL(
            "status != 'closed' AND duplicate_of_id IS NULL AND is_part IS NOT TRUE"
            " AND company_id = wanted.company_id"
            " AND received_at BETWEEN wanted.since AND wanted.until AND id != wanted.own_id"
            " AND id != ALL (wanted.not_ids)"
            " AND (wanted.opinion_group_id IS NULL"
            "      OR opinion_group_id IS DISTINCT FROM wanted.opinion_group_id) %s",
            SQL() if restricted else SQL("AND confidentiality != 'restricted'"),
        )
        return SQL(
            """
            SELECT wanted.position, found.*
              FROM jsonb_to_recordset(%(asked)s::jsonb) AS wanted(
                   position int, company_id int, kin int[], partner_id int, street text,
                   south numeric, north numeric, west numeric, east numeric,
                   since timestamp, until timestamp, own_id int, not_ids int[],
                   opinion_group_id int)
             CROSS JOIN LATERAL (
                   (SELECT 'place' AS how, %(columns)s FROM constituent_case
                     WHERE latitude BETWEEN wanted.south AND wanted.north AND latitude != 0
                       AND longitude BETWEEN wanted.west AND wanted.east
                       AND category_id = ANY (wanted.kin) AND %(common)s LIMIT %(limit)s)
                   UNION ALL
                   (SELECT 'street', %(columns)s FROM constituent_case
                     WHERE lower(street) = wanted.street
                       AND category_id = ANY (wanted.kin) AND %(common)s LIMIT %(limit)s)
                   UNION ALL
                   (SELECT 'person', %(columns)s FROM constituent_case
                     WHERE partner_id = wanted.partner_id AND %(common)s
                     ORDER BY id DESC LIMIT %(limit)s)
                   ) AS found
            """,
            asked=json.dumps(asked),
            columns=columns,
            common=common,
            limit=LOOKED_AT,
        )

    @api.model
    def _duplicate_match(self, one, row):
        """Return a row that was found as a match; None where a closer look says no."""
        metres = None
        here = one["latitude"] and one["longitude"] and (one["latitude"], one["longitude"])
        there = row["latitude"] and row["longitude"] and (row["latitude"], row["longitude"])
        if here and there:
            metres = round(metres_between(here, there))
        if row["how"] == "place" and metres > one["radius"]:
            return None  # in a corner of the box
        if row["how"] == "street" and one["city"] and row["city"] and one["city"] != row["city"]:
            return None
        if row["how"] == "person":
            far = metres is not None and metres > one["radius"]
            if far or not resembles(one["name"], row["name"]):
                return None
        return {
            "id": row["id"],
            "number": row["number"],
            "how": row["how"],
            "metres": metres,
        }

    @api.model
    def _duplicate_dicts(self, wanted):
        """Return the cases that may be the same, as the screens show them.

        Only such as the reader may see.

        :param list[dict] wanted: as `_duplicate_query` gives them
        :return list[list[dict]]: for each
        """
        restricted = self.env.user.has_group("constituent_services.group_restricted")
        found = self._find_duplicates(wanted, restricted)
        ids = {match["id"] for matches in found for match in matches}
        seen = self.browse(ids)._filtered_access("read")
        shown = [
            [match for match in matches if match["id"] in seen._ids][:SHOWN] for matches in found
        ]
        return [
            [
                {"label": str(position), **seen.browse(match["id"])._duplicate_dict(match)}
                for position, match in enumerate(matches, start=1)
            ]
            for matches in shown
        ]

    def _duplicate_dict(self, match):
        how = {
            "place": self.env._("%(metres)s m away", metres=match["metres"]),
            "street": self.env._("the same address"),
            "person": self.env._("the same constituent"),
        }
        return {
            "id": self.id,
            "number": self.number,
            "name": self.name,
            "how": how[match["how"]],
            "received": format_date(self.env, self.received_at),
            "department": self.department_id.name or self.env._("In triage"),
            # A protected home is on no map, not even beside others.
            "place": self._may_be_on_a_map() and [self.latitude, self.longitude],
        }

    # At intake

    @api.model
    def _intake_duplicates(self, drafts):
        """Say of each live draft which open cases may be the same matter."""
        live = [
            draft for draft in drafts if draft.is_live and not draft.given("closed_at", "is_part")
        ]
        if not live:
            return
        found = self._find_duplicates([self._duplicate_query(draft.vals) for draft in live])
        for draft, matches in zip(live, found, strict=True):
            if matches:
                draft.vals["duplicate_candidate"] = True
                named = ", ".join(match["number"] for match in matches[:SHOWN])
                draft.explain("linked", self.env._("Perhaps the same as %(cases)s", cases=named))

    # A person's word

    def action_same_as(self, case_id):
        """Say that these cases are the same matter as another.

        :param int case_id: the case that is worked
        :return bool: True
        :raises UserError: closed, of another office, or itself
        :raises AccessError: a case the user may not see
        """
        self.check_access("write")
        main = self.browse(case_id).exists()
        main.check_access("read")
        main = main.duplicate_of_id or main
        for case in self:
            case._check_same_as(main)
        self._same_as(main)
        return True

    def _check_same_as(self, main):
        """Refuse what cannot be the same.

        :raises UserError: why not
        """
        problem = ""
        if not main:
            problem = self.env._("There is no such case.")
        elif main == self:
            problem = self.env._("A case is not a duplicate of itself.")
        elif main.company_id != self.company_id:
            problem = self.env._("%(number)s is another office's.", number=main.number)
        elif "closed" in (main.status, self.status):
            closed = main if main.status == "closed" else self
            problem = self.env._("%(number)s is closed: reopen it first.", number=closed.number)
        elif main.confidentiality == "restricted" != self.confidentiality:
            problem = self.env._("%(number)s is restricted: link them by hand.", number=main.number)
        if problem:
            raise UserError(problem)

    def _same_as(self, main):
        """Link the cases to the one that is worked, with whoever has reported the same as they."""
        # The right was checked; with the holder, the case may leave the user's sight.
        cases_sudo = (self | self.duplicate_ids).sudo()
        note = self.env._("The same matter as %(number)s", number=main.number)
        bases = cases_sudo.grouped("routed_by")
        cases_sudo.write(
            {
                "duplicate_of_id": main.id,
                "duplicate_candidate": False,
                "department_id": main.department_id.id,
                "user_id": main.user_id.id,
                "routing_rule_id": False,
                "routing_note": note,
            }
        )
        self._keep_bases(bases)
        cases_sudo._log_event(note, kind="linked")
        main._log_events(
            [
                (
                    main,
                    {
                        "kind": "linked",
                        "note": self.env._(
                            "%(number)s reports the same matter",
                            number=main._numbers_of(case_sudo),
                        ),
                    },
                )
                for case_sudo in cases_sudo
            ]
        )

    def action_choose_same(self):
        """Ask under which case these are worked.

        :return dict: the action of the wizard
        """
        self.check_access("write")
        return self._wizard_action("constituent.case.same.wizard", self.env._("Same Matter As"))

    def action_not_same(self):
        """Take back that a case is a duplicate, while the main case is open.

        :return bool: True
        :raises UserError: not a duplicate, or the main case is closed
        """
        self.check_access("write")
        for case in self:
            # The user may say that it is another matter without seeing that one.
            main_sudo = case.sudo().duplicate_of_id
            if not main_sudo:
                raise UserError(self.env._("%(number)s is no duplicate.", number=case.number))
            if main_sudo.status == "closed":
                raise UserError(
                    self.env._(
                        "%(number)s is closed, and what reported the same with it: "
                        "reopen it first.",
                        number=main_sudo.number,
                    )
                )
            case._not_same(main_sudo)
        return True

    def _not_same(self, main_sudo):
        note = self.env._("Another matter than %(number)s", number=main_sudo.number)
        # The holder changes with it, and the user's sight of the case.
        case_sudo = self.sudo()
        bases = case_sudo.grouped("routed_by")
        case_sudo.write(
            {
                "duplicate_of_id": False,
                "not_duplicate_ids": [fields.Command.link(main_sudo.id)],
                **case_sudo._holder_before(main_sudo),
                "routing_note": note,
            }
        )
        self._keep_bases(bases)
        case_sudo._log_event(note, kind="linked")
        number = main_sudo._numbers_of(case_sudo)
        main_sudo._log_event(
            self.env._("%(number)s is another matter", number=number), kind="linked"
        )

    @api.model
    def _keep_bases(self, bases):
        """Keep what gave cases their department: as a duplicate they only lie elsewhere.

        :param dict bases: what it was → cases, with the right to write them
        """
        for basis, cases in bases.items():
            cases.routed_by = basis

    def _holder_before(self, main_sudo):
        """Return who held the case before it was linked, as the history has it."""
        note = self.env._("The same matter as %(number)s", number=main_sudo.number)
        noted = self.event_ids.filtered(lambda event: event.note == note)
        linked = noted.filtered(lambda event: event.kind == "linked")[-1:]
        # The hand-over is written just before the link; later ones may repeat its note.
        events = noted.filtered(lambda event: event.kind == "handed_over" and event.id < linked.id)
        if not events:  # the main case was with the same people
            return {}
        return {
            "department_id": events[-1].department_from_id.id,
            "user_id": events[-1].user_from_id.id,
        }

    def action_not_duplicates(self):
        """Say that none of the proposed cases is the same matter.

        :return bool: True
        """
        self.check_access("write")
        restricted = self.env.user.has_group("constituent_services.group_restricted")
        found = self._find_duplicates([case._duplicate_wanted() for case in self], restricted)
        for case, matches in zip(self, found, strict=True):
            case._write_kept(
                {
                    "duplicate_candidate": False,
                    "not_duplicate_ids": [fields.Command.link(match["id"]) for match in matches],
                }
            )
            case._log_event(self.env._("No duplicate"), kind="linked")
        return True

    # With the main case

    def _log_changes(self, before):
        """Let the duplicates end, and go on, with the case that is worked."""
        result = super()._log_changes(before)
        turned = self.filtered(
            lambda case: (
                "stage_id" in before.get(case.id, {})
                and (before[case.id]["stage_id"].status == "closed") != (case.status == "closed")
            )
        )
        # Their constituents are answered, whatever the user may see.
        for main_sudo in turned.sudo():
            duplicates_sudo = main_sudo.duplicate_ids
            if main_sudo.status == "closed":
                duplicates_sudo.filtered(lambda case: case.status != "closed")._close_with(
                    main_sudo
                )
            else:
                closed_sudo = duplicates_sudo.filtered("closed_with_main")
                if closed_sudo:
                    closed_sudo.closed_with_main = False
                    closed_sudo._reopen(
                        self.env._("%(number)s was reopened", number=main_sudo.number)
                    )
        return result

    def _close_with(self, main):
        """Close duplicates as the main case ended.

        Its note may speak of its constituent: they get one of their own.
        """
        note = self.env.context.get("constituent_duplicate_note")
        if self.env.user._is_constituent_clerk_only():
            note = False  # Clerks send constituents no words of their own.
        for lang, cases in self.grouped("lang").items():
            text = note or (
                self.with_context(lang=lang).env._(
                    "The matter you reported has been dealt with, together with other reports "
                    "of it."
                )
                if main.outcome_id.requires_note
                else False
            )
            cases._close(main.outcome_id, text)
        self.closed_with_main = True

    # Screens

    def action_duplicates(self):
        """Open the cases that reported the same.

        :return dict: a window action
        """
        self.ensure_one()
        return self._list_action(
            self.env._("Same as %(number)s", number=self.number),
            [("duplicate_of_id", "=", self.id)],
        )

    def action_nearby(self):
        """Open all that was ever reported of this place, closed cases too.

        :return dict: a window action
        :raises UserError: the case has no place
        """
        self.ensure_one()
        domain = Domain.FALSE
        if self.has_location:
            radius = self._nearby_radius()
            box = box_around(self.latitude, self.longitude, radius)
            domain |= Domain(
                [
                    ("latitude", ">=", box.south),
                    ("latitude", "<=", box.north),
                    ("longitude", ">=", box.west),
                    ("longitude", "<=", box.east),
                ]
            )
        if same_street(self.street):
            domain |= Domain("street", "=ilike", self.street.strip())
        if domain.is_false():
            raise UserError(
                self.env._("%(number)s has no place: give it a street first.", number=self.number)
            )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "constituent_services.constituent_case_action_notice_register"
        )
        action.update(
            name=self.env._("Reported Here: %(place)s", place=self.street or self.number),
            domain=list(domain & Domain("is_part", "!=", True)),
            context={},
        )
        return action

    def _list_action(self, name, domain):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "constituent_services.constituent_case_action"
        )
        action.update(name=name, domain=domain, context={})
        return action

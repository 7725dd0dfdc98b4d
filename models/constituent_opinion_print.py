import json
from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.opinion import Opinion
from ..tools.opinion_sort import Letter

# So many that may be alike are compared, the groups among them first.
LOOKED_AT = 40
# So long a letter waits for others of its text; earlier ones join a group found by then.
KEPT_DAYS = 365
GC_LIMIT = 10_000


class ConstituentOpinionPrint(models.Model):
    """The fingerprint of a letter that waits for others of its text, or of a group's.

    It holds words of a letter and is for no reader: nobody but the code has rights on it.
    A letter that has joined a group needs none, so that a campaign of thousands is looked
    up as fast as one of ten.
    """

    _name = "constituent.opinion.print"
    _description = "Fingerprint of a Letter"
    _rec_name = "case_id"

    case_id = fields.Many2one("constituent.case", index="btree_not_null", ondelete="cascade")
    group_id = fields.Many2one(
        "constituent.opinion.group", index="btree_not_null", ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    seen_at = fields.Datetime(required=True)
    bands = fields.Char(required=True, help="As tools/opinion.py gives them, spaces between.")
    words = fields.Text(required=True)
    subject = fields.Char()

    _bands_idx = models.Index("USING gin (string_to_array(bands, ' ')) WITH (fastupdate = off)")
    _waiting_idx = models.Index("(seen_at) WHERE case_id IS NOT NULL")
    _of_one = models.Constraint(
        "CHECK ((case_id IS NULL) != (group_id IS NULL))",
        "A fingerprint is of a case or of a group.",
    )

    @api.model
    def _keep(self, letters):
        """Keep the fingerprints of letters with a case, or of a group.

        :param list[Letter] letters: each with the id of its case or of its group
        """
        self.create(
            [
                {
                    "case_id": letter.case_id or False,
                    "group_id": letter.group or False,
                    "company_id": letter.company_id,
                    "seen_at": letter.seen_at,
                    "bands": " ".join(letter.bands),
                    "words": " ".join(letter.opinion.words),
                    "subject": " ".join(letter.opinion.subject),
                }
                for letter in letters
            ]
        )

    @api.model
    def _near(self, letters):
        """Return what may be of the same text, by one query for all.

        :param list[Letter] letters: those to find company for
        :return list[list[Letter]]: for each; the same fingerprint is the same object
        """
        self.flush_model()
        self.env["constituent.opinion.group"].flush_model(["state"])
        self.env["constituent.case"].flush_model(["partner_id", "partner_email"])
        rows = self.env.execute_query_dict(self._near_sql(letters))
        found, near = {}, defaultdict(list)
        for row in rows:
            if row["id"] not in found:
                found[row["id"]] = Letter(
                    Opinion(tuple(row["words"].split()), tuple((row["subject"] or "").split())),
                    row["seen_at"],
                    row["sender"],
                    row["company_id"],
                    row["case_id"] or 0,
                    row["group_id"],
                    row["refused"],
                    row["bands"].split(),
                )
            near[row["position"]].append(found[row["id"]])
        return [near[position] for position in range(len(letters))]

    @api.model
    def _near_sql(self, letters):
        asked = [
            {"position": position, "company_id": letter.company_id, "bands": letter.bands}
            for position, letter in enumerate(letters)
        ]
        return SQL(
            """
            SELECT wanted.position, found.*
              FROM jsonb_to_recordset(%(asked)s::jsonb) AS wanted(
                   position int, company_id int, bands text[])
             CROSS JOIN LATERAL (
                   SELECT kept.id, kept.group_id, kept.case_id, kept.company_id, kept.seen_at,
                          kept.bands, kept.words, kept.subject,
                          COALESCE(family.state = 'not_one', FALSE) AS refused,
                          COALESCE('p' || matter.partner_id, lower(matter.partner_email),
                                   'c' || matter.id) AS sender
                     FROM constituent_opinion_print AS kept
                     LEFT JOIN constituent_opinion_group AS family ON family.id = kept.group_id
                     LEFT JOIN constituent_case AS matter ON matter.id = kept.case_id
                    WHERE string_to_array(kept.bands, ' ') && wanted.bands
                      AND kept.company_id = wanted.company_id
                    ORDER BY kept.group_id, kept.id DESC
                    LIMIT %(limit)s) AS found
             ORDER BY wanted.position, found.group_id, found.id
            """,
            asked=json.dumps(asked),
            limit=LOOKED_AT,
        )

    @api.autovacuum
    def _gc_waiting(self):
        """Forget letters that have waited for others long enough."""
        limit = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        old = self.search([("case_id", "!=", False), ("seen_at", "<", limit)], limit=GC_LIMIT)
        old.unlink()
        return len(old), len(old) == GC_LIMIT

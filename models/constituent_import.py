from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

IMPORT_STATES = [
    ("draft", "New"),
    ("checking", "Dry Run"),
    ("checked", "Checked"),
    ("importing", "Importing"),
    ("stopped", "Stopped"),
    ("done", "Done"),
    ("failed", "Failed"),
    ("taking_back", "Taking Back"),
    ("taken_back", "Taken Back"),
]
# While one of these holds, the scheduled action (or `run_file`) works on it.
BUSY_STATES = ("checking", "importing", "taking_back")
# What whoever imports may say; all else is written by the import itself.
GIVEN = {"name", "mapping_id", "company_id", "file"}
# Kinds of results a row can have, each with its count on the import.
RESULTS = ("created", "updated", "unchanged", "refused")


class ConstituentImport(models.Model):
    """One run of an import: a file, a mapping, and what became of each row.

    This file holds the record and its buttons; how the file is read (`_file`), how the
    work goes on slice by slice (`_run`), what a row becomes (`_case`, `_contact`, with
    `constituent_import_lookup.py`), how it is undone (`_take_back`) and what it says
    (`_words`) are in files of their own.
    """

    _name = "constituent.import"
    _description = "Import"
    _order = "id desc"

    name = fields.Char(string="File Name", required=True, readonly=True)
    mapping_id = fields.Many2one(
        "constituent.import.mapping", required=True, readonly=True, index=True, ondelete="restrict"
    )
    kind = fields.Selection(related="mapping_id.kind")
    company_id = fields.Many2one(
        "res.company",
        string="Office",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Imported By",
        required=True,
        readonly=True,
        default=lambda self: self.env.uid,
        ondelete="restrict",
    )
    state = fields.Selection(IMPORT_STATES, required=True, readonly=True, default="draft")
    file = fields.Binary(attachment=True, readonly=True, string="Original File")
    file_size = fields.Integer(readonly=True, help="Bytes.")
    file_sha256 = fields.Char(readonly=True, string="SHA-256 of the File")

    # Progress
    row_total = fields.Integer(string="Rows in the File", readonly=True)
    row_done = fields.Integer(string="Rows Done", readonly=True)
    progress = fields.Float(compute="_compute_progress", help="Per cent of the rows.")
    started_at = fields.Datetime(readonly=True)
    finished_at = fields.Datetime(readonly=True)
    error = fields.Text(readonly=True, string="What Went Wrong")

    # Report
    created_count = fields.Integer(string="Created", readonly=True)
    updated_count = fields.Integer(string="Updated", readonly=True)
    unchanged_count = fields.Integer(string="Unchanged", readonly=True)
    refused_count = fields.Integer(string="Refused", readonly=True)
    noted_count = fields.Integer(
        string="With Remarks", readonly=True, help="Rows in which something was mended or left out."
    )
    note_counts = fields.Json(readonly=True)
    note_summary = fields.Html(compute="_compute_note_summary", string="Remarks")
    stop_ids = fields.One2many("constituent.import.stop", "import_id")
    is_stopping = fields.Boolean(
        compute="_compute_is_stopping", compute_sudo=True, help="Somebody asked it to stop."
    )
    is_dry = fields.Boolean(
        compute="_compute_is_dry", help="The report tells what would be done; nothing was."
    )
    row_ids = fields.One2many("constituent.import.row", "import_id", string="Rows")
    made_department_ids = fields.Many2many(
        "constituent.department",
        "constituent_import_made_department_rel",
        "import_id",
        "department_id",
        string="Departments Made",
        readonly=True,
    )
    made_category_ids = fields.Many2many(
        "constituent.category",
        "constituent_import_made_category_rel",
        "import_id",
        "category_id",
        string="Categories Made",
        readonly=True,
    )

    _busy_idx = models.Index("(id) WHERE state IN ('checking', 'importing', 'taking_back')")

    # Computes

    @api.depends("row_total", "row_done", "state")
    def _compute_progress(self):
        for run in self:
            done = run.row_done if run.row_total else 0
            run.progress = 100 * done / run.row_total if run.row_total else 0
            if run.state in ("done", "checked", "taken_back"):
                run.progress = 100

    @api.depends("stop_ids")
    def _compute_is_stopping(self):
        for run in self:
            run.is_stopping = bool(run.stop_ids)

    @api.depends("state")
    def _compute_is_dry(self):
        for run in self:
            run.is_dry = run.state in ("checking", "checked")

    @api.depends("note_counts")
    @api.depends_context("lang")
    def _compute_note_summary(self):
        for run in self:
            run.note_summary = self.env["ir.qweb"]._render(
                "constituent_services.import_note_summary", {"notes": run._note_summary_lines()}
            )

    def _note_summary_lines(self):
        """Return (how often, sentence) of what was remarked, the most frequent first."""
        self.ensure_one()
        counts = sorted((self.note_counts or {}).items(), key=lambda item: -item[1]["count"])
        return [
            (entry["count"], self._sentence(entry["kind"], **entry["values"]))
            for _key, entry in counts
        ]

    # CRUD: the state and the report are the import's own

    @api.model_create_multi
    def create(self, vals_list):
        """Create imports of files not looked at yet; all else about them comes later.

        :raises AccessError: a state, a count, or the name of somebody else
        """
        for vals in vals_list:
            self._check_given(vals)
        return super().create(vals_list)

    def write(self, vals):
        """Write; people change nothing of an import once it is there.

        :raises AccessError: any column, but for the import's own steps
        """
        if not self.env.su and vals:
            self._check_given(dict.fromkeys(vals, True) | {"file": True}, allowed=set())
        return super().write(vals)

    def _check_given(self, vals, allowed=frozenset(GIVEN)):
        names = {name for name in vals if vals[name] and name not in allowed}
        if names and not self.env.su:
            raise AccessError(self.env._("What an import says of itself is not changed by hand."))

    def unlink(self):
        """Refuse: an import tells where records come from.

        :raises UserError: unless nothing was ever imported by it
        """
        kept = self.filtered(lambda run: run.state not in ("draft", "checked", "failed"))
        kept |= self.filtered("started_at").filtered(lambda run: run.state == "failed")
        if kept:
            raise UserError(
                self.env._(
                    "“%(file)s” was imported: the report says where its records come from and "
                    "is kept. Take the import back to undo it.",
                    file=kept[0].name,
                )
            )
        return super().unlink()

    @api.depends("name", "create_date")
    def _compute_display_name(self):
        for run in self:
            run.display_name = run.name

    # Buttons

    def action_check(self):
        """Start the dry run: every row is read and held against what is here."""
        self._begin("checking", ("draft", "checked", "failed"))
        return True

    def action_import(self):
        """Start importing."""
        self._begin("importing", ("draft", "checked"))
        return True

    def action_stop(self):
        """Ask the process at work to stop after its slice; what is imported stays.

        :raises UserError: nothing to stop
        """
        self.check_access("write")
        for run in self:
            if run.state not in ("checking", "importing"):
                raise UserError(self.env._("“%(file)s” is not under way.", file=run.name))
        # Rows of a table of their own: the process at work changes the import's row all
        # the time, and two changes of one row at once are not possible.
        stops_sudo = self.env["constituent.import.stop"].sudo()
        stops_sudo.create([{"import_id": run.id} for run in self if not run.is_stopping])
        return True

    def action_resume(self):
        """Go on behind the last row that was done."""
        self._begin("importing", ("stopped", "failed"), fresh=False)
        return True

    def action_take_back(self):
        """Start removing what this import has made, if nobody has worked on it since.

        :raises UserError: somebody has
        """
        self.ensure_one()
        self._check_take_back()
        self._begin("taking_back", ("done", "stopped", "failed"), fresh=False)
        return True

    def action_rows(self):
        """Open the report, all rows.

        :return dict: a window action
        """
        return self._rows_action({})

    def action_rows_refused(self):
        """Open the report, the refused rows.

        :return dict: a window action
        """
        return self._rows_action({"search_default_refused": 1})

    def action_rows_noted(self):
        """Open the report, the rows in which something was mended or left out.

        :return dict: a window action
        """
        return self._rows_action({"search_default_noted": 1})

    def action_refused_file(self):
        """Download the refused rows as they stand in the file, each with its reason.

        :return dict: an action that starts the download
        """
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/constituent/import/{self.id}/refused.csv",
            "target": "download",
        }

    def action_records(self):
        """Open the cases or contacts this import has made or changed.

        :return dict: a window action
        """
        self.ensure_one()
        name = "constituent_case_action" if self.kind == "case" else "res_partner_action_people"
        action = self.env["ir.actions.act_window"]._for_xml_id(f"constituent_services.{name}")
        action.update(
            name=self.env._("Imported from %(file)s", file=self.name),
            domain=[("import_row_ids", "any", [("import_id", "=", self.id)])],
            context={},
        )
        return action

    def _rows_action(self, context):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "constituent_services.constituent_import_row_action"
        )
        action.update(
            name=self.env._("Rows of %(file)s", file=self.name),
            domain=[("import_id", "=", self.id)],
            context=context,
        )
        return action

    def _begin(self, state, allowed, fresh=True):
        """Hand the import over to the scheduled action.

        :param str state: what is to be done, one of BUSY_STATES
        :param allowed: states in which that makes sense
        :param bool fresh: forget what an earlier dry run reported
        :raises UserError: not in such a state
        """
        self.check_access("write")
        for run in self:
            if run.state not in allowed:
                label = dict(self._fields["state"]._description_selection(self.env))[run.state]
                raise UserError(
                    self.env._(
                        "“%(file)s” is in the state “%(state)s”: this cannot be done now.",
                        file=run.name,
                        state=label,
                    )
                )
            run._open_check()
            if fresh:
                run._forget_report()
            # The state is the import's own to write; this is its start.
            run.sudo().write({"state": state, "error": False})
        # Whoever imports does not administer scheduled actions.
        self.env.ref("constituent_services.ir_cron_import").sudo()._trigger()

    @api.model
    def _search_busy(self, mappings):
        """Return the imports under way with one of these mappings."""
        return self.search([("mapping_id", "in", mappings.ids), ("state", "in", BUSY_STATES)])


class ConstituentImportStop(models.Model):
    """Somebody asked an import to stop; the process at work looks before each slice."""

    _name = "constituent.import.stop"
    _description = "Request to Stop an Import"

    import_id = fields.Many2one("constituent.import", required=True, index=True, ondelete="cascade")

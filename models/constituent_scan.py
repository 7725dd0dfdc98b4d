import base64
import binascii
import datetime

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.letter import sha256
from ..tools.page_ranges import PageRangeError, format_ranges, plan_pieces
from ..tools.scan_file import HIGHEST_MAX_BYTES, MAX_BYTES, ScanError, read_scan

# What only the steps of the scan write, never a form, an import or a call.
KEPT = frozenset(
    {
        "state", "document", "page_count", "file_size", "file_sha256", "registered_at",
        "registered_by_id", "is_restricted",
    }
)  # fmt: skip
# What is uploaded once: another file is another scan.
GIVEN_ONCE = frozenset({"file", "file_name", "company_id"})


class ConstituentScan(models.Model):
    """Paper that came in, as it was scanned: one letter or several in one file.

    This file holds the record and its guards; how its pieces become letters and cases is
    in ``constituent_scan_register.py``, what is said of a file in ``_words``.
    """

    _name = "constituent.scan"
    _inherit = ["constituent.sealed.mixin"]
    _description = "Scan"
    _order = "id desc"
    _rec_name = "file_name"
    # Once registered, the scan is what the letters were cut from: nothing of it changes.
    _seal_field = "state"
    _seal_values = ("registered",)
    _seal_columns = (
        "file_name", "file_size", "file_sha256", "page_count", "received_on", "channel_id",
        "notes", "leftover_ignored", "date_confirmed", "registered_at", "registered_by_id",
        "company_id",
    )  # fmt: skip
    _seal_fields = ("file", "document", "piece_ids")

    file = fields.Binary(string="Original File", required=True, attachment=True)
    file_name = fields.Char(string="File", required=True, default="scan.pdf")
    file_size = fields.Integer(readonly=True, help="Bytes.")
    file_sha256 = fields.Char(string="SHA-256 of the File", readonly=True)
    # What is looked at and cut: without scripts, links and files, damage mended.
    document = fields.Binary(string="Preview", attachment=True, readonly=True)
    page_count = fields.Integer(string="Pages", readonly=True)
    received_on = fields.Date(
        string="Date Received",
        required=True,
        default=lambda self: self._today(self.env.company.id),
        help="As the mail room stamped it. Promises to the constituent count from this day.",
    )
    channel_id = fields.Many2one(
        "constituent.channel",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env["constituent.channel"]._id_by_code("letter"),
    )
    notes = fields.Text(help="For the office: where the envelope is, who brought it.")
    state = fields.Selection(
        [("draft", "To Register"), ("registered", "Registered")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
    )
    piece_ids = fields.One2many("constituent.scan.piece", "scan_id", string="Letters")
    page_note = fields.Text(compute="_compute_page_note")
    leftover_pages = fields.Char(compute="_compute_page_note", string="Pages of No Letter")
    leftover_ignored = fields.Boolean(
        string="The Other Pages Are No Letters",
        help="Blank backs, envelopes: they stay in the scan and are not registered.",
    )
    date_note = fields.Char(compute="_compute_date_note")
    is_long_ago = fields.Boolean(compute="_compute_date_note")
    date_confirmed = fields.Boolean(
        string="The Date Is Right",
        help="It did come so long ago. A letter counts as received on this day for ever.",
    )
    registered_at = fields.Datetime(readonly=True, copy=False)
    registered_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    # Whole, a scan shows what its restricted letters say: it is seen by who sees these.
    is_restricted = fields.Boolean(compute="_compute_is_restricted", store=True)
    company_id = fields.Many2one(
        "res.company",
        string="Office",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )

    _to_register_idx = models.Index("(id DESC) WHERE state = 'draft'")
    _create_uid_idx = models.Index("(create_uid)")

    # Computes

    @api.depends(
        "piece_ids.case_id.confidentiality",
        "piece_ids.correspondence_id.case_id.confidentiality",
    )
    def _compute_is_restricted(self):
        for scan in self:
            cases = scan.piece_ids.case_id | scan.piece_ids.correspondence_id.case_id
            scan.is_restricted = "restricted" in cases.mapped("confidentiality")

    @api.depends("piece_ids.pages", "page_count")
    def _compute_page_note(self):
        """Say while somebody types what is wrong with the page ranges, and what is left."""
        for scan in self:
            scan.page_note = scan.leftover_pages = False
            if not scan.page_count or scan.state != "draft":
                continue
            try:
                plan = plan_pieces(scan.piece_ids.mapped("pages"), scan.page_count)
            except PageRangeError as error:
                scan.page_note = scan._range_sentence(error)
                continue
            scan.page_note = scan._shared_sentence(plan)
            scan.leftover_pages = format_ranges(plan.leftover) or False

    @api.constrains("received_on", "company_id")
    def _check_received_on(self):
        for scan in self:
            if scan.received_on > self._today(scan.company_id.id):
                raise ValidationError(
                    self.env._("%(scan)s: the date received is in the future.", scan=scan.file_name)
                )

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """Read the files and keep them: with one letter of all pages, unless told otherwise.

        :raises UserError: a file that is not taken, with what is wrong with it; a trace of
            registering is given
        """
        prepared = []
        for vals in vals_list:
            given = {name for name in KEPT & vals.keys() if vals[name]}
            if given and not (given == {"state"} and vals["state"] == "draft"):
                self._refuse_kept(given)
            content, scan = self._read_file(vals.get("file"), vals.get("file_name"))
            whole = fields.Command.create({"pages": format_ranges(range(1, scan.pages + 1))})
            prepared.append(
                {
                    # Follows from its letters alone.
                    **{name: vals[name] for name in vals if name != "is_restricted"},
                    "piece_ids": vals.get("piece_ids") or [whole],
                    # Written out, so that no default of the context gets in.
                    **dict.fromkeys(KEPT - {"is_restricted"}, False),
                    "state": "draft",
                    "document": base64.b64encode(scan.pdf),
                    "page_count": scan.pages,
                    "file_size": len(content),
                    "file_sha256": sha256(content),
                }
            )
        return super().create(prepared)

    def write(self, vals):
        """Write what is known of the paper; the file and its state are not for that.

        :raises UserError: the file, a trace of registering, or a scan that is registered
        """
        if KEPT & vals.keys():
            self._refuse_kept(KEPT & vals.keys())
        if "received_on" in vals:
            # Said of another day.
            vals = {"date_confirmed": False, **vals}
        if GIVEN_ONCE & vals.keys():
            raise UserError(
                self.env._("A scan keeps its file and office: upload another file as another scan.")
            )
        return super().write(vals)

    def _refuse_kept(self, names):
        labels = self.fields_get(list(names), ["string"])
        raise UserError(
            self.env._(
                "%(fields)s: written by the scan's own steps only.",
                fields=", ".join(sorted(label["string"] for label in labels.values())),
            )
        )

    def _advance(self, **vals):
        """Write what the steps keep past the guard of `write`: private, no call reaches it."""
        # pylint: disable-next=super-method-mismatch
        return super().write(vals)

    def copy_data(self, default=None):
        """Refuse: paper comes in once.

        :raises UserError: always
        """
        raise UserError(self.env._("Paper comes in once: a scan is not duplicated."))

    # The file

    @api.model
    def _max_bytes(self):
        """Return how large a file may be."""
        # A limit that everybody meets; parameters are the administrator's.
        parameter_sudo = self.env["ir.config_parameter"].sudo()
        value = parameter_sudo.get_param("constituent_services.scan_max_mb") or ""
        if not value.isdigit() or not int(value):
            return MAX_BYTES
        return min(int(value) * 1_000_000, HIGHEST_MAX_BYTES)

    @api.model
    def _read_file(self, encoded, name):
        """Return what was uploaded, and the scan that is in it.

        :param encoded: base64, as forms and calls send files
        :param str name: as the user knows the file, for the message
        :return tuple[bytes, Scan]:
        :raises UserError: what is wrong, in a sentence
        """
        limit = self._max_bytes()
        try:
            size = len(encoded or "") // 4 * 3
            # Before it is unpacked.
            if size > limit + 3:
                raise ScanError("large", size, limit)
            content = base64.b64decode(encoded or b"")
            return content, read_scan(content, limit)
        except (binascii.Error, ValueError, TypeError) as error:
            if not isinstance(error, ScanError):
                error = ScanError("not_a_scan")
            raise UserError(self._file_sentence(error, name)) from error

    @api.model
    def _today(self, company_id):
        """Return the day it is at the office."""
        zone = pytz.timezone(self.env["res.company"]._office(company_id).tz)
        return datetime.datetime.now(zone).date()

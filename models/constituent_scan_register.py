import datetime

import pytz

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, plaintext2html

from ..tools.page_ranges import PageRangeError, format_ranges, plan_pieces
from ..tools.scan_file import ScanError, cut_pages


class ConstituentScan(models.Model):
    """How the letters in a scan become sealed letters and cases: all of them or none."""

    _name = "constituent.scan"
    _inherit = "constituent.scan"

    def action_register(self):
        """Make a sealed letter of each piece, in a new case or the one it joins.

        :return dict | bool: the action that shows the new letters, False when none of
            them is the user's to see
        :raises UserError: registered already, pages that are not given to one letter
            each, a day long ago that nobody confirmed, or a file that cannot be cut
        :raises AccessError: a scan or case that is not the user's to write
        :raises LockError: somebody else is registering it
        """
        self.check_access("write")
        # Two who press the button at once register it once.
        self.lock_for_update()
        letters = self.env["constituent.correspondence"]
        for scan in self:
            letters |= scan._register_one()
        if letters and not letters._filtered_access("read"):
            # All of them joined cases of others: the scan says what became of them.
            return False
        return letters._incoming_action()

    def action_letters(self):
        """Open the letters that were registered.

        :return dict: a window action
        """
        return self.piece_ids.correspondence_id._incoming_action()

    def _register_one(self):
        """Register one scan.

        :return: its letters
        """
        if self.state != "draft":
            raise UserError(self.env._("%(scan)s is registered already.", scan=self.file_name))
        self._check_long_ago()
        plan = self._plan()
        attachments_sudo = self._attachments_sudo()
        content = attachments_sudo.filtered(lambda one: one.res_field == "document").raw
        documents = [self._cut(content, pages) for pages in plan.pieces]
        pieces = self.piece_ids
        named_sudo = pieces._named_cases_sudo()
        cases = self._register_cases(named_sudo)
        letters = self.env["constituent.correspondence"]._register_incoming(
            [
                piece._letter_values(case, format_ranges(pages), piece in named_sudo)
                for piece, case, pages in zip(pieces, cases, plan.pieces, strict=True)
            ],
            documents,
        )
        nowhere = pieces._keep_registered(cases, letters, named_sudo)
        self._advance(
            state="registered",
            registered_at=fields.Datetime.now(),
            registered_by_id=self.env.uid,
        )
        attachments_sudo._constituent_seal()
        # Now, so that the database guards it from here on.
        self.env.flush_all()
        self._tell_joined()
        self._tell_not_joined(nowhere)
        return letters

    def _plan(self):
        """Return which pages each piece gets.

        :raises UserError: no letters, or pages that are not given to one letter each
        """
        if not self.piece_ids:
            raise UserError(
                self.env._("%(scan)s: add a line for each letter in it.", scan=self.file_name)
            )
        try:
            plan = plan_pieces(self.piece_ids.mapped("pages"), self.page_count)
        except PageRangeError as error:
            raise UserError(self._range_sentence(error)) from error
        if plan.shared:
            raise UserError(self._shared_sentence(plan))
        if plan.leftover and not self.leftover_ignored:
            raise UserError(
                self.env._(
                    "%(scan)s: these pages are of no letter: %(pages)s. Give them to one, or say "
                    "that the other pages are no letters.",
                    scan=self.file_name,
                    pages=format_ranges(plan.leftover),
                )
            )
        return plan

    def _cut(self, content, pages):
        try:
            return cut_pages(content, pages)
        except ScanError as error:
            raise UserError(self._file_sentence(error, self.file_name)) from error

    def _register_cases(self, named):
        """Return a case for each piece, in their order: the one it joins, or a new one.

        :param dict named: piece → the case its number names, with superuser rights
        :raises AccessError: a case that is not the user's to work on
        """
        pieces = self.piece_ids
        pieces.case_id.check_access("write")
        fresh = pieces.filtered(lambda piece: not piece.case_id and piece not in named)
        cases = self.env["constituent.case"].intake(
            [piece._report(self._received_at()) for piece in fresh]
        )
        made = dict(zip(fresh, cases, strict=True))
        for piece, case in made.items():
            piece._complete_contact(case)
        return [piece.case_id or named.get(piece) or made[piece] for piece in pieces]

    def _received_at(self):
        """Return when the paper reached the city: noon of the day, never in the future.

        Not the opening of the office: the post comes during the day, the stamp says no
        hour, and promises count by days. Noon is on that day in every time zone a reader
        may have, and the same as for concerns from meetings.

        :return datetime: naive UTC
        """
        zone = pytz.timezone(self.env["res.company"]._office(self.company_id.id).tz)
        noon = zone.localize(datetime.datetime.combine(self.received_on, datetime.time(12)))
        return min(noon.astimezone(pytz.utc).replace(tzinfo=None), fields.Datetime.now())

    def _attachments_sudo(self):
        """Return the stored files of the scans, with superuser rights."""
        # Files of fields are found and sealed by the steps alone.
        return (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("res_field", "in", ("file", "document")),
                ]
            )
        )


class ConstituentScanPiece(models.Model):
    """What a piece hands on to its letter and its case."""

    _name = "constituent.scan.piece"
    _inherit = "constituent.scan.piece"

    def _report(self, received_at):
        """Return the intake report of a letter that makes a new case.

        :param datetime received_at: of the scan
        """
        self.ensure_one()
        name, address = self._sender()
        return {
            "channel": self.scan_id.channel_id.code,
            "company_id": self.company_id.id,
            "received_at": received_at,
            "name": self._subject_line(),
            "description": plaintext2html(self.summary) if self.summary else False,
            "category_id": self.category_id.id,
            "partner_id": self.partner_id.id,
            "partner_name": name,
            # Nobody signed and no address: there is nobody to write to.
            "identity": "identified" if name or address else "anonymous",
        }

    def _complete_contact(self, case):
        """Give a contact that was made for the case the address on the paper."""
        # A name alone finds nobody: without a sender chosen, the contact is the pipeline's,
        # made just now, and no clerk may edit contacts.
        partner_sudo = case.partner_id.sudo()
        if self.partner_id or not partner_sudo or partner_sudo.street:
            return
        partner_sudo.write(
            {
                "street": self.sender_street,
                "city": self.sender_city,
                "zip": self.sender_zip,
            }
        )

    def _letter_values(self, case, pages, by_number=False):
        """Return what the letter is made from.

        :param case: where it belongs
        :param str pages: of the scan
        :param bool by_number: whether it joins a case that the user need not see
        :return dict: values for `_register_incoming`
        """
        self.ensure_one()
        scan = self.scan_id
        name, address = self._sender()
        is_new = not self.case_id and not by_number
        day = format_date(self.env, scan.received_on, date_format="long")
        return {
            "case_id": case.id,
            "partner_id": self.partner_id.id or (is_new and case.partner_id.id) or False,
            "subject": self._subject_line(),
            "their_date": self.their_date,
            "company_id": scan.company_id.id,
            "scan_id": scan.id,
            "scan_pages": pages,
            "received_on": scan.received_on,
            "printed_name": name or False,
            "printed_address": address or False,
            "joins": not is_new,
            "by_number": by_number,
            "day": day,
        }

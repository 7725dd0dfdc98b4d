from odoo import SUPERUSER_ID, api, models


class ConstituentRestrictedNameMixin(models.AbstractModel):
    """Records whose name tells of a restricted case: others see that they are restricted.

    Odoo shows the names of linked records to whoever sees the link.
    """

    _name = "constituent.restricted.name.mixin"
    _description = "Names Told to Some Only"

    #: Field with the number by which those in the know tell restricted records apart.
    _restricted_number = None
    #: What makes a record a restricted one, as of a computed field.
    _restricted_depends = ()

    # A model names this mixin first: the name is there before it is hidden.
    @api.depends(lambda self: self._restricted_depends)
    @api.depends_context("uid")
    def _compute_display_name(self):
        """Name the records; “Restricted” unless the user may know what they tell of."""
        super()._compute_display_name()
        if self._may_see_restricted_names():
            return
        # A form shows what is stored; what is only being entered is its author's.
        hidden = set(self._origin._restricted_ones().ids)
        for record in self:
            if record._origin.id in hidden:
                record.display_name = self.env._("Restricted")

    @api.model
    def _may_see_restricted_names(self):
        return self.env.uid == SUPERUSER_ID or self.env.user.has_group(
            "constituent_services.group_restricted"
        )

    def _restricted_ones(self):
        """Return those of the records that tell of a restricted case."""
        raise NotImplementedError

    def _restricted_label(self):
        """Return what everybody may know a restricted record by, whoever asks."""
        self.ensure_one()
        number = self._restricted_number and self[self._restricted_number]
        return f"{self.env._('Restricted')} {number or ''}".strip()

    # Activities keep the name of what they are about

    def _refresh_activity_names(self):
        """Have the names in activities computed anew: a case became restricted, or open."""
        # Whoever was asked.
        activities_sudo = self.env["mail.activity"].sudo().with_context(active_test=False)
        found_sudo = activities_sudo.search(
            [("res_model", "=", self._name), ("res_id", "in", self.ids)]
        )
        self.env.add_to_compute(found_sudo._fields["res_name"], found_sudo)


def _restricted_cases(cases_sudo):
    # One column, in one query: reading it by itself would fetch all.
    cases_sudo.fetch(["confidentiality"])
    return cases_sudo.filtered(lambda case: case.confidentiality == "restricted")


class ConstituentCase(models.Model):
    """A case's own name."""

    _name = "constituent.case"
    _inherit = ["constituent.restricted.name.mixin", "constituent.case"]

    _restricted_number = "number"
    _restricted_depends = ("confidentiality",)

    def _restricted_ones(self):
        """Return the restricted cases."""
        # That a case is restricted is said instead of its name.
        return self & _restricted_cases(self.sudo())

    def write(self, vals):
        """Write; activities name the cases and their letters as long as they are open."""
        result = super().write(vals)
        if "confidentiality" in vals:
            # Letters of it, whoever may read them.
            letters_sudo = self.env["constituent.correspondence"].sudo()
            self._refresh_activity_names()
            letters_sudo.search(
                ["|", ("case_id", "in", self.ids), ("also_case_ids", "in", self.ids)]
            )._refresh_activity_names()
        return result


class ConstituentCorrespondence(models.Model):
    """A letter is as secret as the cases it answers."""

    _name = "constituent.correspondence"
    _inherit = ["constituent.restricted.name.mixin", "constituent.correspondence"]

    _restricted_number = "reference"
    _restricted_depends = ("case_id", "also_case_ids")

    def _restricted_ones(self):
        """Return the letters that answer a restricted case."""
        # Whether the cases are, whoever may read them; of many letters in two queries.
        letters_sudo = self.sudo()
        restricted = _restricted_cases(letters_sudo.case_id | letters_sudo.also_case_ids)
        ids = set(restricted.ids)
        return self.browse(
            letter.id
            for letter in letters_sudo
            if ids and not ids.isdisjoint((*letter.case_id.ids, *letter.also_case_ids.ids))
        )

    def write(self, vals):
        """Write; activities name the letter as long as its cases are open."""
        result = super().write(vals)
        if {"case_id", "also_case_ids"} & vals.keys():
            self._refresh_activity_names()
        return result


class ConstituentScan(models.Model):
    """A scan's file is named by what is in it."""

    _name = "constituent.scan"
    _inherit = ["constituent.restricted.name.mixin", "constituent.scan"]

    _restricted_depends = ("is_restricted",)

    def _restricted_ones(self):
        """Return the scans with letters of restricted cases."""
        # That it is restricted is said instead of its name.
        return self.filtered(lambda scan: scan.sudo().is_restricted)


class ConstituentScanPiece(models.Model):
    """A letter in a scan, of which the scan's reader alone sees more."""

    _name = "constituent.scan.piece"
    _inherit = ["constituent.restricted.name.mixin", "constituent.scan.piece"]

    _restricted_depends = ("scan_id.is_restricted",)

    def _restricted_ones(self):
        """Return the letters in scans with letters of restricted cases."""
        # That it is restricted is said instead of its name.
        return self.filtered(lambda piece: piece.sudo().scan_id.is_restricted)

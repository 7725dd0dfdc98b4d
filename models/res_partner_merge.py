from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import SQL

# What a contact may get from the other where it has nothing itself.
FILLED = (
    "email", "phone", "lang", "honorific", "function", "website", "contact_preference",
    "language_needed", "accessibility_needs", "salutation_override", "constituent_role",
)  # fmt: skip
ADDRESS = ("street", "street2", "city", "state_id", "zip", "country_id")
# What was warned of stays a warning, whichever of the two it was noted with.
WARNINGS = ("protected_address", "deceased", "is_constituent")
# What a merge itself keeps of the past.
KEPT = {("constituent.contact.merge", "source_id"), ("constituent.contact.merge", "destination_id")}


class ResPartner(models.Model):
    """Two contacts of one person become one; nothing that hangs on them is lost."""

    _name = "res.partner"
    _inherit = "res.partner"

    merged_into_id = fields.Many2one(
        "res.partner",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups="base.group_user",
        help="The contact that goes on in place of this one.",
    )

    def _constituent_merge(self, sources):
        """Move all that hangs on other contacts to this one, and archive them.

        Every column of this addon's models that names a contact is moved, sealed records
        included, as only what is printed in them is sealed. The sources stay, archived,
        with a pointer to this contact; what was moved is written down row by row.

        :param sources: contacts of the same person or group
        :raises AccessError: not a coordinator
        :raises UserError: contacts that are not to be merged; see ``_check_merge``
        """
        self.ensure_one()
        sources -= self
        self._check_merge(sources)
        # Coordinators do not write logs, letters and cases they may not see; the merge
        # moves those, too, without showing them.
        destination_sudo = self.sudo()
        for source_sudo in sources.sudo():
            cases = self._merge_cases(source_sudo)
            moved = destination_sudo._merge_rows(source_sudo)
            facts = source_sudo._merge_facts()
            destination_sudo._merge_children(source_sudo, moved)
            destination_sudo._merge_fill(source_sudo)
            source_sudo.write({"active": False, "merged_into_id": self.id})
            destination_sudo._merge_log(source_sudo, facts, moved, cases)
        self.env.registry.clear_cache()

    # Whether

    def _check_merge(self, sources):
        """Raise unless contacts may be merged into this one.

        :raises AccessError: not a coordinator, or a contact out of the user's sight
        :raises UserError: a contact with a login, an office's own, one above this one,
            an archived one, or one of another office
        """
        if not self.env.su and not self.env.user.has_group(
            "constituent_services.group_coordinator"
        ):
            raise AccessError(self.env._("Coordinators merge contacts."))
        (self | sources).check_access("write")
        if not sources:
            raise UserError(self.env._("Choose two contacts: the one that stays and another."))
        office_ids = self.env["res.company"]._office_partner_ids()
        # Whether somebody has a login, archived ones included.
        sources_sudo = sources.sudo().with_context(active_test=False)
        for source in sources_sudo:
            reason = self._merge_obstacle(source, office_ids)
            if reason:
                raise UserError(
                    self.env._(
                        "%(contact)s: %(reason)s", contact=source.display_name, reason=reason
                    )
                )

    def _merged_at_last(self):
        """Return the contact that a merged one has become; itself when it was not merged."""
        self.ensure_one()
        contact, passed = self, set()
        # A contact that was merged by hand into one merged earlier could lead in a circle.
        while contact.merged_into_id and contact.id not in passed:
            passed.add(contact.id)
            contact = contact.merged_into_id
        return contact

    def _merge_obstacle(self, source, office_ids):
        """Return why a contact is not merged into this one, or an empty string."""
        if source.user_ids:
            return self.env._("has a login. Keep this contact and merge the other into it.")
        if source.id in office_ids:
            return self.env._("is an office's own contact.")
        if not self.active or source.merged_into_id:
            return self.env._("one of the contacts was merged or archived already.")
        if source.is_company != self.is_company:
            return self.env._("a person and an organization are not the same contact.")
        if source.company_id and source.company_id != self.company_id:
            return self.env._("belongs to another office.")
        if self.company_id and self.company_id != source.company_id:
            return self.env._("serves all offices. Keep this contact and merge the other into it.")
        if self._merge_is_below(source):
            return self.env._("is the organization of the contact that stays.")
        return ""

    def _merge_is_below(self, source):
        above = self.sudo().parent_id  # who is above whom is no secret of the contact
        while above:
            if above == source:
                return True
            above = above.parent_id
        return False

    # What moves

    @api.model
    def _merge_columns(self):
        """Return the columns of this addon's models that name a contact.

        :return list: fields, stored Many2one and Many2many to res.partner, of every
            model that is here now: a later one is among them without being told
        """
        return [
            field
            for name, model in sorted(self.env.registry.items())
            if name.startswith("constituent.") and not model._abstract and not model._transient
            for field in model._fields.values()
            if field.comodel_name == "res.partner"
            and field.type in ("many2one", "many2many")
            and field.store
            and (name, field.name) not in KEPT
        ]

    @api.model
    def _merge_cases(self, source):
        """Return the cases whose constituent the source is."""
        cases = self.env["constituent.case"].sudo()  # as far as the merge reaches, not shown
        return cases.with_context(active_test=False).search([("partner_id", "=", source.id)])

    def _merge_rows(self, source):
        """Move the rows of every column, and return which.

        By SQL: who is addressed is outside the seal, and nothing is worked out anew.

        :return dict: "model.field" → ids of the rows that moved
        """
        self.env.flush_all()
        moved = {}
        self._merge_twin_referrers(source, moved)
        for field in self._merge_columns():
            move = self._merge_relation if field.type == "many2many" else self._merge_column
            ids = move(field, source)
            if ids:
                moved[f"{field.model_name}.{field.name}"] = ids
        self.env.invalidate_all()
        return moved

    def _merge_column(self, field, source):
        column = SQL.identifier(field.name)
        rows = self.env.execute_query(
            SQL(
                "UPDATE %s SET %s = %s WHERE %s = %s RETURNING id",
                SQL.identifier(self.env[field.model_name]._table),
                column,
                self.id,
                column,
                source.id,
            )
        )
        return sorted(row[0] for row in rows)

    def _merge_relation(self, field, source):
        table = SQL.identifier(field.relation)
        own, other = SQL.identifier(field.column1), SQL.identifier(field.column2)
        self.env.cr.execute(
            SQL(
                "INSERT INTO %(table)s (%(own)s, %(other)s) SELECT %(own)s, %(stays)s"
                " FROM %(table)s WHERE %(other)s = %(source)s ON CONFLICT DO NOTHING",
                table=table,
                own=own,
                other=other,
                stays=self.id,
                source=source.id,
            )
        )
        rows = self.env.execute_query(
            SQL("DELETE FROM %s WHERE %s = %s RETURNING %s", table, other, source.id, own)
        )
        return sorted(row[0] for row in rows)

    def _merge_twin_referrers(self, source, moved):
        """Join referrers of one case that are both contacts: what either says is kept."""
        referrers = self.env["constituent.case.referrer"].sudo()  # as the merge, see above
        theirs = referrers.search([("partner_id", "=", source.id)])
        own = {
            one.case_id: one
            for one in referrers.search(
                [("partner_id", "=", self.id), ("case_id", "in", theirs.case_id.ids)]
            )
        }
        twins = theirs.filtered(lambda one: one.case_id in own)
        for twin in twins:
            stays = own[twin.case_id]
            references = dict.fromkeys(filter(None, (stays.reference, twin.reference)))
            ways = {stays.answer_via, twin.answer_via}
            stays.write(
                {
                    "reference": ", ".join(references),
                    "answer_via": ways.pop() if len(ways) == 1 else "both",
                }
            )
        if twins:
            moved["constituent.case.referrer"] = twins.case_id.ids
            twins.unlink()
            self.env.flush_all()

    def _merge_children(self, source, moved):
        children = source.with_context(active_test=False).child_ids
        if children:
            moved["res.partner.parent_id"] = children.ids
            children.write({"parent_id": self.id})

    # What this contact gets

    def _merge_fill(self, source):
        """Fill what this contact leaves open; warnings of either hold."""
        values = {
            name: source[name]
            for name in FILLED
            if not self[name] and source[name] and name != "lang"
        }
        protected = self.protected_address or source.protected_address
        if not protected and not any(self[name] for name in ADDRESS[:3]):
            for name in ADDRESS:
                values[name] = (
                    source[name].id if self._fields[name].type == "many2one" else source[name]
                )
        values.update({name: True for name in WARNINGS if source[name] and not self[name]})
        if source.contact_preference == "none":
            values["contact_preference"] = "none"
        if source.external_ref and not self.external_ref:
            # Imports find the contact that goes on.
            values.update(external_source=source.external_source, external_ref=source.external_ref)
            source.write({"external_source": False, "external_ref": False})
        if source.category_id - self.category_id:
            values["category_id"] = [Command.link(tag.id) for tag in source.category_id]
        if values:
            self.write(values)

    # What is written down

    def _merge_facts(self):
        """Return the contact as it is now, in lines."""
        return "\n".join(
            filter(
                None,
                (
                    self.name,
                    self.email,
                    self.phone,
                    *self._letter_place(),
                    self.comment and self.env._("With notes"),
                ),
            )
        )

    def _merge_log(self, source, facts, moved, cases):
        """Write the merge into the log, the contacts and the history of the cases."""
        counts = "\n".join(
            f"{self._merge_label(name)}: {len(ids)}" for name, ids in sorted(moved.items())
        )
        self.env["constituent.contact.merge"].create(
            {
                "source_id": source.id,
                "destination_id": self.id,
                "source_name": source.name,
                "source_facts": facts,
                "moved": counts,
                "moved_rows": moved,
                "company_id": self.company_id.id or source.company_id.id,
            }
        )
        values = {"contact": source.name, "number": source.id, "name": self.name}
        self.message_post(
            body=self.env._(
                "%(contact)s (contact %(number)s) was merged into this contact.", **values
            ),
            subtype_xmlid="mail.mt_note",
        )
        source.message_post(
            body=self.env._("Merged into %(name)s.", **values), subtype_xmlid="mail.mt_note"
        )
        cases._log_event(
            self.env._("Contact %(contact)s (%(number)s) was merged into %(name)s", **values),
            kind="identified",
            partner_id=self.id,
        )

    @api.model
    def _merge_label(self, name):
        """Return what people call a column: Case, Constituent."""
        if name in self.env:
            return self.env["ir.model"]._get(name).name
        model, field = name.rsplit(".", 1)
        label = self.env[model].fields_get([field], ["string"])[field]["string"]
        return f"{self.env['ir.model']._get(model).name}, {label}"

import ast

from odoo import api, models, tools
from odoo.fields import Domain

from ..tools.bounce import read_bounce
from ..tools.mail import case_numbers, read_heads
from ..tools.ours import OUR_MODELS

THREAD_MODELS = ("constituent.case", "constituent.correspondence")


class ConstituentInboundMail(models.Model):
    """Whether a message is for cases, and where it goes."""

    _name = "constituent.inbound.mail"
    _inherit = "constituent.inbound.mail"

    @api.model
    def _read_routes(self, raw, model, thread_id, custom_values):
        """Say where a message goes, and write nothing.

        :return tuple: its heads; its routes, none when it is not for cases; and whether
            it is for other models, too
        """
        heads = read_heads(raw)
        aliases = self._aliases(heads)
        own = self._own_addresses(heads, aliases)
        if heads.sender in own:
            heads.automatic = heads.automatic or f"From: {heads.sender}"
        routes, others = self._claim(raw, heads, aliases, model, thread_id, custom_values)
        for route in routes:
            route["own"] = own
            route["references"] = heads.references if route["case"] else []
        return heads, routes, others

    @api.model
    def _receive(self, raw, heads, routes, strip_attachments):
        """Register a message for cases.

        :return list[int]: ids of the rows, one for each route
        """
        for route in routes:
            route["strip"] = bool(strip_attachments)
        return self._enter(raw, heads, routes)

    @api.model
    def _claim(self, raw, heads, aliases, model=None, thread_id=None, custom_values=None):
        """Say where a message goes when it is for cases.

        :param bytes raw: the message as it came in
        :param Heads heads: of the message
        :param aliases: those among its recipients and its sender
        :param str model: the gateway's fallback model
        :param int thread_id: record of the fallback model to reply to
        :param dict custom_values: the fallback's values for a new case
        :return tuple[list[dict], bool]: a route for each office concerned, none when the
            message belongs to other models; and whether it is for others too
        """
        # Whatever of ours a mailbox is set up for: a letter's answer is its case's.
        fallback = (model or "").startswith(OUR_MODELS)
        ours, others = self._addressed_aliases(heads, aliases)
        bounce = read_bounce(raw, self._domain_addresses()[0])
        if bounce:
            case, known = self._bounced_case(bounce.message_ids)
            mine = known or fallback or ours
            return ([self._route(case=case, bounce=True)] if mine else []), False
        target, answered = self._reply_target(heads)
        foreign = answered and not answered.startswith(OUR_MODELS)
        if not target and not foreign:
            target = self._case_by_number(heads)
        if target and (ours or not others):
            return [self._route(case=target)], bool(others)
        if ours:
            return self._alias_routes(ours, heads), bool(others)
        if (fallback or answered) and not (others or target or foreign):
            if thread_id and model in THREAD_MODELS:
                target = self._case_of(model, thread_id)
            values = custom_values if model == "constituent.case" else None
            return [self._route(case=target, values=values)], False
        return [], bool(others)

    @api.model
    def _route(self, case=None, company_id=False, doors=(), bounce=False, values=None, **more):
        """Return a route: plain values, kept with the message in the register."""
        values = {
            key: value
            for key, value in (values or {}).items()
            if isinstance(value, str | int | float | bool | list)
        }
        company_id = (
            (case and case.company_id.id)
            or company_id
            or values.get("company_id")
            or self.env.company.id
        )
        return {
            "company": company_id,
            "case": case.id if case else False,
            "doors": list(doors),
            "bounce": bounce,
            "values": values,
            **more,
        }

    @api.model
    def _addressed_aliases(self, heads, aliases):
        """Return the aliases of cases, and those of other models, a message is sent to."""
        found = aliases.filtered(
            lambda alias: any(self._is_address(alias, address) for address in heads.recipients)
        )
        model_id = self.env["ir.model"]._get_id("constituent.case")
        ours = found.filtered(lambda alias: alias.alias_model_id.id == model_id)
        return ours, found - ours

    @api.model
    def _own_addresses(self, heads, aliases):
        """Return which of a message's addresses are the office's."""
        domain_addresses = self._domain_addresses()[1]
        return [
            address
            for address in dict.fromkeys([*heads.recipients, heads.sender])
            if address in domain_addresses
            or any(self._is_address(alias, address) for alias in aliases)
        ]

    @api.model
    def _aliases(self, heads):
        """Return the aliases among the recipients and the sender of a message."""
        # The gateway reads aliases whoever runs it.
        aliases_sudo = self.env["mail.alias"].sudo()
        addresses = [address for address in (*heads.recipients, heads.sender) if address]
        if not addresses:
            return aliases_sudo
        local_parts = [address.partition("@")[0] for address in addresses]
        return aliases_sudo.search_fetch(
            Domain("alias_full_name", "in", addresses)
            | Domain("alias_name", "in", local_parts) & Domain("alias_incoming_local", "=", True),
            [
                "alias_full_name", "alias_name", "alias_model_id", "alias_defaults",
                "alias_contact", "alias_incoming_local",
            ],
        )  # fmt: skip

    @api.model
    def _is_address(self, alias, address):
        """Return whether an address is the alias's, by Odoo's rule for local parts."""
        if alias.alias_full_name == address:
            return True
        local_part, _at, domain = address.partition("@")
        if not alias.alias_incoming_local or alias.alias_name != local_part:
            return False
        # The gateway's settings are read whoever runs it.
        params_sudo = self.env["ir.config_parameter"].sudo()
        allowed = params_sudo.get_param("mail.catchall.domain.allowed") or ""
        return not allowed or domain in (*allowed.split(","), alias.alias_domain)

    @api.model
    @tools.ormcache()
    def _domain_addresses(self):
        """Return the addresses reports come to, and all addresses of the mail domains."""
        # The gateway reads the mail domains whoever runs it; they clear this cache.
        domains_sudo = self.env["mail.alias.domain"].sudo().search([])
        bounces = domains_sudo.mapped("bounce_email")
        others = domains_sudo.mapped("catchall_email") + domains_sudo.mapped("default_from_email")
        return (
            tuple(address.lower() for address in bounces if address),
            tuple(address.lower() for address in bounces + others if address),
        )

    @api.model
    def _alias_routes(self, aliases, heads):
        """Return one route for each office whose aliases a message is sent to."""

        def _place(alias):
            for index, address in enumerate(heads.recipients):
                if self._is_address(alias, address):
                    return index
            return len(heads.recipients)

        by_office = {}
        for alias in aliases.sorted(_place):
            values = dict(ast.literal_eval(alias.alias_defaults or "{}"))
            door_id = values.pop("door_department_id", False)
            company_id = self._door_company_id(door_id) if door_id else self.env.company.id
            route = by_office.setdefault(
                company_id,
                self._route(company_id=company_id, values=values, contact=alias.alias_contact),
            )
            if door_id:
                route["doors"].append(door_id)
            if alias.alias_contact == "everyone":
                route["contact"] = "everyone"
        return list(by_office.values())

    @api.model
    @tools.ormcache("department_id")
    def _door_company_id(self, department_id):
        # Cleared by constituent.department when a company changes.
        department_sudo = self.env["constituent.department"].sudo().browse(department_id)
        return department_sudo.exists().company_id.id or self.env.company.id

    @api.model
    def _reply_target(self, heads):
        """Return the case a message answers to, and what kind of thing it answers.

        :return tuple: a case or an empty recordset; the model of the newest message
            referred to, empty when there is none
        """
        # The gateway answers to cases whoever runs it.
        cases_sudo = self.env["constituent.case"].sudo()
        ids = [ref for ref in heads.references if "reply_to" not in ref]
        if not ids:
            return cases_sudo, ""
        # The gateway looks for what is answered whoever runs it.
        message_sudo = (
            self.env["mail.message"]
            .sudo()
            .search_fetch(
                [("message_id", "in", ids)], ["model", "res_id"], order="id desc", limit=1
            )
        )
        if message_sudo and message_sudo.model in THREAD_MODELS:
            target_sudo = self._case_of(message_sudo.model, message_sudo.res_id)
            return target_sudo, message_sudo.model
        if message_sudo.model:
            return cases_sudo, message_sudo.model
        return self._case_of_delivery(ids), ""

    @api.model
    def _case_of(self, model, res_id):
        # The gateway answers to cases whoever runs it.
        record_sudo = self.env[model].sudo().browse(res_id).exists()
        return record_sudo if model == "constituent.case" else record_sudo.case_id

    @api.model
    def _case_of_delivery(self, message_ids):
        # The gateway looks for what is answered whoever runs it.
        delivery_sudo = (
            self.env["constituent.delivery"]
            .sudo()
            .search([("message_id", "in", message_ids)], order="id desc", limit=1)
        )
        return delivery_sudo.case_id or delivery_sudo.correspondence_id.case_id

    @api.model
    def _bounced_case(self, message_ids):
        """Return the case of a mail that came back, and whether the mail was ours."""
        # The gateway looks for what came back whoever runs it.
        cases_sudo = self.env["constituent.case"].sudo()
        if not message_ids:
            return cases_sudo, False
        # The gateway looks for what came back whoever runs it.
        messages_sudo = (
            self.env["mail.message"]
            .sudo()
            .search_fetch(
                [("message_id", "in", message_ids), ("model", "in", THREAD_MODELS)],
                ["model", "res_id"],
                order="id desc",
                limit=1,
            )
        )
        if messages_sudo:
            return self._case_of(messages_sudo.model, messages_sudo.res_id), True
        case_sudo = self._case_of_delivery(message_ids)
        return case_sudo, bool(case_sudo)

    @api.model
    def _case_by_number(self, heads):
        """Return the case whose number stands in the subject, if it knows the sender."""
        # The gateway looks for what is answered whoever runs it.
        cases_sudo = self.env["constituent.case"].sudo()
        numbers = case_numbers(heads.subject)
        if not numbers or not heads.sender:
            return cases_sudo
        found = cases_sudo.search([("number", "in", numbers)], limit=1)
        return found if found and found._knows_address(heads.sender) else cases_sudo

from odoo import http
from odoo.fields import Domain
from odoo.http import request
from odoo.tools.sql import escape_psql

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager

from .main import letter_response


class ConstituentPortal(CustomerPortal):
    """A portal user's own cases, and those their office brought. Read only."""

    _constituent_cases_per_page = 20

    def _prepare_home_portal_values(self, counters):
        """Count the cases for the entry on /my."""
        values = super()._prepare_home_portal_values(counters)
        if "constituent_case_count" in counters:
            values["constituent_case_count"] = self._constituent_cases().search_count(
                self._constituent_domain()
            )
        return values

    def _constituent_cases(self):
        """Return the case model as pages for outsiders use it."""
        # Portal users have no access rights on cases: searched by their own domain,
        # shown through the projection only.
        cases_sudo = request.env["constituent.case"].sudo()
        return cases_sudo

    def _constituent_domain(self):
        return self._constituent_cases()._portal_domain(request.env.user.sudo())

    @http.route(
        ["/my/cases", "/my/cases/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        readonly=True,
    )
    def portal_my_cases(self, page=1, sortby="newest", filterby="all", search="", **kwargs):
        """List the cases of who is logged in.

        :param int page: from 1
        :param str sortby: newest or oldest
        :param str filterby: all, open or closed
        :param str search: a case number, or part of one
        """
        sortings, filters = self._constituent_sortings(), self._constituent_filters()
        sortby = sortby if sortby in sortings else "newest"
        filterby = filterby if filterby in filters else "all"
        search = (search or "").strip()[:50]
        choice = {"sortby": sortby, "filterby": filterby, "search": search}
        domain = self._constituent_domain() & filters[filterby]["domain"]
        if search:
            domain &= Domain("number", "ilike", escape_psql(search))
        pager, found_sudo = self._constituent_page(domain, sortings[sortby]["order"], page, choice)
        values = self._prepare_portal_layout_values()
        values.update(
            page_name="constituent_cases",
            default_url="/my/cases",
            rows=[(case.access_url, self._constituent_view(case, False)) for case in found_sudo],
            office=request.env.company._public_office(),
            pager=pager,
            searchbar_sortings=sortings,
            searchbar_filters=filters,
            **choice,
        )
        return self._constituent_response("constituent_services.portal_my_cases", values)

    @http.route("/my/cases/<int:case_id>", type="http", auth="user", website=True, readonly=True)
    def portal_my_case(self, case_id, **kwargs):
        """Show one case of who is logged in; any other id does not exist."""
        case_sudo = self._constituent_case(case_id)
        if not case_sudo:
            return self._constituent_not_found()
        values = self._prepare_portal_layout_values()
        view = self._constituent_view(case_sudo, True)
        values.update(
            page_name="constituent_case",
            view=view,
            letter_url=f"/my/cases/{case_sudo.id}/letters/",
        )
        return self._constituent_response("constituent_services.portal_my_case", values)

    @http.route(
        "/my/cases/<int:case_id>/letters/<int:position>",
        type="http",
        auth="user",
        website=True,
        readonly=True,
    )
    def portal_my_case_letter(self, case_id, position, **kwargs):
        """Hand out a letter to its addressee, as it was sent.

        :param int case_id: a case of who is logged in
        :param int position: which letter, as the page numbers them
        """
        case_sudo = self._constituent_case(case_id)
        response = case_sudo and letter_response(
            case_sudo, case_sudo._portal_reader(request.env.user), position
        )
        return response or self._constituent_not_found()

    # Helpers

    def _constituent_sortings(self):
        return {
            "newest": {
                "label": request.env._("Newest first"),
                "order": "received_at desc, id desc",
            },
            "oldest": {
                "label": request.env._("Oldest first"),
                "order": "received_at, id",
            },
        }

    def _constituent_filters(self):
        return {
            "all": {"label": request.env._("All"), "domain": Domain.TRUE},
            "open": {
                "label": request.env._("Open"),
                "domain": Domain("status", "!=", "closed"),
            },
            "closed": {
                "label": request.env._("Closed"),
                "domain": Domain("status", "=", "closed"),
            },
        }

    def _constituent_page(self, domain, order, page, choice):
        """Return the pager and the cases of one page of the list.

        :param dict choice: what the links of the pager repeat
        """
        cases_sudo, step = self._constituent_cases(), self._constituent_cases_per_page
        pager = portal_pager(
            url="/my/cases",
            url_args=choice,
            total=cases_sudo.search_count(domain),
            page=page,
            step=step,
        )
        # An empty list has no page and Odoo's pager a negative offset.
        offset = max(pager["offset"], 0)
        return pager, cases_sudo.search(domain, order=order, limit=step, offset=offset)

    def _constituent_case(self, case_id):
        """Return a case of who is logged in, empty when it is not theirs."""
        domain = self._constituent_domain() & Domain("id", "=", case_id)
        return self._constituent_cases().search(domain, limit=1)

    def _constituent_view(self, case_sudo, with_history):
        reader = case_sudo._portal_reader(request.env.user)
        return case_sudo._public_projection(reader, with_history)

    def _constituent_not_found(self):
        values = self._prepare_portal_layout_values()
        values.update(page_name="constituent_case", office=request.env.company._public_office())
        return self._constituent_response("constituent_services.portal_no_case", values, status=404)

    def _constituent_response(self, template, values, status=200):
        response = request.render(template, values)
        response.status_code = status
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "same-origin"
        return response

import time
from urllib.parse import urlencode

from odoo import http
from odoo.http import request

from ..tools.logs import install_token_filter
from ..tools.projection import is_token
from ..tools.throttle import Throttle, network_of

install_token_filter()

# Twenty links that do not exist in ten minutes: nobody mistypes that often.
UNKNOWN_LINKS = Throttle(limit=20, seconds=600)
SESSION_LINKS = "constituent_links"
SESSION_LANG = "constituent_lang"
# A link opened on a library's computer does not stay open for the next person.
LINK_SECONDS = 2 * 60 * 60
MAX_LINKS = 20
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; "
    "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
PUBLIC = {"type": "http", "auth": "public", "sitemap": False}


class ConstituentPublic(http.Controller):
    """Pages for people without a login: the private link of a case and its stop."""

    # Private link

    @http.route("/constituent/case/<string:token>", methods=["GET"], readonly=True, **PUBLIC)
    def open_link(self, token, **kwargs):
        """Take the token out of the address: into the session, and redirect."""
        case_sudo = request.env["constituent.case"]._find_by_token(token)[0]
        if not case_sudo:
            return self._unknown_link()
        links = [link for link in self._links() if link["token"] != token]
        links.append({"token": token, "at": int(time.time())})
        if not request.session.uid:
            # A session somebody else may know must not come to hold the token.
            request.session.should_rotate = True
        request.session[SESSION_LINKS] = links[-MAX_LINKS:]
        return self._with_headers(request.redirect("/constituent/case"))

    @http.route("/constituent/case", methods=["GET"], readonly=True, **PUBLIC)
    def show_case(self, place=None, **kwargs):
        """Show the case whose link was opened last, or another one of this session.

        :param str place: which of the opened links, from 1
        """
        links = self._links()
        position = self._position(place, len(links)) or len(links)
        case_sudo, reader = self._linked_case(position)
        if not case_sudo:
            return self._no_page()
        self._choose_language(reader.lang)
        case_sudo = case_sudo.with_env(request.env(su=True))
        view = case_sudo._public_projection(reader)
        return self._page(
            "constituent_services.public_case",
            {
                "title": request.env._("Case %(number)s", number=view.number),
                "view": view,
                "letter_url": f"/constituent/letter/{position}/",
                "others": self._other_numbers(position),
                "query": {"place": position} if place else {},
            },
            office=view.office,
        )

    @http.route(
        "/constituent/letter/<int:place>/<int:position>",
        methods=["GET"],
        readonly=True,
        **PUBLIC,
    )
    def download_letter(self, place, position, **kwargs):
        """Hand out a letter to its addressee, as it was sent.

        :param int place: which of the opened links, from 1
        :param int position: which letter, as the page numbers them
        """
        case_sudo, reader = self._linked_case(place)
        response = case_sudo and letter_response(case_sudo, reader, position)
        return self._with_headers(response) if response else self._no_page()

    @http.route("/constituent/leave", methods=["POST"], csrf=False, readonly=True, **PUBLIC)
    def leave(self, **kwargs):
        """Close the opened links, on a computer that others use too.

        Without a CSRF token: the worst a forged request does is to close a page.
        """
        request.session.pop(SESSION_LINKS, None)
        return self._message(
            request.env._("You have left"),
            request.env._(
                "Nobody can see your case on this device now. To come back, open the "
                "link in our message to you again."
            ),
        )

    # Stop

    @http.route("/constituent/stop/<string:token>", methods=["GET"], readonly=True, **PUBLIC)
    def ask_stop(self, token, **kwargs):
        """Ask before stopping: mail scanners open every link in a message."""
        subscription_sudo = self._subscription(token)
        if not subscription_sudo:
            return self._unknown_link()
        self._choose_language(subscription_sudo.lang)
        if not subscription_sudo.active:
            return self._stopped(subscription_sudo)
        return self._page(
            "constituent_services.public_stop",
            {
                "title": request.env._("Stop these messages?"),
                "number": subscription_sudo.case_id.number,
            },
            office=subscription_sudo.company_id.with_env(request.env)._public_office(),
        )

    @http.route("/constituent/stop/<string:token>", methods=["POST"], csrf=False, **PUBLIC)
    def stop(self, token, **kwargs):
        """Stop the notices to one reader: the button of our page, or of a mail program.

        Mail programs send ``List-Unsubscribe=One-Click`` (RFC 8058) without cookies,
        and so does our page. The token in the address is the permission: whoever could
        forge this request could as well make it; a CSRF token would guard nothing.
        """
        subscription_sudo = self._subscription(token)
        if not subscription_sudo:
            return self._unknown_link()
        self._choose_language(subscription_sudo.lang)
        if kwargs.get("List-Unsubscribe") != "One-Click":
            return self._message(
                request.env._("Nothing was changed"),
                request.env._("Open the link in our message again and press the button."),
                status=400,
            )
        subscription_sudo._stop()
        return self._stopped(subscription_sudo)

    # Everything else under our name

    @http.route(
        ["/constituent", "/constituent/<path:rest>"],
        csrf=False,
        readonly=True,
        **PUBLIC,
    )
    def nothing_here(self, rest="", **kwargs):
        """Answer unknown addresses and wrong methods in our own layout."""
        if request.httprequest.method in ("GET", "HEAD"):
            return self._no_page()
        response = self._message(
            request.env._("This does not work here"),
            request.env._("Open the link in our message again."),
            status=405,
        )
        response.headers["Allow"] = "GET"
        return response

    # Helpers: links

    def _links(self):
        """Return the links opened in this session that are good, oldest first."""
        oldest = time.time() - LINK_SECONDS
        return [link for link in request.session.get(SESSION_LINKS) or [] if link["at"] >= oldest]

    def _position(self, place, count):
        """Return a position from 1 to count out of an address, 0 when it is none."""
        return int(place) if str(place).isdecimal() and 1 <= int(place) <= count else 0

    def _linked_case(self, place):
        """Return the case and reader of the n-th opened link, found anew each time."""
        links = self._links()
        if not self._position(place, len(links)):
            return request.env["constituent.case"], None
        return request.env["constituent.case"]._find_by_token(links[place - 1]["token"])

    def _other_numbers(self, position):
        """Return [(place, number)] of the other cases opened in this session."""
        others = []
        for place in range(len(self._links()), 0, -1):
            case_sudo = self._linked_case(place)[0] if place != position else None
            if case_sudo:
                others.append((place, case_sudo.number))
        return others

    def _subscription(self, token):
        """Return the subscription a stop link is for, stopped or not."""
        # The token is the permission, and all it permits is to stop.
        subscriptions_sudo = request.env["constituent.case.subscription"].sudo()
        if not is_token(token):
            return subscriptions_sudo
        return subscriptions_sudo.with_context(active_test=False).search(
            [("access_token", "=", token)], limit=1
        )

    def _unknown_link(self):
        """Return the page for a link that does not exist, or for too many of them.

        Good links are never held up: many people share one address behind a proxy, and
        one of them must not be able to lock the others out.
        """
        caller = network_of(request.httprequest.remote_addr)
        seconds = UNKNOWN_LINKS.wait_seconds(caller)
        if not seconds:
            UNKNOWN_LINKS.hit(caller)
            return self._no_page()
        response = self._message(
            request.env._("Too many attempts"),
            request.env._("Please wait ten minutes and open the link in our message again."),
            status=429,
        )
        response.headers["Retry-After"] = str(seconds)
        return response

    # Helpers: pages

    def _no_page(self):
        """The same page whether a link never was, was stopped or ran out."""
        self._choose_language()
        return self._message(
            request.env._("We cannot show this page"),
            request.env._(
                "The link may be incomplete or no longer valid, or this page was open "
                "for a long time. Open the link in our message again, or call us and "
                "give us your case number."
            ),
            status=404,
        )

    def _stopped(self, subscription_sudo):
        return self._message(
            request.env._("You will get no more messages"),
            request.env._(
                "We no longer send you news of case %(number)s. To change this, answer "
                "one of our messages or call us.",
                number=subscription_sudo.case_id.number,
            ),
            office=subscription_sudo.company_id.with_env(request.env)._public_office(),
        )

    def _message(self, title, text, status=200, office=None):
        return self._page(
            "constituent_services.public_message",
            {"title": title, "text": text},
            office=office,
            status=status,
        )

    def _choose_language(self, reader_lang=""):
        """Set the language: of the address, else the session, the reader, the browser.

        :param str reader_lang: the reader's, empty when not known
        """
        installed = dict(request.env["res.lang"].get_installed())
        given = request.params.get("lang")
        if given in installed:
            request.session[SESSION_LANG] = given
        for code in (given, request.session.get(SESSION_LANG), reader_lang):
            if code in installed:
                request.update_context(lang=code)
                return

    def _page(self, template, values, office=None, status=200):
        """Return a page in the public layout with its headers."""
        lang = request.env["res.lang"]._get_data(code=request.env.lang or "en_US")
        values = {
            "office": office or request.env.company._public_office(),
            "languages": self._languages(values.pop("query", {})),
            "html_lang": html_lang(request.env.lang),
            "html_dir": lang.direction or "ltr",
            **values,
        }
        response = request.render(template, values)
        response.status_code = status
        return self._with_headers(response)

    def _languages(self, query):
        """Return what the language switch offers, nothing when there is no choice."""
        installed = request.env["res.lang"].get_installed()
        if len(installed) < 2:
            return []
        return [
            {
                "code": html_lang(code),
                "name": name.split(" / ")[-1],
                "is_current": code == request.env.lang,
                # Relative: the address of a stop page, with its token, is not repeated.
                "url": "?" + urlencode({**query, "lang": code}),
            }
            for code, name in installed
        ]

    def _with_headers(self, response):
        """Add the headers every answer under our name carries."""
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response


def html_lang(code):
    """Return a language code as HTML writes it: es-419 for es_419."""
    return (code or "en_US").partition("@")[0].replace("_", "-")


def letter_response(case_sudo, reader, position):
    """Return the PDF of a letter that was sent to a reader, None when there is none.

    :param case_sudo: found by token or by ``_portal_domain``
    :param Reader reader: who asks
    :param int position: which of the reader's letters, from 1
    """
    if not case_sudo._is_shown_to(reader) or case_sudo.confidentiality == "restricted":
        return None
    letters_sudo = case_sudo._public_letters(reader)
    if not 1 <= position <= len(letters_sudo):
        return None
    letter_sudo = letters_sudo[position - 1]
    name = letter_sudo.reference or f"{case_sudo.number}-{position}"
    response = request.make_response(
        letter_sudo.document_id.raw, [("Content-Type", "application/pdf")]
    )
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.pdf")
    response.headers["Cache-Control"] = "no-store"
    return response

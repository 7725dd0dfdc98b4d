"""Whether a mail is from whom it says: SPF, DKIM and DMARC. No Odoo in here.

Only what our own mail server found counts (RFC 8601): anybody can write an
Authentication-Results head into their own message.
"""

import email
import email.policy
import re

from .mail import addresses, decode, head

_RESULT = re.compile(r"^\s*(spf|dkim|dmarc|auth)\s*=\s*([a-z]+)", re.IGNORECASE)
_PROPERTY = re.compile(
    r"\b(smtp\.mailfrom|smtp\.auth|header\.d|header\.i|header\.from)\s*=\s*([^\s;]+)", re.IGNORECASE
)
_COMMENT = re.compile(r"\([^()]*\)")


def authenticate(raw, authserv_id):
    """Judge a message by the results of our own mail server.

    :param bytes raw: the message as it came in
    :param str authserv_id: the name our server signs its results with; without one
        nothing can be trusted
    :return tuple[str, str]: pass, fail or none (not checked), and the results for a
        person, like "spf=pass, dkim=fail"
    """
    message = email.message_from_bytes(raw, policy=email.policy.compat32)
    results = _own_results(message, authserv_id)
    if not results:
        return "none", ""
    sender = next(iter(addresses(head(message, "From"))), "")
    detail = ", ".join(f"{method}={result}" for method, result, _domains in results)
    verdict = "pass" if _passes(results, sender.rpartition("@")[2]) else "fail"
    return verdict, detail[:500]


def _own_results(message, authserv_id):
    """Return [(method, result, domains)] of the uppermost heads of our server.

    Servers put their heads on top. What stands below the next Received was in the
    message before it came to us, and may be forged.
    """
    wanted, results = (authserv_id or "").strip().lower(), []
    if not wanted:
        return results
    for name, value in message.items():
        if name.lower() == "received" and results:
            break
        if name.lower() == "authentication-results":
            server, *found = _COMMENT.sub(" ", decode(value)).split(";")
            if (server.split() or [""])[0].lower() == wanted:
                results += filter(None, map(_result, found))
    return results


def _result(text):
    match = _RESULT.match(text)
    if not match:
        return None
    domains = [
        value.strip("\"'<>").rpartition("@")[2].lower() for _key, value in _PROPERTY.findall(text)
    ]
    return match[1].lower(), match[2].lower(), domains


def _passes(results, sender_domain):
    """Return whether the address in From is proven.

    DMARC is that proof, and its failure the contrary. Without it, SPF, DKIM or a login
    prove only the domain they were checked for: it must be the sender's.
    """
    dmarc = {result for method, result, _domains in results if method == "dmarc"}
    if "fail" in dmarc:
        return False
    if "pass" in dmarc:
        return True
    return bool(sender_domain) and any(
        result == "pass" and any(_aligned(domain, sender_domain) for domain in domains)
        for _method, result, domains in results
    )


def _aligned(domain, sender_domain):
    return domain == sender_domain or sender_domain.endswith(f".{domain}") and "." in domain

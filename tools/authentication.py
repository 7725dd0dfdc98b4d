"""Whether a mail is from whom it says: SPF, DKIM and DMARC. No Odoo in here.

Only what our own mail server found counts (RFC 8601): anybody can write an
Authentication-Results head into their own message, and strangers choose much of what
stands in our server's: local parts, names, comments.
"""

import re

from .mail import MAX_TEXT, addresses, head, only_heads

_RESULT = re.compile(r"^(spf|dkim|dmarc|auth)=([a-z]+)$", re.IGNORECASE)
_EQUALS = re.compile(r"\s*=\s*")
# Which property says for which domain a method passed; a later one counts where the
# first is missing.
_PROPERTIES = {
    "spf": ("smtp.mailfrom",),
    "dkim": ("header.d", "header.i"),
    "dmarc": ("header.from",),
    "auth": ("smtp.auth",),
}
_UNREADABLE = ("head", "unreadable", "")


def authenticate(raw, authserv_id):
    """Judge a message by the results of our own mail server.

    :param bytes raw: the message as it came in
    :param str authserv_id: the name our server signs its results with; without one
        nothing can be trusted
    :return tuple[str, str]: pass, fail or none (not checked), and the results for a
        person, like "spf=pass, dkim=fail"
    """
    message = only_heads(raw)
    results = _own_results(message, authserv_id)
    if not results:
        return "none", ""
    detail = ", ".join(f"{method}={result}" for method, result, _domain in results)
    senders = addresses(head(message, "From"))
    if len(message.get_all("From", [])) != 1 or len(senders) != 1:
        # Our server checked one of them: nobody knows which one is read.
        return "fail", f"{detail}, from=not one address"[:500]
    verdict = "pass" if _passes(results, senders[0].rpartition("@")[2]) else "fail"
    return verdict, detail[:500]


def _own_results(message, authserv_id):
    """Return [(method, result, domain)] of the uppermost heads of our server.

    Servers put their heads on top. What stands below the second Received, or below the
    first one after our results, was in the message before it came to us.
    """
    wanted, results, received = (authserv_id or "").strip().lower(), [], 0
    if not wanted:
        return results
    for name, value in message.items():
        if name.lower() == "received":
            received += 1
            if results or received > 1:
                break
        if name.lower() == "authentication-results":
            # Not decoded: encoded words would let a stranger write separators.
            text = _without_free_text(str(value)[:MAX_TEXT])
            server, *found = (str(value) if text is None else text).split(";")
            if (server.split() or [""])[0].lower() != wanted:
                continue
            results += [_UNREADABLE] if text is None else filter(None, map(_result, found))
    return results


def _without_free_text(value):
    """Return a head without its comments, and with a letter for each quoted string.

    :return str: None when a comment or a quoted string does not end
    """
    kept, depth, quoted, chars = [], 0, False, iter(value)
    for char in chars:
        if char == "\\" and (depth or quoted):
            next(chars, "")
        elif quoted:
            quoted = char != '"'
        elif char == '"' and not depth:
            quoted = True
            kept.append("q")
        elif char == "(":
            depth += 1
            kept.append(" ")
        elif char == ")" and depth:
            depth -= 1
        elif not depth:
            kept.append(char)
    return None if depth or quoted else "".join(kept)


def _result(text):
    words = _EQUALS.sub("=", text.strip()).split()
    match = _RESULT.match(words[0]) if words else None
    if not match:
        return None
    method = match[1].lower()
    for name in _PROPERTIES[method]:
        values = {
            value.strip("'<>").rpartition("@")[2].lower()
            for key, _sep, value in (word.partition("=") for word in words[1:])
            if key.lower() == name
        }
        if values:
            return method, match[2].lower(), values.pop() if len(values) == 1 else ""
    return method, match[2].lower(), ""


def _passes(results, sender_domain):
    """Return whether the address in From is proven.

    DMARC's failure is the contrary of a proof. DMARC, SPF, DKIM or a login prove only
    the domain they were checked for: it must be the sender's.
    """
    if _UNREADABLE in results or any(
        method == "dmarc" and result == "fail" for method, result, _domain in results
    ):
        return False
    return any(
        result == "pass" and _aligned(domain, sender_domain) for _method, result, domain in results
    )


def _aligned(domain, sender_domain):
    """Return whether a domain is the sender's, or one above it that is not a top one."""
    return "." in domain and (domain == sender_domain or sender_domain.endswith(f".{domain}"))

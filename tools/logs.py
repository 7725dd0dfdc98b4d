"""Keep the tokens of private links out of the log. No Odoo in here.

Who holds such a token reads a resident's case, and logs are kept, copied and read
by more people than the cases themselves.
"""

import logging
import re

MASK = "***"
# All our tokens are of this form; masking it wherever it stands leaves no gap for an
# address written in an unexpected way. The unmasked group is empty.
PATTERNS = (
    re.compile(r"(?i)()[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    # /constituent/case/<token> and /constituent/stop/<token>
    re.compile(r"(?i)(/constituent/(?:case|stop)/)[^/\s?#\"'<>&]+"),
    # Odoo's own: /mail/view?...&access_token=<token>
    re.compile(r"(?i)((?:\b|_)token(?:=|%3D))[^&\s#\"'<>]+"),
)
# A filter on a logger does not see what its children log: so these that log
# addresses of requests by name, and the handlers for all others.
LOGGERS = ("werkzeug", "odoo.http", "odoo.addons.http_routing.models.ir_http")


def mask(text):
    """Return a text with the tokens in addresses replaced.

    >>> mask("GET /constituent/case/1b9d6bcd-bbfd HTTP/1.1")
    'GET /constituent/case/*** HTTP/1.1'
    """
    for pattern in PATTERNS:
        text = pattern.sub(rf"\g<1>{MASK}", text)
    return text


class TokenFilter(logging.Filter):
    """Masks tokens in the message and the arguments of every record; drops none."""

    def filter(self, record):
        """Mask what the record says.

        :return bool: True, always
        """
        if isinstance(record.msg, str):
            record.msg = mask(record.msg)
        if isinstance(record.args, dict):
            record.args = {key: self._masked(value) for key, value in record.args.items()}
        elif record.args:
            record.args = tuple(self._masked(value) for value in record.args)
        if record.exc_info and record.exc_info[0] and not record.exc_text:
            text = logging.Formatter().formatException(record.exc_info)
            if mask(text) != text:
                # Formatters use the text when there is one.
                record.exc_text = mask(text)
        return True

    @staticmethod
    def _masked(value):
        if isinstance(value, str):
            return mask(value)
        if isinstance(value, (int, float, type(None))):
            return value
        text = str(value)
        masked = mask(text)
        return value if masked == text else masked


def install_token_filter():
    """Put the filter where addresses are logged; a second call changes nothing."""
    targets = [logging.getLogger(name) for name in LOGGERS]
    targets += logging.getLogger().handlers
    for target in targets:
        if not any(isinstance(known, TokenFilter) for known in target.filters):
            target.addFilter(TokenFilter())

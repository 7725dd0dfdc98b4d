"""The message both products get, and whom it is for."""

import email.utils
import itertools
import uuid

from odoo.fields import Domain


def message(address, contact, text):
    """Return the source of a mail in two formats, as people's programs send it.

    :param str address: of whom it is for
    :param dict contact: name and email of who writes
    :param dict text: name and description, as HTML
    """
    key = uuid.uuid4()
    return f"""\
Received: from mx.example.org by mail.city.example.org; {email.utils.formatdate()}
From: {email.utils.formataddr((contact["name"], contact["email"]))}
To: {address}
Subject: {text["name"]}
Message-Id: <{key}@example.org>
Date: {email.utils.formatdate()}
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="{key}"

--{key}
Content-Type: text/plain; charset=utf-8

{text["words"]}

{contact["name"]}
--{key}
Content-Type: text/html; charset=utf-8

<html><body>{text["description"]}<p>{contact["name"]}</p></body></html>
--{key}--
""".replace("\n", "\r\n").encode()


def receiving_user(session):
    """Give the company a mail domain; return the one who works where the mail goes to."""
    env = session.env
    if not env.company.alias_domain_id:
        env.company.alias_domain_id = env["mail.alias.domain"].create({"name": "city.example.org"})
    login = session.product.logins["caseworker"]
    return env["res.users"].search(Domain("login", "=", login))


def mail_step(session, address):
    """Return a step that hands a message to the gateway and commits, as fetching mail does."""
    texts = itertools.cycle(session.facts["texts"])
    contacts = iter(session.facts["contacts"])  # each writes once: the loop limit

    def step():
        source = message(address, next(contacts), next(texts))
        if not session.env["mail.thread"].message_process(False, source):
            raise LookupError("a mail became nothing")
        session.env.cr.commit()

    return step

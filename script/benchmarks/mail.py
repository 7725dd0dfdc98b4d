"""The message both products get."""

import email.utils
import uuid


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

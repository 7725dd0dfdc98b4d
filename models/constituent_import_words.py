from odoo import api, models
from odoo.tools import LazyTranslate

from ..tools.table_file import DELIMITERS

_lt = LazyTranslate(__name__)

# What is wrong with a whole file
FILE_SENTENCES = {
    "too_large": _lt(
        "The file has %(megabytes)s; at most %(limit)s are taken at once. Divide it into "
        "several files, or let an administrator raise the system parameter "
        "constituent_services.import_max_mb."
    ),
    "empty": _lt("The file is empty."),
    "only_head": _lt("The file has a line of column names and no rows below it."),
    "head_unreadable": _lt(
        "The first line, with the names of the columns, cannot be read: a quotation mark in it "
        "is not closed or stands inside a cell."
    ),
    "not_a_table": _lt("This is no CSV file but %(what)s. %(hint)s"),
    "encoding": _lt(
        "Line %(line)s cannot be read: the byte %(byte)s does not occur in %(encoding)s, the "
        "encoding this mapping says. If the accents look right after choosing %(guess)s in the "
        "mapping, that is it."
    ),
    "encoding_guess": _lt(
        "The mapping says that its files are written in %(encoding)s; this one is in %(guess)s. "
        "Choose %(guess)s in the mapping, or save the file in %(encoding)s."
    ),
    "columns_missing": _lt(
        "These columns of the mapping are not in the file: %(columns)s. The file has: %(header)s."
    ),
    "columns_twice": _lt(
        "These columns stand in the first line more than once, so that it is not clear which "
        "one counts: %(columns)s."
    ),
    "delimiter": _lt(
        "None of the mapping's columns is in the first line of the file. Its cells seem to be "
        "separated by “%(guess)s”, the mapping says “%(delimiter)s”: choose that in the mapping."
    ),
    "unexpected": _lt(
        "Something went wrong that should not (%(error)s); the server's log says where. The rows "
        "before it are imported; go on when it is mended."
    ),
    "no_file": _lt("The file is not there or cannot be read: %(name)s."),
}
KINDS_OF_FILE = {
    "workbook": _lt("a workbook of a spreadsheet program"),
    "pdf": _lt("a PDF document"),
    "picture": _lt("a picture"),
    "archive": _lt("a compressed archive"),
    "markup": _lt("a web page or an XML document"),
    "binary": _lt("a file that holds something other than text"),
}
HINTS = {
    "workbook": _lt("Open it there and save it as “CSV UTF-8”."),
    "archive": _lt("Unpack it first."),
}
# Why a row is refused
ROW_SENTENCES = {
    "cells": _lt(
        "The row has %(cells)s cells, the first line of the file has %(columns)s: a separator "
        "stands inside a text without quotation marks, or is missing."
    ),
    "quote_open": _lt("A quotation mark is opened in this line and not closed where it should be."),
    "quote_inside": _lt("A quotation mark is followed by something other than a separator."),
    "required": _lt("“%(column)s” is empty or cannot be read, and the mapping requires it."),
    "no_received_at": _lt("There is no date on which the matter was received."),
    "no_name": _lt("There is no name."),
    "key_twice": _lt("The key “%(ref)s” is the same as that of row %(number)s of this file."),
    "not_yours": _lt(
        "The record with the key “%(ref)s” is here already, and you may not change it."
    ),
    "has_login": _lt(
        "The contact belongs to somebody with a login, or to an office itself. Change it by hand."
    ),
    "not_saved": _lt("The row could not be saved: %(error)s"),
    "moment": _lt("“%(text)s” in “%(column)s” is no date as the mapping says its dates are."),
    "moment_year": _lt("“%(text)s” in “%(column)s” has a year nobody can mean."),
    "number": _lt("“%(text)s” in “%(column)s” is no number."),
    "flag": _lt("“%(text)s” in “%(column)s” is neither a yes nor a no."),
    "unknown_choice": _lt("“%(text)s” in “%(column)s” is not one of the words known there."),
}
# What was mended or left out
NOTE_SENTENCES = {
    "mojibake": _lt("“%(column)s”: letters that another program had garbled were repaired."),
    "lost_characters": _lt("“%(column)s”: characters were lost before the file came here."),
    "placeholder": _lt("“%(text)s” in “%(column)s” stands for nothing and was left out."),
    "hour_twice": _lt(
        "“%(text)s” in “%(column)s” occurs twice, as the clocks were set back: the first is taken."
    ),
    "hour_missing": _lt(
        "“%(text)s” in “%(column)s” never was, as the clocks were set forward: the hour before."
    ),
    "no_place": _lt("No coordinates: the place is still to be found."),
    "half_a_place": _lt("Only one of the two coordinates is given: left out."),
    "place_impossible": _lt("The coordinates are nowhere on earth: left out."),
    "received_in_future": _lt("Received in the future, says the file."),
    "closed_before_received": _lt(
        "Closed before it was received, says the file: the next date it gives is taken, or else "
        "the moment it was received."
    ),
    "closed_without_date": _lt(
        "Closed, says the file, but not when: taken as closed when it was received."
    ),
    "closed_date_but_open": _lt("Not closed, but with a date of closing: the date was left out."),
    "no_subject": _lt("No subject."),
    "unknown_department": _lt("There is no department “%(text)s”: left without."),
    "unknown_category": _lt("There is no category “%(text)s”: left without."),
    "unknown_channel": _lt("There is no channel “%(text)s”: entered as “%(channel)s”."),
    "unknown_user": _lt("Nobody here has the login, mail address or name “%(text)s”."),
    "unknown_outcome": _lt("There is no outcome “%(text)s”: kept in the note."),
    "unknown_referrer": _lt("There is no office or group “%(text)s”: left without."),
    "unknown_parent": _lt("There is no organization “%(text)s”: kept as the company's name."),
    "unknown_country": _lt("There is no country “%(text)s”: left out."),
    "unknown_state": _lt("There is no state “%(text)s”: left out."),
    "bad_email": _lt("“%(text)s” is no mail address: kept as it is, nobody can be written to."),
    "same_person": _lt("Known already, by mail address or telephone and name."),
    "kept_here": _lt("Changed here since the last import and therefore kept: %(fields)s."),
    "written": _lt("Changed in the file: %(fields)s."),
    "step_failed": _lt("A step of the intake failed: %(text)s"),
}
SENTENCES = {**FILE_SENTENCES, **ROW_SENTENCES, **NOTE_SENTENCES}


class ConstituentImport(models.Model):
    """What an import tells people, in their language."""

    _name = "constituent.import"
    _inherit = "constituent.import"

    @api.model
    def _sentence(self, kind, **values):
        """Return a sentence in the user's language.

        :param str kind: a key of the tables above
        :param values: what the sentence names
        """
        if kind == "not_a_table":
            what = values["what"]
            hint = self.env._(HINTS[what]) if what in HINTS else ""
            values = {"what": self.env._(KINDS_OF_FILE[what]), "hint": hint}
        text = self.env._(SENTENCES[kind])
        return (text % values).strip()

    @api.model
    def _delimiter_name(self, key):
        """Return how a delimiter is shown: itself, but a tab, which nobody sees."""
        return self.env._("tab") if key == "tab" else DELIMITERS[key]

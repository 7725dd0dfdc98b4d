from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain

from ..tools.letter_number import read_numbers, same_name, same_place


class ConstituentScan(models.Model):
    """What is said of letters that joined the case named on them."""

    _name = "constituent.scan"
    _inherit = "constituent.scan"

    joined_note = fields.Char(compute="_compute_joined_note")
    is_any_letter_seen = fields.Boolean(compute="_compute_is_any_letter_seen", compute_sudo=False)

    @api.depends("piece_ids.joined_by_number", "piece_ids.correspondence_id")
    def _compute_joined_note(self):
        """Name the letters by their numbers: those are the scan's, the cases are not."""
        for scan in self:
            joined = scan.piece_ids.filtered("joined_by_number")
            scan.joined_note = ", ".join(filter(None, joined.mapped("letter_reference"))) or False

    @api.depends("piece_ids.is_letter_seen")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_is_any_letter_seen(self):
        for scan in self:
            scan.is_any_letter_seen = any(scan.piece_ids.mapped("is_letter_seen"))

    def _tell_joined(self):
        """Tell who registers which letters joined a case, and nothing of the case."""
        if not self.joined_note:
            return
        self.env.user._bus_send(
            "simple_notification",
            {
                "type": "info",
                "sticky": True,
                "title": self.env._("Joined the case named on the letter"),
                "message": self.env._(
                    "%(letters)s: with whoever works on the case. The pages stay in the scan.",
                    letters=self.joined_note,
                ),
            },
        )

    def _tell_not_joined(self, pieces):
        """Tell who registers that a number on a letter found no case: a new one was made.

        The same words whether there is such a case or not.

        :param pieces: of the scan, those whose number led nowhere
        """
        if not pieces:
            return
        lines = [
            self.env._(
                "%(letter)s names %(number)s",
                letter=piece.letter_reference,
                number=piece.case_number.strip(),
            )
            for piece in pieces
        ]
        self.env.user._bus_send(
            "simple_notification",
            {
                "type": "warning",
                "sticky": True,
                "title": self.env._("Not joined: a new case was made"),
                "message": self.env._(
                    "%(letters)s. No case of this number was found that knows the sender. Whoever "
                    "sorts the new case looks whether the two belong together.",
                    letters="; ".join(lines),
                ),
            },
        )


class ConstituentScanPiece(models.Model):
    """A letter that names a case: it joins it, if the case knows who wrote it.

    As a mail does by the number in its subject. Who registers the letter need not see the
    case and learns nothing of it but that the letter joined. Of a number that leads nowhere
    the same is said whether there is no such case, it is not open to the user, or it does
    not know the sender.
    """

    _name = "constituent.scan.piece"
    _inherit = "constituent.scan.piece"

    def _named_cases_sudo(self):
        """Return the cases that the numbers on the letters name and that know the senders.

        Of pieces without a chosen case only, and restricted cases for those alone who may
        see such.

        :return dict: piece → case, with superuser rights
        """
        wanted = {
            piece: read_numbers(piece.case_number)
            for piece in self
            if piece.case_number and not piece.case_id
        }
        numbers = list(dict.fromkeys(number for found in wanted.values() for number in found))
        if not numbers:
            return {}
        office = Domain("company_id", "=", self.company_id.id)
        # A case is looked for whoever registers; only one that knows the sender is used.
        cases_sudo = self.env["constituent.case"].sudo()
        cases_sudo = cases_sudo.search(office & Domain("number", "in", numbers))
        letters_sudo = self.env["constituent.correspondence"].sudo()
        letters_sudo = letters_sudo.search(
            office
            & Domain("reference", "in", numbers)
            & Domain("direction", "=", "out")
            & Domain("case_id", "!=", False)
        )
        targets = {
            **{letter.reference: (letter.case_id, letter) for letter in letters_sudo},
            # A case's number before a letter's, should they ever be alike.
            **{case.number: (case, letters_sudo.browse()) for case in cases_sudo},
        }
        named = {}
        for piece, found in wanted.items():
            known = (targets[number] for number in found if number in targets)
            named[piece] = next((one[0] for one in known if piece._is_known_to(*one)), None)
        return {piece: case for piece, case in named.items() if case}

    def _is_known_to(self, case, letter):
        """Return whether a case that the letter names knows who wrote it.

        A chosen contact counts, or else the typed name together with the address: a
        number alone is read off anybody's letter.

        :param case: with superuser rights
        :param letter: ours that is named, with superuser rights; none when the case is
        """
        self.ensure_one()
        trusted = self.env["constituent.case"]._may_make_restricted()
        if case.confidentiality == "restricted" and not trusted:
            return False
        if self.partner_id:
            person = case.partner_id
            known = person | person.parent_id | person.child_ids
            return self.partner_id in known | case.referrer_ids.partner_id | letter.partner_id
        people = [(case.partner_name or case.partner_id.name, case.partner_id)]
        if letter:
            people.append((letter.printed_name, letter.partner_id))
        return any(
            same_name(self.sender_name, name) and self._is_from(person, case)
            for name, person in people
        )

    def _is_from(self, person, case):
        """Return whether the typed address is somebody's, as far as the office has one.

        Of who has none the place of the matter counts, which often is where they live: by
        street and number, as a ZIP is a whole neighborhood.
        """
        if person.street or person.zip:
            return same_place(self.sender_street, self.sender_zip, person.street, person.zip)
        same_zip = same_place("", self.sender_zip, "", case.zip)
        return same_place(self.sender_street, "", case.street, "") and (
            same_zip or not (self.sender_zip and case.zip)
        )

    def _keep_registered(self, cases, letters, named):
        """Keep what the pieces became, and leave a note where a number led nowhere.

        :param list cases: of the pieces, in their order
        :param letters: likewise
        :param dict named: piece → the case its number names
        :return: the pieces whose number led nowhere
        """
        nowhere = self.browse()
        for piece, case, letter in zip(self, cases, letters, strict=True):
            is_new = not piece.case_id and piece not in named
            # A link shows the name of what is behind it, to whoever reads the piece.
            seen = piece not in named or case.with_env(self.env).has_access("read")
            piece._advance(
                correspondence_id=letter.id,
                case_id=seen and case.id,
                joined_by_number=piece in named,
                is_registered=True,
            )
            if is_new and (piece.case_number or "").strip():
                piece._note_number(case)
                nowhere |= piece
        return nowhere

    def _note_number(self, case):
        """Note in a new case which number its letter names: for whoever sorts it.

        The same words whether there is such a case or not: a clerk reads them.
        """
        case.message_post(
            body=Markup("<p>%s</p>")
            % self.env._(
                "The letter names %(number)s. It did not join it: no case of this number was "
                "found that knows the sender. Look whether the two belong together.",
                number=self.case_number.strip(),
            ),
            subtype_xmlid="mail.mt_note",
        )

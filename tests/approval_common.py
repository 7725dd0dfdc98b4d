"""Letters that somebody must approve."""

import base64

from odoo.fields import Command

from .letter_common import LetterSetup, make_noise


class ApprovalSetup(LetterSetup):
    """A head, a counsel and a deputy; rules are made by each test."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.head = cls.manager  # of Streets, as the setup has it
        cls.counsel = cls._make_user("clerk", login="counsel")
        cls.deputy = cls._make_user("caseworker", login="deputy")
        cls.second = cls._make_user("clerk", login="second")
        cls.Rule = cls.env["constituent.approval.rule"]

    @classmethod
    def _rule(cls, name, *users, **vals):
        if users:
            vals["approver_ids"] = [Command.set([user.id for user in users])]
        return cls.Rule.create({"name": name, **vals})

    @classmethod
    def _submitted(cls, **vals):
        letter = cls._make_letter(**vals)
        letter.action_submit()
        return letter

    @classmethod
    def _delegate(cls, user, delegate, **vals):
        dates = {"date_from": "2026-11-01", "date_to": "2026-11-30"}
        return cls.env["constituent.approval.delegation"].create(
            {"user_id": user.id, "delegate_id": delegate.id, **dates, **vals}
        )

    @classmethod
    def _keep_signature(cls, user):
        image = base64.b64encode(make_noise(400, 120))
        return cls.env["constituent.signature"].with_user(user).create({"image": image})

    def _decisions(self, letter):
        rows = letter.sudo().approval_ids.sorted("id")
        return [(row.decision, row.user_id) for row in rows]

"""Letters that wait for the post, of people at several addresses."""

from odoo.fields import Command

from .common import ConstituentCommon
from .letter_common import LetterSetup

# In the order of the post
PEOPLE = [
    ("Bea Ash", "2 Ash Street", "10001"),
    ("Cal Ash", "10 Ash Street", "10001"),
    ("Dan Elm", "1 Elm Street", "10001"),
    ("Ann Oak", "5 Oak Street", "10002"),
]


class PostCommon(LetterSetup, ConstituentCommon):
    """Base of the tests of the post."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Run = cls.env["constituent.post.run"]
        # Of letters of the database the tests run in.
        cls.Letter.search([("post_state", "=", "waiting")])._note_post(post_state="by_hand")
        people = cls.env["res.partner"].create(
            [
                {"name": name, "street": street, "city": "Example", "zip": code}
                for name, street, code in PEOPLE
            ]
        )
        cls.people = dict(zip([name for name, _street, _code in PEOPLE], people, strict=True))
        cls.letters = cls.Letter.browse()
        for name in ("Ann Oak", "Dan Elm", "Cal Ash", "Bea Ash"):
            cls.letters |= cls._send_to(name)

    @classmethod
    def _send_to(cls, name, **vals):
        return cls._make_sent(
            **{
                "partner_id": cls.people[name].id,
                "case_id": False,
                "subject": f"To {name}",
                "medium": "post",
                **vals,
            }
        )

    @classmethod
    def _make_run(cls, user=None, **vals):
        return cls.Run.with_user(user or cls.coordinator).create(vals)

    @classmethod
    def _make_ready(cls, **vals):
        run = cls._make_run(**vals)
        run.action_make_file()
        return run

    @staticmethod
    def _names(run):
        letters = run.sudo().letter_ids.sorted("post_order")
        return letters.mapped("printed_name")

    @classmethod
    def _abroad(cls):
        return cls.env["res.partner"].create(
            {
                "name": "Zoé Rue",
                "street": "3 Rue Haute",
                "city": "Paris",
                "zip": "75001",
                "country_id": cls.env.ref("base.fr").id,
                "category_id": [Command.clear()],
            }
        )

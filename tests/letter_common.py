"""A case and letters about it, in every state a letter can have."""

import base64
import io

from PIL import Image

from .common import ConstituentSetup

BODY = "<p>We inspected the place on <b>November 12</b> and will fill it.</p>"


def make_logo(size=(300, 300), mode="RGB"):
    """Return a seal as PNG bytes."""
    output = io.BytesIO()
    Image.new(mode, size, "navy").save(output, "PNG")
    return output.getvalue()


def make_noise(width, height):
    """Return a picture that compresses badly, as PNG bytes."""
    output = io.BytesIO()
    Image.effect_noise((width, height), 80).save(output, "PNG")
    return output.getvalue()


class LetterSetup(ConstituentSetup):
    """Class set-up shared by the tests of letters: mixed in before Odoo's test case."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Letter = cls.env["constituent.correspondence"]
        cls.company.write(
            {
                "street": "100 City Hall Plaza",
                "city": "Example",
                "zip": "10001",
                "phone": "+1 555 0199",
                "website": "https://www.example.gov",
                "logo": base64.b64encode(make_logo()),
            }
        )
        cls.case = cls._make_case()

    @classmethod
    def _make_letter(cls, user=None, **vals):
        """Draft a letter about the case, as a caseworker of its department."""
        values = {
            "case_id": cls.case.id,
            "partner_id": cls.resident.id,
            "department_id": cls.streets.id,
            "subject": "A testpothole on Main Street",
            "body": BODY,
            "medium": "post",
        }
        values.update(vals)
        return cls.Letter.with_user(user or cls.caseworker).create(values)

    @classmethod
    def _make_approved(cls, **vals):
        letter = cls._make_letter(**vals)
        letter.action_submit()
        letter.action_approve()
        return letter

    @classmethod
    def _make_sent(cls, **vals):
        letter = cls._make_approved(**vals)
        letter.action_send()
        return letter

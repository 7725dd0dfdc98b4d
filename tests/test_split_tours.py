from odoo.tests import HttpCase

from .common import ConstituentCommon
from .test_split import LETTER


class TestSplitTours(ConstituentCommon, HttpCase):
    """A letter is divided in a browser."""

    def test_split_in_three(self):
        case = self._make_case(channel="letter", description=LETTER)
        self.env["ir.attachment"].with_user(self.caseworker).create(
            {
                "name": "tree.jpg",
                "raw": b"tree",
                "res_model": "constituent.case",
                "res_id": case.id,
            }
        )
        self.start_tour(
            f"/odoo/constituent-cases/{case.id}",
            "constituent_split_in_three",
            login="t_caseworker",
        )
        tree, library = case.split_into_ids.sorted("id")
        self.assertEqual(tree.category_id, self.tree)
        self.assertEqual(tree.department_id, self.parks)
        self.assertEqual(library.name, "Library hours on Sundays")
        self.assertIn("damaged my car", case.description_text)
        self.assertNotIn("library", case.description_text)
        copy = self.env["ir.attachment"].search(
            [("res_model", "=", "constituent.case"), ("res_id", "=", tree.id)]
        )
        self.assertEqual(copy.name, "tree.jpg")
        self.assertEqual(len((case | tree | library).mapped("number")), 3)

"""The category by keywords: set when clear, three to choose from when not."""

from psycopg2.errors import CheckViolation

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import ConstituentCommon


@tagged("post_install", "-at_install")
class TestClassify(ConstituentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sign = cls.env["constituent.category"].create(
            {
                "name": "Test Sign",
                "keywords": "testsign*3, testpost",
                "department_id": cls.parks.id,
            }
        )
        # Rules are another matter.
        cls.env["constituent.routing.rule"].search([]).active = False

    def _classified(self, case):
        return case.event_ids.filtered(lambda event: event.kind == "classified").mapped("note")

    # At intake

    def test_clear_by_a_word_in_the_text_and_says_why(self):
        case = self._make_case(name="Help", description="<p>The testpost is bent.</p>")
        self.assertEqual(case.category_id, self.sign)
        self.assertEqual(
            self._classified(case), ["Category Test Sign by keywords (score 50): testpost"]
        )

    def test_a_tie_goes_to_triage_with_the_best_to_choose(self):
        case = self._make_case(name="Help", description="A testtree fell on a testpost.")
        self.assertFalse(case.category_id)
        self.assertFalse(case.department_id)
        (note,) = self._classified(case)
        self.assertTrue(note.startswith("Category not clear: "))
        self.assertIn("Test Tree 33 (testtree)", note)
        self.assertIn("Test Sign 33 (testpost)", note)
        found = case.with_user(self.coordinator).category_suggestions
        self.assertEqual({one["id"] for one in found}, {self.sign.id, self.tree.id})
        self.assertEqual({one["score"] for one in found}, {33})

    def test_weight_decides(self):
        case = self._make_case(name="testtree and testsign", description=False)
        self.assertEqual(case.category_id, self.sign)

    def test_the_office_says_from_which_score_on(self):
        self.company.constituent_category_score = 60
        self.assertFalse(self._make_case(name="Help", description="testpost").category_id)
        self.assertEqual(self._make_case(name="testpost").category_id, self.sign)
        self.company.constituent_category_score = 100
        self.assertFalse(self._make_case(name="testsign testpost").category_id)

    def test_a_score_is_between_0_and_100(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            self.company.constituent_category_score = 101
            self.env.flush_all()

    def test_spanish_words_reach_an_english_desk(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.sign.with_context(lang="es_ES").keywords = "senaltorcida*2"
        case = self._make_case(name="Una señaltorcida", description=False)
        self.assertEqual(case.category_id, self.sign)

    def test_categories_of_other_offices_are_not_proposed(self):
        other = self.env["res.company"].create({"name": "Other City"})
        self.sign.department_id = False
        self.sign.company_id = other
        case = self._make_case(name="testsign", description=False)
        self.assertFalse(case.category_id)
        self.assertFalse(case.category_suggestions)

    def test_nothing_is_proposed_for_a_closed_case(self):
        case = self._make_case(name="Help", description="testtree testpost")
        case._close(self.outcome_resolved)
        self.assertFalse(case.category_suggestions)

    def test_a_bad_weight_is_refused_with_its_place(self):
        with self.assertRaises(ValidationError) as caught:
            self.sign.keywords = "testsign, testpost*12"
        self.assertIn("Test Sign", str(caught.exception))
        self.assertIn("testpost*12", str(caught.exception))

    def test_keywords_written_past_the_checks_do_not_stop_intake(self):
        self.env.cr.execute(
            'UPDATE constituent_category SET keywords = \'{"en_US": "testsign*x"}\' WHERE id = %s',
            [self.sign.id],
        )
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        with self.assertLogs("odoo.addons.constituent_services.models.constituent_category"):
            case = self._make_case(name="testsign and testtree", description=False)
        self.assertEqual(case.category_id, self.tree)

    # A person's word

    def test_a_corrected_category_routes_again_and_says_so(self):
        case = self._make_case(name="A testpothole")
        due = case.due_at
        self.assertEqual(case.department_id, self.streets)
        case.with_user(self.coordinator).category_id = self.tree
        self.assertEqual(case.department_id, self.parks)
        self.assertEqual(case.routed_by, "category")
        self.assertEqual(case.due_at, due, "the promise to the resident does not restart")
        self.assertIn("Category changed: Test Pothole → Test Tree", self._classified(case))
        self.assertIn("handed_over", case.event_ids.mapped("kind"))

    def test_a_category_for_a_case_in_triage_places_it(self):
        case = self._make_case(name="Nothing known", description=False)
        self.assertFalse(case.department_id)
        with Form(case.with_user(self.coordinator)) as form:
            form.category_id = self.tree
        self.assertEqual(case.department_id, self.parks)

    def test_what_a_person_placed_stays(self):
        case = self._make_case(name="A testpothole", department_id=self.streets.id)
        self.assertEqual(case.routed_by, "hand")
        case.with_user(self.coordinator).category_id = self.tree
        self.assertEqual(case.department_id, self.streets)
        moved = self._make_case(name="A testpothole")
        moved.department_id = self.parks
        self.assertEqual(moved.routed_by, "hand")
        moved.category_id = self.sign
        self.assertEqual(moved.department_id, self.parks)

    def test_who_has_it_keeps_it_within_the_department(self):
        case = self._make_case(name="A testpothole")
        case.user_id = self.caseworker
        other = self.env["constituent.category"].create(
            {"name": "Test Sink", "department_id": self.streets.id}
        )
        case.category_id = other
        self.assertEqual((case.department_id, case.user_id), (self.streets, self.caseworker))

    def test_a_caseworker_is_told_before_the_case_is_out_of_sight(self):
        case = self._make_case(name="A testpothole")
        with self.assertRaises(UserError) as caught:
            case.with_user(self.caseworker).category_id = self.tree
        self.assertIn("Parks Department", str(caught.exception))
        self.assertIn("Not Ours", str(caught.exception))

    def test_closed_cases_are_not_routed_again(self):
        case = self._make_case(name="A testpothole")
        case._close(self.outcome_resolved)
        case.category_id = self.tree
        self.assertEqual(case.department_id, self.streets)

    def test_nobody_says_by_hand_what_gave_the_department(self):
        case = self._make_case(name="A testpothole")
        with self.assertRaises(UserError):
            case.with_user(self.coordinator).write({"routed_by": "rule"})

    # Speed

    def test_three_hundred_categories_ask_nothing(self):
        def _queries():
            start = self.env.cr.sql_log_count
            self.Case.intake([{"channel": "phone", "name": f"A matter {n}"} for n in range(20)])
            self.env.flush_all()
            return self.env.cr.sql_log_count - start

        _queries()
        without = _queries()
        self.env["constituent.category"].create(
            [
                {"name": f"Category {n}", "keywords": f"word{n}, a phrase {n}, matter {n}"}
                for n in range(300)
            ]
        )
        _queries()  # works them out
        self.assertLessEqual(_queries(), without)

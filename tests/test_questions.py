"""Questions of a category: asked at the telephone, kept with the case as they were asked."""

from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ConstituentCommon


@tagged("post_install", "-at_install")
class TestQuestions(ConstituentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.roads = cls.env["constituent.category"].create({"name": "Test Roads"})
        cls.pothole.parent_id = cls.roads
        questions = cls.env["constituent.category.question"]
        cls.lane = questions.create(
            {"category_id": cls.roads.id, "name": "Which lane?", "code": "LANE"}
        )
        cls.size = questions.create(
            {
                "category_id": cls.pothole.id,
                "name": "How big is it?",
                "code": "SIZE",
                "datatype": "singlevaluelist",
                "required": True,
                "value_ids": [
                    Command.create({"key": "SM", "name": "Small"}),
                    Command.create({"key": "FIRE", "name": "It burns", "stops": "Call 911 now."}),
                ],
            }
        )

    def _save(self, user=None, **answers):
        result = self.Case.with_user(user or self.clerk).phone_desk_save(
            {
                "name": "A hole",
                "category_id": self.pothole.id,
                "identity": "anonymous",
                "answers": answers,
            }
        )
        return self.Case.browse(result["id"])

    def test_the_telephone_desk_asks(self):
        preview = self.Case.with_user(self.clerk).phone_desk_preview({"name": "testpothole"})
        self.assertEqual(
            [(one["code"], one["required"]) for one in preview["questions"]],
            [("LANE", False), ("SIZE", True)],
        )
        self.assertEqual(preview["questions"][1]["choices"][1]["stops"], "Call 911 now.")
        preview = self.Case.with_user(self.clerk).phone_desk_preview({"name": "testtree"})
        self.assertEqual(preview["questions"], [])

    def test_in_the_language_of_the_desk(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.size.with_context(lang="es_ES").name = "¿Qué tamaño tiene?"
        desk = self.Case.with_user(self.clerk).with_context(lang="es_ES")
        preview = desk.phone_desk_preview({"category_id": self.pothole.id})
        self.assertEqual(preview["questions"][1]["name"], "¿Qué tamaño tiene?")

    def test_answers_are_kept_as_they_were_asked(self):
        case = self._save(SIZE="SM", LANE="left")
        self.assertEqual(
            case.answer_ids.mapped(lambda one: (one.question, one.value, one.text)),
            [("Which lane?", "left", "left"), ("How big is it?", "SM", "Small")],
        )
        self.size.name = "How large?"
        self.size.unlink()
        self.assertEqual(case.answer_ids[1].question, "How big is it?")
        self.assertFalse(case.answer_ids[1].question_id)

    def test_what_cannot_be_read_is_kept(self):
        case = self._save(SIZE="enormous", UNKNOWN="7")
        self.assertEqual(
            case.answer_ids.mapped(lambda one: (one.code, one.value, one.text)),
            [("SIZE", False, "enormous"), ("UNKNOWN", False, "7")],
        )

    def test_a_form_is_told_what_is_missing_or_stops(self):
        check = self.Case._check_answers
        with self.assertRaisesRegex(UserError, r"How big is it\? Please answer"):
            check(self.pothole.id, {})
        with self.assertRaisesRegex(UserError, "choose from the list"):
            check(self.pothole.id, {"SIZE": "enormous"})
        self.assertEqual(check(self.pothole.id, {"SIZE": "SM"}), [])
        self.assertEqual(check(self.pothole.id, {"SIZE": "FIRE"}), ["Call 911 now."])
        self.lane.datatype = "number"
        with self.assertRaisesRegex(UserError, "number in digits"):
            check(self.pothole.id, {"SIZE": "SM", "LANE": "left"})
        self.lane.datatype = "datetime"
        with self.assertRaisesRegex(UserError, "day and time"):
            check(self.pothole.id, {"SIZE": "SM", "LANE": "noon"})

    def test_a_changed_question_is_asked_at_once(self):
        before = self.Case._questions_of(self.pothole.id)
        self.size.value_ids[:1].name = "Tiny"
        after = self.Case._questions_of(self.pothole.id)
        self.assertNotEqual(before, after)
        self.assertEqual(after[1][3].choices[0].name, "Tiny")

    @mute_logger("odoo.sql_db")
    def test_bad_questions(self):
        for vals, message in (
            ({"code": "with space"}, "with space"),
            ({"code": "1st"}, "begins with a letter"),
            ({"datatype": "multivaluelist"}, "needs choices"),
        ):
            with self.subTest(vals), self.assertRaisesRegex(ValidationError, message):
                self.lane.copy({"code": "OTHER", **vals})
        with self.assertRaisesRegex(ValidationError, "key"):
            self.size.value_ids[:1].key = "a b"
        with self.assertRaises(UniqueViolation):
            self.lane.copy({"code": "lane"})

    def test_who_reads_and_corrects(self):
        case = self._save(SIZE="SM")
        answer = case.answer_ids
        answer.with_user(self.caseworker).text = "About a plate"
        for user in (self.other_caseworker, self.portal_user, self.internal_user):
            with self.subTest(user.login), self.assertRaises(AccessError):
                answer.with_user(user).read(["text"])
        with self.assertRaises(AccessError):
            answer.with_user(self.clerk).text = "x"
        for user in (self.clerk, self.caseworker, self.coordinator, self.manager):
            with self.subTest(user.login), self.assertRaises(AccessError):
                answer.with_user(user).unlink()
            case.confidentiality = "restricted"
            with self.subTest(user.login), self.assertRaises(AccessError):
                answer.with_user(user).read(["text"])
            case.confidentiality = "internal"

    def test_managers_ask_and_others_do_not(self):
        self.size.with_user(self.manager).name = "How large?"
        for user in (self.clerk, self.caseworker, self.coordinator):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.size.with_user(user).name = "x"
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.size.value_ids.with_user(user).unlink()

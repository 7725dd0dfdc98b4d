import time
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2.errors import RestrictViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import PREFIX, ConstituentCommon
from .letter_common import LetterSetup

BODY = (
    "<p>Your matter {{ object.number }} came on {{ object.letter_received_on }}.</p>"
    "<p>It is about {{ object.letter_place ||| the place you named }}.</p>"
)


class TemplateSetup(LetterSetup):
    """A template and the models it is used by."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Template = cls.env["constituent.letter.template"]
        cls.Clause = cls.env["constituent.letter.clause"]
        cls.template = cls._make_template()

    @classmethod
    def _make_template(cls, **vals):
        values = {
            "name": "Test words",
            "occasion": "free",
            "subject": "About {{ object.number }}",
            "body": BODY,
        }
        return cls.Template.with_user(cls.manager).create({**values, **vals})

    @classmethod
    def _make_clause(cls, **vals):
        values = {
            "name": "How to appeal",
            "code": "appeal",
            "body": "<p>You may appeal within thirty days.</p>",
        }
        return cls.Clause.with_user(cls.manager).create({**values, **vals})

    def _draft(self, template=None, user=None, case=None, lang=None):
        """Return a letter begun from a template, as a caseworker unless told otherwise."""
        user = user or self.caseworker
        case = (case or self.case).with_user(user)
        vals = (template or self.template).with_user(user)._letter_vals(case, lang)
        return self.Letter.with_user(user).create(vals)

    def _fails(self, error):
        """Let the place of a case be unreadable."""

        def compute(_cases):
            raise error

        return patch.object(type(self.case), "_compute_letter_place", compute)

    def _activate_spanish(self):
        self.env["res.lang"]._activate_lang("es_419")

    def _translate(self, record, field, terms):
        record.update_field_translations(field, {"es_419": terms})

    def _translate_template(self, template):
        template = template.with_env(self.env)
        template.with_context(lang="es_419").subject = "Sobre {{ object.number }}"
        self._translate(
            template,
            "body",
            {
                "Your matter {{ object.number }} came on {{ object.letter_received_on }}.": (
                    "El {{ object.letter_received_on }} llegó su asunto {{ object.number }}."
                ),
                "It is about {{ object.letter_place ||| the place you named }}.": (
                    "Trata de {{ object.letter_place ||| el lugar indicado }}."
                ),
            },
        )


@tagged("post_install", "-at_install")
class TestRendering(TemplateSetup, ConstituentCommon):
    """From a template to a draft."""

    @freeze_time("2026-11-22 03:30:00")
    def test_the_letter_begins_with_the_words(self):
        letter = self._draft(case=self._make_case())
        self.assertEqual(letter.subject, f"About {letter.case_id.number}")
        self.assertEqual(
            letter.body,
            f"<p>Your matter {letter.case_id.number} came on November 21, 2026.</p>"
            "<p>It is about 100 Main Street.</p>",
        )
        self.assertEqual(letter.partner_id, self.resident)
        self.assertEqual(letter.department_id, self.streets)
        self.assertEqual(letter.signatory_ids, self.manager)
        self.assertEqual(letter.salutation, self.resident.salutation)
        self.assertEqual(letter.state, "draft")
        self.assertEqual(letter.template_id, self.template)
        self.assertEqual(letter.template_version_id.number, 1)
        self.assertFalse(letter.template_gaps or letter.wanted_lang or letter.body_english)
        letter.action_submit()

    def test_what_a_constituent_wrote_is_text(self):
        evil = '<img src=x onerror="alert(1)"> {{ object.number }} [[clause:APPEAL]] & co'
        self._make_clause()
        case = self._make_case(name=evil, street=evil)
        body = "<p>{{ object.name }}</p><p>{{ object.letter_place }}</p>"
        letter = self._draft(self._make_template(body=body, subject="{{ object.name }}"), case=case)
        self.assertEqual(letter.subject, evil)
        self.assertNotIn("<img", letter.body)
        self.assertIn("&lt;img src=x", letter.body)
        self.assertIn("{{ object.number }}", letter.body)
        self.assertFalse(letter.clause_use_ids)

    def test_every_placeholder_has_something_to_say(self):
        self.env["constituent.call"].with_user(self.caseworker).create(
            {"case_id": self.case.id, "outcome": "no_answer", "called_at": "2026-11-20 15:00:00"}
        )
        office = self.env["res.partner"].create({"name": "Council Office", "is_company": True})
        self.case.referrer_ids = [Command.create({"partner_id": office.id})]
        self.case.due_at = "2026-12-01 15:00:00"
        self.streets.phone = "+1 555 0142"
        self.case.with_user(self.manager)._close(self.outcome_refused, "The tree is sound.")
        case = self.case.with_user(self.caseworker).with_context(lang="en_US")
        for name, value in {
            "letter_constituent": "Ana Rivera",
            "letter_kind": "request",
            "letter_due_on": "December 1, 2026",
            "letter_called_on": "November 20, 2026",
            "letter_place": "100 Main Street",
            "letter_category": "Test Pothole",
            "letter_department": "Streets Department",
            "letter_the_department": "the Streets Department",
            "letter_phone": "+1\u00a0555\u00a00142",
            "letter_outcome": self.outcome_refused.public_text or self.outcome_refused.name,
            "outcome_note": "The tree is sound.",
            "letter_brought_by": "Council Office",
            "letter_office": "Office of Constituent Services",
        }.items():
            with self.subTest(name):
                self.assertEqual(case[name], value)
        self.assertTrue(case.letter_closed_on and case.letter_received_on)

    def test_what_is_empty_is_said(self):
        case = self._make_case(street=False)
        body = "<p>{{ object.letter_place }} {{ object.letter_place ||| there }}</p>"
        template = self._make_template(body=body)
        self.assertEqual(
            template._empty_placeholders(case, "en_US"),
            ["Place of the Matter ({{ object.letter_place }})"],
        )
        self.assertFalse(self.template._empty_placeholders(case, "en_US", defaults=False))
        letter = self._draft(template, case=case)
        self.assertEqual(letter.template_gaps, "Place of the Matter ({{ object.letter_place }})")
        self.assertIn("there", letter.body)
        letter.body = "<p>I filled it in.</p>"
        self.assertFalse(letter.template_gaps)

    def test_a_day_that_has_passed_is_promised_to_nobody(self):
        now = fields.Datetime.now()
        self.case.due_at = now + timedelta(days=3)
        self.assertTrue(self.case.letter_due_on)
        self.case.due_at = now - timedelta(days=3)
        self.assertFalse(self.case.letter_due_on)
        holding = self.env.ref("constituent_services.letter_template_holding")
        self.assertIn("letter_due_on", str(holding._empty_placeholders(self.case)))

    def test_a_placeholder_that_fails_is_named(self):
        with self._fails(AccessError("no way")):
            with self.assertRaisesRegex(UserError, r"object\.letter_place.*no way"):
                self._draft()
            with self.assertRaisesRegex(UserError, r"object\.letter_place"):
                self.template._empty_placeholders(self.case, "en_US")
        self.assertFalse(self.Letter.search([("template_id", "=", self.template.id)]))

    def test_no_code_runs_however_it_got_in(self):
        admin = self.env.ref("base.user_admin")
        admin.group_ids |= self.env.ref("mail.group_mail_template_editor")
        for name, words in (
            ("body", "<p>{{ env['res.users'].search([]).write({'name': 'x'}) }}</p>"),
            ("body", '<p t-if="object.env">x</p>'),
            ("body", '<t t-out="object.partner_id.email"></t>'),
            ("subject", "{{ user.login }}"),
        ):
            template = self._make_template()
            self.env.cr.execute(
                f"UPDATE constituent_letter_template SET {name} = jsonb_build_object("  # noqa: S608
                "'en_US', %s::text) WHERE id = %s",
                (words, template.id),
            )
            self.env.invalidate_all()
            for user in (self.caseworker, admin):
                with self.subTest(words=words, user=user.login), self.assertRaises(UserError):
                    template.with_user(user)._letter_vals(self.case.with_user(user))

    def test_rendered_with_the_users_own_rights(self):
        hidden = self._make_case(name="A testtree fell")
        with self.assertRaises(UserError), mute_logger("odoo.addons.base.models.ir_rule"):
            self._draft(case=hidden)
        self.assertTrue(self._draft(case=hidden, user=self.other_caseworker))

    def test_speed(self):
        """A letter takes less than 10 ms of the processor from template to values."""
        case = self.case.with_user(self.caseworker)
        template = self.template.with_user(self.caseworker)
        template._letter_vals(case)
        begin = time.process_time()
        for _count in range(20):
            template._letter_vals(case)
        # A slow machine is given four times as long.
        self.assertLess((time.process_time() - begin) / 20, 0.04)


@tagged("post_install", "-at_install")
class TestRefused(TemplateSetup, ConstituentCommon):
    """What is not saved, with the place and the reason."""

    def test_forbidden_words(self):
        for vals, words in (
            ({"subject": "{{ object.password }}"}, r"Subject.*object\.password.*not one of"),
            ({"body": "<p>{{ 1 + 1 }}</p>"}, r"Text.*1 \+ 1.*not one of"),
            ({"body": "<p>{{ object.number </p>"}, "begins with"),
            ({"body": '<p t-foreach="[1]" t-as="x">x</p>'}, "no code runs"),
            ({"body": '<t t-call="web.login">x</t>'}, "no code runs"),
            ({"body": '<p><a href="https://x.org/{{ object.number }}">x</a></p>'}, "in a link"),
            ({"body": "<p>{{ object.number ||| a &lt;b }}</p>"}, "plain text"),
            ({"enclosures": "{{ object.nothing }}"}, "Enclosures"),
            ({"delivery_notation": "{{ object.nothing }}"}, "Delivery"),
            ({"body": "<p>[[clause:NOTHING]]</p>"}, "no clause NOTHING"),
            ({"body": "<p>See [[clause:NOTHING]]</p>"}, "paragraph of its own"),
        ):
            with self.subTest(vals=vals):
                with self.assertRaisesRegex(ValidationError, words), self.env.cr.savepoint():
                    self._make_template(**vals)
                with self.assertRaisesRegex(ValidationError, words), self.env.cr.savepoint():
                    self.template.write(vals)

    def test_administrators_write_no_code_either(self):
        admin = self.env.ref("base.user_admin")
        admin.group_ids |= self.env.ref("mail.group_mail_template_editor")
        with self.assertRaises(ValidationError):
            self.template.with_user(admin).body = '<p t-out="object.env.cr">x</p>'

    def test_a_translation_is_looked_at_too(self):
        self._activate_spanish()
        with self.assertRaisesRegex(ValidationError, "Spanish"):
            term = "It is about {{ object.letter_place ||| the place you named }}."
            self._translate(self.template, "body", {term: "{{ object.x }}"})

    def test_of_one_office(self):
        company = self.env["res.company"].create({"name": "Authority"})
        with self.assertRaisesRegex(ValidationError, "of its office"):
            self.Template.create(
                {
                    "name": "x",
                    "subject": "x",
                    "company_id": company.id,
                    "department_ids": self.streets.ids,
                }
            )

    def test_a_copy_is_named_so(self):
        copy = self.template.copy()
        self.assertEqual(copy.name, "Test words (copy)")
        self.assertEqual(copy.version, 1)


@tagged("post_install", "-at_install")
class TestVersions(TemplateSetup, ConstituentCommon):
    """Earlier words are kept, and which letter used which."""

    def test_each_change_of_words_is_a_version(self):
        first = self._draft()
        self.template.subject = "Concerning {{ object.number }}"
        self.template.name = "Another name"
        self.assertEqual(self.template.version, 2)
        second = self._draft()
        versions = self.template.version_ids
        self.assertEqual(versions.mapped("number"), [2, 1])
        self.assertEqual(second.template_version_id, versions[0])
        self.assertEqual(first.template_version_id, versions[1])
        self.assertEqual(versions.mapped("letter_count"), [1, 1])
        self.assertEqual(versions[1]._text("subject", "es_419"), "About {{ object.number }}")
        self.assertIn("About {{ object.number }}", versions[1].words)
        self.assertEqual(versions[1].display_name, "Version 1")
        domain = versions[1].action_view_letters()["domain"]
        self.assertEqual(self.Letter.search(domain), first)
        self.assertEqual(self.template.letter_count, 2)
        domain = self.template.action_view_letters()["domain"]
        self.assertEqual(self.Letter.search(domain), first | second)

    def test_the_same_words_are_no_version(self):
        self.template.write({"subject": "About {{ object.number }}", "sequence": 3})
        self.assertEqual(self.template.version, 1)

    def test_a_translation_is_a_version(self):
        self._activate_spanish()
        self._translate_template(self.template)
        self.assertGreater(self.template.version, 1)
        texts = self.template.version_ids.sorted("number")[-1].texts
        self.assertEqual(set(texts), {"en_US", "es_419"})

    def test_words_changed_behind_the_form(self):
        """An import of translations writes the table: seen when the words are used."""
        self.env.flush_all()
        self.env.cr.execute(
            'UPDATE constituent_letter_template SET subject = \'{"en_US": "New"}\' WHERE id = %s',
            (self.template.id,),
        )
        self.env.invalidate_all()
        letter = self._draft()
        self.assertEqual(letter.template_version_id.number, 2)
        self.assertEqual(letter.template_version_id._text("subject", "en_US"), "New")

    def test_nobody_changes_a_version(self):
        version = self.template.version_ids.sudo()
        for vals in ({"number": 7}, {"texts": {}}, {"template_id": False}):
            with self.subTest(vals=vals), self.assertRaisesRegex(UserError, "sealed"):
                version.write(vals)
        with self.assertRaisesRegex(UserError, "sealed"):
            version.unlink()
        self.env.flush_all()
        for query in (
            "UPDATE constituent_letter_version SET texts = '{}' WHERE id = %s",
            "DELETE FROM constituent_letter_version WHERE id = %s",
        ):
            with self.assertRaises(RestrictViolation), mute_logger("odoo.sql_db"):
                with self.env.cr.savepoint():
                    self.env.cr.execute(query, (version.id,))

    def test_the_count_is_not_typed(self):
        for vals in ({"version": 9}, {"words_sha256": "x"}):
            with self.assertRaisesRegex(UserError, "counted"):
                self.template.write(vals)
            with self.assertRaisesRegex(UserError, "counted"):
                self._make_template(**vals)

    def test_templates_are_archived_not_deleted(self):
        with self.assertRaisesRegex(UserError, "Archive"):
            self.template.sudo().unlink()

    def test_how_a_letter_began_stays(self):
        letter = self._draft()
        other = self._make_template(name="Other")
        for vals in (
            {"template_id": other.id},
            {"template_version_id": other.version_ids.id},
            {"wanted_lang": "es_419"},
        ):
            with self.subTest(vals=vals), self.assertRaisesRegex(UserError, "stays as it was"):
                letter.write(vals)
        letter.write({"template_id": self.template.id, "subject": "Mine"})
        self.assertEqual(letter.subject, "Mine")
        with self.assertRaisesRegex(ValidationError, "not a version"):
            self._make_letter(
                template_id=other.id, template_version_id=self.template.version_ids.id
            )

    def test_version_is_found_when_not_given(self):
        letter = self._make_letter(template_id=self.template.id)
        self.assertEqual(letter.template_version_id, self.template.version_ids)

    def test_sealed_with_the_letter(self):
        letter = self._draft()
        letter.action_submit()
        letter.action_approve()
        letter.action_send()
        self.env.flush_all()
        with self.assertRaises(RestrictViolation), mute_logger("odoo.sql_db"):
            with self.env.cr.savepoint():
                self.env.cr.execute(
                    "UPDATE constituent_correspondence SET template_id = NULL WHERE id = %s",
                    (letter.id,),
                )


@tagged("post_install", "-at_install")
class TestLanguages(TemplateSetup, ConstituentCommon):
    """In the constituent's language, with the English beside; never silently in English."""

    def setUp(self):
        super().setUp()
        self._activate_spanish()
        self.case.lang = "es_419"

    def test_in_their_language_with_the_english_beside(self):
        self._translate_template(self.template)
        letter = self._draft()
        self.assertEqual(letter.lang, "es_419")
        self.assertEqual(letter.subject, f"Sobre {self.case.number}")
        self.assertRegex(letter.body, r"El \d+ de \w+ de \d{4} llegó su asunto")
        self.assertIn("Trata de 100 Main Street.", letter.body)
        self.assertIn("Your matter", letter.body_english)
        self.assertTrue(letter.is_foreign)
        self.assertEqual(letter.body_beside, letter.body)
        self.assertFalse(letter.wanted_lang)

    def test_without_a_translation_it_says_so(self):
        letter = self._draft()
        self.assertEqual(letter.lang, "en_US")
        self.assertEqual(letter.wanted_lang, "es_419")
        self.assertTrue(letter.is_translation_needed)
        with self.assertRaisesRegex(UserError, "the letter is in English"):
            letter.action_submit()
        letter.translation_waiver = "A neighbor reads it to them"
        letter.action_submit()
        self.assertEqual(letter.state, "to_approve")

    def test_half_a_translation_is_none(self):
        self.template.with_env(self.env).with_context(lang="es_419").subject = "Sobre"
        self.assertEqual(self._draft().wanted_lang, "es_419")

    def test_translated_by_hand_it_goes(self):
        letter = self._draft()
        letter.write({"lang": "es_419", "body": "<p>Hola.</p>", "salutation": "Estimada Ana:"})
        letter.action_submit()
        self.assertEqual(letter.state, "to_approve")

    def test_english_beside_is_part_of_what_is_approved(self):
        self._translate_template(self.template)
        letter = self._draft()
        letter.action_submit()
        letter.action_approve()
        letter.body_english = "<p>Other words.</p>"
        self.assertEqual(letter.state, "draft")

    def test_english_is_english_everywhere(self):
        self.env["res.lang"]._activate_lang("en_GB")
        letter = self._draft(lang="en_GB")
        self.assertEqual(letter.lang, "en_GB")
        self.assertFalse(letter.wanted_lang or letter.is_foreign)

    def _shipped(self):
        data = self.env["ir.model.data"].search(
            [("module", "=", "constituent_services"), ("model", "=", self.Template._name)]
        )
        return self.Template.browse(data.mapped("res_id"))

    def test_shipped_templates_fill(self):
        occasions = dict(self.Template._fields["occasion"].selection)
        self.assertEqual(
            set(self._shipped().mapped("occasion")), set(occasions), "one for each occasion"
        )
        for template in self._shipped():
            with self.subTest(template=template.name):
                letter = self._draft(template, lang="en_US")
                self.assertNotRegex(letter.subject + letter.body, r"\{\{|object\.")
                self.assertEqual(letter.template_version_id.template_id, template)

    def test_shipped_templates_are_in_spanish(self):
        self.env.ref("base.module_constituent_services")._update_translations(["es_419"])
        self.env.invalidate_all()
        for template in self._shipped():
            with self.subTest(template=template.name):
                letter = self._draft(template)
                self.assertEqual(letter.lang, "es_419")
                self.assertNotRegex(letter.subject + letter.body, r"\{\{|object\.")
                self.assertNotEqual(letter.body, letter.body_english)


@tagged("post_install", "-at_install")
class TestPreview(TemplateSetup, ConstituentCommon):
    """The letter as it would begin, on a real case."""

    def _preview(self, user=None):
        wizards = self.env["constituent.letter.preview.wizard"].with_user(user or self.manager)
        return Form(wizards.with_context(default_template_id=self.template.id))

    def test_as_it_would_begin(self):
        form = self._preview()
        form.case_id = self.case
        self.assertEqual(form.re_line, f"Re: About {self.case.number}")
        self.assertIn("100 Main Street", form.body)
        self.assertEqual(form.salutation, self.resident.salutation)
        self.assertFalse(form.empty or form.problem)
        form.case_id = self._make_case(street=False)
        self.assertIn("object.letter_place", form.empty)
        self.assertFalse(self.Letter.search([("template_id", "=", self.template.id)]))
        self.assertEqual(
            self.template.action_preview()["context"], {"default_template_id": self.template.id}
        )

    def test_in_another_language(self):
        self._activate_spanish()
        form = self._preview()
        form.case_id = self.case
        form.lang = "es_419"
        self.assertTrue(form.is_in_english)
        self._translate_template(self.template)
        form = self._preview()
        form.case_id = self.case
        form.lang = "es_419"
        self.assertFalse(form.is_in_english)
        self.assertIn("Trata de", form.body)
        # The words of the paper, not of the reader's screen.
        self.assertEqual(form.re_line, f"Ref.: Sobre {self.case.number}")
        letters = self.Letter.with_context(lang="es_419")
        self.assertEqual(letters._letter_enclosures_line(["Plano"]), "Anexo: Plano")
        self.assertEqual(letters._letter_enclosures_line(["Plano", "Foto"]), "Anexos: Plano; Foto")

    def test_what_fails_is_shown(self):
        form = self._preview()
        with self._fails(ValueError("broken")):
            form.case_id = self._make_case()
        self.assertRegex(form.problem, r"object\.letter_place.*broken")
        self.assertFalse(form.body)

    def test_nobody_previews_a_case_out_of_sight(self):
        restricted = self._make_case(confidentiality="restricted")
        wizards = self.env["constituent.letter.preview.wizard"].with_user(self.manager)
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            wizards.create({"template_id": self.template.id, "case_id": restricted.id})


@tagged("post_install", "-at_install")
class TestTemplateRights(TemplateSetup, ConstituentCommon):
    """Managers edit, all staff read, others nothing."""

    def test_roles(self):
        clause = self._make_clause()
        for user in (self.clerk, self.caseworker, self.coordinator):
            for record, vals in (
                (self.template, {"subject": "x"}),
                (clause, {"name": "x"}),
                (self.template.version_ids, {"number": 3}),
            ):
                mine = record.with_user(user)
                with self.subTest(user=user.login, model=record._name):
                    mine.read(["display_name"])
                    with self.assertRaises(AccessError):
                        mine.write(vals)
                    with self.assertRaises(AccessError):
                        mine.copy()
        with self.assertRaises(AccessError):
            self.env["constituent.letter.version"].with_user(self.manager).create(
                {"template_id": self.template.id, "number": 9, "texts": {}}
            )
        for user in (self.portal_user, self.internal_user):
            with self.assertRaises(AccessError):
                self.template.with_user(user).read(["name"])

    def test_of_another_office_is_out_of_sight(self):
        company = self.env["res.company"].create({"name": "Authority"})
        theirs = self.Template.create({"name": "Theirs", "subject": "x", "company_id": company.id})
        clause = self.Clause.create(
            {"name": "Theirs", "code": "T", "body": "<p>x</p>", "company_id": company.id}
        )
        for record in (theirs, clause, theirs.version_ids, clause.version_ids):
            with self.subTest(record._name), mute_logger("odoo.addons.base.models.ir_rule"):
                with self.assertRaises(AccessError):
                    record.with_user(self.manager).read(["display_name"])
        self.assertNotIn(
            theirs, [template for template, _fits in self.Template._for_case(self.case)]
        )

    def test_a_new_editor_of_mail_templates_has_no_more(self):
        user = new_test_user(
            self.env, "t_editor", f"{PREFIX}group_clerk,mail.group_mail_template_editor"
        )
        with self.assertRaises(AccessError):
            self.template.with_user(user).subject = "x"

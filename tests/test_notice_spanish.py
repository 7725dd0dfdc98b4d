from freezegun import freeze_time

from .notice_common import NoticeCommon, html_of, text_of

MARIA = "maria@example.org"


@freeze_time("2026-11-20 15:00:00")
class TestNoticeSpanish(NoticeCommon):
    """Each reader in their own language, whoever else reads about the case."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("es_MX")
        cls.env["ir.module.module"].search(
            [("name", "=", "constituent_services")]
        )._update_translations(["es_MX"])
        cls.maria = cls.env["res.partner"].create(
            {"name": "María Peña", "email": MARIA, "lang": "es_MX"}
        )
        cls.pothole.with_context(lang="es_MX").name = "Bache de prueba"

    def _sent_to(self, address):
        messages = self.smtp.to(address)
        self.assertEqual(len(messages), 1)
        return messages[0]

    def test_acknowledgement_in_spanish(self):
        case = self._make_case(partner_id=self.maria.id, channel="mail")
        self.send_all()
        message = self._sent_to(MARIA)
        self.assertEqual(message["Subject"], f"[{case.number}] Hemos recibido su solicitud")
        due = case.with_context(lang="es_MX")._notice_date(case.due_at)
        self.assertRegex(due, r"^\d+ de (noviembre|diciembre) de 2026$")
        for expected in (
            "Gracias por comunicarse con nosotros.",
            "Número de caso: CS-",
            "Recibido: 20 de noviembre de 2026",
            "Asunto: Bache de prueba",
            "Lugar: 100 Main Street",
            "Departamento: Streets Department",
            f"Esperamos responder a más tardar el {due}.",
            "Responda a este correo",
            "Ver el estado del caso: http",
            "llame al 911",
            "Fuera de horario: +1 555 0100",
            "registros públicos",
            "en su idioma: díganos qué idioma habla",
            "Dejar de recibir estos mensajes sobre este caso: http",
        ):
            self.assertIn(expected, text_of(message))
        page = html_of(message)
        self.assertIn('lang="es-MX"', page)
        for english in ("Thank you", "Case number", "We expect", "Stop these", "If anyone"):
            self.assertNotIn(english, page)

    def test_sender_is_named_in_the_reader_s_language(self):
        self.company.with_context(lang="es_MX").constituent_office_name = "Oficina de Atención"
        self._make_case(partner_id=self.maria.id)
        self.send_all()
        self.assertIn("Oficina de Atención", self._sent_to(MARIA)["From"])
        self.assertIn("Office of", self._sent_to("streets@city.example.org")["From"])

    def test_department_reads_english_of_a_spanish_case(self):
        self._make_case(partner_id=self.maria.id, category_id=self.pothole.id)
        self.send_all()
        text = text_of(self._sent_to("streets@city.example.org"))
        self.assertIn("New case for your department", text)
        self.assertIn("About: Test Pothole", text)
        self.assertIn("Hemos recibido", text_of(self._sent_to(MARIA)))

    def test_language_of_the_case_wins_over_the_contact(self):
        self._make_case(lang="es_MX")
        self.send_all()
        self.assertIn("Hemos recibido", text_of(self._sent_to("ana.rivera@example.org")))

    def test_language_that_is_not_installed_gives_the_office_s(self):
        case = self._make_case()
        case.delivery_ids.write({"lang": "fr_CA"})
        self.send_all()
        self.assertIn("We have received", text_of(self._sent_to("ana.rivera@example.org")))

    def test_spanish_brings_no_text_of_the_demonstration(self):
        spanish = self.company.with_context(lang="es_MX")
        self.assertEqual(spanish.constituent_office_name, self.company.constituent_office_name)
        self.assertNotIn("860-555", spanish.constituent_emergency_text)

    def test_text_the_office_changed_is_shown_as_it_is(self):
        self.company.constituent_emergency_text = "Call the guard."
        self._make_case(partner_id=self.maria.id)
        self.send_all()
        self.assertIn("Call the guard.", text_of(self._sent_to(MARIA)))

    def test_text_the_office_translated_is_shown_in_spanish(self):
        self.company.constituent_emergency_text = "Call the guard."
        self.company.with_context(lang="es_MX").constituent_emergency_text = "Llame al guardia."
        self._make_case(partner_id=self.maria.id)
        self.send_all()
        self.assertIn("Llame al guardia.", text_of(self._sent_to(MARIA)))

    def test_every_notice_is_in_spanish(self):
        lines = self.Notice.with_context(active_test=False).search([])
        case = self._make_case(partner_id=self.maria.id).with_context(lang="es_MX")
        notice = case._notice_values("constituent", case.subscription_ids)
        for line in lines:
            template = line.template_id
            english, spanish = (
                template.with_context(lang=lang)._render_field(
                    "body_html", case.ids, add_context={"notice": notice}
                )[case.id]
                for lang in ("en_US", "es_MX")
            )
            self.assertNotEqual(english, spanish, template.name)
            for word in ("the case", "We ", "your case", "Please"):
                self.assertNotIn(word, spanish)
            self.assertNotEqual(
                template.with_context(lang="en_US").subject,
                template.with_context(lang="es_MX").subject,
            )

"""Who opens a print file when a case of it becomes restricted after it was made."""

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from .post_common import PostCommon
from .test_post_tools import texts


@tagged("post_install", "-at_install")
class TestPrintFileAccess(PostCommon):
    def setUp(self):
        super().setUp()
        self.secret = self._make_sent()

    def _restricted_after(self):
        run = self._make_ready()
        self.assertFalse(run.is_partly_hidden)
        self.assertIn("/web/content/", run.action_download()["url"])
        self.case.confidentiality = "restricted"
        self.env.flush_all()
        self.env.invalidate_all()
        return run

    def _doors(self, run, user):
        mine = run.with_user(user)
        document = run.sudo().document_id.with_user(user)
        return {
            "button": mine.action_download,
            "read": lambda: document.read(["raw", "datas"]),
            "field": lambda: document.raw,
            "copy": document.copy,
            # What is moved to a record of one's own is read there.
            "move": lambda: document.write(
                {"res_model": "res.partner", "res_id": user.partner_id.id}
            ),
        }

    def _found(self, run, user):
        """Return what is read by searching for the files of a run."""
        files = self.env["ir.attachment"].with_user(user)
        of_run = [("res_model", "=", run._name), ("res_id", "=", run.id)]
        return files.search_read(of_run, ["raw"]) + files.search_read(
            [*of_run, ("res_field", "=", False)], ["datas"], limit=5, order="id desc"
        )

    def test_who_does_not_see_every_letter(self):
        run = self._restricted_after()
        for state in ("ready", "posted"):
            self.assertEqual(run.state, state)
            for user in (self.coordinator, self.manager):
                for name, door in self._doors(run, user).items():
                    self.env.invalidate_all()
                    with self.subTest(user=user.login, door=name, state=state):
                        with self.assertRaises(AccessError), self.env.cr.savepoint():
                            door()
                self.assertTrue(run.with_user(user).is_partly_hidden)
                self.assertFalse(self._found(run, user))
            self.assertEqual(len(self._found(run, self.confidant)), 2)
            if state == "ready":
                run.action_posted()

    def test_who_sees_restricted_cases(self):
        run = self._restricted_after().with_user(self.confidant)
        self.assertFalse(run.is_partly_hidden)
        self.assertIn("/web/content/", run.action_download()["url"])
        self.assertTrue(run.document_id.raw)

    def test_made_anew_without_it(self):
        run = self._restricted_after()
        run.action_take_back()
        run.action_make_file()
        self.assertIn("restricted now", run.left_out)
        self.assertFalse(run.is_partly_hidden)
        self.assertIn("/web/content/", run.action_download()["url"])
        pages = texts(run.sudo().document_id.raw)
        self.assertEqual(len(pages), 4)
        self.assertNotIn("Ana Rivera", " ".join(pages))
        self.assertEqual(self.secret.sudo().post_state, "waiting")

    def test_restricted_between_two_parts(self):
        """What is in a part already is joined: the file is then for the few."""
        run = self._make_run()
        run._step(state="printing", done_count=0)
        self.assertTrue(run._work_slice())
        self.case.confidentiality = "restricted"
        part = run.sudo().part_ids
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            part.with_user(self.coordinator).read(["raw"])
        run._work()
        self.env.invalidate_all()
        self.assertEqual(run.state, "ready")
        self.assertFalse(part.exists(), "joined, and not kept beside")
        with self.assertRaises(AccessError):
            run.action_download()

    def test_as_many_queries_for_many_runs(self):
        runs = self.Run.browse([self._make_run().id for _run in range(6)])
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(12):
            runs.with_user(self.coordinator).mapped("is_partly_hidden")


@tagged("post_install", "-at_install")
class TestPrintFileDownload(PostCommon, HttpCase):
    def test_over_http(self):
        self._make_sent()
        run = self._make_ready()
        self.env.flush_all()
        address = run.action_download()["url"]
        self.authenticate("t_coordinator", "t_coordinator")
        self.assertTrue(self.url_open(address).content.startswith(b"%PDF"))
        self.case.confidentiality = "restricted"
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(self.url_open(address).content.startswith(b"%PDF"))

"""Batches of letters about several cases, worked on at once."""

from .approval_common import ApprovalSetup


class BatchSetup(ApprovalSetup):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.env["constituent.letter.template"].create(
            {
                "name": "Test notice",
                "occasion": "free",
                "subject": "About {{ object.number }}",
                "body": "<p>We have your case {{ object.number }}: {{ object.name }}.</p>",
            }
        )
        cls.neighbors = cls.env["res.partner"].create(
            [
                {
                    "name": f"Neighbor {number}",
                    "street": f"{number} Home Street",
                    "city": "Example",
                    "zip": "10001",
                    "is_constituent": True,
                }
                for number in range(5)
            ]
        )
        cls.cases = cls.env["constituent.case"]
        for neighbor in cls.neighbors:
            cls.cases |= cls._make_case(partner_id=neighbor.id, name=f"Hole of {neighbor.name}")

    @classmethod
    def _batch(cls, user=None, cases=None, **vals):
        batch = (
            cls.env["constituent.letter.batch"]
            .with_user(user or cls.caseworker)
            .create(
                {
                    "name": "Test batch",
                    "template_id": cls.template.id,
                    "department_id": cls.streets.id,
                    "medium": "post",
                    **vals,
                }
            )
        )
        batch._add((cls.cases if cases is None else cases).with_env(batch.env))
        return batch

    @classmethod
    def _work(cls, batch):
        """Work as the scheduled action does, without its commits."""
        batch.with_user(cls.env.ref("base.user_root"))._work(lambda _done: 1)
        batch.invalidate_recordset()

    @classmethod
    def _written(cls, **vals):
        batch = cls._batch(**vals)
        batch.action_prepare()
        cls._work(batch)
        return batch

    @classmethod
    def _approved_batch(cls, **vals):
        batch = cls._written(**vals)
        batch.action_submit()
        cls._read_and_approve(batch)
        return batch

    @staticmethod
    def _read_and_approve(batch):
        """Decide as the window does: nobody approves a batch of which they read nothing."""
        batch.action_read_sample()
        batch.action_approve()

    @classmethod
    def _without_address(cls):
        nobody = cls.env["res.partner"].create({"name": "Nowhere", "is_constituent": True})
        return cls._make_case(partner_id=nobody.id, name="No address")


NEWS = """<p>The library on Canal Street opens on Sundays from now on, from noon to five in the
afternoon. There is a reading room for children on the second floor.</p>"""


class BlackoutSetup(BatchSetup):
    """News that nobody asked for, in an election."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template.write({"subject": "News", "body": NEWS})

    def _election(self, **vals):
        return self.env["constituent.blackout"].create(
            {"name": "General election", "date_to": "2026-11-03", "threshold": 5, **vals}
        )

    def _unasked(self, **vals):
        batch = self._batch(cases=self.Case, **vals)
        batch._add(self.neighbors.with_user(self.caseworker))
        return batch

    def _unasked_written(self, **vals):
        batch = self._unasked(**vals)
        batch.action_prepare()
        self._work(batch)
        return batch

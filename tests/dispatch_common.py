"""A crew, a category with tasks and work orders about a case."""

import io
from datetime import datetime

from PIL import Image

from odoo.fields import Command

from .common import ConstituentSetup

WINDOW = {
    "window_start": datetime(2026, 11, 30, 13, 0),
    "window_end": datetime(2026, 11, 30, 17, 0),
}


def make_photo(size=(80, 60), kind="JPEG", exif=True):
    """Return a picture as a telephone makes it, with the place in its head."""
    output = io.BytesIO()
    image = Image.effect_noise(size, 60).convert("RGB")
    head = Image.Exif()
    if exif:
        head[0x010F] = "Telephone Maker"
        head.get_ifd(0x8825)[2] = (41.0, 18.0, 36.0)  # GPS latitude
    image.save(output, kind, exif=head)
    return output.getvalue()


class DispatchSetup(ConstituentSetup):
    """Class set-up shared by the tests of work orders: mixed in before Odoo's test case."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Order = cls.env["constituent.work.order"]
        # Only in a crew: a department of its own, where no case is.
        cls.worker = cls._make_user("caseworker", login="worker")
        cls.crew, cls.park_crew = cls.env["constituent.crew"].create(
            [
                {
                    "name": "Pothole Crew",
                    "department_id": cls.streets.id,
                    "supervisor_id": cls.caseworker.id,
                    "member_ids": [Command.set(cls.worker.ids)],
                },
                {"name": "Tree Crew", "department_id": cls.parks.id},
            ]
        )
        cls.env["constituent.category.task"].create(
            [
                {
                    "category_id": cls.pothole.id,
                    "sequence": number,
                    "name": name,
                    "condition": condition,
                    "needs_photo": photo,
                }
                for number, (name, condition, photo) in enumerate(
                    (
                        ("Close the lane", False, False),
                        ("Move the hydrant cap", "a hydrant is near", False),
                        ("Fill the hole", False, True),
                    )
                )
            ]
        )
        cls.case = cls._make_case(city="Example", zip="10001", location_note="By the stop")

    @classmethod
    def _prepared(cls, cases, user=None):
        """Return what the form of a new order for cases begins with."""
        context = cases.with_user(user or cls.caseworker).action_dispatch()["context"]
        return {name.removeprefix("default_"): value for name, value in context.items()}

    @classmethod
    def _make_order(cls, cases=None, user=None, **vals):
        """Save what the case's button prepares, with a crew and a window."""
        prepared = cls._prepared(cls.case if cases is None else cases, user)
        prepared.update({"crew_id": cls.crew.id, **WINDOW, **vals})
        return cls.Order.with_user(user or cls.caseworker).create(prepared)

    @classmethod
    def _make_done(cls, order=None, **vals):
        """Take an order to its end."""
        order = order or cls._make_order(**vals)
        order.action_dispatch()
        order.task_ids.filtered(lambda task: not task.condition).action_toggle_done()
        if any(order.task_ids.mapped("needs_photo")):
            order.after_photo_ids = cls._upload(order)
        order.action_done()
        return order

    @classmethod
    def _upload(cls, order, content=None, user=None, **vals):
        """Upload a file as the form does."""
        return (
            cls.env["ir.attachment"]
            .with_user(user or cls.caseworker)
            .create(
                {
                    "name": "IMG_0001.jpeg",
                    "raw": make_photo() if content is None else content,
                    "res_model": "constituent.work.order",
                    "res_id": order.id,
                    **vals,
                }
            )
        )

    def _notes(self, case=None):
        """Return what the history of a case says of work orders, with plain spaces."""
        self.env.flush_all()
        events = (case or self.case).sudo().event_ids
        events = events.filtered(lambda event: event.kind == "work_order")
        return [note.replace("\u202f", " ") for note in events.mapped("note")]

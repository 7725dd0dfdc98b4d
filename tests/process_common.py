"""Real processes on a database of their own, which a test may kill, and a slow mail server."""

import email
import os
import shutil
import signal
import socketserver
import subprocess
import sys
import threading
import unittest
import uuid
from pathlib import Path

import psycopg2

import odoo
from odoo.tools import config


class ProcessCase(unittest.TestCase):
    """Starts `odoo shell` on a copy of the database with the addon."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # script/test says of what a database with the addon is copied: a test must commit.
        template = os.environ["CS_TEMPLATE"]
        cls.database = f"cs_crash_{uuid.uuid4().hex[:8]}"
        cls._sql(f'CREATE DATABASE "{cls.database}" TEMPLATE "{template}"', database="postgres")
        cls.addClassCleanup(cls._drop)
        cls.store = Path(config["data_dir"], "filestore", cls.database)
        cls.folder = Path(config["data_dir"], f"{cls.database}-files")
        cls.folder.mkdir()
        cls.addClassCleanup(shutil.rmtree, cls.folder)

    @classmethod
    def _drop(cls):
        cls._sql(f'DROP DATABASE "{cls.database}" WITH (FORCE)', database="postgres")
        shutil.rmtree(cls.store, ignore_errors=True)

    @classmethod
    def _sql(cls, query, *values, database=None):
        """Run a query in a transaction of its own and return its rows."""
        connection = psycopg2.connect(dbname=database or cls.database)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(query, values)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    @classmethod
    def _start(cls, code):
        """Start `odoo shell` with some code; the caller sees to its end."""
        script = cls.folder / f"{uuid.uuid4().hex}.py"
        script.write_text(code)
        command = [
            sys.executable, "-m", "odoo", "shell", "--config", config["config"], "--no-http",
            "--database", cls.database, "--log-level", "error",
        ]  # fmt: skip
        paths = [str(Path(path).parents[1]) for path in odoo.addons.__path__[:1]]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*sys.path, *paths])}
        with script.open() as stdin:
            return subprocess.Popen(
                command,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                env=environment,
                start_new_session=True,
            )

    @staticmethod
    def _end(process):
        process.kill()
        process.wait()
        process.stdout.close()

    def _shell(self, code):
        """Start `odoo shell` with some code, ended with the test at the latest."""
        process = self._start(code)
        self.addCleanup(self._end, process)
        return process

    @classmethod
    def _wait_for(cls, process, word):
        """Return the line of a process that begins with a word, as words.

        :raises AssertionError: it ended without, with what it said
        """
        seen = []
        for line in process.stdout:
            seen.append(line)
            if line.startswith(word):
                return line.split()
        raise AssertionError(f"{word} never came: {''.join(seen)[-2000:]}")

    def _kill(self, process):
        """End a process as a power cut would."""
        os.kill(process.pid, signal.SIGKILL)
        process.wait(30)


class _Conversation(socketserver.StreamRequestHandler):
    """One client's conversation with the slow mail server, as RFC 5321 has it."""

    def handle(self):
        self._say("220 sink")
        reader = ""
        for raw in self.rfile:
            line = raw.decode().strip()
            verb = line[:4].upper()
            if verb == "RCPT":
                reader = line.partition("<")[2].partition(">")[0]
            if verb == "DATA":
                self._say("354 go on")
                self.server.sink.take(reader, self._data())
            self._say("221 bye" if verb == "QUIT" else "250 ok")
            if verb == "QUIT":
                return

    def _data(self):
        lines = []
        for raw in self.rfile:
            if raw.rstrip() == b".":
                break
            lines.append(raw)
        return b"".join(lines)

    def _say(self, text):
        try:
            self.wfile.write(f"{text}\r\n".encode())
        except OSError:
            # The other end was killed.
            return


class SlowMailServer:
    """Takes mail in a thread; does not answer for one reader until it is told to."""

    def __init__(self, slow_reader=None):
        self.slow_reader, self.taken = slow_reader, []
        self.holding, self._go_on = threading.Event(), threading.Event()
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Conversation)
        self._server.daemon_threads, self._server.sink = True, self
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def take(self, reader, raw):
        """Keep a message that was given in full, and dawdle before the answer where asked."""
        self.taken.append((reader, email.message_from_bytes(raw)["Message-Id"]))
        if reader == self.slow_reader:
            self.holding.set()
            self._go_on.wait(120)

    def close(self):
        """Stop taking mail."""
        self._go_on.set()
        self._server.shutdown()
        self._server.server_close()

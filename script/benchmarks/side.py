"""Talks to a worker process."""

import json
import os
import pathlib
import subprocess
import sys


class Failed(Exception):
    """What a worker could not do, in a line."""


class Side:
    """A worker process with one database.

    :ivar kind: ours or peer
    :ivar cases: how many the database was grown to
    """

    def __init__(self, kind, cases, database, addons_path):
        self.kind, self.cases = kind, cases
        script = pathlib.Path(__file__).resolve().parent.parent
        arguments = ["-d", database, "--no-http", "--log-level=error"]
        if addons_path:
            arguments.append(f"--addons-path={addons_path}")
        environment = dict(os.environ)
        environment["PYTHONPATH"] = f"{environment['PYTHONPATH']}:{script}"
        self.process = subprocess.Popen(
            [sys.executable, script / "benchmarks" / "worker.py", kind, *arguments],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def ask(self, what, **arguments):
        """Return the worker's answer to a command.

        :raises Failed: it could not do it
        """
        try:
            print(json.dumps({"do": what, **arguments}), file=self.process.stdin, flush=True)
        except BrokenPipeError:
            pass  # it has ended: there is no answer either
        line = self.process.stdout.readline()
        if not line:
            raise Failed(f"the process that measures {self.kind} ended; see its message above")
        answer = json.loads(line)
        if "error" in answer:
            raise Failed(answer["error"])
        return answer["result"]

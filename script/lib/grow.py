"""Run in `odoo shell`: grow the database to the size the environment says."""

# ruff: noqa: F821 (env is the shell's)
import os
import sys
import time

sys.path.insert(0, os.environ["CS_GROW_LIB"])
from growth import grow  # noqa: E402

started = time.monotonic()
grow(
    env,
    cases=int(os.environ["CS_GROW_CASES"]),
    contacts=int(os.environ["CS_GROW_CONTACTS"]),
    seed=int(os.environ["CS_GROW_SEED"]),
    say=lambda line: print(f"{time.monotonic() - started:6.0f} s  {line}", flush=True),
)
env.cr.commit()
# The planner must know the new size, and index-only scans what everybody can see.
env.cr._cnx.autocommit = True
env.cr.execute("VACUUM (ANALYZE)")
print(f"{time.monotonic() - started:6.0f} s  done")

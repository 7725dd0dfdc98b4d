"""Run in `odoo shell`: grow the database and note how long it took."""

# ruff: noqa: F821 (env is the shell's)
import datetime
import json
import os
import sys
import time

sys.path.insert(0, os.environ["CS_GROW_LIB"])
from growth import grow  # noqa: E402

cases, contacts = int(os.environ["CS_GROW_CASES"]), int(os.environ["CS_GROW_CONTACTS"])
start = time.perf_counter()
grow(env, cases=cases, contacts=contacts)
env.cr.commit()
noted = {
    "seconds": round(time.perf_counter() - start, 1),
    "cases": cases,
    "contacts": contacts,
    "date": str(datetime.date.today()),
}
env["ir.config_parameter"].set_param("constituent_services.bench_grown", json.dumps(noted))
env.cr.commit()
print(f"grown in {noted['seconds']} s")

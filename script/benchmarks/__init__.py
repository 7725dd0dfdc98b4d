"""The workload of script/bench.

`catalogue`, `arguments`, `judge` and `table` need neither Odoo nor a database and are
tested without; `bench` leads the run and talks to one `worker` process for each
database, in which Odoo runs what `screens`, `ours` and `peer` describe.
"""

"""pytest plugin: a skipped test is a failed one.

Without a browser, or without Odoo's HTTP server, tests are skipped silently and
the run is green: nobody would notice that half of them did not run.
"""

import pytest


def _refuse(report):
    if report.skipped:
        reason = report.longrepr
        if isinstance(reason, tuple):  # file, line, reason
            reason = reason[-1]
        report.outcome = "failed"
        report.longrepr = f"not run, which counts as a failure ({reason})"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    return _refuse((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    return _refuse((yield))

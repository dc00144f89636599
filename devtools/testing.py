"""The test run: install, look at the log, pytest, count."""

import hashlib
import re
import subprocess
from xml.etree import ElementTree

from . import lifecycle
from .common import (
    ADDONS,
    CHECKOUT,
    LOGS,
    MODULE,
    WORK,
    locked,
    pass_through,
    remove,
    say,
    write,
)
from .databases import TEST_DATABASE, log_findings
from .debian import system_program
from .venv import PYTHON

CHROMIUM = ("chromium", "google-chrome", "chromium-browser", "google-chrome-stable")
WKHTMLTOPDF = ("wkhtmltopdf",)
TESTS_LOG = LOGS / "tests.log"
REPORT = WORK / "tests.xml"
# What an update of the module in a database does not depend on.
NOT_INSTALLED = (
    "bench",
    "dev.py",
    "devtools",
    "doc",
    "docs",
    "static",
    "tests",
    "tests_dev",
)
INSTALLED_SUFFIXES = {".csv", ".po", ".pot", ".py", ".sql", ".xml"}


def fingerprint():
    """Return a hash over the files that an update of the module reads."""
    seen = hashlib.sha256()
    for path in sorted(CHECKOUT.rglob("*")):
        place = path.relative_to(CHECKOUT)
        if place.parts[0].startswith(".") or place.parts[0] in NOT_INSTALLED:
            continue
        if path.suffix in INSTALLED_SUFFIXES and path.is_file():
            seen.update(f"{place}\0".encode())
            seen.update(path.read_bytes())
    return seen.hexdigest()


def bring_up_to_date(odoo, database, fresh=False):
    """Install the module in a database, or update it when its files changed.

    Return the log of what was done, empty when there was nothing to do.
    """
    stamp = WORK / f"{database}.stamp"
    current = fingerprint()
    if fresh or not odoo.has_module(database):
        remove(stamp)
        odoo.copy(database)
        # The sources are kept to edit them: no need to load them after each other.
        log = odoo.batch("Installing the module", database, "--with-demo", "-i", MODULE)
    elif not stamp.exists() or stamp.read_text() != current:
        log = odoo.batch("Updating the module", database, "-u", MODULE)
    else:
        return ""
    write(stamp, current)
    return log


def counts(report):
    """Return passed, failed and the skipped tests of a JUnit report."""
    passed, failed, skipped = 0, 0, []
    for case in ElementTree.parse(report).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif case.find("skipped") is not None:
            reason = case.find("skipped").get("message", "")
            skipped.append(f"{case.get('classname')}.{case.get('name')}: {reason}")
        else:
            passed += 1
    return passed, failed, skipped


def _show_log(findings, what):
    if not findings:
        return 0
    print(f"\n{what} logged warnings or errors, which must not be:")
    print("\n".join(findings[:80]))
    return 1


def test(odoo, expression=None, rest=(), odoo_suites=None):
    """Run the tests; return passed and failed."""
    system_program(CHROMIUM, "chromium", "Browser tests")
    system_program(WKHTMLTOPDF, "wkhtmltopdf", "PDF tests", optional=True)
    with locked(WORK / ".test.lock", "running the tests of this checkout"):
        log = bring_up_to_date(odoo, TEST_DATABASE, fresh=not (expression or rest))
        dirty = _show_log(log_findings(log), "Installing the module")
        passed, failed = _pytest(odoo, expression, rest)
        if not (expression or rest):
            more_passed, more_failed = lifecycle.test(odoo)
            passed += more_passed
            failed += more_failed
        if odoo_suites:
            more_passed, more_failed = _odoo_suites(odoo, odoo_suites)
            passed += more_passed
            failed += more_failed
    return passed, failed + dirty


def _pytest(odoo, expression, rest):
    for path in (TESTS_LOG, REPORT):
        remove(path)
    command = [
        *(PYTHON, "-m", "pytest", ADDONS / MODULE / "tests"),
        # The checkout is the add-on, but only the link has the add-on's name.
        *("-c", CHECKOUT / "pyproject.toml", "--rootdir", ADDONS),
        *("--confcutdir", ADDONS, "-o", f"cache_dir={WORK / 'pytest_cache'}"),
        *("--odoo-config", odoo.env["ODOO_RC"]),
        *("--odoo-database", TEST_DATABASE),
        *("--odoo-log-level", "warn"),
        *("--odoo-extra", f"logfile={TESTS_LOG}"),
        *("--odoo-extra", f"db-filter=^{TEST_DATABASE}$"),
        *("--odoo-http", f"--junitxml={REPORT}"),
        *(["-k", expression] if expression else []),
        *rest,
    ]
    status = pass_through(command, env=odoo.env, cwd=CHECKOUT)
    if not REPORT.exists():
        say(f"pytest ended with {status} and no report.")
        return 0, 1
    passed, failed, skipped = counts(REPORT)
    for name in skipped:
        print(f"Skipped, which counts as failed: {name}")
    failed += len(skipped)
    text = TESTS_LOG.read_text(errors="replace") if TESTS_LOG.exists() else ""
    failed += _show_log(log_findings(text), "The tests")
    if status and not failed:
        say(f"pytest ended with {status}: no test was selected, or it was broken off.")
        failed = 1
    return passed, failed


def _odoo_suites(odoo, tags):
    """Run tests that Odoo brings along in a database with our module."""
    database = f"{TEST_DATABASE}_odoo"
    bring_up_to_date(odoo, database, fresh=True)
    modules = ",".join(
        sorted({tag.split(":")[0].strip("/") for tag in tags.split(",")})
    )
    log = LOGS / "odoo-suites.log"
    command = odoo.command(
        *("-d", database, "-u", modules, "--test-tags", tags),
        *("--http-port", "0", "--stop-after-init", "--logfile", log),
    )
    say(f"Odoo's own tests {tags}, log in {log} …")
    remove(log)
    status = subprocess.run(
        [str(part) for part in command], env=odoo.env, cwd=WORK, check=False
    ).returncode
    text = log.read_text(errors="replace")
    bad = re.findall(r" (?:ERROR|FAIL): (Test\S+)", text)
    total = re.findall(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests", text)
    if not total:
        return 0, 1
    failures, errors, number = map(int, total[-1])
    for name in bad:
        print(f"Failed of Odoo's own tests: {name}")
    failed = max(failures + errors, bool(status))
    return number - failed, failed

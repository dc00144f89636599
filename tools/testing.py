"""The test run: install, look at the log, pytest, count."""

from xml.etree import ElementTree

from . import addons, axe, lifecycle, suites, texts
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
)
from .databases import TEST_DATABASE, log_findings
from .debian import system_program
from .preparing import bring_up_to_date
from .venv import PYTHON

CHROMIUM = ("chromium", "google-chrome", "chromium-browser", "google-chrome-stable")
WKHTMLTOPDF = ("wkhtmltopdf",)
TESTS_LOG = LOGS / "tests.log"
REPORT = WORK / "tests.xml"
# What can't be run where axe-core can't be had.
SCREENS = "test_screens_axe.py"


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
            for more in (addons, lifecycle):
                more_passed, more_failed = more.test(odoo)
                passed += more_passed
                failed += more_failed
            complete = texts.is_complete(odoo)
            passed += complete
            failed += not complete
        if odoo_suites:
            more_passed, more_failed = suites.test(odoo, odoo_suites)
            passed += more_passed
            failed += more_failed
    return passed, failed + dirty


def _pytest(odoo, expression, rest):
    for path in (TESTS_LOG, REPORT):
        remove(path)
    screens = ADDONS / MODULE / "tests" / SCREENS
    script = axe.script()
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
        *([] if script else ["--ignore", screens]),
        *(["-k", expression] if expression else []),
        *rest,
    ]
    env = dict(odoo.env, AXE_CORE=str(script or ""))
    status = pass_through(command, env=env, cwd=CHECKOUT)
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

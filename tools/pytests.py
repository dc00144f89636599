"""Tests run by pytest in a database of Odoo, and what their report says."""

from xml.etree import ElementTree

from .common import CHECKOUT, LOGS, WORK, Failure, pass_through, remove
from .databases import log_findings
from .venv import PYTHON


def read_report(report):
    """Return ``{test: None, or why it did not pass}`` of a JUnit report."""
    results = {}
    for case in ElementTree.parse(report).iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        name = name.partition("addons.")[2] or name
        reason = None
        for kind in ("failure", "error", "skipped"):
            found = case.find(kind)
            if found is not None:
                reason = kind, found.get("message", "")
        results[name] = reason
    return results


def count(results):
    """Return how many of the results passed and failed; a skipped test has failed."""
    failed = sum(reason is not None for reason in results.values())
    for name, reason in results.items():
        if reason and reason[0] == "skipped":
            print(f"Skipped, which counts as failed: {name}: {reason[1]}")
    return len(results) - failed, failed


def show_findings(findings, what):
    """Print what a log must not have. Return 1 if there is any, else 0."""
    if not findings:
        return 0
    print(f"\n{what} logged warnings or errors, which must not be:")
    print("\n".join(findings[:80]))
    return 1


def run(odoo, database, tests, what, root, options=(), output=None):
    """Run tests in a database.

    :param what: a name for the files of the report and the log
    :param root: the folder that the names of the tests start at
    :param options: more options of pytest
    :param output: the file that gets what pytest prints; by default it is shown
    :return: the results, as :func:`read_report` has them, and what was logged and must
        not be
    :raise Failure: if there is no report
    """
    report = WORK / f"{what}.xml"
    log = LOGS / f"{what}.log"
    remove(report)
    remove(log)
    command = [
        *(PYTHON, "-m", "pytest", *tests, "-c", CHECKOUT / "pyproject.toml"),
        *("--rootdir", root, "--confcutdir", root),
        *("-o", f"cache_dir={WORK / f'pytest_cache_{what}'}", "--tb=short"),
        *("--odoo-config", odoo.env["ODOO_RC"], "--odoo-database", database),
        *("--odoo-log-level", "warn", "--odoo-extra", f"logfile={log}"),
        *("--odoo-extra", f"db-filter=^{database}$"),
        *("--odoo-http", f"--junitxml={report}", *options),
    ]
    env = dict(
        odoo.env,
        # queue_job's own runner, at work beside the tests, would take their jobs
        ODOO_QUEUE_JOB_CHANNELS="root:0",
    )
    status = pass_through(command, env=env, cwd=CHECKOUT, output=output)
    if not report.exists():
        raise Failure(f"Tests {what}: pytest ended with {status} and no report.")
    results = read_report(report)
    if status and not any(results.values()):
        raise Failure(
            f"Tests {what}: pytest ended with {status}: no test was selected, or it "
            "was broken off."
        )
    text = log.read_text(errors="replace") if log.exists() else ""
    return results, log_findings(text)

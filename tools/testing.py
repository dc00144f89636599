"""The test run: install, look at the log, pytest in two processes, count."""

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from queue import SimpleQueue

from . import addons, axe, lifecycle, pytests, suites, texts
from .common import ADDONS, LOGS, MODULE, WORK, Failure, locked, say
from .databases import TEST_DATABASE, log_findings
from .debian import system_program
from .preparing import bring_up_to_date

CHROMIUM = ("chromium", "google-chrome", "chromium-browser", "google-chrome-stable")
WKHTMLTOPDF = ("wkhtmltopdf",)
TESTS = ADDONS / MODULE / "tests"
# What can't be run where axe-core can't be had.
SCREENS = "test_screens_axe.py"
# Processes side by side: the smallest machine that we know has as many cores.
PROCESSES = 2
# The module's tests go in parts, lest one process is done long before the other.
PARTS = 6


# Each browser test would make them anew, in ten seconds, and roll them back.
MAKE_ASSETS = """
env["ir.qweb"]._pregenerate_assets_bundles()
env.cr.commit()
"""


def test(odoo, expression=None, rest=(), odoo_suites=None):
    """Run the tests; return passed and failed."""
    system_program(CHROMIUM, "chromium", "Browser tests")
    system_program(WKHTMLTOPDF, "wkhtmltopdf", "PDF tests", optional=True)
    with locked(WORK / ".test.lock", "running the tests of this checkout"):
        some = bool(expression or rest)
        log = bring_up_to_date(odoo, TEST_DATABASE, fresh=not some)
        if log and not some:
            odoo.shell("Making the assets", TEST_DATABASE, MAKE_ASSETS)
        # once: the processes share what they are started with
        odoo.env["AXE_CORE"] = str(axe.script() or "")
        dirty = pytests.show_findings(log_findings(log), "Installing the module")
        results = [(0, dirty)]
        if some:
            options = [*(["-k", expression] if expression else []), *rest]
            results.append(_try(_run, odoo, TEST_DATABASE, [TESTS], options))
        else:
            results += _run_everything(odoo)
        if odoo_suites:
            results.append(suites.test(odoo, odoo_suites))
    passed, failed = map(sum, zip(*results, strict=True))
    return passed, failed


def _run(odoo, database, tests, options=(), what="tests", output=None):
    """Run tests of the module. Return passed and failed."""
    screens = [] if odoo.env["AXE_CORE"] else ["--ignore", TESTS / SCREENS]
    options = [*options, *screens]
    results, logged = pytests.run(odoo, database, tests, what, ADDONS, options, output)
    passed, failed = pytests.count(results)
    return passed, failed + pytests.show_findings(logged, "The tests")


def _try(deed, *arguments):
    """Do it; return passed and failed, a step that broke off being one that failed."""
    try:
        return deed(*arguments)
    except Failure as failure:
        print(f"\n{failure}", flush=True)
        return 0, 1


def _run_everything(odoo):
    """Run every test, a few processes side by side, each in a database and with a file
    store of its own. Return passed and failed of each part.
    """
    free = SimpleQueue()
    for number in range(PROCESSES):
        free.put(f"{TEST_DATABASE}_{number + 1}")

    def run_part(what, deed):
        start = time.monotonic()
        say(f"{what} …")
        place, path = free.get(), LOGS / f"{what}.out"
        try:
            with path.open("w") as output:
                passed, failed = _try(deed, place, output)
        finally:
            free.put(place)
        printed = path.read_text(errors="replace")
        print(printed if failed else printed[-200:], flush=True)
        took = time.monotonic() - start
        say(f"{what}: {passed} passed, {failed} failed, {took:.0f} s")
        return passed, failed

    with ThreadPoolExecutor(PROCESSES) as pool:
        ends = [pool.submit(run_part, *part) for part in _get_parts(odoo)]
        results = [end.result() for end in ends]
    complete = texts.is_complete(odoo)
    return [*results, (int(complete), int(not complete))]


def _get_parts(odoo):
    """Return a title and a function for each part, the longest first. The function
    takes a name for the part's database and a file for what is printed, and returns
    passed and failed.
    """

    def run_tests(files, what, database, output):
        with odoo.borrowed(database, TEST_DATABASE):
            return _run(odoo, database, files, what=what, output=output)

    parts = {}
    for number, files in enumerate(_share_out(TESTS.glob("test_*.py")), 1):
        parts[f"tests-{number}"] = partial(run_tests, files, f"tests-{number}")
    for what, deed in lifecycle.get_deeds(odoo).items():
        parts[what] = partial(lifecycle.test, odoo, what, deed)
    for name in addons.NAMES:
        parts[name] = partial(addons.test, odoo, name)
    return parts.items()


def _share_out(files):
    """Return the files in parts that take about as long: by their size, of browsers'
    tests by much more, which in a part of their own open one browser after the other.
    """
    weights = {
        path: path.stat().st_size * (8 if "tours" in path.name else 1) for path in files
    }
    parts = [[] for _number in range(PARTS)]
    for path in sorted(weights, key=lambda path: (-weights[path], path)):
        smallest = min(parts, key=lambda part: sum(map(weights.get, part)))
        smallest.append(path)
    return parts

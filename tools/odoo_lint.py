"""Odoo's own lint (`test_lint`), of which only what it says of ours counts."""

import re

from . import pytests
from .common import LOGS, Failure, remove, say
from .databases import TEST_DATABASE
from .lint import EXPORT
from .preparing import bring_up_to_date

# What needs a program of its own, or is about the checks themselves; pylint-odoo has
# the former's rules.
LEFT_OUT = {"test_checkers.py", "test_eslint.py", "test_pylint.py"}
SECTION = re.compile(r"^_+ (.+) _+$", re.M)
SUMMARY = re.compile(r"^=+ (short test summary|warnings summary)", re.M)
# a model of ours, or a file: not the folder that downloads are kept in
OURS = re.compile(r"\bmarketing\.|addons/marketing_contact/|'marketing_contact'")


def findings(output):
    """Return the failures in pytest's output that name the module or a model of it.

    :param str output: what pytest printed
    :rtype: list[str]
    """
    body = SUMMARY.split(output, maxsplit=1)[0]
    parts = SECTION.split(body)[1:]
    return [
        f"{title}\n{text.strip()}"
        for title, text in zip(parts[::2], parts[1::2], strict=True)
        if OURS.search(title) or OURS.search(text)
    ]


def check(odoo):
    """Run the tests of `test_lint` in the tests' database.

    :raise Failure: if one of them finds something in the module
    """
    bring_up_to_date(odoo, TEST_DATABASE)
    remove(EXPORT)  # a copy, which would be found through the add-ons link
    folder = odoo.source / "odoo" / "addons" / "test_lint" / "tests"
    tests = [p for p in sorted(folder.glob("test_*.py")) if p.name not in LEFT_OUT]
    path = LOGS / "odoo-lint.out"
    with path.open("w") as output:
        pytests.run(odoo, TEST_DATABASE, tests, "odoo-lint", odoo.source, (), output)
    found = findings(path.read_text(errors="replace"))
    say(f"Odoo's own lint: {'findings' if found else 'clean'}")
    if found:
        print("\n\n".join(found), flush=True)
        raise Failure("findings of Odoo's own lint.")

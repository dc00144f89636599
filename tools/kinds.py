"""The test add-on that brings a kind of its own, in a database with `hr`."""

import shutil

from . import suites
from .common import ADDONS, CHECKOUT, Failure, remove, say
from .databases import TEST_DATABASE

NAME = "marketing_contact_employee"
SOURCE = CHECKOUT / "tools" / "tests" / "addons" / NAME


def test(odoo):
    """Install the add-on beside the module, in a copy of the tests' database.

    :return: how many of its tests passed, how many failed
    """
    # copied: through a link pytest would take it for a part of the module around it
    remove(ADDONS / NAME)
    shutil.copytree(SOURCE, ADDONS / NAME)
    database = f"{TEST_DATABASE}_kinds"
    try:
        odoo.copy(database, TEST_DATABASE)
        odoo.batch("Installing a kind of another add-on", database, "-i", NAME)
        results = suites.run(
            odoo, database, [ADDONS / NAME / "tests"], "kinds", root=ADDONS
        )
    except Failure as failure:
        print(failure)
        return 0, 1
    finally:
        odoo.discard(database)
        remove(ADDONS / NAME)
    for name, reason in results.items():
        if reason:
            print(f"A kind of another add-on: {name}: {': '.join(reason)[:600]}")
    failed = sum(bool(reason) for reason in results.values())
    say(f"A kind of another add-on: {len(results) - failed} passed, {failed} failed.")
    return len(results) - failed, failed

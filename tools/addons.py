"""The test add-ons: a kind of its own (with `hr`), bulk work by jobs (`queue_job`), and
what meets `crm`, `mass_mailing` and `sms`.
"""

import shutil

from . import suites
from .common import ADDONS, CHECKOUT, Failure, remove, say
from .databases import TEST_DATABASE

SOURCE = CHECKOUT / "tools" / "tests" / "addons"
NAMES = {
    "marketing_contact_employee": "A kind of another add-on",
    "marketing_contact_jobs": "Bulk work by jobs",
    "marketing_contact_reach": "Opportunities, mailings, text messages",
}


def test(odoo):
    """Install each add-on beside the module, in a copy of the tests' database.

    :return: how many of their tests passed, how many failed
    """
    passed = failed = 0
    for name, title in NAMES.items():
        more_passed, more_failed = _test_addon(odoo, name, title)
        passed += more_passed
        failed += more_failed
    return passed, failed


def _test_addon(odoo, name, title):
    # copied: through a link pytest would take it for a part of the module around it
    remove(ADDONS / name)
    shutil.copytree(SOURCE / name, ADDONS / name)
    database = f"{TEST_DATABASE}_addon"
    try:
        odoo.copy(database, TEST_DATABASE)
        odoo.batch(f"{title}, installing", database, "-i", name)
        results = suites.run(
            odoo, database, [ADDONS / name / "tests"], name, root=ADDONS
        )
    except Failure as failure:
        print(failure)
        return 0, 1
    finally:
        odoo.discard(database)
        remove(ADDONS / name)
    for test_name, reason in results.items():
        if reason:
            print(f"{title}: {test_name}: {': '.join(reason)[:600]}")
    failed = sum(bool(reason) for reason in results.values())
    say(f"{title}: {len(results) - failed} passed, {failed} failed.")
    return len(results) - failed, failed

"""The test add-ons: a kind of its own (with `hr`), bulk work by jobs (`queue_job`), and
what meets `crm`, `mass_mailing` and `sms`.
"""

import shutil

from . import pytests
from .common import CHECKOUT, WORK, remove
from .databases import TEST_DATABASE

SOURCE = CHECKOUT / "tools" / "tests" / "addons"
NAMES = {
    "marketing_contact_employee": "A kind of another add-on",
    "marketing_contact_jobs": "Bulk work by jobs",
    "marketing_contact_reach": "Opportunities, mailings, text messages",
}


def test(odoo, name, database, output=None):
    """Install an add-on beside the module, in a copy of the tests' database; test it.

    :param database: what the copy's name begins with
    :param output: the file that gets what pytest prints; by default it is shown
    :return: how many of its tests passed, how many failed
    """
    # copied, where it is in nobody's way: through a link pytest would take it for a
    # part of the module around it
    folder = WORK / "test-addons" / name
    remove(folder)
    shutil.copytree(SOURCE / name, folder / name)
    paths = ",".join(map(str, [*odoo.addons, folder]))
    with odoo.borrowed(f"{database}_{name}", TEST_DATABASE) as copy:
        what = f"{NAMES[name]}, installing"
        odoo.batch(what, copy, "--addons-path", paths, "-i", name)
        tests, options = [folder / name / "tests"], ["--odoo-addons-path", paths]
        results, _logged = pytests.run(odoo, copy, tests, name, folder, options, output)
    return pytests.count(results)

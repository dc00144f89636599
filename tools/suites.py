"""Tests that Odoo brings along for what the module extends."""

import re

from . import pytests
from .common import WORK, Failure, remove, say
from .databases import TEST_DATABASE
from .preparing import bring_up_to_date

ALL = "all"
# What our overrides touch: partners, bank accounts, sequences, orders, mails, reports.
# Each test runs with all modules loaded, also those that Odoo itself runs earlier.
DEFAULT = """
    base/tests/test_ir_actions.py base/tests/test_ir_sequence.py
    base/tests/test_res_company.py base/tests/test_res_partner.py
    base/tests/test_res_partner_bank.py base/tests/test_res_partner_merge.py
    base/tests/test_res_users.py base_vat/tests phone_validation/tests
    mail/tests/test_mail_composer.py mail/tests/test_mail_mail.py
    mail/tests/test_mail_message.py mail/tests/test_mail_template.py
    mail/tests/test_res_partner.py mail/tests/test_res_users.py
    account/tests/test_account_partner.py
    account/tests/test_duplicate_res_partner_bank.py
    account/tests/test_res_partner_merge.py
    sale/tests/test_access_rights.py sale/tests/test_onchange.py
    sale/tests/test_sale_flow.py sale/tests/test_sale_order.py
    sale/tests/test_sale_refund.py sale/tests/test_sale_to_invoice.py
    sale_management/tests/test_sale_order.py
    sale_management/tests/test_sale_order_template.py
    purchase/tests/test_access_rights.py purchase/tests/test_purchase.py
    purchase/tests/test_purchase_invoice.py purchase_requisition/tests
    repair/tests/test_repair.py
""".split()
TAG = re.compile(r"^/(?P<module>\w+)(?::(?P<name>\w+))?(?:\.(?P<method>\w+))?$")


def compare(ours, plain):
    """Return how many tests passed, and those that fail because of the module.

    :param dict ours: the results with the module, as :func:`pytests.read_report` has
        them
    :param dict plain: those of the failed ones without it
    """
    failed = {
        name: reason
        for name, reason in ours.items()
        if reason
        and reason[0] != "skipped"
        # one that fails without the module as well says nothing about it
        and plain.get(name, None) is None
    }
    return sum(reason is None for reason in ours.values()), failed


def find_tests(odoo, tags):
    """Return the paths, with the names of classes and methods, that tags stand for.

    :param str tags: ``all`` for the default, or tags as Odoo has them, by commas
    """
    folders = (odoo.source / "odoo" / "addons", *odoo.addons)

    def locate(place):
        found = [folder / place for folder in folders if (folder / place).exists()]
        return found[0] if found else None

    if tags == ALL:
        return [path for place in DEFAULT if (path := locate(place))]
    selected = []
    for tag in tags.split(","):
        match = TAG.match(tag.strip())
        tests = match and locate(f"{match['module']}/tests")
        if not tests:
            raise Failure(f"Odoo's tests: {tag} is not /module[:Class[.method]].")
        if not match["name"]:
            selected.append(tests)
            continue
        for path in sorted(tests.rglob("test_*.py")):
            if re.search(rf"^class {match['name']}\b", path.read_text(), re.M):
                method = f"::{match['method']}" if match["method"] else ""
                selected.append(f"{path}::{match['name']}{method}")
    return selected


def test(odoo, tags):
    """Run tests of Odoo with the module, those that fail without it as well.

    :return: how many passed, how many fail because of the module
    """
    tests = find_tests(odoo, tags)
    say(f"Odoo's own tests: {len(tests)} files or classes, with the module …")
    database = f"{TEST_DATABASE}_odoo"
    bring_up_to_date(odoo, database, fresh=True)
    root = odoo.source
    ours, _logged = pytests.run(odoo, database, tests, "odoo-suites-with", root)
    suspects = [name for name, reason in ours.items() if reason]
    plain = {}
    if suspects:
        say(f"{len(suspects)} did not pass; the same without the module …")
        odoo.copy(database)
        remove(WORK / f"{database}.stamp")
        plain, _logged = pytests.run(odoo, database, tests, "odoo-suites-without", root)
    passed, failed = compare(ours, plain)
    for name, (kind, message) in failed.items():
        print(f"Fails with the module only: {name}: {kind}: {message[:300]}")
    say(f"Odoo's own tests: {passed} passed, {len(failed)} fail with the module only.")
    return passed, len(failed)

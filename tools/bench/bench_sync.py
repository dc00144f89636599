"""A save that reaches three cards, against the same work by other means.

(a) plain Odoo: the same four records, each written by itself; (b) Odoo's own sync from
companies to people; (c) OCA's mass_mailing_partner, in a database of its own; (d) one
raw UPDATE for each table. All take turns, among 100 000 linked contacts. BENCH_PARTS
chooses some of idle, sync, others.
"""

import os
from importlib import import_module
from unittest.mock import patch

from common import Report, choices, environment, measure, size
from lxml import etree
from rows import (
    Group,
    analyze,
    make_linked_crowd,
    make_partners,
    make_people,
)

from odoo.tools import SQL

SIZES = [int(count) for count in choices("SIZES", "1,100,1000,10000")]
CROWD = size("CROWD", 100_000)
PARTS = choices("PARTS", "idle,sync,others")
# what is written, by the name of the case: on which side, and with what of the others
# to reach against the plain writes of the same rows, by how many there are
CASES = {
    "one field": {"source": "contact", "limits": {1: 0.85, 100: 1.05, 1000: 1.10}},
    "address": {"source": "customer", "limits": {100: 1.25, 1000: 1.25}},
}
# filled in by main: the ids of a country and of its states
COUNTRY, STATES = [], []


def repeats(count):
    """Return how many turns records get, so many at a time."""
    return 41 if count == 1 else 21 if count <= 100 else 9 if count <= 1000 else 3


def vals_of(case, turn, model="res.partner"):
    """Return the values of a turn, under the names of a model's fields."""
    if case == "one field":
        return {"phone": f"+46 {turn}"}
    bank = model == "res.bank"
    return {
        "street": f"Street {turn}",
        "street2": f"Floor {turn}",
        "zip": f"{turn:05}",
        "city": f"City {turn}",
        "state" if bank else "state_id": STATES[turn % len(STATES)],
        "country" if bank else "country_id": COUNTRY[0],
    }


def measure_sync(env, report):
    """(a) and (d): the sync, with its journal and without, where each record derives
    for itself what is taken over (`sync/derived.py`), and the plain writes.
    """
    names = ("Sync", "Unjournalled", "Deriving", "Plain", "Together", "Raw")
    groups = {name: Group(env, name, max(SIZES), name in names[:3]) for name in names}
    analyze(env, "res_bank")
    for case in CASES:
        per_row = {}
        for count in SIZES:
            contestants = get_contestants(env, groups, count, case)
            results = measure(env, contestants, repeats(count))
            report.add(f"{case} → 3 others", count, results, "plain Odoo")
            per_row[count] = check_targets(report, case, count, results)
        if 1000 in per_row and 10000 in per_row:
            what = f"{case}: growth from 1 000 to 10 000, against plain Odoo's"
            report.target(what, per_row[10000] / per_row[1000], 1.2)


def check_targets(report, case, count, results):
    """Note what is to be reached. Return the ratio of the sync to the plain writes."""
    base, with_journal = results["plain Odoo"], results["sync"]
    ratio = with_journal.ratio(base)
    if limit := CASES[case]["limits"].get(count):
        report.target(f"{case}, {count} records, × plain", ratio, limit)
    if case == "one field":
        what = f"journal, {count} records, × the sync without it"
        report.target(what, with_journal.ratio(results["sync without journal"]), 1.15)
    if case == "one field" and count == 1:
        more = results["sync without journal"].queries - base.queries
        report.target("queries beyond the plain writes", more, 8)
    return ratio


def get_contestants(env, groups, count, case):
    """Return the functions that write the values of a case on `count` groups."""
    some = {name: group[count] for name, group in groups.items()}
    source = ("contact", "customer").index(CASES[case]["source"])
    # imported here: Odoo knows where add-ons are when it has read its configuration
    journal = import_module("odoo.addons.marketing_contact.models.sync.journal")
    engine = import_module("odoo.addons.marketing_contact.models.sync.engine")

    def write(records, turn):
        records.write(vals_of(case, turn, records._name))

    def unjournalled(turn):
        with patch.object(journal.Journal, "save", lambda journal, env: None):
            write(some["Unjournalled"][source], turn)

    def deriving(turn):
        with patch.object(engine, "copy_derived", lambda env, planned: None):
            write(some["Deriving"][source], turn)

    def plain(turn):
        for records in some["Plain"]:
            write(records, turn)

    def tables(name):
        contacts, customers, vendors, banks = some[name]
        return contacts, customers | vendors, banks

    def together(turn):
        for records in tables("Together"):
            write(records, turn)

    def raw(turn):
        for records in tables("Raw"):
            vals = vals_of(case, turn, records._name)
            sets = (SQL("%s = %s", SQL.identifier(n), v) for n, v in vals.items())
            env.cr.execute(
                SQL(
                    "UPDATE %s SET %s, write_date = now() WHERE id IN %s",
                    SQL.identifier(records._table),
                    SQL(", ").join(sets),
                    tuple(records.ids),
                )
            )

    return {
        "sync": lambda turn: write(some["Sync"][source], turn),
        "sync without journal": unjournalled,
        "sync, each derives for itself": deriving,
        "plain Odoo": plain,
        "plain, partners together": together,
        "raw UPDATE": raw,
    }


def measure_companies(env, report):
    """(b): Odoo's own sync of an address from a company to three people."""
    sizes = [count for count in SIZES if count <= 1000]
    companies = make_partners(env, "Company ", max(sizes))
    make_people(env, companies, 3)
    alone = [make_partners(env, f"Alone {i} ", max(sizes)) for i in range(4)]
    analyze(env)
    for count in sizes:

        def own_sync(turn, some=companies[:count]):
            some.write({"street": f"Street {turn}"})

        def plain(turn, count=count):
            for partners in alone:
                partners[:count].write({"street": f"Street {turn}"})

        sides, turns = {"Odoo's sync": own_sync, "plain Odoo": plain}, repeats(count)
        case = "(b) company → 3 people"
        report.race(env, case, count, sides, min(turns, 5), "plain Odoo")


def measure_mailing(env, report):
    """(c): mass_mailing_partner, from a partner to its mailing contact."""
    sizes = [count for count in SIZES if count <= 1000]
    prefixes = ("Tied ", "Alone ", "Other ")
    tied, alone, others = (make_partners(env, p, max(sizes)) for p in prefixes)
    Mailing = env["mailing.contact"].with_context(mass_mailing_partner_writing=True)
    vals = {"name": "C", "email": "c@example.com"}
    contacts, _followers = (
        Mailing.create([{**vals, "partner_id": id_} for id_ in partners.ids])
        for partners in (others, tied)
    )
    for count in sizes:

        def sync(turn, some=tied[:count]):
            some.write({"email": f"c{turn}@example.com"})

        def plain(turn, some=alone[:count], mailing=contacts[:count]):
            some.write({"email": f"c{turn}@example.com"})
            mailing.write({"email": f"c{turn}@example.com"})

        sides = {"mass_mailing_partner": sync, "plain Odoo": plain}
        case, turns = "(c) partner → mailing", min(repeats(count), 9)
        report.race(env, case, count, sides, turns, "plain Odoo")


def race_without(env, plain_env, report, case, count, make, turns, limits=None):
    """Let the same be done with the module and in a database without it.

    :param make: returns, of an environment, what is done in a turn
    :param limits: the text and limit of what it may take with the module
    """
    sides = {
        "with the module": (env, make(env)),
        "without": (plain_env, make(plain_env)),
    }
    limits = {"with the module": limits} if limits else None
    report.race(env, case, count, sides, turns, "without", limits)


def measure_unlinked(env, plain_env, report):
    """Partners without links: what the module costs where it has nothing to do."""
    for count in (1, 1000):

        def make(own_env, count=count):
            partners = make_partners(own_env, "Idle ", count)

            def write(turn):
                for i in range(50 if count == 1 else 1):
                    partners.write({"phone": f"1 {turn} {i}", "city": "Here"})
                    own_env.flush_all()

            return write

        what = f"unlinked partners, {count}, × a database without the module"
        case = "partner without links"
        race_without(env, plain_env, report, case, count, make, 25, (what, 1.03))


def measure_form(env, plain_env, report):
    """Editing the form of a partner without links: calls, and what they take."""
    calls = []

    def make(own_env):
        partner = make_partners(own_env, "Form ", 1)
        arch = etree.fromstring(partner.get_view(view_type="form")["arch"])
        nodes = arch.xpath("//field[@on_change][not(ancestor::field)]")
        calls.append(len({node.get("name") for node in nodes}))
        fields = {node.get("name") for node in arch.xpath("//field[@name]")}
        # what both forms ask for
        spec = {
            field: {}
            for field in fields & partner._fields.keys()
            if not field.startswith("marketing_")
        }
        values = {"country_id": COUNTRY[0], "name": partner.name}

        def leave(turn):
            for i in range(20):
                vals = {**values, "email": f"a{turn}{i}@b.example"}
                partner.onchange(vals, ["email"], spec)

        return leave

    case = "20 fields of a partner's form left"
    race_without(env, plain_env, report, case, 1, make, 15)
    what = "fields of a partner's form that call the server, beyond those without"
    report.target(what, calls[0] - calls[1], 0)


def measure_rules(env, plain_env, report):
    """Create and write on models with and without a rule of interactions."""
    for model, vals, rule in (
        ("res.partner.category", {"color": 1}, "without a rule"),
        ("purchase.order", {"origin": "X"}, "with a rule"),
    ):

        def make(own_env, model=model, vals=vals):
            base = {"name": "N"}
            if model == "purchase.order":
                base = {"partner_id": make_partners(own_env, "Vendor ", 1).id}

            def work(_turn):
                made = own_env[model].create([{**base} for _number in range(100)])
                for record in made:
                    record.write({**vals})
                own_env.flush_all()

            return work

        case = f"create and write, {rule}: {model}"
        limits = (f"{case}, × a database without the module", 1.01)
        limits = limits if rule == "without a rule" else None
        race_without(env, plain_env, report, case, 100, make, 11, limits)


def main():
    """Measure what was chosen."""
    report = Report(f"A save that reaches three others, among {CROWD} linked contacts")
    with (
        environment() as env,
        environment(os.environ["BENCH_TEMPLATE"]) as plain_env,
        environment(os.environ["BENCH_MAILING"]) as mailing_env,
    ):
        country = env.ref("base.us")
        COUNTRY.append(country.id)
        STATES.extend(country.state_ids[:9].ids)
        if "idle" in PARTS:
            for part in (measure_unlinked, measure_form, measure_rules):
                part(env, plain_env, report)
        make_linked_crowd(env, CROWD)
        if "sync" in PARTS:
            measure_sync(env, report)
        if "others" in PARTS:
            measure_companies(env, report)
            measure_mailing(mailing_env, report)
    report.print()


if __name__ == "__main__":
    main()

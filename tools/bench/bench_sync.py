"""A save that reaches three cards, against the same work by other means.

(a) plain Odoo: the same four records, each written by itself; (b) Odoo's own sync from
companies to people; (c) OCA's mass_mailing_partner, in a database of its own; (d) one
raw UPDATE for each table. All take turns, among 100 000 linked contacts.
"""

import os
from importlib import import_module
from unittest.mock import patch

from common import Report, environment, measure
from lxml import etree
from rows import (
    Group,
    analyze,
    insert_contacts,
    insert_links,
    insert_partners,
    make_partners,
    make_people,
)

from odoo.tools import SQL

SIZES = [
    int(size) for size in os.environ.get("BENCH_SIZES", "1,100,1000,10000").split(",")
]
CROWD = int(os.environ.get("BENCH_CROWD", "100000"))


def repeats(size):
    return 41 if size == 1 else 21 if size <= 100 else 9 if size <= 1000 else 3


# what is written, by the name of the case: on which side, and with what of the others
# to reach against the plain writes of the same rows, by how many there are
CASES = {
    "one field": {"source": "contact", "limits": {1: 0.85, 100: 1.05, 1000: 1.10}},
    "address": {"source": "customer", "limits": {100: 1.25, 1000: 1.25}},
}


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


# filled in by main: the ids of a country and of its states
COUNTRY, STATES = [], []


def measure_sync(env, report):
    """(a) and (d): the sync, with its journal and without, where each record derives
    for itself what is taken over (`sync/derived.py`), and the plain writes.
    """
    count = max(SIZES)
    groups = {
        name: Group(env, name, count, linked)
        for name, linked in (
            ("Sync", True),
            ("Unjournalled", True),
            ("Deriving", True),
            ("Plain", False),
            ("Together", False),
            ("Raw", False),
        )
    }
    analyze(env)
    env.cr.execute("ANALYZE res_bank")
    for case in CASES:
        per_row = {}
        for size in SIZES:
            results = measure(
                env, get_contestants(env, groups, size, case), repeats(size)
            )
            report.add(f"{case} → 3 others", size, results, "plain Odoo")
            per_row[size] = check_targets(report, case, size, results)
        if 1000 in per_row and 10000 in per_row:
            report.target(
                f"{case}: growth from 1 000 to 10 000, against plain Odoo's",
                per_row[10000] / per_row[1000],
                1.2,
            )


def check_targets(report, case, size, results):
    """Note what is to be reached. Return the ratio of the sync to the plain writes."""
    base = results["plain Odoo"]
    with_journal, without = results["sync"], results["sync without journal"]
    ratio = with_journal.ratio(base)
    if limit := CASES[case]["limits"].get(size):
        report.target(f"{case}, {size} records, × plain", ratio, limit)
    if case == "one field":
        report.target(
            f"journal, {size} records, × the sync without it",
            with_journal.ratio(without),
            1.15,
        )
    if case == "one field" and size == 1:
        report.target(
            "queries beyond the plain writes", without.queries - base.queries, 8
        )
    return ratio


def get_contestants(env, groups, size, case):
    """Return the functions that write the values of a case on `size` groups."""
    some = {name: group[size] for name, group in groups.items()}
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

    def together(turn):
        contacts, customers, vendors, banks = some["Together"]
        for records in (contacts, customers | vendors, banks):
            write(records, turn)

    def raw(turn):
        contacts, customers, vendors, banks = some["Raw"]
        for records in (contacts, customers | vendors, banks):
            vals = vals_of(case, turn, records._name)
            env.cr.execute(
                SQL(
                    "UPDATE %s SET %s, write_date = now() WHERE id IN %s",
                    SQL.identifier(records._table),
                    SQL(", ").join(
                        SQL("%s = %s", SQL.identifier(name), value)
                        for name, value in vals.items()
                    ),
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
    sizes = [size for size in SIZES if size <= 1000]
    companies = make_partners(env, "Company ", max(sizes))
    make_people(env, companies, 3)
    alone = [make_partners(env, f"Alone {i} ", max(sizes)) for i in range(4)]
    analyze(env)
    for size in sizes:

        def own_sync(turn, some=companies[:size]):
            some.write({"street": f"Street {turn}"})

        def plain(turn, size=size):
            for partners in alone:
                partners[:size].write({"street": f"Street {turn}"})

        results = measure(
            env, {"Odoo's sync": own_sync, "plain Odoo": plain}, min(repeats(size), 5)
        )
        report.add("(b) company → 3 people", size, results, "plain Odoo")


def measure_mailing(env, report):
    """(c): mass_mailing_partner, from a partner to its mailing contact."""
    sizes = [size for size in SIZES if size <= 1000]
    tied, alone, others = (
        make_partners(env, f"{prefix} ", max(sizes))
        for prefix in ("Tied", "Alone", "Other")
    )
    Mailing = env["mailing.contact"].with_context(mass_mailing_partner_writing=True)
    contacts, _followers = (
        Mailing.create(
            [
                {"name": "C", "email": "c@example.com", "partner_id": id_}
                for id_ in partners.ids
            ]
        )
        for partners in (others, tied)
    )
    for size in sizes:

        def sync(turn, some=tied[:size]):
            some.write({"email": f"c{turn}@example.com"})

        def plain(turn, some=alone[:size], mailing=contacts[:size]):
            some.write({"email": f"c{turn}@example.com"})
            mailing.write({"email": f"c{turn}@example.com"})

        results = measure(
            env,
            {"mass_mailing_partner": sync, "plain Odoo": plain},
            min(repeats(size), 9),
        )
        report.add("(c) partner → mailing", size, results, "plain Odoo")


def measure_creation(env, report):
    """Contacts from full cards, against creating as many such partners."""
    # as a user calls both: what of mail they leave out is their own affair
    Partner = env(context={"marketing_contact_no_create": True})["res.partner"]
    for size, limit in ((1, 1.0), (100, 0.50), (1000, 0.50)):
        turns = 21 if size == 1 else 5
        pools = [
            make_partners(env, f"Pool {i} ", size, customer_rank=1)
            for i in range(turns + 1)
        ]

        def generate(turn, pools=pools):
            pools[turn].with_env(Partner.env).create_marketing_contacts("customer")

        def create(turn, size=size):
            Partner.create(
                [
                    {
                        "name": f"Company {turn} {i}",
                        "is_company": True,
                        "customer_rank": 1,
                        "email": f"office{i}@company{turn}.example",
                        "phone": f"+46 8 {i:08}",
                        "website": f"http://company{i}.example",
                        "company_registry": f"C{i:09}",
                        **vals_of("address", turn),
                    }
                    for i in range(size)
                ]
            )

        results = measure(
            env, {"generate": generate, "res.partner.create": create}, turns
        )
        report.add("contacts from full cards", size, results, "res.partner.create")
        report.target(
            f"contacts from {size} full cards, × res.partner.create",
            results["generate"].ratio(results["res.partner.create"]),
            limit,
        )


def measure_unlinked(env, plain_env, report):
    """Partners without links: what the module costs where it has nothing to do."""
    for size in (1, 1000):
        partners, others = (make_partners(e, "Idle ", size) for e in (env, plain_env))

        def write(turn, partners):
            for i in range(50 if len(partners) == 1 else 1):
                partners.write({"phone": f"1 {turn} {i}", "city": "Here"})
                partners.env.flush_all()

        results = measure(
            env,
            {
                "with the module": lambda turn, p=partners, w=write: w(turn, p),
                "without": (plain_env, lambda turn, p=others, w=write: w(turn, p)),
            },
            25,
        )
        report.add("partner without links", size, results, "without")
        report.target(
            f"unlinked partners, {size}, × a database without the module",
            results["with the module"].ratio(results["without"]),
            1.03,
        )


def measure_form(env, plain_env, report):
    """Editing the form of a partner without links: calls, and what they take."""
    calls, results = {}, {}
    for name, own_env in (("with the module", env), ("without", plain_env)):
        partner = make_partners(own_env, "Form ", 1)
        view = partner.get_view(view_type="form")
        arch = etree.fromstring(view["arch"])
        nodes = arch.xpath("//field[@on_change][not(ancestor::field)]")
        calls[name] = len({node.get("name") for node in nodes})
        spec = {node.get("name"): {} for node in arch.xpath("//field[@name]")}
        spec = {field: {} for field in spec if field in partner._fields}
        # what both forms ask for
        spec = {field: {} for field in spec if not field.startswith("marketing_")}
        values = {"country_id": COUNTRY[0], "name": partner.name}

        def leave(turn, partner=partner, spec=spec, values=values):
            for i in range(20):
                vals = {**values, "email": f"a{turn}{i}@b.example"}
                partner.onchange(vals, ["email"], spec)

        results[name] = leave
    figures = measure(
        env,
        {
            "with the module": results["with the module"],
            "without": (plain_env, results["without"]),
        },
        15,
    )
    report.add("20 fields of a partner's form left", 1, figures, "without")
    report.target(
        "fields of a partner's form that call the server, beyond those without",
        calls["with the module"] - calls["without"],
        0,
    )


def measure_rules(env, plain_env, report):
    """Create and write on models with and without a rule of interactions."""
    for model, vals, ruled in (
        ("res.partner.category", {"color": 1}, False),
        ("purchase.order", {"origin": "X"}, True),
    ):
        sides = {}
        for name, own_env in (("with the module", env), ("without", plain_env)):
            base = {"name": "N"}
            if model == "purchase.order":
                base = {"partner_id": make_partners(own_env, "Vendor ", 1).id}

            def work(turn, records=own_env[model], base=base, vals=vals, many=100):
                made = records.create([{**base} for _number in range(many)])
                for i in range(many):
                    made[i].write({**vals})
                made.env.flush_all()

            sides[name] = work
        results = measure(
            env,
            {
                "with the module": sides["with the module"],
                "without": (plain_env, sides["without"]),
            },
            11,
        )
        case = "create and write, " + ("with a rule" if ruled else "without a rule")
        report.add(f"{case}: {model}", 100, results, "without")
        if not ruled:
            report.target(
                f"{case}: {model}, × a database without the module",
                results["with the module"].ratio(results["without"]),
                1.01,
            )


def main():
    report = Report(f"A save that reaches three others, among {CROWD} linked contacts")
    with (
        environment() as env,
        environment(os.environ["BENCH_TEMPLATE"]) as plain_env,
        environment(os.environ["BENCH_MAILING"]) as mailing_env,
    ):
        country = env.ref("base.us")
        COUNTRY.append(country.id)
        STATES.extend(country.state_ids[:9].ids)
        parts = os.environ.get("BENCH_PARTS", "idle,sync,others,creation").split(",")
        if "idle" in parts:
            measure_unlinked(env, plain_env, report)
            measure_form(env, plain_env, report)
            measure_rules(env, plain_env, report)
        insert_links(env, insert_contacts(env, CROWD), insert_partners(env, CROWD))
        if "sync" in parts:
            measure_sync(env, report)
        if "others" in parts:
            measure_companies(env, report)
            measure_mailing(mailing_env, report)
        if "creation" in parts:
            measure_creation(env, report)
    report.print()


if __name__ == "__main__":
    main()

"""A save that reaches three cards, against the same work by other means (DESIGN §10).

(a) plain Odoo: the same four records, each written by itself; (b) Odoo's own sync from
companies to people; (c) OCA's mass_mailing_partner, in a database of its own; (d) one
raw UPDATE for each table. All take turns, among 100 000 linked contacts.
"""

import os

from common import Report, environment, measure
from rows import (
    Group,
    analyze,
    insert_contacts,
    insert_links,
    insert_partners,
    make,
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


def vals_of(turn):
    return {"phone": f"+46 {turn}"}


def measure_sync(env, report):
    """(a) and (d): the sync, with its journal and without, and the plain writes."""
    count = max(SIZES)
    groups = {
        name: Group(env, name, count, linked)
        for name, linked in (
            ("Sync", True),
            ("Unjournalled", True),
            ("Plain", False),
            ("Together", False),
            ("Raw", False),
        )
    }
    analyze(env)
    env.cr.execute("ANALYZE res_bank")
    per_row = {}
    for size in SIZES:
        results = measure(env, get_contestants(env, groups, size), repeats(size))
        report.add("contact → 3 cards", size, results, "plain Odoo")
        base, together = results["plain Odoo"], results["plain, partners together"]
        with_journal, without = results["sync"], results["sync without journal"]
        per_row[size] = with_journal.ratio(base)
        limit = 1.0 if size == 1 else 1.05
        for text, figure, at_most in (
            ("sync without journal", without, limit),
            ("sync with journal", with_journal, 1.15),
        ):
            report.target(
                f"{text}, {size} records, × plain", figure.ratio(base), at_most
            )
            report.target(
                f"{text}, {size} records, × plain with both partners in one write",
                figure.ratio(together),
                at_most,
            )
        report.target(
            f"journal, {size} records, × the sync without it",
            with_journal.ratio(without),
            1.15,
        )
        if size == 1:
            report.target(
                "queries beyond the plain writes", without.queries - base.queries, 8
            )
    if 1000 in per_row and 10000 in per_row:
        report.target(
            "growth from 1 000 to 10 000, against plain Odoo's",
            per_row[10000] / per_row[1000],
            1.2,
        )


def get_contestants(env, groups, size):
    """Return the functions that write a phone number on `size` groups."""
    some = {name: group[size] for name, group in groups.items()}
    journal = env.registry["marketing.sync.journal"]
    write_journal = journal._marketing_write_journal

    def unjournalled(turn):
        journal._marketing_write_journal = lambda self, entries: None
        try:
            some["Unjournalled"][0].write(vals_of(turn))
        finally:
            journal._marketing_write_journal = write_journal

    def plain(turn):
        for records in some["Plain"]:
            records.write(vals_of(turn))

    def together(turn):
        contacts, customers, vendors, banks = some["Together"]
        for records in (contacts, customers | vendors, banks):
            records.write(vals_of(turn))

    def raw(turn):
        contacts, customers, vendors, banks = some["Raw"]
        for records in (contacts, customers | vendors, banks):
            env.cr.execute(
                SQL(
                    "UPDATE %s SET phone = %s, write_date = now() WHERE id IN %s",
                    SQL.identifier(records._table),
                    vals_of(turn)["phone"],
                    tuple(records.ids),
                )
            )

    return {
        "sync": lambda turn: some["Sync"][0].write(vals_of(turn)),
        "sync without journal": unjournalled,
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
    """Contacts from cards, against creating as many partners."""
    # as a user calls both: what of mail they leave out is their own affair
    Partner = env(context={"marketing_contact_no_create": True})["res.partner"]
    for size in (100, 1000):
        pools = [
            make(env, "res.partner", f"Pool {i} ", size, customer_rank=1)
            for i in range(6)
        ]

        def generate(turn, pools=pools):
            pools[turn].with_env(Partner.env).create_marketing_contacts("customer")

        def create(turn, size=size):
            Partner.create(
                [{"name": f"New {i}", "is_company": True} for i in range(size)]
            )

        results = measure(env, {"generate": generate, "res.partner.create": create}, 5)
        report.add("contacts from cards", size, results, "res.partner.create")
        report.target(
            f"contacts from {size} cards, × res.partner.create",
            results["generate"].ratio(results["res.partner.create"]),
            0.35,
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


def main():
    report = Report(f"A save that reaches three cards, among {CROWD} linked contacts")
    with (
        environment() as env,
        environment(os.environ["BENCH_TEMPLATE"]) as plain_env,
        environment(os.environ["BENCH_MAILING"]) as mailing_env,
    ):
        measure_unlinked(env, plain_env, report)
        insert_links(env, insert_contacts(env, CROWD), insert_partners(env, CROWD))
        measure_sync(env, report)
        measure_companies(env, report)
        measure_mailing(mailing_env, report)
        measure_creation(env, report)
    report.print()


if __name__ == "__main__":
    main()

"""A save that reaches three cards, against the plain writes of the same records.

DESIGN §10: (a) plain Odoo, (b) Odoo's own company → people sync, (c) OCA's
mass_mailing_partner where it is installed, (d) one raw UPDATE for each table.
"""

import os

from common import Report, environment, measure

from odoo.tools import SQL

SIZES = [
    int(size) for size in os.environ.get("BENCH_SIZES", "1,100,1000,10000").split(",")
]


def make(env, model, prefix, count, **vals):
    """Return records made by SQL, as copies of one that the ORM made."""
    context = {"marketing_contact_no_create": True}
    key = "acc_number" if model == "res.partner.bank" else "name"
    seed = env[model].with_context(**context).create({key: prefix, **vals})
    env.flush_all()
    texts = ("name", "complete_name", "acc_number", "sanitized_acc_number")
    own = {*texts, "id", "number", "commercial_partner_id"}
    columns = [
        SQL.identifier(name)
        for name, field in seed._fields.items()
        if field.store and field.column_type and name not in own
    ]
    names = [
        name for name in texts if name in seed._fields and seed._fields[name].store
    ]
    targets = [SQL.identifier(name) for name in names]
    rows = env.execute_query(
        SQL(
            """
            INSERT INTO %(table)s (%(names)s, %(columns)s)
            SELECT %(values)s, %(columns)s
              FROM %(table)s, generate_series(1, %(count)s) i WHERE id = %(seed)s
            RETURNING id
            """,
            table=SQL.identifier(seed._table),
            names=SQL(", ").join(targets),
            values=SQL(", ").join([SQL("%s || i", prefix)] * len(names)),
            columns=SQL(", ").join(columns),
            count=count,
            seed=seed.id,
        )
    )
    ids = [row[0] for row in rows]
    if model == "res.partner":
        env.cr.execute(
            "UPDATE res_partner SET commercial_partner_id = id WHERE id = ANY(%s)",
            [ids],
        )
    return env[model].browse(ids)


def make_partners(env, prefix, count):
    return make(env, "res.partner", prefix, count, is_company=True)


def make_contacts(env, prefix, count):
    return make(env, "marketing.contact", prefix, count, is_company=True)


def make_banks(env, prefix, count):
    return make(env, "res.bank", prefix, count)


def link(env, contacts, customers, vendors, banks):
    accounts = make(
        env,
        "res.partner.bank",
        f"BENCH {contacts[:1].id} ",
        len(banks),
        partner_id=env.company.partner_id.id,
    )
    env.cr.execute(
        SQL(
            """
            UPDATE res_partner_bank SET bank_id = rows.bank_id
              FROM unnest(%s, %s) AS rows(id, bank_id)
             WHERE rows.id = res_partner_bank.id
            """,
            list(accounts.ids),
            list(banks.ids),
        )
    )
    code = env.company.marketing_customer_relation_id.id
    for kind, column, targets, bank_ids in (
        ("customer", "partner_id", customers.ids, [None] * len(contacts)),
        ("vendor", "partner_id", vendors.ids, [None] * len(contacts)),
        ("bank_account", "bank_account_id", accounts.ids, banks.ids),
    ):
        env.cr.execute(
            SQL(
                """
                INSERT INTO marketing_contact_relation
                    (contact_id, business_relation_id, kind, %s, bank_id, state)
                SELECT contact_id, %s, %s, card_id, bank_id, 'equal'
                  FROM unnest(%s, %s, %s::int[]) AS rows(contact_id, card_id, bank_id)
                """,
                SQL.identifier(column),
                code,
                kind,
                list(contacts.ids),
                list(targets),
                list(bank_ids),
            )
        )


def main():
    report = Report("A save that reaches three linked cards")
    with environment() as env:
        count = max(SIZES)
        contacts = make_contacts(env, "Linked ", count)
        customers = make_partners(env, "Customer ", count)
        vendors = make_partners(env, "Vendor ", count)
        banks = make_banks(env, "Bank ", count)
        link(env, contacts, customers, vendors, banks)
        plain_contacts = make_contacts(env, "Plain ", count)
        plain_partners = make_partners(env, "Plain ", 2 * count)
        plain_banks = make_banks(env, "Plain ", count)
        for table in ("res_partner", "marketing_contact", "res_bank"):
            env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
        env.cr.execute("ANALYZE marketing_contact_relation")
        per_row = {}
        for size in SIZES:
            some = contacts[:size]
            alone, partners = plain_contacts[:size], plain_partners[: 2 * size]
            some_banks = plain_banks[:size]

            def sync(turn, some=some):
                some.write({"phone": f"+46 {turn}"})

            def plain(turn, alone=alone, partners=partners, some_banks=some_banks):
                vals = {"phone": f"+46 {turn}"}
                alone.write(dict(vals))
                partners.write(dict(vals))
                some_banks.write(dict(vals))

            def raw(turn, alone=alone, partners=partners, some_banks=some_banks):
                for records in (alone, partners, some_banks):
                    env.cr.execute(
                        SQL(
                            "UPDATE %s SET phone = %s, write_date = now() "
                            "WHERE id IN %s",
                            SQL.identifier(records._table),
                            f"+46 {turn}",
                            tuple(records.ids),
                        )
                    )

            journal = env.registry["marketing.sync.journal"]
            write_journal = journal._marketing_write_journal

            def unjournalled(turn, sync=sync, journal=journal, keep=write_journal):
                journal._marketing_write_journal = lambda self, entries: None
                try:
                    sync(turn + 1000)
                finally:
                    journal._marketing_write_journal = keep

            repeat = 15 if size <= 100 else 7 if size <= 1000 else 3
            results = measure(
                env,
                {
                    "sync": sync,
                    "sync without journal": unjournalled,
                    "plain Odoo": plain,
                    "raw UPDATE": raw,
                },
                repeat,
            )
            report.add("contact → 3 cards", size, results, "plain Odoo")
            base = results["plain Odoo"]
            per_row[size] = results["sync"][0] / base[0]
            limit = 1.0 if size == 1 else 1.05
            report.target(
                f"sync without journal, {size} records, × plain",
                results["sync without journal"][0] / base[0],
                limit,
            )
            report.target(
                f"sync with journal, {size} records, × plain",
                results["sync"][0] / base[0],
                1.15,
            )
            if size == 1:
                report.target(
                    "queries beyond the plain writes",
                    results["sync without journal"][1] - base[1],
                    8,
                )
        if 1000 in per_row and 10000 in per_row:
            report.target(
                "growth from 1 000 to 10 000, against plain Odoo's",
                per_row[10000] / per_row[1000],
                1.2,
            )
        measure_creation(env, report)
        measure_unlinked(env, report)
    report.print()


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
            results["generate"][0] / results["res.partner.create"][0],
            0.35,
        )


def measure_unlinked(env, report):
    """Partners without links: what the module costs where it has nothing to do."""
    mixin = env.registry["marketing.sync.mixin"]
    partner = env.registry["res.partner"]
    write = mixin.write
    for size in (1, 1000):
        partners = make_partners(env, "Alone ", size)

        def with_module(turn, partners=partners):
            for i in range(50 if len(partners) == 1 else 1):
                partners.write({"phone": f"1 {turn} {i}", "city": "Here"})
                env.flush_all()

        def without(turn, partners=partners, with_module=with_module):
            mixin.write = lambda self, vals: super(mixin, self).write(vals)
            try:
                with_module(turn + 100)
            finally:
                mixin.write = write

        results = measure(env, {"with the module": with_module, "without": without}, 15)
        report.add("partner without links", size, results, "without")
        report.target(
            f"unlinked partners, {size}, × without the module",
            results["with the module"][0] / results["without"][0],
            1.03,
        )
    return partner


if __name__ == "__main__":
    main()

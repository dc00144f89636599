"""Rows by the thousand, made by SQL as copies of one that the ORM made."""

from odoo.tools import SQL


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


def make_people(env, companies, count):
    """Return people of companies, so many each, with Odoo's own tie between them."""
    people = make_partners(env, "Person ", count * len(companies))
    env.cr.execute(
        SQL(
            """
            UPDATE res_partner
               SET parent_id = rows.company_id, commercial_partner_id = rows.company_id,
                   is_company = FALSE, type = 'contact'
              FROM unnest(%s, %s) AS rows(id, company_id)
             WHERE rows.id = res_partner.id
            """,
            list(people.ids),
            [id_ for id_ in companies.ids for _number in range(count)],
        )
    )
    return people


class Group:
    """Contacts, customers, vendors and banks, as many of each."""

    def __init__(self, env, prefix, count, linked):
        self.contacts = make_contacts(env, f"{prefix} contact ", count)
        self.customers = make_partners(env, f"{prefix} customer ", count)
        self.vendors = make_partners(env, f"{prefix} vendor ", count)
        self.banks = make_banks(env, f"{prefix} bank ", count)
        if linked:
            link(env, self.contacts, self.customers, self.vendors, self.banks)

    def __getitem__(self, size):
        """Return the first records of each."""
        return (
            self.contacts[:size],
            self.customers[:size],
            self.vendors[:size],
            self.banks[:size],
        )

"""Rows by the thousand, made by SQL as copies of one that the ORM made."""

from odoo.tools import SQL

TEXTS = ("name", "acc_number", "sanitized_acc_number")


def insert(env, model, count, expressions, text="Seed", **vals):
    """Insert copies of a record that the ORM makes; return the lowest and highest id.

    :param dict expressions: ``{column: SQL of its value}``, in which ``i`` is the
        number of the row, from 1 on
    :param str text: the name of the record
    """
    context = {"marketing_contact_no_create": True}
    key = "acc_number" if model == "res.partner.bank" else "name"
    seed = env[model].with_context(**context).create({key: text, **vals})
    env.flush_all()
    expressions = dict(expressions)
    if model == "res.partner":
        expressions["complete_name"] = expressions["name"]
        expressions["commercial_partner_id"] = "currval('res_partner_id_seq')"
    names = ["id", *expressions]
    values = [f"nextval('{seed._table}_id_seq')", *expressions.values()]
    for name, field in seed._fields.items():
        if field.store and field.column_type and name not in names:
            names.append(name)
            values.append(f'seed."{name}"')
    targets = ", ".join(f'"{name}"' for name in names)
    env.cr.execute(
        f"""
        WITH made AS (
            INSERT INTO {seed._table} ({targets})
            SELECT {", ".join(values)}
              FROM {seed._table} seed, generate_series(1, {count}) i
             WHERE seed.id = {seed.id}
            RETURNING id)
        SELECT MIN(id), MAX(id) FROM made
        """
    )
    return env.cr.fetchone()


def make(env, model, prefix, count, details=False, **vals):
    """Return records that are named by a prefix and a number.

    :param bool details: with address, phone, e-mail, website and numbers as well
    """
    name = f"{env.cr.mogrify('%s', [prefix]).decode()} || i"
    expressions = {
        text: name
        for text in TEXTS
        if text in env[model]._fields and env[model]._fields[text].store
    }
    if model == "marketing.contact":
        expressions["number"] = "NULL"
    if details:
        # not the tax ID: with another country's Odoo asks for its rules at each write
        numbers = {"company_registry": "'C' || lpad(i::text, 9, '0')"}
        for column, expression in {**DETAILS, **numbers}.items():
            if column in env[model]._fields and column != "vat":
                expressions.setdefault(column, expression)
    low, high = insert(env, model, count, expressions, prefix, **vals)
    return env[model].browse(range(low, high + 1))


DETAILS = {
    "name": "'Company ' || md5(i::text) || ' ' || i",
    "email": "'office' || i || '@company' || i || '.example'",
    "phone": "'+46 8 ' || lpad(i::text, 8, '0')",
    "street": "'Street ' || i",
    "zip": "lpad((i % 100000)::text, 5, '0')",
    "city": "'City ' || i % 1000",
    "website": "'http://company' || i || '.example'",
    "vat": "'XX' || lpad(i::text, 9, '0')",
}


def insert_partners(env, count, rank=1, **expressions):
    details = {**DETAILS, "ref": "'R' || lpad(i::text, 8, '0')", **expressions}
    country = env.ref("base.se").id
    return insert(
        env,
        "res.partner",
        count,
        details,
        is_company=True,
        customer_rank=rank,
        country_id=country,
    )


def insert_contacts(env, count):
    details = {**DETAILS, "number": "'N' || lpad(i::text, 8, '0')"}
    country = env.ref("base.se").id
    return insert(
        env, "marketing.contact", count, details, is_company=True, country_id=country
    )


def insert_links(env, contact_ids, partner_ids, kinds=("customer",)):
    """Link contacts with partners, one by one from the lowest ids on."""
    company = env.company
    codes = {
        "customer": company.marketing_customer_relation_id.id,
        "vendor": company.marketing_vendor_relation_id.id,
    }
    for kind in kinds:
        env.cr.execute(
            SQL(
                """
                INSERT INTO marketing_contact_relation
                    (contact_id, business_relation_id, kind, partner_id, state)
                SELECT id, %s, %s, id + %s, 'equal'
                  FROM marketing_contact WHERE id BETWEEN %s AND %s
                """,
                codes[kind],
                kind,
                partner_ids[0] - contact_ids[0],
                *contact_ids,
            )
        )
    mark_linked(env)


def analyze(env):
    for table in (
        "marketing_contact",
        "marketing_contact_relation",
        "res_partner",
    ):
        env.cr.execute(f"ANALYZE {table}")


def make_partners(env, prefix, count, **vals):
    vals.setdefault("is_company", True)
    return make(env, "res.partner", prefix, count, details=True, **vals)


def make_contacts(env, prefix, count):
    return make(env, "marketing.contact", prefix, count, details=True, is_company=True)


def make_banks(env, prefix, count):
    return make(env, "res.bank", prefix, count, details=True)


def mark_linked(env):
    """Say on the sides of links made by SQL that they are linked, as linking does."""
    for model, column in (
        ("marketing.contact", "contact_id"),
        ("res.partner", "partner_id"),
        ("res.bank", "bank_id"),
    ):
        env.cr.execute(
            SQL(
                """UPDATE %s SET marketing_linked = TRUE WHERE id IN (
                    SELECT %s FROM marketing_contact_relation WHERE kind IS NOT NULL)
                """,
                SQL.identifier(env[model]._table),
                SQL.identifier(column),
            )
        )
    env.invalidate_all()


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
    mark_linked(env)


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

"""Rows by the thousand, made by SQL as copies of one that the ORM made."""

from odoo.tools import SQL

TEXTS = ("name", "acc_number", "sanitized_acc_number")
NO_CONTACT = {"marketing_contact_no_create": True}
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
LINK_COLUMNS = {
    "contact_id": "marketing.contact",
    "partner_id": "res.partner",
    "bank_id": "res.bank",
}


def insert(env, model, count, expressions, text="Seed", **vals):
    """Insert copies of a record that the ORM makes, and return them.

    :param dict expressions: ``{column: SQL of its value}``, in which ``i`` is the
        number of the row, from 1 on
    :param str text: the name of the record
    """
    key = "acc_number" if model == "res.partner.bank" else "name"
    seed = env[model].with_context(**NO_CONTACT).create({key: text, **vals})
    env.flush_all()
    table = seed._table
    columns = {"id": ""} | {
        name: f'seed."{name}"'
        for name, field in seed._fields.items()
        if field.store and field.column_type
    }
    columns |= expressions | {"id": f"nextval('{table}_id_seq')"}
    if model == "res.partner":
        columns["complete_name"] = columns["name"]
        # the id of the same row, which comes first
        columns["commercial_partner_id"] = f"currval('{table}_id_seq')"
    names = ", ".join(f'"{name}"' for name in columns)
    env.cr.execute(
        f"""
        WITH made AS (
            INSERT INTO {table} ({names})
            SELECT {", ".join(columns.values())}
              FROM {table} seed, generate_series(1, {count}) i
             WHERE seed.id = {seed.id}
            RETURNING id)
        SELECT MIN(id), MAX(id) FROM made
        """
    )
    low, high = env.cr.fetchone()
    return env[model].browse(range(low, high + 1))


def make(env, model, prefix, count, details=False, **vals):
    """Return records that are named by a prefix and a number.

    :param bool details: with address, phone, e-mail, website and numbers as well
    """
    fields = env[model]._fields
    expressions = {"number": "NULL"} if model == "marketing.contact" else {}
    if details:
        # not the tax ID: with another country's Odoo asks for its rules at each write
        numbers = {"company_registry": "'C' || lpad(i::text, 9, '0')"}
        known = {**DETAILS, **numbers}.items()
        expressions |= {n: sql for n, sql in known if n in fields and n != "vat"}
    name = f"{env.cr.mogrify('%s', [prefix]).decode()} || i"
    expressions |= {t: name for t in TEXTS if t in fields and fields[t].store}
    return insert(env, model, count, expressions, prefix, **vals)


def make_crowd(env, model, count, **expressions):
    """Return contacts or customers with all details, companies that look alike."""
    vals = {"is_company": True, "country_id": env.ref("base.se").id}
    number = "number"
    if model == "res.partner":
        number = "ref"
        vals["customer_rank"] = 1
    numbers = {number: "'N' || lpad(i::text, 8, '0')"}
    return insert(env, model, count, {**DETAILS, **numbers, **expressions}, **vals)


def make_linked_crowd(env, count, kinds=("customer",)):
    """Return as many contacts and partners, linked with each other."""
    models = ("marketing.contact", "res.partner")
    contacts, partners = (make_crowd(env, model, count) for model in models)
    insert_links(env, contacts, partners, kinds)
    return contacts, partners


def insert_links(env, contacts, partners, kinds=("customer",), step=1):
    """Link contacts, each or one in `step`, with partners, from the lowest ids on."""
    for kind in kinds:
        env.cr.execute(
            """
            INSERT INTO marketing_contact_relation
                (contact_id, business_relation_id, kind, partner_id, state)
            SELECT %(low)s + i * %(step)s, %(code)s, %(kind)s, %(card)s + i, 'equal'
              FROM generate_series(0, (%(high)s - %(low)s) / %(step)s) i
            """,
            {
                "code": env.company[f"marketing_{kind}_relation_id"].id,
                "kind": kind,
                "low": contacts.ids[0],
                "high": contacts.ids[-1],
                "card": partners.ids[0],
                "step": step,
            },
        )
    mark_linked(env)


def analyze(env, *tables):
    """Let PostgreSQL count the rows of what is linked, and of other tables."""
    linked = ("marketing_contact", "marketing_contact_relation", "res_partner")
    for table in (*linked, *tables):
        env.cr.execute(f"ANALYZE {table}")


def make_partners(env, prefix, count, **vals):
    """Return partners, companies by default."""
    vals = {"is_company": True, **vals}
    return make(env, "res.partner", prefix, count, details=True, **vals)


def make_contacts(env, prefix, count):
    """Return contacts of companies."""
    return make(env, "marketing.contact", prefix, count, details=True, is_company=True)


def mark_linked(env):
    """Say on the sides of links made by SQL that they are linked, as linking does."""
    for column, model in LINK_COLUMNS.items():
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


def make_people(env, companies, count):
    """Return people of companies, so many each, with Odoo's own tie between them."""
    people = make_partners(env, "Person ", count * len(companies))
    env.cr.execute(
        """
        UPDATE res_partner
           SET parent_id = rows.company_id, commercial_partner_id = rows.company_id,
               is_company = FALSE, type = 'contact'
          FROM unnest(%s, %s) AS rows(id, company_id)
         WHERE rows.id = res_partner.id
        """,
        [list(people.ids), [id_ for id_ in companies.ids for _number in range(count)]],
    )
    return people


class Group:
    """Contacts, customers, vendors and banks, as many of each."""

    def __init__(self, env, prefix, count, linked):
        self.sides = (
            make_contacts(env, f"{prefix} contact ", count),
            make_partners(env, f"{prefix} customer ", count),
            make_partners(env, f"{prefix} vendor ", count),
            make(env, "res.bank", f"{prefix} bank ", count, details=True),
        )
        if linked:
            self._link(env)

    def __getitem__(self, size):
        """Return the first records of each."""
        return tuple(side[:size] for side in self.sides)

    def _link(self, env):
        contacts, customers, vendors, banks = self.sides
        name, own = f"BENCH {contacts[:1].id} ", env.company.partner_id.id
        accounts = make(env, "res.partner.bank", name, len(banks), partner_id=own)
        env.cr.execute(
            """
            UPDATE res_partner_bank SET bank_id = rows.bank_id
              FROM unnest(%s, %s) AS rows(id, bank_id)
             WHERE rows.id = res_partner_bank.id
            """,
            [list(accounts.ids), list(banks.ids)],
        )
        code = env.company.marketing_customer_relation_id.id
        none = [None] * len(contacts)
        for kind, column, targets, bank_ids in (
            ("customer", "partner_id", customers, none),
            ("vendor", "partner_id", vendors, none),
            ("bank_account", "bank_account_id", accounts, list(banks.ids)),
        ):
            env.cr.execute(
                f"""
                INSERT INTO marketing_contact_relation
                    (contact_id, business_relation_id, kind, {column}, bank_id, state)
                SELECT contact_id, %s, %s, card_id, bank_id, 'equal'
                  FROM unnest(%s, %s, %s::int[]) AS rows(contact_id, card_id, bank_id)
                """,
                [code, kind, list(contacts.ids), list(targets.ids), bank_ids],
            )
        mark_linked(env)

"""Rows by the hundred thousand, made by SQL, and how much memory the process takes."""

import resource

from odoo.tools import SQL


def insert(env, model, count, expressions, **vals):
    """Insert copies of a record that the ORM makes; return the lowest and highest id.

    :param dict expressions: ``{column: SQL of its value}``, in which ``i`` is the
        number of the row, from 1 on
    """
    context = {"marketing_contact_no_create": True}
    key = "acc_number" if model == "res.partner.bank" else "name"
    seed = env[model].with_context(**context).create({key: "Seed", **vals})
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


def analyze(env):
    for table in (
        "marketing_contact",
        "marketing_contact_relation",
        "res_partner",
    ):
        env.cr.execute(f"ANALYZE {table}")


def memory():
    """Return the megabytes that the process takes now."""
    with open("/proc/self/statm") as statm:
        pages = int(statm.read().split()[1])
    return pages * resource.getpagesize() / 1e6


def peak_memory():
    """Return the most megabytes that the process has taken so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6

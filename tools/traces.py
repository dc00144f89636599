"""What uninstalling must leave as it was, and what must be gone then.

For the tests of the module's life and its benchmark; each takes a function that returns
the rows of a query.
"""

KEPT = ("res_partner", "res_partner_bank", "res_bank", "sale_order", "purchase_order")
# Odoo saves the users that get or lose a group, and with them their partners.
USERS_ASIDE = {
    ("res_partner", "write_date"): "CASE WHEN id NOT IN "
    "(SELECT partner_id FROM res_users) THEN write_date END"
}
# What tells of records by the names of their models.
TRACES = (
    ("ir_attachment", "res_model"),
    ("mail_message", "model"),
    ("mail_followers", "res_model"),
    ("mail_activity", "res_model"),
    ("ir_model", "model"),
    ("ir_model_fields", "model"),
    ("ir_model_fields", "relation"),
    ("ir_ui_view", "model"),
    ("ir_act_window", "res_model"),
    ("ir_filters", "model_id"),
)
LEFT = r"""
    SELECT tablename FROM pg_tables WHERE tablename LIKE 'marketing\_%'
     UNION ALL SELECT table_name || '.' || column_name
          FROM information_schema.columns WHERE column_name LIKE 'marketing\_%'
     UNION ALL SELECT name FROM ir_model_data WHERE module = 'marketing_contact'
     UNION ALL SELECT key FROM ir_config_parameter WHERE key LIKE 'marketing_contact%'
     UNION ALL SELECT cron_name FROM ir_cron WHERE cron_name LIKE 'Marketing Cont%'
"""


def get_tables(rows):
    """Return the names of all tables."""
    return {name for (name,) in rows("SELECT tablename FROM pg_tables")}


def get_checksums(rows):
    """Return ``{(table, column): checksum of all rows}``, without the module's own."""
    found = {}
    for table in KEPT:
        columns = rows(
            f"""
            SELECT column_name FROM information_schema.columns
             WHERE table_name = '{table}' AND column_name NOT LIKE 'marketing\\_%'
          ORDER BY 1
            """
        )
        names = [(table, name) for (name,) in columns]
        values = (USERS_ASIDE.get(name, f'"{name[1]}"') for name in names)
        text = "id || ':' || COALESCE(({})::text, '')"
        sums = (f"md5(string_agg({text.format(v)}, '|' ORDER BY id))" for v in values)
        [line] = rows(f"SELECT {', '.join(sums)} FROM {table}")
        found.update(zip(names, line, strict=True))
    return found


def get_left_behind(rows):
    """Return rows that tell of what the module has left behind."""
    queries = [LEFT]
    tables = get_tables(rows)
    for table, column in TRACES:
        if table in tables:
            where = f"{column} LIKE 'marketing.%'"
            queries.append(f"SELECT '{table}', id, {column} FROM {table} WHERE {where}")
    return [row for query in queries for row in rows(query)]

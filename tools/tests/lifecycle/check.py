"""Look at an upgraded database, then uninstall. Run in Odoo's shell (`env`)."""

MODULE = "marketing_contact"
# What uninstalling must leave as it was.
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


def rows(query, parameters=None):
    """Return the rows of a query."""
    env.cr.execute(query, parameters)
    return env.cr.fetchall()


def get_tables():
    """Return the names of all tables."""
    return {name for (name,) in rows("SELECT tablename FROM pg_tables")}


def get_checksums():
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


def get_left_behind():
    """Return rows that tell of what the module has left behind."""
    queries = [LEFT]
    tables = get_tables()
    for table, column in TRACES:
        if table in tables:
            where = f"{column} LIKE 'marketing.%'"
            queries.append(f"SELECT '{table}', id, {column} FROM {table} WHERE {where}")
    return [row for query in queries for row in rows(query)]


# --- everything is there, and works

waiting = env["res.partner"].search([("name", "like", "Waiting ")])
if waiting:
    run = env["marketing.run"].search([])
    run = run.filtered(lambda run: str(waiting.ids) in str(run.params))
    run._cron_work()
    assert (run.state, run.total, run.done) == ("done", 3, 3), run.read()
    assert len(waiting.marketing_contact_id) == 3

partners = env["res.partner"].search([("name", "like", "Life Cycle")], order="id")
contacts = partners.marketing_contact_id
assert len(partners) == len(contacts) == 20, (partners, contacts)
assert all(contacts.mapped("number"))
assert len(contacts.relation_ids) == 31, contacts.relation_ids
account = env["res.partner.bank"].search([("acc_number", "=", "LIFECYCLE")])
assert account.marketing_contact_id.city == "Visby"
assert contacts[3].interaction_ids.filtered(lambda i: i.name == "Called")
assert contacts[4].sale_order_count == 1
assert contacts[5].purchase_order_count == 1
assert "Kept" in str(contacts[1].message_ids.mapped("body"))

drifted = partners[6].marketing_relation_ids
assert drifted[0].state == "drifted"
drifted.difference_ids.action_use_contact()
assert partners[6].phone == contacts[6].phone == "+46 8 555 0006"

change = env["marketing.sync.change"].search(
    [("field_name", "=", "city"), ("new_value", "!=", False)], order="id"
)
change = change.filtered(lambda c: c.target_id == partners[1].id)[:1]
assert change.new_value == "Lund", change
change.batch_id.undo()
assert not partners[1].city and not contacts[1].city

partners[7].street = "New Street 7"
assert contacts[7].street == "New Street 7"
contacts[7].phone = "+46 8 555 7777"
assert partners[7].phone == "+46 8 555 7777"
account.bank_id.city = "Kalmar"
assert account.marketing_contact_id.city == "Kalmar"
new = env["res.partner"].create({"name": "After the Upgrade", "customer_rank": 1})
assert new.marketing_contact_id.number
assert (
    not env["marketing.contact.relation"]
    .check_differences()
    .filtered(lambda d: d.relation_id.partner_id in partners)
)
# what privacy and segments need
segment = env["marketing.segment"].create(
    {"name": "Life Cycle", "domain": f"[('id', 'in', {contacts.ids})]"}
)
assert segment.member_count == 20, segment.problem
contacts[8].action_privacy_block("asked")
env.flush_all()
segment.invalidate_recordset()
assert contacts[8].privacy_hidden and segment.member_count == 19
contacts[8].action_privacy_unblock()
rules = env["marketing.retention.rule"].with_context(active_test=False).search([])
assert len(rules) >= 2, rules
for rule in rules:
    rule.action_dry_run()
person = env["marketing.contact"].create({"name": "Gone", "email": "gone@x.example"})
env["marketing.interaction"].create({"contact_id": person.id, "name": "Told"})
request = env["marketing.privacy.request"].create(
    {"kind": "erasure", "email": "gone@x.example"}
)
request.action_find()
assert request.reference.startswith("PR/") and request.contact_ids == person
person.privacy_erase()
rule = env.ref("marketing_contact.marketing_interaction_rule_company")
assert "('contact_id', '=', False)" in rule.domain_force, rule.domain_force

gone = env["ir.model"].search([("model", "=like", "marketing.%")])
gone = gone.filtered(lambda model: model.model not in env)
assert not gone, gone.mapped("model")
for action in env["ir.actions.act_window"].search(
    [("res_model", "=like", "marketing.%")]
):
    for mode in action.view_mode.split(","):
        env[action.res_model].get_view(view_type=mode)
env.cr.commit()

# --- uninstalling takes what is ours and nothing else

before = get_checksums()
ours = {}
for model, res_id in rows(
    """
    SELECT model, res_id FROM ir_model_data WHERE module = %(own)s
       AND NOT EXISTS (
            SELECT FROM ir_model_data other
             WHERE other.model = ir_model_data.model AND module != %(own)s
               AND other.res_id = ir_model_data.res_id)
    """,
    {"own": MODULE},
):
    if model in env:
        ours.setdefault(env[model]._table, []).append(res_id)
module = env["ir.module.module"].search([("name", "=", MODULE)])
module.button_immediate_uninstall()
env = env(user=env.uid)
assert module.state == "uninstalled", module.state

left = get_left_behind()
tables = get_tables()
for table, ids in ours.items():
    if table in tables:
        found = rows(f'SELECT id FROM "{table}" WHERE id IN %s', [tuple(ids)])
        left += [(table, row) for row in found]
assert not left, f"left behind: {left[:20]}"

after = get_checksums()
changed = [column for column in before if before[column] != after[column]]
assert not changed, f"changed by uninstalling: {changed}"
partner = env["res.partner"].search([("name", "=", "Life Cycle 07")])
partner.street = "Without the module"
env.cr.rollback()
print("LIFE CYCLE OK")

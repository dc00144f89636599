"""Look at an upgraded database, then uninstall. Run in Odoo's shell (`env`)."""

from odoo.addons.marketing_contact.tools import traces

MODULE = "marketing_contact"


def rows(query, parameters=None):
    """Return the rows of a query."""
    env.cr.execute(query, parameters)
    return env.cr.fetchall()


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

before = traces.get_checksums(rows)
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

left = traces.get_left_behind(rows)
tables = traces.get_tables(rows)
for table, ids in ours.items():
    if table in tables:
        found = rows(f'SELECT id FROM "{table}" WHERE id IN %s', [tuple(ids)])
        left += [(table, row) for row in found]
assert not left, f"left behind: {left[:20]}"

after = traces.get_checksums(rows)
changed = [column for column in before if before[column] != after[column]]
assert not changed, f"changed by uninstalling: {changed}"
partner = env["res.partner"].search([("name", "=", "Life Cycle 07")])
partner.street = "Without the module"
env.cr.rollback()
print("LIFE CYCLE OK")

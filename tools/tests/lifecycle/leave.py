"""Uninstall what the module extends where it is there, then the module itself.

Run in Odoo's shell (`env`).
"""

MODULE = "marketing_contact"
NEIGHBOURS = ("crm", "mass_mailing", "base_automation", "privacy_lookup", "sms")

contact = env["marketing.contact"].create({"name": "Staying", "is_company": True})
contact.create_card("customer")
lead = env["crm.lead"].create({"name": "Going", "marketing_contact_id": contact.id})
assert lead.partner_id == contact.customer_id
# Odoo keeps the stages that leads are in, and tells the log
env["crm.lead"].with_context(active_test=False).search([]).unlink()
env.cr.commit()

for name in (*NEIGHBOURS, MODULE):
    module = env["ir.module.module"].search([("name", "=", name)])
    assert module.state == "installed", (name, module.state)
    module.button_immediate_uninstall()
    env = env(user=env.uid)
    module = env["ir.module.module"].browse(module.id)
    assert module.state == "uninstalled", (name, module.state)
    if name != MODULE:
        contact = env["marketing.contact"].browse(contact.id)
        contact.name = f"Without {name}"
        assert contact.customer_id.name == contact.name
        contact.get_view(view_type="form")
        env.cr.commit()

env.cr.execute("SELECT name FROM ir_model_data WHERE module = %s", [MODULE])
left = env.cr.fetchall()
env.cr.execute("SELECT tablename FROM pg_tables WHERE tablename LIKE 'marketing\\_%'")
left += env.cr.fetchall()
assert not left, left
print("LEFT ALONE")

"""Fill a database with what an upgrade must keep. Run in Odoo's shell (`env`)."""

CUSTOMERS = 20

partners = env["res.partner"].create(
    [
        {
            "name": f"Life Cycle {i:02}",
            "is_company": True,
            "phone": f"+46 8 555 {i:04}",
            "customer_rank": 1,
            "supplier_rank": i % 2,
        }
        for i in range(CUSTOMERS)
    ]
)
contacts = partners.marketing_contact_id
assert len(contacts) == CUSTOMERS, contacts
bank = env["res.bank"].create({"name": "Life Cycle Bank", "city": "Visby"})
account = env["res.partner.bank"].create(
    {
        "acc_number": "LIFECYCLE",
        "partner_id": env.company.partner_id.id,
        "bank_id": bank.id,
    }
)
assert account.marketing_contact_id.name == "Life Cycle Bank"

# a journal, and something to undo
contacts[1].city = "Lund"
assert partners[1].city == "Lund"
contacts[1].message_post(body="Kept")
plain = env["marketing.business.relation"].create({"code": "LIFE", "name": "Life"})
contacts[2].relation_ids = [
    (0, 0, {"contact_id": contacts[2].id, "business_relation_id": plain.id})
]
env["marketing.interaction"].create(
    {"contact_id": contacts[3].id, "name": "Called", "channel": "phone"}
)
product = env["product.product"].create({"name": "Life Cycle", "type": "service"})
order = env["sale.order"].create(
    {
        "partner_id": partners[4].id,
        "order_line": [(0, 0, {"product_id": product.id, "price_unit": 7})],
    }
)
order.action_confirm()
env["purchase.order"].create({"partner_id": partners[5].id})

# bulk work that was asked for before the update, as it was then
if "marketing.generate.run" in env:
    waiting = env["res.partner"].with_context(marketing_contact_no_create=True)
    waiting = waiting.create(
        [{"name": f"Waiting {i}", "customer_rank": 1} for i in range(3)]
    )
    env["marketing.generate.run"]._start("customer", repr([("id", "in", waiting.ids)]))

# one that came apart behind the sync's back
env.flush_all()
env.cr.execute("UPDATE res_partner SET phone = '0' WHERE id = %s", [partners[6].id])
env.invalidate_all()
partners[6].marketing_relation_ids.check_differences()
assert partners[6].marketing_relation_ids[0].state == "drifted"
env.cr.commit()

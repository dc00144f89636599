"""Merging contacts: pairs with orders and messages, all at once and one by one, against
Odoo's own merge of as many partners; then the undo.
"""

import os

from common import Figure, Report, environment, time_once

from odoo.fields import Command

PAIRS = int(os.environ.get("BENCH_PAIRS", "1000"))
# Odoo merges its partners one group after the other, and slowly
PLAIN = min(PAIRS, 100)
ORDERS = 5
MESSAGES = 20
LIMIT = 60


def prepare(env, prefix, count):
    """Return pairs of contacts; the ones to go have a customer, orders and messages,
    those to stay a vendor.
    """
    make = env["marketing.contact"].create
    stay = make(
        [
            {"name": f"{prefix} {i}", "is_company": True, "phone": f"08-{i:06}"}
            for i in range(count)
        ]
    )
    go = make(
        [
            {
                "name": f"{prefix} {i} Ltd",
                "is_company": True,
                "email": f"{prefix}.{i}@x.example".lower(),
                "city": "Malmö",
            }
            for i in range(count)
        ]
    )
    stay.create_card("vendor")
    customers = go.create_card("customer")
    fill(env, customers, go)
    return list(zip(stay, go, strict=True))


def prepare_partners(env, prefix, count):
    """Return pairs of partners, the ones to go with orders and messages."""
    make = env["res.partner"].with_context(marketing_contact_no_create=True).create
    stay = make([{"name": f"{prefix} {i}"} for i in range(count)])
    go = make([{"name": f"{prefix} {i} Ltd"} for i in range(count)])
    fill(env, go, go)
    return list(zip(stay, go, strict=True))


def fill(env, customers, records):
    """Give records orders, by their customers, and messages."""
    product = env["product.product"].create({"name": "Service", "type": "service"})
    env["sale.order"].with_context(marketing_contact_no_create=True).create(
        [
            {
                "partner_id": customer.id,
                "order_line": [Command.create({"product_id": product.id})],
            }
            for customer in customers
            for _index in range(ORDERS)
        ]
    )
    env.cr.execute(
        """
        INSERT INTO mail_message (model, res_id, body, message_type, date)
        SELECT %s, record.id, 'Said', 'comment', now()
          FROM unnest(%s) AS record (id), generate_series(1, %s)
        """,
        [records._name, records.ids, MESSAGES],
    )
    env.invalidate_all()


def merge_at_once(env, pairs):
    env["marketing.contact"]._merge_pairs((go, stay) for stay, go in pairs)


def merge_singly(pairs):
    for stay, go in pairs:
        go.merge_into(stay)


def merge_partners(env, pairs):
    wizard = env["base.partner.merge.automatic.wizard"].create({})
    for stay, go in pairs:
        wizard._merge((stay + go).ids, stay)


def scale(timed, count):
    """Return a figure for as many pairs as the others have."""
    seconds, queries = timed
    return Figure(seconds * PAIRS / count, round(queries * PAIRS / count))


def main():
    report = Report("Merging contacts")
    with environment() as env:
        at_once = prepare(env, "Once", PAIRS)
        singly = prepare(env, "Singly", PAIRS)
        partners = prepare_partners(env, "Plain", PLAIN)
        env.cr.execute("ANALYZE")
        results = {
            "at once": Figure(*time_once(env, merge_at_once, env, at_once)),
            "one by one": Figure(*time_once(env, merge_singly, singly)),
            "Odoo's partners": scale(
                time_once(env, merge_partners, env, partners), PLAIN
            ),
        }
        # the entry of the first, all in one
        batch = env["marketing.sync.batch"].search(
            [("origin", "=", "merge")], order="id", limit=1
        )
        results["undo at once"] = Figure(*time_once(env, batch.undo))
        undone = [go for _stay, go in at_once if not go.merged_into_id]
        report.add("merge pairs", PAIRS, results, "at once")
        for name in ("at once", "one by one", "undo at once"):
            report.target(
                f"{name}: seconds for {PAIRS} pairs",
                results[name].seconds,
                LIMIT * PAIRS / 1000,
            )
        report.target("not undone", PAIRS - len(undone), 0)
    report.print()


if __name__ == "__main__":
    main()

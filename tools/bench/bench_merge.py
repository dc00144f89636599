"""Merging contacts: pairs with orders and messages, all at once and one by one, against
Odoo's own merge of as many partners; then the undo.
"""

from common import Figure, run, size, time_once
from rows import NO_CONTACT

from odoo.fields import Command

PAIRS = size("PAIRS", 1000)
# Odoo merges its partners one group after the other, and slowly
PLAIN = min(PAIRS, 100)
ORDERS = 5
MESSAGES = 20
LIMIT = 60


def prepare(env, prefix):
    """Return pairs of contacts; the ones to go have a customer, orders and messages,
    those to stay a vendor.
    """
    make, vals = env["marketing.contact"].create, {"is_company": True}
    stay = make(
        [{**vals, "name": f"{prefix} {i}", "phone": f"08-{i:06}"} for i in range(PAIRS)]
    )
    vals["city"] = "Malmö"
    go = make(
        [
            {**vals, "name": f"{prefix} {i} Ltd", "email": f"{prefix}.{i}@x.example"}
            for i in range(PAIRS)
        ]
    )
    stay.create_card("vendor")
    fill(env, go.create_card("customer"), go)
    return list(zip(stay, go, strict=True))


def prepare_partners(env, prefix, count):
    """Return pairs of partners, the ones to go with orders and messages."""
    make = env["res.partner"].with_context(**NO_CONTACT).create
    stay = make([{"name": f"{prefix} {i}"} for i in range(count)])
    go = make([{"name": f"{prefix} {i} Ltd"} for i in range(count)])
    fill(env, go, go)
    return list(zip(stay, go, strict=True))


def fill(env, customers, records):
    """Give records orders, by their customers, and messages."""
    product = env["product.product"].create({"name": "Service", "type": "service"})
    env["sale.order"].with_context(**NO_CONTACT).create(
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
    """Merge pairs as the list does."""
    env["marketing.contact"]._merge_pairs((go, stay) for stay, go in pairs)


def merge_singly(_env, pairs):
    """Merge pairs as a call for each does."""
    for stay, go in pairs:
        go.merge_into(stay)


def merge_partners(env, pairs):
    """Merge pairs of partners by Odoo's own wizard."""
    wizard = env["base.partner.merge.automatic.wizard"].create({})
    for stay, go in pairs:
        wizard._merge((stay + go).ids, stay)


def bench_merge(report, env):
    """Merge the same number of pairs each, and undo it."""
    at_once, singly = prepare(env, "once"), prepare(env, "singly")
    partners = prepare_partners(env, "Plain", PLAIN)
    env.cr.execute("ANALYZE")
    results = {
        "at once": time_once(env, merge_at_once, env, at_once),
        "one by one": time_once(env, merge_singly, env, singly),
    }
    seconds, queries, _turns = time_once(env, merge_partners, env, partners)
    share = PAIRS / PLAIN
    results["Odoo's partners"] = Figure(seconds * share, round(queries * share))
    # the entry of the first, all in one
    merged = [("origin", "=", "merge")]
    batch = env["marketing.sync.batch"].search(merged, order="id", limit=1)
    results["undo at once"] = time_once(env, batch.undo)
    report.add("merge pairs", PAIRS, results, "at once")
    for name in ("at once", "one by one", "undo at once"):
        what = f"{name}: seconds for {PAIRS} pairs"
        report.target(what, results[name].seconds, LIMIT * PAIRS / 1000)
    left = sum(bool(go.merged_into_id) for _stay, go in at_once)
    report.target("not undone", left, 0)


if __name__ == "__main__":
    run("Merging contacts", bench_merge)

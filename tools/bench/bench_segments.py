"""Segments: what they cost who has none; their counts and first pages against the same
filter in the search, by the ledger of 200 000 orders, nested; why somebody is in one.
"""

import os
from functools import partial

from common import Report, environment, measure
from deeds import compare, without
from rows import analyze, insert, make

from odoo.tests import new_test_user

CONTACTS = int(os.environ.get("BENCH_CROWD", "200000"))
ORDERS = int(os.environ.get("BENCH_ORDERS", "200000"))
TURNS = 7
# of what takes some thousandths of a second
MANY_TURNS = 41
PAGE = 80


def make_crowd(env):
    """Make contacts, a customer for each tenth, and the customers' orders."""
    contacts = make(env, "marketing.contact", "S", CONTACTS, details=True)
    partners = make(env, "res.partner", "S", CONTACTS // 10, details=True)
    seed = env["marketing.contact"].create({"name": "Seed link"})
    card = env["res.partner"].create({"name": "Seed card"})
    relation = seed.link_card("customer", card.id)
    env.flush_all()
    low, step = contacts[:1].id, 10
    env.cr.execute(
        f"""
        INSERT INTO marketing_contact_relation
               (contact_id, business_relation_id, kind, partner_id, state)
        SELECT %s + (i - 1) * {step}, %s, 'customer', %s + i - 1, 'equal'
          FROM generate_series(1, {len(partners)}) i
        """,
        [low, relation.business_relation_id.id, partners[:1].id],
    )
    product = env["product.product"].create({"name": "Seed product"})
    order = env["sale.order"].create(
        {"partner_id": card.id, "order_line": [(0, 0, {"product_id": product.id})]}
    )
    env.flush_all()
    partner = f"{partners[:1].id} + (i * 7919) % {len(partners)}"
    insert(
        env,
        "sale.order",
        ORDERS,
        {
            "name": "'SO' || i",
            "partner_id": partner,
            "partner_invoice_id": partner,
            "partner_shipping_id": partner,
            "state": "CASE WHEN i % 4 = 0 THEN 'draft' ELSE 'sale' END",
            "date_order": "now() - (i % 900) * interval '1 day'",
            "access_token": "NULL",
        },
        partner_id=order.partner_id.id,
    )
    analyze(env)
    return contacts


def bench_none(report, env, user):
    """What everybody does where there is no segment, with the hooks and without."""
    # known once Odoo has read where add-ons are
    from odoo.addons.marketing_contact.models.segments import marketing_contact

    own = marketing_contact.MarketingContact
    leave_out = partial(without, own, "fields_get", "export_data")
    compare(env, report, leave_out, dict.fromkeys(("with", "without"), user))


def bench_like_the_search(report, env):
    """Count and first page, against the filter by itself, as a marketer asks."""
    contacts = env["marketing.contact"]
    domain = [("city", "ilike", "ity 12")]
    segment = env["marketing.segment"].create({"name": "S", "domain": repr(domain)})
    inside = [("segment_ids", "in", segment.ids)]

    def look(wanted):
        contacts.search_count(wanted)
        contacts.search(wanted, limit=PAGE).read(["name", "email"])

    results = measure(
        env,
        {"the filter": lambda _turn: look(domain), "segment": lambda _t: look(inside)},
        MANY_TURNS,
    )
    report.add("count and first page", CONTACTS, results, "the filter")
    ratio = results["segment"].ratio(results["the filter"])
    report.target("segment / the filter", ratio, 1.1)


def bench_ledger(report, env):
    """By when they ordered last, of 200 000 orders."""
    segment = env["marketing.segment"].create(
        {"name": "L", "domain": "[('last_order_date', '<', '-90d')]"}
    )

    def count(_turn):
        segment.invalidate_recordset(["member_count"])
        return segment.member_count

    results = measure(env, {"last order": count}, TURNS)
    report.add("ledger condition", ORDERS, results, "last order")
    report.target("ledger condition, ms", results["last order"].seconds * 1000, 500)


def bench_nested(report, env):
    """Ten segments, each including the one before, against each by itself."""
    segments = env["marketing.segment"]
    plain = segments.create(
        [
            {"name": f"N{n}", "domain": repr([("city", "=", f"City {n}")])}
            for n in range(10)
        ]
    )
    nested = segments
    for n, alone in enumerate(plain):
        nested = segments.create(
            {
                "name": f"In {n}",
                "domain": alone.domain,
                "include_segment_ids": nested.ids,
            }
        )

    def each(_turn):
        for segment in plain:
            env["marketing.contact"].search_count(segment._get_members_domain())

    def whole(_turn):
        env["marketing.contact"].search_count(nested._get_members_domain())

    results = measure(env, {"one by one": each, "nested": whole}, TURNS)
    report.add("ten nested", CONTACTS, results, "one by one")
    ratio = results["nested"].ratio(results["one by one"])
    report.target("ten nested / their own counts", ratio, 1.2)


def bench_why(report, env, contacts):
    """Why 80 contacts are in a segment, or not."""
    segment = env["marketing.segment"].create(
        {
            "name": "W",
            "domain": repr(
                [
                    "|",
                    ("city", "ilike", "ity 1"),
                    ("email", "=like", "office1%"),
                    ("last_order_date", "<", "-90d"),
                    ("country_id", "=", False),
                ]
            ),
        }
    )
    asked = contacts[:PAGE]
    results = measure(env, {"explain": lambda _turn: segment.explain(asked)}, TURNS)
    report.add("why", PAGE, results, "explain")
    report.target("explain 80, ms", results["explain"].seconds * 1000, 300)


def main():
    report = Report(f"Segments, {CONTACTS} contacts, {ORDERS} orders")
    with environment() as env:
        contacts = make_crowd(env)
        user = new_test_user(
            env, "bench", "marketing_contact.group_marketing_contact_user"
        )
        bench_like_the_search(report, env(user=user.id, su=False))
        bench_ledger(report, env)
        bench_nested(report, env)
        bench_why(report, env, contacts)
        # last: it leaves the indexes in disorder
        bench_none(report, env, user)
    report.print()


if __name__ == "__main__":
    main()

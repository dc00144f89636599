"""Segments: what they cost who has none; their counts and first pages against the same
filter in the search, by the ledger of 200 000 orders, nested; why somebody is in one.
"""

from functools import partial

from common import run, size
from deeds import compare, without
from rows import analyze, insert, insert_links, make

from odoo.tests import new_test_user

CONTACTS = size("CROWD", 200_000)
ORDERS = size("ORDERS", 200_000)
TURNS = 7
# of what takes some thousandths of a second
MANY_TURNS = 41
PAGE = 80


def make_crowd(_report, env):
    """Make contacts, a customer for each tenth, and the customers' orders."""
    contacts = make(env, "marketing.contact", "S", CONTACTS, details=True)
    partners = make(env, "res.partner", "S", CONTACTS // 10, details=True)
    insert_links(env, contacts, partners, step=10)
    partner = f"{partners[:1].id} + (i * 7919) % {len(partners)}"
    names = ("partner_id", "partner_invoice_id", "partner_shipping_id")
    expressions = dict.fromkeys(names, partner) | {
        "name": "'SO' || i",
        "state": "CASE WHEN i % 4 = 0 THEN 'draft' ELSE 'sale' END",
        "date_order": "now() - (i % 900) * interval '1 day'",
        "access_token": "NULL",
    }
    own = env.company.partner_id.id
    insert(env, "sale.order", ORDERS, expressions, partner_id=own)
    analyze(env)


def get_user(env, name):
    """Return a marketer."""
    return new_test_user(env, name, "marketing_contact.group_marketing_contact_user")


def bench_none(report, env):
    """What everybody does where there is no segment, with the hooks and without."""
    # known once Odoo has read where add-ons are
    from odoo.addons.marketing_contact.models.segments import marketing_contact

    own, user = marketing_contact.MarketingContact, get_user(env, "none")
    leave_out = partial(without, own, "fields_get", "export_data")
    compare(env, report, leave_out, dict.fromkeys(("with", "without"), user))


def bench_like_the_search(report, env):
    """Count and first page, against the filter by itself, as a marketer asks."""
    env = env(user=get_user(env, "alike"), su=False)
    contacts = env["marketing.contact"]
    domain = [("city", "ilike", "ity 12")]
    segment = env["marketing.segment"].create({"name": "S", "domain": repr(domain)})
    inside = [("segment_ids", "in", segment.ids)]

    def look(wanted):
        contacts.search_count(wanted)
        contacts.search(wanted, limit=PAGE).read(["name", "email"])

    report.race(
        *(env, "count and first page", CONTACTS),
        {"the filter": lambda _turn: look(domain), "segment": lambda _t: look(inside)},
        *(MANY_TURNS, "the filter", {"segment": ("segment / the filter", 1.1)}),
    )


def bench_ledger(report, env):
    """By when they ordered last, of 200 000 orders."""
    segment = env["marketing.segment"].create(
        {"name": "L", "domain": "[('last_order_date', '<', '-90d')]"}
    )

    def count(_turn):
        segment.invalidate_recordset(["member_count"])
        return segment.member_count

    case, sides = "ledger condition", {"last order": count}
    results = report.race(env, case, ORDERS, sides, TURNS, "last order")
    report.target(f"{case}, ms", results["last order"].seconds * 1000, 500)


def bench_nested(report, env):
    """Ten segments, each including the one before, against each by itself."""
    nested = segments = env["marketing.segment"]
    domains = [repr([("city", "=", f"City {n}")]) for n in range(10)]
    plain = segments.create([{"name": domain, "domain": domain} for domain in domains])
    for domain in domains:
        vals = {"name": f"In {domain}", "domain": domain}
        nested = segments.create({**vals, "include_segment_ids": nested.ids})

    def each(_turn):
        for segment in plain:
            env["marketing.contact"].search_count(segment._get_members_domain())

    def whole(_turn):
        env["marketing.contact"].search_count(nested._get_members_domain())

    sides = {"one by one": each, "nested": whole}
    limits = {"nested": ("ten nested / their own counts", 1.2)}
    report.race(env, "ten nested", CONTACTS, sides, TURNS, "one by one", limits)


def bench_why(report, env):
    """Why 80 contacts are in a segment, or not."""
    domain = [
        *("|", ("city", "ilike", "ity 1"), ("email", "=like", "office1%")),
        *(("last_order_date", "<", "-90d"), ("country_id", "=", False)),
    ]
    segment = env["marketing.segment"].create({"name": "W", "domain": repr(domain)})
    asked = env["marketing.contact"].search([("name", "=like", "S%")], limit=PAGE)
    sides = {"explain": lambda _turn: segment.explain(asked)}
    results = report.race(env, "why", PAGE, sides, TURNS, "explain")
    report.target("explain 80, ms", results["explain"].seconds * 1000, 300)


if __name__ == "__main__":
    run(
        f"Segments, {CONTACTS} contacts, {ORDERS} orders",
        *(make_crowd, bench_like_the_search, bench_ledger, bench_nested, bench_why),
        # last: it leaves the indexes in disorder
        bench_none,
    )

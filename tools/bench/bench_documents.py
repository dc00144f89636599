"""Orders with the module and without it, and opening the list of contacts.

Creating and confirming sales orders against the same in a database without
the module, with no rule and with one; the contact list against Odoo's partner list.
"""

import os
import statistics

from common import Figure, Report, environment, measure, time_once
from lxml import etree

from odoo.fields import Command

ORDERS = int(os.environ.get("BENCH_ORDERS", "1000"))
CUSTOMERS = 50
LIST_ROWS = 80


def take_turns(contestants, repeat):
    """Time functions in environments of their own, taking turns.

    :param dict contestants: ``{name: (environment, function)}``
    :return: ``{name: Figure}``
    """
    turns = {
        name: (env, lambda _turn, call=call: call())
        for name, (env, call) in contestants.items()
    }
    return measure(None, turns, repeat)


def prepare(env):
    """Return customers and a product to order."""
    customers = env["res.partner"].create(
        [
            {"name": f"Customer {i}", "is_company": True, "customer_rank": 1}
            for i in range(CUSTOMERS)
        ]
    )
    if "marketing.contact" in env:
        customers.create_marketing_contacts("customer")
    product = env["product.product"].create({"name": "Service", "type": "service"})
    return customers, product


def make_orders(env, customers, product):
    """Create sales orders and confirm them."""
    orders = env["sale.order"].create(
        [
            {
                "partner_id": customers[i % CUSTOMERS].id,
                "order_line": [Command.create({"product_id": product.id})],
            }
            for i in range(ORDERS)
        ]
    )
    orders.action_confirm()
    return orders


def bench_orders(report, env, plain_env):
    """Create and confirm orders: plain Odoo, with no rule, with one."""
    inputs, plain_inputs = prepare(env), prepare(plain_env)
    Rule = env["marketing.interaction.rule"]
    one = env.ref("marketing_contact.marketing_interaction_rule_sale_order_confirm")

    def with_rules(rules):
        (Rule.search([]) - rules).active = False
        rules.active = True
        env.flush_all()
        Rule._get_rule_map()

    seconds = {}
    contestants = {
        "plain Odoo": (plain_env, None, plain_inputs),
        "no rule": (env, Rule, inputs),
        "one rule": (env, one, inputs),
    }
    queries = {}
    for turn in range(6):
        for name, (used, rules, data) in contestants.items():
            if rules is not None:
                with_rules(rules)
            timed = time_once(used, lambda u=used, d=data: make_orders(u, *d))
            queries[name] = timed[1]
            if turn:
                seconds.setdefault(name, []).append(timed[0])
    results = {
        name: Figure(statistics.median(turns), queries[name], tuple(turns))
        for name, turns in seconds.items()
    }
    report.add("create + confirm orders", ORDERS, results, "plain Odoo")
    base = results["plain Odoo"][0]
    for name, limit in (("no rule", 1.05), ("one rule", 1.15)):
        report.target(f"orders, {name}: × plain Odoo", results[name][0] / base, limit)


def get_reader(env, model_name, xml_id):
    """Return the function that reads what a list shows, as the web client does."""
    Model = env[model_name]
    arch = etree.fromstring(Model.get_view(env.ref(xml_id).id, "list")["arch"])
    specification = {}
    for node in arch.iterfind("field"):
        field = Model._fields[node.get("name")]
        relational = field.type in ("many2one", "many2many", "one2many")
        specification[field.name] = (
            {"fields": {"display_name": {}}} if relational else {}
        )
    return lambda: Model.web_search_read(
        [], specification, limit=LIST_ROWS, count_limit=10001
    )


def bench_list(report, env):
    """Open the list of contacts and that of partners, all columns included."""
    contacts = env["marketing.contact"].create(
        [{"name": f"AAA {i}", "is_company": True} for i in range(LIST_ROWS)]
    )
    contacts.create_card("customer")
    results = take_turns(
        {
            "partners": (
                env,
                get_reader(env, "res.partner", "base.view_partner_tree"),
            ),
            "contacts": (
                env,
                get_reader(
                    env,
                    "marketing.contact",
                    "marketing_contact.marketing_contact_view_list",
                ),
            ),
        },
        30,
    )
    report.add("open the list, all columns", LIST_ROWS, results, "partners")
    report.target(
        "contact list: × partner list",
        results["contacts"][0] / results["partners"][0],
        1.2,
    )


def main():
    report = Report("Documents")
    with environment() as env, environment(os.environ["BENCH_TEMPLATE"]) as plain_env:
        bench_list(report, env)
        bench_orders(report, env, plain_env)
    report.print()


if __name__ == "__main__":
    main()

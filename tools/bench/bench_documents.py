"""Orders with the module and without it, and opening the list of contacts.

Creating and confirming sales orders against the same in a database without
the module, with no rule and with one; the contact list against Odoo's partner list.
"""

import os

from common import environment, run, size
from screens import ROWS, get_list_reader

from odoo.fields import Command

ORDERS = size("ORDERS", 1000)
CUSTOMERS = 50


def get_orderer(env, rules=None):
    """Return the function of a turn that creates sales orders and confirms them.

    :param rules: the only rules of interactions that hold meanwhile
    """
    customers = env["res.partner"].create(
        [
            {"name": f"Customer {i}", "is_company": True, "customer_rank": 1}
            for i in range(CUSTOMERS)
        ]
    )
    if rules is not None:
        customers.create_marketing_contacts("customer")
    product = env["product.product"].create({"name": "Service", "type": "service"})

    def prepare():
        if rules is not None:
            (rules.search([]) - rules).active = False
            rules.active = True
            env.flush_all()
            rules._get_rule_map()

    def order(_turn):
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

    return env, order, prepare


def bench_orders(report, env):
    """Create and confirm orders: plain Odoo, with no rule, with one."""
    with environment(os.environ["BENCH_TEMPLATE"]) as plain_env:
        race_orders(report, env, plain_env)


def race_orders(report, env, plain_env):
    """Let the same orders be made in both databases."""
    Rule = env["marketing.interaction.rule"]
    one = env.ref("marketing_contact.marketing_interaction_rule_sale_order_confirm")
    sides = {
        "plain Odoo": get_orderer(plain_env),
        "no rule": get_orderer(env, Rule),
        "one rule": get_orderer(env, one),
    }
    case = "create + confirm orders"
    results = report.race(env, case, ORDERS, sides, 5, "plain Odoo")
    base = results["plain Odoo"].seconds
    for name, limit in (("no rule", 1.05), ("one rule", 1.15)):
        ratio = results[name].seconds / base
        report.target(f"orders, {name}: × plain Odoo", ratio, limit)


def bench_list(report, env):
    """Open the list of contacts and that of partners, all columns included."""
    contacts = env["marketing.contact"].create(
        [{"name": f"AAA {i}", "is_company": True} for i in range(ROWS)]
    )
    contacts.create_card("customer")
    sides = {
        "partners": get_list_reader(env["res.partner"]),
        "contacts": get_list_reader(env["marketing.contact"]),
    }
    case = "open the list, all columns"
    results = report.race(env, case, ROWS, sides, 30, "partners")
    ratio = results["contacts"].seconds / results["partners"].seconds
    report.target("contact list: × partner list", ratio, 1.2)


if __name__ == "__main__":
    run("Documents", bench_list, bench_orders)

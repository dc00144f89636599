"""Creating and confirming sales orders against the same in a database without the
module: with no rule of interactions and with one.
"""

import os

from common import environment, run, size

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
    Rule = env["marketing.interaction.rule"]
    one = env.ref("marketing_contact.marketing_interaction_rule_sale_order_confirm")
    limits = {
        "no rule": ("orders, no rule: × plain Odoo", 1.05),
        "one rule": ("orders, one rule: × plain Odoo", 1.15),
    }
    with environment(os.environ["BENCH_TEMPLATE"]) as plain_env:
        sides = {
            "plain Odoo": get_orderer(plain_env),
            "no rule": get_orderer(env, Rule),
            "one rule": get_orderer(env, one),
        }
        case = "create + confirm orders"
        report.race(env, case, ORDERS, sides, 5, "plain Odoo", limits)


if __name__ == "__main__":
    run("Documents", bench_orders)

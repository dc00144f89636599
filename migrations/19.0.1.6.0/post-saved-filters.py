"""Customers nobody ever spoke to have not been spoken to for 90 days either."""

from odoo import SUPERUSER_ID, api

SHIPPED = "[['customer_id', '!=', False], ['last_interaction_date', '<', '-90d']]"
NEVER = "'|', ['last_interaction_date', '=', False], ['last_interaction_date', "


def migrate(cr, _version):
    """Bring the shipped filter up to date, unless somebody changed it."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    saved = env.ref("marketing_contact.ir_filters_customers", raise_if_not_found=False)
    if saved and saved.domain == SHIPPED:
        saved.domain = SHIPPED.replace("['last_interaction_date', ", NEVER)

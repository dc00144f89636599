from odoo import SUPERUSER_ID, api

from odoo.addons.marketing_contact.models.proposals import store


def migrate(cr, _version):
    """Bring proposals to what the links say: moves and merges left some behind."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    Match = env["marketing.match"].with_context(marketing_contact_with_merged=True)
    store.settle(env, (), Match.search([("other_contact_id", "=", False)]).ids)

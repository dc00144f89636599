from odoo import SUPERUSER_ID, api


def migrate(cr, _version):
    """Bring the saved filters of whom to speak to next."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["marketing.contact"]._marketing_save_filters()

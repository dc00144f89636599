from odoo import SUPERUSER_ID, api


def migrate(cr, _version):
    """Bring the column headings of lists that other programs write."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["marketing.import.heading"]._load_shipped()

from odoo import SUPERUSER_ID, api


def migrate(cr, _version):
    """Bring the words that matching knows."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["marketing.match.word"]._load_shipped()

"""The words that are new: first names, legal forms in other scripts."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Add the shipped words that are not there."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["marketing.match.word"]._load_shipped()

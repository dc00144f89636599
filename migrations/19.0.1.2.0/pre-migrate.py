from odoo.tools import sql


def migrate(cr, _version):
    """Keep what the check has found: its column has another name."""
    if sql.column_exists(cr, "marketing_sync_difference", "card_value"):
        sql.rename_column(cr, "marketing_sync_difference", "card_value", "card_raw")

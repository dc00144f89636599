from odoo.tools import sql


def migrate(cr, _version):
    """Take the key off the changes, which their batches delete since."""
    sql.drop_constraint(
        cr, "marketing_sync_change", "marketing_sync_change_batch_id_fkey"
    )

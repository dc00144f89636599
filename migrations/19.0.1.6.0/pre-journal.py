"""The journal's entries hold what they made by model: there may be several."""

from odoo.tools.sql import column_exists


def migrate(cr, _version):
    if not column_exists(cr, "marketing_sync_batch", "created_model"):
        return
    cr.execute(
        """
        UPDATE marketing_sync_batch
           SET created_ids = jsonb_build_object(created_model, created_ids)
         WHERE jsonb_typeof(created_ids) = 'array' AND created_model IS NOT NULL
        """
    )
    cr.execute("ALTER TABLE marketing_sync_batch DROP COLUMN created_model")

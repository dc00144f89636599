from odoo.tools import sql


def migrate(cr, _version):
    """Make the link of a change a plain number, and its rule to be loaded anew.

    The number stays when the link goes; the rule, kept from updates, looked only at
    links that are there.
    """
    cr.execute(
        """
        ALTER TABLE marketing_sync_change
            DROP CONSTRAINT IF EXISTS marketing_sync_change_relation_id_fkey
        """
    )
    cr.execute("DROP INDEX IF EXISTS marketing_sync_change__relation_id_index")
    if not sql.column_exists(cr, "marketing_sync_change", "relation_ref"):
        sql.rename_column(cr, "marketing_sync_change", "relation_id", "relation_ref")
    cr.execute(
        """
        WITH data AS (
            DELETE FROM ir_model_data
             WHERE module = 'marketing_contact'
               AND name = 'marketing_sync_change_rule_company'
            RETURNING res_id)
        DELETE FROM ir_rule USING data WHERE ir_rule.id = data.res_id
        """
    )

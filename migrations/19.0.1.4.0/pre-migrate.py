from odoo.tools import sql


def migrate(cr, _version):
    """Keep the runs of *Create Contacts*: their model goes with this update."""
    cr.execute(
        "UPDATE ir_model_data SET name = 'ir_cron_runs' "
        "WHERE module = 'marketing_contact' AND name = 'ir_cron_generate'"
    )
    if sql.table_exists(cr, "marketing_generate_run"):
        cr.execute("ALTER TABLE marketing_generate_run RENAME TO marketing_run_before")
        cr.execute(
            "ALTER TABLE marketing_generate_run_res_company_rel "
            "RENAME TO marketing_run_before_company"
        )

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.tools import sql

STATES = {"cancelled": "stopped"}


def migrate(cr, _version):
    """Make runs of what was asked for before: open ones go on, others stay listed."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    env.ref("marketing_contact.ir_cron_runs").write(
        {
            "name": "Marketing Contacts: bulk work in the background",
            "model_id": env["ir.model"]._get_id("marketing.run"),
            "code": "model._cron_work()",
        }
    )
    env["ir.config_parameter"].search(
        [("key", "=", "marketing_contact.check_after")]
    ).unlink()
    if not sql.table_exists(cr, "marketing_run_before"):
        return
    cr.execute("SELECT * FROM marketing_run_before ORDER BY id")
    columns = [column.name for column in cr.description]
    for values in cr.fetchall():
        _make_run(env, dict(zip(columns, values, strict=True)))
    cr.execute("DROP TABLE marketing_run_before, marketing_run_before_company")


def _make_run(env, old):
    env.cr.execute(
        "SELECT res_company_id FROM marketing_run_before_company "
        "WHERE marketing_generate_run_id = %s",
        [old["id"]],
    )
    run = env["marketing.run"].create(
        {
            "origin": "generate",
            "params": {"kind": old["kind"], "domain": old["domain"]},
            "user_id": old["user_id"],
            "company_id": old["company_id"],
            "company_ids": [company_id for (company_id,) in env.cr.fetchall()],
            "state": STATES.get(old["state"], old["state"]),
            "end_date": old["end_date"],
            "error": old["error"],
        }
    )
    handled = (old["done"] or 0) + (old["skipped"] or 0)
    parts = [
        {
            "run_id": run.id,
            "res_ids": [],
            "state": "done",
            "total": handled,
            "done": old["done"] or 0,
            "skipped": old["skipped"] or 0,
        }
    ]
    if old["state"] != "done":
        try:
            worker = run._get_worker(run._as_asker())
            parts += run._prepare_parts(worker)
        except UserError as error:
            run.write({"state": "failed", "error": error.args[0]})
    env["marketing.run.part"].create(parts)
    if run.state in ("waiting", "running"):
        run._dispatch()

"""Installing, upgrading and uninstalling where there are 200 000 partners.

Seconds and peak memory of each, and that partners, bank accounts and orders are the
same before and after. Works in a copy of the template, by Odoo's own command line.
"""

import os
import subprocess
import sys
import time

from common import Report, environment
from rows import insert_partners

PARTNERS = int(os.environ.get("BENCH_PARTNERS", "200000"))
DATABASE = f"{os.environ['BENCH_DATABASE']}_lifecycle"
MODULE = "marketing_contact"
TABLES = ("res_partner", "res_partner_bank", "res_bank", "sale_order", "purchase_order")
UNINSTALL = f"""
module = env["ir.module.module"].search([("name", "=", "{MODULE}")])
module.button_immediate_uninstall()
"""


def sql(query, database="postgres"):
    """Return the rows of a statement as lines of text."""
    command = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", query]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout.splitlines()


def columns():
    """Return ``{table: columns}`` as they are without the module."""
    return {
        table: sql(
            f"""
            SELECT quote_ident(column_name) FROM information_schema.columns
             WHERE table_name = '{table}' ORDER BY 1
            """,
            DATABASE,
        )
        for table in TABLES
    }


def checksums(names):
    """Return ``{table: checksum of its rows}``."""
    found = {}
    for table, table_columns in names.items():
        values = ", ".join(
            # Odoo saves the users that get or lose a group, and their partners
            "CASE WHEN id NOT IN (SELECT partner_id FROM res_users) THEN write_date END"
            if (table, name) == ("res_partner", "write_date")
            else name
            for name in table_columns
        )
        found[table] = sql(
            f"""
            SELECT count(*), md5(string_agg(md5(ROW({values})::text), '' ORDER BY id))
              FROM {table}
            """,
            DATABASE,
        )
    return found


def odoo(*arguments, script=None):
    """Run Odoo; return the seconds and the most megabytes that it took.

    :raise RuntimeError: if it failed, or logged a warning or an error
    """
    command = [sys.executable, "-m", "odoo", *arguments, "-d", DATABASE, "--no-http"]
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    process.stdin.write(script or "")
    process.stdin.close()
    log = process.stdout.read()
    _pid, status, usage = os.wait4(process.pid, 0)
    if status or any(level in log for level in (" WARNING ", " ERROR ", " CRITICAL ")):
        raise RuntimeError(f"{command}: status {status}\n{log[-3000:]}")
    return time.perf_counter() - start, usage.ru_maxrss * 1024 / 1e6


def main():
    report = Report(f"Life cycle with {PARTNERS} partners")
    sql(f'DROP DATABASE IF EXISTS "{DATABASE}" WITH (FORCE)')
    sql(f'CREATE DATABASE "{DATABASE}" TEMPLATE "{os.environ["BENCH_TEMPLATE"]}"')
    with environment(DATABASE) as env:
        insert_partners(env, PARTNERS)
        env.cr.commit()
    # a company's own database: our demo data would make partners
    sql("UPDATE ir_module_module SET demo = FALSE", DATABASE)
    sql("ANALYZE", DATABASE)
    names = columns()
    before = checksums(names)
    steps = {
        "start only": ("--stop-after-init",),
        "install": ("-i", MODULE, "--stop-after-init"),
        "upgrade": ("-u", MODULE, "--stop-after-init"),
    }
    figures = {name: odoo(*arguments) for name, arguments in steps.items()}
    installed = checksums(names)
    figures["uninstall"] = odoo("shell", script=UNINSTALL)
    after = checksums(names)
    for name, (seconds, megabytes) in figures.items():
        report.add("life cycle", PARTNERS, {name: (seconds, 0)}, name)
        report.target(f"{name}: MB at most", megabytes, 300)
        report.target(f"{name}: seconds", seconds, 60)
    for what, sums in (("installing", installed), ("uninstalling", after)):
        changed = [table for table in TABLES if sums[table] != before[table]]
        report.target(f"tables changed by {what} {changed}", len(changed), 0)
    left = sql(
        f"""
        SELECT tablename FROM pg_tables WHERE tablename LIKE 'marketing\\_%'
         UNION ALL SELECT table_name || '.' || column_name
              FROM information_schema.columns WHERE column_name LIKE 'marketing\\_%'
         UNION ALL SELECT name FROM ir_model_data WHERE module = '{MODULE}'
         UNION ALL SELECT model FROM ir_model WHERE model LIKE 'marketing.%'
         UNION ALL SELECT cron_name FROM ir_cron WHERE cron_name LIKE 'Marketing Cont%'
         UNION ALL SELECT res_model FROM ir_act_window
                    WHERE res_model LIKE 'marketing.%'
        """,
        DATABASE,
    )
    report.target(f"left behind {left[:5]}", len(left), 0)
    sql(f'DROP DATABASE IF EXISTS "{DATABASE}" WITH (FORCE)')
    report.print()


if __name__ == "__main__":
    main()

"""Installing, upgrading and uninstalling where there are 200 000 partners.

Seconds and peak memory of each, in a copy of the template, by Odoo's own command line.
"""

import os
import subprocess
import sys
import time

import psycopg2
from common import Figure, Report, environment, size
from rows import make_crowd

PARTNERS = size("PARTNERS", 200_000)
DATABASE = f"{os.environ['BENCH_DATABASE']}_lifecycle"
MODULE = "marketing_contact"
UNINSTALL = f"""
module = env["ir.module.module"].search([("name", "=", "{MODULE}")])
module.button_immediate_uninstall()
"""


def sql(statement, database=DATABASE):
    """Let PostgreSQL do something."""
    connection = psycopg2.connect(dbname=database)
    connection.autocommit = True
    connection.cursor().execute(statement)
    connection.close()


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
    """Measure each step of the module's life."""
    report = Report(f"Life cycle with {PARTNERS} partners")
    drop = f'DROP DATABASE IF EXISTS "{DATABASE}" WITH (FORCE)'
    sql(drop, "postgres")
    template = os.environ["BENCH_TEMPLATE"]
    sql(f'CREATE DATABASE "{DATABASE}" TEMPLATE "{template}"', "postgres")
    with environment(DATABASE) as env:
        make_crowd(env, "res.partner", PARTNERS)
        env.cr.commit()
    # a company's own database: our demo data would make partners
    sql("UPDATE ir_module_module SET demo = FALSE")
    sql("ANALYZE")
    figures = {
        "start only": odoo("--stop-after-init"),
        "install": odoo("-i", MODULE, "--stop-after-init"),
        "upgrade": odoo("-u", MODULE, "--stop-after-init"),
    }
    figures["uninstall"] = odoo("shell", script=UNINSTALL)
    for name, (seconds, megabytes) in figures.items():
        report.add("life cycle", PARTNERS, {name: Figure(seconds)}, name)
        report.target(f"{name}: MB at most", megabytes, 300)
        report.target(f"{name}: seconds", seconds, 60)
    sql(drop, "postgres")
    report.print()


if __name__ == "__main__":
    main()

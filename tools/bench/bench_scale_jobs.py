"""Creating contacts by the workers of queue_job, one, two and four of them, against the
scheduled action and against creating as many partners.

With BENCH_JOBS in its text the script gets a database with queue_job.
"""

import os
import resource
import sys
import threading
import time
from pathlib import Path

from common import Report, memory
from rows import analyze, insert_partners

import odoo
from odoo.modules.registry import Registry

COUNT = int(os.environ.get("BENCH_CUSTOMERS", "100000"))
PLAIN = 2000
WORKERS = (1, 2, 4)
ADDON = Path(__file__).parent.parent / "tests" / "addons" / "marketing_contact_jobs"


class Waits(threading.Thread):
    """Looks ten times a second how many sessions wait for a lock."""

    def __init__(self, registry):
        super().__init__(daemon=True)
        self.registry = registry
        self.going = True
        self.looks = self.waiting = 0

    def run(self):
        with self.registry.cursor() as cr:
            while self.going:
                cr.execute(
                    """
                    SELECT count(*) FROM pg_stat_activity
                     WHERE datname = current_database() AND wait_event_type = 'Lock'
                    """
                )
                self.waiting += cr.fetchone()[0]
                self.looks += 1
                cr.rollback()
                time.sleep(0.1)


def deadlocks(env):
    env.cr.execute(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    )
    return env.cr.fetchone()[0]


def start(registry):
    """Return the id of a run that creates contacts for new customers."""
    with registry.cursor() as cr:
        env = odoo.api.Environment(cr, odoo.SUPERUSER_ID, {})
        low, high = insert_partners(env, COUNT, vat="NULL")
        cr.commit()
        analyze(env)
        domain = repr([("id", ">=", low), ("id", "<=", high)])
        return (
            env["marketing.run"]
            ._start("generate", {"kind": "customer", "domain": domain})
            .id
        )


def end(registry, run_id):
    """Close the run; raise unless all of it is done."""
    with registry.cursor() as cr:
        env = odoo.api.Environment(cr, odoo.SUPERUSER_ID, {})
        run = env["marketing.run"].browse(run_id)
        run._cron_work()
        if (run.state, run.done) != ("done", COUNT):
            raise AssertionError(f"{run.state}, {run.done} of {COUNT}: {run.error}")


def by_cron(registry, run_id):
    """Let the scheduled action do it, as where there is no queue_job."""
    with registry.cursor() as cr:
        env = odoo.api.Environment(cr, odoo.SUPERUSER_ID, {})
        env["queue.job"].search([]).unlink()
        cr.commit()
        generate = env["marketing.run"]._get_workers()["generate"]
        generate.parallel = False
        try:
            env["marketing.run"]._cron_work()
        finally:
            generate.parallel = True
        return f"{memory():.0f} MB"


def by_jobs(registry, number):
    """Let workers do it, each a process of its own."""
    from worker import fork, join  # noqa: PLC0415 - needs Odoo's add-ons

    waits = Waits(registry)
    workers = [fork(registry) for _i in range(number)]
    waits.start()
    reports = [join(*worker) for worker in workers]
    waits.going = False
    waits.join()
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6
    return (
        f"batches and repetitions {reports}, largest worker so far {peak:.0f} MB, "
        f"sessions waiting for a lock {waits.waiting / max(waits.looks, 1):.2f}"
    )


def main():
    odoo.tools.config.parse_config([], setup_logging=False)
    registry = Registry(os.environ["BENCH_DATABASE"])
    sys.path.insert(0, str(ADDON / "tests"))
    report = Report(f"Contacts for {COUNT} customers by jobs")
    with registry.cursor() as cr:
        context = {"marketing_contact_no_create": True, "tracking_disable": True}
        env = odoo.api.Environment(cr, odoo.SUPERUSER_ID, context)
        vals_list = [
            {"name": f"P{i}", "is_company": True, "phone": f"+46 8 {i:08}"}
            for i in range(PLAIN)
        ]
        begin = time.perf_counter()
        for first in range(0, PLAIN, 1000):
            env["res.partner"].create(vals_list[first : first + 1000])
            cr.commit()
        plain = (time.perf_counter() - begin) * COUNT / PLAIN
        before = deadlocks(env)
    results = {"res.partner.create": (plain, 0)}
    for number in (0, *WORKERS):
        run_id = start(registry)
        begin = time.perf_counter()
        said = by_jobs(registry, number) if number else by_cron(registry, run_id)
        seconds = time.perf_counter() - begin
        end(registry, run_id)
        name = f"{number} workers" if number else "scheduled action"
        results[name] = (seconds, 0)
        sys.stdout.write(f"{name}: {seconds:.1f} s; {said}\n")
        sys.stdout.flush()
    report.add("create contacts", COUNT, results, "res.partner.create")
    with registry.cursor() as cr:
        env = odoo.api.Environment(cr, odoo.SUPERUSER_ID, {})
        report.target("deadlocks", deadlocks(env) - before, 0)
    report.print()


if __name__ == "__main__":
    main()

"""Creating contacts by the workers of queue_job, one, two and four of them, against the
scheduled action and against creating as many partners.

With BENCH_JOBS in its text the script gets a database with queue_job.
"""

import os
import resource
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from common import Figure, Report, create_partners, memory, peak_memory, size
from rows import analyze, insert_partners

import odoo
from odoo.modules.registry import Registry

COUNT = size("CUSTOMERS", 100_000)
PLAIN = 2000
WORKERS = (1, 2, 4)
ADDON = Path(__file__).parent.parent / "tests" / "addons" / "marketing_contact_jobs"


@contextmanager
def opened(registry, **context):
    """Yield an environment that commits at the end."""
    with registry.cursor() as cr:
        yield odoo.api.Environment(cr, odoo.SUPERUSER_ID, context)


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
    """Return how many deadlocks the database has had."""
    env.cr.execute(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    )
    return env.cr.fetchone()[0]


def start(registry):
    """Return the id of a run that creates contacts for new customers."""
    with opened(registry) as env:
        low, high = insert_partners(env, COUNT, vat="NULL")
        env.cr.commit()
        analyze(env)
        domain = repr([("id", ">=", low), ("id", "<=", high)])
        params = {"kind": "customer", "domain": domain}
        return env["marketing.run"]._start("generate", params).id


def end(registry, run_id):
    """Close the run; raise unless all of it is done."""
    with opened(registry) as env:
        run = env["marketing.run"].browse(run_id)
        run._cron_work()
        if (run.state, run.done) != ("done", COUNT):
            raise AssertionError(f"{run.state}, {run.done} of {COUNT}: {run.error}")


def by_cron(registry):
    """Let the scheduled action do it, as where there is no queue_job."""
    with opened(registry) as env:
        env["queue.job"].search([]).unlink()
        env.cr.commit()
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
    peak = peak_memory(resource.RUSAGE_CHILDREN)
    return (
        f"batches and repetitions {reports}, largest worker so far {peak:.0f} MB, "
        f"sessions waiting for a lock {waits.waiting / max(waits.looks, 1):.2f}"
    )


def main():
    """Measure partners by themselves, then the scheduled action and workers."""
    odoo.tools.config.parse_config([], setup_logging=False)
    registry = Registry(os.environ["BENCH_DATABASE"])
    sys.path.insert(0, str(ADDON / "tests"))
    report = Report(f"Contacts for {COUNT} customers by jobs")
    with opened(registry, tracking_disable=True) as env:
        vals_list = [
            {"name": f"P{i}", "is_company": True, "phone": f"+46 8 {i:08}"}
            for i in range(PLAIN)
        ]
        _ids, figure = create_partners(env, vals_list)
        before = deadlocks(env)
    results = {"res.partner.create": Figure(figure.seconds * COUNT / PLAIN)}
    for number in (0, *WORKERS):
        run_id = start(registry)
        begin = time.perf_counter()
        said = by_jobs(registry, number) if number else by_cron(registry)
        seconds = time.perf_counter() - begin
        end(registry, run_id)
        name = f"{number} workers" if number else "scheduled action"
        results[name] = Figure(seconds)
        print(f"{name}: {seconds:.1f} s; {said}", flush=True)
    report.add("create contacts", COUNT, results, "res.partner.create")
    with opened(registry) as env:
        report.target("deadlocks", deadlocks(env) - before, 0)
    report.print()


if __name__ == "__main__":
    main()

import os
import signal
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, tagged
from odoo.tests.common import get_db_name

from odoo.addons.marketing_contact.models.runs import workers

from .worker import fork, join, work

STEP = 10


@tagged("post_install", "-at_install")
class TestJobs(BaseCase):
    """With queue_job its workers do the batches: real transactions, a database of its
    own that is thrown away.
    """

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.startPatcher(patch.object(workers, "PART_SIZE", STEP))
        with self.cursor() as env:
            env["queue.job"].search([]).unlink()

    def cursor(self):
        return _Environment(self.registry)

    def _start(self, count=60):
        with self.cursor() as env:
            partners = env["res.partner"].with_context(marketing_contact_no_create=True)
            partners = partners.create(
                [{"name": f"Job {i}", "customer_rank": 1} for i in range(count)]
            )
            domain = repr([("id", "in", partners.ids)])
            run = env["marketing.run"]._start(
                "generate", {"kind": "customer", "domain": domain}
            )
            return run.id, partners.ids

    def _check_done(self, run_id, partner_ids):
        with self.cursor() as env:
            run = env["marketing.run"].browse(run_id)
            run._cron_work()
            self.assertEqual((run.state, run.done), ("done", len(partner_ids)))
            partners = env["res.partner"].browse(partner_ids)
            contacts = partners.marketing_contact_id
            self.assertEqual(len(contacts), len(partner_ids))
            self.assertEqual(len(set(contacts.mapped("number"))), len(partner_ids))
            self.assertEqual(len(run.batch_ids), len(partner_ids) // STEP)

    def test_a_job_for_each_batch(self):
        run_id, partner_ids = self._start()
        with self.cursor() as env:
            jobs = env["queue.job"].search([])
            self.assertEqual(len(jobs), 6)
            self.assertEqual(set(jobs.mapped("channel")), {"root.marketing_contact"})
            self.assertEqual(len(set(jobs.mapped("identity_key"))), 6)
            run = env["marketing.run"].browse(run_id)
            self.assertEqual((run.state, run.done), ("running", 0))
            # the scheduled action leaves them to the workers, and doubles none
            run._cron_work()
            self.assertEqual(len(env["queue.job"].search([])), 6)
            self.assertEqual((run.state, run.done), ("running", 0))
        work(self.registry)
        self._check_done(run_id, partner_ids)

    def test_the_scheduled_action_is_not_kept_busy(self):
        """While workers are at it there is nothing to do for it: it neither asks for
        another turn nor counts what is theirs, and makes no second jobs.
        """
        run_id, partner_ids = self._start()
        with self.cursor() as env:
            env["ir.cron.trigger"].search([]).unlink()
            asked = []
            progress = type(env["ir.cron"])._commit_progress

            def note(cron, processed=0, *, remaining=None, **kwargs):
                asked.append(remaining)
                return progress(cron, processed, remaining=remaining, **kwargs)

            with patch.object(type(env["ir.cron"]), "_commit_progress", note):
                env["marketing.run"].browse(run_id)._cron_work()
            self.assertEqual(set(asked), {0})
            self.assertFalse(env["ir.cron.trigger"].search([]))
        # a job that is lost comes back
        with self.cursor() as env:
            env["queue.job"].search([], limit=2).unlink()
            env["marketing.run"].browse(run_id)._cron_work()
            self.assertEqual(len(env["queue.job"].search([])), 6)
        work(self.registry)
        self._check_done(run_id, partner_ids)

    def test_what_did_it_is_gone(self):
        """A run of an add-on that is gone ends in words, with jobs as without."""
        run_id, _partner_ids = self._start()
        with self.cursor() as env:
            env["queue.job"].search([]).unlink()
            run = env["marketing.run"].browse(run_id)
            with patch.object(type(run), "_get_workers", lambda self: {}):
                run._cron_work()
            self.assertEqual(run.state, "failed")

    def test_workers_take_their_share(self):
        run_id, partner_ids = self._start(240)
        with self.registry.cursor() as cr:
            cr.execute(
                "SELECT deadlocks FROM pg_stat_database WHERE datname = %s", [cr.dbname]
            )
            (before,) = cr.fetchone()
        reports = [join(*worker) for worker in [fork(self.registry) for _i in range(4)]]
        shares = [int(report.split()[0]) for report in reports]
        self.assertEqual(sum(shares), 24, reports)
        self.assertGreater(sum(share > 0 for share in shares), 1, reports)
        self._check_done(run_id, partner_ids)
        with self.registry.cursor() as cr:
            cr.execute(
                "SELECT deadlocks FROM pg_stat_database WHERE datname = %s", [cr.dbname]
            )
            self.assertEqual(cr.fetchone()[0], before)

    def test_a_killed_worker_loses_nothing(self):
        run_id, partner_ids = self._start()
        pid, reader = fork(self.registry)
        os.kill(pid, signal.SIGKILL)
        join(pid, reader)
        with self.cursor() as env:
            # as the runner does with jobs whose worker is gone
            started = env["queue.job"].search([("state", "=", "started")])
            started.state = "pending"
        work(self.registry)
        self._check_done(run_id, partner_ids)

    def test_stopped_and_gone_on(self):
        run_id, partner_ids = self._start()
        work(self.registry, limit=2)
        with self.cursor() as env:
            env["marketing.run"].browse(run_id).action_stop()
        work(self.registry)
        with self.cursor() as env:
            run = env["marketing.run"].browse(run_id)
            self.assertEqual((run.state, run.done), ("stopped", 2 * STEP))
            run.action_resume()
        work(self.registry)
        self._check_done(run_id, partner_ids)

    def test_stopped_during_a_batch(self):
        """The batch at hand is done whole, and neither waits for the other."""
        run_id, partner_ids = self._start()
        with self.registry.cursor() as cr:
            at_work = api.Environment(cr, SUPERUSER_ID, {})
            part = at_work["marketing.run"].browse(run_id).part_ids[0]
            self.assertTrue(part._work())
            with self.cursor() as env:
                env.cr.execute("SET LOCAL lock_timeout = '2s'")
                env["marketing.run"].browse(run_id).action_stop()
            at_work.flush_all()
        work(self.registry)
        with self.cursor() as env:
            run = env["marketing.run"].browse(run_id)
            self.assertEqual((run.state, run.done), ("stopped", STEP))
            run.action_resume()
        work(self.registry)
        self._check_done(run_id, partner_ids)

    def test_restored_from_a_backup(self):
        """A backup made in the middle holds half of the work, jobs that nobody is at,
        and none that were added since: it is finished all the same.
        """
        run_id, partner_ids = self._start()
        work(self.registry, limit=3)
        with self.cursor() as env:
            jobs = env["queue.job"].search([("state", "=", "pending")])
            jobs[0].state = "started"
            jobs[1:].unlink()
            # as the runner does when it starts
            jobs[0].state = "pending"
        with self.cursor() as env:
            env["marketing.run"]._cron_work()
        work(self.registry)
        self._check_done(run_id, partner_ids)

    def test_accounts_of_a_bank_are_one_batch(self):
        with self.cursor() as env:
            banks = env["res.bank"].create([{"name": f"Job {i}"} for i in range(4)])
            accounts = env["res.partner.bank"].with_context(
                marketing_contact_no_create=True
            )
            accounts = accounts.create(
                [
                    {
                        "acc_number": f"JOB{i}",
                        "partner_id": env.company.partner_id.id,
                        "bank_id": banks[i % 4].id,
                    }
                    for i in range(28)
                ]
            )
            domain = repr([("id", "in", accounts.ids)])
            run = env["marketing.run"]._start(
                "generate", {"kind": "bank_account", "domain": domain}
            )
            run_id = run.id
            for bank in banks:
                own = set(accounts.filtered(lambda a, b=bank: a.bank_id == b).ids)
                holding = [p for p in run.sudo().part_ids if own & set(p.res_ids)]
                self.assertEqual(len(holding), 1)
        reports = [join(*worker) for worker in [fork(self.registry) for _i in range(3)]]
        self.assertEqual([r.split()[1] for r in reports], ["0"] * 3, reports)
        with self.cursor() as env:
            run = env["marketing.run"].browse(run_id)
            run._cron_work()
            self.assertEqual((run.state, run.done), ("done", 28))


class _Environment:
    """An environment of the superuser; what is done there is committed."""

    def __init__(self, registry):
        self.manager = registry.cursor()

    def __enter__(self):
        return api.Environment(self.manager.__enter__(), SUPERUSER_ID, {})

    def __exit__(self, *error):
        return self.manager.__exit__(*error)

from odoo import fields, models

from ..sync.attempt import REFUSALS, Attempt, TooManyRefused
from ..sync.session import get_session
from . import workers
from .marketing_run import OPEN_STATES


class MarketingRunPart(models.Model):
    """One piece of a run: worked on whole or not at all, by one worker at a time."""

    _name = "marketing.run.part"
    _description = "Part of Bulk Work"
    _order = "id"

    run_id = fields.Many2one(
        comodel_name="marketing.run", required=True, ondelete="cascade", index=True
    )
    res_ids = fields.Json(string="Records")
    state = fields.Selection(
        selection=[("open", "To Do"), ("done", "Done")],
        string="Status",
        required=True,
        default="open",
        index=True,
    )
    total = fields.Integer(string="Number of Records")
    done = fields.Integer()
    skipped = fields.Integer()

    def _work_as_job(self):
        """Work the part off as a job of queue_job, which commits it."""
        if self.exists():
            self._work()
            # the scheduled action closes the run when no part is left
            self.env.ref("marketing_contact.ir_cron_runs").sudo()._trigger()

    def _work(self):
        """Work the part off in the transaction at hand.

        :return: False if it is not to be worked on, or another process is at it
        """
        self.ensure_one()
        part = self.try_lock_for_update()
        run = part.run_id
        if not part or part.state != "open" or run.state not in OPEN_STATES:
            return False
        run._begin()
        try:
            with self.env.cr.savepoint():
                worker = run._get_worker(run._as_asker())
                worker.check()
                records = worker.get_open(part.res_ids)
        except REFUSALS as error:
            run._end("failed", error.args[0])
        else:
            part._try_all(worker, records)
        return True

    def _try_all(self, worker, records):
        """Let the worker do the records, and note what it refused and left out."""
        run = self.run_id
        session = get_session(self.env)
        session.run_id = run.id
        attempt = Attempt(
            worker.env,
            worker.work,
            errors=Exception,
            patience=workers.MAX_FAILED,
            logger=workers._logger,
        )
        exceptions = self.env["marketing.exception"]
        try:
            with self.env.cr.savepoint():
                attempt.work(records)
        except TooManyRefused:
            exceptions._note(run, attempt.refused)
            run._end("failed", self.env._("So many were refused in a row."))
            return
        finally:
            session.run_id = None
        exceptions._note(run, attempt.refused)
        done = len(attempt.done)
        skipped = self.total - done - len(attempt.refused)
        self.write({"state": "done", "done": done, "skipped": skipped})
        run._tell_progress()

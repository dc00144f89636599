import logging

import psycopg2

from odoo import fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..sync.session import get_session
from .workers import REFUSALS

_logger = logging.getLogger(__name__)

# Where that many are refused in a row, a person has to look at what is wrong.
MAX_FAILED = 100


class TooManyRefused(Exception):
    """So many were refused in a row that going on makes no sense.

    :ivar refused: pairs of a record and the error
    """

    def __init__(self, refused):
        super().__init__(refused)
        self.refused = refused


class MarketingRunPart(models.Model):
    """One batch of a run: worked on whole or not at all, by one worker at a time."""

    _name = "marketing.run.part"
    _description = "Batch of Bulk Work"
    _order = "id"

    run_id = fields.Many2one(
        comodel_name="marketing.run", required=True, ondelete="cascade", index=True
    )
    res_ids = fields.Json(string="Records")
    state = fields.Selection(
        selection=[("open", "Open"), ("done", "Done")],
        string="Status",
        required=True,
        default="open",
        index=True,
    )
    total = fields.Integer(string="Number of Records")
    done = fields.Integer()
    skipped = fields.Integer()

    def _work_as_job(self):
        """Work the batch off as a job of queue_job, which commits it."""
        if self.exists():
            self._work()
            # the scheduled action closes the run when no batch is left
            self.env.ref("marketing_contact.ir_cron_runs").sudo()._trigger()

    def _work(self):
        """Work the batch off in the transaction at hand.

        :return: False if it is not to be worked on, or another process is at it
        """
        self.ensure_one()
        part = self.try_lock_for_update()
        run = part.run_id
        if not part or part.state != "open" or run.state not in ("waiting", "running"):
            return False
        run._begin()
        try:
            worker = run._get_worker(run._as_asker())
            worker.check()
            records = worker.get_open(part.res_ids)
        except REFUSALS as error:
            run._end("failed", error.args[0])
            return True
        session = get_session(self.env)
        session.run_id = run.id
        exceptions = self.env["marketing.exception"]
        try:
            with self.env.cr.savepoint():
                done, refused = part._try(worker, records, [])
        except TooManyRefused as error:
            exceptions._note(run, error.refused)
            run._end("failed", self.env._("So many were refused in a row."))
            return True
        finally:
            session.run_id = None
        exceptions._note(run, refused)
        part.write(
            {
                "state": "done",
                "done": done,
                "skipped": part.total - done - len(refused),
            }
        )
        return True

    def _try(self, worker, records, refused):
        """Work on all of the records; where that fails, look for the refused ones.

        :param list refused: pairs of a record and the error, added to in place
        :return: how many were worked on, and `refused`
        """
        if not records:
            return 0, refused
        try:
            with self.env.cr.savepoint():
                worker.work(records)
                worker.env.flush_all()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except (psycopg2.InterfaceError, psycopg2.OperationalError):
            raise
        except Exception as error:
            if len(records) > 1:
                # look for the one that is refused, the others are done
                half = len(records) // 2
                first, refused = self._try(worker, records[:half], refused)
                if not first and len(refused) >= MAX_FAILED:
                    raise TooManyRefused(refused) from error
                second, refused = self._try(worker, records[half:], refused)
                return first + second, refused
            if not isinstance(error, REFUSALS):
                _logger.exception("%s of %s failed", self.run_id, records)
            refused.append((records, error))
            if len(refused) >= MAX_FAILED and self._are_in_row(refused):
                raise TooManyRefused(refused) from error
            return 0, refused
        return len(records), refused

    def _are_in_row(self, refused):
        """Return whether the last refused records follow each other in the batch."""
        ids = [record.id for record, _error in refused[-MAX_FAILED:]]
        start = self.res_ids.index(ids[0])
        return self.res_ids[start : start + len(ids)] == ids

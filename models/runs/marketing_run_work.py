import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.service.model import (
    MAX_TRIES_ON_CONCURRENCY_FAILURE,
    PG_CONCURRENCY_EXCEPTIONS_TO_RETRY,
)
from odoo.tools import SQL

from ..sync.attempt import PASSED_ON, harmless
from ..sync.rights import unnoticed
from .marketing_run import OPEN_STATES

_logger = logging.getLogger(__name__)


class MarketingRun(models.Model):
    """Working off runs, part by part, and telling who asked for them."""

    _inherit = "marketing.run"

    @api.model
    def _cron_work(self):
        """Work off the runs, the oldest first, as long as there is time."""
        runs = self.search([("state", "in", OPEN_STATES)], order="id")
        self._commit(0)
        for run in runs:
            try:
                if not run._work():
                    return
            except PASSED_ON:
                raise
            except Exception as error:
                run._give_up(error)

    def _work(self):
        """Work off the run's parts until it ends or the time is up.

        :return: whether there is time left for the next run
        """
        self.ensure_one()
        conflicts = 0
        while True:
            try:
                part = self._get_next_part()
                if part and self._is_for_jobs():
                    self._enqueue()
                    return bool(self._commit(0))
                if not part:
                    if self.exists() and self.state in OPEN_STATES:
                        self._end("done")
                    return bool(self._commit(0))
                if not part._work():
                    self.env.cr.rollback()
                    return True
                conflicts = 0
                if not self._commit(part.total):
                    return False
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self.env.cr.rollback()
                conflicts += 1
                if conflicts == MAX_TRIES_ON_CONCURRENCY_FAILURE:
                    raise

    def _give_up(self, error):
        """End the run by an error in code, in words, so that those behind it go on."""
        self.env.cr.rollback()
        _logger.exception("The run %s can't be worked on", self.id)
        reason = self.env._("It can't be worked on: %s", repr(error))
        # at once: whatever is told of it may fail in the same way
        self.write({"state": "failed", "error": reason})
        self._commit(0)
        with harmless(self.env, _logger, "Nobody was told of the run %s", self.id):
            self._end("failed", reason)
        self._commit(0)

    def _get_next_part(self):
        """Return the next open part, none if the run is not to be worked on."""
        self.invalidate_recordset(["state"])
        parts = self.env["marketing.run.part"]
        if not self.exists() or self.state not in OPEN_STATES:
            return parts
        return parts.search([("run_id", "=", self.id), ("state", "=", "open")], limit=1)

    def _as_asker(self):
        """Return the environment of who asked for the run.

        :raise AccessError: if they may not work there any more
        """
        user = self.user_id
        companies = (self.company_id | self.company_ids) & user.company_ids
        # the superuser is never active
        gone = not user or not user.active and user.id != api.SUPERUSER_ID
        if gone or not self.company_id or self.company_id not in companies:
            raise AccessError(
                self.env._(
                    "%(user)s may not work in %(company)s any more.",
                    user=user.name or self.env._("A deleted user"),
                    company=self.company_id.name or self.env._("a deleted company"),
                )
            )
        # the company that was current comes first
        companies = self.company_id | companies
        run = self.with_user(user).with_context(
            allowed_company_ids=companies.ids, lang=user.lang, tz=user.tz
        )
        return unnoticed(run).env

    def _begin(self):
        """Say that the run is at work, once: by SQL, so that nobody waits."""
        if self.state == "waiting":
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE marketing_run SET state = 'running' WHERE id IN (
                        SELECT id FROM marketing_run
                         WHERE id = %s AND state = 'waiting'
                           FOR NO KEY UPDATE SKIP LOCKED)
                    """,
                    self.id,
                )
            )
            self.invalidate_recordset(["state"])

    def _tell_progress(self):
        """Show those who asked for runs how far these are, in the bar at the top."""
        for run in self.filtered("user_id.active"):
            run = run.with_context(lang=run.user_id.lang)
            run.user_id._bus_send(
                "marketing_run_progress",
                {
                    "id": run.id,
                    "name": run.display_name,
                    "open": run.state in OPEN_STATES,
                    "progress": round(run.progress),
                },
            )

    def _end(self, state, error=None):
        """Close the run and tell who asked for it."""
        vals = {"state": state, "end_date": fields.Datetime.now()}
        if error:
            vals["error"] = error
        self.write(vals)
        if not self.user_id.active:
            # nobody asked for it, such as for the daily check
            return
        self._tell_progress()
        run = self.with_context(lang=self.user_id.lang)
        message = run.env._(
            "%(done)s of %(total)s done, %(failed)s refused.",
            done=self.done,
            total=self.total,
            failed=self.failed,
        )
        self.user_id._bus_send(
            "simple_notification",
            {
                "type": "success" if state == "done" else "danger",
                "title": run.display_name,
                "message": message,
            },
        )
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=f"{run.display_name}: {message}",
            note=error or False,
            user_id=self.user_id.id,
        )

    @api.model
    def _commit(self, processed):
        """Commit a part, which also empties the memory.

        :return: the seconds that are left
        """
        runs = self.search([("state", "in", OPEN_STATES)])
        # what jobs do is none of the scheduled action's, which would turn in circles
        own = runs.filtered(lambda run: not run._is_for_jobs())
        parts = self.env["marketing.run.part"]
        remaining = parts.search_count(
            [("state", "=", "open"), ("run_id", "in", own.ids)]
        )
        return self.env["ir.cron"]._commit_progress(
            processed, remaining=max(remaining, len(own))
        )

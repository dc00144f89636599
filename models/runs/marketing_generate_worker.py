import logging

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.service.model import (
    MAX_TRIES_ON_CONCURRENCY_FAILURE,
    PG_CONCURRENCY_EXCEPTIONS_TO_RETRY,
)

_logger = logging.getLogger(__name__)

# How many cards one transaction takes: some tenths of a second, so that nobody waits
# long for a row, and enough for the sync to work set-wise.
BATCH_SIZE = 1000
# Where that many are refused in a row, a person has to look at what is wrong.
MAX_FAILED = 100
# How many refusals are written down with their reason.
MAX_REASONS = 20

OPEN_STATES = ("waiting", "running")


class MarketingGenerateWorker(models.AbstractModel):
    """Working off the runs that create contacts in the background.

    Each batch is a transaction of its own. What the run has done stands on it, and in
    the cards that have a contact: whatever breaks off a batch, the next one goes on.
    """

    _name = "marketing.generate.worker"
    _description = "Worker that Creates Contacts in the Background"

    @api.model
    def _cron_generate(self):
        """Work off the runs, the oldest first, as long as there is time."""
        runs = self.search([("state", "in", OPEN_STATES)], order="id")
        self.env["ir.cron"]._commit_progress(remaining=runs._count_remaining())
        for run in runs:
            if not run._work():
                return

    def _count_remaining(self):
        """Return how many cards are ahead; none only if no run is open."""
        return sum(
            max(run.total - run.done - run.failed, 1)
            for run in self
            if run.state in OPEN_STATES
        )

    def _as_asker(self):
        """Return the run with the rights, language and companies of who asked for it.

        :raise AccessError: if they may not create contacts there any more
        """
        user = self.user_id
        companies = (self.company_id | self.company_ids) & user.company_ids
        # the superuser is never active
        gone = not user.active and user.id != api.SUPERUSER_ID
        if gone or self.company_id not in companies:
            raise AccessError(
                self.env._(
                    "%(user)s may not create contacts in %(company)s any more.",
                    user=user.name,
                    company=self.company_id.name,
                )
            )
        run = self.with_user(user).with_context(
            allowed_company_ids=companies.ids, lang=user.lang, tz=user.tz
        )
        run.env["marketing.contact"].check_access("create")
        return run

    def _work(self):
        """Create contacts, batch by batch, until the run ends or the time is up.

        :return: whether there is time left for the next run
        """
        self.ensure_one()
        limit, conflicts, refused = BATCH_SIZE, 0, 0
        while True:
            count = 0
            try:
                if not self._take():
                    self.env.cr.rollback()
                    return True
                asker = self._as_asker()
                cards = asker._get_next_cards(limit)
                count = len(cards)
                if not cards:
                    self._end("done")
                    return True
                cards._marketing_create_contacts(self.kind)
                handled = {"done": self.done + count, "last_card_id": cards[-1:].id}
                self.write({"state": "running", **handled})
                conflicts = refused = 0
                limit = min(limit * 2, BATCH_SIZE)
                if not self._commit(count):
                    return False
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self.env.cr.rollback()
                conflicts += 1
                if conflicts == MAX_TRIES_ON_CONCURRENCY_FAILURE:
                    raise
            except (psycopg2.InterfaceError, psycopg2.OperationalError):
                raise  # the database is gone: the next start goes on from here
            except Exception as error:
                self.env.cr.rollback()
                if not isinstance(error, UserError):
                    _logger.exception("Run %s: creating contacts failed", self.id)
                if count > 1:
                    # look for the one that is refused, the others get their contacts
                    limit = count // 2
                    continue
                refused += 1
                if not self._refuse(count, error, refused == MAX_FAILED):
                    return True

    def _take(self):
        """Lock the run for one batch.

        :return: False if it is not to be worked on, or another process is at it
        """
        run = self.try_lock_for_update()
        return bool(run) and run.state in OPEN_STATES

    def _refuse(self, count, error, too_many):
        """Note why the next card, or the whole run, gets nothing.

        :param int count: how many cards were tried, 0 if the run itself may not work
        :param bool too_many: so many were refused that a person has to look at it
        :return: whether the run goes on
        """
        if not self._take():
            self.env.cr.rollback()
            return False
        # a RedirectWarning has an action and a button besides
        reason = str(error.args[0] if error.args else error) or repr(error)
        card = self._as_asker()._get_next_cards(1) if count else None
        if not card:
            self._end("failed", reason)
            return False
        failed = self.failed + 1
        vals = {"state": "running", "failed": failed, "last_card_id": card.id}
        if failed <= MAX_REASONS:
            line = f"{card.display_name}: {' '.join(reason.split())}"
            vals["error"] = "\n".join(filter(None, (self.error, line)))
        self.write(vals)
        if too_many:
            self._end("failed")
            return False
        self._commit(1)
        return True

    def _end(self, state, error=None):
        """Close the run and tell who asked for it."""
        vals = {"state": state, "end_date": fields.Datetime.now()}
        if error:
            vals["error"] = "\n".join(filter(None, (self.error, error)))
        if state == "done":
            vals["skipped"] = max(self.total - self.done - self.failed, 0)
        self.write(vals)
        run = self.with_context(lang=self.user_id.lang)
        self.user_id._bus_send(
            "simple_notification",
            {
                "type": "success" if state == "done" else "danger",
                "title": run.env._("Create Contacts"),
                "message": run.env._(
                    "%(done)s of %(total)s created or linked, %(failed)s refused.",
                    done=self.done,
                    total=self.total,
                    failed=self.failed,
                ),
            },
        )
        self._commit(0)

    def _commit(self, processed):
        """Commit a batch, which also empties the memory.

        :return: the seconds that are left
        """
        open_runs = self.search([("state", "in", OPEN_STATES)])
        remaining = open_runs._count_remaining()
        return self.env["ir.cron"]._commit_progress(processed, remaining=remaining)

    def _get_next_cards(self, limit):
        """Return the next cards to create contacts for."""
        Card = self._get_card_model(self.kind)
        domain = self._read_filter(self.domain)
        domain &= Card._marketing_new_cards_domain(self.kind)
        domain &= Domain("id", ">", self.last_card_id)
        return Card.search(domain, order="id", limit=limit)

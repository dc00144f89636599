import logging
from ast import literal_eval

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


class MarketingGenerateRun(models.Model):
    """Creating contacts for very many cards, in the background.

    A scheduled action works it off, with the rights of who asked for it. Each batch is
    a transaction of its own, whole or not at all; whatever interrupts the server, the
    run goes on after the last batch that was committed.
    """

    _name = "marketing.generate.run"
    _inherit = ["marketing.kind.mixin"]
    _description = "Creation of Contacts in the Background"
    _order = "id desc"

    kind = fields.Selection(
        selection=lambda self: self._get_kind_selection(),
        string="Contacts from",
        required=True,
        readonly=True,
    )
    domain = fields.Char(string="Filter", required=True, readonly=True)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Asked for By",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
        default=lambda self: self.env.uid,
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
        default=lambda self: self.env.company,
    )
    company_ids = fields.Many2many(
        comodel_name="res.company",
        string="Companies",
        readonly=True,
        default=lambda self: self.env.companies,
        help="The companies that were chosen when the run was asked for.",
    )
    state = fields.Selection(
        selection=[
            ("waiting", "Waiting"),
            ("running", "Running"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
            ("failed", "Failed"),
        ],
        string="Status",
        required=True,
        readonly=True,
        default="waiting",
        index=True,
    )
    total = fields.Integer(
        string="To Create or Link",
        readonly=True,
        help="Customers, vendors or bank accounts that were to get a contact.",
    )
    done = fields.Integer(string="Created or Linked", readonly=True)
    skipped = fields.Integer(
        string="Left Out",
        readonly=True,
        help="Had a contact, or were gone, when it was their turn.",
    )
    failed = fields.Integer(
        string="Refused", readonly=True, help="Got no contact, for the reasons below."
    )
    last_card_id = fields.Integer(
        string="Last One Handled", readonly=True, help="The run goes on after it."
    )
    progress = fields.Float(string="Progress (%)", compute="_compute_progress")
    error = fields.Text(string="What Went Wrong", readonly=True)
    end_date = fields.Datetime(string="Ended", readonly=True)

    @api.depends("kind")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for run in self:
            run.display_name = self.env._(
                "Contacts from: %(kind)s", kind=kinds.get(run.kind, "")
            )

    @api.depends("total", "done", "skipped", "failed", "state")
    def _compute_progress(self):
        for run in self:
            handled = run.done + run.skipped + run.failed
            run.progress = 100 * min(handled / run.total, 1) if run.total else 0
            if run.state == "done":
                run.progress = 100

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_open(self):
        if any(run.state in OPEN_STATES for run in self):
            raise UserError(
                self.env._("A run that is at work can't be deleted: cancel it first.")
            )

    # ------------------------------------------------------------
    # WHICH CARDS
    # ------------------------------------------------------------

    @api.model
    def _get_card_model(self, kind):
        """Return the empty recordset of a kind's cards, in the caller's rights."""
        return self.env[
            self.env["marketing.contact.relation"]._get_kinds()[kind].card_model
        ]

    @api.model
    def _read_filter(self, text):
        """Return the domain that a user wrote.

        :raise UserError: if it can't be read
        """
        try:
            return Domain(literal_eval(text or "[]"))
        except (SyntaxError, TypeError, ValueError) as error:
            raise UserError(self.env._("The filter can't be read: %s", text)) from error

    @api.model
    def _count_cards(self, kind, text):
        """Return how many cards a filter has, and how many will get a contact.

        :raise UserError: if the filter can't be read
        """
        Card = self._get_card_model(kind)
        domain = self._read_filter(text)
        try:
            return (
                Card.search_count(domain),
                Card.search_count(domain & Card._marketing_new_cards_domain(kind)),
            )
        except (TypeError, ValueError) as error:
            raise UserError(self.env._("The filter can't be read: %s", text)) from error

    # ------------------------------------------------------------
    # BUTTONS
    # ------------------------------------------------------------

    @api.model
    def _start(self, kind, text):
        """Return a new run for the user, which begins at once.

        :raise UserError: if Marketing Setup of a company lacks the kind's code
        """
        Card = self._get_card_model(kind)
        domain = self._read_filter(text) & Card._marketing_new_cards_domain(kind)
        for (company,) in Card._read_group(domain, ["company_id"]):
            (company or self.env.company)._marketing_require_relation(kind)
        # sudo: nobody may make runs by hand, they work with the rights of `user_id`
        run = self.sudo().create(
            {"kind": kind, "domain": text or "[]", "total": Card.search_count(domain)}
        )
        run._trigger()
        return run.sudo(False)

    @api.model
    def _trigger(self):
        self.env.ref("marketing_contact.ir_cron_generate")._trigger()

    def action_cancel(self):
        """Stop after the batch at hand; the contacts that are there stay."""
        self.check_access("read")
        # sudo: the user may not write runs, only stop those that they may see
        runs = self.sudo().filtered(lambda run: run.state in OPEN_STATES)
        runs.write({"state": "cancelled", "end_date": fields.Datetime.now()})

    def action_resume(self):
        """Go on where the run ended; one that is done takes the refused ones again."""
        self.check_access("read")
        # sudo: as above; with the rights of the one who asked for it, as before
        for run in self.sudo():
            if run.state in OPEN_STATES or run.state == "done" and not run.failed:
                continue
            vals = {"state": "waiting", "end_date": False}
            if run.state == "done":
                counted = run._as_asker()._count_cards(run.kind, run.domain)[1]
                vals.update(total=run.done + counted, skipped=0)
                vals.update(failed=0, error=False, last_card_id=0)
            elif not run.failed:
                vals["error"] = False  # it was about the run as a whole
            run.write(vals)
        self._trigger()

    def action_refresh(self):
        """Show how far the run is now."""
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    # ------------------------------------------------------------
    # WORK: each batch a transaction of its own; what the run has done stands on it, and
    # in the cards that have a contact, so that whatever breaks off a batch, the next
    # one goes on
    # ------------------------------------------------------------

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

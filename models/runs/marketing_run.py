from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..contact.answers import open_action, reload
from ..contact.input import check_one
from .workers import WORKERS

OPEN_STATES = ("waiting", "running")
# where the workers of queue_job find it, where that is installed
CHANNEL = "root.marketing_contact"


class MarketingRun(models.Model):
    """Bulk work: cut into parts, each a transaction of its own.

    What a kind of run does is a :class:`Worker`. It works with the rights of who asked
    for it; whatever interrupts the server, *Continue* finishes. A scheduled action
    works the parts off one by one, or the workers of OCA's `queue_job` do, as many at
    once as there are, where that add-on is installed.
    """

    _name = "marketing.run"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Bulk Work"
    _order = "id desc"

    origin = fields.Selection(
        selection=lambda self: self._get_origins(),
        string="What",
        required=True,
        readonly=True,
    )
    params = fields.Json(string="Started With", readonly=True)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Asked for By",
        readonly=True,
        # a run outlives who asked for it, and then ends
        ondelete="set null",
        index=True,
        default=lambda self: self.env.uid,
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        readonly=True,
        ondelete="set null",
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
            ("stopped", "Stopped"),
            ("done", "Done"),
            ("failed", "Failed"),
        ],
        string="Status",
        required=True,
        readonly=True,
        default="waiting",
        index=True,
    )
    part_ids = fields.One2many(
        comodel_name="marketing.run.part", inverse_name="run_id", string="Parts"
    )
    total = fields.Integer(string="To Do", compute="_compute_counts")
    done = fields.Integer(compute="_compute_counts")
    skipped = fields.Integer(
        string="Left Out",
        compute="_compute_counts",
        help="Were done already, or gone, when it was their turn.",
    )
    failed = fields.Integer(
        string="Refused", compute="_compute_counts", help="See Not Done for why."
    )
    progress = fields.Float(string="Progress (%)", compute="_compute_counts")
    results_text = fields.Char(compute="_compute_results_text")
    is_switched_off = fields.Boolean(compute="_compute_is_switched_off")
    error = fields.Text(string="What Went Wrong", readonly=True)
    end_date = fields.Datetime(string="Ended", readonly=True)
    exception_ids = fields.One2many(
        comodel_name="marketing.exception", inverse_name="run_id", string="Not Done"
    )
    batch_ids = fields.One2many(
        comodel_name="marketing.sync.batch",
        inverse_name="run_id",
        string="Journal Entries",
        help="What the run wrote; undoing them undoes it.",
    )

    @api.model
    def _get_workers(self):
        """Return ``{origin: Worker}``, extended by `super()`."""
        return dict(WORKERS)

    @api.model
    def _get_origins(self):
        workers = self._get_workers().items()
        return [(origin, self.env._(worker.label)) for origin, worker in workers]

    def _get_worker(self, env=None):
        """Return the worker of the run.

        :param env: the environment to work in, by default the run's own
        :raise UserError: if what it is to do went with its module
        """
        self.ensure_one()
        worker = self._get_workers().get(self.origin)
        if not worker:
            raise UserError(
                self.env._("The add-on that does “%s” is gone.", self.origin)
            )
        return worker(env or self.env, self.params)

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("origin", "params")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for run in self:
            known = run.origin in self._get_workers()
            run.display_name = run._get_worker().get_title() if known else run.origin

    @api.depends("state")
    def _compute_is_switched_off(self):
        """Tell of those that nobody works off, as in a neutralised copy."""
        # sudo: only administrators may read scheduled actions
        cron = self.env.ref("marketing_contact.ir_cron_runs").sudo()
        for run in self:
            run.is_switched_off = run.state in OPEN_STATES and not cron.active

    @api.depends("origin", "state")
    @api.depends_context("lang")
    def _compute_results_text(self):
        """Compute what the button says that opens what came of it."""
        for run in self:
            action = run._get_results()
            run.results_text = action and run._get_worker().get_results_text(
                action["name"]
            )

    def _get_results(self):
        """Return the action that shows what came of the run, None if there is none."""
        self.ensure_one()
        worker = self._get_workers().get(self.origin)
        if self.state in OPEN_STATES or not worker or not worker.results:
            return None
        return self.env["ir.actions.act_window"]._for_xml_id(worker.results)

    @api.depends("part_ids.done", "part_ids.state", "exception_ids.state", "state")
    def _compute_counts(self):
        # sudo: who sees the run sees how far it is
        parts = self.env["marketing.run.part"].sudo()
        sums = {
            run.id: values
            for run, *values in parts._read_group(
                [("run_id", "in", self.ids)],
                ["run_id"],
                ["total:sum", "done:sum", "skipped:sum"],
            )
        }
        refused = {}
        for run, state, count in (
            self.env["marketing.exception"]
            .sudo()
            ._read_group(
                [("run_id", "in", self.ids)],
                ["run_id", "state"],
                ["res_id:count_distinct"],
            )
        ):
            refused.setdefault(run.id, {})[state] = count
        for run in self:
            total, done, skipped = sums.get(run.id, (0, 0, 0))
            states = refused.get(run.id, {})
            run.total = total
            run.done = done + states.get("done", 0)
            run.skipped = skipped
            run.failed = states.get("open", 0) + states.get("ignored", 0)
            handled = run.done + skipped + run.failed
            run.progress = 100 * min(handled / total, 1) if total else 0
            if run.state == "done":
                run.progress = 100

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_open(self):
        if any(run.state in OPEN_STATES for run in self):
            raise UserError(
                self.env._("A run that is at work can't be deleted: stop it first.")
            )

    # ------------------------------------------------------------
    # START, STOP, GO ON
    # ------------------------------------------------------------

    @api.model
    def _start(self, origin, params):
        """Return a new run for the user, which begins at once.

        :param str origin: one of :meth:`_get_workers`
        :param dict params: what its worker takes
        :raise UserError: if there is something in the way of all of it
        """
        worker = self._get_workers()[origin](self.env, params)
        worker.check()
        # sudo: nobody may make runs by hand, they work with the rights of `user_id`
        run = self.sudo().create({"origin": origin, "params": params})
        self.env["marketing.run.part"].sudo().create(run._prepare_parts(worker))
        run._dispatch()
        run._tell_progress()
        return run.sudo(False)

    def _prepare_parts(self, worker):
        """Return the values of the parts that a worker cuts the run into."""
        self.ensure_one()
        return [
            {"run_id": self.id, "res_ids": ids, "total": len(ids)}
            for ids in worker.get_parts()
        ]

    def _dispatch(self):
        """Hand the parts that are open to whoever works them off."""
        self.env.ref("marketing_contact.ir_cron_runs")._trigger()
        for run in self:
            if run._is_for_jobs():
                run._enqueue()

    def _is_for_jobs(self):
        """Return whether the workers of queue_job do the parts."""
        worker = self._get_workers().get(self.origin)
        return bool(worker) and worker.parallel and "queue.job" in self.env

    def _enqueue(self):
        """Make a job of each open part that has none, such as a lost one."""
        self.ensure_one()
        # said here: workers that begin at once would wait for each other
        if self.state == "waiting":
            self.state = "running"
        parts = {
            f"marketing.run.part-{part.id}": part
            for part in self.part_ids
            if part.state == "open"
        }
        jobs = self.env["queue.job"].search(
            [
                ("identity_key", "in", list(parts)),
                ("state", "not in", ("done", "cancelled", "failed")),
            ]
        )
        known = set(jobs.mapped("identity_key"))
        for key, part in parts.items():
            if key not in known:
                part.with_delay(
                    channel=CHANNEL, identity_key=key, description=self.display_name
                )._work_as_job()

    def action_stop(self):
        """Stop after the parts at hand; what is done stays."""
        self.check_access("read")
        # sudo: the user may not write runs, only stop those that they may see
        runs = self.sudo().filtered(lambda run: run.state in OPEN_STATES)
        runs.write({"state": "stopped", "end_date": fields.Datetime.now()})
        runs._tell_progress()

    def action_resume(self):
        """Go on where the run ended; one that is done takes the refused ones again."""
        self.check_access("read")
        # sudo: as above; with the rights of the one who asked for it, as before
        for run in self.sudo():
            if run.state in OPEN_STATES:
                continue
            if run.state == "done":
                run.exception_ids.filtered(lambda e: e.state == "open").sudo(
                    False
                ).action_retry()
                continue
            run.write({"state": "waiting", "end_date": False, "error": False})
            run._dispatch()
            run._tell_progress()

    def action_refresh(self):
        """Show how far the run is now."""
        return reload()

    def action_view_exceptions(self):
        """Open what the run left out."""
        domain = [("run_id", "in", self.ids)]
        return open_action(self.env, "marketing_exception_action", domain)

    def action_view_results(self):
        """Open what came of the run, as its worker says."""
        check_one(self)
        self.check_access("read")
        return self._get_results()

    def action_undo(self):
        """Open the preview of undoing all that the run wrote."""
        return self.batch_ids.action_preview_undo()

    # ------------------------------------------------------------
    # RETENTION
    # ------------------------------------------------------------

    @api.autovacuum
    def _gc_runs(self):
        """Delete what nobody looks at any more: checks after a week, others after a
        quarter, unless their inbox is open.
        """
        for origins, days in ((["check"], 7), (list(self._get_workers()), 90)):
            self.search(
                [
                    ("origin", "in", origins),
                    ("state", "in", ("done", "stopped", "failed")),
                    ("end_date", "<", fields.Datetime.now() - timedelta(days=days)),
                    "!",
                    ("exception_ids", "any", [("state", "=", "open")]),
                ],
                limit=1000,
            ).unlink()

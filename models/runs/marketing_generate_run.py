from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .marketing_generate_worker import OPEN_STATES
from ..sync.sync_terms import KINDS


class MarketingGenerateRun(models.Model):
    """Creating contacts for very many cards, in the background.

    A scheduled action works it off, with the rights of who asked for it. Each batch is
    a transaction of its own, whole or not at all; whatever interrupts the server, the
    run goes on after the last batch that was committed.
    """

    _name = "marketing.generate.run"
    _inherit = ["marketing.generate.worker"]
    _description = "Creation of Contacts in the Background"
    _order = "id desc"

    kind = fields.Selection(
        selection=KINDS, string="Contacts from", required=True, readonly=True
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
        name = "res.partner.bank" if kind == "bank_account" else "res.partner"
        return self.env[name]

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

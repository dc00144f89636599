from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import split_every

from ..models.contact.answers import open_action
from ..models.contact.input import get_active_ids, read_domain
from ..models.runs import workers
from ..models.sync.kinds import get_kind_selection, get_kinds, in_sentence


class MarketingContactGenerate(models.TransientModel):
    """Create contacts from customers, vendors or bank accounts."""

    _name = "marketing.contact.generate"
    _description = "Create Contacts from Customers, Vendors or Bank Accounts"

    kind = fields.Selection(
        selection=lambda self: get_kind_selection(self.env, personal=False),
        string="Create Contacts from",
        required=True,
        default=lambda self: self._default_kind(),
    )
    card_model = fields.Char(compute="_compute_card_model")
    domain = fields.Char(
        string="Records to Take",
        compute="_compute_domain",
        store=True,
        precompute=True,
        readonly=False,
    )
    # what people choose besides: that the customers are customers goes without saying
    filter = fields.Char(
        default="[]",
        help="Which of the customers, vendors or bank accounts to take; all of them if "
        "nothing is said.",
    )
    selected_count = fields.Integer(
        string="Selected", default=lambda self: self._default_selected_count()
    )
    count_linked = fields.Integer(
        string="To Be Linked",
        compute="_compute_counts",
        help="Records whose contact is there already, to be linked with it.",
    )
    count_ask = fields.Integer(
        string="To Be Asked",
        compute="_compute_counts",
        help="Records that may be the same as a contact: they get none, and are listed "
        "in Who Is Who.",
    )
    count_new = fields.Integer(string="Contacts to Create", compute="_compute_counts")
    count_all = fields.Integer(compute="_compute_counts")
    count_skipped = fields.Integer(
        string="Left Out",
        compute="_compute_counts",
        help="Records that have a contact already, or whose contact has another "
        "customer or vendor; and addresses, people of companies and accounts without "
        "a bank, which get none.",
    )

    summary = fields.Char(string="What Will Happen", compute="_compute_summary")
    skipped_text = fields.Char(string="Who Is Left Out", compute="_compute_summary")

    include_people = fields.Boolean(
        string="Bring People Along",
        default=lambda self: self.env.company.sudo().marketing_people_to_contacts,
        help="The people of the customers or vendors become contacts as well.",
    )
    count_people = fields.Integer(string="People", compute="_compute_count_people")
    in_background = fields.Boolean(compute="_compute_in_background")

    @api.model
    def _default_kind(self):
        """Return what the list shows where the wizard comes from."""
        kinds = get_kinds(self.env)
        wanted = self.env.context.get("marketing_contact_kind")
        if wanted in kinds:
            return wanted
        active = self.env.context.get("active_model")
        first = next(iter(kinds.values()))
        of_list = kinds.of_model(active) or kinds.of_model(first.card_model)
        # as Odoo's own menus of customers and vendors say it
        mode = self.env.context.get("res_partner_search_mode")
        ranks = {"customer": "customer_rank", "supplier": "supplier_rank"}
        ranked = [kind for kind in of_list if kind.rank_field == ranks.get(mode)]
        return (ranked or of_list)[0].name

    @api.model
    def _default_selected_count(self):
        """Return how many records were selected where the wizard comes from."""
        models_ = {kind.card_model for kind in get_kinds(self.env).values()}
        return sum(len(get_active_ids(self.env, name)) for name in models_)

    @api.depends("kind")
    def _compute_card_model(self):
        for wizard in self:
            wizard.card_model = wizard._get_worker().get_model()._name

    @api.depends("kind", "filter")
    def _compute_domain(self):
        for wizard in self:
            Card = wizard._get_worker().get_model()
            domain = Domain(Card._marketing_kind_domain(wizard.kind))
            if ids := get_active_ids(self.env, Card._name):
                domain = Domain("id", "in", ids)
                if Card._active_name:
                    # archived ones, too, where they were selected
                    domain &= Domain(Card._active_name, "in", [True, False])
            wizard.domain = repr(list(domain & read_domain(self.env, wizard.filter)))

    def _get_worker(self):
        params = {
            "kind": self.kind,
            "domain": self.domain,
            "include_people": self.include_people,
        }
        return workers.GenerateWorker(self.env, params)

    @api.depends("kind", "domain")
    def _compute_count_people(self):
        for wizard in self:
            wizard.count_people = wizard._get_worker().count_people()

    @api.depends("kind", "domain")
    def _compute_counts(self):
        for wizard in self:
            worker = wizard._get_worker()
            count, count_all = worker.count()
            linked, asked = worker.get_model()._marketing_count_same(
                wizard.kind, worker.get_domain()
            )
            wizard.count_all = count_all
            wizard.count_linked = linked
            wizard.count_ask = asked
            wizard.count_new = count_all - linked - asked
            wizard.count_skipped = count - count_all

    @api.depends("kind", "count_all", "count_new", "count_linked", "count_ask")
    @api.depends_context("lang")
    def _compute_summary(self):
        """Say in a sentence of the kind that was chosen what will happen."""
        for wizard in self:
            kind = get_kinds(self.env).get(wizard.kind)
            total, new, linked, asked = (
                wizard.count_all,
                wizard.count_new,
                wizard.count_linked,
                wizard.count_ask,
            )
            parts = []
            if new == 1:
                parts.append(self.env._("1 gets a new contact"))
            elif new:
                parts.append(self.env._("%s get a new contact", new))
            if linked == 1:
                parts.append(self.env._("1 is linked with its own"))
            elif linked:
                parts.append(self.env._("%s are linked with theirs", linked))
            if asked:
                parts.append(
                    self.env._(
                        "%s may be somebody who is there: look at them in Who Is Who",
                        asked,
                    )
                )
            wizard.summary = kind and self.env._(
                "%(count)s %(kind)s: %(parts)s.",
                count=total,
                kind=in_sentence(
                    self.env, self.env._(kind.label if total == 1 else kind.plural)
                ),
                parts=", ".join(parts),
            )
            wizard.skipped_text = kind and self.env._(
                "Left out of the %(kind)s, as they have one or can have none: "
                "%(count)s.",
                count=wizard.count_skipped,
                kind=in_sentence(self.env, self.env._(kind.plural)),
            )

    @api.depends("count_all")
    def _compute_in_background(self):
        for wizard in self:
            wizard.in_background = wizard.count_all >= workers.BACKGROUND_FROM

    def action_generate(self):
        """Create the contacts and open them.

        Very many of them are created in the background instead; their run opens.

        :raise UserError: if the filter can't be read, or Marketing Setup lacks the
            code of the kind
        """
        self.ensure_one()
        worker = self._get_worker()
        if self.in_background:
            worker.check_setup()
            run = self.env["marketing.run"]._start("generate", worker.params)
            return run._get_records_action(name=self.env._("Create Contacts"))
        cards = worker.get_model().search(worker.get_domain())
        contacts = self.env["marketing.contact"]
        for part in split_every(workers.PART_SIZE, cards.ids, cards.browse):
            contacts |= part._marketing_create_contacts(
                self.kind, include_people=self.include_people, leave_asked=True
            )
        domain = [("id", "in", contacts.ids)]
        return open_action(self.env, "marketing_contact_action", domain)

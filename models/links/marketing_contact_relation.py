from odoo import api, fields, models, tools
from odoo.fields import Domain
from odoo.tools.misc import clean_context

from ..sync.marketing_sync_journal import JOURNAL
from ..sync.sync_terms import KINDS, LinkOptions

LINK_FIELDS = {"contact_id", "kind", "partner_id", "bank_account_id"}
FOLLOWING = {"bank_id", "company_id"}
# what the system keeps and nobody writes by hand
KEPT = {"batch_id", "state"}


class MarketingContactRelation(models.Model):
    """A contact tied to a business relation and, if it has a kind, to one card.

    Creating a relation with a kind *is* linking: it checks the rules, brings contact
    and card into line and keeps them there. Deleting it is unlinking.
    """

    _name = "marketing.contact.relation"
    _inherit = [
        "marketing.contact.relation.alignment",
        "marketing.contact.relation.documents",
        "marketing.contact.relation.rules",
        "marketing.hidden.mixin",
        "marketing.sync.drift",
    ]
    _description = "Contact Relation"
    _order = "contact_id, kind, id"
    _rec_name = "card_name"

    contact_id = fields.Many2one(
        comodel_name="marketing.contact",
        required=True,
        ondelete="cascade",
        index=True,
    )
    business_relation_id = fields.Many2one(
        comodel_name="marketing.business.relation",
        required=True,
        ondelete="restrict",
        index=True,
        compute="_compute_business_relation_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    kind = fields.Selection(
        selection=KINDS,
        help="What the contact is linked with. Empty for a plain classification, "
        "such as a law firm.",
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer / Vendor",
        ondelete="cascade",
        index="btree_not_null",
    )
    bank_account_id = fields.Many2one(
        comodel_name="res.partner.bank",
        ondelete="cascade",
        index="btree_not_null",
    )
    bank_id = fields.Many2one(
        comodel_name="res.bank",
        compute="_compute_bank_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="set null",
        index="btree_not_null",
        help="The bank of the account: its details are what the contact shares.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        compute="_compute_company_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        help="The company of the card; empty for a card that companies share.",
    )
    card_name = fields.Char(string="Linked With", compute="_compute_card_name")
    state = fields.Selection(
        selection=[("equal", "In Step"), ("drifted", "Drifted")],
        string="Status",
        required=True,
        default="equal",
        readonly=True,
        copy=False,
        help="Drifted: a shared value differs between the contact and the card.",
    )

    batch_id = fields.Many2one(
        comodel_name="marketing.sync.batch",
        string="Made By",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        copy=False,
        default=lambda self: self._default_batch_id(),
        groups="marketing_contact.group_marketing_contact_manager",
        help="The entry of the journal that made the link; undoing it removes it.",
    )
    difference_ids = fields.One2many(
        comodel_name="marketing.sync.difference",
        inverse_name="relation_id",
        string="Differences",
    )

    _check_target = models.Constraint(
        """CHECK(
            (kind IS NULL AND partner_id IS NULL AND bank_account_id IS NULL)
            OR (kind IS NOT NULL AND kind IN ('customer', 'vendor')
                AND partner_id IS NOT NULL AND bank_account_id IS NULL)
            OR (kind IS NOT NULL AND kind = 'bank_account'
                AND bank_account_id IS NOT NULL AND partner_id IS NULL))""",
        "A customer or vendor relation needs a customer or vendor, a bank account "
        "relation needs a bank account, and a plain relation has neither.",
    )
    _unique_partner = models.Constraint(
        "UNIQUE(partner_id, kind)",
        "This customer or vendor is linked with a contact already.",
    )
    _unique_bank_account = models.Constraint(
        "UNIQUE(bank_account_id)",
        "This bank account is linked with a contact already.",
    )
    _unique_kind = models.UniqueIndex(
        "(contact_id, kind, COALESCE(company_id, 0)) "
        "WHERE kind IN ('customer', 'vendor')",
        "A contact has at most one customer and one vendor in each company.",
    )
    _unique_code = models.UniqueIndex(
        "(contact_id, business_relation_id) WHERE kind IS NULL",
        "The contact has this business relation already.",
    )

    @api.model
    def _default_batch_id(self):
        """Return the entry of the open journal: so links are written once."""
        journal = self.env["marketing.sync.mixin"]._marketing_state().get(JOURNAL)
        return journal.batch if journal and journal.batch else False

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("kind")
    def _compute_business_relation_id(self):
        for relation in self:
            if relation.kind and not relation.business_relation_id:
                card = relation.partner_id or relation.bank_account_id
                company = card.company_id or self.env.company
                relation.business_relation_id = company._marketing_get_relation(
                    relation.kind
                )

    @api.depends("bank_account_id.bank_id")
    def _compute_bank_id(self):
        for relation in self:
            relation.bank_id = relation.bank_account_id.bank_id

    @api.depends("partner_id.company_id", "bank_account_id.company_id")
    def _compute_company_id(self):
        for relation in self:
            card = relation.partner_id or relation.bank_account_id
            relation.company_id = card.company_id

    @api.depends("partner_id.display_name", "bank_account_id.display_name")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_card_name(self):
        readable = {
            card
            for cards in (self.partner_id, self.bank_account_id)
            # names of many2one values are read with all rights: who asks decides
            for card in cards.sudo(False)._filtered_access("read")
        }
        for relation in self:
            card = relation._get_card()
            relation.card_name = card in readable and card.sudo().display_name

    @api.depends("card_name", "business_relation_id", "contact_id")
    def _compute_display_name(self):
        for relation in self:
            relation.display_name = (
                relation.card_name or relation.business_relation_id.display_name
            )

    def _get_card(self):
        """Return the customer, vendor or bank account, empty for a plain relation."""
        self.ensure_one()
        return self.bank_account_id or self.partner_id

    def _get_card_node(self):
        """Return the pair of model and id whose values the contact shares."""
        self.ensure_one()
        card = self.bank_id if self.kind == "bank_account" else self.partner_id
        return (card._name, card.id)

    def _get_kind_name(self, kind=None):
        """Return the translated name of a kind, by default of the relation's."""
        selection = self._fields["kind"]._description_selection(self.env)
        return dict(selection)[kind or self.kind]

    @api.model
    def _browse_card(self, vals):
        """Return the card that `vals` point at."""
        if vals.get("kind") == "bank_account":
            return self.env["res.partner.bank"].browse(vals.get("bank_account_id"))
        return self.env["res.partner"].browse(vals.get("partner_id"))

    # ------------------------------------------------------------
    # LINKING
    # ------------------------------------------------------------

    @api.model
    def _create_links(self, vals_list, **options):
        """Create relations as :class:`LinkOptions` say, by the entrance of all.

        :param str master: ``contact``, ``card`` or ``neither``, whose value wins where
            both are filled in and differ
        :param dict keep: ``{contact field: "contact" or "card"}``, exceptions to master
        :param bool align: False if the caller knows that the two are the same
        :param bool new_contacts: True if nobody else can know of the contacts yet
        :return: the relations
        """
        linking = self.with_context(
            marketing_contact_link_options=LinkOptions(**options)
        )
        return linking.create(vals_list).with_env(self.env)

    # ------------------------------------------------------------
    # RIGHTS
    # ------------------------------------------------------------

    # Cards of a company are hidden with their links by our own rule. Where further
    # rules hide cards (employees' bank accounts, customers of other salespeople), their
    # links are hidden, too: Odoo shows the names of many2one values to everybody.

    @api.model
    def _get_hidden_text(self):
        return self.env._("You may not see what this contact is linked with.")

    @api.model
    def _get_readable_domain(self):
        """Return the domain of the links whose card no further rule hides."""
        domain = Domain.TRUE
        for column, model_name in (
            ("partner_id", "res.partner"),
            ("bank_account_id", "res.partner.bank"),
        ):
            if self._has_further_rules(self.env.uid, model_name):
                model = self.env[model_name].with_context(active_test=False)
                domain &= Domain(column, "=", False) | Domain(
                    column, "in", model._search([])
                )
        return domain

    @api.model
    @tools.ormcache("uid", "model_name")
    def _has_further_rules(self, uid, model_name):
        """Return whether a user reads a model by more rules than those on companies."""
        rules = self.env["ir.rule"].with_user(uid)._get_rules(model_name, "read")
        known = {
            self.env["ir.model.data"]._xmlid_to_res_id(xmlid, raise_if_not_found=False)
            for xmlid in ("base.res_partner_rule", "base.res_partner_bank_rule")
        }
        return bool(set(rules.ids) - known)

    @api.model
    def _get_options(self):
        """Return how to link; what a client puts into the context says nothing."""
        options = self.env.context.get("marketing_contact_link_options")
        return options if isinstance(options, LinkOptions) else LinkOptions()

    @api.model
    def _drop_kept(self, vals):
        """Return `vals` without what the system keeps, whatever a client sends."""
        return {name: value for name, value in vals.items() if name not in KEPT}

    @api.model_create_multi
    def create(self, vals_list):
        """Create relations and bring contacts and cards into line.

        :return: the relations
        :raise ValidationError: if a rule of the links (DESIGN §3) is broken
        """
        options = self._get_options()
        if not self.env.su:
            vals_list = [self._drop_kept(vals) for vals in vals_list]
            contacts = self.env["marketing.contact"].browse(
                {vals.get("contact_id") for vals in vals_list} - {None, False}
            )
            contacts.exists()._get_linking_contact().check_access("write")
        self._read_sides(vals_list)
        codes = {}
        vals_list = [self._prepare_link(vals, codes) for vals in vals_list]
        linking = [vals for vals in vals_list if vals.get("kind")]
        self._check_plain([vals for vals in vals_list if not vals.get("kind")])
        self._check_cards(linking)
        self._lock_sides(linking, with_contacts=not options.new_contacts)
        self._check_free(linking)
        # no default of the screen that one comes from, and no option for others
        context = clean_context(self.env.context)
        context.pop("marketing_contact_link_options", None)
        clean = self.with_env(self.env(context=context))
        insert = super(MarketingContactRelation, clean).create
        if not linking:
            return insert(vals_list).with_env(self.env)
        engine = self.env["marketing.sync.mixin"]
        with engine._marketing_journal("link") as journal:
            if not journal.dry:
                engine._marketing_open_batch(journal)
            relations = insert(vals_list).with_env(self.env)
            linked = relations.filtered("kind")
            # sudo: only administrators may write the entry; a plain relation has none
            (relations - linked).sudo().batch_id = False
            linked._raise_ranks()
            journal.relations += linked.ids
            if options.align:
                linked.with_env(clean.env)._align(options.master, options.keep)
        return relations

    @api.model
    def _read_sides(self, vals_list):
        """Read contacts and cards all at once; what follows looks at them singly."""
        for model_name, column, names in (
            ("marketing.contact", "contact_id", ["is_company", "parent_id"]),
            ("res.partner", "partner_id", ["commercial_partner_id", "company_id"]),
            ("res.partner.bank", "bank_account_id", ["bank_id", "company_id"]),
        ):
            ids = {vals.get(column) for vals in vals_list} - {None, False}
            # sudo: the rights are checked where the values are used
            self.env[model_name].sudo().browse(ids).fetch(names)

    @api.model
    def _prepare_link(self, vals, codes):
        """Return `vals` with the contact that may carry the link, its code, and what
        follows from the card, whatever the caller says of that.

        All that Odoo would compute before it inserts is there: it would do so one
        relation at a time.

        :param dict codes: ``{(company, kind): id of the code}``, as far as it is known
        """
        if not vals.get("kind"):
            return {**vals, "bank_id": False, "company_id": False}
        contact = self.env["marketing.contact"].browse(vals.get("contact_id"))
        contact._check_kind(vals["kind"])
        # sudo: the rights on the card are checked where all are there
        card = self._browse_card(vals).sudo()
        vals = {
            **vals,
            "contact_id": contact._get_linking_contact().id,
            "company_id": card.company_id.id,
            "bank_id": vals["kind"] == "bank_account" and card.bank_id.id,
        }
        if not vals.get("business_relation_id"):
            company = card.company_id or self.env.company
            key = (company, vals["kind"])
            if key not in codes:
                codes[key] = company._marketing_require_relation(vals["kind"]).id
            vals["business_relation_id"] = codes[key]
        return vals

    def write(self, vals):
        # what follows from the card is not for the caller to say
        vals = {name: value for name, value in vals.items() if name not in FOLLOWING}
        if not self.env.su:
            vals = self._drop_kept(vals)
        if not LINK_FIELDS.intersection(vals):
            return super().write(vals)
        if not self.env.su:
            self._check_new_sides(vals)
        # no option is for what the write leads to
        links = self.filtered("kind")
        links._lock_sides(
            [
                {
                    "contact_id": vals.get("contact_id", link.contact_id.id),
                    "partner_id": vals.get("partner_id", link.partner_id.id),
                    "bank_account_id": vals.get(
                        "bank_account_id", link.bank_account_id.id
                    ),
                }
                for link in links
            ]
        )
        engine = self.env["marketing.sync.mixin"]
        with engine._marketing_journal("link") as journal:
            before = {link.id: link._get_link_values() for link in links}
            result = super().write(vals)
            linked = self.filtered("kind")
            for link in linked & links:
                journal.note_move(link.id, before[link.id], link._get_link_values())
            linked._raise_ranks()
            if self._get_options().align:
                linked._align()
        return result

    def _get_link_values(self):
        """Return the values that make the link again, or put it back."""
        self.ensure_one()
        return {
            "contact_id": self.contact_id.id,
            "kind": self.kind,
            "business_relation_id": self.business_relation_id.id,
            "partner_id": self.partner_id.id,
            "bank_account_id": self.bank_account_id.id,
        }

    def _check_new_sides(self, vals):
        """Moving a link takes the rights that making it takes."""
        if vals.get("contact_id"):
            contact = self.env["marketing.contact"].browse(vals["contact_id"])
            contact.check_access("write")
        names = ("contact_id", "kind", "partner_id", "bank_account_id")
        links = [
            {
                **{
                    name: link._fields[name].convert_to_write(link[name], link)
                    for name in names
                },
                **vals,
            }
            for link in self
        ]
        self._check_cards([link for link in links if link["kind"]])

    def action_open_card(self):
        """Open the form of the customer, vendor or bank account."""
        self.ensure_one()
        card = self._get_card()
        return card._get_records_action(name=self._get_kind_name()) if card else False

    def action_unlink(self):
        """Remove the link; contact and card stay as they are."""
        self.unlink()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..contact.answers import reload
from ..contact.companies import go_together
from ..contact.input import without_defaults
from ..sync.kinds import add_kind_filters, get_kind_selection, get_kinds
from ..sync.rights import shown_name
from ..sync.session import get_session, open_journal
from . import flags
from .put import put
from .registry import OUR_KINDS, CodeConstraint, TargetConstraint, get_single_index

# what the system keeps and nobody writes by hand
KEPT = {"batch_id", "state"}


class MarketingContactRelation(models.Model):
    """A contact tied to a business relation and, if it has a kind, to one card.

    Creating a relation with a kind *is* linking: it checks the rules, brings contact
    and card into line and keeps them there. Deleting it is unlinking.
    """

    _name = "marketing.contact.relation"
    _inherit = ["marketing.hidden.mixin"]
    _description = "Link of a Contact"
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
        ondelete="restrict",
        index=True,
    )
    kind = fields.Selection(
        selection=lambda self: get_kind_selection(self.env),
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
        help="The company of the linked record; empty for one that companies share.",
    )
    card_name = fields.Char(string="Linked With", compute="_compute_card_name")
    state = fields.Selection(
        selection=[("equal", "In Sync"), ("drifted", "Out of Sync")],
        string="Status",
        required=True,
        default="equal",
        readonly=True,
        copy=False,
        help="Out of sync: a shared value of the two records differs.",
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

    _check_partner = TargetConstraint(
        "partner_id",
        "A customer or vendor relation needs a customer or vendor, others have none.",
    )
    _check_bank_account = TargetConstraint(
        "bank_account_id",
        "A bank account relation needs a bank account, others have none.",
    )
    _check_code = CodeConstraint(
        "", "Choose the business relation: what the contact is to us."
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
        get_single_index,
        "A contact has at most one customer and one vendor in each company.",
    )
    _unique_code = models.UniqueIndex(
        "(contact_id, business_relation_id) WHERE kind IS NULL",
        "The contact has this business relation already.",
    )

    # ------------------------------------------------------------
    # THE REGISTRY OF KINDS
    # ------------------------------------------------------------

    @api.model
    def _get_kinds(self):
        """Return the registry of kinds: what a contact can be linked with.

        Extend it by `super()`; it is asked before there is a database to ask.

        :rtype: dict[str, Kind]
        """
        return dict(OUR_KINDS)

    def _filter_cards(self):
        """Return the links that people make: with customers, vendors, accounts…"""
        return self.filtered("kind") - self._filter_ties()

    def _filter_ties(self):
        """Return the links that tie people of the two sides of another link."""
        personal = get_kinds(self.env).personal
        return self.filtered(lambda relation: relation.kind in personal)

    @api.model
    def _default_batch_id(self):
        """Return the entry of the open journal: so links are written once."""
        journal = get_session(self.env).journal
        return journal.batch if journal and journal.batch else False

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("bank_account_id.bank_id")
    def _compute_bank_id(self):
        for relation in self:
            relation.bank_id = relation.bank_account_id.bank_id

    @api.depends(lambda self: self._depends_on_cards("company_id"))
    def _compute_company_id(self):
        for relation in self:
            relation.company_id = relation._get_card().company_id

    @api.depends(lambda self: self._depends_on_cards("display_name"))
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_card_name(self):
        readable = self._get_readable_cards()
        for relation in self:
            card = relation._get_card()
            # sudo: the name of a card that the user may read
            relation.card_name = card in readable and card.sudo().display_name

    @api.model
    def _depends_on_cards(self, field_name):
        return [f"{column}.{field_name}" for column in get_kinds(self.env).columns]

    def _get_readable_cards(self):
        """Return the set of the relations' cards that the user may read."""
        return {
            card
            for column in get_kinds(self.env).columns
            # what is computed is computed with all rights: who asks decides
            for card in self[column].sudo(False)._filtered_access("read")
        }

    @api.depends("card_name", "business_relation_id", "contact_id")
    def _compute_display_name(self):
        for relation in self:
            relation.display_name = (
                relation.card_name or relation.business_relation_id.display_name
            )

    @api.model
    def _search_display_name(self, operator, value):
        """Find links by what their cards and their codes are called."""
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        names = ("business_relation_id", *get_kinds(self.env).columns)
        return Domain.OR(
            Domain(f"{name}.display_name", operator, value) for name in names
        )

    def _get_card(self):
        """Return the card, an empty partner for a plain relation."""
        self.ensure_one()
        return self[self._get_column("card_column")]

    def _get_shared_record(self):
        """Return the record whose values the contact shares."""
        self.ensure_one()
        return self[self._get_column("shared_column")]

    def _get_column(self, which):
        kind = get_kinds(self.env).get(self.kind)
        return getattr(kind, which) if kind else "partner_id"

    def _get_kind_name(self, kind=None):
        """Return the translated name of a kind, by default of the relation's."""
        return dict(get_kind_selection(self.env)).get(kind or self.kind)

    @api.model
    def _get_card_of(self, vals):
        """Return the card that `vals` point at."""
        kind = get_kinds(self.env).get(vals.get("kind"))
        if not kind:
            return self.env["res.partner"]
        return self.env[kind.card_model].browse(vals.get(kind.card_column))

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        add_kind_filters(self.env, arch)
        return arch, view

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
        for column, model_name in get_kinds(self.env).columns.items():
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
            for xmlid in (
                "base.res_partner_rule",
                "base.res_partner_bank_rule",
                "marketing_contact.marketing_contact_rule_company",
            )
        }
        return bool(set(rules.ids) - known)

    # ------------------------------------------------------------
    # LINKING: see put.py
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Create relations and bring contacts and cards into line.

        :return: the relations
        :raise UserError: if a rule of the links is broken
        """
        if get_session(self.env).stored.issuperset(map(self._get_sides_of, vals_list)):
            return super().create(vals_list)
        none = without_defaults(self.browse())
        insert = super(MarketingContactRelation, none).create
        vals_list = [self._drop_kept(vals) for vals in vals_list]
        return put(self.browse(), vals_list, store=insert)

    def write(self, vals):
        """Change relations, by the rules of those that are made.

        :raise UserError: if a rule of the links is broken
        """

        def update(relations, vals):
            super().write(vals)

        if get_session(self.env).stored.issuperset(self._ids):
            return super().write(vals)
        vals = self._drop_kept(vals)
        if vals.keys().isdisjoint(self._get_side_names()):
            return super().write(vals)
        put(self, [vals] * len(self), store=update)
        return True

    def unlink(self):
        """Remove the links; contacts and cards stay as they are."""
        left = flags.get_sides(self)
        with open_journal(self.env, "link") as journal:
            journal.note_removed(self)
            result = super().unlink()
            flags.lower_flags(self.env, left)
        return result

    @api.model
    def _drop_kept(self, vals):
        """Return `vals` without what follows from the card, and what the system keeps
        whatever a client sends.
        """
        columns = get_kinds(self.env).columns
        kept = {kind.shared_column for kind in get_kinds(self.env).values()}
        kept = kept - columns.keys() | {"company_id"}
        if not self.env.su:
            kept |= KEPT
        return {name: value for name, value in vals.items() if name not in kept}

    @api.model
    def _get_side_names(self):
        """Return the names of the fields that say what is linked with what, as what."""
        sides = ["contact_id", "kind", "business_relation_id"]
        return [*sides, *get_kinds(self.env).columns]

    @api.model
    def _get_sides_of(self, vals):
        """Return the values of those fields as what can be looked up."""
        return repr([vals.get(name) or False for name in self._get_side_names()])

    def _get_link_values(self):
        """Return the values that make the link again, or put it back."""
        self.ensure_one()
        return {
            name: self._fields[name].convert_to_write(self[name], self)
            for name in self._get_side_names()
        }

    @api.model
    def _check_links(self, vals_list, options):
        """Check relations that are to be made, or to get other values.

        :param list vals_list: the values of each, with all that follows from them
        :param options: the :class:`LinkOptions` that are linked by
        :raise ValidationError: if a rule is broken
        """

    # ------------------------------------------------------------
    # WHAT FOLLOWS A LINK
    # ------------------------------------------------------------

    def _follow_links(self, left, options):
        """Do what follows from relations that were made or have other sides now, for
        all of them at once.

        :param dict left: ``{model name: ids}`` of the sides that they had before, empty
            for new ones
        :param options: the :class:`LinkOptions` that they were linked by
        """

    def _mark_drifted(self):
        """Say that a shared value differs, which a check may find or not."""
        self.filtered(lambda r: r.state != "drifted").state = "drifted"

    def _raise_ranks(self):
        """Make the cards customers or vendors also in the ERP's own lists."""
        for kind in get_kinds(self.env).values():
            if kind.rank_field:
                of_kind = self.filtered(lambda r, kind=kind: r.kind == kind.name)
                # sudo: linking needs read on the card only; the rank follows the link
                cards = of_kind[kind.card_column].sudo()
                if new := cards.filtered(lambda c, kind=kind: not c[kind.rank_field]):
                    new.write({kind.rank_field: 1})

    # ------------------------------------------------------------
    # RULES that are more than a constraint of the database can say
    # ------------------------------------------------------------

    @api.constrains("kind", "business_relation_id")
    def _check_reserved_code(self):
        """A code that Marketing Setup uses for a kind comes by linking only."""
        plain = self.filtered(lambda relation: not relation.kind)
        if not plain:
            return
        reserved = self.env["marketing.business.relation"]._get_reserved()
        for relation in plain:
            if relation.business_relation_id in reserved:
                raise ValidationError(
                    self.env._(
                        "“%(code)s” is the code of contacts that are linked with a "
                        "customer, vendor or bank account. Use Link with Existing or "
                        "Create as on the contact "
                        "“%(contact)s”, or choose another business relation.",
                        code=relation.business_relation_id.display_name,
                        contact=relation.contact_id.display_name,
                    )
                )

    @api.constrains("contact_id", "company_id")
    def _check_companies(self):
        """A contact of one company is not linked with a card of another."""
        for relation in self:
            contact_company = relation.contact_id.company_id
            card_company = relation.company_id
            if not go_together(contact_company, card_company):
                raise ValidationError(
                    self.env._(
                        "The contact “%(contact)s” belongs to %(contact_company)s, "
                        "“%(card)s” to %(card_company)s. Link records of the same "
                        "company, or empty the company of the contact.",
                        contact=relation.contact_id.display_name,
                        contact_company=contact_company.name,
                        card=shown_name(relation._get_card()),
                        card_company=card_company.name,
                    )
                )

    # ------------------------------------------------------------
    # BUTTONS
    # ------------------------------------------------------------

    def action_open_card(self):
        """Open the form of the customer, vendor or bank account."""
        self.ensure_one()
        card = without_defaults(self._get_card())
        return card._get_records_action(name=self._get_kind_name()) if card else False

    def action_unlink(self):
        """Remove the link; contact and card stay as they are."""
        self.unlink()
        return reload()

    def action_ask_unlink(self):
        """Open the question whether values stay or go back, which unlinks."""
        self.ensure_one()
        view = "marketing_contact.marketing_contact_relation_view_form_unlink"
        return self._get_records_action(
            name=self.env._("Unlink"),
            views=[(self.env.ref(view).id, "form")],
            target="new",
            context={},
        )

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from .marketing_sync_field import KINDS

LINK_FIELDS = {"contact_id", "kind", "partner_id", "bank_account_id"}


class MarketingContactRelation(models.Model):
    """A contact tied to a business relation and, if it has a kind, to one card.

    Creating a relation with a kind *is* linking: it checks the rules, brings contact
    and card into line and keeps them there. Deleting it is unlinking.
    """

    _name = "marketing.contact.relation"
    _inherit = ["marketing.sync.drift"]
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
        precompute=True,
        ondelete="set null",
        index="btree_not_null",
        help="The bank of the account: its details are what the contact shares.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        compute="_compute_company_id",
        store=True,
        precompute=True,
        index="btree_not_null",
        help="The company of the card; empty for a card that companies share.",
    )
    card_name = fields.Char(string="Linked With", compute="_compute_card_name")
    state = fields.Selection(
        selection=[("equal", "In Step"), ("drifted", "Drifted")],
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
        groups="marketing_contact.group_marketing_contact_manager",
        help="The entry of the journal that made the link; undoing it removes the link.",
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
        for model_name in ("res.partner", "res.partner.bank"):
            cards = self._get_cards().get(model_name)
            readable = cards._filtered_access("read") if cards else cards
            for relation in self:
                card = relation._get_card()
                if card._name == model_name:
                    relation.card_name = card in readable and card.display_name
        self.filtered(lambda relation: not relation.kind).card_name = False

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

    def _get_cards(self):
        """Return ``{model name: cards}`` of the relations."""
        return {
            "res.partner": self.partner_id,
            "res.partner.bank": self.bank_account_id,
        }

    def _get_card_node(self):
        """Return the pair of model and id whose values the contact shares."""
        self.ensure_one()
        card = self.bank_id if self.kind == "bank_account" else self.partner_id
        return (card._name, card.id)

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    @api.constrains("kind", "business_relation_id")
    def _check_reserved_code(self):
        """A code that Marketing Setup uses for a kind comes by linking only."""
        plain = self.filtered(lambda relation: not relation.kind)
        if not plain:
            return
        # sudo: a code is reserved by the setup of any company, also of one that the
        # user may not see
        reserved = self.env["res.company"].sudo()._marketing_get_reserved_relations()
        for relation in plain:
            if relation.business_relation_id in reserved:
                raise ValidationError(
                    self.env._(
                        "“%(code)s” is the code of contacts that are linked with a "
                        "card. Use Link with Existing or Create as on the contact "
                        "“%(contact)s”, or choose another business relation.",
                        code=relation.business_relation_id.display_name,
                        contact=relation.contact_id.display_name,
                    )
                )

    @api.constrains("contact_id", "kind", "partner_id", "bank_account_id")
    def _check_one_contact(self):
        """A card, and a bank, has one contact; a contact has one bank."""
        # sudo: the rule holds whether or not the user may see the other relations
        others = self.sudo().search(
            [
                "|",
                "|",
                ("partner_id", "in", self.partner_id.ids),
                ("bank_id", "in", self.bank_id.ids),
                "&",
                ("contact_id", "in", self.contact_id.ids),
                ("kind", "=", "bank_account"),
            ]
        )
        for relation in self.sudo():
            for other in others - relation:
                same_card = (
                    relation.partner_id and relation.partner_id == other.partner_id
                )
                same_bank = relation.bank_id and relation.bank_id == other.bank_id
                same_contact = relation.contact_id == other.contact_id
                if (same_card or same_bank) and not same_contact:
                    raise ValidationError(
                        self.env._(
                            "“%(card)s” already belongs to the contact “%(contact)s”. "
                            "Move the link, merge the two contacts, or unlink it "
                            "there first.",
                            card=(relation.partner_id or relation.bank_id).display_name,
                            contact=other.contact_id.display_name,
                        )
                    )
                if (
                    same_contact
                    and relation.kind == other.kind == "bank_account"
                    and relation.bank_id
                    and other.bank_id
                    and not same_bank
                ):
                    raise ValidationError(
                        self.env._(
                            "The contact “%(contact)s” stands for the bank "
                            "“%(bank)s”; the account “%(account)s” is at another "
                            "bank. Link it with the contact of its own bank.",
                            contact=relation.contact_id.display_name,
                            bank=other.bank_id.display_name,
                            account=relation.bank_account_id.acc_number,
                        )
                    )

    @api.constrains("contact_id", "company_id")
    def _check_companies(self):
        """A contact of one company is not linked with a card of another."""
        for relation in self:
            contact_company = relation.contact_id.company_id
            card_company = relation.company_id
            if (
                contact_company
                and card_company
                and contact_company not in card_company.parent_ids
                and card_company not in contact_company.parent_ids
            ):
                raise ValidationError(
                    self.env._(
                        "The contact “%(contact)s” belongs to %(contact_company)s, "
                        "“%(card)s” to %(card_company)s. Link cards of the same "
                        "company, or empty the company of the contact.",
                        contact=relation.contact_id.display_name,
                        contact_company=contact_company.name,
                        card=relation._get_card().display_name,
                        card_company=card_company.name,
                    )
                )

    def _check_free(self, vals_list):
        """Raise a clear error for what the unique indexes would refuse.

        :raise ValidationError: naming the contact that has the card, or the card that
            the contact has
        """
        contacts = self.env["marketing.contact"].browse(
            vals["contact_id"] for vals in vals_list
        )
        # sudo: a card may be taken by a contact that the user may not see
        taken = self.sudo().search(
            [
                ("kind", "!=", False),
                "|",
                "|",
                ("contact_id", "in", contacts.ids),
                ("partner_id", "in", [vals.get("partner_id") for vals in vals_list]),
                (
                    "bank_account_id",
                    "in",
                    [vals.get("bank_account_id") for vals in vals_list],
                ),
            ]
        )
        by_card = {(r.kind, r._get_card().id): r for r in taken}
        by_contact = {
            (r.contact_id.id, r.kind, r.company_id.id): r
            for r in taken
            if r.kind != "bank_account"
        }
        for vals in vals_list:
            kind = vals.get("kind")
            card = self._browse_card(vals)
            if not kind or not card:
                continue
            if relation := by_card.get((kind, card.id)):
                raise ValidationError(
                    self.env._(
                        "“%(card)s” is linked with the contact “%(contact)s” already. "
                        "Unlink it there first, or move the link.",
                        card=card.display_name,
                        contact=relation.contact_id.display_name,
                    )
                )
            key = (vals["contact_id"], kind, card.sudo().company_id.id)
            if relation := by_contact.get(key):
                raise ValidationError(
                    self.env._(
                        "The contact “%(contact)s” is linked with the %(kind)s "
                        "“%(card)s” already. Unlink that one first.",
                        contact=relation.contact_id.display_name,
                        kind=relation._get_kind_name().lower(),
                        card=relation._get_card().display_name,
                    )
                )

    @api.model
    def _check_plain(self, vals_list):
        """:raise ValidationError: if a contact has one of the plain codes already"""
        if not vals_list:
            return
        pairs = {
            (vals.get("contact_id"), vals.get("business_relation_id"))
            for vals in vals_list
        }
        known = self.search(
            [("kind", "=", False), ("contact_id", "in", [pair[0] for pair in pairs])]
        )
        for relation in known:
            if (relation.contact_id.id, relation.business_relation_id.id) in pairs:
                raise ValidationError(
                    self.env._(
                        "The contact “%(contact)s” has the business relation "
                        "“%(relation)s” already.",
                        contact=relation.contact_id.display_name,
                        relation=relation.business_relation_id.display_name,
                    )
                )

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

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        return self._create_links(vals_list)

    @api.model
    def _create_links(self, vals_list, master="contact", keep=None, align=True):
        """Create relations and bring contacts and cards into line.

        :param str master: ``contact`` or ``card``, whose value wins where both are
            filled in and differ
        :param dict keep: ``{contact field: "contact" or "card"}``, exceptions to master
        :param bool align: False if the caller knows that the two are the same
        :return: the relations
        :raise ValidationError: if a rule of the links (DESIGN §3) is broken
        """
        vals_list = [self._prepare_link(vals) for vals in vals_list]
        linking = [vals for vals in vals_list if vals.get("kind")]
        self._check_plain([vals for vals in vals_list if not vals.get("kind")])
        self._check_cards(linking)
        self._lock_sides(linking)
        self._check_free(linking)
        relations = super().create(vals_list)
        linked = relations.filtered("kind")
        if linked:
            linked._raise_ranks()
            engine = self.env["marketing.sync.mixin"]
            with engine._marketing_journal("link") as journal:
                journal.relations += linked.ids
                if align:
                    linked._align(master, keep)
        return relations

    @api.model
    def _prepare_link(self, vals):
        """Return `vals` with the contact that may carry the link, and its code."""
        if not vals.get("kind"):
            return vals
        contact = self.env["marketing.contact"].browse(vals.get("contact_id"))
        vals = {**vals, "contact_id": contact._get_linking_contact().id}
        if not vals.get("business_relation_id"):
            card = self._browse_card(vals)
            company = card.sudo().company_id or self.env.company
            relation = company._marketing_require_relation(vals["kind"])
            vals["business_relation_id"] = relation.id
        return vals

    @api.model
    def _check_cards(self, vals_list):
        """Check that the cards exist, may be read and are commercial entities."""
        for model_name in ("res.partner", "res.partner.bank"):
            cards = self.env[model_name].union(
                *(
                    card
                    for vals in vals_list
                    if (card := self._browse_card(vals))._name == model_name
                )
            )
            if len(cards.exists()) < len(cards):
                raise UserError(
                    self.env._(
                        "A card to link with does not exist any more. Choose another."
                    )
                )
            cards.check_access("read")
            if model_name == "res.partner":
                for partner in cards:
                    if partner.commercial_partner_id != partner:
                        raise UserError(
                            self.env._(
                                "“%(partner)s” is a contact or address of "
                                "“%(company)s”. Link that company instead.",
                                partner=partner.display_name,
                                company=partner.commercial_partner_id.display_name,
                            )
                        )

    @api.model
    def _lock_sides(self, vals_list):
        """Make two users who link the same side at once wait, and one of them retry.

        The rows are updated, not only locked: a transaction that began before can't
        see the new relation and must not go on with its old view of them.
        """
        rows = {
            "marketing_contact": {vals["contact_id"] for vals in vals_list},
            "res_partner": {vals.get("partner_id") for vals in vals_list},
            "res_bank": self.env["res.partner.bank"]
            .browse({vals.get("bank_account_id") for vals in vals_list} - {None, False})
            .sudo()
            .bank_id._ids,
        }
        for table, ids in rows.items():
            if ids := tuple(sorted(set(ids) - {None, False})):
                self.env.cr.execute(
                    SQL(
                        """
                        UPDATE %(table)s SET write_uid = write_uid WHERE id IN (
                            SELECT id FROM %(table)s WHERE id IN %(ids)s
                            ORDER BY id FOR NO KEY UPDATE)
                        """,
                        table=SQL.identifier(table),
                        ids=ids,
                    )
                )

    def _raise_ranks(self):
        """Make the partners customers or vendors also in the ERP's own lists."""
        for kind, field in (("customer", "customer_rank"), ("vendor", "supplier_rank")):
            partners = self.filtered(lambda r, kind=kind: r.kind == kind).partner_id
            # sudo: linking needs read on the partner only; the rank follows the link
            new = partners.sudo().filtered(lambda p, field=field: not p[field])
            if new:
                new.write({field: 1})

    def _align(self, master="contact", keep=None):
        """Bring each contact and its card into line, as chosen when linking.

        An empty value never beats a filled one. What changes on the contact goes on
        to its other cards.
        """
        remaining = self
        while remaining:
            # one relation of each contact at a time: the next one starts from there
            firsts = self.browse(
                {relation.contact_id.id: relation.id for relation in remaining}.values()
            )
            remaining -= firsts
            self._align_once(firsts, master, keep or {})

    @api.model
    def _align_once(self, relations, master, keep):
        engine = self.env["marketing.sync.mixin"]
        links = relations.contact_id._marketing_get_links()
        own_links = [link for link in links if link.relation_id in relations._ids]
        records = engine._marketing_records(
            {node for link in own_links for node in (link.contact, link.card)}
        )
        from_card, from_contact = {}, {}
        for link in own_links:
            contact, card = records[link.contact], records[link.card]
            for line in self.env["marketing.sync.field"]._get_kind_map(link.kind):
                winner = line.get_winner(contact, card, master, keep)
                if winner == "card":
                    from_card.setdefault(link.card, set()).add(line.card_field)
                elif winner == "contact":
                    from_contact.setdefault(link.contact, set()).add(line.contact_field)
        if from_card:
            engine._marketing_propagate(links, from_card)
        if from_contact:
            engine._marketing_propagate(own_links, from_contact)

    def write(self, vals):
        if not LINK_FIELDS.intersection(vals):
            return super().write(vals)
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
        result = super().write(vals)
        linked = self.filtered("kind")
        linked._raise_ranks()
        if not self.env.context.get("marketing_contact_no_align"):
            linked._align()
        return result

    def _follow_bank(self, old_bank):
        """Let the contact follow an account that got another bank (DESIGN §5.7).

        The contact takes over what the new bank has other than the old one. Where the
        new bank has a contact, or the contact has more accounts at the old bank, the
        account goes to the contact of its new bank instead.
        """
        self.ensure_one()
        bank = self.bank_account_id.bank_id
        if not bank:
            return
        contact = self.contact_id
        others = contact.relation_ids.filtered("bank_id") - self
        known = self.search(
            [("bank_id", "=", bank.id), ("contact_id", "!=", contact.id)], limit=1
        )
        if known or any(other.bank_id != bank for other in others):
            account = self.bank_account_id
            self.unlink()
            contact._message_log(
                body=self.env._(
                    "The bank account “%(account)s” is at the bank “%(bank)s” now and "
                    "no longer linked with this contact.",
                    account=account.acc_number,
                    bank=bank.display_name,
                )
            )
            company = account.company_id or self.env.company
            if known or company._marketing_get_relation("bank_account"):
                account._marketing_create_contacts("bank_account")
            return
        lines = self.env["marketing.sync.field"]._get_kind_map("bank_account")
        changed = {
            line.card_field
            for line in lines
            if not old_bank
            or bank._marketing_value(line.card_field)
            != old_bank._marketing_value(line.card_field)
        }
        if changed:
            self.env["marketing.sync.mixin"]._marketing_propagate(
                contact._marketing_get_links(), {("res.bank", bank.id): changed}
            )

    def action_open_card(self):
        """Open the form of the customer, vendor or bank account."""
        self.ensure_one()
        card = self._get_card()
        return card._get_records_action(name=self._get_kind_name()) if card else False

    def action_unlink(self):
        """Remove the link; contact and card stay as they are."""
        self.unlink()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

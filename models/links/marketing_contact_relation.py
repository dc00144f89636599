from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools.misc import clean_context

from ..sync.kinds import CONTACT_MODEL, LinkOptions
from ..sync.rights import shown_name
from ..sync.session import get_session, open_journal
from . import checks, marks
from .alignment import align
from .registry import OUR_KINDS, CodeConstraint, TargetConstraint, get_single_index

# what the system keeps and nobody writes by hand
KEPT = {"batch_id", "state"}


class MarketingContactRelation(models.Model):
    """A contact tied to a business relation and, if it has a kind, to one card.

    Creating a relation with a kind *is* linking: it checks the rules, brings contact
    and card into line and keeps them there. Deleting it is unlinking.
    """

    _name = "marketing.contact.relation"
    _inherit = ["marketing.hidden.mixin", "marketing.kind.mixin"]
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
        ondelete="restrict",
        index=True,
        compute="_compute_business_relation_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    kind = fields.Selection(
        selection=lambda self: self._get_kind_selection(),
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

    @api.model
    def _get_personal_kinds(self):
        """Return the names of the kinds that tie people."""
        return [kind.name for kind in self._get_kinds().values() if kind.personal]

    def _filter_cards(self):
        """Return the links that people make: with customers, vendors, accounts…"""
        personal = self._get_personal_kinds()
        return self.filtered(lambda r: r.kind and r.kind not in personal)

    @api.model
    def _get_kind_selection(self, plural=False):
        """Return the kinds as choices, labels in the user's language."""
        return [
            (kind.name, self.env._(kind.plural if plural else kind.label))
            for kind in self._get_kinds().values()
        ]

    @api.model
    def _get_card_columns(self):
        """Return ``{column: model}`` of the fields that hold a card."""
        return {k.card_column: k.card_model for k in self._get_kinds().values()}

    @api.model
    def _default_batch_id(self):
        """Return the entry of the open journal: so links are written once."""
        journal = get_session(self.env).journal
        return journal.batch if journal and journal.batch else False

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("kind")
    def _compute_business_relation_id(self):
        for relation in self:
            kind = self._get_kinds().get(relation.kind)
            if kind and not kind.personal and not relation.business_relation_id:
                card = relation._get_card()
                company = card.company_id or self.env.company
                relation.business_relation_id = company._marketing_get_relation(
                    relation.kind
                )

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
        return [f"{column}.{field_name}" for column in self._get_card_columns()]

    def _get_readable_cards(self):
        """Return the set of the relations' cards that the user may read."""
        return {
            card
            for column in self._get_card_columns()
            # what is computed is computed with all rights: who asks decides
            for card in self[column].sudo(False)._filtered_access("read")
        }

    @api.depends("card_name", "business_relation_id", "contact_id")
    def _compute_display_name(self):
        for relation in self:
            relation.display_name = (
                relation.card_name or relation.business_relation_id.display_name
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
        kind = self._get_kinds().get(self.kind)
        return getattr(kind, which) if kind else "partner_id"

    def _get_kind_name(self, kind=None):
        """Return the translated name of a kind, by default of the relation's."""
        return dict(self._get_kind_selection()).get(kind or self.kind)

    @api.model
    def _get_card_of(self, vals):
        """Return the card that `vals` point at."""
        kind = self._get_kinds().get(vals.get("kind"))
        if not kind:
            return self.env["res.partner"]
        return self.env[kind.card_model].browse(vals.get(kind.card_column))

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
        :param people: whether people come along, see :class:`LinkOptions`
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
        for column, model_name in self._get_card_columns().items():
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
        :raise ValidationError: if a rule of the links is broken
        """
        options = self._get_options()
        if not self.env.su:
            vals_list = [self._drop_kept(vals) for vals in vals_list]
            contacts = self.env[CONTACT_MODEL].browse(
                {vals.get("contact_id") for vals in vals_list} - {None, False}
            )
            contacts = contacts.exists()
            (contacts | contacts._get_linking_contact()).check_access("write")
        self._read_sides(vals_list)
        codes = {}
        vals_list = [self._prepare_link(vals, codes) for vals in vals_list]
        linking = [vals for vals in vals_list if vals.get("kind")]
        checks.check_plain(self, [vals for vals in vals_list if not vals.get("kind")])
        self._check_links(linking)
        marks.mark_linked(self.env, linking, with_contacts=not options.new_contacts)
        checks.check_free(self, linking)
        # no default of the screen that one comes from, and no option for others
        context = clean_context(self.env.context)
        context.pop("marketing_contact_link_options", None)
        clean = self.with_env(self.env(context=context))
        insert = super(MarketingContactRelation, clean).create
        if not linking:
            return insert(vals_list).with_env(self.env)
        with open_journal(self.env, "link") as journal:
            if not journal.dry:
                journal.get_batch(self.env)
            relations = insert(vals_list).with_env(self.env)
            linked = relations.filtered("kind")
            # sudo: only administrators may write the entry; a plain relation has none
            (relations - linked).sudo().batch_id = False
            linked._raise_ranks()
            journal.relations += linked.ids
            if options.align:
                align(linked.with_env(clean.env), options.master, options.keep)
                if options.master == "neither":
                    # sudo: what differs is listed, whoever may see the links
                    linked.sudo().check_differences()
            if options.people != "later":
                master = options.master if options.align else "card"
                linked.with_env(clean.env)._bring_people(
                    master, to_contacts=options.people
                )
        return relations

    @api.model
    def _read_sides(self, vals_list):
        """Read contacts and cards all at once; what follows looks at them singly."""
        sides = {"contact_id": CONTACT_MODEL, **self._get_card_columns()}
        for column, model_name in sides.items():
            ids = {vals.get(column) for vals in vals_list} - {None, False}
            # sudo: the rights are checked where the values are used
            records = self.env[model_name].sudo().browse(ids)
            if ids and column == "contact_id":
                records.fetch(["is_company", "parent_id"])
            elif ids:
                records._marketing_read_for_links()

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
        contact = self.env[CONTACT_MODEL].browse(vals.get("contact_id"))
        contact._check_kind(vals["kind"])
        kind = self._get_kinds()[vals["kind"]]
        # sudo: the rights on the card are checked where all are there
        card = self._get_card_of(vals).sudo()
        carrier = contact if kind.personal else contact._get_linking_contact()
        vals = {
            **vals,
            "bank_id": False,
            "contact_id": carrier.id,
            "company_id": card.company_id.id,
        }
        if kind.personal:
            return {**vals, "business_relation_id": False}
        if kind.shared_column != kind.card_column:
            vals[kind.shared_column] = card._marketing_get_shared_record().id
        if not vals.get("business_relation_id"):
            company = card.company_id or self.env.company
            key = (company, vals["kind"])
            if key not in codes:
                codes[key] = company._marketing_require_relation(vals["kind"]).id
            vals["business_relation_id"] = codes[key]
        return vals

    def write(self, vals):
        columns = self._get_card_columns()
        shared = {kind.shared_column for kind in self._get_kinds().values()}
        # what follows from the card is not for the caller to say
        follows = (shared - columns.keys()) | {"company_id"}
        vals = {name: value for name, value in vals.items() if name not in follows}
        if not self.env.su:
            vals = self._drop_kept(vals)
        if {"contact_id", "kind", *columns}.isdisjoint(vals):
            return super().write(vals)
        if self._get_options().prepared:
            return super().write(vals)
        if not self.env.su:
            self._check_new_sides(vals)
        # no option is for what the write leads to
        links = self.filtered("kind")
        before = {link.id: link._get_link_values() for link in links}
        left = marks.get_sides(links)
        marks.mark_linked(self.env, [{**values, **vals} for values in before.values()])
        with open_journal(self.env, "link") as journal:
            result = super().write(vals)
            linked = self.filtered("kind")
            for link in linked & links:
                journal.note_move(link.id, before[link.id], link._get_link_values())
            linked._raise_ranks()
            if self._get_options().align:
                align(linked)
            marks.unmark_linked(self.env, left)
            options = self._get_options()
            if options.people != "later":
                linked._follow_people(left, options.people)
        return result

    def _move_to(self, contact_ids):
        """Move links to other contacts, many at once; their values stay as they are.

        :param dict contact_ids: ``{link id: contact id}``, of all of them
        :raise ValidationError: if a contact has such a card already
        """
        checks.check_places(self, contact_ids)
        before = {link.id: link._get_link_values() for link in self}
        linked = self.filtered("kind")
        left = marks.get_sides(linked)
        groups = {}
        for link in self:
            target_id = contact_ids[link.id]
            groups[target_id] = groups.get(target_id, self.browse()) | link
        with open_journal(self.env, "link") as journal:
            for target_id, links in groups.items():
                links.with_context(
                    marketing_contact_link_options=LinkOptions(prepared=True)
                ).write({"contact_id": target_id})
            self.flush_recordset()
            after = {link.id: link._get_link_values() for link in self}
            marks.mark_linked(self.env, [after[link.id] for link in linked])
            # only here are all of them where they belong
            linked._check_one_contact()
            linked._check_companies()
            marks.unmark_linked(self.env, {CONTACT_MODEL: left[CONTACT_MODEL]})
            for link in self:
                journal.note_move(link.id, before[link.id], after[link.id])

    def unlink(self):
        """Remove the links; contacts and cards stay as they are."""
        left = marks.get_sides(self.filtered("kind"))
        result = super().unlink()
        marks.unmark_linked(self.env, left)
        return result

    def _get_link_values(self):
        """Return the values that make the link again, or put it back."""
        self.ensure_one()
        return {
            name: self._fields[name].convert_to_write(self[name], self)
            for name in (
                "contact_id",
                "kind",
                "business_relation_id",
                *self._get_card_columns(),
            )
        }

    def _check_new_sides(self, vals):
        """Moving a link takes the rights that making it takes."""
        if vals.get("contact_id"):
            contact = self.env[CONTACT_MODEL].browse(vals["contact_id"])
            contact.check_access("write")
        links = [{**link._get_link_values(), **vals} for link in self]
        checks.check_cards(self, [link for link in links if link["kind"]])

    @api.model
    def _check_links(self, vals_list):
        """Check the values of links that are to be made.

        :raise UserError: if a card is gone, can't be one, or breaks a rule of its kind
        """
        checks.check_cards(self, vals_list)

    # ------------------------------------------------------------
    # WHAT FOLLOWS A LINK
    # ------------------------------------------------------------

    def _bring_people(self, master="neither", to_contacts=None, to_cards=False):
        """Bring along the people of both sides: nobody, without the room `people`.

        :param str master: whose value wins: ``contact``, ``card`` or ``neither``
        :param to_contacts: whether those of cards become contacts
        :param to_cards: whether those of contacts get cards; None for either: as
            Marketing Setup says
        """

    def _follow_people(self, left, to_contacts=None):
        """Let the people of links that were moved go, bring along those who are there.

        :param dict left: ``{model name: ids}`` of the sides that the links had
        :param to_contacts: as of :meth:`_bring_people`
        """

    def _mark_drifted(self):
        """Say that a shared value differs, which a check may find or not."""
        self.filtered(lambda r: r.state != "drifted").state = "drifted"

    def _raise_ranks(self):
        """Make the cards customers or vendors also in the ERP's own lists."""
        for kind in self._get_kinds().values():
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
        # sudo: a code is reserved by the setup of any company, also of one that the
        # user may not see
        reserved = self.env["res.company"].sudo()._marketing_get_reserved_relations()
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

    @api.constrains(lambda self: ("contact_id", "kind", *self._get_card_columns()))
    def _check_one_contact(self):
        """A card, and what it shares, has one contact; a contact has one bank."""
        if not self._get_options().prepared:
            checks.check_one_contact(self)

    @api.constrains("contact_id", "company_id")
    def _check_companies(self):
        """A contact of one company is not linked with a card of another."""
        if self._get_options().prepared:
            return
        for relation in self:
            contact_company = relation.contact_id.company_id
            card_company = relation.company_id
            if not checks.are_companies_compatible(contact_company, card_company):
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
        card = self._get_card()
        return card._get_records_action(name=self._get_kind_name()) if card else False

    def action_unlink(self):
        """Remove the link; contact and card stay as they are."""
        self.unlink()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

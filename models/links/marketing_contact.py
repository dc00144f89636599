from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from ..contact.companies import get_open_ids, is_open_to
from ..contact.input import browse_one, check_one, check_values, without_defaults
from ..sync.kinds import get_kinds
from ..sync.rights import name_in_chatter, shown_name, unnoticed
from ..sync.session import open_journal
from ..sync.values import get_value, to_write
from .put import put

_lt = LazyTranslate(__name__)

# What a contact can be besides one kind of card.
SUMMARIES = {
    "none": _lt("None"),
    "multiple": _lt("Multiple"),
    "other": _lt("Other"),
}

# The same of the relations that a query has, as `_compute_relation_summary` says it.
SUMMARY_SQL = SQL(
    """
    CASE COUNT(DISTINCT COALESCE(kind, business_relation_id::varchar))
    WHEN 0 THEN 'none' WHEN 1 THEN COALESCE(MIN(kind), 'other') ELSE 'multiple' END
    """
)


class MarketingContact(models.Model):
    """What a contact is to us: linking it with cards, and creating cards from it."""

    _inherit = "marketing.contact"

    relation_ids = fields.One2many(
        comodel_name="marketing.contact.relation",
        inverse_name="contact_id",
        string="Business Relations",
        copy=False,
    )
    relation_summary = fields.Selection(
        selection=lambda self: self._get_summary_selection(),
        string="Business Relation",
        compute="_compute_relation_summary",
        search="_search_relation_summary",
        help="What the contact is to us. A person shares the relations of the company.",
    )
    business_relation_ids = fields.Many2many(
        comodel_name="marketing.business.relation",
        string="Is",
        compute="_compute_business_relation_ids",
        help="All that the contact is to us, such as customer and vendor. A person "
        "shares the relations of the company.",
    )
    link_chips = fields.Json(
        string="Linked With",
        compute="_compute_link_chips",
        exportable=False,
    )
    customer_id = fields.Many2one(
        comodel_name="res.partner",
        compute="_compute_cards",
        search="_search_customer_id",
        help="The customer of the current company, else the one that companies share.",
    )
    vendor_id = fields.Many2one(
        comodel_name="res.partner",
        compute="_compute_cards",
        search="_search_vendor_id",
        help="The vendor of the current company, else the one that companies share.",
    )
    bank_account_ids = fields.Many2many(
        comodel_name="res.partner.bank",
        string="Bank Accounts",
        compute="_compute_cards",
        search="_search_bank_account_ids",
        help="The bank accounts of the current company and those that companies share.",
    )
    bank_account_count = fields.Integer(
        string="Number of Bank Accounts", compute="_compute_cards"
    )

    # what the user may not make is not offered
    can_create_partners = fields.Boolean(compute="_compute_can_create")
    can_create_accounts = fields.Boolean(compute="_compute_can_create")

    # ------------------------------------------------------------
    # COMPUTE AND SEARCH
    # ------------------------------------------------------------

    @api.depends_context("uid")
    def _compute_can_create(self):
        # Odoo computes with the rights of who asks, unless somebody raised them
        env = self.sudo(self.env.uid == api.SUPERUSER_ID).env
        self.can_create_partners = env["res.partner"].has_access("create")
        self.can_create_accounts = env["res.partner.bank"].has_access("create")

    @api.model
    def _get_summary_selection(self):
        kinds = self.env["marketing.contact.relation"]._get_kind_selection()
        names = {key: self.env._(name) for key, name in SUMMARIES.items()}
        return [("none", names.pop("none")), *kinds, *names.items()]

    def _get_effective_relations(self):
        """Return the contact's relations, with those of a person's company; not what
        ties the person to its card, which is no business relation.
        """
        relations = self.relation_ids | self.parent_id.relation_ids
        personal = get_kinds(relations.env).personal
        return relations.filtered(lambda relation: relation.kind not in personal)

    def _get_card_relations(self):
        """Return the links with cards that count for the contact: its own, else those
        of a person's company.
        """
        return (
            self.relation_ids._filter_cards()
            or self.parent_id.relation_ids._filter_cards()
        )

    @api.depends(
        "is_company",
        "parent_id.relation_ids.business_relation_id",
        "parent_id.relation_ids.kind",
        "relation_ids.business_relation_id",
        "relation_ids.kind",
    )
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_relation_summary(self):
        # read at once: the union of each contact forgets what goes with it
        self._get_effective_relations().mapped("kind")
        for contact in self:
            relations = contact._get_effective_relations()
            kinds = {r.kind or r.business_relation_id for r in relations}
            if len(kinds) > 1:
                contact.relation_summary = "multiple"
            elif kinds:
                contact.relation_summary = relations[0].kind or "other"
            else:
                contact.relation_summary = "none"

    @api.depends(
        "parent_id.relation_ids.business_relation_id",
        "relation_ids.business_relation_id",
    )
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_business_relation_ids(self):
        # read at once, as for the summary
        self._get_effective_relations().business_relation_id.mapped("code")
        for contact in self:
            relations = contact._get_effective_relations()
            contact.business_relation_ids = relations.business_relation_id

    @api.depends(
        "parent_id.relation_ids.state",
        "relation_ids.business_relation_id",
        "relation_ids.card_name",
        "relation_ids.state",
    )
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_link_chips(self):
        """Tell the form what the contact is and what it is linked with: a list of
        ``{id, role, name, drifted}``, `name` being empty where nothing is to be opened.
        """
        for contact in self:
            relations = contact._get_effective_relations()
            relations = relations.sudo(False)._filtered_access("read")
            contact.link_chips = [
                {
                    "id": relation.id,
                    "role": relation._get_kind_name()
                    if relation.kind
                    else relation.business_relation_id.name,
                    "name": relation.card_name or "",
                    "drifted": relation.state == "drifted",
                }
                for relation in relations
            ]

    def _search_relation_summary(self, operator, value):
        if operator != "in":
            return NotImplemented
        relations = self._search_counting_relations()
        visible = relations.select("contact_id", "kind", "business_relation_id")
        query = SQL(
            """
            WITH relation AS (%(visible)s), effective AS (
                SELECT contact_id, kind, business_relation_id FROM relation
                UNION ALL
                SELECT contact.id, relation.kind, relation.business_relation_id
                  FROM relation
                  JOIN marketing_contact contact
                    ON contact.parent_id = relation.contact_id
            )
            SELECT contact_id FROM effective
            GROUP BY contact_id
            """,
            visible=visible,
        )
        values = tuple(v for v in value if v and v != "none")
        domain = Domain.FALSE
        if values:
            matching = SQL("(%s HAVING %s IN %s)", query, SUMMARY_SQL, values)
            domain |= Domain("id", "in", matching)
        if "none" in value or False in value:
            domain |= Domain("id", "not in", SQL("(%s)", query))
        return domain

    def _field_to_sql(self, alias, field_expr, query=None):
        """Let contacts be grouped by what they are to us, as the user sees it."""
        if field_expr != "relation_summary":
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        Relation = self.env["marketing.contact.relation"]
        Relation.flush_model(["contact_id", "kind", "business_relation_id"])
        self.flush_model(["parent_id"])
        return SQL(
            """
            (SELECT %(summary)s
               FROM marketing_contact_relation
              WHERE contact_id IN (%(id)s, %(parent)s) AND id IN %(visible)s)
            """,
            summary=SUMMARY_SQL,
            id=SQL.identifier(alias, "id"),
            parent=SQL.identifier(alias, "parent_id"),
            visible=self._search_counting_relations().subselect(),
        )

    @api.model
    def _search_counting_relations(self):
        """Return the query of the relations that say what a contact is to us, as far as
        the user may see them.
        """
        Relation = self.env["marketing.contact.relation"]
        return Relation._search(["!", ("kind", "in", get_kinds(self.env).personal)])

    @api.depends(
        "parent_id.relation_ids.bank_account_id",
        "parent_id.relation_ids.company_id",
        "parent_id.relation_ids.partner_id",
        "relation_ids.bank_account_id",
        "relation_ids.company_id",
        "relation_ids.partner_id",
    )
    @api.depends_context("uid", "company", "allowed_company_ids")
    def _compute_cards(self):
        cards = self._get_current_cards()
        for contact in self:
            contact.customer_id = cards[contact]["customer"][:1]
            contact.vendor_id = cards[contact]["vendor"][:1]
            contact.bank_account_ids = cards[contact]["bank_account"]
            contact.bank_account_count = len(contact.bank_account_ids)

    def _get_current_cards(self):
        """Return ``{contact: {kind: cards}}`` of the current company, then those that
        companies share; a person has those of its company.

        Cards that the user may not read are left out, and lock nothing.
        """
        readable = self._get_effective_relations()._get_readable_cards()
        company = self.env.company
        kinds = get_kinds(self.env)
        current = {}
        for contact in self:
            relations = (
                contact._get_card_relations()
                .filtered(
                    lambda r: (
                        is_open_to(r.company_id, company) and r._get_card() in readable
                    )
                )
                .sorted(lambda r: not r.company_id)
            )
            current[contact] = {
                name: relations.filtered(lambda r, name=name: r.kind == name)[
                    kind.card_column
                ]
                for name, kind in kinds.items()
            }
        return current

    def _search_customer_id(self, operator, value):
        return self._search_card("customer", operator, value)

    def _search_vendor_id(self, operator, value):
        return self._search_card("vendor", operator, value)

    def _search_bank_account_ids(self, operator, value):
        return self._search_card("bank_account", operator, value)

    def _search_card(self, name, operator, value):
        """Return the domain of the contacts whose card of a kind matches."""
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        kind = get_kinds(self.env)[name]
        of_company = Domain("company_id", "in", get_open_ids(self.env.company))
        of_kind = Domain("kind", "=", name) & of_company
        own = Domain("relation_ids", "any", of_kind)
        domain = Domain.FALSE
        if operator == "in" and False in value:
            domain = ~(own | Domain("parent_id", "any", own))
            value = list(set(value) - {False})
        shown = of_kind & Domain(kind.card_column, operator, value)
        if kind.single:
            company_card = of_kind & Domain("company_id", "!=", False)
            hit = Domain(
                "relation_ids", "any", shown & Domain("company_id", "!=", False)
            ) | (
                Domain("relation_ids", "any", shown)
                & ~Domain("relation_ids", "any", company_card)
            )
        else:
            hit = Domain("relation_ids", "any", shown)
        personal = get_kinds(self.env).personal
        linked = Domain("relation_ids", "any", [("kind", "not in", [False, *personal])])
        return domain | hit | (~linked & Domain("parent_id", "any", hit))

    @api.constrains("company_id")
    def _check_company_of_cards(self):
        self.relation_ids._check_companies()

    def unlink(self):
        # sudo: links to cards of companies that the user may not see go as well; by
        # the ORM, so that nothing in memory goes on with them
        relations = self.sudo().relation_ids
        cards = {
            (card := relation._get_card()): name_in_chatter(relation.contact_id, card)
            for relation in relations.filtered("kind")
        }
        relations.unlink()
        result = super().unlink()
        self._tell_cards_of_deletion(cards)
        return result

    @api.model
    def _tell_cards_of_deletion(self, names):
        """Say in the chatter of what contacts were linked with that they are gone.

        :param dict names: ``{card: name of its contact}``
        """
        by_model = {}
        for card, name in names.items():
            by_model.setdefault(card._name, {})[card.id] = self.env._(
                "The marketing contact %s was deleted; this record stays.", name
            )
        for model_name, bodies in by_model.items():
            # sudo: whoever deletes a contact may not write on its cards
            cards = self.env[model_name].sudo().browse(bodies).exists()
            if hasattr(cards, "_message_log_batch") and cards:
                cards._message_log_batch({card.id: bodies[card.id] for card in cards})

    # ------------------------------------------------------------
    # OPEN
    # ------------------------------------------------------------

    def _get_visible_cards(self, kind):
        """Return the cards of a kind that the user may see, in all chosen companies."""
        self.ensure_one()
        relations = self._get_card_relations()
        column = get_kinds(self.env)[kind].card_column
        cards = relations.filtered(lambda relation: relation.kind == kind)[column]
        return cards._filtered_access("read")

    @api.readonly
    def action_view_customer(self):
        """Open the contact's customer; the list, if companies have one each."""
        return self._get_visible_cards("customer")._get_records_action(
            name=self.env._("Customer")
        )

    @api.readonly
    def action_view_vendor(self):
        """Open the contact's vendor; the list, if companies have one each."""
        return self._get_visible_cards("vendor")._get_records_action(
            name=self.env._("Vendor")
        )

    @api.readonly
    def action_view_bank_accounts(self):
        """Open the contact's bank accounts."""
        return self._get_visible_cards("bank_account")._get_records_action(
            name=self.env._("Bank Accounts")
        )

    # ------------------------------------------------------------
    # LINK WITH EXISTING
    # ------------------------------------------------------------

    def link_card(
        self, kind, card_id, master="contact", keep=None, include_people=None
    ):
        """Link the contact with an existing card and bring the two into line.

        A person who belongs to a company is linked through the company's contact.
        People who are on both sides are tied as well.

        :param str kind: ``customer``, ``vendor`` or ``bank_account``
        :param int card_id: id of the `res.partner` or `res.partner.bank`
        :param str master: ``contact`` or ``card``, whose value wins where both are
            filled in and differ; an empty value never beats a filled one; ``neither``
            fills what is empty and leaves what differs, to be listed as differences
        :param dict keep: ``{contact field: "contact" or "card"}``, exceptions to master
        :param include_people: whether the card's people who are no contacts yet become
            some; None as Marketing Setup says
        :return: the relation
        :raise UserError: for an unknown kind, master or field, a missing card, or if
            Marketing Setup lacks the code of the kind
        :raise ValidationError: if the contact or the card is linked already
        """
        check_one(self)
        self._check_kind(kind)
        keep = self._check_keep(kind, master, keep)
        personal = get_kinds(self.env)[kind].personal
        contact = self if personal else self._get_linking_contact()
        contact.check_access("write")
        card = self._browse_card(kind, card_id)
        with open_journal(self.env, "link"):
            if not personal:
                card._marketing_complete_for_link(contact)
            return contact._link_cards(
                kind, card, master=master, keep=keep, to_contacts=include_people
            )

    def _link_cards(self, kind, cards, **options):
        """Link each of the contacts with the card in its place. Return the relations.

        :param options: as of :class:`.put.LinkOptions`
        """
        column = get_kinds(self.env)[kind].card_column
        vals_list = [
            {"contact_id": contact.id, "kind": kind, column: card.id}
            for contact, card in zip(self, cards, strict=True)
        ]
        return put(self.env["marketing.contact.relation"], vals_list, **options)

    def _get_linking_contact(self):
        """Return the contacts that carry the links: a person's company, if any."""
        return self.browse(
            [
                (contact if contact.is_company else contact.parent_id or contact).id
                for contact in self
            ]
        )

    @api.model
    def _check_kind(self, kind, kinds=None):
        """:raise UserError: unless `kind` is one of `kinds`, by default of all"""
        kinds = kinds or list(get_kinds(self.env))
        if kind not in kinds:
            raise UserError(
                self.env._(
                    "There is no kind of record “%(kind)s” here. Use one of: "
                    "%(kinds)s.",
                    kind=kind,
                    kinds=", ".join(kinds),
                )
            )

    @api.model
    def _check_keep(self, kind, master, keep):
        """Return `keep` as a dict, checked against the map."""
        keep = keep or {}
        sides = ("contact", "card")
        lines = self.env["marketing.sync.field"]._get_kind_map(kind)
        names = {line.contact_field for line in lines}
        if (
            master not in (*sides, "neither")
            or not isinstance(keep, dict)
            or not all(name in names and side in sides for name, side in keep.items())
        ):
            raise UserError(
                self.env._(
                    "When linking, either “contact” or “card” wins, on the "
                    "whole and for each shared field. Check %(choice)s.",
                    choice=repr(keep if master in (*sides, "neither") else master),
                )
            )
        return keep

    @api.model
    def _browse_card(self, kind, card_id):
        """Return the card of a kind.

        :raise UserError: if there is none with that id
        """
        card = browse_one(self.env[get_kinds(self.env)[kind].card_model], card_id)
        if not card:
            raise UserError(
                self.env._(
                    "There is no %(kind)s with the id %(id)s. Choose an existing one.",
                    kind=self.env["marketing.contact.relation"]._get_kind_name(kind),
                    id=card_id,
                )
            )
        card.check_access("read")
        return card

    # ------------------------------------------------------------
    # CREATE AS
    # ------------------------------------------------------------

    def create_card(self, kind, template_id=None, values=None, include_people=None):
        """Create customers, vendors or bank accounts from the contacts and link them.

        The contact's values win, `values` and then the template fill the gaps.

        :param str kind: ``customer``, ``vendor`` or ``bank_account``
        :param int template_id: id of a `marketing.card.template`
        :param dict values: more values of the card; for a bank account `acc_number`
            is needed and `partner_id` (or `holder_id`) is the holder, by default our
            own company
        :param include_people: whether the contacts' people become contacts of the new
            customers or vendors; None as Marketing Setup says
        :return: the cards, in the order of the contacts (one for people of one company)
        :raise UserError: if Marketing Setup lacks the code of the kind, or a contact
            has such a card already
        """
        kinds = get_kinds(self.env)
        self._check_kind(kind, [n for n, k in kinds.items() if not k.personal])
        contacts = self._get_linking_contact()
        contacts = contacts.browse(dict.fromkeys(contacts.ids))
        contacts.check_access("write")
        values = dict(self._check_card_values(kind, values))
        template = self._browse_template(template_id)
        for company in contacts.company_id or self.env.company:
            company._marketing_require_relation(kind)
        Card = self.env[kinds[kind].card_model]
        if kinds[kind].single:
            contacts._check_no_card(kind, values.get("company_id"))
        with open_journal(self.env, "create") as journal:
            vals_list = [
                Card._marketing_prepare_card(kind, contact, values, template)
                for contact in contacts
            ]
            cards = self._make_cards(Card, vals_list, template)
            contacts._link_created(kind, cards, journal, include_people)
        return cards

    @api.model
    def _make_cards(self, Card, vals_list, template):
        """Return new cards, as :meth:`create_card` makes them."""
        by_company = self._split_company_values(Card, vals_list, template)
        # the contact is there already: the card must not get one of its own
        cards = without_defaults(Card)
        cards = cards.with_context(marketing_contact_no_create=True)
        cards = unnoticed(cards).create(vals_list).with_env(self.env)
        self._write_company_values(cards, by_company)
        return cards

    @api.model
    def _split_company_values(self, Card, vals_list, template):
        """Take what has a value of its own in each company out of the values.

        :param list vals_list: the values of the new cards, changed in place
        :return: a list of pairs of the company that the values are for, that of the
            card, of a shared card the template's, else the current one, and the values
        """
        result = []
        for vals in vals_list:
            company = (
                self.env["res.company"].browse(vals.get("company_id"))
                or template.company_id
                or self.env.company
            )
            names = [
                name
                for name in vals
                if name in Card._fields and Card._fields[name].company_dependent
            ]
            result.append((company, {name: vals.pop(name) for name in names}))
        return result

    @api.model
    def _write_company_values(self, cards, by_company):
        """Write company-dependent values, cards with the same ones together."""
        batches = {}
        for card, (company, vals) in zip(cards, by_company, strict=True):
            if vals:
                key = (company, repr(sorted(vals.items())))
                batches.setdefault(key, [vals, cards.browse()])[1] |= card
        for (company, _key), (vals, batch) in batches.items():
            batch.with_company(company).write(vals)

    @api.model
    def _check_card_values(self, kind, values):
        """Return `values` as a dict, checked against the card's fields."""
        Card = self.env[get_kinds(self.env)[kind].card_model]
        values = {} if values is None or values is False else values
        if isinstance(values, dict):
            values = Card._marketing_clean_card_values(values)
        check_values(Card, values)
        return values

    @api.model
    def _browse_template(self, template_id):
        """Return the template, none for an empty id.

        :raise UserError: if there is none with that id
        """
        template = browse_one(self.env["marketing.card.template"], template_id)
        if template_id and not template:
            raise UserError(
                self.env._(
                    "There is no template with the id %(id)s. Choose an existing one.",
                    id=repr(template_id),
                )
            )
        return template

    def _link_created(self, kind, cards, journal, include_people=None):
        """Link the contacts with the cards that were created from them."""
        relations = self._link_cards(
            kind, cards, to_contacts=False, to_cards=include_people
        )
        names = [
            line.card_field
            for line in self.env["marketing.sync.field"]._get_kind_map(kind)
            if line.to_card
        ]
        journal.note_created(
            (contact, card._marketing_get_shared_record(), relation, names)
            for contact, card, relation in zip(self, cards, relations, strict=True)
        )
        journal.note_made(cards)

    def _give_cards(self, kind, second_role="separate", **options):
        """Create the contacts' cards, or give those that they have a second role.

        :param str second_role: ``same`` where a customer is to become the vendor, too,
            and the other way round
        :param options: as of :meth:`create_card`
        :return: the cards, in the order of the contacts
        """
        contacts = self._get_linking_contact()
        contacts = contacts.browse(dict.fromkeys(contacts.ids))
        cards = contacts._get_other_roles(kind) if second_role == "same" else {}
        if cards:
            contacts.browse(c.id for c in cards)._link_cards(kind, cards.values())
        others = contacts.filtered(lambda contact: contact not in cards)
        created = others.create_card(kind, **options)
        cards |= dict(zip(others, created, strict=True))
        return created.union(*(cards[contact] for contact in contacts))

    def _get_other_roles(self, kind):
        """Return ``{contact: card}`` of the contacts that have a card of another kind
        which can be of this kind as well, as a customer can be a vendor.
        """
        kinds = get_kinds(self.env)
        wanted = kinds.get(kind)
        if not (wanted and wanted.rank_field):
            return {}
        names = [
            other.name
            for other in kinds.values()
            if other != wanted
            and other.rank_field
            and other.card_model == wanted.card_model
        ]
        found = {}
        for contact, cards in self._get_linking_contact()._get_current_cards().items():
            for name in names:
                if cards[name]:
                    found[contact] = cards[name][:1]
        return found

    def _check_no_card(self, kind, company_id=None):
        """:raise UserError: naming a contact that has a card of the kind, and it"""
        # sudo: the card may be one that the user may not see
        relations = self.sudo().relation_ids.filtered(lambda r: r.kind == kind)
        for relation in relations:
            contact = relation.contact_id
            wanted = company_id if company_id is not None else contact.company_id.id
            if relation.company_id.id == (wanted or False):
                raise UserError(
                    self.env._(
                        "The contact “%(contact)s” has the %(kind)s “%(card)s” "
                        "already. Open that one, or unlink it first.",
                        contact=contact.display_name,
                        kind=relation._get_kind_name(),
                        card=shown_name(relation._get_card()),
                    )
                )

    def _prepare_card_values(self, kind):
        """Return the shared values for the record of a new card."""
        self.ensure_one()
        contact = self.with_context(bin_size=False)
        model = self.env[get_kinds(self.env)[kind].shared_model]
        return {
            line.card_field: to_write(
                model, line.card_field, get_value(contact, line.contact_field)
            )
            for line in self.env["marketing.sync.field"]._get_kind_map(kind)
            if line.to_card
        }

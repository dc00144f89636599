from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..contact.companies import get_open_ids
from ..contact.visible import VisibleLines
from ..sync.kinds import get_kind_selection, get_kinds
from ..sync.rights import name_in_chatter

# Of the relations that a query has, what `_compute_relation_summary` says.
SUMMARY_SQL = SQL(
    """
    CASE COUNT(DISTINCT COALESCE(kind, business_relation_id::varchar))
    WHEN 0 THEN 'none' WHEN 1 THEN COALESCE(MIN(kind), 'other') ELSE 'multiple' END
    """
)


class MarketingContact(models.Model):
    """What a contact is to us, and the cards that it is linked with."""

    _inherit = "marketing.contact"

    relation_ids = VisibleLines(
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
        search=lambda self, *condition: self._search_card("customer", *condition),
        help="The customer of the current company, else the one that companies share.",
    )
    vendor_id = fields.Many2one(
        comodel_name="res.partner",
        compute="_compute_cards",
        search=lambda self, *condition: self._search_card("vendor", *condition),
        help="The vendor of the current company, else the one that companies share.",
    )
    bank_account_ids = fields.Many2many(
        comodel_name="res.partner.bank",
        string="Bank Accounts",
        compute="_compute_cards",
        search=lambda self, *condition: self._search_card("bank_account", *condition),
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
        several = {
            "multiple": self.env._("Multiple"),
            "other": self.env._("Other"),
        }
        kinds = get_kind_selection(self.env)
        return [("none", self.env._("None")), *kinds, *several.items()]

    def _get_effective_relations(self):
        """Return the contact's relations, with those of a person's company; not what
        ties the person to its card, which is no business relation.
        """
        relations = self.relation_ids | self.parent_id.relation_ids
        return relations - relations._filter_ties()

    def _get_effective_relations_each(self):
        """Return ``{contact: relations}``, asking the rules once, not at each look."""
        readable = self._get_effective_relations()
        readable.mapped("kind")  # at once: `&` forgets what goes with it
        # sudo: all relations, of which those are kept that may be read
        return {
            contact: every._get_effective_relations().with_env(self.env) & readable
            for contact, every in zip(self, self.sudo(), strict=True)
        }

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
        for contact, relations in self._get_effective_relations_each().items():
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
        # read at once, not for each contact
        self._get_effective_relations().business_relation_id.mapped("code")
        for contact, relations in self._get_effective_relations_each().items():
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
        ``{id, role, name, drifted, own}``, `name` being empty where nothing is to be
        opened, `own` saying whether the link is the contact's, not its company's.
        """
        for contact, relations in self._get_effective_relations_each().items():
            relations = relations.sudo(False)._filtered_access("read").sorted()
            contact.link_chips = [
                {
                    "id": relation.id,
                    "role": relation._get_kind_name()
                    if relation.kind
                    else relation.business_relation_id.name,
                    "name": relation.card_name or "",
                    "drifted": relation.state == "drifted",
                    "own": relation.contact_id == contact._origin,
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
        """Return ``{contact: {kind: cards}}`` of the current company, then of those
        above it, then those that companies share; a person has those of its company.

        Cards that the user may not read are left out, and lock nothing.
        """
        readable = self._get_effective_relations()._get_readable_cards()
        nearest = get_open_ids(self.env.company)[::-1]
        kinds = get_kinds(self.env)
        current = {}
        for contact in self:
            relations = (
                contact._get_card_relations()
                .filtered(
                    lambda r: r.company_id.id in nearest and r._get_card() in readable
                )
                .sorted(lambda r: nearest.index(r.company_id.id))
            )
            current[contact] = {
                name: relations.filtered(lambda r, name=name: r.kind == name)[
                    kind.card_column
                ]
                for name, kind in kinds.items()
            }
        return current

    def _search_card(self, name, operator, value):
        """Return the domain of the contacts whose card of a kind matches."""
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented

        def has(link):
            return Domain("relation_ids", "any", link)

        kinds = get_kinds(self.env)
        open_ids = get_open_ids(self.env.company)
        of_kind = Domain("kind", "=", name) & Domain("company_id", "in", open_ids)
        domain = Domain.FALSE
        if operator == "in" and False in value:
            domain = ~(has(of_kind) | Domain("parent_id", "any", has(of_kind)))
            value = list(set(value) - {False})
        matching = Domain(kinds[name].card_column, operator, value)
        hit = has(of_kind & matching)
        if kinds[name].single:
            # the nearest counts: the company's own, else that of one above, or shared
            hit = nearer = Domain.FALSE
            for company_id in reversed(open_ids):
                there = of_kind & Domain("company_id", "=", company_id)
                hit |= has(there & matching) & ~nearer
                nearer |= has(there)
        linked = has(Domain("kind", "not in", [False, *kinds.personal]))
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

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

SUMMARIES = [
    ("none", "None"),
    ("customer", "Customer"),
    ("vendor", "Vendor"),
    ("bank_account", "Bank Account"),
    ("multiple", "Multiple"),
    ("other", "Other"),
]


class MarketingContactOverview(models.AbstractModel):
    """What a contact is to us: its relations, its cards, and searching by them."""

    _name = "marketing.contact.overview"
    _description = "Relations of a Marketing Contact"

    relation_ids = fields.One2many(
        comodel_name="marketing.contact.relation",
        inverse_name="contact_id",
        string="Business Relations",
        copy=False,
    )
    relation_summary = fields.Selection(
        selection=SUMMARIES,
        string="Business Relation",
        compute="_compute_relation_summary",
        search="_search_relation_summary",
        help="What the contact is to us. A person shares the relations of the company.",
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
    drifted = fields.Boolean(
        string="Out of Step", compute="_compute_drifted", search="_search_drifted"
    )

    # ------------------------------------------------------------
    # COMPUTE AND SEARCH
    # ------------------------------------------------------------

    def _get_effective_relations(self):
        """Return the contact's relations, with those of a person's company."""
        return self.relation_ids | self.parent_id.relation_ids

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

    def _search_relation_summary(self, operator, value):
        if operator != "in":
            return NotImplemented
        # the relations that the user may see, as the compute reads them
        Relation = self.env["marketing.contact.relation"]
        visible = Relation._search([]).select(
            "contact_id", "kind", "business_relation_id"
        )
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
        summary = SQL(
            """CASE WHEN COUNT(DISTINCT COALESCE(
                        kind, business_relation_id::varchar)) > 1
                    THEN 'multiple' ELSE COALESCE(MIN(kind), 'other') END"""
        )
        values = tuple(v for v in value if v and v != "none")
        domain = Domain.FALSE
        if values:
            matching = SQL("(%s HAVING %s IN %s)", query, summary, values)
            domain |= Domain("id", "in", matching)
        if "none" in value or False in value:
            domain |= Domain("id", "not in", SQL("(%s)", query))
        return domain

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
        company = self.env.company
        # cards that the user may not read are left out, and lock nothing
        relations = self.relation_ids | self.parent_id.relation_ids
        readable = {
            card
            for cards in (relations.partner_id, relations.bank_account_id)
            for card in cards.sudo(False)._filtered_access("read")
        }
        for contact in self:
            own = contact.relation_ids.filtered("kind") or (
                contact.parent_id.relation_ids.filtered("kind")
            )
            relations = own.filtered(
                lambda r: (
                    (not r.company_id or r.company_id in company.parent_ids)
                    and r._get_card() in readable
                )
            ).sorted(lambda r: not r.company_id)
            contact.customer_id = relations.filtered(
                lambda r: r.kind == "customer"
            ).partner_id[:1]
            contact.vendor_id = relations.filtered(
                lambda r: r.kind == "vendor"
            ).partner_id[:1]
            contact.bank_account_ids = relations.bank_account_id
            contact.bank_account_count = len(contact.bank_account_ids)

    def _search_customer_id(self, operator, value):
        return self._search_card("customer", "partner_id", operator, value)

    def _search_vendor_id(self, operator, value):
        return self._search_card("vendor", "partner_id", operator, value)

    def _search_bank_account_ids(self, operator, value):
        return self._search_card("bank_account", "bank_account_id", operator, value)

    def _search_card(self, kind, column, operator, value):
        """Return the domain of the contacts whose card of a kind matches."""
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        companies = [False, *self.env.company.parent_ids.ids]
        of_kind = Domain("kind", "=", kind) & Domain("company_id", "in", companies)
        own = Domain("relation_ids", "any", of_kind)
        domain = Domain.FALSE
        if operator == "in" and False in value:
            domain = ~(own | Domain("parent_id", "any", own))
            value = list(set(value) - {False})
        shown = of_kind & Domain(column, operator, value)
        if column == "partner_id":
            company_card = of_kind & Domain("company_id", "!=", False)
            hit = Domain(
                "relation_ids", "any", shown & Domain("company_id", "!=", False)
            ) | (
                Domain("relation_ids", "any", shown)
                & ~Domain("relation_ids", "any", company_card)
            )
        else:
            hit = Domain("relation_ids", "any", shown)
        linked = Domain("relation_ids", "any", [("kind", "!=", False)])
        return domain | hit | (~linked & Domain("parent_id", "any", hit))

    @api.depends("relation_ids.state")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_drifted(self):
        for contact in self:
            contact.drifted = "drifted" in contact.relation_ids.mapped("state")

    def _search_drifted(self, operator, value):
        if operator != "in":
            return NotImplemented
        drifted = Domain("relation_ids", "any", [("state", "=", "drifted")])
        return drifted if True in value else ~drifted

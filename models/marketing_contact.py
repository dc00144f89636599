from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.base.models.res_partner import _lang_get

SUMMARIES = [
    ("none", "None"),
    ("customer", "Customer"),
    ("vendor", "Vendor"),
    ("bank_account", "Bank Account"),
    ("multiple", "Multiple"),
    ("other", "Other"),
]


class MarketingContact(models.Model):
    """A company or person known to marketing.

    A record of its own, apart from `res.partner`, so that marketing may edit, delete
    and erase contacts without touching finance's master data, large lists do not bloat
    the partner table, and one contact can be the customer of one company and the vendor
    of another. What it shares with its cards is kept the same by the mixin below.
    """

    _name = "marketing.contact"
    # marketing.sync.mixin comes last: it sees what the others make of the values
    _inherit = [
        "avatar.mixin",
        "format.address.mixin",
        "format.vat.label.mixin",
        "mail.activity.mixin",
        "mail.thread.blacklist",
        "mail.thread.phone",
        "properties.base.definition.mixin",
        "marketing.contact.actions",
        "marketing.contact.cards",
        "marketing.sync.mixin",
    ]
    _description = "Marketing Contact"
    _order = "name, id"
    _rec_names_search = ["name", "number", "email", "vat"]
    _check_company_auto = True
    _marketing_link_column = "contact_id"

    number = fields.Char(
        copy=False,
        index="trigram",
        help="Drawn from the number series of Marketing Setup.",
    )
    number_readonly = fields.Boolean(compute="_compute_number_readonly")
    name = fields.Char(required=True, index="trigram", tracking=1)
    active = fields.Boolean(default=True)
    is_company = fields.Boolean(string="Is a Company", index=True)
    company_type = fields.Selection(
        selection=[("person", "Person"), ("company", "Company")],
        compute="_compute_company_type",
        inverse="_inverse_company_type",
    )
    parent_id = fields.Many2one(
        comodel_name="marketing.contact",
        string="Company Name",
        domain="[('is_company', '=', True), ('id', '!=', id)]",
        ondelete="set null",
        index="btree_not_null",
        check_company=True,
        tracking=3,
    )
    child_ids = fields.One2many(
        comodel_name="marketing.contact",
        inverse_name="parent_id",
        string="People",
    )
    child_count = fields.Integer(
        string="Number of People", compute="_compute_child_count"
    )
    company_id = fields.Many2one(comodel_name="res.company", index="btree_not_null")
    street = fields.Char()
    street2 = fields.Char(string="Street 2")
    zip = fields.Char(change_default=True)
    city = fields.Char()
    state_id = fields.Many2one(
        comodel_name="res.country.state",
        ondelete="restrict",
        domain="[('country_id', '=?', country_id)]",
    )
    country_id = fields.Many2one(comodel_name="res.country", ondelete="restrict")
    country_code = fields.Char(related="country_id.code", string="Country Code")
    phone = fields.Char(tracking=2)
    email = fields.Char(index="trigram", tracking=1)
    website = fields.Char()
    vat = fields.Char(string="Tax ID", index="trigram", tracking=5)
    company_registry = fields.Char(string="Company ID", index="btree_not_null")
    lang = fields.Selection(
        selection=_lang_get,
        string="Language",
        default=lambda self: self._default_lang(),
        help="E-mails and documents for this contact are in this language.",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Salesperson",
        domain="[('share', '=', False)]",
        index="btree_not_null",
        tracking=4,
    )
    industry_id = fields.Many2one(comodel_name="res.partner.industry")
    function = fields.Char(string="Job Position")
    tag_ids = fields.Many2many(comodel_name="res.partner.category", string="Tags")
    comment = fields.Html(string="Notes")
    color = fields.Integer(string="Color Index")

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

    _unique_number = models.Constraint(
        "UNIQUE(number)", "There is a contact with this number already."
    )

    @api.model
    def _default_lang(self):
        return self.env["res.partner"].default_get(["lang"]).get("lang")

    # ------------------------------------------------------------
    # COMPUTE AND SEARCH
    # ------------------------------------------------------------

    @api.depends("number", "name")
    def _compute_display_name(self):
        for contact in self:
            contact.display_name = " ".join(
                filter(None, (contact.number, contact.name))
            )

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_number_readonly(self):
        for contact in self:
            contact.number_readonly = bool(contact._get_number_sequence())

    @api.depends("is_company")
    def _compute_company_type(self):
        for contact in self:
            contact.company_type = "company" if contact.is_company else "person"

    def _inverse_company_type(self):
        for contact in self:
            contact.is_company = contact.company_type == "company"

    @api.depends("child_ids")
    def _compute_child_count(self):
        counts = dict(
            self._read_group(
                [("parent_id", "in", self.ids)], ["parent_id"], ["__count"]
            )
        )
        for contact in self:
            contact.child_count = counts.get(contact._origin, 0)

    @api.depends("name", "image_1920", "is_company")
    def _compute_avatar_1920(self):
        return super()._compute_avatar_1920()

    @api.depends("name", "image_1024", "is_company")
    def _compute_avatar_1024(self):
        return super()._compute_avatar_1024()

    @api.depends("name", "image_512", "is_company")
    def _compute_avatar_512(self):
        return super()._compute_avatar_512()

    @api.depends("name", "image_256", "is_company")
    def _compute_avatar_256(self):
        return super()._compute_avatar_256()

    @api.depends("name", "image_128", "is_company")
    def _compute_avatar_128(self):
        return super()._compute_avatar_128()

    def _avatar_get_placeholder_path(self):
        if self.is_company:
            return "base/static/img/company_image.png"
        return super()._avatar_get_placeholder_path()

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
            """CASE WHEN COUNT(DISTINCT COALESCE(kind, business_relation_id::varchar)) > 1
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
        for contact in self:
            own = contact.relation_ids.filtered("kind") or (
                contact.parent_id.relation_ids.filtered("kind")
            )
            relations = own.filtered(
                lambda r: not r.company_id or r.company_id in company.parent_ids
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

    # ------------------------------------------------------------
    # CONSTRAINTS AND ONCHANGE
    # ------------------------------------------------------------

    @api.constrains("parent_id", "is_company")
    def _check_hierarchy(self):
        """A person may belong to a company; a company has people but no company."""
        for contact in self:
            parent = contact.parent_id
            if parent == contact:
                raise ValidationError(
                    self.env._(
                        "“%(contact)s” can't be its own company.",
                        contact=contact.display_name,
                    )
                )
            if parent and contact.is_company:
                raise ValidationError(
                    self.env._(
                        "“%(contact)s” is a company, so it can't belong to the company "
                        "“%(parent)s”. Empty Company Name or make it a person.",
                        contact=contact.display_name,
                        parent=parent.display_name,
                    )
                )
            if parent and not parent.is_company:
                raise ValidationError(
                    self.env._(
                        "“%(parent)s” is a person, so “%(contact)s” can't belong to "
                        "it. Choose a company as Company Name.",
                        contact=contact.display_name,
                        parent=parent.display_name,
                    )
                )
        persons = self.filtered(lambda contact: not contact.is_company)
        child = self.search([("parent_id", "in", persons.ids)], limit=1)
        if child:
            raise ValidationError(
                self.env._(
                    "“%(contact)s” has people, such as “%(person)s”, and must stay a "
                    "company. Move its people to another company first.",
                    contact=child.parent_id.display_name,
                    person=child.display_name,
                )
            )

    @api.constrains("company_id")
    def _check_company_of_cards(self):
        self.relation_ids._check_companies()

    @api.onchange("company_type")
    def _onchange_company_type(self):
        self.is_company = self.company_type == "company"
        if self.is_company:
            self.parent_id = False

    @api.onchange("parent_id")
    def _onchange_parent_id(self):
        """Give a person without an address that of the company (BC-010, BC-011)."""
        if self.parent_id:
            self.company_id = self.parent_id.company_id
            names = self.env["res.partner"]._address_fields()
            names = [name for name in names if name in self._fields]
            if not any(self[name] for name in names):
                for name in names:
                    self[name] = self.parent_id[name]
            self.user_id = self.user_id or self.parent_id.user_id

    @api.onchange("country_id")
    def _onchange_country_id(self):
        if self.country_id and self.country_id != self.state_id.country_id:
            self.state_id = False

    @api.onchange("state_id")
    def _onchange_state_id(self):
        if self.state_id.country_id:
            self.country_id = self.state_id.country_id

    @api.onchange("phone", "country_id", "company_id")
    def _onchange_phone(self):
        if self.phone:
            self.phone = (
                self._phone_format(fname="phone", force_format="INTERNATIONAL")
                or self.phone
            )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._clean_values(dict(vals)) for vals in vals_list]
        self._set_numbers(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        if vals.get("number"):
            self._check_manual_number(self._get_number_sequence(), vals["number"])
        # a VAT number is read by the rules of its country
        by_country = vals.get("vat") and "country_id" not in vals
        parts = self.grouped("country_id").values() if by_country else [self]
        with self._marketing_journal("save"):
            for contacts in parts:
                super(MarketingContact, contacts).write(
                    contacts._clean_values(dict(vals), contacts[:1])
                )
        return True

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        if not (default or {}).get("name"):
            for contact, vals in zip(self, vals_list, strict=True):
                vals["name"] = self.env._("%s (copy)", contact.name)
        return vals_list

    def unlink(self):
        # sudo: links to cards of companies that the user may not see go as well; by
        # the ORM, so that nothing in memory goes on with them
        self.sudo().relation_ids.unlink()
        result = super().unlink()
        self._marketing_erase_journal()
        return result

    @api.model
    def _clean_values(self, vals, contact=None):
        """Normalise values as Odoo does on its partners.

        :raise ValidationError: for a VAT number that is wrong in its country, where
            the module that checks them (`base_vat`) is installed
        """
        Partner = self.env["res.partner"]
        if vals.get("website"):
            vals["website"] = Partner._clean_website(vals["website"])
        if vals.get("vat"):
            country = self.env["res.country"].browse(vals.get("country_id"))
            if contact and "country_id" not in vals:
                country = contact.country_id
            vals["vat"], _code = Partner._run_vat_checks(
                country,
                vals["vat"],
                partner_name=vals.get("name") or (contact and contact.name) or "",
            )
        return vals

    # ------------------------------------------------------------
    # NUMBERS
    # ------------------------------------------------------------

    def _get_number_sequence(self):
        """Return the active number series of the contact's or the current company."""
        company = self[:1].company_id or self.env.company
        # sudo: users may not read the setup of companies and the number series
        sequence = company.sudo().marketing_contact_sequence_id
        return sequence.filtered("active")

    @api.model
    def _check_manual_number(self, sequence, number):
        """Numbers are given by hand only without a series, or by an import."""
        if sequence and not self.env.context.get("import_file"):
            raise UserError(
                self.env._(
                    "The number %(number)s can't be given by hand: contacts draw their "
                    "numbers from the series “%(sequence)s”. Leave the number empty.",
                    number=number,
                    sequence=sequence.name,
                )
            )

    @api.model
    def _set_numbers(self, vals_list):
        """Draw the numbers that are missing, one query for each series."""
        wanting = {}
        for vals in vals_list:
            company = self.env["res.company"].browse(vals.get("company_id"))
            company = company or self.env.company
            sequence = company.sudo().marketing_contact_sequence_id.filtered("active")
            if vals.get("number"):
                self._check_manual_number(sequence, vals["number"])
            elif sequence:
                wanting.setdefault(sequence, []).append(vals)
        for sequence, wanting_vals in wanting.items():
            numbers = sequence._marketing_draw_free_numbers(len(wanting_vals))
            for vals, number in zip(wanting_vals, numbers, strict=True):
                vals["number"] = number

    # ------------------------------------------------------------
    # MAIL
    # ------------------------------------------------------------

    def _phone_get_number_fields(self):
        return ["phone"]

    @api.model
    def get_import_templates(self):
        return [
            {
                "label": self.env._("Import Template for Marketing Contacts"),
                "template": "/marketing_contact/static/xls/marketing_contact.xlsx",
            }
        ]

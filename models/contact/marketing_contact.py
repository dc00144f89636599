from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.mail import email_normalize, email_normalize_all

from odoo.addons.base.models.res_partner import _lang_get

IMAGE_SIZES = ("image_1024", "image_512", "image_256", "image_128")


def _normalized(email):
    """Return an address without name and in small letters, as Odoo compares them."""
    return email_normalize(email, strict=False) or email


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
        "marketing.contact.documents",
        "marketing.contact.interactions",
        "marketing.contact.merge",
        "marketing.contact.number",
        "marketing.contact.overview",
        "marketing.contact.values",
        "marketing.sync.mixin",
    ]
    _description = "Marketing Contact"
    _order = "name, id"
    _rec_names_search = ["name", "number", "email", "vat"]
    _check_company_auto = True
    _marketing_link_column = "contact_id"

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

    _name_id_idx = models.Index("(name, id)")
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

    def _skip_image_sizes(self):
        """Don't make smaller pictures, a thousand times over, where there is none."""
        without = self.filtered(lambda contact: not contact.image_1920)
        for name in IMAGE_SIZES:
            self.env.remove_to_compute(self._fields[name], without)

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
        clean = self._marketing_without_defaults()
        if clean is not self:
            # the defaults are the contacts', not those of their people and relations
            vals_list = [self._add_missing_default_values(vals) for vals in vals_list]
        vals_list = [self._clean_values(dict(vals)) for vals in vals_list]
        self._set_numbers(vals_list)
        return super(MarketingContact, clean).create(vals_list).with_env(self.env)

    def write(self, vals):
        clean = self._marketing_without_defaults()
        if clean is not self:
            return clean.write(vals)
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

    @api.model
    def _marketing_make_properties_definition(self):
        """Make the definition of the contacts' properties, at installation.

        Odoo makes it with the first contact and keeps its id in a cache that no
        roll-back clears: were that contact refused, none could be created any more.
        """
        self.env["properties.base.definition"]._get_definition_id_for_property_field(
            self._name, "properties"
        )

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

    def _marketing_write_batch(self, values):
        # what comes from a card was checked there, or is older than the check: a
        # contact must not refuse a tax ID that the ledger has
        contacts = self.with_context(no_vat_validation=True)
        if values.get("is_company") and (members := contacts.filtered("parent_id")):
            # a person that finance makes a company belongs to no other one
            members.parent_id = False
        return super(MarketingContact, contacts)._marketing_write_batch(values)

    def _marketing_get_unfit(self, values):
        """A required value is not emptied, a company with people stays a company."""
        required = {
            name
            for name, field in self._fields.items()
            if field.required and field.type not in ("boolean", "integer", "float")
        }
        unfit = {}
        persons = []
        for id_, vals in values.items():
            if empty := {n for n in required.intersection(vals) if not vals[n]}:
                unfit[id_] = empty
            if vals.get("is_company") is False:
                persons.append(id_)
        if persons:
            people = self.with_context(active_test=False)._read_group(
                [("parent_id", "in", persons)], ["parent_id"]
            )
            for (company,) in people:
                unfit.setdefault(company.id, set()).add("is_company")
        return unfit

    def _marketing_held_back_text(self, labels):
        return self.env._(
            "“%(record)s” can't take the new value of %(fields)s and keeps its own: a "
            "contact needs a name, and one with people stays a company.",
            record=self.display_name,
            fields=labels,
        )

    # ------------------------------------------------------------
    # MAIL
    # ------------------------------------------------------------

    def _partner_find_from_emails(self, records_emails, *args, **kwargs):
        """Make no partner of a contact's own address: mail goes there without one."""
        own, others = {}, {}
        for contact, emails in records_emails.items():
            addresses = contact._marketing_get_addresses()
            own[contact] = [e for e in emails if _normalized(e) in addresses]
            others[contact] = [e for e in emails if _normalized(e) not in addresses]
        found = super()._partner_find_from_emails(others, *args, **kwargs)
        kwargs["no_create"] = True
        for id_, partners in (
            super()._partner_find_from_emails(own, *args, **kwargs).items()
        ):
            found[id_] |= partners
        return found

    def _marketing_get_addresses(self):
        """Return the normalised addresses of the contact, who may have several."""
        return set(email_normalize_all(self.email or ""))

    def _marketing_filter_own_addresses(self, emails, partners):
        """Return those of the contact's own addresses among `emails` that none of the
        partners has, who get the mail anyway.
        """
        self.ensure_one()
        # sudo: the address of a partner who is a recipient already
        reached = set(partners.sudo().mapped("email_normalized"))
        addresses = self._marketing_get_addresses() - reached
        return sorted(addresses.intersection(_normalized(email) for email in emails))

    def _marketing_role(self):
        return self.env._("Contact")

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

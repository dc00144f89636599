from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.mail import email_normalize, email_normalize_all
from odoo.tools.sql import create_index, drop_index, index_definition

from odoo.addons.base.models.res_partner import _lang_get

from .answers import open_action
from .finding import PHONE_SQL
from .input import check_lengths, check_values, known_language, without_defaults

# Texts in ordered indexes, here or on the partner. PostgreSQL compresses an entry and
# takes 2 704 bytes of it; a person's on the partner holds the company's name, too.
INDEXED_TEXTS = {"name", "number", "company_registry", "vat"}


def _normalized(email):
    """Return an address without name and in small letters, as Odoo compares them."""
    return email_normalize(email, strict=False) or email


def add_details(name, *details):
    """Return a name with what tells it from others of the same, as Odoo shows it where
    one is chosen: muted, beside it.
    """
    text = ", ".join(filter(None, details))
    return f"{name} \t --{text}--" if text else name


class MarketingContact(models.Model):
    """A company or person known to marketing.

    A record of its own, apart from `res.partner`, so that marketing may edit, delete
    and erase contacts without touching finance's master data, large lists do not bloat
    the partner table, and one contact can be the customer of one company and the vendor
    of another. The other rooms extend it: `sync` keeps what it shares the same on its
    cards, `links` ties it to them.
    """

    _name = "marketing.contact"
    _inherit = [
        "avatar.mixin",
        "format.address.mixin",
        "format.vat.label.mixin",
        "mail.activity.mixin",
        "mail.thread.blacklist",
        "mail.thread.phone",
        "properties.base.definition.mixin",
    ]
    _description = "Marketing Contact"
    _order = "name, id"
    _rec_names_search = ["name", "number", "email", "vat"]
    _check_company_auto = True

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
    city = fields.Char(index="trigram")
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
        help="Emails and documents for this contact are in this language.",
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
    active_lang_count = fields.Integer(compute="_compute_active_lang_count")

    _name_id_idx = models.Index("(name, id)")
    # the ordered one is for whole ones
    _company_registry_trgm = models.Index("USING gin (company_registry gin_trgm_ops)")

    @api.model
    def _default_lang(self):
        return self.env["res.partner"].default_get(["lang"]).get("lang")

    # ------------------------------------------------------------
    # COMPUTE AND SEARCH
    # ------------------------------------------------------------

    # what is shown besides to choose from many needs no dependency: it is read once
    @api.depends("number", "name")
    @api.depends_context("formatted_display_name")
    def _compute_display_name(self):
        """Name contacts by number and name; where one is chosen from many, by what else
        tells two of one name apart: a person's company, and the city.
        """
        chosen = self.env.context.get("formatted_display_name")
        companies = self.parent_id._filtered_access("read") if chosen else ()
        for contact in self:
            name = " ".join(filter(None, (contact.number, contact.name)))
            if chosen:
                company = contact.parent_id if contact.parent_id in companies else None
                name = add_details(name, company and company.name, contact.city)
            contact.display_name = name

    @api.depends("is_company")
    def _compute_company_type(self):
        for contact in self:
            contact.company_type = "company" if contact.is_company else "person"

    def _inverse_company_type(self):
        for contact in self:
            contact.is_company = contact.company_type == "company"

    def _compute_active_lang_count(self):
        """Tell the form whether there is a language to choose, as on partners."""
        self.active_lang_count = len(self.env["res.lang"].get_installed())

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
        self._check_has_no_people()

    def _check_has_no_people(self):
        """:raise ValidationError: naming a person who has people, as companies do"""
        persons = self.filtered(lambda contact: not contact.is_company)
        # sudo, active_test: people count whoever sees them, archived ones as well
        people = self.sudo().with_context(active_test=False)
        child = people.search([("parent_id", "in", persons.ids)], limit=1)
        if child:
            readable = child.with_env(self.env)._filtered_access("read")
            raise ValidationError(
                self.env._(
                    "“%(contact)s” has people, such as “%(person)s”, and must stay a "
                    "company. Move its people to another company first.",
                    contact=self.browse(child.parent_id.id).display_name,
                    person=readable.display_name
                    or self.env._("a contact that you may not see"),
                )
            )

    @api.onchange("company_type")
    def _onchange_company_type(self):
        self.is_company = self.company_type == "company"
        if self.is_company:
            self.parent_id = False

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

    @api.private
    def init(self):
        """Make the index of equal phone numbers another one than Odoo would, of the
        same name: an ordered one takes no more than some hundred numbers in a field,
        and a bank may have them.
        """
        name = f"{self._table}_phone_partial_tgm"
        if "USING btree" in (index_definition(self.env.cr, name)[0] or ""):
            drop_index(self.env.cr, name, self._table)
        create_index(
            self.env.cr,
            indexname=name,
            tablename=self._table,
            method="hash",
            expressions=[PHONE_SQL % "phone"],
            where="phone IS NOT NULL",
        )
        return super().init()

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._settle_type(vals) for vals in vals_list]
        if self.env.context.get("import_file"):
            # states are looked up by their names, whatever the country
            self.env["res.partner"]._check_import_consistency(vals_list)
        clean = without_defaults(self)
        if clean is not self:
            # the defaults are the contacts', not those of their people and relations
            vals_list = [self._add_missing_default_values(vals) for vals in vals_list]
        vals_list = [self._clean_values(dict(vals)) for vals in vals_list]
        self._set_numbers(vals_list)
        return super(MarketingContact, clean).create(vals_list).with_env(self.env)

    def write(self, vals):
        clean = without_defaults(self)
        if clean is not self:
            return clean.write(vals)
        settled = self._settle_type(vals)
        made_company = vals.get("company_type") == "company"
        if made_company and "parent_id" not in settled and self.parent_id:
            # who makes a person a company in the list means it to leave its own
            settled["parent_id"] = False
        if settled != vals:
            return self.write(settled)
        if "number" in vals:
            vals = self._settle_number(vals)
        # a VAT number is read by the rules of its country
        by_country = vals.get("vat") and "country_id" not in vals
        for contacts in self.grouped("country_id").values() if by_country else [self]:
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
        for vals in vals_list:
            vals["lang"] = known_language(self.env, vals.get("lang"))
        return vals_list

    # ------------------------------------------------------------
    # VALUES
    # ------------------------------------------------------------

    @api.model
    def _settle_type(self, vals):
        """Return a copy of the values with the type under the name it is stored by."""
        vals = dict(vals)
        kind = vals.get("company_type")
        if kind in (False, "person", "company"):
            del vals["company_type"]
            if kind:
                vals["is_company"] = kind == "company"
        return vals

    @api.model
    def _clean_values(self, vals, contact=None):
        """Normalise values as Odoo does on its partners.

        :raise ValidationError: for a VAT number that is wrong in its country, where
            the module that checks them (`base_vat`) is installed; for a text that is
            too long for an index
        """
        check_values(self, {name: vals[name] for name in vals.keys() & self._fields})
        check_lengths(self, vals, INDEXED_TEXTS)
        Partner = self.env["res.partner"]
        if isinstance(vals.get("number"), str):
            # two without a number don't have the same one
            vals["number"] = vals["number"].strip() or False
        if vals.get("website"):
            vals["website"] = Partner._clean_website(vals["website"])
        # what comes from a card is as Odoo writes it there
        if vals.get("vat") and not self.env.context.get("no_vat_validation"):
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
    # PEOPLE
    # ------------------------------------------------------------

    def _is_or_employs(self, other):
        """Return whether `other` is the contact or one of its people."""
        self.ensure_one()
        # sudo: whoever makes out a document may have no right on contacts
        other = other.sudo()._origin
        return bool(other) and self.id in (other.id, other.parent_id.id)

    def _get_companies_of_people(self):
        """Return ``{contact id: ids of self it counts for}``, people included."""
        counted_for = {contact_id: {contact_id} for contact_id in self._origin.ids}
        people = self.with_context(active_test=False).search_fetch(
            [("parent_id", "in", self._origin.ids)], ["parent_id"]
        )
        for person in people:
            counted_for.setdefault(person.id, set()).add(person.parent_id.id)
        return counted_for

    def _count_with_people(self, model_name, field_name):
        """Return ``{contact id: number}`` of records, a company's with its people's.

        One grouped query, however many contacts; nothing for users who may not see
        the records.
        """
        Model = self.env[model_name]
        counts = {}
        if not self._origin or not Model.has_access("read"):
            return counts
        counted_for = self._get_companies_of_people()
        for contact, count in Model._read_group(
            [(field_name, "in", list(counted_for))], [field_name], ["__count"]
        ):
            for contact_id in counted_for[contact.id]:
                counts[contact_id] = counts.get(contact_id, 0) + count
        return counts

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

    def _phone_get_number_fields(self):
        return ["phone"]

    @api.readonly
    def action_view_people(self):
        """Open the people of a company."""
        self.ensure_one()
        return open_action(
            self.env,
            "marketing_contact_action",
            [("parent_id", "=", self.id)],
            self.env._("People of %s", self.name),
            default_parent_id=self.id,
            default_company_id=self.company_id.id,
            default_is_company=False,
            # the list need not repeat the company
            marketing_people_of=self.id,
        )

    @api.model
    def get_import_templates(self):
        return [
            {
                "label": self.env._("Import Template for People with Their Companies"),
                "template": "/marketing_contact/static/xls/contact_people.csv",
            },
        ]

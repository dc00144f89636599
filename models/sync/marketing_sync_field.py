from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.models import MAGIC_COLUMNS

from .kinds import (
    CONTACT_MODEL,
    SharedField,
    add_kind_filters,
    get_kind_selection,
    get_kinds,
)

SHAREABLE_TYPES = {
    "binary",
    "boolean",
    "char",
    "date",
    "datetime",
    "float",
    "html",
    "image",
    "integer",
    "many2many",
    "many2one",
    "selection",
    "text",
}

# What no field map may reach, whoever writes it: identities, ownership,
# accounting and what gives access. Fields reserved to groups are refused as well.
FORBIDDEN_FIELDS = {
    "marketing.contact": {
        "active",
        "company_id",
        "number",
        "parent_id",
        "properties",
    },
    "res.partner": {
        "active",
        "autopost_bills",
        "commercial_partner_id",
        "credit_limit",
        "debit_limit",
        "followup_status",
        "ignore_abnormal_invoice_amount",
        "ignore_abnormal_invoice_date",
        "is_coa_installed",
        "ref_company_ids",
        "signup_type",
        "suspense",
        "trust",
        "use_partner_credit_limit",
        "company_id",
        "customer_rank",
        "employee",
        "parent_id",
        "partner_share",
        "properties",
        "supplier_rank",
        "type",
    },
    "res.bank": {"active", "bic"},
}
# Beginnings of names that steer money, documents and logins, of whatever module.
FORBIDDEN_PREFIXES = (
    "account_",
    "edi_",
    "group_rfq",
    "invoice_",
    "peppol_",
    "picking_",
    "property_",
    "purchase_",
    "receipt_reminder",
    "reminder_date",
    "sale_",
    "signup_",
    "specific_property_",
)
FORBIDDEN_COMODELS = {
    "account.account",
    "res.company",
    "res.groups",
    "res.partner.bank",
}

# Texts of a form of their own, an e-mail address is no telephone number, and others.
FORMED_TEXTS = {"email", "phone", "vat", "website"}
PLAIN_TEXTS = {"city", "company_registry", "function", "name", "street", "zip"}

# What of a line says which values are shared, and so how many of them differ.
NOTICE_FIELDS = (
    "kind",
    "contact_field",
    "card_field",
    "direction",
    "keep_filled",
    "active",
)


class MarketingSyncField(models.Model):
    """The map: which field of a contact is which field of its cards.

    The engine (`marketing.sync.mixin`) reads it through :meth:`_get_map` only. A change
    of the map rewrites no record: values that now differ show up as differences.
    """

    _name = "marketing.sync.field"
    _description = "Shared Field"
    _order = "kind, sequence, id"
    _rec_name = "contact_field"

    kind = fields.Selection(
        selection=lambda self: get_kind_selection(self.env),
        required=True,
        help="What the field is shared with. The name, address, phone and "
        "email of a bank account are those of its bank.",
    )
    sequence = fields.Integer(default=10)
    contact_field = fields.Char(
        string="Technical Contact Field",
        required=True,
        help="Technical name of the field of the contact.",
    )
    card_field = fields.Char(
        string="Technical Other Field",
        required=True,
        help="Technical name of the field of the customer, the vendor or the bank.",
    )
    contact_field_id = fields.Many2one(
        comodel_name="ir.model.fields",
        compute="_compute_field_ids",
        inverse="_inverse_contact_field_id",
        domain="[('model', '=', 'marketing.contact'), ('store', '=', True)]",
    )
    card_model = fields.Char(compute="_compute_card_model")
    card_field_id = fields.Many2one(
        comodel_name="ir.model.fields",
        compute="_compute_field_ids",
        inverse="_inverse_card_field_id",
        domain="[('model', '=', card_model), ('store', '=', True)]",
    )
    direction = fields.Selection(
        selection=[
            ("both", "Both ways"),
            ("to_card", "From the contact only"),
            ("to_contact", "To the contact only"),
        ],
        required=True,
        default="both",
        help="Which way a change travels.",
    )
    keep_filled = fields.Boolean(
        string="Keep Filled Values",
        help="Emptying the field on one side leaves a filled value on the other side.",
    )
    on_link = fields.Selection(
        selection=[
            ("master", "As chosen when linking"),
            ("contact", "The contact"),
            ("card", "The customer, vendor or bank"),
        ],
        string="Wins When Linking",
        required=True,
        default="master",
        help="Which value is kept when a contact is linked with a record and both are "
        "filled in and differ.",
    )
    block = fields.Char(
        help="Lines with the same block are one value when a contact is linked: where "
        "the two sides contradict each other, one side's values win together.",
    )
    active = fields.Boolean(default=True)
    change_notice = fields.Char(
        string="What Saving Means", compute="_compute_change_notice"
    )

    _unique_contact_field = models.Constraint(
        "UNIQUE(kind, contact_field)",
        "A field of the contact is shared at most once with each kind of record.",
    )
    _unique_card_field = models.Constraint(
        "UNIQUE(kind, card_field)",
        "A field is shared at most once with contacts, for each kind of record.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        self.env.registry.clear_cache()
        return lines

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        add_kind_filters(self.env, arch)
        return arch, view

    def _get_shared_model(self):
        """Return the model of what the line's kind shares, empty."""
        kind = get_kinds(self.env).get(self.kind)
        # the lines of a kind stay when its add-on goes: no such fields are anywhere
        return self.env[kind.shared_model if kind else "marketing.sync.mixin"]

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("kind")
    def _compute_card_model(self):
        for line in self:
            line.card_model = line._get_shared_model()._name if line.kind else False

    @api.depends("kind", "contact_field", "card_field")
    def _compute_field_ids(self):
        for line in self:
            # sudo: only administrators may read the list of fields (ir.model.fields)
            get_field = self.env["ir.model.fields"].sudo()._get
            line.contact_field_id = line.contact_field and get_field(
                "marketing.contact", line.contact_field
            )
            line.card_field_id = (
                line.card_field
                and line.kind
                and get_field(line._get_shared_model()._name, line.card_field)
            )

    @api.onchange("contact_field_id")
    def _inverse_contact_field_id(self):
        for line in self:
            line.contact_field = line.contact_field_id.sudo().name

    @api.onchange("card_field_id")
    def _inverse_card_field_id(self):
        for line in self:
            line.card_field = line.card_field_id.sudo().name

    @api.depends(*NOTICE_FIELDS)
    @api.depends_context("lang")
    def _compute_change_notice(self):
        for line in self:
            line.change_notice = line._get_change_notice()

    def _get_change_notice(self):
        """Return what to tell about the unsaved changes, False if there is nothing."""
        self.ensure_one()
        origin = self._origin
        if (
            self == origin
            or not (self.kind and self.contact_field and self.card_field)
            or (origin and all(self[name] == origin[name] for name in NOTICE_FIELDS))
            or not (self.active or origin.active)
        ):
            return False
        try:
            self._check_fields()
        except ValidationError as error:
            return error.args[0]
        relations = self.env["marketing.contact.relation"]
        links, differing, filled = relations._count_differences(
            self._get_shared_field()
        )
        if not self.active:
            return self.env._(
                "%(links)s links will no longer keep these two fields the same. All "
                "values stay as they are.",
                links=links,
            )
        text = self.env._(
            "%(links)s links share these two fields then, of which %(differing)s "
            "differ (%(filled)s of them filled on both sides). Saving this line "
            "rewrites none of them.",
            links=links,
            differing=differing,
            filled=filled,
        )
        if differing and self.direction == "both":
            text += " " + self.env._(
                "The next check lists them under Overview ▸ Differences."
            )
        return text

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("kind", "contact_field", "card_field")
    def _check_fields(self):
        """Both fields exist, are stored, writable, shareable and of matching types.

        :raise ValidationError: naming the field and what is wrong with it
        """
        for line in self:
            contact_field = line._check_field(CONTACT_MODEL, line.contact_field)
            card_model = line._get_shared_model()._name
            card_field = line._check_field(card_model, line.card_field)
            kind = get_kinds(self.env).get(line.kind)
            if kind and kind.personal and line.card_field in self._get_of_companies():
                raise ValidationError(
                    self.env._(
                        "“%(field)s” can't be shared with people of customers and "
                        "vendors: Odoo keeps it for the company as a whole. Choose "
                        "another field.",
                        field=line.card_field,
                    )
                )
            line._check_types(contact_field, card_field)
            if reason := line._get_misfit(contact_field, card_field):
                raise ValidationError(
                    self.env._(
                        "“%(contact_field)s” and “%(card_field)s” can't be shared: "
                        "%(reason)s. Choose two fields that take the same values.",
                        contact_field=line.contact_field,
                        card_field=line.card_field,
                        reason=reason,
                    )
                )

    def _check_types(self, contact_field, card_field):
        """:raise ValidationError: unless both fields are of one type"""
        if (
            contact_field.type != card_field.type
            or contact_field.comodel_name != card_field.comodel_name
        ):
            raise ValidationError(
                self.env._(
                    "“%(contact_field)s” and “%(card_field)s” can't be shared: "
                    "one is of type %(contact_type)s, the other of type "
                    "%(card_type)s. Choose two fields of the same type.",
                    contact_field=self.contact_field,
                    card_field=self.card_field,
                    contact_type=contact_field.type,
                    card_type=card_field.type,
                )
            )

    @api.model
    def _get_of_companies(self):
        """Return the partner's fields that its child contacts have from it."""
        partners = self.env["res.partner"]
        return {
            "is_company",
            *partners._address_fields(),
            *partners._commercial_fields(),
        }

    @api.model
    def _get_misfit(self, contact_field, card_field):
        """Return why values of one field are none of the other's, None if they are."""
        if contact_field.type == "selection":
            keys = {
                tuple(
                    sorted(
                        key
                        for key, _label in field.get_description(
                            self.env, ["selection"]
                        )["selection"]
                    )
                )
                for field in (contact_field, card_field)
            }
            if len(keys) > 1:
                return self.env._("their lists of choices differ")
        names = {contact_field.name, card_field.name}
        if (
            len(names) > 1
            and names <= PLAIN_TEXTS | FORMED_TEXTS
            and (names & FORMED_TEXTS)
        ):
            return self.env._("one takes values of a certain form only")
        if contact_field.type == "float" and (
            contact_field.get_digits(self.env) != card_field.get_digits(self.env)
        ):
            return self.env._("they are of different precision")
        if contact_field.type == "char" and contact_field.size != card_field.size:
            return self.env._("they take texts of different length")
        if contact_field.required != card_field.required and (
            card_field.required or contact_field.name != "name"
        ):
            return self.env._("one may be empty, the other not")
        return None

    def _check_field(self, model_name, field_name):
        """Return the field, if it may be shared.

        :raise ValidationError: if it is missing, not stored, read-only, reserved…
        """
        model = self.env[model_name]
        field = model._fields.get(field_name)
        if field is None:
            raise ValidationError(
                self.env._(
                    "There is no field “%(field)s” on “%(model)s”. Choose an existing "
                    "field.",
                    field=field_name,
                    model=model._description,
                )
            )
        reason = self._get_unshareable_reason(field)
        if reason:
            raise ValidationError(
                self.env._(
                    "The field “%(field)s” of “%(model)s” can't be shared: %(reason)s. "
                    "Choose another field.",
                    field=field_name,
                    model=model._description,
                    reason=reason,
                )
            )
        return field

    @api.model
    def _get_unshareable_reason(self, field):
        """Return why `field` may not be shared, None if it may."""
        if (
            field.name in FORBIDDEN_FIELDS.get(field.model_name, ())
            or field.name.startswith(FORBIDDEN_PREFIXES)
            or field.comodel_name in FORBIDDEN_COMODELS
            or field.groups
            or (field.type == "many2many" and field.comodel_name == "res.users")
        ):
            return self.env._("it is protected")
        if field.name in MAGIC_COLUMNS:
            return self.env._("the system keeps it")
        if not field.store:
            return self.env._("it is not stored")
        if field.readonly or field.related:
            return self.env._("it is computed or read-only")
        if field.company_dependent:
            return self.env._("it has a value of its own in each company")
        if field.translate:
            return self.env._("it has a value of its own in each language")
        if field.type not in SHAREABLE_TYPES:
            return self.env._("fields of its type can't be shared")
        return None

    @api.depends("contact_field_id", "kind")
    def _compute_display_name(self):
        for line in self:
            line.display_name = (
                line.contact_field_id.sudo().field_description or line.contact_field
            )

    # ------------------------------------------------------------
    # THE MAP
    # ------------------------------------------------------------

    @api.model
    @tools.ormcache()
    def _get_map(self):
        """Return the active lines as a tuple of :class:`SharedField`.

        A field that went with its module, or that must not be shared, is passed over
        however it came into the map: the rest stays in step.
        """
        # sudo: whoever saves a card needs the map, also without rights on marketing
        lines = self.sudo().search(Domain("active", "=", True))
        return tuple(line._get_shared_field() for line in lines if line._is_shareable())

    def _get_shared_field(self):
        """Return the line as the engine reads it."""
        self.ensure_one()
        return SharedField(
            kind=self.kind,
            shared_model=self._get_shared_model()._name,
            contact_field=self.contact_field,
            card_field=self.card_field,
            to_card=self.direction in ("both", "to_card"),
            to_contact=self.direction in ("both", "to_contact"),
            keep_filled=self.keep_filled,
            on_link=self.on_link,
            block=self.block or "",
        )

    def _is_shareable(self):
        """Return whether the line is right: it may have come by SQL, and a module may
        have gone, or changed a field, since it was checked.
        """
        try:
            self._check_fields()
        except ValidationError:
            return False
        return True

    @api.model
    def _get_kind_map(self, kind):
        """Return the active lines of one `kind` of card."""
        return [line for line in self._get_map() if line.kind == kind]

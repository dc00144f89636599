from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from .answers import open_action

# A code is short; PostgreSQL's index on it takes no thousands of letters either.
MAX_CODE = 64


class MarketingBusinessRelation(models.Model):
    """What a contact is to us: customer, vendor, bank, law firm, press…

    Three of the codes, chosen in Marketing Setup, tell customers, vendors and bank
    accounts; contacts get those by linking. The others are plain labels.
    """

    _name = "marketing.business.relation"
    _description = "Business Relation"
    _order = "code"
    _rec_names_search = ["code", "name"]

    code = fields.Char(
        required=True,
        copy=False,
        help="Short code in capitals, such as CUST or PRESS.",
    )
    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    relation_ids = fields.One2many(
        comodel_name="marketing.contact.relation",
        inverse_name="business_relation_id",
        string="Links",
    )
    contact_count = fields.Integer(
        string="Contacts",
        compute="_compute_contact_count",
        help="Number of contacts that have this business relation.",
    )
    reserved = fields.Boolean(
        compute="_compute_reserved",
        search="_search_reserved",
        help="Marketing Setup of a company uses the code for customers, vendors or "
        "bank accounts: contacts get it by linking, not by hand.",
    )

    _unique_code = models.Constraint(
        "UNIQUE(code)",
        "There is a business relation with this code already. Choose another code.",
    )

    @api.depends("relation_ids.contact_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_contact_count(self):
        counts = dict(
            self.env["marketing.contact.relation"]._read_group(
                domain=[("business_relation_id", "in", self.ids)],
                groupby=["business_relation_id"],
                aggregates=["contact_id:count_distinct"],
            )
        )
        for relation in self:
            relation.contact_count = counts.get(relation._origin, 0)

    def _compute_reserved(self):
        reserved = self._get_reserved()
        for relation in self:
            relation.reserved = relation._origin in reserved

    def _search_reserved(self, operator, value):
        if operator != "in":
            return NotImplemented
        reserved = Domain("id", "in", self._get_reserved().ids)
        return reserved if True in value else ~reserved

    @api.model
    def _get_reserved(self):
        """Return the business relations that any company uses for a kind."""
        # sudo: also the setup of companies that the user may not see counts
        companies = self.env["res.company"].sudo()
        names = companies._marketing_setup_fields().values()
        companies = companies.search(Domain.OR([(name, "!=", False)] for name in names))
        return self.browse().union(*(companies[name] for name in names))

    @api.depends("code", "name")
    @api.depends_context("marketing_without_code")
    def _compute_display_name(self):
        """Name business relations by code and name; where they say what a contact is,
        by the name, as people say it.
        """
        if self.env.context.get("marketing_without_code"):
            for relation in self:
                relation.display_name = relation.name or relation.code
            return
        for relation in self:
            relation.display_name = " – ".join(
                filter(None, (relation.code, relation.name))
            )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._clean_code(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._clean_code(vals))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_use(self):
        used = self.filtered("contact_count")[:1]
        if used:
            raise ValidationError(
                self.env._(
                    "The business relation “%(relation)s” is in use on contacts. "
                    "Archive it, or remove it from the contacts first.",
                    relation=used.display_name,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_reserved(self):
        """Marketing Setup is not emptied by the way."""
        if reserved := (self & self._get_reserved())[:1]:
            raise ValidationError(
                self.env._(
                    "The business relation “%(relation)s” is used by Marketing Setup. "
                    "Choose another one there before you delete it.",
                    relation=reserved.display_name,
                )
            )

    @api.model
    def _search_display_name(self, operator, value):
        """Find it by all that is shown, code and name, as well."""
        domain = super()._search_display_name(operator, value)
        if operator in ("=", "ilike", "in"):
            values = [value] if isinstance(value, str) else value or []
            for text in values:
                code, dash, name = str(text).partition(" – ")
                if dash:
                    domain |= Domain("code", "=", code.strip().upper()) & Domain(
                        "name", "=" if operator == "in" else operator, name.strip()
                    )
        return domain

    @api.model
    def _clean_code(self, vals):
        """Return `vals` with the code in capitals and without outer blanks."""
        if len(vals.get("code") or "") > MAX_CODE:
            raise ValidationError(
                self.env._(
                    "The code “%(start)s…” is too long. Choose one of at most "
                    "%(max)s letters.",
                    start=vals["code"][:20],
                    max=MAX_CODE,
                )
            )
        if "code" in vals:
            # blanks are no code: the database refuses it
            return {**vals, "code": (vals["code"] or "").strip().upper() or False}
        return vals

    def action_view_contacts(self):
        """Open the contacts that have this business relation."""
        self.ensure_one()
        domain = [("relation_ids.business_relation_id", "=", self.id)]
        return open_action(self.env, "marketing_contact_action", domain)

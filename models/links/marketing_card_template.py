from odoo import api, fields, models
from odoo.models import MAGIC_COLUMNS

from ..sync.kinds import get_kind_selection, get_kinds


class MarketingCardTemplate(models.Model):
    """What a card needs and a contact does not have: terms, taxes, accounts, tags.

    Its fields are named as on `res.partner`. Another module adds a field by adding it
    here under the partner's name.
    """

    _name = "marketing.card.template"
    _description = "Template for Customers and Vendors"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        selection=lambda self: self._get_kind_selection(),
        help="Offer the template for this kind only; empty for both.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", default=lambda self: self.env.company
    )
    property_payment_term_id = fields.Many2one(
        comodel_name="account.payment.term",
        string="Customer Payment Terms",
        check_company=True,
    )
    property_supplier_payment_term_id = fields.Many2one(
        comodel_name="account.payment.term",
        string="Vendor Payment Terms",
        check_company=True,
    )
    property_account_position_id = fields.Many2one(
        comodel_name="account.fiscal.position",
        string="Fiscal Position",
        check_company=True,
    )
    property_product_pricelist = fields.Many2one(
        comodel_name="product.pricelist", string="Pricelist", check_company=True
    )
    property_account_receivable_id = fields.Many2one(
        comodel_name="account.account",
        string="Account Receivable",
        domain="[('account_type', '=', 'asset_receivable')]",
        check_company=True,
    )
    property_account_payable_id = fields.Many2one(
        comodel_name="account.account",
        string="Account Payable",
        domain="[('account_type', '=', 'liability_payable')]",
        check_company=True,
    )
    property_purchase_currency_id = fields.Many2one(
        comodel_name="res.currency", string="Vendor Currency"
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Salesperson",
        domain="[('share', '=', False)]",
    )
    buyer_id = fields.Many2one(
        comodel_name="res.users", domain="[('share', '=', False)]"
    )
    country_id = fields.Many2one(comodel_name="res.country")
    lang = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(), string="Language"
    )
    industry_id = fields.Many2one(comodel_name="res.partner.industry")
    category_id = fields.Many2many(comodel_name="res.partner.category", string="Tags")

    @api.model
    def _get_kind_selection(self):
        """Return the kinds whose cards are partners."""
        own = {kind.name for kind in get_kinds(self.env).of_model("res.partner")}
        kinds = get_kind_selection(self.env)
        return [(name, label) for name, label in kinds if name in own]

    def _get_gap_values(self, vals, Card):
        """Return the values that the template, if there is one, has and `vals` lack.

        :param dict vals: the values of the new card so far
        :param Card: its model: only fields that it has are filled in
        """
        own = {"name", "sequence", "active", "kind", "company_id", "display_name"}
        names = Card._fields.keys() & self.env["res.partner"]._fields.keys()
        names -= own.union(MAGIC_COLUMNS)
        return {
            name: field.convert_to_write(self[name], self)
            for name, field in self._fields.items()
            if name in names and self[name] and not vals.get(name)
        }

from odoo import api, fields, models
from odoo.fields import Domain

from ..contact.input import check_one
from ..links.inheritance import INHERITED
from .preview import preview


class MarketingContact(models.Model):
    """The form of a contact, and whether its cards are in sync."""

    _name = "marketing.contact"
    _inherit = ["marketing.contact", "marketing.form.mixin"]

    drifted = fields.Boolean(
        string="Out of Sync", compute="_compute_drifted", search="_search_drifted"
    )

    def _marketing_get_notice_fields(self):
        """Besides what is shared, what the people of a company follow."""
        names = super()._marketing_get_notice_fields()
        return names | INHERITED if self.child_ids else names

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

    def preview_link(self, kind, card_id, master="contact", keep=None):
        """Return what :meth:`link_card` would write on contact and cards.

        :return: list of ``{model, id, display_name, field, old, new}``
        """
        check_one(self)
        return preview(
            self.browse(),
            lambda env: self.with_env(env).link_card(kind, card_id, master, keep),
        )

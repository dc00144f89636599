from odoo import api, fields, models
from odoo.fields import Domain


class MarketingLinkedMixin(models.AbstractModel):
    """What cards, and what they share, show of their contact.

    A model that inherits it has the field `marketing_relation_ids`, its relations.
    """

    _name = "marketing.linked.mixin"
    _description = "Linked with a Marketing Contact"

    marketing_contact_id = fields.Many2one(
        comodel_name="marketing.contact",
        compute="_compute_marketing_contact_id",
        search="_search_marketing_contact_id",
        groups="marketing_contact.group_marketing_contact_user",
        help="The contact whose details are kept the same as here.",
    )
    marketing_sync_summary = fields.Char(
        string="Synchronized With",
        compute="_compute_marketing_sync_summary",
        help="The records that get the same change when a shared detail changes here.",
    )

    @api.depends("marketing_relation_ids.contact_id")
    def _compute_marketing_contact_id(self):
        for card in self:
            card.marketing_contact_id = card.marketing_relation_ids.contact_id[:1]

    def _search_marketing_contact_id(self, operator, value):
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        linked = Domain("marketing_relation_ids", "any", [("kind", "!=", False)])
        if operator == "in" and False in value:
            return ~linked | Domain(
                "marketing_relation_ids.contact_id", "in", list(set(value) - {False})
            )
        return Domain("marketing_relation_ids.contact_id", operator, value)

    @api.depends("marketing_relation_ids.contact_id.relation_ids")
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_marketing_sync_summary(self):
        # sudo: users without rights on marketing see with whom the card is in step;
        # names of cards that they may not read are left out
        for card in self:
            own = card._marketing_get_shared_record()
            contact = card.sudo().marketing_relation_ids.contact_id[:1]
            names = []
            if contact:
                readable = contact.sudo(self.env.su).has_access("read")
                names.append(
                    contact.display_name
                    if readable
                    else self.env._("a marketing contact")
                )
            for relation in contact.relation_ids.filtered("kind"):
                other = relation._get_card().sudo(self.env.su)
                if (
                    other != card
                    and other._marketing_get_shared_record() != own
                    and other.has_access("read")
                ):
                    names.append(f"{relation._get_kind_name()} {other.display_name}")
            card.marketing_sync_summary = ", ".join(names)

    def _marketing_get_shared_record(self):
        """Return the record that holds what is shared."""
        return self

    def _marketing_prepare_contact(self):
        """Return what a contact made from the record has, besides what is shared."""
        self.ensure_one()
        return {"is_company": False, "company_id": self.company_id.id}

    def _marketing_make_up_name(self):
        """Return what to call a contact made from the record, which has no name."""
        self.ensure_one()
        return self.display_name or self.env._(self._description)

    def action_view_marketing_contact(self):
        """Open the contact."""
        self.ensure_one()
        return self.marketing_contact_id._get_records_action()

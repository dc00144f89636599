from odoo import fields, models


class MarketingContactCreateCard(models.TransientModel):
    """Who wanted to make out a document goes on to that."""

    _inherit = "marketing.contact.create.card"

    next_document = fields.Selection(
        selection=[
            ("quotation", "Quotation"),
            ("sale_order", "Sales Order"),
            ("rfq", "Request for Quotation"),
            ("purchase_order", "Purchase Order"),
        ],
        string="Next",
        readonly=True,
        help="The document that waits for the customer or vendor.",
    )
    next_contact_id = fields.Many2one(comodel_name="marketing.contact")

    def action_create(self):
        action = super().action_create()
        if self.next_document and self.next_contact_id:
            return getattr(self.next_contact_id, f"action_new_{self.next_document}")()
        return action

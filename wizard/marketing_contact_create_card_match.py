from odoo import api, fields, models


class MarketingContactCreateCard(models.TransientModel):
    """Create as: who is there already and looks like the contact is offered first."""

    _inherit = "marketing.contact.create.card"

    lookalike_id = fields.Many2one(
        comodel_name="res.partner",
        string="Looks Like",
        compute="_compute_lookalike_id",
    )
    lookalike_reasons = fields.Char(compute="_compute_lookalike_id")

    @api.depends("contact_ids", "kind")
    def _compute_lookalike_id(self):
        """Find the customer or vendor that one contact may be the same as."""
        for wizard in self:
            wizard.lookalike_id = wizard.lookalike_reasons = False
            contact = wizard.contact_ids._origin._get_linking_contact()
            if len(contact) != 1 or wizard._get_kind_model() != "res.partner":
                continue
            if wizard._get_other_partners():
                # the second role of one record is asked for already
                continue
            for proposal in contact.find_cards(wizard.kind, limit=1)[contact.id]:
                if proposal["band"] != "unsure":
                    wizard.lookalike_id = proposal["id"]
                    wizard.lookalike_reasons = ", ".join(
                        reason["text"]
                        for reason in proposal["reasons"]
                        if reason["shown"]
                    )

    def action_link_instead(self):
        """Open *Link with Existing* with who is there already."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "marketing_contact.marketing_contact_link_action"
        )
        return {
            **action,
            "context": {
                "default_contact_id": self.contact_ids._get_linking_contact().id,
                "default_kind": self.kind,
                "default_partner_id": self.lookalike_id.id,
            },
        }

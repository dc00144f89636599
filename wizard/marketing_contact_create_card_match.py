from odoo import api, fields, models

from ..models.match import lookup


class MarketingContactCreateCard(models.TransientModel):
    """Create as: who is there already and looks like the contact is offered first."""

    _inherit = "marketing.contact.create.card"

    lookalike_id = fields.Many2one(
        comodel_name="res.partner",
        string="Looks Like",
        compute="_compute_lookalike_id",
    )
    lookalike_reasons = fields.Char(compute="_compute_lookalike_id")
    leave_alike = fields.Boolean(
        string="Leave Out Who Looks Like Somebody",
        default=True,
        help="Of several contacts, those that look like a customer or vendor who is "
        "there are left out, and listed in Who Is Who.",
    )
    alike_count = fields.Integer(compute="_compute_alike_count")

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

    @api.depends("contact_ids", "kind")
    def _compute_alike_count(self):
        for wizard in self:
            contacts = wizard.contact_ids._origin._get_linking_contact()
            wizard.alike_count = len(wizard._get_alike(contacts))

    def _get_alike(self, contacts):
        """Return those of several contacts that look like somebody who is there."""
        contacts = contacts.browse(dict.fromkeys(contacts.ids))
        if len(contacts) < 2 or self._get_kind_model() != "res.partner":
            return contacts.browse()
        others = self._get_other_partners()
        found = contacts.filtered(lambda c: c not in others).find_cards(
            self.kind, limit=1
        )
        return contacts.browse(
            id_
            for id_, proposals in found.items()
            if any(proposal["band"] != "unsure" for proposal in proposals)
        )

    def _read_choices(self):
        """Leave those out who look like somebody: people say on the board."""
        contacts, others, values = super()._read_choices()
        if self.leave_alike and (alike := self._get_alike(contacts)):
            lookup.propose_for(alike, "contact", "partner")
            contacts -= alike
        return contacts, others, values

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

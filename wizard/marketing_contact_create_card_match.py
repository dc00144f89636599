from odoo import api, fields, models

from ..models.contact.answers import open_action


class MarketingContactCreateCard(models.TransientModel):
    """Create as: who is there already and looks like the contact is offered first."""

    _inherit = "marketing.contact.create.card"

    lookalike_id = fields.Many2one(
        comodel_name="res.partner",
        string="Looks Like",
        compute="_compute_lookalike_id",
    )
    lookalike_reasons = fields.Json(compute="_compute_lookalike_id")
    leave_alike = fields.Boolean(
        string="Leave Out Who Looks Like Somebody",
        default=True,
        help="Of several contacts, those that look like a customer or vendor who is "
        "there are left out, and listed in Who Is Who.",
    )
    # stored: looked for once, for the form, its preview and what is done
    alike_ids = fields.Many2many(
        comodel_name="marketing.contact",
        relation="marketing_contact_create_card_alike_rel",
        compute="_compute_alike_ids",
        store=True,
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
            if contact._get_other_roles(wizard.kind):
                # the second role of one record is asked for already
                continue
            for proposal in contact.find_cards(wizard.kind, limit=1)[contact.id]:
                if proposal["band"] != "unsure":
                    wizard.lookalike_id = proposal["id"]
                    wizard.lookalike_reasons = proposal["reasons"]

    @api.depends("contact_ids", "kind")
    def _compute_alike_ids(self):
        """Find those of several contacts that look like somebody who is there."""
        for wizard in self:
            contacts = wizard.contact_ids._origin._get_linking_contact()
            wizard.alike_ids = False
            if len(contacts) < 2 or wizard._get_kind_model() != "res.partner":
                continue
            others = contacts._get_other_roles(wizard.kind)
            found = contacts.filtered(lambda c, others=others: c not in others)
            # Odoo computes what is stored with all rights: who asks decides here
            found = found.sudo(False)._filtered_access("read")
            wizard.alike_ids = contacts.browse(
                id_
                for id_, proposals in found.find_cards(wizard.kind, limit=1).items()
                if any(proposal["band"] != "unsure" for proposal in proposals)
            )

    @api.depends("alike_ids")
    def _compute_alike_count(self):
        for wizard in self:
            wizard.alike_count = len(wizard.alike_ids)

    def _get_chosen_contacts(self, propose=True):
        """Leave those out who look like somebody: people say on the board."""
        contacts = super()._get_chosen_contacts(propose)
        alike = self.alike_ids._origin if self.leave_alike else contacts.browse()
        if alike and propose:
            self.env["marketing.match"]._propose_for(alike)
        return contacts - alike

    def action_link_instead(self):
        """Open *Link with Existing* with who is there already."""
        self.ensure_one()
        return open_action(
            self.env,
            "marketing_contact_link_action",
            default_contact_id=self.contact_ids._get_linking_contact().id,
            default_kind=self.kind,
            default_partner_id=self.lookalike_id.id,
        )

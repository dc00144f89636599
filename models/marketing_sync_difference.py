from odoo import api, fields, models

from .sync_terms import Effect


class MarketingSyncDifference(models.Model):
    """A shared value in which a contact and its card have come apart.

    Found by `marketing.contact.relation.check_differences`, in SQL, not by a save.
    """

    _name = "marketing.sync.difference"
    _description = "Difference between Contact and Card"
    _order = "relation_id, contact_field"
    _log_access = False

    relation_id = fields.Many2one(
        comodel_name="marketing.contact.relation",
        required=True,
        ondelete="cascade",
        index=True,
    )
    contact_id = fields.Many2one(related="relation_id.contact_id", string="Contact")
    kind = fields.Selection(related="relation_id.kind")
    card_name = fields.Char(related="relation_id.card_name")
    contact_field = fields.Char(string="Technical Contact Field", required=True)
    card_field = fields.Char(string="Technical Card Field", required=True)
    contact_value = fields.Char()
    card_value = fields.Char()
    field_label = fields.Char(string="Field", compute="_compute_texts")
    contact_text = fields.Char(string="On the Contact", compute="_compute_texts")
    card_text = fields.Char(string="On the Card", compute="_compute_texts")

    _unique_field = models.Constraint(
        "UNIQUE(relation_id, contact_field, card_field)",
        "A difference is listed once.",
    )

    @api.depends("contact_field", "card_field", "relation_id")
    def _compute_texts(self):
        contact_fields = self.env["marketing.contact"]._fields
        for difference in self:
            field = contact_fields.get(difference.contact_field)
            difference.field_label = field and field._description_string(self.env)
            contact, card = difference._get_sides()
            difference.contact_text = contact.sudo()._marketing_format(
                difference.contact_field
            )
            readable = card.has_access("read")
            difference.card_text = readable and card._marketing_format(
                difference.card_field
            )

    def _get_sides(self):
        """Return the contact and the record of the card that holds the value."""
        self.ensure_one()
        relation = self.relation_id
        card = relation.bank_id if relation.kind == "bank_account" else None
        return relation.contact_id, card or relation.partner_id

    # ------------------------------------------------------------
    # REPAIR
    # ------------------------------------------------------------

    def action_use_contact(self):
        """Write the contact's values on the cards."""
        return self._repair("contact")

    def action_use_card(self):
        """Write the cards' values on the contacts and on their other cards."""
        return self._repair("card")

    def _repair(self, winner):
        """Bring the two sides into line, in one pass for all differences."""
        self.check_access("read")
        relations = self.relation_id
        relations.contact_id.check_access("write")
        engine = self.env["marketing.sync.mixin"]
        links = relations.contact_id._marketing_get_links()
        by_relation = {link.relation_id: link for link in links}
        records = engine._marketing_records(
            {node for link in links for node in (link.contact, link.card)}
        )
        with engine._marketing_journal("repair"):
            if winner == "contact":
                effects = self._get_card_effects(by_relation, records)
                allowed = engine._marketing_hold_back(effects)
                if allowed:
                    engine._marketing_apply(allowed, [])
            else:
                changes = {}
                for difference in self:
                    link = by_relation.get(difference.relation_id.id)
                    if link:
                        name = difference.card_field
                        value = records[link.card]._marketing_value(name)
                        changes.setdefault(link.card, {})[name] = value
                engine._marketing_propagate(links, changes)
        relations.check_differences()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _get_card_effects(self, by_relation, records):
        """Return what writing the contacts' values on the cards comes to."""
        effects = []
        for difference in self:
            link = by_relation.get(difference.relation_id.id)
            if link:
                effects.append(
                    Effect(
                        link.card,
                        difference.card_field,
                        records[link.contact]._marketing_value(
                            difference.contact_field
                        ),
                        link.contact,
                        link.relation_id,
                        records[link.card]._marketing_value(difference.card_field),
                    )
                )
        return effects

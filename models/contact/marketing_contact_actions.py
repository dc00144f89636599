from odoo import api, fields, models


class MarketingContactActions(models.AbstractModel):
    """What the form of a contact needs besides the data: buttons and their cards."""

    _name = "marketing.contact.actions"
    _description = "Buttons of a Marketing Contact"

    active_lang_count = fields.Integer(compute="_compute_active_lang_count")

    def _compute_active_lang_count(self):
        """Tell the form whether there is a language to choose, as on partners."""
        self.active_lang_count = len(self.env["res.lang"].get_installed())

    def _get_visible_cards(self, kind):
        """Return the cards of a kind that the user may see, in all chosen companies."""
        self.ensure_one()
        relations = self.relation_ids.filtered("kind") or (
            self.parent_id.relation_ids.filtered("kind")
        )
        column = "bank_account_id" if kind == "bank_account" else "partner_id"
        cards = relations.filtered(lambda relation: relation.kind == kind)[column]
        return cards._filtered_access("read")

    @api.readonly
    def action_view_customer(self):
        """Open the contact's customer; the list, if companies have one each."""
        return self._get_visible_cards("customer")._get_records_action(
            name=self.env._("Customer")
        )

    @api.readonly
    def action_view_vendor(self):
        """Open the contact's vendor; the list, if companies have one each."""
        return self._get_visible_cards("vendor")._get_records_action(
            name=self.env._("Vendor")
        )

    @api.readonly
    def action_view_bank_accounts(self):
        """Open the contact's bank accounts."""
        return self._get_visible_cards("bank_account")._get_records_action(
            name=self.env._("Bank Accounts")
        )

    @api.readonly
    def action_view_people(self):
        """Open the people of a company."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "marketing_contact.marketing_contact_action"
        )
        action["name"] = self.env._("People of %s", self.name)
        action["domain"] = [("parent_id", "=", self.id)]
        action["context"] = {
            "default_parent_id": self.id,
            "default_company_id": self.company_id.id,
        }
        return action

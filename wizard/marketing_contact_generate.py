from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..models.sync_terms import KINDS

BATCH_SIZE = 1000


class MarketingContactGenerate(models.TransientModel):
    """Create contacts from customers, vendors or bank accounts."""

    _name = "marketing.contact.generate"
    _description = "Create Contacts from Cards"

    kind = fields.Selection(
        selection=KINDS,
        string="Create Contacts from",
        required=True,
        default=lambda self: self._default_kind(),
    )
    card_model = fields.Char(compute="_compute_card_model")
    domain = fields.Char(
        string="Filter",
        compute="_compute_domain",
        store=True,
        precompute=True,
        readonly=False,
        help="Which of the customers, vendors or bank accounts to take.",
    )
    count_new = fields.Integer(
        string="Contacts to Create or Link", compute="_compute_counts"
    )
    count_skipped = fields.Integer(
        string="Left Out",
        compute="_compute_counts",
        help="Records that have a contact already, or whose contact has another "
        "customer or vendor; and addresses, people of companies and accounts without "
        "a bank, which get none.",
    )

    @api.model
    def _default_kind(self):
        """Return what the list shows where the wizard comes from."""
        if self.env.context.get("active_model") == "res.partner.bank":
            return "bank_account"
        # as Odoo's own menus of vendors say it
        mode = self.env.context.get("res_partner_search_mode")
        return "vendor" if mode == "supplier" else "customer"

    @api.depends("kind")
    def _compute_card_model(self):
        for wizard in self:
            wizard.card_model = wizard._get_card_model()

    @api.depends("kind")
    def _compute_domain(self):
        context = self.env.context
        for wizard in self:
            domain = {
                "customer": [("customer_rank", ">", 0)],
                "vendor": [("supplier_rank", ">", 0)],
                "bank_account": [("bank_id", "!=", False)],
            }.get(wizard.kind, [])
            if context.get("active_model") == wizard._get_card_model() and context.get(
                "active_ids"
            ):
                domain = [("id", "in", context["active_ids"])]
            wizard.domain = repr(domain)

    def _get_card_model(self):
        return "res.partner.bank" if self.kind == "bank_account" else "res.partner"

    def _get_cards(self):
        """Return the chosen cards that the user may see.

        :raise UserError: if the filter can't be read
        """
        self.ensure_one()
        try:
            domain = Domain(literal_eval(self.domain or "[]"))
            return self.env[self._get_card_model()].search(domain)
        except (SyntaxError, TypeError, ValueError) as error:
            raise UserError(
                self.env._("The filter can't be read: %s", self.domain)
            ) from error

    def _get_new_cards(self, cards):
        """Return those of the cards that will get a contact."""
        return cards._marketing_filter_cards()._marketing_filter_unlinked(self.kind)

    @api.depends("kind", "domain")
    def _compute_counts(self):
        for wizard in self:
            cards = wizard._get_cards()
            wizard.count_new = len(wizard._get_new_cards(cards))
            wizard.count_skipped = len(cards) - wizard.count_new

    def action_generate(self):
        """Create the contacts and open them."""
        self.ensure_one()
        cards = self._get_new_cards(self._get_cards())
        contacts = self.env["marketing.contact"]
        for start in range(0, len(cards), BATCH_SIZE):
            batch = cards[start : start + BATCH_SIZE]
            contacts |= batch._marketing_create_contacts(self.kind)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "marketing_contact.marketing_contact_action"
        )
        action["domain"] = [("id", "in", contacts.ids)]
        action["context"] = {}
        return action

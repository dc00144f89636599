from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.sync.sync_terms import KINDS

OTHER_ROLE = {"customer": "vendor", "vendor": "customer"}


class MarketingContactCreateCard(models.TransientModel):
    """Create as customer, vendor or bank account, one or several contacts at a time."""

    _name = "marketing.contact.create.card"
    _inherit = ["marketing.preview.mixin"]
    _description = "Create Cards from Contacts"

    contact_ids = fields.Many2many(
        comodel_name="marketing.contact",
        string="Contacts",
        required=True,
        default=lambda self: self._default_contact_ids(),
    )
    kind = fields.Selection(
        selection=KINDS, string="Create as", required=True, default="customer"
    )
    template_id = fields.Many2one(
        comodel_name="marketing.card.template",
        compute="_compute_template_id",
        store=True,
        readonly=False,
        domain="[('kind', 'in', [kind, False])]",
        help="Fills in what the contacts don't have, such as payment terms.",
    )
    acc_number = fields.Char(string="Account Number")
    holder_id = fields.Many2one(
        comodel_name="res.partner",
        string="Account Holder",
        default=lambda self: self.env.company.partner_id,
    )
    second_role = fields.Selection(
        selection=[
            ("same", "Give the existing record the second role"),
            ("separate", "Create a separate record"),
        ],
        string="Customer and Vendor",
        required=True,
        default="same",
        help="One record for both roles is usual and lets you net what each owes.",
    )
    other_partner_ids = fields.Many2many(
        comodel_name="res.partner",
        string="Existing Records",
        compute="_compute_other_partner_ids",
    )
    next_document = fields.Selection(
        selection=[
            ("quotation", "Quotation"),
            ("sale_order", "Sales Order"),
            ("rfq", "Request for Quotation"),
            ("purchase_order", "Purchase Order"),
        ],
        string="Go on to",
        readonly=True,
        help="The document that waits for the customer or vendor.",
    )
    next_contact_id = fields.Many2one(comodel_name="marketing.contact")
    preview = fields.Html(
        string="What Will Be Created", compute="_compute_preview", sanitize=False
    )

    @api.model
    def _default_contact_ids(self):
        if self.env.context.get("active_model") == "marketing.contact":
            return self.env.context.get("active_ids")
        return False

    @api.depends("kind")
    def _compute_template_id(self):
        for wizard in self:
            if wizard.template_id.kind not in (False, wizard.kind):
                wizard.template_id = False

    @api.depends("kind", "contact_ids")
    def _compute_other_partner_ids(self):
        for wizard in self:
            wizard.other_partner_ids = self.env["res.partner"].union(
                *wizard._get_other_partners().values()
            )

    def _get_other_partners(self):
        """Return ``{contact: partner}`` of the contacts that have the other role."""
        other = OTHER_ROLE.get(self.kind)
        contacts = self.contact_ids._origin._get_linking_contact()
        field_name = {"vendor": "vendor_id", "customer": "customer_id"}.get(other)
        if not field_name:
            return {}
        return {
            contact: contact[field_name] for contact in contacts if contact[field_name]
        }

    @api.depends(
        "kind", "contact_ids", "template_id", "acc_number", "holder_id", "second_role"
    )
    def _compute_preview(self):
        for wizard in self:
            if wizard.contact_ids and (
                wizard.kind != "bank_account" or wizard.acc_number
            ):
                wizard.preview = wizard._render_preview(
                    lambda twin: twin._describe(twin._create_cards())
                )
            else:
                wizard.preview = False

    def _describe(self, cards):
        """Return what there is to see of new cards, a line each."""
        lines = []
        for card in cards:
            record = card._marketing_get_sync_record()
            values = [
                record._marketing_format(line.card_field)
                for line in self.env["marketing.sync.field"]._get_kind_map(self.kind)
                if record._fields[line.card_field].type in ("char", "many2one")
                and record[line.card_field]
                and line.card_field != "name"
            ]
            lines.append(f"{card.display_name}: {', '.join(values)}")
        return lines

    def _create_cards(self):
        """Create or link the cards. Return them in the order of the contacts."""
        contacts = self.contact_ids._origin._get_linking_contact()
        contacts = contacts.browse(dict.fromkeys(contacts.ids))
        others = self._get_other_partners() if self.second_role == "same" else {}
        values = {}
        if self.kind == "bank_account":
            if len(contacts) > 1:
                raise UserError(
                    self.env._(
                        "A bank account has a number of its own: create bank accounts "
                        "for one contact at a time."
                    )
                )
            values = {
                "acc_number": self.acc_number,
                "partner_id": (self.holder_id or self.env.company.partner_id).id,
            }
        new_contacts = contacts.filtered(lambda contact: contact not in others)
        cards = new_contacts.create_card(
            self.kind, template_id=self.template_id.id, values=values
        )
        card_by_contact = dict(zip(new_contacts, cards, strict=True))
        for contact, partner in others.items():
            contact.link_card(self.kind, partner.id)
            card_by_contact[contact] = partner
        return cards.union(*(card_by_contact[contact] for contact in contacts))

    def action_create(self):
        """Create the cards and open them: posting details are filled in there.

        Who came here to make out a document goes on to that.
        """
        self.ensure_one()
        cards = self._create_cards()
        if self.next_document and self.next_contact_id:
            return getattr(self.next_contact_id, f"action_new_{self.next_document}")()
        return cards._get_records_action(
            name=dict(self._fields["kind"]._description_selection(self.env))[self.kind]
        )

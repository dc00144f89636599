from odoo import api, fields, models

from ..models.match.normalise import get_company_words, get_email, get_vat


class MarketingContactLink(models.TransientModel):
    """Link with Existing: who is likely the same on top, and a warning where nothing of
    what is chosen is.
    """

    _inherit = "marketing.contact.link"

    proposals = fields.Json(compute="_compute_proposals")
    is_unlike = fields.Boolean(
        compute="_compute_is_unlike",
        help="Name, tax ID and email of the two all differ.",
    )

    @api.depends("contact_id", "kind")
    def _compute_proposals(self):
        for wizard in self:
            contact, kind = wizard.contact_id, wizard._get_kind()
            wizard.proposals = []
            if contact and kind and kind.setup_field:
                contact = contact._get_linking_contact()
                found = contact.find_cards(kind.name, limit=3)[contact.id]
                wizard.proposals = [p for p in found if p["band"] != "unsure"]

    @api.depends("contact_id", "partner_id")
    def _compute_is_unlike(self):
        words = self.env["marketing.match.word"]._get_words()
        for wizard in self:
            contact = wizard.contact_id._get_linking_contact()
            partner = wizard.partner_id
            wizard.is_unlike = False
            if not contact or not partner or not partner.has_access("read"):
                continue
            names, vats, emails = (
                [read(record) for record in (contact, partner)]
                for read in (
                    lambda r: set(get_company_words(r.name or "", words)),
                    lambda r: get_vat(r.vat or "", r.country_id.code or ""),
                    lambda r: get_email(r.email or ""),
                )
            )
            wizard.is_unlike = (
                not names[0] & names[1]
                and (not vats[0] or vats[0] != vats[1])
                and (not emails[0] or emails[0] != emails[1])
            )

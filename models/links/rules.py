from itertools import product

from odoo import api, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL


class MarketingContactRelationRules(models.AbstractModel):
    """The rules of the links that are more than a constraint can say (DESIGN §3)."""

    _name = "marketing.contact.relation.rules"
    _description = "Rules of Contact Relations"

    @api.constrains("kind", "business_relation_id")
    def _check_reserved_code(self):
        """A code that Marketing Setup uses for a kind comes by linking only."""
        plain = self.filtered(lambda relation: not relation.kind)
        if not plain:
            return
        # sudo: a code is reserved by the setup of any company, also of one that the
        # user may not see
        reserved = self.env["res.company"].sudo()._marketing_get_reserved_relations()
        for relation in plain:
            if relation.business_relation_id in reserved:
                raise ValidationError(
                    self.env._(
                        "“%(code)s” is the code of contacts that are linked with a "
                        "card. Use Link with Existing or Create as on the contact "
                        "“%(contact)s”, or choose another business relation.",
                        code=relation.business_relation_id.display_name,
                        contact=relation.contact_id.display_name,
                    )
                )

    @api.constrains("contact_id", "kind", "partner_id", "bank_account_id")
    def _check_one_contact(self):
        """A card, and a bank, has one contact; a contact has one bank."""
        # sudo: the rule holds whether or not the user may see the other relations
        others = self.sudo().search(
            [
                "|",
                "|",
                ("partner_id", "in", self.partner_id.ids),
                ("bank_id", "in", self.bank_id.ids),
                "&",
                ("contact_id", "in", self.contact_id.ids),
                ("kind", "=", "bank_account"),
            ]
        )
        groups = {}
        for other in others:
            for key in (other.partner_id, other.bank_id, other.contact_id):
                if key:
                    groups.setdefault(key, []).append(other)
        shown = self.env["marketing.sync.value"]._marketing_shown_name
        own_ids = set(self._ids)
        for group in groups.values():
            own = [relation for relation in group if relation.id in own_ids]
            for relation, other in product(own, group):
                if relation == other:
                    continue
                same_card = (
                    relation.partner_id and relation.partner_id == other.partner_id
                )
                same_bank = relation.bank_id and relation.bank_id == other.bank_id
                same_contact = relation.contact_id == other.contact_id
                if (same_card or same_bank) and not same_contact:
                    raise ValidationError(
                        self.env._(
                            "“%(card)s” already belongs to the contact “%(contact)s”. "
                            "Move the link, merge the two contacts, or unlink it "
                            "there first.",
                            card=shown(relation.partner_id or relation.bank_id),
                            contact=shown(other.contact_id),
                        )
                    )
                if (
                    same_contact
                    and relation.kind == other.kind == "bank_account"
                    and relation.bank_id
                    and other.bank_id
                    and not same_bank
                ):
                    raise ValidationError(
                        self.env._(
                            "The contact “%(contact)s” stands for the bank "
                            "“%(bank)s”; the account “%(account)s” is at another "
                            "bank. Link it with the contact of its own bank.",
                            contact=relation.contact_id.display_name,
                            bank=other.bank_id.display_name,
                            account=relation.bank_account_id.acc_number,
                        )
                    )

    @api.constrains("contact_id", "company_id")
    def _check_companies(self):
        """A contact of one company is not linked with a card of another."""
        shown = self.env["marketing.sync.value"]._marketing_shown_name
        for relation in self:
            contact_company = relation.contact_id.company_id
            card_company = relation.company_id
            if not self._are_companies_compatible(contact_company, card_company):
                raise ValidationError(
                    self.env._(
                        "The contact “%(contact)s” belongs to %(contact_company)s, "
                        "“%(card)s” to %(card_company)s. Link cards of the same "
                        "company, or empty the company of the contact.",
                        contact=relation.contact_id.display_name,
                        contact_company=contact_company.name,
                        card=shown(relation._get_card()),
                        card_company=card_company.name,
                    )
                )

    @api.model
    def _are_companies_compatible(self, company, other):
        """Return whether records of the two companies may be linked."""
        return (
            not company
            or not other
            or company in other.parent_ids
            or other in company.parent_ids
        )

    def _check_free(self, vals_list):
        """Raise a clear error for what the unique indexes would refuse.

        :raise ValidationError: naming the contact that has the card, or the card that
            the contact has
        """
        contacts = self.env["marketing.contact"].browse(
            vals["contact_id"] for vals in vals_list
        )
        # sudo: a card may be taken by a contact that the user may not see
        cards = {
            column: {vals.get(column) for vals in vals_list} - {None, False}
            for column in ("partner_id", "bank_account_id")
        }
        taken = self.sudo().search_fetch(
            Domain("kind", "!=", False)
            & (
                Domain("contact_id", "in", contacts.ids)
                | Domain("partner_id", "in", cards["partner_id"])
                | Domain("bank_account_id", "in", cards["bank_account_id"])
            ),
            ["contact_id", "kind", "partner_id", "bank_account_id", "company_id"],
        )
        by_card = {(r.kind, r._get_card().id): r for r in taken}
        by_contact = {
            (r.contact_id.id, r.kind, r.company_id.id): r
            for r in taken
            if r.kind != "bank_account"
        }
        shown = self.env["marketing.sync.value"]._marketing_shown_name
        seen = set()
        for vals in vals_list:
            kind = vals["kind"]
            card = self._browse_card(vals)
            key = (vals["contact_id"], kind, card.sudo().company_id.id)
            keys = {card} if kind == "bank_account" else {(kind, card.id), key}
            if seen & keys:
                raise ValidationError(
                    self.env._(
                        "“%(card)s” can't be linked as %(kind)s together with the "
                        "others: a card has one contact, a contact one customer and "
                        "one vendor in each company. Leave out one of the two.",
                        card=card.display_name,
                        kind=self._get_kind_name(kind),
                    )
                )
            seen |= keys
            if relation := by_card.get((kind, card.id)):
                raise ValidationError(
                    self.env._(
                        "“%(card)s” is linked with the contact “%(contact)s” already. "
                        "Unlink it there first, or move the link.",
                        card=card.display_name,
                        contact=shown(relation.contact_id),
                    )
                )
            if relation := by_contact.get(key):
                raise ValidationError(
                    self.env._(
                        "The contact “%(contact)s” is linked with the %(kind)s "
                        "“%(card)s” already. Unlink that one first.",
                        contact=shown(relation.contact_id),
                        kind=relation._get_kind_name(),
                        card=shown(relation._get_card()),
                    )
                )

    @api.model
    def _check_plain(self, vals_list):
        """:raise ValidationError: if a contact has one of the plain codes already"""
        if not vals_list:
            return
        pairs = {
            (vals.get("contact_id"), vals.get("business_relation_id"))
            for vals in vals_list
        }
        if len(pairs) < len(vals_list):
            raise ValidationError(
                self.env._(
                    "The same business relation is given to a contact twice. Leave "
                    "out one of the two."
                )
            )
        known = self.search(
            [("kind", "=", False), ("contact_id", "in", [pair[0] for pair in pairs])]
        )
        for relation in known:
            if (relation.contact_id.id, relation.business_relation_id.id) in pairs:
                raise ValidationError(
                    self.env._(
                        "The contact “%(contact)s” has the business relation "
                        "“%(relation)s” already.",
                        contact=relation.contact_id.display_name,
                        relation=relation.business_relation_id.display_name,
                    )
                )

    @api.model
    def _check_cards(self, vals_list):
        """Check that each kind has its own target and nothing else, and that the cards
        exist, may be read and are commercial entities.
        """
        for vals in vals_list:
            other = (
                "partner_id" if vals["kind"] == "bank_account" else "bank_account_id"
            )
            if not self._browse_card(vals) or vals.get(other):
                raise ValidationError(
                    self.env._(
                        "A customer or vendor relation needs a customer or vendor, a "
                        "bank account relation a bank account, and neither the other. "
                        "Choose what to link the contact “%(contact)s” with.",
                        contact=self.env["marketing.contact"]
                        .browse(vals["contact_id"])
                        .display_name,
                    )
                )
        for model_name in ("res.partner", "res.partner.bank"):
            cards = self.env[model_name].union(
                *(
                    card
                    for vals in vals_list
                    if (card := self._browse_card(vals))._name == model_name
                )
            )
            if len(cards.exists()) < len(cards):
                raise UserError(
                    self.env._(
                        "A card to link with does not exist any more. Choose another."
                    )
                )
            cards.check_access("read")
            if model_name == "res.partner":
                for partner in cards:
                    if partner.commercial_partner_id != partner:
                        raise UserError(
                            self.env._(
                                "“%(partner)s” is a contact or address of "
                                "“%(company)s”. Link that company instead.",
                                partner=partner.display_name,
                                company=partner.commercial_partner_id.display_name,
                            )
                        )

    @api.model
    def _lock_sides(self, vals_list, with_contacts=True):
        """Make two users who link the same side at once wait, and one of them retry.

        The rows are updated, not only locked: a transaction that began before can't
        see the new relation and must not go on with its old view of them.
        """
        rows = {
            "marketing_contact": {
                vals["contact_id"] for vals in vals_list if with_contacts
            },
            "res_partner": {vals.get("partner_id") for vals in vals_list},
            "res_bank": self.env["res.partner.bank"]
            .browse({vals.get("bank_account_id") for vals in vals_list} - {None, False})
            .sudo()
            .bank_id._ids,
        }
        for table, ids in rows.items():
            if ids := tuple(sorted(set(ids) - {None, False})):
                self.env.cr.execute(
                    SQL(
                        """
                        UPDATE %(table)s SET write_uid = write_uid WHERE id IN (
                            SELECT id FROM %(table)s WHERE id IN %(ids)s
                            ORDER BY id FOR NO KEY UPDATE)
                        """,
                        table=SQL.identifier(table),
                        ids=ids,
                    )
                )

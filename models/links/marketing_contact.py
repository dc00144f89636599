from odoo import api, models
from odoo.exceptions import UserError

from ..sync.sync_terms import KINDS


class MarketingContactCards(models.AbstractModel):
    """Linking a contact with cards and creating cards from it (DESIGN §4)."""

    _name = "marketing.contact.cards"
    _description = "Cards of a Marketing Contact"

    # ------------------------------------------------------------
    # LINK WITH EXISTING
    # ------------------------------------------------------------

    def link_card(self, kind, card_id, master="contact", keep=None):
        """Link the contact with an existing card and bring the two into line.

        A person who belongs to a company is linked through the company's contact.

        :param str kind: ``customer``, ``vendor`` or ``bank_account``
        :param int card_id: id of the `res.partner` or `res.partner.bank`
        :param str master: ``contact`` or ``card``, whose value wins where both are
            filled in and differ; an empty value never beats a filled one; ``neither``
            fills what is empty and leaves what differs, to be listed as differences
        :param dict keep: ``{contact field: "contact" or "card"}``, exceptions to master
        :return: the relation
        :raise UserError: for an unknown kind, master or field, a missing card, or if
            Marketing Setup lacks the code of the kind
        :raise ValidationError: if the contact or the card is linked already
        """
        self._marketing_check_one()
        self._check_kind(kind)
        keep = self._check_keep(kind, master, keep)
        contact = self._get_linking_contact()
        contact.check_access("write")
        card = self._browse_card(kind, card_id)
        if kind == "bank_account" and not card.bank_id:
            card._marketing_require_bank(contact)
        column = "bank_account_id" if kind == "bank_account" else "partner_id"
        relation = self.env["marketing.contact.relation"]._create_links(
            [{"contact_id": contact.id, "kind": kind, column: card.id}],
            master=master,
            keep=keep,
        )
        if master == "neither":
            relation.check_differences()
        return relation

    def preview_link(self, kind, card_id, master="contact", keep=None):
        """Return what :meth:`link_card` would write on contact and cards.

        :return: list of ``{model, id, display_name, field, old, new}``
        """
        self._marketing_check_one()
        return self.browse()._marketing_preview(
            lambda env: self.with_env(env).link_card(kind, card_id, master, keep)
        )

    def _get_linking_contact(self):
        """Return the contacts that carry the links: a person's company, if any."""
        return self.browse(
            [
                (contact if contact.is_company else contact.parent_id or contact).id
                for contact in self
            ]
        )

    @api.model
    def _check_kind(self, kind, kinds=None):
        """:raise UserError: unless `kind` is one of `kinds`, by default of all"""
        kinds = kinds or [known for known, _name in KINDS]
        if kind not in kinds:
            raise UserError(
                self.env._(
                    "There is no kind of card “%(kind)s” here. Use one of: %(kinds)s.",
                    kind=kind,
                    kinds=", ".join(kinds),
                )
            )

    @api.model
    def _check_keep(self, kind, master, keep):
        """Return `keep` as a dict, checked against the map."""
        keep = keep or {}
        sides = ("contact", "card")
        lines = self.env["marketing.sync.field"]._get_kind_map(kind)
        names = {line.contact_field for line in lines}
        if (
            master not in (*sides, "neither")
            or not isinstance(keep, dict)
            or not all(name in names and side in sides for name, side in keep.items())
        ):
            raise UserError(
                self.env._(
                    "When linking, either the “contact” or the “card” wins, on the "
                    "whole and for each shared field. Check %(choice)s.",
                    choice=repr(keep if master in (*sides, "neither") else master),
                )
            )
        return keep

    @api.model
    def _browse_card(self, kind, card_id):
        """Return the card of a kind.

        :raise UserError: if there is none with that id
        """
        model = "res.partner.bank" if kind == "bank_account" else "res.partner"
        if isinstance(card_id, models.BaseModel):
            card_id = card_id.id if card_id._name == model else None
        valid = isinstance(card_id, int) and not isinstance(card_id, bool)
        card = self.env[model].browse(card_id if valid else None).exists()
        if len(card) != 1:
            raise UserError(
                self.env._(
                    "There is no %(kind)s with the id %(id)s. Choose an existing one.",
                    kind=self.env["marketing.contact.relation"]._get_kind_name(kind),
                    id=card_id,
                )
            )
        card.check_access("read")
        return card

    # ------------------------------------------------------------
    # CREATE AS
    # ------------------------------------------------------------

    def create_card(self, kind, template_id=None, values=None):
        """Create customers, vendors or bank accounts from the contacts and link them.

        The contact's values win, `values` and then the template fill the gaps.

        :param str kind: ``customer``, ``vendor`` or ``bank_account``
        :param int template_id: id of a `marketing.card.template`
        :param dict values: more values of the card; for a bank account `acc_number`
            is needed and `partner_id` (or `holder_id`) is the holder, by default our
            own company
        :return: the cards, in the order of the contacts (one for people of one company)
        :raise UserError: if Marketing Setup lacks the code of the kind, or a contact
            has such a card already
        """
        self._check_kind(kind)
        contacts = self._get_linking_contact()
        contacts = contacts.browse(dict.fromkeys(contacts.ids))
        contacts.check_access("write")
        values = dict(self._check_card_values(kind, values))
        template = self._browse_template(template_id)
        for company in contacts.company_id or self.env.company:
            company._marketing_require_relation(kind)
        if kind == "bank_account":
            vals_list = [
                contact._prepare_bank_account(values, template) for contact in contacts
            ]
            cards = self.env["res.partner.bank"]
        else:
            company_id = values.get("company_id")
            contacts._check_no_card(kind, company_id)
            vals_list = [
                contact._prepare_partner(kind, values, template) for contact in contacts
            ]
            cards = self.env["res.partner"]
        engine = self.env["marketing.sync.mixin"]
        by_company = self._split_company_values(cards, vals_list, template)
        with engine._marketing_journal("create") as journal:
            # the contact is there already: the card must not get one of its own
            cards = (
                cards._marketing_without_defaults()
                .with_context(marketing_contact_no_create=True)
                .create(vals_list)
                .with_env(self.env)
            )
            self._write_company_values(cards, by_company)
            contacts._link_created(kind, cards, journal)
        return cards

    @api.model
    def _split_company_values(self, Card, vals_list, template):
        """Take what has a value of its own in each company out of the values.

        :param list vals_list: the values of the new cards, changed in place
        :return: a list of pairs of the company that the values are for, that of the
            card, of a shared card the template's, else the current one, and the values
        """
        result = []
        for vals in vals_list:
            company = (
                self.env["res.company"].browse(vals.get("company_id"))
                or template.company_id
                or self.env.company
            )
            names = [
                name
                for name in vals
                if name in Card._fields and Card._fields[name].company_dependent
            ]
            result.append((company, {name: vals.pop(name) for name in names}))
        return result

    @api.model
    def _write_company_values(self, cards, by_company):
        """Write company-dependent values, cards with the same ones together."""
        batches = {}
        for card, (company, vals) in zip(cards, by_company, strict=True):
            if vals:
                key = (company, repr(sorted(vals.items())))
                batches.setdefault(key, [vals, cards.browse()])[1] |= card
        for (company, _key), (vals, batch) in batches.items():
            batch.with_company(company).write(vals)

    @api.model
    def _check_card_values(self, kind, values):
        """Return `values` as a dict, checked against the card's fields."""
        model = "res.partner.bank" if kind == "bank_account" else "res.partner"
        values = {} if values is None or values is False else values
        if isinstance(values, dict) and kind == "bank_account":
            values = dict(values)
            if "holder_id" in values:
                values.setdefault("partner_id", values.pop("holder_id"))
        self.env[model]._marketing_check_values(values)
        return values

    @api.model
    def _browse_template(self, template_id):
        """Return the template, none for an empty id.

        :raise UserError: if there is none with that id
        """
        templates = self.env["marketing.card.template"]
        if isinstance(template_id, models.BaseModel):
            template_id = template_id.id
        if not template_id:
            return templates
        valid = isinstance(template_id, int) and not isinstance(template_id, bool)
        template = templates.browse(template_id if valid else None).exists()
        if not template:
            raise UserError(
                self.env._(
                    "There is no card template with the id %(id)s. Choose an existing "
                    "one.",
                    id=repr(template_id),
                )
            )
        return template

    def _link_created(self, kind, cards, journal):
        """Link the contacts with the cards that were created from them."""
        column = "bank_account_id" if kind == "bank_account" else "partner_id"
        relations = self.env["marketing.contact.relation"]._create_links(
            [
                {"contact_id": contact.id, "kind": kind, column: card.id}
                for contact, card in zip(self, cards, strict=True)
            ]
        )
        names = [
            line.card_field
            for line in self.env["marketing.sync.field"]._get_kind_map(kind)
            if line.to_card
        ]
        self.env["marketing.sync.mixin"]._marketing_note_created(
            journal,
            [
                (contact, card._marketing_get_sync_record(), relation, names)
                for contact, card, relation in zip(self, cards, relations, strict=True)
            ],
        )
        journal.created = cards

    def _check_no_card(self, kind, company_id=None):
        """:raise UserError: naming a contact that has a card of the kind, and it"""
        # sudo: the card may be one that the user may not see
        relations = self.sudo().relation_ids.filtered(lambda r: r.kind == kind)
        for relation in relations:
            contact = relation.contact_id
            wanted = company_id if company_id is not None else contact.company_id.id
            if relation.company_id.id == (wanted or False):
                raise UserError(
                    self.env._(
                        "The contact “%(contact)s” has the %(kind)s “%(card)s” "
                        "already. Open that one, or unlink it first.",
                        contact=contact.display_name,
                        kind=relation._get_kind_name(),
                        card=self._marketing_shown_name(relation._get_card()),
                    )
                )

    def _prepare_card_values(self, kind):
        """Return the shared values for a new partner or bank."""
        self.ensure_one()
        contact = self.with_context(bin_size=False)
        model = self.env["res.bank" if kind == "bank_account" else "res.partner"]
        return {
            line.card_field: model._marketing_to_write(
                line.card_field, contact._marketing_value(line.contact_field)
            )
            for line in self.env["marketing.sync.field"]._get_kind_map(kind)
            if line.to_card
        }

    def _prepare_partner(self, kind, values, template):
        """Return the values of a new customer or vendor."""
        rank = "customer_rank" if kind == "customer" else "supplier_rank"
        vals = {
            "name": self.name,
            "company_id": self.company_id.id,
            **self._prepare_card_values(kind),
            rank: 1,
        }
        shared = set(vals) - {"company_id"}
        Partner = self.env["res.partner"]
        for name, value in values.items():
            if name not in shared or Partner._marketing_is_empty(vals[name], name):
                vals[name] = value
        return {**vals, **template._get_gap_values(vals)}

    def _prepare_bank_account(self, values, template):
        """Return the values of a new bank account, at the bank of the contact."""
        if not str(values.get("acc_number") or "").strip():
            raise UserError(
                self.env._(
                    "The account number is missing: enter the number of the bank "
                    "account to create for “%(contact)s”.",
                    contact=self.display_name,
                )
            )
        bank = self._get_bank() or self._create_bank()
        return {
            "partner_id": self.env.company.partner_id.id,
            **values,
            **template._get_gap_values({**values, "bank_id": bank.id}, account=True),
            "bank_id": bank.id,
        }

    def _get_bank(self):
        """Return the bank that the contact stands for, if any."""
        # sudo: another company's account may be the one that is linked
        return self.sudo().relation_ids.bank_id.with_env(self.env)[:1]

    def _create_bank(self):
        """Create the bank that the contact stands for, with the rights of the user."""
        vals = {"name": self.name, **self._prepare_card_values("bank_account")}
        banks = self.env["res.bank"]
        return banks._marketing_without_defaults().create(vals).with_env(self.env)

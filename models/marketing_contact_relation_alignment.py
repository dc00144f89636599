from odoo import api, models


class MarketingContactRelationAlignment(models.AbstractModel):
    """Bringing a contact and a card into line when they are tied together."""

    _name = "marketing.contact.relation.alignment"
    _description = "Alignment of Contact Relations"

    def _raise_ranks(self):
        """Make the partners customers or vendors also in the ERP's own lists."""
        for kind, field in (("customer", "customer_rank"), ("vendor", "supplier_rank")):
            partners = self.filtered(lambda r, kind=kind: r.kind == kind).partner_id
            # sudo: linking needs read on the partner only; the rank follows the link
            new = partners.sudo().filtered(lambda p, field=field: not p[field])
            if new:
                new.write({field: 1})

    def _align(self, master="contact", keep=None):
        """Bring each contact and its card into line, as chosen when linking.

        An empty value never beats a filled one. What changes on the contact goes on
        to its other cards.
        """
        remaining = self
        while remaining:
            # one relation of each contact at a time: the next one starts from there
            firsts = self.browse(
                {relation.contact_id.id: relation.id for relation in remaining}.values()
            )
            remaining -= firsts
            self._align_once(firsts, master, keep or {})

    @api.model
    def _align_once(self, relations, master, keep):
        engine = self.env["marketing.sync.mixin"]
        links = relations.contact_id._marketing_get_links()
        own_links = [link for link in links if link.relation_id in relations._ids]
        records = engine._marketing_records(
            {node for link in own_links for node in (link.contact, link.card)}
        )
        from_card, from_contact = {}, {}
        for link in own_links:
            contact, card = records[link.contact], records[link.card]
            for line in self.env["marketing.sync.field"]._get_kind_map(link.kind):
                winner = line.get_winner(contact, card, master, keep)
                if winner == "card":
                    value = card._marketing_value(line.card_field)
                    from_card.setdefault(link.card, {})[line.card_field] = value
                elif winner == "contact":
                    name = line.contact_field
                    value = contact._marketing_value(name)
                    from_contact.setdefault(link.contact, {})[name] = value
        if from_card:
            engine._marketing_propagate(links, from_card)
        if from_contact:
            engine._marketing_propagate(own_links, from_contact)

    def _follow_bank(self, old_bank):
        """Let the contact follow an account that got another bank (DESIGN §5.7).

        The contact takes over what the new bank has other than the old one. Where the
        new bank has a contact, or the contact has more accounts at the old bank, the
        account goes to the contact of its new bank instead.
        """
        self.ensure_one()
        bank = self.bank_account_id.bank_id
        if not bank:
            return
        contact = self.contact_id
        others = contact.relation_ids.filtered("bank_id") - self
        known = self.search(
            [("bank_id", "=", bank.id), ("contact_id", "!=", contact.id)], limit=1
        )
        if known or any(other.bank_id != bank for other in others):
            account = self.bank_account_id
            self.unlink()
            contact._message_log(
                body=self.env._(
                    "The bank account “%(account)s” is at the bank “%(bank)s” now and "
                    "no longer linked with this contact.",
                    account=account.acc_number,
                    bank=bank.display_name,
                )
            )
            company = account.company_id or self.env.company
            if known or company._marketing_get_relation("bank_account"):
                account._marketing_create_contacts("bank_account")
            return
        lines = self.env["marketing.sync.field"]._get_kind_map("bank_account")
        changed = {
            line.card_field: value
            for line in lines
            if (value := bank._marketing_value(line.card_field))
            != (old_bank and old_bank._marketing_value(line.card_field))
        }
        if changed:
            self.env["marketing.sync.mixin"]._marketing_propagate(
                contact._marketing_get_links(), {("res.bank", bank.id): changed}
            )

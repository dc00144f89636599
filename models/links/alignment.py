from contextlib import contextmanager

from odoo import api, models

from ..sync.sync_terms import LinkOptions, get_winners


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
            lines = self.env["marketing.sync.field"]._get_kind_map(link.kind)
            winners = get_winners(lines, contact, card, master, keep)
            for line, winner in winners.items():
                if winner == "card":
                    value = card._marketing_value(line.card_field)
                    from_card.setdefault(link.card, {})[line.card_field] = value
                else:
                    name = line.contact_field
                    value = contact._marketing_value(name)
                    from_contact.setdefault(link.contact, {})[name] = value
        if from_card:
            engine._marketing_propagate(links, from_card)
        if from_contact:
            engine._marketing_propagate(own_links, from_contact)

    def _follow_bank(self):
        """Let the contact follow an account that got another bank (DESIGN §5.8).

        The contact takes over what the new bank has, and gives it what it lacks:
        nothing is emptied that nobody emptied. Where the new bank has a contact, or the
        contact has more accounts at another bank, the account goes to the contact of
        its new bank instead.
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
        if not known and all(other.bank_id == bank for other in others):
            self._align(master="card")
            return
        account = self.bank_account_id
        company = account.company_id or self.env.company
        text = self.env._(
            "Bank account %(account)s is at another bank now and no longer linked with "
            "this contact.",
            account=account._marketing_name_in_chatter(contact),
        )
        if known:
            self.with_context(
                marketing_contact_link_options=LinkOptions(align=False)
            ).contact_id = known.contact_id
        else:
            with self.env["marketing.sync.mixin"]._marketing_journal("save") as journal:
                self.env["marketing.sync.batch"]._note_removed(self, journal)
                self.unlink()
            if company._marketing_get_relation("bank_account"):
                account._marketing_create_contacts("bank_account", own_journal=True)
        contact._message_log(body=text)

    @contextmanager
    def _following(self, company_id):
        """Let contacts follow cards that a write, inside, moves to another company
        (DESIGN §5.1): finance is not stopped by what only marketing knows.

        The contact goes along, or becomes a shared one where it has cards elsewhere.
        Where it has such a card there already, it keeps that one, and the moved card's
        link goes.

        :param company_id: id of the company that the cards move to, or False
        """
        if not self:
            yield
            return
        company = self.env["res.company"].browse(company_id or ())
        along = {}  # contact or person -> its company afterwards
        for contact, moving in self.grouped("contact_id").items():
            staying = contact.relation_ids.filtered("kind") - moving
            taken = {r.kind for r in staying if r.company_id == company}
            for relation in moving:
                if relation.kind == "bank_account":
                    continue
                if relation.kind not in taken:
                    taken.add(relation.kind)
                    continue
                moving -= relation
                relation._leave_taken(company)
            fits = self._are_companies_compatible
            own = contact.company_id
            if not moving or fits(own, company):
                continue
            others = staying.company_id
            target = company if all(fits(company, c) for c in others) else others[:0]
            for record in contact | contact.with_context(
                active_test=False
            ).child_ids.filtered(
                lambda p, own=own: p.company_id == own and not p.relation_ids
            ):
                along[record] = target
        for record in along:
            record.company_id = False
        yield
        # what Odoo has yet to compute of the links is checked before the contacts move
        self.exists().mapped("company_id")
        for record, target in along.items():
            if target:
                record.company_id = target
            record._message_log(
                body=self.env._(
                    "This contact now belongs to %(company)s, as its customer, vendor "
                    "or bank account was moved.",
                    company=target.name or self.env._("all companies"),
                )
            )

    def _leave_taken(self, company):
        """Remove a link whose place is taken in the company its card moves to."""
        self.ensure_one()
        contact = self.contact_id
        text = self.env._(
            "%(kind)s %(card)s was moved to %(company)s, where this contact has "
            "another one, and is no longer linked with this contact.",
            kind=self._get_kind_name(),
            card=self._get_card()._marketing_name_in_chatter(contact),
            company=company.name or self.env._("all companies"),
        )
        with self.env["marketing.sync.mixin"]._marketing_journal("save") as journal:
            self.env["marketing.sync.batch"]._note_removed(self, journal)
            self.unlink()
        contact._message_log(body=text)

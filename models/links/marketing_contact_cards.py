from odoo import api, models
from odoo.exceptions import UserError

from ..contact.input import browse_one, check_one, check_values, without_defaults
from ..sync.kinds import get_kinds
from ..sync.rights import unnoticed
from ..sync.session import open_journal
from ..sync.values import get_value, to_write
from .put import put


class MarketingContact(models.Model):
    """Linking contacts with cards, and creating cards from them."""

    _inherit = "marketing.contact"

    # ------------------------------------------------------------
    # LINK WITH EXISTING
    # ------------------------------------------------------------

    def link_card(
        self, kind, card_id, master="contact", keep=None, include_people=None
    ):
        """Link the contact with an existing card and bring the two into line.

        A person who belongs to a company is linked through the company's contact.
        People who are on both sides are tied as well.

        :param str kind: ``customer``, ``vendor`` or ``bank_account``
        :param int card_id: id of the `res.partner` or `res.partner.bank`
        :param str master: ``contact`` or ``card``, whose value wins where both are
            filled in and differ; an empty value never beats a filled one; ``neither``
            fills what is empty and leaves what differs, to be listed as differences
        :param dict keep: ``{contact field: "contact" or "card"}``, exceptions to master
        :param include_people: whether the card's people who are no contacts yet become
            some; None as Marketing Setup says
        :return: the relation
        :raise UserError: for an unknown kind, master or field, a missing card, or if
            Marketing Setup lacks the code of the kind
        :raise ValidationError: if the contact or the card is linked already
        """
        check_one(self)
        self._check_kind(kind)
        keep = self._check_keep(kind, master, keep)
        personal = get_kinds(self.env)[kind].personal
        contact = self if personal else self._get_linking_contact()
        contact.check_access("write")
        card = self._browse_card(kind, card_id)
        with open_journal(self.env, "link"):
            if not personal:
                card._marketing_complete_for_link(contact)
            return contact._link_cards(
                kind, card, master=master, keep=keep, to_contacts=include_people
            )

    def _link_cards(self, kind, cards, **options):
        """Link each of the contacts with the card in its place. Return the relations.

        :param options: as of :class:`.put.LinkOptions`
        """
        column = get_kinds(self.env)[kind].card_column
        vals_list = [
            {"contact_id": contact.id, "kind": kind, column: card.id}
            for contact, card in zip(self, cards, strict=True)
        ]
        return put(self.env["marketing.contact.relation"], vals_list, **options)

    def _get_linking_contact(self):
        """Return the contacts that carry the links, each once: a person's company, if
        any.
        """
        return self.browse(
            dict.fromkeys(
                (contact if contact.is_company else contact.parent_id or contact).id
                for contact in self
            )
        )

    @api.model
    def _check_kind(self, kind, kinds=None):
        """:raise UserError: unless `kind` is one of `kinds`, by default of all"""
        kinds = kinds or list(get_kinds(self.env))
        if kind not in kinds:
            raise UserError(
                self.env._(
                    "There is no kind of record “%(kind)s” here. Use one of: "
                    "%(kinds)s.",
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
                    "When linking, either “contact” or “card” wins, on the "
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
        card = browse_one(self.env[get_kinds(self.env)[kind].card_model], card_id)
        if not card:
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

    def create_card(self, kind, template_id=None, values=None, include_people=None):
        """Create customers, vendors or bank accounts from the contacts and link them.

        The contact's values win, `values` and then the template fill the gaps.

        :param str kind: ``customer``, ``vendor`` or ``bank_account``
        :param int template_id: id of a `marketing.card.template`
        :param dict values: more values of the card; for a bank account `acc_number`
            is needed and `partner_id` (or `holder_id`) is the holder, by default our
            own company
        :param include_people: whether the contacts' people become contacts of the new
            customers or vendors; None as Marketing Setup says
        :return: the cards, in the order of the contacts (one for people of one company)
        :raise UserError: if Marketing Setup lacks the code of the kind, or a contact
            has such a card already
        """
        kinds = get_kinds(self.env)
        self._check_kind(kind, [n for n, k in kinds.items() if not k.personal])
        contacts = self._get_linking_contact()
        contacts.check_access("write")
        values = dict(self._check_card_values(kind, values))
        template = self._browse_template(template_id)
        for company in contacts.company_id or self.env.company:
            company._marketing_require_relation(kind)
        Card = self.env[kinds[kind].card_model]
        with open_journal(self.env, "create") as journal:
            vals_list = [
                Card._marketing_prepare_card(kind, contact, values, template)
                for contact in contacts
            ]
            cards = self._make_cards(Card, vals_list, template)
            contacts._link_created(kind, cards, journal, include_people)
        return cards

    @api.model
    def _make_cards(self, Card, vals_list, template):
        """Return new cards, as :meth:`create_card` makes them.

        What has a value of its own in each company gets it for that of the card, of a
        shared card for the template's, else the current one.
        """
        companies = self.env["res.company"]
        places = {}
        for place, vals in enumerate(vals_list):
            company = companies.browse(vals.get("company_id")) or template.company_id
            places.setdefault(company or self.env.company, []).append(place)
        # the contact is there already: the card must not get one of its own
        Card = without_defaults(Card).with_context(marketing_contact_no_create=True)
        cards = {}
        for company, own in places.items():
            of_company = unnoticed(Card).with_company(company)
            made = of_company.create([vals_list[place] for place in own])
            cards.update(zip(own, made._ids, strict=True))
        return Card.with_env(self.env).browse(cards[p] for p in sorted(cards))

    @api.model
    def _check_card_values(self, kind, values):
        """Return `values` as a dict, checked against the card's fields."""
        Card = self.env[get_kinds(self.env)[kind].card_model]
        values = {} if values is None or values is False else values
        if isinstance(values, dict) and "holder_id" in values.keys() - Card._fields:
            # of an account, as the wizard calls it
            values = dict(values)
            values.setdefault("partner_id", values.pop("holder_id"))
        check_values(Card, values)
        return values

    @api.model
    def _browse_template(self, template_id):
        """Return the template, none for an empty id.

        :raise UserError: if there is none with that id
        """
        template = browse_one(self.env["marketing.card.template"], template_id)
        if template_id and not template:
            raise UserError(
                self.env._(
                    "There is no template with the id %(id)s. Choose an existing one.",
                    id=repr(template_id),
                )
            )
        return template

    def _link_created(self, kind, cards, journal, include_people=None):
        """Link the contacts with the cards that were created from them."""
        relations = self._link_cards(
            kind, cards, to_contacts=False, to_cards=include_people
        )
        names = [
            line.card_field
            for line in self.env["marketing.sync.field"]._get_kind_map(kind)
            if line.to_card
        ]
        journal.note_made(cards)
        # a bank that was there before had its values before
        made = set(journal.made)
        journal.note_created(
            (contact, record, relation, names)
            for contact, card, relation in zip(self, cards, relations, strict=True)
            for record in card._marketing_get_shared_record()
            if (record._name, record.id) in made
        )

    def _give_cards(self, kind, second_role="separate", **options):
        """Create the contacts' cards, or give those that they have a second role.

        :param str second_role: ``same`` where a customer is to become the vendor, too,
            and the other way round
        :param options: as of :meth:`create_card`
        :return: the cards, in the order of the contacts
        """
        contacts = self._get_linking_contact()
        cards = contacts._get_other_roles(kind) if second_role == "same" else {}
        if cards:
            contacts.browse(c.id for c in cards)._link_cards(kind, cards.values())
        others = contacts.filtered(lambda contact: contact not in cards)
        created = others.create_card(kind, **options)
        cards |= dict(zip(others, created, strict=True))
        return created.union(*(cards[contact] for contact in contacts))

    def _get_other_roles(self, kind):
        """Return ``{contact: card}`` of the contacts that have a card of another kind
        which can be of this kind as well, as a customer can be a vendor.
        """
        kinds = get_kinds(self.env)
        wanted = kinds.get(kind)
        if not (wanted and wanted.rank_field):
            return {}
        names = [
            other.name
            for other in kinds.values()
            if other != wanted
            and other.rank_field
            and other.card_model == wanted.card_model
        ]
        found = {}
        for contact, cards in self._get_linking_contact()._get_current_cards().items():
            for name in names:
                if cards[name]:
                    found[contact] = cards[name][:1]
        return found

    def _prepare_card_values(self, kind):
        """Return the shared values for the record of a new card."""
        self.ensure_one()
        contact = self.with_context(bin_size=False)
        model = self.env[get_kinds(self.env)[kind].shared_model]
        return {
            line.card_field: to_write(
                model, line.card_field, get_value(contact, line.contact_field)
            )
            for line in self.env["marketing.sync.field"]._get_kind_map(kind)
            if line.to_card
        }

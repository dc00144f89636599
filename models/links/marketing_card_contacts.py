import logging

from odoo import api, models
from odoo.exceptions import UserError

from ..contact.input import without_defaults
from ..contact.marketing_contact import INDEXED_TEXTS
from ..sync.attempt import Attempt, harmless
from ..sync.derived import get_derived_values, skip_computing
from ..sync.guard import tell_held_back
from ..sync.kinds import PlannedWrite, RecordKey, get_kinds
from ..sync.rights import elevated
from ..sync.session import get_session, open_journal
from ..sync.values import PICTURES, get_values, to_write

_logger = logging.getLogger(__name__)


class MarketingCardMixin(models.AbstractModel):
    """Creating the contacts of cards, or linking those that are there already."""

    _inherit = "marketing.card.mixin"

    def _marketing_create_contacts(
        self, kind, own_journal=False, include_people=None, leave_asked=False
    ):
        """Create and link the contacts of those cards that have none as `kind`.

        Two cards that share their record (two accounts at one bank), or a partner that
        is customer and vendor, get one contact. One that is there already is linked.

        :param bool own_journal: keep apart from what goes on around it
        :param include_people: whether the people of the cards become contacts as well;
            None as Marketing Setup says
        :param bool leave_asked: leave out the cards of which people are to say whether
            they are the same as a contact
        :return: the contacts of the cards, in their order
        :raise UserError: if Marketing Setup lacks the code of the kind
        """
        cards = self._marketing_filter_cards()
        column = get_kinds(self.env)[kind].card_column
        # sudo: a card may be linked with a contact that the user may not see
        Relation = self.env["marketing.contact.relation"].sudo()
        linked = Relation.search([(column, "in", cards.ids), ("kind", "=", kind)])
        contacts = {relation[column].id: relation.contact_id for relation in linked}
        new_cards = cards.filtered(lambda card: card.id not in contacts)
        if new_cards:
            for company in new_cards.company_id or self.env.company:
                company._marketing_require_relation(kind)
            with open_journal(self.env, "generate", own=own_journal) as journal:
                contacts.update(
                    new_cards._marketing_create_missing(
                        kind, journal, include_people, leave_asked
                    )
                )
        return self.env["marketing.contact"].union(
            *(
                contacts[card.id].with_env(self.env)
                for card in cards
                if card.id in contacts
            )
        )

    @api.model
    def _marketing_find_same(self, kind, records, leave_asked=False):
        """Return who of the contacts is the same as records whose contacts are to be
        made.

        :param records: the records that cards share with their contacts
        :param bool leave_asked: whether cards of which people are to be asked are left
        :return: ``{record: contact}`` of those to be linked, the records that are left
            to people, and a function that takes ``{record: new contact}`` afterwards
        """
        return {}, set(), None

    @api.model
    def _marketing_count_same(self, kind, domain):
        """Return how many cards of a domain would be linked with a contact that is the
        same, and of how many people would be asked.
        """
        return 0, 0

    @api.model
    def _marketing_leave_out(self, kind, records):
        """Return the set of those of the records that get no contact, which is told
        where people look.

        :param list records: what contacts would be made from
        """
        return set()

    def _marketing_link_same(self, kind, same, include_people=None):
        """Link the cards with contacts that are the same; nothing that differs changes.

        :param dict same: ``{shared record: contact}``
        :param include_people: as for :meth:`_marketing_create_contacts`
        :return: ``{card id: contact}`` of those that no rule of an add-on forbids
        """
        cards = self.filtered(lambda card: card._marketing_get_shared_record() in same)
        if not cards:
            return {}
        by_card = {card: same[card._marketing_get_shared_record()] for card in cards}

        def link(some):
            contacts = self.env["marketing.contact"].browse(by_card[c].id for c in some)
            contacts._link_cards(
                kind, some, master="neither", to_contacts=include_people
            )

        # where it is refused a contact is made instead: a card has one afterwards
        linked = Attempt(self.env, link).work(cards).done
        return {card.id: by_card[card] for card in linked}

    def _marketing_create_missing(
        self, kind, journal, include_people=None, leave_asked=False
    ):
        """Return ``{card id: contact}`` of new links, contacts made as need be."""
        contacts = self._marketing_get_known_contacts()
        missing = {}
        for card in self:
            record = card._marketing_get_shared_record()
            if record not in contacts:
                missing.setdefault(record, card)
        same, left, note_new = self._marketing_find_same(kind, missing, leave_asked)
        linked = self._marketing_link_same(kind, same, include_people)
        done = {record for record in same if missing[record].id in linked} | left
        done |= self._marketing_leave_out(kind, [r for r in missing if r not in done])
        missing = {r: card for r, card in missing.items() if r not in done}
        remaining = self.filtered(
            lambda c: c._marketing_get_shared_record() not in done
        )
        linked |= remaining._marketing_create_new(
            kind, journal, contacts, missing, include_people
        )
        if note_new:
            note_new({record: contacts[record] for record in missing})
        return linked

    def _marketing_create_new(self, kind, journal, contacts, missing, include_people):
        """Return ``{card id: contact}`` of new links, those of `missing` with new
        contacts.

        :param dict contacts: ``{shared record: contact}`` of those that have one; takes
            the new ones
        :param dict missing: ``{shared record: card}`` of the others
        :param include_people: as for :meth:`_marketing_create_contacts`
        """
        vals_list = self._marketing_prepare_contacts(kind, missing)
        created = self._marketing_make_contacts(vals_list)
        journal.note_made(created)
        contacts.update(zip(missing, created.with_env(self.env), strict=True))
        by_card = {card: contacts[card._marketing_get_shared_record()] for card in self}
        # a contact made from a card is the same; one that was there may differ
        groups = self.grouped(lambda c: c._marketing_get_shared_record() in missing)
        for is_new, cards in sorted(groups.items(), reverse=True):
            linking = created.with_env(self.env).browse(by_card[c].id for c in cards)
            relations = linking._link_cards(
                kind,
                cards,
                master="card",
                align=not is_new,
                new_contacts=is_new,
                to_contacts=include_people,
            )
            if is_new:
                self._marketing_note_contacts(kind, journal, missing, relations)
        return {card.id: contact for card, contact in by_card.items()}

    @api.model
    def _marketing_make_contacts(self, vals_list):
        """Return new contacts with the values of cards, which are the same already."""
        Contact = without_defaults(self.env["marketing.contact"])
        created = Contact.with_context(
            tracking_disable=True,
            mail_create_nolog=True,
            mail_notrack=True,
            marketing_contact_no_create=True,
            no_vat_validation=True,  # older than the check, or let in by an import
        ).create(vals_list)
        # no smaller pictures, a thousand times over, where there is none
        without = created.filtered(lambda contact: not contact.image_1920)
        for name in ("image_1024", "image_512", "image_256", "image_128"):
            created.env.remove_to_compute(created._fields[name], without)
        skip_computing(created, vals_list)
        return created

    @api.model
    def _marketing_note_contacts(self, kind, journal, records, relations):
        """Note in the journal with what values contacts were made from `records`, and
        tell which they could not take.
        """
        names = {
            line.contact_field: line.card_field
            for line in self.env["marketing.sync.field"]._get_kind_map(kind)
            if line.to_contact
        }
        seen = {}
        for relation in relations:
            seen.setdefault(relation.contact_id, relation)
        made = list(zip(records, seen.items(), strict=True))
        journal.note_created(
            (record, contact, relation, list(names))
            for record, (contact, relation) in made
        )
        held = []
        for record, (contact, relation) in made:
            vals = {name: record[names[name]] for name in INDEXED_TEXTS & names.keys()}
            held += [
                PlannedWrite(
                    RecordKey(contact._name, contact.id),
                    *(name, vals[name], RecordKey(record._name, record.id)),
                    *(relation.id, None),
                )
                for name in contact._get_too_long(vals)
            ]
        if held:
            tell_held_back(self.env, held)

    def _marketing_filter_unlinked(self, kind):
        """Return the cards that can get a contact as `kind`.

        Left out are those that have one, and a partner whose contact has another
        customer or vendor already: choosing between the two is for people, and must
        not stop whoever posts the partner's first bill. In memory, since planning the
        query of :meth:`_marketing_new_cards_domain` for a few goes by what the planner
        last knew of the links.
        """
        known = self._marketing_get_known_contacts() if self else {}
        single = get_kinds(self.env)[kind].single

        def is_taken(card):
            contact = known.get(card._marketing_get_shared_record())
            # sudo: a card may be linked with a contact that the user may not see
            relations = contact.sudo().relation_ids if contact else ()
            return any(
                relation._get_card() == card
                or single
                and relation.company_id == card.sudo().company_id
                for relation in relations
                if relation.kind == kind
            )

        return self.filtered(lambda card: not is_taken(card))

    def _marketing_get_known_contacts(self):
        """Return ``{shared record: contact}`` of the cards whose record has one."""
        # sudo: whoever creates a card may lack the right to see its contact
        Relation = self.env["marketing.contact.relation"].sudo()
        records = self.env[self._marketing_get_shared_record()._name].union(
            *(card._marketing_get_shared_record() for card in self)
        )
        column = records._marketing_link_column
        relations = Relation.search([(column, "in", records.ids)])
        return {
            relation[column].with_env(self.env): relation.contact_id.with_env(self.env)
            for relation in relations
        }

    @api.model
    def _marketing_prepare_contacts(self, kind, records):
        """Return the values of the contacts for cards.

        :param records: the records that hold the shared values (partners or banks)
        """
        Contact = self.env["marketing.contact"]
        lines = [
            line
            for line in self.env["marketing.sync.field"]._get_kind_map(kind)
            if line.to_contact
        ]
        model_name = get_kinds(self.env)[kind].shared_model
        records = elevated(self.env[model_name].union(*records))
        values = {
            line.contact_field: get_values(records, line.card_field) for line in lines
        }
        pictures = {name for name in values if Contact._fields[name].type in PICTURES}
        # the contacts need not compute what the cards have computed of the same values
        shared = {
            line.contact_field
            for line in lines
            if line.card_field == line.contact_field
        }
        values |= get_derived_values(records, shared, Contact)
        vals_list = []
        for record in records:
            vals = record._marketing_prepare_contact() | {"marketing_linked": True}
            vals |= {
                name: to_write(Contact, name, by_id[record.id])
                for name, by_id in values.items()
                # no picture is no attachment: nothing to write
                if by_id[record.id] or name not in pictures
            }
            if not (vals.get("name") or "").strip():
                vals["name"] = record._marketing_make_up_name()
            Contact._marketing_fit(vals)
            vals_list.append(vals)
        return vals_list

    def _marketing_auto_create_contacts(self, kinds=None):
        """Give new customers, vendors and own bank accounts their contacts.

        Only where the setup of the card's company, for a shared card that of the
        current one, has the switch on, a number series and the kind's code.
        """
        if self.env.context.get("marketing_contact_no_create"):
            return
        own = get_kinds(self.env).of_model(self._name)
        kinds = kinds or [kind.name for kind in own]
        waiting = get_session(self.env).waiting
        if waiting is not None:
            key = (self._name, tuple(kinds))
            waiting[key] = waiting.get(key, self.browse()) | self
            return
        for kind in kinds:
            cards = self._marketing_to_create_contacts(kind)
            creating = (cards.company_id | self.env.company).filtered(
                lambda company, kind=kind: company._marketing_creates_contacts(kind)
            )
            cards = cards.filtered(
                lambda card, creating=creating: (
                    (card.company_id or card.env.company) in creating
                )
            )._marketing_filter_unlinked(kind)
            if not cards:
                continue
            text = "No contacts were made of %s"
            # what goes wrong stops nobody's invoice
            with harmless(self.env, _logger, text, cards) as errors:
                # sudo: whoever creates a customer may have no right on contacts
                cards.sudo()._marketing_create_contacts(kind, own_journal=True)
            for error in errors:
                cards._marketing_tell_managers(error)

    def _marketing_tell_managers(self, error):
        """Ask an administrator of marketing to see to the contacts of the cards."""
        group = self.env.ref("marketing_contact.group_marketing_contact_manager")
        # sudo: whoever posts an invoice may not read users, nor plan others' activities
        manager = group.sudo().all_user_ids.filtered(lambda u: u.active)[:1]
        partners = self.sudo()._marketing_get_partners()
        if not manager or not partners:
            return
        reason = error.args[0] if isinstance(error, UserError) else type(error).__name__
        without_defaults(partners).activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("No marketing contact could be made"),
            note=self.env._(
                "The marketing contact could not be made by itself: %(reason)s Mend "
                "that, then choose Create Contacts.",
                reason=reason,
            ),
            user_id=manager.id,
        )

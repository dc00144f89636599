"""People: those of a company contact and those of its customers and vendors are the
same. Who is there on both sides is tied (`ties.py`), who is on one side only may get a
counterpart.
"""

import logging
from collections import Counter

from odoo.fields import Domain

from ..contact.input import without_defaults
from ..sync.attempt import harmless
from ..sync.kinds import CONTACT_MODEL
from ..sync.rights import unnoticed
from ..sync.session import open_journal
from .ties import (
    CHILD_FIELDS,
    KIND,
    PERSON_FIELDS,
    drop_dead_ties,
    find_ties,
    get_children_domain,
    get_employer,
)

_logger = logging.getLogger(__name__)


# ------------------------------------------------------------
# BRINGING PEOPLE ALONG
# ------------------------------------------------------------


def bring_along(
    relations, master="neither", *, to_contacts=None, to_cards=False, only=None
):
    """Tie the people of companies with the children of their customers and vendors.

    Who is there on both sides is tied. Who is on one side only gets a counterpart, as
    far as `to_contacts` and `to_cards` say.

    :param relations: links; those of companies with partners are looked at
    :param str master: whose value wins in a tie: ``contact``, ``card`` or ``neither``
    :param to_contacts: whether children get a contact; None as Marketing Setup says
    :param to_cards: whether persons become children; None as Marketing Setup says
    :param only: the contacts or partners to look at, by default all of the company's
    :return: the ties
    """
    # sudo: whoever links need not see all of the company's people
    pairs = dict.fromkeys(
        (relation.contact_id, relation.partner_id)
        for relation in relations.sudo()._filter_cards()._filter_peopled()
        if relation.partner_id and relation.contact_id.is_company
    )
    ties = relations.browse()
    while pairs:
        # one partner of each company at a time: the next one finds the people made
        firsts = {}
        for contact, partner in pairs:
            firsts.setdefault(contact, partner)
        for pair in firsts.items():
            del pairs[pair]
        ties |= _Ties(relations.env, firsts, only).tie(master, to_contacts, to_cards)
    return ties


class _Ties:
    """The people of companies, and the children of one partner of each.

    :ivar env: the environment of who links
    :ivar partners: ``{contact: partner}``
    :ivar children: ``{contact: children of the partner}``, all that the user may read
    :ivar persons: ``{contact: persons}``
    :ivar free: the children and persons that have no tie yet and are to be looked at
    """

    def __init__(self, env, partners, only=None):
        self.env = env
        self.partners = partners
        self.children = self._read_children()
        self.persons = self._read_persons()
        self.free = self._get_free(only)

    def _read_children(self):
        """Return ``{contact: children}``; what the user may not read is left out."""
        contacts = {partner: contact for contact, partner in self.partners.items()}
        Partner = self.env["res.partner"].sudo(False)
        found = Partner.search_fetch(
            get_children_domain([partner.id for partner in contacts]),
            ["parent_id", "commercial_partner_id", "name", "email_normalized"],
            order="id",
        )
        # sudo: the company of a child that the user reads
        groups = found.sudo().grouped(
            lambda c: contacts.get(c.parent_id) or contacts[c.commercial_partner_id]
        )
        return {c: groups.get(c, Partner.sudo()) for c in self.partners}

    def _read_persons(self):
        """Return ``{contact: persons}``."""
        # sudo: as in bring_along
        Contact = self.env[CONTACT_MODEL].sudo()
        found = Contact.search_fetch(
            [
                ("parent_id", "in", [contact.id for contact in self.partners]),
                ("is_company", "=", False),
            ],
            ["parent_id", "name", "email_normalized"],
            order="id",
        )
        groups = found.grouped("parent_id")
        return {contact: groups.get(contact, Contact) for contact in self.partners}

    def _get_free(self, only):
        """Return the set of those that have no tie of the company's partner."""
        children = {child for found in self.children.values() for child in found}
        persons = {person for found in self.persons.values() for person in found}
        free = children | persons
        if only is not None:
            chosen = set(only.sudo())
            free = {r for r in free if r._name != only._name or r in chosen}
        if not (children and free):
            return free
        # sudo: ties that the user may not see count
        taken = (
            self.env["marketing.contact.relation"]
            .sudo()
            .search_fetch(
                Domain("partner_id", "in", [child.id for child in children])
                & Domain("kind", "!=", False),
                ["kind", "contact_id", "partner_id"],
            )
        )
        for relation in taken:
            # a partner has one contact, whatever it is linked as
            free.discard(relation.partner_id)
            if relation.kind == KIND and relation.contact_id in persons:
                free.discard(relation.contact_id)
        return free

    def tie(self, master, to_contacts, to_cards):
        """Tie those who are there, make who is missing. Return the ties."""
        if not self.free:
            return self.env["marketing.contact.relation"]
        pairs, lone_children, lone_persons = {}, {}, {}
        for contact, partner in self.partners.items():
            children, persons = self.children[contact], self.persons[contact]
            tied = _match(children, persons, contact, partner, self.free)
            pairs |= tied
            left = self.free - tied.keys() - set(tied.values())
            if _is_wanted(contact, to_contacts, "marketing_people_to_contacts"):
                lone_children |= {child: contact for child in children if child in left}
            if _is_wanted(contact, to_cards, "marketing_people_to_cards"):
                lone_persons |= {p: partner for p in persons if p in left}
        ties = self.env["marketing.contact.relation"]
        if pairs:
            ties = self._tie(pairs.values(), pairs, master=master)
        if not self.env.context.get("marketing_contact_no_create"):
            ties |= self._make_persons(lone_children)
            ties |= self._make_children(lone_persons)
        return ties

    def _tie(self, persons, children, **options):
        """Tie each person with the child in its place. Return the ties."""
        persons = self.env[CONTACT_MODEL].browse(person.id for person in persons)
        return persons._link_cards(KIND, children, **options)

    def _make_persons(self, contacts):
        """Make persons of children. Return the ties.

        :param dict contacts: ``{child: company contact}``
        """
        Partner = self.env["res.partner"]
        left = Partner._marketing_leave_out(KIND, list(contacts))
        children = [child for child in contacts if child not in left]
        if not children:
            return self.env["marketing.contact.relation"]
        vals_list = Partner._marketing_prepare_contacts(KIND, children)
        for child, vals in zip(children, vals_list, strict=True):
            contact = contacts[child]
            vals |= {
                "parent_id": contact.id,
                "company_id": contact.company_id.id,
                "is_company": False,
            }
        with open_journal(self.env, "generate") as journal:
            persons = Partner._marketing_make_contacts(vals_list)
            ties = self._tie(persons, children, align=False, new_contacts=True)
            journal.note_made(persons)
            Partner._marketing_note_contacts(KIND, journal, children, ties)
        return ties

    def _make_children(self, partners):
        """Make child contacts of persons. Return the ties.

        :param dict partners: ``{person: partner}``
        """
        partners = self._leave_out_own(partners)
        if not partners:
            return self.env["marketing.contact.relation"]
        # sudo: with the switch on, the child is made whatever rights the marketer has
        Partner = without_defaults(self.env["res.partner"].sudo())
        shared = [person._prepare_card_values(KIND) for person in partners]
        vals_list = [
            {
                "name": person.name,
                **values,
                "parent_id": partner.id,
                "company_id": partner.company_id.id,
                "type": "contact",
                "is_company": False,
            }
            for (person, partner), values in zip(partners.items(), shared, strict=True)
        ]
        with open_journal(self.env, "create") as journal:
            Partner = unnoticed(Partner.with_context(marketing_contact_no_create=True))
            children = Partner.create(vals_list)
            persons = self.env[CONTACT_MODEL].sudo().browse(p.id for p in partners)
            ties = persons._link_cards(KIND, children, align=False)
            journal.note_created(zip(partners, children, ties, shared, strict=True))
            journal.note_made(children)
        return ties.with_env(self.env)

    def _leave_out_own(self, partners):
        """Return ``{person: partner}`` without our own companies: nobody becomes one
        of us.
        """
        # sudo: whoever sees which of our companies
        own = self.env["res.company"].sudo().with_context(active_test=False)
        own = own.search([("partner_id", "in", [p.id for p in partners.values()])])
        return {
            person: partner
            for person, partner in partners.items()
            if partner not in own.partner_id
        }


def _is_wanted(contact, choice, switch):
    """Return whether people without a counterpart are to get one."""
    if choice is not None:
        return choice
    # sudo: users may not read the setup of companies; the contact's counts
    return (contact.company_id or contact.env.company).sudo()[switch]


def _match(children, persons, contact, partner, free):
    """Return ``{child: person}`` of those who are the same: by their e-mail, else by
    their name. What two on one side have in common, the company included, identifies
    neither: a mailbox such as info@ is nobody's.
    """
    tied = {}
    if not children or not persons:
        return tied
    company_mails = {contact.email_normalized, partner.email_normalized}
    for get_key, useless in (
        (lambda record: record.email_normalized, company_mails),
        (lambda record: " ".join((record.name or "").casefold().split()), set()),
    ):
        by_key = []
        for side in (children, persons):
            counts = Counter(get_key(record) for record in side)
            by_key.append(
                {
                    key: record
                    for record in side
                    if (key := get_key(record))
                    and counts[key] == 1
                    and key not in useless
                    and record in free
                    and record not in tied
                    and record not in tied.values()
                }
            )
        of_children, of_persons = by_key
        tied |= {
            child: of_persons[key]
            for key, child in of_children.items()
            if key in of_persons
        }
    return tied


# ------------------------------------------------------------
# NEW PEOPLE
# ------------------------------------------------------------


def get_employers(partners, vals):
    """Return ``{id: partner it belongs to}`` of child contacts before a write that can
    change it, None for another write.
    """
    if CHILD_FIELDS.isdisjoint(vals):
        return None
    # sudo: whoever may write a partner may not read all of it
    return {partner.id: get_employer(partner) for partner in partners.sudo()}


def follow_children(partners, before):
    """Untie the children who left, and welcome those who joined.

    :param dict before: as of :func:`get_employers`
    """
    # sudo: as above
    changed = partners.sudo().filtered(lambda p: get_employer(p) != before[p.id])
    linked = partners.sudo().filtered("marketing_linked")
    if linked:
        drop_dead_ties(find_ties(partners.env, {"res.partner": linked.ids}))
    tie_new_children(changed.with_env(partners.env))


def tie_new_children(partners):
    """Tie new children of linked partners, who get a contact if the setup says so.

    What goes wrong stops nobody's work.
    """
    if partners.env.context.get("marketing_contact_no_create"):
        return
    # sudo: whoever makes a child may have no right on contacts
    children = partners.sudo().filtered(
        lambda p: (
            (employer := get_employer(p))
            and (employer | p.parent_id).filtered("marketing_linked")
        )
    )
    if children:
        employers = children.parent_id | children.commercial_partner_id
        links = children.env["marketing.contact.relation"].search(
            [("partner_id", "in", employers.ids), ("kind", "!=", KIND)]
        )
        _bring_along_harmlessly(links, children)


def get_companies(contacts, vals):
    """Return ``{id: company}`` of persons before a write that can change it, None for
    another write.
    """
    if PERSON_FIELDS.isdisjoint(vals):
        return None
    return {contact.id: contact.parent_id for contact in contacts.sudo()}


def follow_persons(contacts, before):
    """Untie the persons who left, and welcome those who joined.

    :param before: as of :func:`get_companies`
    :return: those who joined
    """
    if before is None:
        return contacts.browse()
    # sudo: the ties of persons go whatever the user may see
    linked = contacts.sudo().filtered("marketing_linked")
    if linked:
        drop_dead_ties(find_ties(contacts.env, {CONTACT_MODEL: linked.ids}))
    joined = contacts.filtered(lambda c: c.parent_id and c.parent_id != before[c.id])
    tie_new_persons(joined)
    return joined


def tie_new_persons(contacts):
    """Tie new persons of linked companies, who become children of the customer and
    vendor if the setup says so. Adding a person never fails by it.
    """
    if contacts.env.context.get("marketing_contact_no_create"):
        return
    # sudo: as in follow_persons
    persons = contacts.sudo().filtered(
        lambda c: c.parent_id.marketing_linked and not c.is_company
    )
    if persons:
        relations = persons.parent_id.relation_ids.filtered("partner_id")
        _bring_along_harmlessly(relations, persons, to_contacts=False, to_cards=None)


def _bring_along_harmlessly(relations, only, **options):
    if not relations:
        return
    env = relations.env
    with (
        harmless(env, _logger, "The people of %s could not be tied", relations),
        open_journal(env, "generate"),
    ):
        bring_along(relations, only=only, **options)


# ------------------------------------------------------------
# LINKS THAT MOVE
# ------------------------------------------------------------


def follow_links(links, left, master="neither", **options):
    """Let the people go of links that were moved, and bring those along who are there
    now; persons stay with their contact.

    :param dict left: ``{model name: ids}`` of the contacts and partners before
    :param str master: as of :func:`bring_along`
    :param options: likewise
    """
    drop_dead_ties(find_ties(links.env, left))
    bring_along(links.exists() if any(left.values()) else links, master, **options)

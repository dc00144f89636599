"""What a company's people have from their company, and get with it when it changes."""

from contextlib import contextmanager

from ..sync import engine
from ..sync.kinds import CONTACT_MODEL, PlannedWrite, RecordKey
from ..sync.session import get_session, open_journal
from ..sync.values import ADDRESS, Block, get_value, get_values

# switch of Marketing Setup -> what it lets people inherit, as one value
BLOCKS = {
    "marketing_inherit_address": ADDRESS,
    "marketing_inherit_salesperson": ("user_id",),
    "marketing_inherit_lang": ("lang",),
    "marketing_inherit_phone": ("phone",),
    "marketing_inherit_website": ("website",),
    "marketing_inherit_industry": ("industry_id",),
}
INHERITED = frozenset(name for names in BLOCKS.values() for name in names)


def get_blocks(contact):
    """Return the blocks of fields that a company's people inherit, as the setup of its
    company says, of a shared one that of the current company.
    """
    # sudo: users may not read the setup of companies
    setup = (contact.company_id or contact.env.company).sudo()
    return [names for switch, names in BLOCKS.items() if setup[switch]]


# ------------------------------------------------------------
# A COMPANY CHANGES
# ------------------------------------------------------------


@contextmanager
def passing_on(contacts, vals):
    """Let people follow what a write, inside, changes of their companies.

    A person follows where its value was the company's old one, an address as a whole;
    what differed stays. One pass, however many companies and people.
    """
    companies, names = _get_what_follows(contacts, vals)
    people = companies.browse()
    if companies:
        people = people.search_fetch(
            [("parent_id", "in", companies.ids), ("is_company", "=", False)],
            # with what the write on them asks, so that none is read again
            ["parent_id", "is_company", "marketing_linked", *names],
            order="id",
        )
    if not people:
        yield
        return
    companies = people.parent_id
    before = engine.get_snapshot(companies, names)
    yield
    with open_journal(contacts.env, "save") as journal:
        changes = engine.get_changes(companies, before)
        planned = _plan(people, changes, before)
        if planned:
            _note_companies(companies, changes, before, journal)
            _apply(people, planned)


def _get_what_follows(contacts, vals):
    """Return the companies of which a write may change what is inherited, and the names
    of the fields that it may be.
    """
    journal = get_session(contacts.env).journal
    nothing = contacts.browse(), ()
    if (
        INHERITED.isdisjoint(vals)
        # an undo puts back what it knows of each record, and nothing else
        or (journal and journal.origin == "undo")
        or not contacts.browse().has_access("write")
    ):
        return nothing
    # sudo: people follow whoever may see them; the write needs rights on the company
    companies, names = contacts.sudo().browse(), set()
    for group in contacts.sudo().filtered("is_company").grouped("company_id").values():
        blocks = [b for b in get_blocks(group[:1]) if not vals.keys().isdisjoint(b)]
        if blocks:
            companies |= group
            names.update(*blocks)
    return companies, sorted(names)


def _plan(people, changes, before):
    """Return what changes of companies make of their people, block by block."""
    planned = []
    parents = get_values(people, "parent_id").items()
    for group in people.parent_id.grouped("company_id").values():
        for names in get_blocks(group[:1]):
            old = {
                id_: [before[name][id_] for name in names]
                for id_ in group._ids
                if not changes.get((CONTACT_MODEL, id_), {}).keys().isdisjoint(names)
            }
            own = [get_values(people, name) for name in names] if old else ()
            for id_, company_id in parents if old else ():
                values = [known[id_] for known in own]
                if old.get(company_id) == values:
                    source = RecordKey(CONTACT_MODEL, company_id)
                    target = RecordKey(CONTACT_MODEL, id_)
                    planned += [
                        PlannedWrite(
                            target, name, changes[source][name], source, None, value
                        )
                        for name, value in zip(names, values, strict=True)
                        if name in changes[source]
                    ]
    return planned


def _note_companies(companies, changes, before, journal):
    """Note in the journal what was saved, where the sync has not."""
    for company in companies:
        key = RecordKey(CONTACT_MODEL, company.id)
        for name, value in changes.get(key, {}).items():
            if (key, name) not in journal.entries:
                journal.note(key, name, before[name][company.id], value, key, None)


def _apply(people, planned):
    """Write on people what they inherit, and on from there to their cards."""
    env = people.env
    sources = {write.source for write in planned}
    changes = {}
    for write in planned:
        changes.setdefault(write.target, {})[write.field] = write.value
    linked = get_values(people, "marketing_linked")
    links = engine.get_links(
        people.browse(
            id_
            for id_ in people._ids
            if linked[id_] and (CONTACT_MODEL, id_) in changes
        )
    )
    for key, others in engine.apply_writes(env, planned, sources).items():
        changes.setdefault(key, {}).update(others)
    if links:
        engine.propagate(env, links, changes)


# ------------------------------------------------------------
# A PERSON JOINS
# ------------------------------------------------------------


def get_gaps(company, values, default_lang=None, former=None, given=()):
    """Return what a person who joins a company has from it, ``{field: value}`` as
    `write` takes them: what is empty, an address where nothing contradicts, and what
    was the same as the former company's.

    :param company: the contact of the company
    :param dict values: what the person has, as `write` takes it
    :param default_lang: the language of whom nobody gave one
    :param former: the contact of the company that the person comes from
    :param given: the fields that somebody gives a value of their own just now
    """
    gaps = {}
    for names in get_blocks(company):
        theirs = Block.of(company, names)
        own = Block(company, {name: values.get(name) or False for name in names})
        if former and any(own.values()) and own == Block.of(former, names):
            if not set(given).intersection(names):
                gaps |= {n: theirs[n] for n in names if theirs[n] != own[n]}
            continue
        if names == ("lang",) and own["lang"] == default_lang:
            own["lang"] = False
        gaps |= own.get_gaps(theirs)
    return gaps


def fill_new(contacts, vals_list):
    """Return the values of new contacts, persons with what they have from the companies
    that they name, and which fields those are of each.

    Of companies that the user may not read nobody has anything.
    """
    ids = {vals.get("parent_id") for vals in vals_list}
    companies = contacts.browse(id_ for id_ in ids if id_ and isinstance(id_, int))
    companies = companies.exists()._filtered_access("read").filtered("is_company")
    default_lang = companies and contacts._default_lang()
    result, filled = [], []
    for vals in vals_list:
        gaps = {}
        parent_id = vals.get("parent_id")
        if parent_id in companies._ids and not vals.get("is_company"):
            # sudo: a company's values may be made of what only others may read
            company = companies.browse(parent_id).sudo()
            vals = {**vals, "company_id": company.company_id.id}
            gaps = get_gaps(company, vals, vals.get("lang") and default_lang)
        result.append({**vals, **gaps})
        filled.append(tuple(gaps))
    return result, filled


def note_new(contacts, filled):
    """Note in the journal what new persons have from their companies."""
    if not any(filled):
        return
    with open_journal(contacts.env, "save") as journal:
        for contact, names in zip(contacts.sudo(), filled, strict=True):
            key = RecordKey(CONTACT_MODEL, contact.id)
            source = RecordKey(CONTACT_MODEL, contact.parent_id.id)
            for name in names:
                value = get_value(contact, name)
                journal.note(key, name, False, value, source, None)


def fill_joined(persons, former, given):
    """Give persons who have joined a company what they have from it.

    :param dict former: ``{id: the company they come from}``
    :param given: the fields that were written with it
    """
    planned = []
    default_lang = persons._default_lang()
    # only from companies that the user may read
    readable = persons.parent_id._filtered_access("read")
    for person in persons.filtered(lambda p: p.parent_id in readable).sudo():
        values = Block.of(person, INHERITED)
        gaps = get_gaps(
            person.parent_id, values, default_lang, former[person.id], given
        )
        source = RecordKey(CONTACT_MODEL, person.parent_id.id)
        target = RecordKey(CONTACT_MODEL, person.id)
        planned += [
            PlannedWrite(target, name, value, source, None, values[name])
            for name, value in gaps.items()
        ]
    if planned:
        with open_journal(persons.env, "save"):
            _apply(persons.sudo(), planned)

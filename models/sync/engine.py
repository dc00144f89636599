"""The engine: who hears of a change, what they get, and writing it.

One pass: :func:`plan` decides what changes make of the others, `guard.get_allowed`
leaves out what is guarded, :func:`apply_writes` writes once for each model and notes it
in the journal. What a model has to bring is listed in `marketing.sync.mixin`.
"""

from collections import defaultdict

from odoo.exceptions import UserError
from odoo.tools import SQL

from .derived import copy_derived
from .guard import get_allowed, tell_held_back
from .kinds import (
    CONTACT_MODEL,
    Link,
    PlannedWrite,
    RecordKey,
    get_kinds,
    get_target_models,
)
from .rights import get_records, get_recordsets
from .session import get_session, open_journal
from .values import bare, get_label, get_value, get_values, to_write

# A value that one side normalises goes back to the others once; what they then make
# of it is theirs. So two sides that normalise differently can't chase each other.
MAX_ROUNDS = 3

# ------------------------------------------------------------
# WHO
# ------------------------------------------------------------


def find_links(records):
    """Return the links of the contacts of those records that have a link.

    :rtype: list[Link]
    :raise AccessError: if the user may not write on the records, who then holds up
        nobody
    """
    records.browse().check_access("write")
    # sudo: who may write on a record may not read all of it
    linked = get_values(records.sudo(), "marketing_linked")
    ids = [id_ for id_, is_linked in linked.items() if is_linked]
    if not ids:
        return []
    records.check_access("write")
    return get_links(records.browse(ids))


def get_links(records):
    """Return the links of the records' contacts, all cards of each included, and lock
    the contacts.

    :rtype: list[Link]
    """
    if not records:
        return []
    kinds = get_kinds(records.env)
    columns = list(dict.fromkeys(kind.shared_column for kind in kinds.values()))
    places = {
        kind.name: (kind.shared_model, columns.index(kind.shared_column))
        for kind in kinds.values()
    }
    links = []
    for relation_id, kind, state, contact_id, *card_ids in _read_links(
        records, columns
    ):
        # a kind whose add-on is gone is nobody's
        model_name, place = places.get(kind, (None, 0))
        if model_name and card_ids[place]:
            contact = RecordKey(CONTACT_MODEL, contact_id)
            card = RecordKey(model_name, card_ids[place])
            links.append(Link(relation_id, kind, contact, card, state == "drifted"))
    return links


def _read_links(records, columns):
    """Return the rows of the links of the records' contacts.

    Locks the contacts in the order of their ids: whoever saves any record of a group
    waits for the others there, before touching the cards. So two saves can't wait for
    each other.

    :param list columns: those of the cards
    """
    records.env["marketing.contact.relation"].flush_model()
    contact_ids = SQL("%s", records._ids)
    if records._name != CONTACT_MODEL:
        contact_ids = SQL(
            """(SELECT own.contact_id FROM marketing_contact_relation own
                 WHERE own.%(column)s IN %(ids)s AND own.kind IS NOT NULL)""",
            column=SQL.identifier(records._marketing_link_column),
            ids=records._ids,
        )
    return records.env.execute_query(
        SQL(
            """
            SELECT relation.id, relation.kind, relation.state, relation.contact_id,
                   %(columns)s
              FROM marketing_contact_relation relation
              JOIN marketing_contact contact ON contact.id = relation.contact_id
             WHERE relation.kind IS NOT NULL AND contact.id IN %(contact_ids)s
          ORDER BY contact.id, relation.id
               FOR NO KEY UPDATE OF contact
            """,
            columns=SQL(", ").join(SQL.identifier("relation", c) for c in columns),
            contact_ids=contact_ids,
        )
    )


def filter_linked(records, links):
    """Return the records that are among the links."""
    side = "contact" if records._name == CONTACT_MODEL else "card"
    keys = {getattr(link, side) for link in links}
    return records.browse(id_ for id_ in records._ids if (records._name, id_) in keys)


def get_sides(links):
    """Return the record keys of both sides of links."""
    return {key for link in links for key in (link.contact, link.card)}


# ------------------------------------------------------------
# WHAT CHANGED
# ------------------------------------------------------------


def get_snapshot(records, field_names):
    """Return ``{field: {id: value}}``, with values that can be compared."""
    return {name: get_values(records, name) for name in field_names if records}


def get_changes(records, before):
    """Return ``{record key: {field: new value}}`` of what is other than before."""
    changes = {}
    for name, current in before.items():
        for id_, changed in get_values(records, name).items():
            if changed != current[id_]:
                key = RecordKey(records._name, id_)
                changes.setdefault(key, {})[name] = changed
    return changes


# ------------------------------------------------------------
# ONE PASS
# ------------------------------------------------------------


def propagate(env, links, changes):
    """Bring what changed to the contacts and to their cards.

    :param list[Link] links: the links along which to go
    :param dict changes: ``{record key: {field: new value}}``
    :raise UserError: of the class of the refusal, if a record refuses its new value;
        names the record and the fields
    """
    records = get_recordsets(env, get_sides(links))
    # what reaches another record is in the journal, whoever called
    with open_journal(env, "save"):
        for _round in range(MAX_ROUNDS):
            planned = get_allowed(env, plan(env, links, changes, records))
            planned, settled = _split_settled(env, planned)
            if not planned and not settled:
                break
            if planned:
                changes = apply_writes(env, planned, changes, records)
            else:
                changes = {}
            for key, vals in settled.items():
                changes.setdefault(key, {}).update(vals)
    if apart := [link.relation_id for link in links if link.drifted]:
        # sudo: the editor may lack the right on relations; some may be in sync again
        env["marketing.contact.relation"].sudo().browse(apart).check_differences()


def plan(env, links, changes, records):
    """Decide what the changes make of the records: the one truth of the sync.

    Preview, sync and undo all go by it.

    :param dict records: ``{model name: records}`` of the links
    :rtype: list[PlannedWrite]
    """
    planned = {}
    to_contacts = {}  # contact -> {field: (value, source)}
    current = {}  # (model, field) -> {id: value}, read as need be

    def add(target, field, value, source, relation_id, line):
        model_name, id_ = target
        key = (model_name, field)
        if key not in current:
            current[key] = get_values(records[model_name], field)
        old = current[key][id_]
        if old == value:
            return True
        if not line.may_write(records[model_name], field, value):
            return False
        write = PlannedWrite(target, field, value, source, relation_id, old)
        planned[target, field] = write
        return True

    sent = {
        key: {name: (value, key) for name, value in changed.items()}
        for key, changed in changes.items()
    }
    incoming = _get_carried(env, links, sent, "to_contact")
    for contact, *change, line in _leave_out_unfit(env, incoming, records):
        name = line.contact_field
        if add(contact, name, *change, line):
            to_contacts.setdefault(contact, {})[name] = change[:2]
    for key, changed in sent.items():
        if key.model == CONTACT_MODEL:
            for name in changed:
                planned.pop((key, name), None)
            to_contacts.setdefault(key, {}).update(changed)
    for card, *change, line in _get_carried(env, links, to_contacts, "to_card"):
        add(card, line.card_field, *change, line)
    return list(planned.values())


def _get_carried(env, links, changes, direction):
    """Return what changed on one side of links and goes to the other, as tuples of
    target, value, source, relation and line of the map.

    :param dict changes: ``{record key: {field: (value, source)}}``
    :param str direction: ``to_card`` or ``to_contact``
    """
    to_card = direction == "to_card"
    names = {name for changed in changes.values() for name in changed}
    lines = defaultdict(list)
    for line in env["marketing.sync.field"]._get_map():
        sent = line.contact_field if to_card else line.card_field
        if sent in names and getattr(line, direction):
            lines[line.kind].append((sent, line))
    carried = []
    for relation_id, kind, contact, card, _drifted in links if lines else ():
        sender, target = (contact, card) if to_card else (card, contact)
        changed = changes.get(sender)
        for sent, line in lines[kind] if changed else ():
            if sent in changed:
                value, source = changed[sent]
                if target != source:
                    carried.append((target, value, source, relation_id, line))
    return carried


def _leave_out_unfit(env, incoming, records):
    """Return the incoming changes without those that contacts can't take, which go no
    further either, and tell of them.

    :param list incoming: as of :func:`_get_carried`
    """
    values = {}
    contacts = records.get(CONTACT_MODEL)
    for contact, value, _card, _relation_id, line in incoming:
        if line.may_write(contacts, line.contact_field, value):
            values.setdefault(contact.id, {})[line.contact_field] = value
    if not values:
        return incoming
    unfit = contacts._marketing_get_unfit(values)
    held = [
        PlannedWrite(contact, name, value, card, relation_id, None)
        for contact, value, card, relation_id, line in incoming
        if (name := line.contact_field) in unfit.get(contact.id, ())
        and get_value(contacts.browse(contact.id), name) != value
    ]
    if held:
        tell_held_back(env, held)
    return [
        (contact, *change, line)
        for contact, *change, line in incoming
        if line.contact_field not in unfit.get(contact.id, ())
    ]


def _split_settled(env, planned):
    """Return the writes to do, and ``{record key: {field: value}}`` of the records that
    made, the last time, what they have now of the very value that they are to get: an
    add-on's capitals, say. They need no write, the sender gets theirs.
    """
    variants = {
        (write.target, write.field): write
        for write in planned
        if isinstance(write.value, str)
        and isinstance(write.old, str)
        and bare(write.value) == bare(write.old)
    }
    if not variants:
        return planned, {}
    env["marketing.sync.change"].flush_model()
    rows = env.execute_query(
        SQL(
            """
            SELECT DISTINCT ON (target_model, target_id, field_name)
                   target_model, target_id, field_name, asked_value, new_value
              FROM marketing_sync_change
             WHERE target_id IN %s AND target_model IN %s AND field_name IN %s
               AND asked_value IS NOT NULL
          ORDER BY target_model, target_id, field_name, id DESC
            """,
            tuple({target.id for target, _field in variants}),
            tuple({target.model for target, _field in variants}),
            tuple({field for _target, field in variants}),
        )
    )
    settled = {}
    for model_name, id_, field, asked, new in rows:
        write = variants.get(((model_name, id_), field))
        if write and write.value == asked and write.old == new:
            settled.setdefault(write.target, {})[field] = write.old
    planned = [w for w in planned if w.field not in settled.get(w.target, ())]
    return planned, settled


def apply_writes(env, planned, sources, records=None):
    """Write what is planned, once for each model and set of values.

    :param list[PlannedWrite] planned: what to write
    :param sources: the record keys that it comes from
    :param dict records: ``{model name: records}`` with all targets among them
    :return: ``{record key: {field: value}}`` of what came out other than planned,
        because the record normalised it or changed others along
    :raise UserError: of the class of the refusal, naming the record and the fields
    """
    session = get_session(env)
    values = {}
    for write in planned:
        values.setdefault(write.target, {})[write.field] = write.value
    records = records or get_recordsets(env, values)
    alike = {model_name: {} for model_name in get_target_models(env)}
    for (model_name, id_), vals in values.items():
        alike[model_name].setdefault(tuple(vals.items()), []).append(id_)
    fields = {key: frozenset(vals) for key, vals in values.items()}
    with session.writing(fields, sources) as side_changes:
        for model_name, of_model in alike.items():
            for vals, ids in of_model.items():
                _write_alike(records[model_name].browse(ids), dict(vals))
    copy_derived(env, planned)
    others = _note_outcome(env, planned, records)
    for key, record in get_records(env, side_changes).items():
        for field in side_changes[key]:
            others.setdefault(key, {})[field] = get_value(record, field)
    return others


def _note_outcome(env, planned, records):
    """Note in the journal what came of the planned writes.

    :return: ``{record key: {field: value}}`` of what came out other than planned
    """
    journal = get_session(env).journal
    others = {}
    changed = {}
    for target, field, value, source, relation_id, old in planned:
        key = (target[0], field)
        if key not in changed:
            changed[key] = get_values(records[target[0]], field)
        new = changed[key][target[1]]
        asked = None
        if new != value:
            asked = value
            others.setdefault(target, {})[field] = new
        if journal:
            journal.note(target, field, old, new, source, relation_id, asked)
    return others


# ------------------------------------------------------------
# REFUSALS
# ------------------------------------------------------------


def _write_alike(records, values):
    """Write the same values on all records; name the one that refuses them."""
    vals = {name: to_write(records, name, value) for name, value in values.items()}
    try:
        records._marketing_write_shared(dict(vals))
    except UserError as error:
        raise _get_refusal(records, error, vals) from error


def _get_refusal(records, error, vals):
    """Return `error` in words that name the record and the fields.

    The transaction will be rolled back, so trying the records one by one
    does no harm.
    """
    env = records.env
    culprit = records[:1]
    for record in records if len(records) > 1 else ():
        try:
            record._marketing_write_shared(dict(vals))
        except UserError as single_error:
            culprit, error = record, single_error
            break
    names = ", ".join(get_label(records, name) for name in vals)
    if not culprit.sudo(False).has_access("read"):
        return type(error)(
            env._(
                "A record that is kept in step with this one, and that you may not "
                "see, can't take the new value of %(fields)s, so nothing was saved. "
                "Ask an administrator of Marketing Contacts.",
                fields=names,
            )
        )
    return type(error)(
        env._(
            "%(model)s “%(record)s” can't take the new value of %(fields)s, so nothing "
            "was saved:\n%(reason)s",
            model=culprit._marketing_role(),
            record=culprit.display_name,
            fields=names,
            reason=error.args[0],
        )
    )

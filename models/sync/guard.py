"""The guard: what must not be written, and how the editor hears of it."""

from collections import defaultdict

from .rights import get_records, name_in_chatter, shown_name
from .session import get_session
from .values import get_label


def get_allowed(env, planned):
    """Return the planned writes without those that are guarded, and tell."""
    ids, names = defaultdict(dict), defaultdict(set)
    for (model_name, id_), field, *_rest in planned:
        ids[model_name][id_] = True
        names[model_name].add(field)
    guarded = {}
    for model_name, model_ids in ids.items():
        records = env[model_name].browse(model_ids)
        held = records._marketing_guarded_fields(names[model_name])
        guarded |= {(model_name, id_): fields for id_, fields in held.items()}
    held_back = [w for w in planned if w.field in guarded.get(w.target, ())]
    if not held_back:
        return planned
    tell_held_back(env, held_back)
    return [w for w in planned if w.field not in guarded.get(w.target, ())]


def tell_held_back(env, planned):
    """Mark the relations of what was held back and say so on the contacts."""
    # sudo: the editor of a card may lack the right on relations and contacts
    relations = env["marketing.contact.relation"].sudo()
    relations = relations.browse({write.relation_id for write in planned}).exists()
    relations._mark_drifted()
    records = get_records(env, {write.target for write in planned})
    names_by_target, relations_by_target = defaultdict(set), defaultdict(set)
    for write in planned:
        names_by_target[write.target].add(write.field)
        relations_by_target[write.target].add(write.relation_id)
    for target, names in names_by_target.items():
        contacts = relations.filtered(
            lambda r, ids=relations_by_target[target]: r.id in ids
        ).contact_id
        tell(records[target], names, contacts)


def tell(record, field_names, contacts):
    """Say on the contacts, or in the preview, what `record` did not take."""
    labels = ", ".join(sorted(get_label(record, name) for name in field_names))
    journal = get_session(record.env).journal
    if journal and journal.dry:
        name = f"“{shown_name(record)}”"
        journal.held_back.append(record._marketing_held_back_text(name, labels))
        return
    readable = record.with_user(record.env.uid).has_access("read")
    for contact in contacts:
        # others than who saves read the chatter: no name that is hidden from either
        name = readable and name_in_chatter(record, contact)
        text = record._marketing_held_back_text(
            name or record._marketing_role(), labels
        )
        contact._message_log(body=text)


def split_being_written(records, vals):
    """Return the records that the engine writes on, the others it may write on, and
    pairs of those that it may not write as a whole, and what is held back there.

    What Odoo writes on from a card, say a company's address to its people, runs with
    the engine's rights: what is guarded stays guarded there, too.
    """
    being_written = get_session(records.env).being_written
    own = records.browse(
        id_ for id_ in records._ids if (records._name, id_) in being_written
    )
    others = records - own
    held = []
    if others and records.env.su:
        guarded = others._marketing_guarded_fields(vals)
        held = [
            (record, guarded[record.id]) for record in others if guarded.get(record.id)
        ]
        others = others.filtered(lambda record: not guarded.get(record.id))
        for record, names in held:
            if differing := _get_differing(record, names, vals):
                record._marketing_tell_nested(differing, being_written)
    return own, others, held


def _get_differing(record, names, vals):
    """Return those of the fields whose values a write would change."""
    differing = set()
    for name in names.intersection(vals, record._fields):
        field = record._fields[name]
        cached = field.convert_to_cache(vals[name], record)
        if record[name] != field.convert_to_record(cached, record):
            differing.add(name)
    return differing

"""Showing beforehand what a save, link or undo would write elsewhere."""

from contextlib import contextmanager

from odoo import api

from ..sync.rights import hidden_name
from ..sync.session import dry_journal
from ..sync.values import get_label, to_text

# How many values a preview shows: nobody reads a table of thousands.
SHOWN_EFFECTS = 100


def preview(records, deed):
    """Return what `deed` would write elsewhere than on the records.

    :param deed: function of the environment to do it in
    :return: list of ``{model, id, display_name, field, old, new}``
    """
    return try_out(records, deed)[0]


def try_out(records, deed):
    """Do `deed` and roll it back; nothing is written.

    What is shown is what would happen, values as normalised as they will be, refusals
    included. What is locked on the way is free again with the roll-back.

    :param records: those that the person at work changes; their own changes are left
        out
    :param deed: function of the environment to do it in
    :return: list of ``{model, id, display_name, field, old, new}``, and the journal
    """
    env = records.env
    own_keys = {(record._name, record.id) for record in records}
    with _own_memory(env) as own_env, env.cr.savepoint() as savepoint:
        with dry_journal(env) as journal:
            deed(own_env)
            own_env.flush_all()
            _note_roles(own_env, journal)
        savepoint.rollback()
    if journal.created:
        own_keys.update((journal.created._name, id_) for id_ in journal.created._ids)
    changes = {
        key: entry
        for key, entry in journal.get_changes().items()
        if key[0] not in own_keys
    }
    readable = get_readable(env, {target for target, _field in changes})
    effects = [
        {
            "model": target[0],
            "id": target[1],
            "display_name": entry["display_name"]
            if target in readable
            else hidden_name(env, target[0]),
            "field": field,
            "old": entry["old"] if target in readable else False,
            "new": entry["new"],
        }
        for (target, field), entry in changes.items()
    ]
    return effects, journal


@contextmanager
def _own_memory(env):
    """Yield an environment with a memory of its own, and no callbacks that stay.

    A roll-back empties the memory, and with it a form that is being filled in. Odoo
    keeps the memory in `cr.transaction`, which a new environment makes where there is
    none, and what is to be called around the end of the transaction in queues of the
    cursor, which no savepoint takes back: a mail that a preview registers there must
    not be sent. The one place that touches either (tested in
    `tests/test_internals.py`).
    """
    cr = env.cr
    cr.flush()
    queues = (cr.precommit, cr.postcommit, cr.prerollback, cr.postrollback)
    callbacks = [(queue, tuple(queue._funcs), dict(queue.data)) for queue in queues]
    transaction, cr.transaction = cr.transaction, None
    try:
        yield api.Environment(cr, env.uid, env.context, env.su)
    finally:
        cr.transaction = transaction
        for queue, functions, data in callbacks:
            queue.clear()
            queue._funcs.extend(functions)
            queue.data.update(data)


def _note_roles(env, journal):
    """Note what the changed records are while the deed is done."""
    ids = {}
    for model_name, id_ in {target for target, _field in journal.get_changes()}:
        ids.setdefault(model_name, []).append(id_)
    for model_name, model_ids in ids.items():
        for record in env[model_name].browse(model_ids):
            journal.roles[model_name, record.id] = record._marketing_role()


def get_readable(env, keys):
    """Return those of the record keys whose records the user may read."""
    ids = {}
    for model_name, id_ in keys:
        ids.setdefault(model_name, []).append(id_)
    return {
        (model_name, id_)
        for model_name, model_ids in ids.items()
        for id_ in env[model_name]
        .browse(model_ids)
        .sudo(False)
        ._filtered_access("read")
        ._ids
    }


def render(env, effects, problem=None, created=None, roles=None):
    """Return the effects of a preview as HTML for a form.

    :param list effects: as :func:`try_out` returns them
    :param str problem: what stands in the way
    :param list created: lines about the records that will be created
    :param dict roles: ``{record key: what the record is}``, by default what it is now
    """
    return env["ir.qweb"]._render(
        "marketing_contact.preview",
        {
            "effects": [describe(env, e, roles) for e in effects[:SHOWN_EFFECTS]],
            "more": max(len(effects) - SHOWN_EFFECTS, 0),
            "problem": problem,
            "created": created or [],
        },
    )


def describe(env, effect, roles=None):
    """Return an effect of a preview with texts in place of technical values."""
    model = env[effect["model"]]
    name = effect["field"]
    role = (roles or {}).get((effect["model"], effect["id"]))
    return {
        "record": effect["display_name"],
        "role": role or model.browse(effect["id"])._marketing_role(),
        "field": get_label(model, name),
        "old": to_text(model, name, effect["old"]),
        "new": to_text(model, name, effect["new"]),
    }

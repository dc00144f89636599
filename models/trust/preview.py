"""Showing beforehand what a save, link or undo would write elsewhere."""

from contextlib import contextmanager
from typing import NamedTuple

import psycopg2

from odoo import api
from odoo.exceptions import ValidationError
from odoo.tools import mute_logger

from ..contact.trial import trial
from ..sync.rights import get_recordsets, hidden_name
from ..sync.session import dry_journal
from ..sync.values import from_json, get_label, to_text

# How many values a preview shows: nobody reads a table of thousands.
SHOWN_EFFECTS = 100


class Shown(NamedTuple):
    """What a changed record is called: its name, what it is, and both in a text."""

    name: str
    role: str
    said: str


def try_out(records, action):
    """Do `action` and roll it back; nothing is written.

    What is shown is what would happen, values as normalised as they will be, refusals
    included. What is locked on the way is free again with the roll-back.

    :param records: those that the person at work changes; their own changes are left
        out
    :param action: function of the environment to do it in
    :return: list of ``{model, id, display_name, field, old, new}``, and the journal
    :raise UserError: what the action refuses, in words also where the database does
    """
    env = records.env
    own_keys = {(record._name, record.id) for record in records}
    with _own_memory(env) as own_env, _in_words(own_env):
        with env.cr.savepoint() as savepoint:
            with trial(env.cr), dry_journal(env) as journal:
                action(own_env)
                own_env.flush_all()
                changes = journal.get_changes()
                journal.shown = _look(own_env, changes)
            savepoint.rollback()
    # what is there keeps the name that people know, whatever it is to become
    journal.shown |= _look(env, changes, journal.shown)
    own_keys.update(journal.made)
    changes = {k: entry for k, entry in changes.items() if k[0] not in own_keys}
    return _get_effects(env, changes, journal.shown), journal


def _get_effects(env, changes, shown):
    """Return changes as the user may see them.

    :param dict changes: ``{(record key, field): {old, new}}``
    :param dict shown: as the journal has it
    :return: list of ``{model, id, display_name, field, old, new}``
    """
    readable = get_readable(env, {target for target, _field in changes})
    return [
        {
            "model": target[0],
            "id": target[1],
            "display_name": shown[target].name
            if target in readable
            else hidden_name(env, target[0]),
            "field": field,
            "old": entry["old"] if target in readable else False,
            "new": entry["new"],
        }
        for (target, field), entry in changes.items()
        if target in shown
        and env[target[0]]._has_field_access(env[target[0]]._fields[field], "read")
    ]


@contextmanager
def _in_words(env):
    """Let what the database refuses be said as Odoo says it, to who asked alone."""
    try:
        with mute_logger("odoo.sql_db"):
            yield
    except psycopg2.IntegrityError as error:
        model = next(
            (m for m in env.registry.values() if m._table == error.diag.table_name),
            env.registry["base"],
        )
        text = env[model._name]._sql_error_to_message(error)
        raise ValidationError(
            env._("The operation cannot be completed: %s", text)
        ) from error


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


def _look(env, changes, known=None):
    """Return ``{record key: Shown}`` of the changed records that are there.

    :param dict known: what was seen while it was done: what they are then counts
    """
    shown = {}
    keys = {target for target, _field in changes}
    for model_name, records in get_recordsets(env, keys).items():
        for record in records.exists():
            seen = known and known.get((model_name, record.id))
            role = seen.role if seen else record._marketing_role()
            said = record._marketing_said(role)
            shown[model_name, record.id] = Shown(record.display_name, role, said)
    return shown


def get_readable(env, keys):
    """Return those of the record keys whose records the user may read."""
    return {
        (model_name, id_)
        for model_name, records in get_recordsets(env, keys).items()
        for id_ in records.sudo(False)._filtered_access("read")._ids
    }


def render_taken_back(env, scopes):
    """Return what changes of the journal would put back, as HTML. Nothing is tried, so
    that it can be shown by what only reads.

    :param scopes: changes by what they belong to, the newest first
    """
    entries = {}
    for changes in scopes:
        for change in changes.filtered(lambda change: change.state == "applied"):
            target, name = change._get_target(), change.field_name
            if target.model not in env or name not in env[target.model]._fields:
                continue
            model = env[target.model]
            entry = entries.setdefault(
                (target, name), {"old": from_json(model, name, change.new_value)}
            )
            entry["new"] = from_json(model, name, change.old_value)
    shown = _look(env, entries)
    effects = _get_effects(env, entries, shown)
    nothing = [] if effects else [env._("It has filled in nothing that could go back.")]
    return render(env, effects, created=nothing, shown=shown)


def render(env, effects, problem=None, created=None, shown=None):
    """Return the effects of a preview as HTML for a form.

    :param list effects: as :func:`try_out` returns them
    :param str problem: what stands in the way
    :param list created: lines about the records that will be created
    :param dict shown: as the journal has it
    """
    return env["ir.qweb"]._render(
        "marketing_contact.preview",
        {
            "effects": [describe(env, e, shown) for e in effects[:SHOWN_EFFECTS]],
            "more": max(len(effects) - SHOWN_EFFECTS, 0),
            "problem": problem,
            "created": created or [],
        },
    )


def describe(env, effect, shown):
    """Return an effect of a preview with texts in place of technical values.

    :param dict shown: as the journal has it
    """
    model, name = env[effect["model"]], effect["field"]
    known = shown[effect["model"], effect["id"]]
    is_named = known.name == effect["display_name"]
    return {
        "record": effect["display_name"],
        "role": known.role,
        "said": known.said if is_named else effect["display_name"],
        "field": get_label(model, name),
        "old": to_text(model, name, effect["old"]),
        "new": to_text(model, name, effect["new"]),
    }

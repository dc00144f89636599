"""Taking back what entries of the journal say: one function, for every button.

What is to be taken back is said by scopes: whole entries, some of their changes, or
what they did to some links. Who asks decides what may be written: it must be theirs to
write by hand on what a value came from, on what it went to, or on the contact between.
"""

from collections import defaultdict
from typing import NamedTuple

from odoo.exceptions import UserError
from odoo.fields import Domain

from ..links.flags import get_sides
from ..links.put import put
from ..sync import engine
from ..sync.attempt import Attempt
from ..sync.guard import get_allowed
from ..sync.kinds import (
    CONTACT_MODEL,
    PlannedWrite,
    RecordKey,
    get_target_models,
)
from ..sync.rights import get_readable_names, get_recordsets, shown_name
from ..sync.session import open_journal
from ..sync.values import from_json, get_value
from .reach import Reach, get_keys, get_links_of, get_record_keys

# So many records that stay are named.
SHOWN_NAMES = 5


class Scope(NamedTuple):
    """What of an entry of the journal is to be taken back.

    :ivar entry: the entry, with the rights to write it
    :ivar changes: the changes of values
    :ivar links: the links that it made
    :ivar made: the records that it made, which may be deleted, a list of recordsets
    :ivar whole: whether the links that it removed or moved, and the contacts that it
        merged, are taken back as well
    """

    entry: object
    changes: object
    links: object
    made: object
    whole: bool = True


class Outcome(NamedTuple):
    """What came of an undo.

    :ivar left: the changes that were left alone
    :ivar kept: the changes of records that were made and stay
    :ivar problems: sentences about what could not be taken back
    :ivar notes: sentences about what stays because nobody asked for more
    :ivar apart: the links whose two sides were the same before, and are no longer
    """

    left: object
    kept: object
    problems: list
    notes: list
    apart: object


# ------------------------------------------------------------
# SCOPES
# ------------------------------------------------------------


def of_entries(entries):
    """Yield the scopes of whole entries, the newest first."""
    # sudo: managers have the right to undo, not to write the journal
    for entry in entries.sudo().sorted("id", reverse=True):
        made = entry._get_created()
        yield Scope(entry, entry.change_ids, entry.relation_ids, made)


def of_changes(changes):
    """Yield the scopes of some changes, those of the newest entry first."""
    # sudo: as above
    changes = changes.sudo()
    nothing = changes.env["marketing.contact.relation"]
    groups = changes.grouped("batch_id")
    for entry in changes.batch_id.sorted("id", reverse=True):
        yield Scope(entry, groups[entry], nothing, [], whole=False)


def of_links(relations):
    """Yield the scopes of what the entries that made links did to their contacts: the
    values, the links, those of people included, and the people made for these.
    """
    # sudo: as above
    links = relations.sudo()
    people = links.contact_id.with_context(active_test=False).child_ids
    around = (links.contact_id | people).relation_ids.filtered("kind")
    keys = get_keys(around)
    for entry in links.batch_id.sorted("id", reverse=True):
        own = around.filtered(lambda link, entry=entry: link.batch_id == entry)
        made, sides = entry._get_created(), get_sides(own._filter_ties())
        of_ties = [
            records & records.browse(sides.get(records._name)) for records in made
        ]
        wanted = keys - (get_record_keys(*made) - get_record_keys(*of_ties))
        changes = entry.change_ids.filtered(
            lambda change, wanted=wanted: change._get_target() in wanted
        )
        yield Scope(entry, changes, own, of_ties, whole=False)


# ------------------------------------------------------------
# THE UNDO
# ------------------------------------------------------------


def undo(env, scopes, delete_made=False):
    """Take back what scopes say, and note that as an entry of the journal itself.

    :param env: the environment of who asks
    :param scopes: the scopes, that of the newest entry first
    :param bool delete_made: also delete the records that were made and that nobody has
        used since
    :rtype: Outcome
    :raise AccessError: for an entry of which nothing is the user's to change
    """
    nothing = env["marketing.sync.change"].sudo().browse()
    found = Outcome(nothing, nothing, [], [], env["marketing.contact.relation"].sudo())
    touched, staying, drifted = set(), set(), set()
    with open_journal(env, "undo") as journal:
        for scope in scopes:
            reach = Reach(env, scope)
            changes, of_made = _split_changes(scope)
            if scope.whole:
                found.problems.extend(scope.entry._take_merged_apart(env, journal))
            waiting, new_ids = _put_links_back(reach, scope)
            left = _put_values_back(reach, changes, new_ids)
            _remove_links(reach, scope.links, found.problems)
            _move_links_back(reach, scope, found.problems)
            if waiting:
                # what was made or moved stood where they belong
                _put_links_back(reach, scope, found.problems)
            gone = _delete_unused(env, scope.made) if delete_made else set()
            kept = _settle_made(of_made, gone)
            found = found._replace(left=found.left | left, kept=found.kept | kept)
            touched |= reach.keys
            drifted |= reach.drifted
            staying |= get_record_keys(*scope.made) - gone
        apart = _check_links(env, touched, drifted)
    if staying:
        sentences = found.problems if delete_made else found.notes
        sentences.append(_describe_staying(env, staying, delete_made))
    left, kept = found.left.with_env(env), found.kept.with_env(env)
    return found._replace(left=left, kept=kept, apart=apart)


def _check_links(env, keys, drifted):
    """Make the state of every link of records right, by value. Return those that are
    out of sync now, but for those that were before.
    """
    links = get_links_of(env, keys)
    if links:
        links.check_differences()
    return links.filtered(lambda r: r.state == "drifted" and r.id not in drifted)


def _split_changes(scope):
    """Return the changes to put back, and those of records that were made."""
    made = get_record_keys(*scope.made)
    of_made = scope.changes.filtered(lambda change: change._get_target() in made)
    return scope.changes - of_made, of_made


def _settle_made(changes, gone):
    """Say that the changes of deleted records are undone. Return the others."""
    deleted = changes.filtered(lambda change: change._get_target() in gone)
    deleted.state = "undone"
    return (changes - deleted).filtered(lambda change: change.state == "applied")


def _describe_staying(env, keys, used):
    """Return the sentence about records that were made and stay.

    :param bool used: whether that is because they are in use, not by choice
    """
    if not used:
        return env._("Created, and left as they are: %s.", len(keys))
    names = sorted(filter(None, get_readable_names(env, keys).values()))
    shown = ", ".join(names[:SHOWN_NAMES])
    return env._(
        "Made by it and in use since, or not yours to delete, so that they stay "
        "(%(count)s): “%(names)s”.",
        count=len(keys),
        names=shown + (", …" if len(keys) > SHOWN_NAMES else ""),
    )


# ------------------------------------------------------------
# VALUES
# ------------------------------------------------------------


def _put_values_back(reach, changes, new_ids):
    """Put the old values back where nobody has changed the value since.

    :param dict new_ids: ``{id of a link that was removed: id of the one made again}``
    :return: the changes left alone
    """
    env = reach.env
    changes = changes.filtered(lambda change: change.state == "applied").sorted("id")
    for old_id, new_id in new_ids.items():
        for links in reach.shared.values():
            if new_id in links:
                links[old_id] = links[new_id]
    records, gone = _get_targets(env, changes)
    planned, done = _plan(reach, changes, records)
    allowed = get_allowed(env, list(planned.values()))
    held_back = planned.keys() - {(write.target, write.field) for write in allowed}
    done = done.filtered(
        lambda change: (change._get_target(), change.field_name) not in held_back
    )
    # first of all: who comes second to undo the same has to start over
    (done | gone).state = "undone"
    changes.flush_model(["state"])
    if allowed:
        engine.apply_writes(env, allowed, [])
    return changes - done - gone


def _get_targets(env, changes):
    """Return ``{record key: record}`` of what the changes were made on, and the changes
    of records that are there no longer: nothing of them is to be put back.
    """
    keys = {change._get_target() for change in changes}
    known = {key for key in keys if key.model in get_target_models(env)}
    records = {
        RecordKey(model_name, record.id): record
        for model_name, of_model in get_recordsets(env, known).items()
        for record in of_model.exists()
    }
    gone = known - records.keys()
    return records, changes.filtered(lambda change: change._get_target() in gone)


def _plan(reach, changes, records):
    """Return ``{(record key, field): write}`` of the values to put back, and the
    changes that this takes back, of which several on one field go together.
    """
    undoable = {key.model: None for key in records}
    for model_name in undoable:
        undoable[model_name] = reach.env[model_name]._marketing_undoable_fields()
    now, planned, done = {}, {}, []
    for change in changes[::-1]:
        target = change._get_target()
        key = (target, change.field_name)
        record = records.get(target)
        if record is None or not reach.may_put_back(change, undoable[target.model]):
            continue
        if key not in now:
            now[key] = get_value(record, change.field_name)
        if now[key] != from_json(record, change.field_name, change.new_value):
            continue
        old = planned[key].old if key in planned else now[key]
        now[key] = from_json(record, change.field_name, change.old_value)
        planned[key] = PlannedWrite(*key, now[key], target, change.relation_ref, old)
        done.append(change.id)
    return planned, changes.browse(done)


# ------------------------------------------------------------
# LINKS
# ------------------------------------------------------------


def _remove_links(reach, links, problems):
    """Remove links that were made."""
    links = links.exists()
    found = {link: reach.get_problem(link._get_link_values()) for link in links}
    problems += filter(None, found.values())
    links = links.filtered(lambda link: not found[link])
    links.unlink()


def _put_links_back(reach, scope, problems=None):
    """Make the links again that an entry removed.

    :param list problems: takes the sentences about those that can't be made again
    :return: whether some are left, and ``{id of a link that was: id of the new one}``
    """
    entry, new_ids = scope.entry, {}
    noted = (scope.whole and entry.removed_links) or []

    def make(some):
        reach.check_links(some)
        values = [{n: value for n, value in v.items() if n != "id"} for v in some]
        relations = entry.env["marketing.contact.relation"]
        links = put(relations, values, align=False, ties=False)
        for vals, link in zip(some, links, strict=True):
            new_ids[vals.get("id")] = link.id

    attempt = Attempt(entry.env, make).work(noted)
    refused = [vals for vals, _error in attempt.refused]
    if attempt.done:
        entry.removed_links = refused or False
    reach.note_links([(new_ids[vals.get("id")], vals) for vals in attempt.done])
    if problems is not None:
        problems += [error.args[0] for _vals, error in attempt.refused]
    return bool(refused), new_ids


def _move_links_back(reach, scope, problems):
    """Put links back where they were before the entry moved them."""
    entry, groups = scope.entry, defaultdict(list)
    for move in (scope.whole and entry.moved_links) or ():
        # a customer that is a vendor, too, has one contact at any time
        groups[reach._get_ends(move["new"])].append(move)

    def move_back(some):
        moves = [move for group in some for move in group]
        reach.check_links([move["old"] for move in moves])
        links = entry.env["marketing.contact.relation"].browse(m["id"] for m in moves)
        there = set(links.exists().ids)
        ways = []
        for link, move in zip(links, moves, strict=True):
            if link.id not in there or link._get_link_values() != move["new"]:
                contact = reach.env[CONTACT_MODEL].browse(move["old"]["contact_id"])
                raise UserError(
                    reach.env._(
                        "The link with “%(contact)s” was changed since and "
                        "stays as it is.",
                        contact=shown_name(contact),
                    )
                )
            old, new = move["old"].items(), move["new"]
            ways.append({name: value for name, value in old if new[name] != value})
        put(links, ways, align=False, new_cards=False, ties=False)

    attempt = Attempt(entry.env, move_back).work(list(groups.values()))
    refused = [move for group, _error in attempt.refused for move in group]
    if attempt.done:
        entry.moved_links = refused or False
    problems += [error.args[0] for _group, error in attempt.refused]


# ------------------------------------------------------------
# RECORDS THAT WERE MADE
# ------------------------------------------------------------


def _delete_unused(env, made):
    """Delete the records that nobody has used since.

    Used is what was saved again, what people wrote or planned on, what others point at,
    or what Odoo refuses to delete.

    :return: the keys of those that are gone
    """
    gone = set()

    def delete(some):
        # the user's own rights: who may not delete a card keeps it
        some.with_env(env).sudo(False).unlink()

    def goes_last(record):
        return "is_company" not in record._fields or bool(record.is_company)

    # who has people is kept, and so is what others are at: these go first
    groups = [records.grouped(goes_last) for records in made]
    for records in [g[last] for last in (False, True) for g in groups if last in g]:
        if records.with_env(env).sudo(False).has_access("unlink"):
            done = Attempt(env, delete).work(_filter_unused(records)).done
            gone |= {RecordKey(record._name, record.id) for record in done}
    return gone


def _filter_unused(records):
    """Return those of the records that nobody has used since they were made."""
    records = records.filtered(lambda record: record.write_date <= record.create_date)
    env, name = records.env, records._name
    used = []
    if records and "child_ids" in records._fields:
        people = records.with_context(active_test=False)
        used += people._read_group([("parent_id", "in", records.ids)], ["parent_id"])
    if records and "message_ids" in records._fields:
        of_records = Domain("res_id", "in", records.ids)
        written = Domain("model", "=", name) & Domain(
            "message_type", "in", ("comment", "email", "email_outgoing", "sms")
        )
        used += env["mail.message"]._read_group(of_records & written, ["res_id"])
        planned = Domain("res_model", "=", name)
        used += env["mail.activity"]._read_group(of_records & planned, ["res_id"])
    ids = {getattr(row[0], "id", row[0]) for row in used}
    unused = records.filtered(lambda record: record.id not in ids)
    if hasattr(records, "_get_used"):
        unused -= unused._get_used()
    return unused

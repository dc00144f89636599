from datetime import timedelta

from odoo import api, models
from odoo.exceptions import AccessError, UserError

from ..contact.input import check_ids
from ..sync.kinds import CONTACT_MODEL, LinkOptions, RecordKey
from ..sync.rights import shown_name
from ..sync.session import open_journal

# So long after a save its notification may come.
OWN_LAST = timedelta(seconds=30)


class MarketingSyncBatch(models.Model):
    """Undoing entries of the journal: values, links, what was made."""

    _inherit = "marketing.sync.batch"

    def _check_undo_access(self):
        """:raise AccessError: unless the user is a manager, or it is their own last"""
        if (
            not self.env.su
            and not self.env.user.has_group(
                "marketing_contact.group_marketing_contact_manager"
            )
            and not self._is_own_last()
        ):
            raise AccessError(
                self.env._(
                    "Only administrators of Marketing Contacts may undo what others "
                    "did, or what you did before your last change. Ask one of them."
                )
            )

    def _is_own_last(self):
        """Return whether it is one entry, and the last that the user made."""
        # sudo: users have no right on the journal; this is about their own entry
        entry = self.sudo().exists()
        return (
            len(entry) == 1
            and entry.user_id.id == self.env.uid
            and not entry.search_count(
                [("user_id", "=", self.env.uid), ("id", ">", entry.id)], limit=1
            )
        )

    @api.model
    def get_own_last(self, model, record_ids):
        """Return what the user just saved on records, if it reached others: for the
        notification that offers to undo it.

        :param str model: the name of the records' model
        :param record_ids: the id of the record, or a list of ids
        :return: ``{id, message}``, False if there is nothing
        """
        ids = check_ids(
            self.env, record_ids if isinstance(record_ids, list) else [record_ids]
        )
        own = {(model, id_) for id_ in ids}
        # sudo: as in _is_own_last
        entry = self.sudo().search([("user_id", "=", self.env.uid)], limit=1)
        if not entry or entry.date < self.env.cr.now() - OWN_LAST:
            return False
        changes = entry.change_ids.filtered(
            lambda c: (c.source_model, c.source_id) in own
        )
        targets = {(c.target_model, c.target_id) for c in changes} - own
        if entry.origin == "undo" or not targets:
            return False
        return entry._get_undo_offer(len(targets))

    def _get_undo_offer(self, count):
        """Return what a notification needs to offer an undo.

        :param int count: how many other records were changed
        """
        return {
            "id": self.id,
            "message": self.env._("%s other records were changed, too.", count)
            if count != 1
            else self.env._("One other record was changed, too."),
        }

    def _offer_undo(self, message, **params):
        """Return the action that says what was done and offers to undo it; where it
        is not the user's own last, the action that would come next.

        :param params: `next`, an action; `delete`, whether what was made goes as well
        """
        if not self._is_own_last():
            return params.get("next", False)
        return {
            "type": "ir.actions.client",
            "tag": "marketing_offer_undo",
            "params": {"id": self.id, "message": message, **params},
        }

    def undo(self, delete_created=False):
        """Undo all that the batches did, the newest first.

        Values that somebody has changed since are left alone, and those of records
        that are no longer linked. Links that the batches made are removed, moved ones
        go back to where they were, links that they removed are made again.

        :param bool delete_created: also delete the records that the batches made and
            that nobody has used since
        :return: the changes that were left alone
        :raise AccessError: for others than managers
        """
        return self._undo(delete_created)[0]

    def _undo(self, delete_created=False):
        """Undo as :meth:`undo` says.

        :return: the changes that were left alone, and sentences about the links that
            could not be put back
        """
        self._check_undo_access()
        if not self._is_own_last():
            self.check_access("read")
        left = self.env["marketing.sync.change"]
        problems = []
        with open_journal(self.env, "undo") as journal:
            # sudo: managers have the right to undo, not to write the journal
            for batch in self.sudo().sorted("id", reverse=True):
                moving = bool(batch.moved_links)
                problems += batch._restore_links(journal)
                created = batch._get_created()
                keys = {(created._name, id_) for id_ in created._ids}
                kept = batch.change_ids.filtered(
                    lambda c, keys=keys: (
                        (c.target_model, c.target_id) in keys and c.state == "applied"
                    )
                )
                changes = batch.change_ids - kept
                # looked at again at the end: links may come and go before that
                touched = changes._get_targets() | batch._get_moved_keys()
                left |= changes.with_env(self.env)._undo(batch._get_moved_keys())
                # what it made stands where what it moved is to go back
                batch._remove_links(journal)
                problems += batch._move_back(journal)
                if moving:
                    problems += batch._restore_links(journal, moved_back=True)
                if delete_created:
                    gone = batch._delete_unused(created)
                    erased = kept.filtered(lambda c, gone=gone: c.target_id in gone)
                    erased.state = "undone"
                    kept -= erased
                left |= kept.with_env(self.env)
                changes._check_links_of(touched)
        return left.with_env(self.env), problems

    def _get_created(self):
        """Return those of the records that the batch made that still exist."""
        self.ensure_one()
        if not self.created_model or self.created_model not in self.env:
            return self.env[CONTACT_MODEL]
        return self.env[self.created_model].browse(self.created_ids or ()).exists()

    def _get_moved_keys(self):
        """Return the contacts and cards of the links that the batch moved, on both
        ends: what it wrote there was written along a link.
        """
        Relation = self.env["marketing.contact.relation"]
        keys = set()
        cards = {}
        for move in self.moved_links or ():
            for vals in (move["old"], move["new"]):
                keys.add(RecordKey(CONTACT_MODEL, vals["contact_id"]))
                card = Relation._get_card_of(vals)
                cards.setdefault(card._name, set()).update(card.ids)
        for model_name, ids in cards.items():
            there = self.env[model_name].browse(ids).exists()
            records = there._marketing_get_shared_record()
            keys.update(RecordKey(records._name, id_) for id_ in records.ids)
        return keys

    def _remove_links(self, journal):
        """Remove the links that the batch made, and remember them."""
        journal.note_removed(self.relation_ids)
        self.relation_ids.unlink()

    def _restore_links(self, journal, moved_back=False):
        """Make the links again that the batch removed.

        :param bool moved_back: whether what it moved is back; only then there is room
        :return: sentences about those that could not be made again
        """
        links = self.removed_links or []
        if not links or (self.moved_links and not moved_back):
            return []
        problems = []
        restored = []
        # all at once, and only where that fails one by one, to find the refused one
        for vals_list in [links, *([vals] for vals in links)]:
            try:
                with self.env.cr.savepoint():
                    self._check_sides(vals_list)
                    self.env["marketing.contact.relation"]._create_links(
                        [dict(vals) for vals in vals_list], align=False, people="later"
                    )
                restored += vals_list
                if vals_list is links:
                    break
            except (AccessError, UserError) as error:
                if vals_list is not links:
                    problems.append(error.args[0])
        if restored:
            self.removed_links = [v for v in links if v not in restored]
        return problems

    def _move_back(self, journal):
        """Put the links back that the batch moved.

        :return: sentences about those that could not be put back
        """
        moves = self.moved_links or []
        problems, done = [], []
        # all at once; where that fails by the way they go, and then one by one
        for attempts in (
            [moves],
            self._group_by_way_back(moves),
            [[move] for move in moves],
        ):
            problems = []
            for attempt in attempts:
                attempt = [move for move in attempt if move not in done]
                if not attempt:
                    continue
                try:
                    with self.env.cr.savepoint():
                        self._move_back_together(attempt)
                    done += attempt
                except (AccessError, UserError) as error:
                    problems.append(error.args[0])
            if len(done) == len(moves):
                break
        if done:
            self.moved_links = [move for move in moves if move not in done]
        return problems

    @api.model
    def _group_by_way_back(self, moves):
        """Return the moves in groups: a customer that is a vendor, too, has one contact
        at any time.
        """
        groups = {}
        for move in moves:
            groups.setdefault(repr(self._get_way_back(move)), []).append(move)
        return list(groups.values())

    @api.model
    def _get_way_back(self, move):
        """Return the values that put a moved link back."""
        return {
            name: value
            for name, value in move["old"].items()
            if move["new"][name] != value
        }

    def _move_back_together(self, moves):
        """Put links back that go the same way.

        :raise UserError: if one of them was changed since, or may not go back
        """
        Relation = self.env["marketing.contact.relation"]
        self._check_sides([move["old"] for move in moves])
        relations = Relation.browse(move["id"] for move in moves)
        there = set(relations.exists().ids)
        for relation, move in zip(relations, moves, strict=True):
            if relation.id not in there or relation._get_link_values() != move["new"]:
                raise UserError(
                    self.env._(
                        "The link with “%(contact)s” was changed since and "
                        "stays as it is.",
                        contact=self._get_contact_name(move["old"]),
                    )
                )
        ways = [self._get_way_back(move) for move in moves]
        if all(way.keys() == {"contact_id"} for way in ways):
            relations._move_to(
                {
                    relation.id: way["contact_id"]
                    for relation, way in zip(relations, ways, strict=True)
                }
            )
            return
        options = LinkOptions(align=False, people="later")
        Relation = Relation.with_context(marketing_contact_link_options=options)
        for group in self._group_by_way_back(moves):
            Relation.browse(move["id"] for move in group).write(
                self._get_way_back(group[0])
            )

    def _check_sides(self, vals_list):
        """:raise UserError: unless contacts and cards of links are still there"""
        ids = {CONTACT_MODEL: set()}
        for vals in vals_list:
            card = self.env["marketing.contact.relation"]._get_card_of(vals)
            ids[CONTACT_MODEL].add(vals["contact_id"])
            ids.setdefault(card._name, set()).update(card.ids)
        if any(
            len(self.env[model_name].browse(model_ids).exists()) < len(model_ids)
            for model_name, model_ids in ids.items()
        ):
            raise UserError(
                self.env._(
                    "A link can't be put back: its contact or the other record was "
                    "deleted since."
                )
            )

    def _get_contact_name(self, vals):
        """Return the name of the contact of a link, as far as the user may read it."""
        return shown_name(self.env[CONTACT_MODEL].browse(vals["contact_id"]))

    def _delete_unused(self, records):
        """Delete the records that nobody has used since. Return the ids of those gone.

        Used is what was saved again, has messages, or what Odoo refuses to delete.
        """
        gone = set()
        if records._name == CONTACT_MODEL:
            # who has people is kept: these go first
            records = records.sorted("is_company")
        for record in records:
            if record.write_date > record.create_date or (
                record._name == CONTACT_MODEL and record.child_ids
            ):
                continue
            try:
                with self.env.cr.savepoint():
                    # the user's own rights: who may not delete a card keeps it
                    record.with_env(self.env).sudo(False).unlink()
            except (AccessError, UserError):
                continue
            gone.add(record.id)
        return gone

    def action_undo(self, delete_created=False):
        """Undo, and list the changes that were left alone.

        :param bool delete_created: as for :meth:`undo`
        """
        return self._get_undo_action(*self._undo(delete_created=delete_created))

    def action_preview_undo(self):
        """Open the preview of the undo."""
        self._check_undo_access()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Undo"),
            "res_model": "marketing.sync.undo",
            "view_mode": "form",
            "target": "new",
            "context": {"default_batch_ids": self.ids},
        }

    @api.model
    def _get_undo_action(self, left, problems=()):
        """Return the action that says what an undo left alone.

        :param left: the changes that were left alone
        :param problems: sentences about links that could not be put back
        """
        if problems:
            next_action = {"type": "ir.actions.client", "tag": "soft_reload"}
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "type": "warning",
                    "sticky": True,
                    "title": self.env._("Not all could be undone"),
                    "message": "\n".join(problems),
                    "next": self._get_undo_action(left) if left else next_action,
                },
            }
        if left and not self.has_access("read"):
            # whose journal it is not to read
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "type": "warning",
                    "message": self.env._(
                        "Undone, but for %s values that were changed since.", len(left)
                    ),
                    "next": {"type": "ir.actions.client", "tag": "soft_reload"},
                },
            }
        if not left:
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "type": "success",
                    "message": self.env._("Undone: all values are back."),
                    "next": {"type": "ir.actions.client", "tag": "soft_reload"},
                },
            }
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Left Alone: Changed Since"),
            "res_model": "marketing.sync.change",
            "view_mode": "list,form",
            "domain": [("id", "in", left.ids)],
        }

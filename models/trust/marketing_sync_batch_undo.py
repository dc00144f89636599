from datetime import timedelta

from odoo import api, models
from odoo.exceptions import AccessError

from ..contact.answers import notify, reload
from ..contact.input import check_ids
from ..sync.rights import get_readable_names, is_manager
from .marketing_sync_batch import SHOWN_FIELDS
from .undo import of_entries, undo

# So long after a save its notification may come.
OWN_LAST = timedelta(seconds=30)


class MarketingSyncBatch(models.Model):
    """Undoing entries of the journal, see undo.py."""

    _inherit = "marketing.sync.batch"

    def _check_undo_access(self):
        """:raise AccessError: unless it is the user's own last, or they are a manager
        who may read it
        """
        if self._is_own_last():
            return
        if not is_manager(self.env):
            raise AccessError(
                self.env._(
                    "Only administrators of Marketing Contacts may undo what others "
                    "did, or what you did before your last change. Ask one of them."
                )
            )
        self.check_access("read")

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
        message = (
            self.env._("One other record was changed, too.")
            if len(targets) == 1
            else self.env._("%s other records were changed, too.", len(targets))
        )
        return {"id": entry.id, "delete": bool(entry.created_ids), "message": message}

    def _offer_undo(self, message, **params):
        """Return the action that says what was done and offers to undo it; where it
        is not the user's own last, `next`, the action that would come next.
        """
        if not self._is_own_last():
            return params.get("next", False)
        return {
            "type": "ir.actions.client",
            "tag": "marketing_offer_undo",
            "params": {
                "id": self.id,
                "message": message,
                # sudo: users have no right on the journal; what it made is theirs
                "delete": bool(self.sudo().created_ids),
                **params,
            },
        }

    def undo(self, delete_created=False):
        """Undo all that the batches did, the newest first.

        Values that somebody has changed since are left alone, and those of records
        that are no longer linked. Links that the batches made are removed, moved ones
        go back to where they were, links that they removed are made again.

        :param bool delete_created: also delete the records that the batches made and
            that nobody has used since
        :return: the changes that were left alone
        :raise AccessError: for others than managers, and of entries that concern
            nothing that the user may change
        """
        outcome = self._take_back(delete_created)
        return outcome.left | outcome.kept

    def _undo(self, delete_created=False):
        """Undo as :meth:`undo` says.

        :return: the changes that somebody has changed since, and sentences about what
            else could not be taken back
        """
        outcome = self._take_back(delete_created)
        return outcome.left, outcome.problems

    def _take_back(self, delete_created):
        """Undo as :meth:`undo` says. Return its :class:`Outcome`."""
        self._check_undo_access()
        return undo(self.env, of_entries(self), delete_created)

    def _get_created(self):
        """Return recordsets of what the batch made and is still there."""
        self.ensure_one()
        return [
            self.env[model_name].browse(ids).exists()
            for model_name, ids in (self.created_ids or {}).items()
            if model_name in self.env
        ]

    def _get_links_noted(self):
        """Return the links that the batch removed or moved, on both ends, as pairs of
        an id and values: what it wrote there was written along a link.
        """
        noted = [(vals.get("id"), vals) for vals in self.removed_links or ()]
        for move in self.moved_links or ():
            noted += [(move["id"], move["old"]), (move["id"], move["new"])]
        return noted

    def action_undo(self, delete_created=False):
        """Undo, and list the changes that were left alone.

        :param bool delete_created: as for :meth:`undo`
        """
        return self._get_undo_action(self._take_back(delete_created))

    def action_preview_undo(self):
        """Open the preview of the undo."""
        self._check_undo_access()
        return self.env["marketing.sync.undo"]._get_records_action(
            name=self.env._("Undo"),
            target="new",
            context={"default_batch_ids": self.ids},
        )

    @api.model
    def _name_links(self, links):
        """Return the names of a few of the links' contacts, those the user may read."""
        contacts = links.contact_id
        names = get_readable_names(self.env, [(c._name, c.id) for c in contacts])
        shown = list(names.values())[:SHOWN_FIELDS]
        more = "…" if len(contacts) > len(shown) or not shown else ""
        return ", ".join(filter(None, [*shown, more]))

    @api.model
    def _get_undo_action(self, outcome):
        """Return the action that says what an undo left alone, by its `Outcome`."""
        left, lines = outcome.left, outcome.problems + outcome.notes
        params = {"kind": "success", "next": reload()}
        if left:
            text = self.env._("Undone, but for %s values that were changed since.")
            lines.insert(0, text % len(left))
            if self.has_access("read"):
                # whose journal it is to read sees which
                params["next"] = {
                    "type": "ir.actions.act_window",
                    "name": self.env._("Left Alone: Changed Since"),
                    "res_model": "marketing.sync.change",
                    "view_mode": "list,form",
                    "views": [(False, "list"), (False, "form")],
                    "domain": [("id", "in", left.ids)],
                }
                if not (outcome.problems or outcome.notes):
                    return params["next"]
            params["kind"] = "warning"
        if outcome.problems:
            title = self.env._("Not all could be undone")
            params |= {"kind": "warning", "sticky": True, "title": title}
        elif outcome.apart:
            text = self.env._("Undone. Out of sync are now: %s.")
            lines.insert(0, text % self._name_links(outcome.apart))
            params["kind"] = "warning"
        elif not left:
            lines.insert(0, self.env._("Undone: all values are back."))
        return notify("\n".join(lines), **params)

from odoo import api, models

from ..sync.marketing_sync_journal import JOURNAL, Journal

# How many values a preview shows: nobody reads a table of thousands.
SHOWN_EFFECTS = 100


class MarketingSyncPreview(models.AbstractModel):
    """Showing beforehand what a save, link or undo would write elsewhere."""

    _name = "marketing.sync.preview"
    _description = "Preview of a Synchronization"

    def _marketing_preview(self, deed):
        """Return what `deed` would write elsewhere, and write nothing.

        The deed is done and rolled back: what is shown is what would happen, values as
        normalised as they will be, refusals included. It is done in an environment with
        a memory of its own, for a roll-back empties the memory, and with it a form that
        is being filled in.

        :param deed: function of the environment to do it in
        :return: list of ``{model, id, display_name, field, old, new}``
        """
        return self._marketing_try(deed)[0]

    def _marketing_try(self, deed):
        """Return what `deed` would write elsewhere, and the journal of it."""
        own_nodes = {(record._name, record.id) for record in self}
        state = self._marketing_state()
        outer = state.get(JOURNAL)
        journal = state[JOURNAL] = Journal("preview", dry=True)
        cr = self.env.cr
        cr.flush()
        transaction, cr.transaction = cr.transaction, None
        callbacks = self._marketing_keep_callbacks()
        try:
            env = api.Environment(cr, self.env.uid, self.env.context, self.env.su)
            with cr.savepoint() as savepoint:
                deed(env)
                env.flush_all()
                ids = {}
                for model_name, id_ in {node for node, _f in journal.get_changes()}:
                    ids.setdefault(model_name, []).append(id_)
                for model_name, model_ids in ids.items():
                    for record in env[model_name].browse(model_ids):
                        journal.roles[model_name, record.id] = record._marketing_role()
                savepoint.rollback()
        finally:
            cr.transaction = transaction
            self._marketing_restore_callbacks(callbacks)
            state[JOURNAL] = outer
        created = journal.created
        if created:
            own_nodes.update((created._name, id_) for id_ in created._ids)
        changes = {
            key: entry
            for key, entry in journal.get_changes().items()
            if key[0] not in own_nodes
        }
        readable = self._marketing_get_readable({node for node, _field in changes})
        hidden = self.env._("a record that you may not see")
        effects = [
            {
                "model": node[0],
                "id": node[1],
                "display_name": entry["display_name"] if node in readable else hidden,
                "field": field,
                "old": entry["old"] if node in readable else False,
                "new": entry["new"],
            }
            for (node, field), entry in changes.items()
        ]
        return effects, journal

    # What is to be called around the end of the transaction is kept by Odoo in the
    # cursor, and no savepoint takes it back: what a preview registers there, such as
    # a mail to be sent, must not happen.

    @api.model
    def _marketing_keep_callbacks(self):
        """Return what is registered around the end of the transaction."""
        cr = self.env.cr
        return [
            (queue, tuple(queue._funcs), dict(queue.data))
            for queue in (cr.precommit, cr.postcommit, cr.prerollback, cr.postrollback)
        ]

    @api.model
    def _marketing_restore_callbacks(self, callbacks):
        """Forget what has been registered since :meth:`_marketing_keep_callbacks`."""
        for queue, functions, data in callbacks:
            queue.clear()
            queue._funcs.extend(functions)
            queue.data.update(data)

    @api.model
    def _marketing_get_readable(self, nodes):
        """Return those of the nodes whose records the user may read."""
        ids = {}
        for model_name, id_ in nodes:
            ids.setdefault(model_name, []).append(id_)
        return {
            (model_name, id_)
            for model_name, model_ids in ids.items()
            for id_ in self.env[model_name]
            .browse(model_ids)
            .sudo(False)
            ._filtered_access("read")
            ._ids
        }

    def preview_sync(self, vals):
        """Return what saving `vals` on the records would write elsewhere.

        :param dict vals: as for ``write``
        :return: list of ``{model, id, display_name, field, old, new}``
        """
        self._marketing_check_values(vals)
        return self._marketing_preview(lambda env: self.with_env(env).write(dict(vals)))

    @api.model
    def _marketing_render(self, effects, problem=None, created=None, roles=None):
        """Return the effects of a preview as HTML for a form.

        :param list effects: as :meth:`_marketing_preview` returns them
        :param str problem: what stands in the way
        :param list created: lines about the records that will be created
        :param dict roles: ``{node: what the record is}``, by default what it is now
        """
        return self.env["ir.qweb"]._render(
            "marketing_contact.preview",
            {
                "effects": [
                    self._marketing_describe(effect, roles)
                    for effect in effects[:SHOWN_EFFECTS]
                ],
                "more": max(len(effects) - SHOWN_EFFECTS, 0),
                "problem": problem,
                "created": created or [],
            },
        )

    @api.model
    def _marketing_describe(self, effect, roles=None):
        """Return an effect of a preview with texts in place of technical values."""
        model = self.env[effect["model"]]
        name = effect["field"]
        role = (roles or {}).get((effect["model"], effect["id"]))
        return {
            "record": effect["display_name"],
            "role": role or model.browse(effect["id"])._marketing_role(),
            "field": model._fields[name]._description_string(self.env),
            "old": model._marketing_format_value(name, effect["old"]),
            "new": model._marketing_format_value(name, effect["new"]),
        }

    def _marketing_role(self):
        """Return what the record is in the user's words."""
        # sudo: only administrators may read the list of models (ir.model)
        return self.env["ir.model"].sudo()._get(self._name).name

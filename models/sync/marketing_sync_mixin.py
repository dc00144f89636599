from odoo import api, fields, models, tools
from odoo.tools import SQL

from . import engine, guard
from .journal import erase
from .kinds import CONTACT_MODEL
from .rights import elevated
from .session import get_session, open_journal


class MarketingSyncMixin(models.AbstractModel):
    """The hook of the engine: a model whose records share values with others.

    A `write` is compared before and after; what changed among the shared fields goes to
    the contact and to its other cards, in one pass and one transaction.
    While the engine writes, a write on one of its records starts no pass of its own, a
    write on any other record does. So what Odoo itself writes on (child addresses,
    normalised numbers) is heard of as well.

    A model that inherits it names it last, so that its own `write` lies above, and has
    the attribute `_marketing_link_column`, the field of `marketing.contact.relation`
    that holds its records.

    It may extend

    * :meth:`_marketing_guarded_fields`, what the sync must not write;
    * :meth:`_marketing_held_back_text`, how the editor hears of it;
    * :meth:`_marketing_tell_nested`, who hears of what is held back where Odoo itself
      writes on to other records;
    * :meth:`_marketing_write_shared`, how it takes the engine's values;
    * :meth:`_marketing_role`, what a record is in the user's words.

    Records of a kind are cards besides, see `marketing.card.mixin`.
    """

    _name = "marketing.sync.mixin"
    _description = "Contact Synchronization"

    # field of marketing.contact.relation that holds the records of the model
    _marketing_link_column = None

    # A column, because most records have no link: Odoo reads it along with the rest of
    # the row, so that their saves cost no query. Links keep it (`links/flags.py`); True
    # without a link costs a look, False with one would be no sync.
    marketing_linked = fields.Boolean(
        string="Linked with a Marketing Contact",
        readonly=True,
        copy=False,
        exportable=False,
        help="Changes of shared details go to other records, too.",
    )

    def write(self, vals):
        if "marketing_linked" in vals:
            # whatever a client sends: links keep it
            vals = {n: value for n, value in vals.items() if n != "marketing_linked"}
        watched = self._marketing_watched_fields(tuple(vals))
        if not watched:
            return super().write(vals)
        if get_session(self.env).being_written:
            return self._marketing_write_in_pass(vals, watched)
        links = engine.find_links(self)
        if not links:
            return super().write(vals)
        return self._marketing_write_linked(vals, watched, links)

    def unlink(self):
        """Delete the records; nothing personal of them stays in the journal."""
        result = super().unlink()
        self._marketing_erase_journal()
        return result

    def _marketing_write_plain(self, vals):
        """Write as if there were no sync: what lies below :meth:`write`."""
        below = super()
        return below.write(vals)

    def _marketing_write_linked(self, vals, watched, links):
        """Write, and bring what changed to the others.

        :param watched: the shared fields that may change
        :param links: as of :func:`engine.find_links`
        """
        linked = elevated(engine.filter_linked(self, links))
        before = engine.get_snapshot(linked, watched)
        result = self._marketing_write_plain(vals)
        if changes := engine.get_changes(linked, before):
            relation_ids = {link.card: link.relation_id for link in links}
            with open_journal(self.env, "save") as journal:
                for key, changed in changes.items():
                    for name, value in changed.items():
                        old = before[name][key.id]
                        journal.note(key, name, old, value, key, relation_ids.get(key))
                engine.propagate(self.env, links, changes)
        return result

    def _marketing_write_in_pass(self, vals, watched):
        """Write while the engine does: on its own records, or as Odoo writes on."""
        session = get_session(self.env)
        own, others, held = guard.split_being_written(self, vals)
        for record, names in held:
            rest = {name: vals[name] for name in vals.keys() - names}
            if rest:
                MarketingSyncMixin.write(record, rest)
        if own:
            # the engine looks at what it has planned: here is what comes along
            planned = {session.being_written[self._name, id_] for id_ in own._ids}
            side = watched.difference(frozenset.intersection(*planned))
            touched = elevated(own if side else own.browse())
            before = engine.get_snapshot(touched, side)
            own._marketing_write_plain(vals)
            session.note_side_changes(engine.get_changes(touched, before))
        if others:
            links = engine.find_links(others)
            others._marketing_write_linked(vals, watched, links)
        return True

    # ------------------------------------------------------------
    # WHAT IS SHARED
    # ------------------------------------------------------------

    @tools.ormcache("self._name", "field_names")
    def _marketing_watched_fields(self, field_names):
        """Return the shared fields that writing `field_names` may change.

        Besides the written ones these are the stored computed fields that depend on
        them, such as the language of a partner that gets a parent.
        """
        shared = self._marketing_shared_fields()
        watched = shared.intersection(field_names)
        for name in field_names:
            if shared and name in self._fields:
                watched |= {
                    field.name
                    for field in self.pool.get_dependent_fields(self._fields[name])
                    if field.model_name == self._name and field.name in shared
                }
        return frozenset(watched)

    @api.model
    def _marketing_shared_fields(self, kinds=None):
        """Return the names of the model's own shared fields.

        :param kinds: those of links of these kinds only, by default of all
        """
        lines = self.env["marketing.sync.field"]._get_map()
        if kinds is not None:
            lines = [line for line in lines if line.kind in kinds]
        if self._name == CONTACT_MODEL:
            return {line.contact_field for line in lines}
        return {line.card_field for line in lines if line.shared_model == self._name}

    @api.model
    def _marketing_undoable_fields(self):
        """Return the names of the fields whose changes an undo takes back."""
        return self._marketing_shared_fields()

    # ------------------------------------------------------------
    # HOOKS, see the docstring of the class
    # ------------------------------------------------------------

    def _marketing_guarded_fields(self, field_names):
        """Return ``{id: names of the fields that the sync must not write}``."""
        return {}

    def _marketing_held_back_text(self, name, labels):
        """Return the sentence that says why the record keeps its own values.

        :param str name: what the record is called to whoever reads it
        :param str labels: the names of the fields
        """
        return self.env._(
            "%(record)s keeps its own value of: %(fields)s.",
            record=name,
            fields=labels,
        )

    def _marketing_tell_nested(self, field_names, being_written):
        """Tell what the record keeps where Odoo writes on to it during a pass.

        :param set field_names: the fields that it keeps
        :param dict being_written: the records that the engine writes on, by their keys
        """

    def _marketing_write_shared(self, vals):
        """Take the engine's values, all records the same ones."""
        self.write(vals)

    def _marketing_role(self):
        """Return what the record is in the user's words."""
        # sudo: only administrators may read the list of models (ir.model)
        return self.env["ir.model"].sudo()._get(self._name).name

    def _marketing_said(self, role=None):
        """Return what the record is and its name, each said once.

        :param str role: what it is, by default what it is now
        """
        return f"{role or self._marketing_role()} {self.display_name}"

    def _marketing_erase_journal(self):
        """Take the values of the records out of the journal; the entries stay."""
        if self.ids:
            target = SQL(
                "target_model = %s AND target_id IN %s", self._name, tuple(self.ids)
            )
            erase(self.env, target)

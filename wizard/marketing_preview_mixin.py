from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.models import MAGIC_COLUMNS

from ..models.trust import preview

# so many of the people who come along are named
SHOWN_PEOPLE = 5


class MarketingPreviewMixin(models.AbstractModel):
    """A wizard that shows what it will do by doing it, and taking it back.

    It is done by a copy of the wizard: while the form is being filled in, the
    wizard itself is not saved, and must not lose its values.
    """

    _name = "marketing.preview.mixin"
    _description = "Wizard with a Preview"

    # of a line: what is kept of its field, and what was when its block last agreed
    _keep_fields = ()

    def _render_preview(self, action):
        """Return what `action` would do, as HTML; nothing is written.

        :param action: function of the copy; may return lines that tell what it
            has created
        """
        return preview.render(self.env, *self._try(action))

    def _render_lines(self, *lines):
        """Return lines as the preview shows them, where nothing is tried."""
        return preview.render(self.env, [], created=list(lines))

    def _try(self, action):
        """Do `action` and take it back.

        :param action: as for :meth:`_render_preview`
        :return: the effects, what stands in the way, lines about what would be created,
            and what the records are called, as :func:`preview.render` takes them
        """
        self.ensure_one()
        values = self._get_plain_values()
        created = []
        try:
            effects, journal = preview.try_out(
                # Odoo computes what is stored with all rights: who asks decides here
                self.browse().sudo(False),
                lambda env: created.extend(action(env[self._name].new(values)) or ()),
            )
        except UserError as error:
            return [], error.args[0], None, None
        problem = "\n".join(journal.held_back) or None
        return effects, problem, created, journal.shown

    def _read_format(self, fnames, load="_classic_read"):
        """Leave out records that the user may not read: Odoo shows the name of any
        whose id a client sends.
        """
        rows = super()._read_format(fnames, load)
        wizards = self.browse(row["id"] for row in rows)
        for name in fnames:
            field = self._fields[name]
            if field.type == "many2one" and any(row.get(name) for row in rows):
                ids = wizards[name]._origin._ids
                named = self.env[field.comodel_name].sudo(False).browse(ids)
                hidden = set((named - named._filtered_access("read"))._ids)
                for row, wizard in zip(rows, wizards, strict=True):
                    if wizard[name]._origin.id in hidden:
                        row[name] = False
        return rows

    def _describe_people(self, people):
        """Return the line about people who come along, as a list: none for nobody.

        :param people: contacts or partners; who may not be read is only counted
        """
        if not people:
            return []
        readable = people.sudo(False)._filtered_access("read")
        names = ", ".join(readable[:SHOWN_PEOPLE].mapped("name"))
        more = len(people) - len(readable[:SHOWN_PEOPLE])
        text = self.env._(
            "%(count)s people along with it: %(names)s", count=len(people), names=names
        )
        return [text + (", …" if more else "")]

    def _sum_up(self, effects, problem, created, shown):
        """Return in a line what is in the way, or how much changes on what."""
        counts = {}
        for effect in effects:
            record = preview.describe(self.env, effect, shown)["said"]
            counts[record] = counts.get(record, 0) + 1
        lines = [
            self.env._("%(record)s (values: %(count)s)", record=record, count=count)
            for record, count in counts.items()
        ]
        return problem or ", ".join([*lines, *(created or ())])

    # ------------------------------------------------------------
    # LINES: what is to be kept, field by field
    # ------------------------------------------------------------

    def _join_blocks(self):
        """Let the lines of a block go together: an address is one value."""
        keep, last = self.line_ids._keep_fields
        for block, side in self._get_block_sides().items():
            self.line_ids.filtered(
                lambda line, block=block: line.block == block
            ).update({keep: side, last: side})

    def _get_block_sides(self):
        """Return ``{block: what is kept}`` of blocks of which a line was changed."""
        keep, last = self.line_ids._keep_fields
        return {
            line.block: line[keep]
            for line in self.line_ids
            if line.block and line[keep] and line[keep] != line[last]
        }

    def _get_plain_values(self, skip=()):
        """Return the values of the stored fields, relations as ids."""
        self.ensure_one()
        vals = {}
        for name, field in self._fields.items():
            if not field.store or name in MAGIC_COLUMNS or name in skip:
                continue
            value = self[name]
            if field.type == "many2one":
                vals[name] = value._origin.id
            elif field.type == "many2many":
                vals[name] = [Command.set(value._origin.ids)]
            elif field.type == "one2many":
                vals[name] = [
                    Command.create(line._get_plain_values({field.inverse_name}))
                    for line in value
                ]
            else:
                vals[name] = value
        return vals

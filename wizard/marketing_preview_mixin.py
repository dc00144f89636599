from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.models import MAGIC_COLUMNS


class MarketingPreviewMixin(models.AbstractModel):
    """A wizard that shows what it will do by doing it, and taking it back.

    While the form is being filled in, the wizard is not saved: its values live in the
    memory of the transaction only, which goes when a savepoint is rolled back. So the
    deed is done by a twin of the wizard that has a memory of its own.
    """

    _name = "marketing.preview.mixin"
    _description = "Wizard with a Preview"

    def _render_preview(self, deed):
        """Return what `deed` would do, as HTML; nothing is written.

        :param deed: function of the wizard's twin; may return lines that tell what it
            has created
        """
        self.ensure_one()
        cr = self.env.cr
        cr.flush()
        transaction = cr.transaction
        cr.transaction = None
        try:
            env = api.Environment(cr, self.env.uid, self.env.context, self.env.su)
            engine = env["marketing.sync.mixin"]
            twin = self._get_twin(env)
            created, roles = [], {}
            try:
                effects = engine._marketing_preview(
                    lambda: created.extend(deed(twin) or ()), roles
                )
            except UserError as error:
                return engine._marketing_render([], error.args[0])
            return engine._marketing_render(effects, created=created, roles=roles)
        finally:
            cr.transaction = transaction

    def _get_twin(self, env):
        """Return a new record with the values of the wizard in another environment."""
        return env[self._name].new(self._get_plain_values())

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

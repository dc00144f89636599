from odoo import api, fields, models
from odoo.exceptions import UserError


class MarketingSyncNotice(models.AbstractModel):
    """The notice at the edit: what else the form's changes will change, when saved."""

    _name = "marketing.sync.notice"
    _description = "Notice of a Synchronization"

    marketing_sync_notice = fields.Char(
        string="Also Changes", compute="_compute_marketing_sync_notice"
    )

    @api.model
    def _marketing_notice_depends(self):
        """Return the fields that can be shared, whatever the map says today.

        Without those that were added by hand: they may be deleted again, and Odoo
        deletes no field that others were set up to depend on.
        """
        get_reason = self.env["marketing.sync.field"]._get_unshareable_reason
        return [
            name
            for name, field in self._fields.items()
            if name != "marketing_sync_notice"
            and not field.manual
            and not get_reason(field)
        ]

    @api.model
    def _marketing_notice_fields(self):
        """Return the fields whose changes are worth a notice now."""
        return self._marketing_shared_fields()

    @api.depends(lambda self: self._marketing_notice_depends())
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_marketing_sync_notice(self):
        for record in self:
            record.marketing_sync_notice = record._marketing_get_notice()

    def _marketing_get_notice(self):
        """Return what to tell about the unsaved changes, False if there is nothing."""
        self.ensure_one()
        origin = self._origin
        if not origin or self == origin or not origin.marketing_linked:
            return False
        vals = {}
        for name in self._marketing_notice_fields():
            value = self._marketing_value(name)
            if value != origin._marketing_value(name):
                vals[name] = self._marketing_to_write(name, value)
        if not vals:
            return False
        try:
            effects, journal = origin._marketing_try(
                lambda env: origin.with_env(env).write(vals)
            )
        except UserError as error:
            return error.args[0]
        texts = list(journal.held_back)
        if names := self._marketing_get_affected(effects):
            texts.insert(
                0, self.env._("This also changes: %(records)s.", records=names)
            )
        return " ".join(texts) or False

    def _marketing_get_affected(self, effects):
        """Return the names of the records that effects change, as the user may see."""
        names = {}
        for effect in effects:
            record = self.env[effect["model"]].browse(effect["id"])
            if record not in names:
                text = self._marketing_describe(effect)
                names[record] = (
                    f"{text['role']} {text['record']}"
                    if record.has_access("read")
                    else self.env._("a record that you may not see")
                )
        return ", ".join(names.values())

from odoo import api, fields, models
from odoo.fields import Domain

from ..sync.kinds import RecordKey, get_target_models
from ..sync.rights import get_readable_names
from ..sync.values import from_json, get_label, to_text
from .undo import of_changes, undo


class Many2oneWithoutKey(fields.Many2one):
    """A many2one that the database does not watch over.

    A key costs half of what writing a line takes, thousands of times with each large
    save. Whoever deletes batches deletes their changes first.
    """

    def update_db_foreign_key(self, model, column):
        """Make no key."""


class MarketingSyncChange(models.Model):
    """A value that the synchronization wrote: where, what, and where it came from.

    Changes are written by SQL, in bulk, and outlive the records that they tell of.
    """

    _name = "marketing.sync.change"
    _inherit = ["marketing.hidden.mixin"]
    _description = "Synchronized Change"
    _order = "id desc"
    _rec_name = "field_name"
    _log_access = False

    batch_id = Many2oneWithoutKey(
        comodel_name="marketing.sync.batch",
        required=True,
        index=True,
    )
    relation_id = fields.Many2one(
        comodel_name="marketing.contact.relation",
        compute="_compute_relation_id",
        search="_search_relation_id",
        help="The link along which the value came, if it is still there.",
    )
    # A plain number, since an entry outlives its link: a foreign key would cost each
    # save a third of its journal, and each unlinking a walk through the history.
    relation_ref = fields.Integer(string="Technical Relation")
    source_model = fields.Char(required=True)
    source_id = fields.Many2oneReference(model_field="source_model")
    target_model = fields.Char(required=True)
    target_id = fields.Many2oneReference(model_field="target_model")
    field_name = fields.Char(string="Technical Field", required=True)
    old_value = fields.Json(string="Technical Old Value")
    new_value = fields.Json(string="Technical New Value")
    asked_value = fields.Json(
        string="Technical Asked Value",
        help="What the record was to get, where it made something else of it.",
    )
    state = fields.Selection(
        selection=[("applied", "Applied"), ("undone", "Undone")],
        string="Status",
        required=True,
        default="applied",
    )
    user_id = fields.Many2one(related="batch_id.user_id")
    date = fields.Datetime(related="batch_id.date")
    origin = fields.Selection(related="batch_id.origin")
    source_name = fields.Char(string="From", compute="_compute_names")
    target_name = fields.Char(string="Record", compute="_compute_names")
    field_label = fields.Char(string="Field", compute="_compute_names")
    old_text = fields.Char(string="Old Value", compute="_compute_names")
    new_text = fields.Char(string="New Value", compute="_compute_names")

    # by the id alone: a save writes several lines of each record, which share an entry
    _target_idx = models.Index("(target_id)")

    # ------------------------------------------------------------
    # RIGHTS: whoever may not read a record reads none of its values here
    # ------------------------------------------------------------

    @api.model
    def _get_hidden_text(self):
        return self.env._(
            "The journal tells you nothing of records that you may not see. Ask "
            "who may see them."
        )

    @api.model
    def _get_readable_domain(self):
        """Return the domain of the changes of records that the user may read.

        What is deleted has left no values, so that its entries hide nothing.
        """
        target_models = get_target_models(self.env)
        readable = Domain("target_model", "not in", target_models)
        for model_name in target_models:
            # merged contacts are there as well
            model = self.env[model_name].with_context(
                active_test=False, marketing_contact_with_merged=True
            )
            of_model = Domain("target_model", "=", model_name)
            if model.has_access("read"):
                readable |= of_model & Domain("target_id", "in", model._search([]))
            # sudo: which records are there at all
            known = model.sudo()._search([])
            readable |= of_model & Domain("target_id", "not in", known)
        return readable

    # ------------------------------------------------------------
    # COMPUTE AND SEARCH
    # ------------------------------------------------------------

    @api.depends("relation_ref")
    def _compute_relation_id(self):
        # sudo: whether a link is still there, not what it is
        relations = self.env["marketing.contact.relation"].sudo()
        known = set(relations.browse(set(self.mapped("relation_ref"))).exists()._ids)
        for change in self:
            ref = change.relation_ref
            change.relation_id = ref if ref in known else False

    def _search_relation_id(self, operator, value):
        relations = self.env["marketing.contact.relation"]
        if operator in ("any", "any!"):
            # with the rights of who asks: a condition may walk anywhere from a link
            return Domain("relation_ref", "in", relations._search(value))
        if operator != "in":
            return NotImplemented
        # sudo: whether a link is still there, not what it is
        relations = relations.sudo()
        domain = Domain("relation_ref", "in", [ref for ref in value if ref])
        if False in value:
            domain |= Domain("relation_ref", "not in", relations._search([]))
        return domain

    @api.depends("source_id", "target_id", "field_name", "old_value", "new_value")
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_names(self):
        names = get_readable_names(
            self.env,
            [
                key
                for change in self
                for key in (
                    (change.source_model, change.source_id),
                    (change.target_model, change.target_id),
                )
            ],
        )
        for change in self:
            change.source_name = names.get((change.source_model, change.source_id))
            change.target_name = names.get((change.target_model, change.target_id))
            model = self.env.get(change.target_model)
            known = model is not None and change.field_name in model._fields
            # what the user may not read of the record is not shown here either
            readable = (
                known
                and change.target_name
                and model._has_field_access(model._fields[change.field_name], "read")
            )
            change.field_label = (
                get_label(model, change.field_name) if known else change.field_name
            )
            for text, value in (("old_text", "old_value"), ("new_text", "new_value")):
                change[text] = readable and to_text(
                    model,
                    change.field_name,
                    from_json(model, change.field_name, change[value]),
                )

    # ------------------------------------------------------------
    # UNDO
    # ------------------------------------------------------------

    def undo(self):
        """Put the old values back where nobody has changed the value since.

        :return: the changes that were left alone
        :raise AccessError: for others than managers
        """
        return self._take_back().left

    def _take_back(self):
        """Undo as :meth:`undo` says. Return its :class:`Outcome`."""
        self.env["marketing.sync.batch"]._check_undo_access()
        self.check_access("read")
        return undo(self.env, of_changes(self))

    def _get_target(self):
        """Return the key of the record that the change was made on."""
        return RecordKey(self.target_model, self.target_id)

    def _get_sides(self):
        """Return the keys of the record that changed, and of the value's source."""
        return self._get_target(), RecordKey(self.source_model, self.source_id)

    def action_undo(self):
        """Undo, and list the changes that were left alone."""
        return self.env["marketing.sync.batch"]._get_undo_action(self._take_back())

    def action_preview_undo(self):
        """Open the preview of the undo."""
        action = self.env["marketing.sync.batch"].action_preview_undo()
        return {**action, "context": {"default_change_ids": self.ids}}

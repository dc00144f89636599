from odoo import api, fields, models
from odoo.fields import Domain

from ..links.marks import get_sides
from ..sync import engine
from ..sync.guard import hold_back
from ..sync.kinds import PlannedWrite, RecordKey, get_target_models
from ..sync.rights import get_readable_names, get_records
from ..sync.session import open_journal
from ..sync.values import from_json, get_label, get_value, to_text


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
        self.env["marketing.sync.batch"]._check_undo_access()
        self.check_access("read")
        with open_journal(self.env, "undo"):
            left = self._undo()
            self._check_links_of(self._get_targets())
        return left

    def _get_targets(self):
        """Return the keys that the changes were made on."""
        # sudo: the journal is read-only for managers, and hidden where records are
        return {RecordKey(c.target_model, c.target_id) for c in self.sudo()}

    @api.model
    def _get_links_of(self, keys):
        """Return the links of contacts, partners and banks, whoever may see them."""
        domain = Domain.FALSE
        for model_name in get_target_models(self.env):
            column = self.env[model_name]._marketing_link_column
            ids = [key[1] for key in keys if key[0] == model_name]
            domain |= Domain(column, "in", ids)
        # sudo: a link may be one that the user may not see; its state must be right
        relations = self.env["marketing.contact.relation"].sudo()
        return relations.search(Domain("kind", "!=", False) & domain)

    @api.model
    def _check_links_of(self, keys):
        """Make the state of every link of the keys right."""
        if relations := self._get_links_of(keys):
            relations.check_differences()

    @api.model
    def _get_undoable(self, keys, also):
        """Return those of the keys that the sync may still write on: linked ones, and
        those that the user may change anyway.
        """
        relations = self._get_links_of(keys)
        linked = {
            RecordKey(model_name, id_)
            for model_name, ids in get_sides(relations).items()
            for id_ in ids
        }
        for model_name in get_target_models(self.env):
            unlinked = self.env[model_name].browse(
                id_ for name, id_ in keys - linked - also if name == model_name
            )
            if unlinked:
                own = unlinked.exists()._filtered_access("write")
                linked |= {RecordKey(model_name, id_) for id_ in own.ids}
        return linked | also

    def _undo(self, also=frozenset()):
        """Undo within the open journal. Return the changes left alone.

        :param set also: keys that may be written on though they are not linked now
        """
        # sudo: managers have the right to undo, not to write the journal; what is
        # written on the records goes by the rules of the engine
        changes = self.sudo().filtered(lambda c: c.state == "applied").sorted("id")
        # self, not its elevated twin: who asks decides what may be written
        keys = self._get_undoable(changes._get_targets(), set(also))
        target_models = get_target_models(self.env)
        keys = {key for key in keys if key[0] in target_models}
        undoable = {n: self.env[n]._marketing_undoable_fields() for n, _id in keys}
        records = {
            key: record
            for key, record in get_records(self.env, keys).items()
            if record.exists()
        }
        now, planned, done = {}, {}, self.sudo().browse()
        for change in changes[::-1]:
            target = RecordKey(change.target_model, change.target_id)
            key = (target, change.field_name)
            record = records.get(target)
            if record is None or change.field_name not in undoable[target[0]]:
                continue
            if key not in now:
                now[key] = get_value(record, change.field_name)
            written = from_json(record, change.field_name, change.new_value)
            if now[key] != written:
                continue
            old = planned[key].old if key in planned else now[key]
            now[key] = from_json(record, change.field_name, change.old_value)
            planned[key] = PlannedWrite(
                target, change.field_name, now[key], target, change.relation_ref, old
            )
            done |= change
        allowed = hold_back(self.env, list(planned.values()))
        held_back = planned.keys() - {(e.target, e.field) for e in allowed}
        done = done.filtered(
            lambda c: ((c.target_model, c.target_id), c.field_name) not in held_back
        )
        # first of all: who comes second to undo the same has to start over
        done.state = "undone"
        self.env["marketing.sync.change"].flush_model(["state"])
        if allowed:
            engine.apply_writes(self.env, allowed, [])
        return (changes - done).with_env(self.env)

    def action_undo(self):
        """Undo, and list the changes that were left alone."""
        return self.env["marketing.sync.batch"]._get_undo_action(self.undo())

    def action_preview_undo(self):
        """Open the preview of the undo."""
        action = self.env["marketing.sync.batch"].action_preview_undo()
        return {**action, "context": {"default_change_ids": self.ids}}

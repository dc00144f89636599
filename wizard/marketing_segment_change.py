from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..models.contact.input import check_domain, get_active_ids, read_domain
from ..models.segments import graph, words


class MarketingSegmentChange(models.TransientModel):
    """Add to a segment, take out of it, or keep only some: by another filter or
    segment, with the counts before anything is changed.
    """

    _name = "marketing.segment.change"
    _description = "Change a Segment"

    segment_id = fields.Many2one(
        comodel_name="marketing.segment", required=True, ondelete="cascade"
    )
    change = fields.Selection(
        selection=[
            ("add", "Add"),
            ("reduce", "Reduce"),
            ("refine", "Refine"),
        ],
        required=True,
        default="add",
        help="Add: these as well. Reduce: without these. Refine: only these.",
    )
    other_segment_id = fields.Many2one(
        comodel_name="marketing.segment",
        string="By the Segment",
        domain="[('id', '!=', segment_id)]",
        ondelete="cascade",
    )
    domain = fields.Char(
        string="By Conditions", default=lambda self: self._default_domain()
    )
    count_before = fields.Integer(string="Members Now", compute="_compute_counts")
    count_after = fields.Integer(string="Members Then", compute="_compute_counts")

    effects = fields.Char(string="What Will Happen", compute="_compute_effects")

    @api.model
    def _default_domain(self):
        """Return the ticked contacts, where one comes from their list."""
        ids = get_active_ids(self.env, "marketing.contact")
        return repr([("id", "in", ids)] if ids else [])

    def _get_others(self):
        """Return the domain of the contacts to add, take out or keep."""
        self.ensure_one()
        if self.other_segment_id:
            self.other_segment_id._check_usable()
            return Domain("segment_ids", "in", self.other_segment_id.ids)
        problem = words.get_problem(self.env, read_domain(self.env, self.domain))
        if problem:
            raise UserError(problem)
        return check_domain(self.env["marketing.contact"], self.domain)

    @api.depends("segment_id", "change", "other_segment_id", "domain")
    @api.depends_context("uid", "company", "allowed_company_ids")
    def _compute_counts(self):
        contacts = self.env["marketing.contact"]
        for wizard in self:
            segment = wizard.segment_id
            before = segment._get_members_domain() if segment else Domain.FALSE
            after = before
            if segment:
                others = graph.limit(wizard._get_others(), segment.company_id.id)
                after = graph.change(before, wizard.change, others)
            wizard.count_before = contacts.search_count(before)
            wizard.count_after = contacts.search_count(after)

    @api.depends("segment_id", "count_before", "count_after")
    @api.depends_context("lang")
    def _compute_effects(self):
        for wizard in self:
            if wizard.segment_id:
                wizard.effects = self.env._(
                    "Members: %(before)s now, %(after)s afterwards.",
                    before=wizard.count_before,
                    after=wizard.count_after,
                )
            else:
                wizard.effects = self.env._("Choose the segment.")

    @api.model
    def _get_ticked(self, others):
        """Return the ids of contacts that were chosen one by one, not by conditions."""
        conditions = list(others.iter_conditions())
        if len(conditions) == 1 and conditions[0].field_expr == "id":
            return list(conditions[0].value) if conditions[0].operator == "in" else []
        return []

    def action_apply(self):
        """Change the segment, and open its members."""
        self.ensure_one()
        segment = self.segment_id
        segment.check_access("write")
        segment._check_usable()
        others = self._get_others()
        ticked = self._get_ticked(others)
        if ticked and self.change == "add":
            segment.action_add_contacts(ticked)
        elif ticked and self.change == "reduce":
            segment.action_remove_contacts(ticked)
        elif segment.kind == "static":
            others = graph.limit(others, segment.company_id.id)
            after = self.env["marketing.contact"].search(
                graph.change(segment._get_members_domain(), self.change, others)
            )
            segment.write(
                {
                    "contact_ids": [Command.set(after.ids)],
                    "excluded_ids": [Command.unlink(id_) for id_ in after.ids],
                }
            )
        elif self.other_segment_id and self.change == "add":
            segment.include_segment_ids |= self.other_segment_id
        elif self.other_segment_id and self.change == "reduce":
            segment.exclude_segment_ids |= self.other_segment_id
        else:
            segment._apply_to_conditions(self.change, others)
        return segment.action_view_members()

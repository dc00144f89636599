from collections import Counter

from odoo import api, fields, models

from ..models.sync.session import open_journal
from ..models.trust.preview import try_out

# How many links the preview tries out: what it counts for the others is alike.
SAMPLE = 100


class MarketingMatchLink(models.TransientModel):
    """Link all that is surely the same: how many, and what would be filled in."""

    _name = "marketing.match.link"
    _description = "Link All Sure Ones"

    match_ids = fields.Many2many(
        comodel_name="marketing.match",
        string="Proposals",
        default=lambda self: self._default_match_ids(),
    )
    count = fields.Integer(string="To Be Linked", compute="_compute_preview")
    preview = fields.Text(string="What Is Filled In", compute="_compute_preview")
    in_background = fields.Boolean(compute="_compute_preview")

    @api.model
    def _default_match_ids(self):
        Match = self.env["marketing.match"]
        if self.env.context.get("active_model") == Match._name:
            chosen = Match.browse(self.env.context.get("active_ids") or ())
            if chosen:
                return chosen.filtered_domain(Match._get_sure_domain())
        return Match.search(Match._get_sure_domain())

    @api.depends("match_ids")
    def _compute_preview(self):
        for wizard in self:
            matches = wizard.match_ids
            wizard.count = len(matches)
            wizard.in_background = matches._is_for_background()
            sample = matches[:SAMPLE]
            effects = try_out(
                self.env["marketing.match"],
                lambda env, ids=sample.ids: (
                    env["marketing.match"].browse(ids).action_link()
                ),
            )[0]
            counts = Counter((e["model"], e["field"]) for e in effects)
            names = {
                model: self.env["ir.model"]._get(model).sudo().name
                for model, _field in counts
            }
            lines = [
                f"{names[model]}: "
                f"{self.env[model]._fields[field]._description_string(self.env)}: {n}"
                for (model, field), n in counts.most_common()
            ]
            if len(matches) > SAMPLE and lines:
                lines.insert(0, self.env._("Of the first %s:", SAMPLE))
            wizard.preview = "\n".join(lines) or self.env._("Nothing is filled in.")

    def action_link(self):
        """Link them, a thousand and more in the background."""
        self.ensure_one()
        count = len(self.match_ids)
        with open_journal(self.env, "link") as journal:
            action = self.match_ids._link_many()
        if isinstance(action, dict):
            return action
        return (journal.batch or self.env["marketing.sync.batch"])._offer_undo(
            self.env._("Linked: %s.", count),
            next={"type": "ir.actions.client", "tag": "soft_reload"},
        )

from collections import Counter

from odoo import api, fields, models

from ..models.contact.answers import reload
from ..models.contact.input import get_active_ids
from ..models.runs import workers
from ..models.sync.kinds import get_kinds, in_sentence
from ..models.sync.session import open_journal
from ..models.sync.values import get_label
from ..models.trust.preview import describe, try_out

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
        if chosen := Match.browse(get_active_ids(self.env, Match._name)):
            return chosen.filtered_domain(Match._get_sure_domain())
        return Match.search(Match._get_sure_domain())

    @api.depends("match_ids")
    def _compute_preview(self):
        for wizard in self:
            matches = wizard.match_ids
            wizard.count = len(matches)
            wizard.in_background = len(matches) >= workers.SLOW_FROM
            sample = matches[:SAMPLE]
            effects, journal = try_out(
                self.env["marketing.match"],
                lambda env, ids=sample.ids: (
                    env["marketing.match"].browse(ids).action_link()
                ),
            )
            lines = wizard._sum_up_fields(effects, journal.shown)
            if len(matches) > SAMPLE and lines:
                lines.insert(0, self.env._("Of the first %s:", SAMPLE))
            wizard.preview = "\n".join(lines) or self.env._("Nothing is filled in.")

    def _sum_up_fields(self, effects, shown):
        """Return lines that say on what how many values are filled in."""
        counts = {}
        for effect in effects:
            role = describe(self.env, effect, shown)["role"]
            field = get_label(self.env[effect["model"]], effect["field"])
            counts.setdefault(role, Counter())[field] += 1
        plurals = {
            self.env._(kind.label): self.env._(kind.plural)
            for kind in get_kinds(self.env).values()
        }
        plurals |= {
            self.env._("Contact"): self.env._("Contacts"),
            self.env._("Bank"): self.env._("Banks"),
        }
        return [
            self.env._(
                "On %(records)s: %(fields)s",
                records=in_sentence(self.env, plurals.get(role, role)),
                fields=", ".join(f"{name} {n}" for name, n in fields_.most_common()),
            )
            for role, fields_ in counts.items()
        ]

    def action_link(self):
        """Link them, a thousand and more in the background."""
        self.ensure_one()
        matches = self.match_ids
        if self.in_background:
            run = self.env["marketing.run"]._start("link", {"match_ids": matches.ids})
            return run._get_records_action(name=self.env._("Link All Sure Ones"))
        with open_journal(self.env, "link") as journal:
            action = matches.action_link()
        if isinstance(action, dict):
            return action
        text = self.env._("Linked: %s.", len(matches))
        return journal.offer_undo(self.env, text, next=reload())

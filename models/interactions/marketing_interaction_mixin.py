from odoo import api, fields, models

from .marketing_interaction_template import CHANNELS, DIRECTIONS

# what holds where neither a person nor a template says anything
USUAL = {"channel": "other", "direction": "outgoing"}


class MarketingInteractionMixin(models.AbstractModel):
    """What is said of an interaction, be it of one or of many at once; its template
    proposes it.
    """

    _name = "marketing.interaction.mixin"
    _description = "What Is Said of an Interaction"

    template_id = fields.Many2one(
        comodel_name="marketing.interaction.template", ondelete="set null"
    )
    name = fields.Char(
        string="Description",
        required=True,
        compute="_compute_from_template",
        store=True,
        readonly=False,
        precompute=True,
    )
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    channel = fields.Selection(
        selection=CHANNELS,
        compute="_compute_from_template",
        store=True,
        readonly=False,
        precompute=True,
    )
    direction = fields.Selection(
        selection=DIRECTIONS,
        compute="_compute_from_template",
        store=True,
        readonly=False,
        precompute=True,
    )
    duration = fields.Float(
        compute="_compute_from_template",
        store=True,
        readonly=False,
        precompute=True,
        help="In hours.",
    )
    evaluation = fields.Selection(
        selection=[
            ("very_positive", "Very Positive"),
            ("positive", "Positive"),
            ("neutral", "Neutral"),
            ("negative", "Negative"),
            ("very_negative", "Very Negative"),
        ],
        help="How it went.",
    )
    note = fields.Html(
        string="Notes",
        compute="_compute_from_template",
        store=True,
        readonly=False,
        precompute=True,
    )

    @api.model
    def _get_proposed_fields(self):
        """Return the names of the fields that a template fills in."""
        return ["name", "channel", "direction", "duration", "note"]

    @api.depends("template_id")
    def _compute_from_template(self):
        """Propose what the template says; another template, another proposal."""
        for record in self:
            template = record.template_id
            for name in self._get_proposed_fields():
                record[name] = template[name] or record[name] or USUAL.get(name)

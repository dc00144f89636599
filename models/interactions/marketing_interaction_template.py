from odoo import fields, models

CHANNELS = [
    ("document", "Document"),
    ("email", "Email"),
    ("phone", "Phone Call"),
    ("meeting", "Meeting"),
    ("letter", "Letter"),
    ("web", "Web"),
    ("other", "Other"),
]
DIRECTIONS = [("outgoing", "Outgoing"), ("incoming", "Incoming")]
USES = [("hand", "By Hand"), ("rule", "By Rule")]


class MarketingInteractionTemplate(models.Model):
    """A kind of interaction, with what it usually takes."""

    _name = "marketing.interaction.template"
    _description = "Interaction Template"
    # those that people choose come first
    _order = "use, sequence, code, id"
    _rec_names_search = ["name", "code"]

    code = fields.Char(required=True, copy=False)
    name = fields.Char(required=True, translate=True)
    use = fields.Selection(
        selection=USES,
        string="Logged",
        required=True,
        default="hand",
        help="By hand: offered where an interaction is logged. By rule: filled in by "
        "what an interaction rule records.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    channel = fields.Selection(selection=CHANNELS, required=True, default="other")
    direction = fields.Selection(
        selection=DIRECTIONS, required=True, default="outgoing"
    )
    duration = fields.Float(help="How long one usually takes, in hours.")
    cost = fields.Float(help="What one usually costs.")
    note = fields.Html(
        string="Notes", help="Filled in on interactions that are logged by hand."
    )
    rule_ids = fields.One2many(
        comodel_name="marketing.interaction.rule",
        inverse_name="template_id",
        string="Rules",
    )

    _unique_code = models.Constraint(
        "UNIQUE(code)", "There is an interaction template with this code already."
    )

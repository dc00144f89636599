from odoo import api, fields, models

from .marketing_interaction_template import CHANNELS, DIRECTIONS

# What is recorded by itself and written by nobody.
RECORDED = {"mail_message_id", "res_id", "res_model", "res_name", "rule_id"}


class MarketingInteraction(models.Model):
    """Something that happened between us and a contact.

    Written by rules as documents are printed, mailed, created and confirmed, or by
    hand after a call or a meeting.
    """

    _name = "marketing.interaction"
    _description = "Interaction"
    _order = "date desc, id desc"

    contact_id = fields.Many2one(
        comodel_name="marketing.contact",
        required=True,
        ondelete="cascade",
        index=True,
    )
    date = fields.Datetime(required=True, default=fields.Datetime.now, index=True)
    name = fields.Char(
        string="Description",
        required=True,
        compute="_compute_from_template",
        store=True,
        readonly=False,
        precompute=True,
    )
    template_id = fields.Many2one(
        comodel_name="marketing.interaction.template",
        ondelete="set null",
        index="btree_not_null",
    )
    rule_id = fields.Many2one(
        comodel_name="marketing.interaction.rule",
        string="Recorded By",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        copy=False,
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        default=lambda self: self.env.user,
        index="btree_not_null",
    )
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
    res_model = fields.Char(string="Document Model", readonly=True, copy=False)
    res_id = fields.Many2oneReference(
        string="Document ID", model_field="res_model", readonly=True, copy=False
    )
    res_name = fields.Char(
        string="Document",
        readonly=True,
        copy=False,
        help="The document that this is about; the name stays when it is deleted.",
    )
    mail_message_id = fields.Many2one(
        comodel_name="mail.message",
        string="Message",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        copy=False,
    )
    duration = fields.Float(
        compute="_compute_from_template",
        store=True,
        readonly=False,
        precompute=True,
        help="In hours.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        default=lambda self: self.env.company,
        index=True,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    cost = fields.Monetary(
        compute="_compute_from_template", store=True, readonly=False, precompute=True
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
    attachment_ids = fields.Many2many(
        comodel_name="ir.attachment",
        relation="marketing_interaction_attachment_rel",
        string="Attachments",
        copy=False,
    )
    note = fields.Html(
        string="Notes",
        compute="_compute_from_template",
        store=True,
        readonly=False,
        precompute=True,
    )

    _document = models.Index("(res_model, res_id)")

    @api.depends("template_id")
    def _compute_from_template(self):
        """Propose what the template says; another template, another proposal."""
        for interaction in self:
            template = interaction.template_id
            if not template:
                interaction.channel = interaction.channel or "other"
                interaction.direction = interaction.direction or "outgoing"
                for name in ("name", "duration", "cost", "note"):
                    interaction[name] = interaction[name]
                continue
            for name in ("name", "channel", "direction", "duration", "cost", "note"):
                interaction[name] = template[name] or interaction[name]

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.su:
            return super().create(vals_list)
        # said outright: a default of the context would fill them in otherwise
        nothing = dict.fromkeys(RECORDED, False)
        return super().create(
            [{**self._drop_recorded(vals), **nothing} for vals in vals_list]
        )

    def write(self, vals):
        return super().write(self._drop_recorded(vals))

    @api.model
    def _drop_recorded(self, vals):
        """Return `vals` without what is recorded by itself, whatever a client sends:
        an interaction by hand is with no document.
        """
        if self.env.su:
            return vals
        return {name: value for name, value in vals.items() if name not in RECORDED}

    def action_open_document(self):
        """Open the document, if it is still there and its module is installed."""
        self.ensure_one()
        if self.res_model not in self.env:
            return False
        document = self.env[self.res_model].browse(self.res_id).exists()
        if document:
            return document._get_records_action()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._("“%s” has been deleted.", self.res_name),
            },
        }

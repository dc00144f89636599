from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..contact.answers import close, notify
from ..contact.companies import is_open_to
from ..contact.input import without_defaults
from ..sync.session import open_journal

# What is recorded by itself and written by nobody.
RECORDED = {"mail_message_id", "res_id", "res_model", "res_name", "rule_id"}


class MarketingInteraction(models.Model):
    """Something that happened between us and a contact.

    Written by rules as documents are printed, mailed, created and confirmed, or by
    hand after a call or a meeting.
    """

    _name = "marketing.interaction"
    _inherit = ["marketing.interaction.mixin"]
    _description = "Interaction"
    _order = "date desc, id desc"

    contact_id = fields.Many2one(
        comodel_name="marketing.contact",
        # none only where the contact was erased
        ondelete="cascade",
        index=True,
    )
    date = fields.Datetime(index=True)
    template_id = fields.Many2one(index="btree_not_null")
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
    company_id = fields.Many2one(
        comodel_name="res.company",
        compute="_compute_company_id",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    cost = fields.Monetary(
        compute="_compute_from_template", store=True, readonly=False, precompute=True
    )
    attachment_ids = fields.Many2many(
        comodel_name="ir.attachment",
        relation="marketing_interaction_attachment_rel",
        string="Attachments",
        copy=False,
    )
    _document = models.Index("(res_model, res_id)")

    @api.depends("name", "contact_id.name")
    def _compute_display_name(self):
        """Name interactions by whom with first, as a calendar shows them."""
        for interaction in self:
            names = (interaction.contact_id.name, interaction.name)
            interaction.display_name = ": ".join(filter(None, names))

    @api.depends("contact_id.company_id")
    def _compute_company_id(self):
        """What happened with a contact belongs where the contact does."""
        for interaction in self:
            company = interaction.company_id or self.env.company
            own_company = interaction.contact_id.company_id
            fits = is_open_to(own_company, company)
            interaction.company_id = company if fits else own_company

    def action_logged(self):
        """Say that the interaction was logged, which the button has just saved.

        :return: a notification that offers to undo it
        """
        self.ensure_one()
        with open_journal(self.env, "log") as journal:
            journal.note_made(self)
        return journal.offer_undo(
            self.env,
            self.env._(
                "Logged: %(what)s with %(contact)s.",
                what=self.name,
                contact=self.contact_id.name,
            ),
            next=close(),
        )

    @api.model
    def _get_proposed_fields(self):
        return [*super()._get_proposed_fields(), "cost"]

    @api.constrains("contact_id")
    def _check_contact(self):
        """What happened with a merged contact happened with the one that stays."""
        self.contact_id._check_not_merged()

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        # that of the screen that one comes from counts as well
        default = self.env.context.get("default_contact_id")
        if not all(vals.get("contact_id", default) for vals in vals_list):
            raise ValidationError(self.env._("Choose whom the interaction was with."))
        if self.env.su:
            return super().create(vals_list)
        # said outright: a default of the context would fill them in otherwise
        nothing = dict.fromkeys(RECORDED, False)
        return super().create(
            [{**self._drop_recorded(vals), **nothing} for vals in vals_list]
        )

    def write(self, vals):
        if "contact_id" in vals and not vals["contact_id"] and not self.env.su:
            raise ValidationError(self.env._("Choose whom the interaction was with."))
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
            return without_defaults(document)._get_records_action()
        return notify(self.env._("“%s” has been deleted.", self.res_name), "info")

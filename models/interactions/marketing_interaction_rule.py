import logging
from collections import namedtuple

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..contact.input import check_domain, read_domain
from . import hooks

_logger = logging.getLogger(__name__)

# no condition of a rule is longer, and Python reads it in no time
MAX_DOMAIN = 5000

# What means confirmed, for models that Odoo knows.
CONFIRMED_STATES = {
    "account.move": "posted",
    "hr.expense": "approved",
    "mrp.production": "confirmed",
    "purchase.order": "purchase",
    "purchase.requisition": "confirmed",
    "repair.order": "confirmed",
    "sale.blanket.order": "open",
    "sale.order": "sale",
    "stock.picking": "done",
}

EVENTS = [
    ("print", "Printed"),
    ("email", "Sent by Email"),
    ("create", "Created"),
    ("confirm", "Confirmed"),
]

ActiveRule = namedtuple(
    "ActiveRule", "id event confirmed_state report_name domain template_id"
)


class MarketingInteractionRule(models.Model):
    """When this happens to that document, record such an interaction."""

    _name = "marketing.interaction.rule"
    _description = "Interaction Rule"
    _order = "sequence, id"

    name = fields.Char(
        string="Rule", compute="_compute_name", search="_search_name", readonly=True
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    document_name = fields.Char(
        string="Document",
        translate=True,
        help="What people call it, such as Quotation. By default the model's name.",
    )
    model = fields.Char(
        required=True,
        index=True,
        help="The technical name of the model, such as sale.order. A rule for a model "
        "that is not installed sleeps until it is.",
    )
    model_id = fields.Many2one(
        comodel_name="ir.model",
        string="Installed Model",
        compute="_compute_model_id",
        inverse="_inverse_model_id",
        domain="[('transient', '=', False), ('abstract', '=', False)]",
    )
    is_asleep = fields.Boolean(
        string="Asleep",
        compute="_compute_model_id",
        search="_search_is_asleep",
        help="The model of the rule is not installed.",
    )
    event = fields.Selection(selection=EVENTS, required=True, default="print")
    confirmed_state = fields.Char(
        help="The technical value of the status that means confirmed, such as sale, "
        "purchase or posted.",
    )
    confirmed_state_id = fields.Many2one(
        comodel_name="ir.model.fields.selection",
        string="Confirmed Status",
        compute="_compute_confirmed_state_id",
        inverse="_inverse_confirmed_state_id",
        domain="[('field_id.model', '=', model), ('field_id.name', '=', 'state')]",
        help="The status that means confirmed, such as Sales Order or Posted.",
    )
    report_name = fields.Char(
        string="Report",
        help="The technical name of the report, such as stock.report_deliveryslip. "
        "Empty for every report of the model.",
    )
    domain = fields.Char(
        string="Condition", default="[]", help="Only for documents that meet it."
    )
    template_id = fields.Many2one(
        comodel_name="marketing.interaction.template",
        string="What to Record",
        required=True,
        ondelete="restrict",
        index=True,
    )

    _check_confirmed_state = models.Constraint(
        "CHECK(event != 'confirm' OR confirmed_state IS NOT NULL)",
        "A rule for documents that are confirmed needs the status that means so.",
    )

    # ------------------------------------------------------------
    # COMPUTE AND RULES
    # ------------------------------------------------------------

    @api.depends("model")
    def _compute_model_id(self):
        IrModel = self.env["ir.model"]
        for rule in self:
            # sudo: most users may not read the list of models
            rule.model_id = IrModel.sudo()._get(rule.model) if rule.model else False
            rule.is_asleep = bool(rule.model) and rule.model not in self.env

    def _inverse_model_id(self):
        for rule in self:
            # sudo: managers may choose a model, not read the list of models
            if model := rule.model_id.sudo():
                rule.model = model.model

    @api.depends("confirmed_state", "event", "model")
    def _compute_confirmed_state_id(self):
        # sudo: most users may not read the list of fields and their choices
        Choice = self.env["ir.model.fields.selection"].sudo()
        for rule in self:
            rule.confirmed_state_id = rule.confirmed_state and Choice.search(
                [
                    ("field_id.model", "=", rule.model),
                    ("field_id.name", "=", "state"),
                    ("value", "=", rule.confirmed_state),
                ],
                limit=1,
            )

    def _inverse_confirmed_state_id(self):
        for rule in self:
            # sudo: as above
            if choice := rule.confirmed_state_id.sudo():
                rule.confirmed_state = choice.value

    @api.onchange("event", "model_id", "model")
    def _onchange_confirmed_state(self):
        """Fill in the status that means confirmed, for models that Odoo knows."""
        model = self.model_id.sudo().model or self.model
        # a form writes it on saving only; the choice of statuses asks for it now
        if model:
            self.model = model
        if self.event != "confirm":
            self.confirmed_state = False
        elif not self.confirmed_state or model != self._origin.model:
            self.confirmed_state = CONFIRMED_STATES.get(model)

    @api.model_create_multi
    def create(self, vals_list):
        """Fill in the status that means confirmed, where the caller leaves it out."""
        for vals in vals_list:
            if vals.get("event") == "confirm" and not vals.get("confirmed_state"):
                vals["confirmed_state"] = CONFIRMED_STATES.get(vals.get("model"))
        rules = super().create(vals_list)
        self.env.registry.clear_cache()
        self._patch_models()
        return rules

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        self._patch_models()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        self._patch_models()
        return result

    @api.depends("document_name", "event", "model", "template_id.name")
    @api.depends_context("lang")
    def _compute_name(self):
        events = {
            "print": self.env._("printed"),
            "email": self.env._("sent by email"),
            "create": self.env._("created"),
            "confirm": self.env._("confirmed"),
        }
        for rule in self:
            rule.name = self.env._(
                "When a %(document)s is %(event)s, record %(template)s",
                document=rule.document_name
                or rule.model_id.sudo().name
                or rule.model
                or "…",
                event=events.get(rule.event, "…"),
                template=rule.template_id.name or "…",
            )

    def _search_is_asleep(self, operator, value):
        if operator != "in":
            return NotImplemented
        rules = self.with_context(active_test=False)
        asleep = [model for (model,) in rules._read_group([], ["model"])]
        asleep = [model for model in asleep if model not in self.env]
        domain = Domain.FALSE
        if True in value:
            domain |= Domain("model", "in", asleep)
        if False in value:
            domain |= Domain("model", "not in", asleep)
        return domain

    def _search_name(self, operator, value):
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        return Domain.OR(
            Domain(name, operator, value)
            for name in ("document_name", "model", "template_id.name")
        )

    @api.constrains("domain", "model")
    def _check_domain(self):
        for rule in self:
            try:
                domain = rule._read_condition(rule.domain)
                if rule.model in self.env:
                    # archived documents are asked as well, whatever the context
                    Model = self.env[rule.model].with_context(active_test=False)
                    if not domain.is_true():
                        # with the rights of who writes it: what fits the condition
                        # can be told by the interactions
                        check_domain(Model.sudo(False), domain)
            except Exception as error:
                raise ValidationError(
                    self.env._(
                        "The condition of the rule “%(rule)s” can't be used: "
                        "%(error)s. Correct it, or empty it for all documents.",
                        rule=rule.name,
                        error=str(error).rstrip("."),
                    )
                ) from error

    @api.model
    def _read_condition(self, domain):
        """Return the condition: a literal, as it is read in somebody's save."""
        if len(domain or "") > MAX_DOMAIN:
            raise UserError(self.env._("it is too long"))
        return read_domain(self.env, domain)

    # ------------------------------------------------------------
    # ACTIVE RULES
    # ------------------------------------------------------------

    @api.model
    @tools.ormcache()
    def _get_rule_map(self):
        """Return ``{model: rules}`` of the active rules for installed models."""
        rule_map = {}
        # sudo: whoever prints a document may have no right on rules
        # the same for whoever comes first: archived rules stay out, in any context
        rules = self.sudo().with_context(active_test=True, lang=None)
        for rule in rules.search(Domain.TRUE):
            Model = self.env.get(rule.model)
            if Model is None or Model._abstract or Model._transient:
                continue
            try:
                self._read_condition(rule.domain).optimize(Model)
            except (UserError, ValueError) as error:
                # from before conditions had to be literal, or of a field that is gone:
                # told once, not each time, and the other rules go on
                _logger.warning("Rule %s rests, its condition: %s", rule.id, error)
                continue
            active_rule = ActiveRule(
                rule.id,
                rule.event,
                rule.confirmed_state,
                rule.report_name,
                rule.domain if rule.domain and rule.domain != "[]" else False,
                rule.template_id.id,
            )
            rule_map.setdefault(rule.model, []).append(active_rule)
        return {model: tuple(rules) for model, rules in rule_map.items()}

    @api.model
    def _get_active_rules(self, model_name, event=None):
        """Return the rules for a model, of one event or of all."""
        rules = self._get_rule_map().get(model_name, ())
        return [rule for rule in rules if rule.event == event] if event else rules

    @api.model
    def _get_active_models(self, event):
        """Return the models that have a rule for an event."""
        return {
            model
            for model, rules in self._get_rule_map().items()
            if any(rule.event == event for rule in rules)
        }

    # ------------------------------------------------------------
    # HOOKS
    # ------------------------------------------------------------

    def _register_hook(self):
        super()._register_hook()
        hooks.add(self.env.registry, self._get_patches())

    @api.model
    def _patch_models(self):
        """Let the models with a rule, and only those, be heard of, in all workers.

        What no rule needs any more goes once that is certain: a transaction that is
        rolled back leaves the rule where it was.
        """
        registry = self.env.registry
        if not registry.ready:
            return
        wanted = self._get_patches()
        if hooks.add(registry, wanted):
            registry.registry_invalidated = True
        if hooks.get_unwanted(registry, wanted):
            registry.registry_invalidated = True
            self.env.cr.postcommit.add(lambda: self._remove_patches(registry))

    @api.model
    def _remove_patches(self, registry):
        with registry.cursor() as cr:
            rules = self.with_env(self.env(cr=cr, su=True))
            hooks.remove(registry, rules._get_patches())

    @api.model
    def _get_patches(self):
        """Return ``{model: names of the methods}`` that rules need to hear of."""
        return {
            model: {n for rule in rules for n in hooks.METHODS.get(rule.event, ())}
            for model, rules in self._get_rule_map().items()
        }

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.contact.answers import open_action
from ..models.contact.input import check_one

SHOWN_LINES = 500


class MarketingPrivacyErase(models.TransientModel):
    """Shows what erasing contacts does, and asks twice."""

    _name = "marketing.privacy.erase"
    _description = "Erase Contacts"

    contact_ids = fields.Many2many(
        comodel_name="marketing.contact",
        relation="marketing_privacy_erase_contact_rel",
        required=True,
        readonly=True,
        context={"active_test": False},
    )
    request_id = fields.Many2one(
        comodel_name="marketing.privacy.request", readonly=True
    )
    cards = fields.Selection(
        selection=[
            ("minimise", "Keep name, address and tax ID only"),
            ("keep", "Keep as they are"),
            ("erase", "Delete those without documents"),
        ],
        string="Customers and Vendors",
        required=True,
        default="minimise",
    )
    # computed each time: what they name must not be kept
    goes = fields.Json(compute="_compute_plan")
    nameless = fields.Json(compute="_compute_plan")
    stays = fields.Json(compute="_compute_plan")
    preview = fields.Html(compute="_compute_plan", sanitize=False)
    count = fields.Integer(string="Lines", compute="_compute_plan")
    confirm_count = fields.Integer(
        string="Number of Lines, to Confirm",
        help="Type the number of lines: it can't be undone.",
    )

    @api.depends("contact_ids", "cards")
    def _compute_plan(self):
        for wizard in self:
            plan = wizard.contact_ids._origin.privacy_plan(wizard.cards)
            wizard.goes = plan["goes"]
            wizard.nameless = plan["nameless"]
            wizard.stays = plan["stays"]
            wizard.count = sum(map(len, plan.values()))
            wizard.preview = self.env["ir.qweb"]._render(
                "marketing_contact.privacy_plan",
                {"plan": plan, "shown": SHOWN_LINES},
            )

    def action_erase(self):
        """Erase as the plan says, and close the request.

        :raise UserError: unless the number of lines was typed
        """
        check_one(self)
        if self.request_id:
            self.request_id._check_identity()
        if not self.count or self.confirm_count != self.count:
            raise UserError(
                self.env._(
                    "Type the number of lines, %s, to confirm: there is no undo.",
                    self.count,
                )
            )
        contacts = self.contact_ids.with_context(
            marketing_privacy_request=self.request_id.id
        )
        count, request = len(contacts), self.request_id
        result = contacts.privacy_erase(self.cards)
        if isinstance(result, models.BaseModel):
            # a run: the request is closed by who sees that it is done
            return result._get_records_action()
        if request:
            request._close("done", self.env._("%s contacts erased.", count))
            return request._get_records_action()
        return {
            **open_action(
                self.env, "marketing_contact_action", default_is_company=True
            ),
            "target": "main",
        }

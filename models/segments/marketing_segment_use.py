from odoo import Command, api, fields, models
from odoo.fields import Domain


class MarketingSegmentUse(models.Model):
    """What a segment was used for, with its members as they were then."""

    _name = "marketing.segment.use"
    _description = "Use of a Segment"
    _order = "date desc, id desc"
    _rec_name = "segment_id"

    segment_id = fields.Many2one(
        comodel_name="marketing.segment", required=True, ondelete="cascade", index=True
    )
    purpose = fields.Selection(
        selection=[
            ("mail", "Email"),
            ("sms", "SMS"),
            ("mailing", "Mailing"),
            ("log", "Interaction"),
            ("activity", "Activity"),
            ("export", "Export"),
        ],
        string="Used For",
        required=True,
    )
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="By",
        default=lambda self: self.env.user,
        ondelete="set null",
        index="btree_not_null",
    )
    count = fields.Integer(string="Contacts", compute="_compute_count", store=True)
    contact_ids = fields.Many2many(
        comodel_name="marketing.contact",
        relation="marketing_segment_use_contact_rel",
        string="Members Then",
        context={"active_test": False},
    )
    missed_ids = fields.Many2many(
        comodel_name="marketing.contact",
        relation="marketing_segment_use_missed_rel",
        string="Not Reached",
        context={"active_test": False},
        help="Without an address, on the blacklist, or held back.",
    )
    held_count = fields.Integer(string="Held Back", readonly=True)
    held_reason = fields.Char(readonly=True)

    @api.depends("contact_ids")
    def _compute_count(self):
        for use in self:
            # frozen: a contact that is deleted later was in it nevertheless
            use.count = max(use.count, len(use.contact_ids))

    # ------------------------------------------------------------
    # WHOM TO SPEAK TO NEXT
    # ------------------------------------------------------------

    def action_reuse(self):
        """Make a segment by hand of the members as they were, and open it."""
        return self._make_segment(self.env._("%s again"), self.contact_ids)

    def action_not_reached(self):
        """Make a segment of those whom the letters did not reach, and open it."""
        # sudo: who may use the segment may not read the queue of mails
        mails = self.env["mail.mail"].sudo()
        failed = mails.search_fetch(
            self._about_members()
            & Domain("state", "in", ("exception", "cancel"))
            & Domain("create_date", ">=", self.date),
            ["res_id"],
        )
        failed = self.contact_ids.browse(failed.mapped("res_id"))
        missed = self.missed_ids | (self.contact_ids & failed)
        return self._make_segment(self.env._("%s: not reached"), missed)

    def action_not_answered(self):
        """Make a segment of those who did not answer since, and open it."""
        incoming = self.env["marketing.interaction"].search_fetch(
            Domain("contact_id", "in", self.contact_ids.ids)
            & Domain("direction", "=", "incoming")
            & Domain("date", ">=", self.date),
            ["contact_id"],
        )
        replies = self.env["mail.message"].search_fetch(
            self._about_members()
            & Domain("message_type", "=", "email")
            & Domain("date", ">=", self.date),
            ["res_id"],
        )
        replied = self.contact_ids.browse(replies.mapped("res_id"))
        silent = self.contact_ids - incoming.contact_id - replied
        return self._make_segment(self.env._("%s: no answer"), silent)

    def _about_members(self):
        """Return the domain of messages and mails of the members then."""
        self.ensure_one()
        return Domain("model", "=", self.contact_ids._name) & Domain(
            "res_id", "in", self.contact_ids.ids
        )

    def _make_segment(self, name, contacts):
        self.ensure_one()
        contacts = contacts._filtered_access("read")
        segment = self.env["marketing.segment"].create(
            {
                "name": name % self.segment_id.name,
                "kind": "static",
                "company_id": self.segment_id.company_id.id,
                "contact_ids": [Command.set(contacts.ids)],
            }
        )
        return segment._get_records_action(name=segment.name)

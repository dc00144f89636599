from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..contact.answers import open_form
from ..contact.input import browse_one, check_domain, check_one
from ..sync.kinds import CONTACT_MODEL


class MarketingSegment(models.Model):
    """What a segment is used for: mail, messages, activities, an export."""

    _inherit = "marketing.segment"

    use_ids = fields.One2many(
        comodel_name="marketing.segment.use", inverse_name="segment_id", string="Uses"
    )
    # what comes with apps that may not be installed
    offers_mailing = fields.Boolean(compute="_compute_offers")
    offers_sms = fields.Boolean(compute="_compute_offers")

    def action_view_members(self):
        """Open the contacts that are in the segment now."""
        check_one(self)
        self._check_usable()
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": CONTACT_MODEL,
            "view_mode": "list,kanban,form",
            "domain": [("segment_ids", "in", self.ids)],
            # an export of what is shown is a use of the segment
            "context": {"marketing_segment_id": self.id},
        }

    def _get_members(self):
        """Return the members, of whom there must be some."""
        check_one(self)
        self._check_usable()
        members = self.env[CONTACT_MODEL].search(self._get_members_domain())
        if not members:
            raise UserError(
                self.env._("Nobody is in the segment “%(segment)s”.", segment=self.name)
            )
        return members

    def _open_for_members(self, xml_id, **defaults):
        action = self.env["ir.actions.act_window"]._for_xml_id(xml_id)
        action["context"] = {"marketing_segment_id": self.id, **defaults}
        return action

    def action_send_email(self):
        """Write to the members, whoever they are when it is sent."""
        self._get_members()
        return self._open_for_members(
            "marketing_contact.mail_compose_message_action_many",
            default_composition_mode="mass_mail",
            default_model=CONTACT_MODEL,
            default_res_domain=repr([("segment_ids", "in", self.ids)]),
            default_res_domain_user_id=self.env.uid,
        )

    @api.depends_context("uid")
    def _compute_offers(self):
        mailings = self.env.get("mailing.mailing")
        self.offers_mailing = mailings is not None and mailings.has_access("create")
        self.offers_sms = "sms.composer" in self.env

    def action_send_sms(self):
        """Send a text message to the members, where the module `sms` is."""
        members = self._get_members()
        action = members.action_send_sms()
        action["context"] = {
            "default_res_model": CONTACT_MODEL,
            "default_composition_mode": "mass",
            "default_mass_keep_log": True,
            "default_res_ids": members.ids,
            "marketing_segment_id": self.id,
        }
        return action

    def action_new_mailing(self):
        """Open a new mailing to the members, by the segment's filter.

        :raise UserError: where the module for mailings is not installed
        """
        check_one(self)
        self._check_usable()
        if "mailing.filter" not in self.env:
            raise UserError(self.env._("Install the app Email Marketing to mail."))
        domain = repr([("segment_ids", "in", self.ids)])
        model = self.env["ir.model"]._get(CONTACT_MODEL)
        found = self._get_mailing_filters()[:1] or self.env["mailing.filter"].create(
            {
                "name": self.name,
                "mailing_model_id": model.id,
                "mailing_domain": domain,
            }
        )
        return open_form(
            self.env._("New Mailing"),
            "mailing.mailing",
            default_mailing_model_id=model.id,
            default_mailing_filter_id=found.id,
        )

    def action_log_interaction(self):
        """Log the same interaction with all members."""
        members = self._get_members()
        return self._open_for_members(
            "marketing_contact.marketing_interaction_log_action",
            default_contact_ids=[Command.set(members.ids)],
        )

    def action_schedule_activity(self):
        """Schedule an activity, or a plan of several, for each member."""
        members = self._get_members()
        return self._open_for_members(
            "marketing_contact.mail_activity_schedule_action",
            # the client sends the segment along as what is chosen
            active_model=CONTACT_MODEL,
            active_id=members[0].id,
            active_ids=members.ids,
            default_res_model=CONTACT_MODEL,
            default_res_ids=repr(members.ids),
        )

    @api.model
    def _from_context(self):
        """Return the segment that one comes from, if the user may use it."""
        segment = browse_one(self, self.env.context.get("marketing_segment_id"))
        return segment._filtered_access("read")

    def _note_use(self, purpose, contacts, missed=None, held=None):
        """Keep what the segments were used for, with their members as they are now.

        :param str purpose: one of those of `marketing.segment.use`
        :param missed: those of the contacts who were not reached
        :param held: those of them who were held back by the cap
        """
        self.check_access("read")
        held = held or contacts[:0]
        reason = held and self.env.company._marketing_get_held_reason(len(held))
        values = {
            "purpose": purpose,
            "user_id": self.env.uid,
            "contact_ids": [Command.set(contacts.ids)],
            "missed_ids": [Command.set((missed or held).ids)],
            "held_count": len(held),
            "held_reason": reason or False,
        }
        # sudo: nobody has rights to make a use by hand
        self.env["marketing.segment.use"].sudo().create(
            [{**values, "segment_id": segment.id} for segment in self]
        )

    def write(self, vals):
        """Keep the name of the filters for mailings in step."""
        if "name" in vals and "mailing.filter" in self.env:
            for segment in self:
                # sudo: who may rename a segment may have no rights on mailings
                segment.sudo()._get_mailing_filters().name = vals["name"]
        return super().write(vals)

    def _get_mailing_filters(self):
        """Return the filters of mailings to the segment, at most one is made by us."""
        domain = repr([("segment_ids", "in", self.ids)])
        return self.env["mailing.filter"].search([("mailing_domain", "=", domain)])

    @api.model
    def action_save_search(self, domain):
        """Open a new segment of what is searched for.

        :param list domain: of the search, as it stands
        """
        domain = repr(list(check_domain(self.env[CONTACT_MODEL], domain)))
        name = self.env._("Save as Segment")
        return open_form(name, self._name, default_domain=domain)

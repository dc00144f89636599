from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..contact.input import check_one
from ..people.inheritance import INHERITED
from .preview import try_out


class MarketingContact(models.Model):
    """The form of a contact, and whether its cards are in sync."""

    _name = "marketing.contact"
    _inherit = ["marketing.contact", "marketing.form.mixin"]

    drifted = fields.Boolean(
        string="Out of Sync", compute="_compute_drifted", search="_search_drifted"
    )

    def _marketing_get_notice_fields(self):
        """Besides what is shared, what the people of a company follow."""
        names = super()._marketing_get_notice_fields()
        return names | INHERITED if self.child_ids else names

    @api.depends("relation_ids.state")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_drifted(self):
        drifted = self.relation_ids.filtered(lambda link: link.state == "drifted")
        # sudo: all links, of which those count that may be read
        for contact, every in zip(self, self.sudo(), strict=True):
            contact.drifted = every.relation_ids & drifted

    def _search_drifted(self, operator, value):
        if operator != "in":
            return NotImplemented
        drifted = Domain("relation_ids", "any", [("state", "=", "drifted")])
        return drifted if True in value else ~drifted

    def preview_link(self, kind, card_id, master="contact", keep=None):
        """Return what :meth:`link_card` would write on contact and cards.

        :return: list of ``{model, id, display_name, field, old, new}``
        """
        check_one(self)
        effects, _journal = try_out(
            self.browse(),
            lambda env: self.with_env(env).link_card(kind, card_id, master, keep),
        )
        return effects

    def _get_used(self):
        """Return those of contacts, which were made by themselves, that others point
        at by now: an undo of what made them keeps them. Extended by `super()`.
        """
        return self.browse()

    # ------------------------------------------------------------
    # PERSON OR COMPANY
    # ------------------------------------------------------------

    def get_type_question(self, is_company):
        """Return what to ask before the contact becomes a person or a company.

        :param bool is_company: what it is to become
        :return: dict with `question`, False if nobody else is concerned, and `refusal`,
            why it can't become one
        :raise AccessError: if the user may not read the contact
        """
        check_one(self)
        self.check_access("read")
        vals = {"is_company": bool(is_company)}
        parent = self.parent_id if is_company else self.browse()
        if parent:
            vals["parent_id"] = False
        if self.is_company == vals["is_company"]:
            return {"question": False, "refusal": False}
        try:
            effects, journal = try_out(self, lambda env: self.with_env(env).write(vals))
        except UserError as error:
            return {"question": False, "refusal": error.args[0]}
        switched = [e for e in effects if e["field"] in ("is_company", "company_type")]
        lines = []
        if names := self._get_affected(switched, journal.shown):
            lines.append(self.env._("The same goes for: %s.", names))
        if parent and parent.has_access("read"):
            lines.append(self.env._("It leaves the company %s.", parent.name))
        # who the person is on the cards of its company, as far as the user may see
        ties = self.relation_ids._filter_ties() if parent else self.relation_ids[:0]
        if tied := ", ".join(filter(None, ties.mapped("card_name"))):
            lines.append(self.env._("It is no longer linked with: %s.", tied))
        lines += journal.held_back
        if not lines:
            return {"question": False, "refusal": False}
        lines.insert(
            0,
            self.env._("“%s” becomes a company when you save.", self.name)
            if is_company
            else self.env._("“%s” becomes a person when you save.", self.name),
        )
        return {"question": " ".join(lines), "refusal": False}

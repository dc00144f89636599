from odoo import api, fields, models

from ..contact.answers import reload
from ..sync.session import open_journal
from . import inheritance, people


class MarketingContact(models.Model):
    """The people of a company: tied to those of its customers and vendors, and
    inheriting from their company.
    """

    _inherit = "marketing.contact"

    primary_person_id = fields.Many2one(
        comodel_name="marketing.contact",
        string="Primary Contact",
        domain="[('parent_id', '=', id)]",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
        help="The person whom documents and emails for the company go to first.",
    )
    # only in a form: the company that was chosen before another one
    shown_parent_id = fields.Many2one(
        comodel_name="marketing.contact", string="Former Company", store=False
    )
    company_relation_ids = fields.Many2many(
        comodel_name="marketing.contact.relation",
        string="Business Relations of the Company",
        compute="_compute_company_relation_ids",
    )
    tied_with = fields.Char(
        string="Also Known as",
        compute="_compute_tied_with",
        help="The customers and vendors where this person is a contact, too.",
    )

    @api.depends("parent_id.relation_ids")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_company_relation_ids(self):
        for contact in self:
            relations = contact.parent_id.relation_ids
            contact.company_relation_ids = relations.sudo(False)._filtered_access(
                "read"
            )

    @api.depends("relation_ids")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_tied_with(self):
        ties = self.relation_ids._filter_ties()
        readable = ties._get_readable_cards()
        for contact in self:
            cards = (contact.relation_ids & ties).partner_id
            cards = cards.filtered(lambda card: card in readable)
            # sudo: the names of the companies of children that the user may read
            names = cards.sudo().commercial_partner_id.mapped("name")
            contact.tied_with = ", ".join(filter(None, names))

    @api.constrains("primary_person_id", "parent_id")
    def _check_primary_person(self):
        """Who leaves the company is its primary contact no more."""
        # sudo: the company of a person need not be the user's to write
        companies = self.sudo().search([("primary_person_id", "in", self.ids)])
        (companies | self.sudo()).filtered(
            lambda c: c.primary_person_id and c.primary_person_id.parent_id != c
        ).primary_person_id = False

    @api.onchange("parent_id")
    def _onchange_parent_id(self):
        """Show what a person who joins a company has from it (BC-010, BC-011)."""
        if self.parent_id:
            self.company_id = self.parent_id.company_id
            values = {
                name: self._fields[name].convert_to_write(self[name], self)
                for name in inheritance.INHERITED
            }
            gaps = inheritance.get_gaps(
                self.parent_id._origin,
                values,
                self._default_lang(),
                self.shown_parent_id._origin or self._origin.parent_id,
            )
            self.update(gaps)
        self.shown_parent_id = self.parent_id

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = self._settle_employers(vals_list)
        vals_list, filled = inheritance.fill_new(self, vals_list)
        contacts = super().create(vals_list)
        inheritance.note_new(contacts, filled)
        people.tie_new_persons(contacts)
        return contacts

    @api.model
    def _settle_employers(self, vals_list):
        """Return the values of new contacts, who by default belong to the company that
        the screen says; whoever has one is a person, unless the values say otherwise.
        """
        default_id = self.default_get(["parent_id"]).get("parent_id")
        result = []
        for vals in vals_list:
            vals = self._settle_type(vals)
            if default_id and "parent_id" not in vals:
                vals["parent_id"] = not vals.get("is_company") and default_id
            if vals.get("parent_id"):
                vals.setdefault("is_company", False)
            result.append(vals)
        return result

    def write(self, vals):
        companies = people.get_companies(self, vals)
        with open_journal(self.env, "save"), inheritance.passing_on(self, vals):
            result = super().write(vals)
            joined = people.follow_persons(self, companies)
            if joined:
                inheritance.fill_joined(joined, companies, vals.keys())
        return result

    @api.model
    def _marketing_undoable_fields(self):
        """Besides what is shared, what people inherit from their company."""
        return super()._marketing_undoable_fields() | inheritance.INHERITED

    def link_people(self):
        """Tie the people of the companies with the contacts of their customers and
        vendors, as far as they are there, and make those that Marketing Setup wants.

        :return: the ties that were made (`marketing.contact.relation`)
        """
        return self._link_people(None, to_cards=None)

    def _link_people(self, to_contacts, to_cards=False):
        """Link people as :meth:`link_people` says.

        :param to_contacts: whether people who are no contacts become some
        :param to_cards: whether persons become contacts of customers and vendors; None
            for either: as Marketing Setup says
        """
        self.check_access("write")
        with open_journal(self.env, "link"):
            # sudo: which customers and vendors a company has, whoever may see them
            relations = self.sudo().relation_ids.with_env(self.env)
            return people.bring_along(
                relations, to_contacts=to_contacts, to_cards=to_cards
            )

    # ------------------------------------------------------------
    # BUTTONS
    # ------------------------------------------------------------

    def action_remove_from_company(self):
        """Take a person out of its company; contact and cards stay."""
        self.write({"parent_id": False})
        return reload()

    # ------------------------------------------------------------
    # MAIL
    # ------------------------------------------------------------

    def _marketing_get_reached(self):
        """Return whom mail to the contact goes to: the primary contact of a company
        without an address of its own, else itself.
        """
        person = self.primary_person_id.filtered("active")
        return person if person.email and not self.email else self

    def _marketing_get_addresses(self):
        return super(
            MarketingContact, self._marketing_get_reached()
        )._marketing_get_addresses()

    def _message_add_default_recipients(self):
        found = super()._message_add_default_recipients()
        for contact in self.filtered(lambda contact: not contact.email):
            if addresses := contact._marketing_get_addresses():
                found[contact.id]["email_to_lst"] = sorted(addresses)
        return found

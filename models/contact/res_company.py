from odoo import api, models
from odoo.exceptions import RedirectWarning, UserError, ValidationError

from ..sync.kinds import get_kinds
from .ir_sequence import SEQUENCE_XMLID


class ResCompany(models.Model):
    """Marketing Setup, one for each company."""

    _name = "res.company"
    _inherit = ["res.company", "marketing.setup.mixin"]

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint(self._marketing_setup_fields().values()):
            self.env["marketing.business.relation"].invalidate_model(["reserved"])
        return result

    @api.model
    def _marketing_setup_fields(self):
        """Return ``{kind: field of its code}`` of the kinds that need one."""
        kinds = get_kinds(self.env).values()
        return {kind.name: kind.setup_field for kind in kinds if kind.setup_field}

    @api.constrains(lambda self: tuple(self._marketing_setup_fields().values()))
    def _check_marketing_relations(self):
        """Each kind has a code of its own: one code for two kinds would mix them up."""
        for company in self:
            names = self._marketing_setup_fields().values()
            relations = [company[name] for name in names]
            for relation in filter(None, relations):
                if relations.count(relation) > 1:
                    raise ValidationError(
                        self.env._(
                            "Marketing Setup of %(company)s uses the business relation "
                            "“%(relation)s” for more than one kind. Choose a different "
                            "one for customers, vendors and bank accounts.",
                            company=company.name,
                            relation=relation.display_name,
                        )
                    )

    @api.model
    def _marketing_default_sequence(self):
        """Return the shipped series, none where somebody has made it one that a new
        company may not have: nobody is kept from companies by it.
        """
        sequence = self.env.ref(SEQUENCE_XMLID, raise_if_not_found=False)
        sequence = sequence or self.env["ir.sequence"]
        return sequence if not self._marketing_get_obstacle(sequence) else None

    def _marketing_get_obstacle(self, sequence):
        """Return why a series can't number the contacts of the company, or of a new
        one, None if it can: it is standard (no lock on each contact), of the company
        and for contacts alone.
        """
        sequence = sequence.sudo()  # sudo: whoever makes companies may not read them
        if sequence.implementation == "no_gap" or (
            sequence.company_id and sequence.company_id != self
        ):
            return self.env._(
                "The number series “%(sequence)s” can't number the contacts of "
                "%(company)s. Choose one of the standard implementation that "
                "belongs to this company or to none.",
                sequence=sequence.display_name,
                company=self.name,
            )
        if other := sequence._marketing_get_other_use():
            return self.env._(
                "The number series “%(sequence)s” numbers something else "
                "already (%(use)s). Choose one for contacts alone.",
                sequence=sequence.display_name,
                use=other,
            )
        return None

    @api.constrains("marketing_contact_sequence_id")
    def _check_marketing_sequence(self):
        for company in self:
            sequence = company.marketing_contact_sequence_id
            if obstacle := company._marketing_get_obstacle(sequence):
                raise ValidationError(obstacle)

    # ------------------------------------------------------------
    # SETUP
    # ------------------------------------------------------------

    @api.model
    def _marketing_set_defaults(self):
        """Set up the companies that were there before the module."""
        companies = self.with_context(active_test=False)
        for company in companies.search([("active", "in", [True, False])]):
            for field_name in self._marketing_setup_fields().values():
                company[field_name] = self._fields[field_name].default(company)
            company.marketing_contact_sequence_id = self.env.ref(SEQUENCE_XMLID)
            company.marketing_auto_create_contact = True

    def _marketing_get_relation(self, kind):
        """Return the business relation of a kind, empty if the setup has none."""
        self.ensure_one()
        # sudo: users without rights on the company's setup link and create as well
        return self.sudo()[self._marketing_setup_fields()[kind]].with_env(self.env)

    def _marketing_creates_contacts(self, kind):
        """Return whether new cards of a kind get a contact of their own accord."""
        self.ensure_one()
        company = self.sudo()  # sudo: see _marketing_get_relation
        return bool(
            company.marketing_auto_create_contact
            and company.marketing_contact_sequence_id.active
            and company[self._marketing_setup_fields()[kind]]
        )

    def _marketing_require_relation(self, kind):
        """Return the business relation of a kind.

        :raise RedirectWarning: if there is none, for those who may change the setup
        :raise UserError: likewise, for the others
        """
        relation = self._marketing_get_relation(kind)
        if relation:
            return relation
        field = self._fields[self._marketing_setup_fields()[kind]]
        message = self.env._(
            "The field “%(field)s” in Marketing Setup of %(company)s is empty, so "
            "there is no telling what a contact of this kind is (%(kind)s).",
            field=field._description_string(self.env),
            company=self.sudo().name,
            kind=self.env["marketing.contact.relation"]._get_kind_name(kind),
        )
        if self.env.user.has_group("marketing_contact.group_marketing_contact_manager"):
            action = self.env.ref("marketing_contact.marketing_setup_action")
            raise RedirectWarning(
                message, action.id, self.env._("Go to Marketing Setup")
            )
        raise UserError(
            self.env._(
                "%(message)s\nAsk a manager of Marketing Contacts to fill it in.",
                message=message,
            )
        )

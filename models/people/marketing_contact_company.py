from odoo import models

from ..sync.kinds import get_kinds


class MarketingContact(models.Model):
    """A person is of the same company of ours as its company."""

    _inherit = "marketing.contact"

    def write(self, vals):
        employer_id = vals.get("parent_id")
        if "company_id" not in vals and not (
            employer_id and isinstance(employer_id, int)
        ):
            return super().write(vals)
        for contacts, values in self._split_by_company(vals):
            super(MarketingContact, contacts).write(values)
        if "company_id" in vals and not employer_id:
            for company, persons in self._get_people_to_take(vals):
                super(MarketingContact, persons).write({"company_id": company.id})
        return True

    def _split_by_company(self, vals):
        """Return contacts with what to write on them, so that persons are of the same
        company of ours as the company they have, or get.
        """
        if vals.get("parent_id"):
            # sudo: only which company it is of, which is checked for whoever writes
            company = self.browse(vals["parent_id"]).sudo().company_id
            if any(person.company_id != company for person in self):
                vals = {**vals, "company_id": company.id}
            return [(self, vals)]
        rest = {name: vals[name] for name in vals if name != "company_id"}
        members = self._get_members_of_others(vals)
        parts = [(members, rest), (self - members, vals)]
        return [(contacts, values) for contacts, values in parts if contacts]

    def _get_members_of_others(self, vals):
        """Return the persons whose company, which stays, is not written on as well."""
        if "parent_id" in vals:
            return self.browse()
        return self.filtered(lambda c: c.parent_id and c.parent_id not in self)

    def _get_people_to_take(self, vals):
        """Return companies of ours with the people that are to be of them now, as those
        of their company, but for persons who have customers or vendors of their own.
        """
        personal = get_kinds(self.env).personal
        moved = (self - self._get_members_of_others(vals)).sudo()
        # sudo, active_test: they go along whoever sees them
        people = moved.with_context(active_test=False).child_ids - self.sudo()
        people = people.filtered(
            lambda p: (
                p.company_id != p.parent_id.company_id
                and not (set(p.relation_ids.mapped("kind")) - {*personal, False})
            )
        )
        return people.grouped(lambda p: p.parent_id.company_id).items()

from odoo import api, fields, models

from ..contact.companies import is_open_to
from ..contact.input import check_one
from . import words


class MarketingSegment(models.Model):
    """Why somebody is in a segment, or not."""

    _inherit = "marketing.segment"

    asked_contact_id = fields.Many2one(
        comodel_name="marketing.contact",
        string="Why Is … in It, or Not?",
        store=False,
    )
    answer = fields.Html(compute="_compute_answer")

    def explain(self, contacts):
        """Tell why contacts are in the segment, or not.

        :param contacts: contacts, or their ids
        :return: for each of them, in their order, ``{"id", "in", "because": [{
            "condition", "value", "met"}], "by_hand", "excluded_by"}``: each condition
            and the contact's value in words; the id of the segment that excludes it,
            True where somebody did by hand, else False
        """
        check_one(self)
        self._check_usable()
        if not isinstance(contacts, models.BaseModel):
            contacts = self._browse_contacts(contacts)
        contacts.check_access("read")
        # sudo: who may use a segment may not see another that it names
        segment = self.sudo()
        conditions = list(segment._read_domain().iter_conditions())
        met = [words.find_met(contacts, condition) for condition in conditions]
        # of a company's people one is chosen among all, not among those asked about
        found = self._find_members(contacts, None if self.one_per_company else met)
        told = [
            (words.describe(self.env, c), words.get_values(contacts, c.field_expr), ids)
            for c, ids in zip(conditions, met, strict=True)
        ]
        for other in segment.include_segment_ids if segment.kind != "static" else ():
            condition = self.env._("In the segment “%(segment)s”", segment=other.name)
            yes, no = self.env._("Yes"), self.env._("No")
            values = {id_: yes if id_ in found[other] else no for id_ in contacts._ids}
            told.append((condition, values, found[other]))
        return [segment._tell(contact.id, told, found) for contact in contacts]

    def _tell(self, id_, told, found):
        """Return what :meth:`explain` tells of a contact."""
        others = self.browse() if self.kind == "static" else self.exclude_segment_ids
        return {
            "id": id_,
            "in": id_ in found[self],
            "because": [
                {
                    "condition": condition,
                    "value": values.get(id_, ""),
                    "met": id_ in met,
                }
                for condition, values, met in told
            ],
            "by_hand": id_ in self.contact_ids._ids,
            "excluded_by": id_ in self.excluded_ids._ids
            or next((other.id for other in others if id_ in found[other]), False),
        }

    def _tell_why(self, contact):
        """Return in a line why a contact is in the segment."""
        told = self.explain(contact)[0]
        met = [reason["condition"] for reason in told["because"] if reason["met"]]
        if told["by_hand"]:
            met.insert(0, self.env._("Added by hand"))
        return "; ".join(met) or self.env._("Everybody is in it")

    @api.depends("asked_contact_id")
    def _compute_answer(self):
        for segment in self:
            contact, asked = segment.asked_contact_id._origin, segment._origin
            told = contact and asked and not asked.problem
            told = asked.explain(contact)[0] if told else None
            by = told and told["excluded_by"]
            # sudo: who may use a segment may not see another that it names
            name = by and by is not True and self.sudo().browse(by).name
            segment.answer = told and self.env["ir.qweb"]._render(
                "marketing_contact.segment_answer",
                {
                    "told": told,
                    "contact": contact,
                    "excluded_by": name,
                    "never": [] if told["in"] else [*asked._tell_never(contact)],
                },
            )

    def _tell_never(self, contact):
        """Yield in words what keeps a contact out, whatever the conditions say."""
        if not contact.active:
            yield self.env._("Archived and merged contacts are in no segment.")
        if contact.privacy_hidden:
            yield self.env._("Blocked contacts are in no segment.")
        company = self.company_id
        if company and not is_open_to(contact.company_id, company):
            yield self.env._("It belongs to another company than the segment.")
        if self.one_per_company:
            yield self.env._("Of a company and its people only one is in it.")

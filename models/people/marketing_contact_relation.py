from odoo import api, models

from ..links import marks
from ..sync.session import open_journal
from . import people, ties


class MarketingContactRelation(models.Model):
    """Links bring people along; a tie is a link of two of them."""

    _inherit = "marketing.contact.relation"

    @api.model
    def _check_links(self, vals_list):
        super()._check_links(vals_list)
        ties.check_ties(self, vals_list)

    def _bring_people(self, master="neither", to_contacts=None, to_cards=False):
        people.bring_along(self, master, to_contacts=to_contacts, to_cards=to_cards)

    def _follow_people(self, left, to_contacts=None):
        people.follow_links(self, left, to_contacts)

    def unlink(self):
        """Remove also what ties the people of the two sides: one entry of the journal,
        so that undoing it brings both back.
        """
        of_people = ties.find_ties(self.env, marks.get_sides(self.filtered("kind")))
        of_people -= self
        with open_journal(self.env, "link") as journal:
            if of_people:
                journal.note_removed(self)
            result = super().unlink()
            ties.drop_dead_ties(of_people)
        return result

from odoo import api, models

from ..links import flags
from ..sync.session import open_journal
from . import people, ties


class MarketingContactRelation(models.Model):
    """Links bring people along; a tie is a link of two of them."""

    _inherit = "marketing.contact.relation"

    @api.model
    def _check_links(self, vals_list, options):
        result = super()._check_links(vals_list, options)
        if options.ties or not self:
            ties.check_ties(self, vals_list)
        return result

    def _follow_links(self, left, options):
        result = super()._follow_links(left, options)
        if options.ties:
            master = options.master
            if not options.align:
                # a contact that was made of its card is the same
                master = "card" if options.new_contacts else "neither"
            people.follow_links(
                self,
                left,
                master,
                to_contacts=options.to_contacts,
                to_cards=options.to_cards,
            )
        return result

    def _filter_peopled(self):
        """Return the links whose people come along, extended by `super()`."""
        return self

    def unlink(self):
        """Remove also what ties the people of the two sides: one entry of the journal,
        so that undoing it brings both back.
        """
        of_people = ties.find_ties(self.env, flags.get_sides(self.filtered("kind")))
        of_people -= self
        with open_journal(self.env, "link"):
            result = super().unlink()
            ties.drop_dead_ties(of_people)
        return result

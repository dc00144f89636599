from odoo import models
from odoo.tools import SQL

from .lookalike import forget


class MarketingContactRelation(models.Model):
    """A link that is made answers its proposal; one that goes asks again."""

    _inherit = "marketing.contact.relation"

    def _follow_links(self, left, options):
        result = super()._follow_links(left, options)
        if not options.new_contacts:
            self._answer_matches("linked", ("proposed", "later"))
        return result

    def unlink(self):
        self._answer_matches("proposed", ("linked",))
        return super().unlink()

    def _answer_matches(self, state, states):
        """Bring the proposals of the links' two sides to a state, from others."""
        if not self.ids:
            return
        Match = self.env["marketing.match"]
        Match.flush_model()
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                """
                UPDATE marketing_match m SET state = %s
                  FROM marketing_contact_relation r
                 WHERE r.id = ANY(%s) AND m.contact_id = r.contact_id
                       AND m.state = ANY(%s)
                       AND (m.partner_id = r.partner_id OR m.bank_id = r.bank_id)
                """,
                state,
                self.ids,
                list(states),
            )
        )
        if self.env.cr.rowcount:
            Match.invalidate_model(["state"])
            forget(self.env)

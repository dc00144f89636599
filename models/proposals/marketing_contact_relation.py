from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..sync.kinds import CONTACT_MODEL
from ..sync.rights import shown_name
from .lookalike import forget


class MarketingContactRelation(models.Model):
    """A merged contact has no links: the one that stays has them. A link that is made
    answers its proposal; one that goes asks again.
    """

    _inherit = "marketing.contact.relation"

    @api.model_create_multi
    def create(self, vals_list):
        options = self._get_options()
        relations = super().create(vals_list)
        if not options.new_contacts:
            relations._answer_matches("linked", ("proposed", "later"))
        return relations

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

    @api.model
    def _read_sides(self, vals_list):
        """Refuse to link what is merged, where the contacts are read at once."""
        result = super()._read_sides(vals_list)
        ids = {vals.get("contact_id") for vals in vals_list} - {None, False}
        # sudo: the rights are checked where the values are used
        contacts = self.env[CONTACT_MODEL].sudo().browse(ids)
        if merged := contacts.filtered("merged_into_id")[:1]:
            raise ValidationError(
                self.env._(
                    "“%(contact)s” was merged into “%(survivor)s”. Link that one.",
                    contact=shown_name(merged.with_env(self.env)),
                    survivor=shown_name(merged.merged_into_id.with_env(self.env)),
                )
            )
        return result

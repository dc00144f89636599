from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..contact.input import check_ids, check_one
from ..sync.kinds import get_kinds
from ..sync.rights import shown_name
from ..sync.session import open_journal
from .lookalike import TOLD_BANDS, TOLD_FROM, forget, get_columns
from .rules import look_at

# How many proposals of a record are looked through for one that can be told.
LOOKED_THROUGH = 10


class MarketingMatch(models.Model):
    """The banner on forms: *Looks like …*, with what to answer."""

    _inherit = "marketing.match"

    @api.model_create_multi
    def create(self, vals_list):
        matches = super().create(vals_list)
        forget(self.env)
        return matches

    def write(self, vals):
        result = super().write(vals)
        forget(self.env)
        return result

    def unlink(self):
        result = super().unlink()
        forget(self.env)
        return result

    # ------------------------------------------------------------
    # WHAT THE BANNER SHOWS
    # ------------------------------------------------------------

    @api.model
    @api.readonly
    def get_lookalike(self, model, record_id):
        """Return whom a record may be the same as, for the banner on its form: the best
        of its open proposals that the user may see, if it is more likely than not, no
        rule forbids to link the two, and the role of the other is still free.

        :param str model: `marketing.contact`, `res.partner` or `res.bank`
        :param int record_id: of the record
        :return: ``{id, model, res_id, display_name, role, score, reasons}``, False if
            there is none
        """
        if not self._get_side(model):
            raise UserError(self.env._("“%s” is not compared with others.", model))
        record = self.env[model].browse(check_ids(self.env, [record_id])).exists()
        if not (record and self.has_access("read") and record.has_access("read")):
            return False
        told = self._get_asked_domain(TOLD_BANDS) & Domain("score", ">", TOLD_FROM)
        told &= Domain.OR([(n, "=", record.id)] for n in get_columns(self, model))
        matches = self.search(told, limit=LOOKED_THROUGH)
        said = matches._look_at()
        for match in matches:
            if any(said.get(match, ())):
                # a rule of links forbids it, or it is linked
                continue
            readable = match._get_opposite(record).has_access("read")
            if readable and match._is_role_free():
                return match._get_banner(record)
        return False

    def _is_role_free(self):
        """Return whether the contact lacks what the card already is, a customer or a
        vendor: a second customer is no use to it, whatever else it could become.
        """
        self.ensure_one()
        card = self._get_other()
        roles = self._get_role_kinds(card)
        if not roles:
            return True
        side = self._get_side(card._name)
        pair = (self.contact_id.id, card.id)
        return any(
            not look_at(self.env, side, [pair], kind.name)[pair][1] for kind in roles
        )

    def _get_opposite(self, record):
        """Return what a record may be the same as."""
        self.ensure_one()
        return self._get_other() if self.contact_id == record else self.contact_id

    def _get_banner(self, record):
        """Return the proposal as :meth:`get_lookalike` does."""
        opposite = self._get_opposite(record)
        return {
            "id": self.id,
            "model": opposite._name,
            "res_id": opposite.id,
            "display_name": shown_name(opposite),
            "role": self._get_role(opposite),
            "score": self.score,
            "reasons": self.reasons or [],
        }

    def _get_role(self, record):
        """Return what a record is in the user's words."""
        if record._name != "res.partner":
            return record._marketing_role()
        roles = [self.env._(kind.label) for kind in self._get_role_kinds(record)]
        return " / ".join(roles) or self.env._("Customer or vendor")

    @api.model
    def _get_role_kinds(self, record):
        """Return the kinds that a partner is already, by its ranks."""
        # sudo: whoever links may not read ranks, fields of finance
        card = record.sudo()
        return [
            kind
            for kind in get_kinds(card.env).of_model(card._name)
            if kind.rank_field and card[kind.rank_field]
        ]

    # ------------------------------------------------------------
    # WHAT ITS BUTTONS DO
    # ------------------------------------------------------------

    def action_undo_link(self):
        """Take back that the pairs are the same: the links go, and both sides are as
        before. The pairs are proposed again.
        """
        self.check_access("read")
        self.contact_id.check_access("write")
        relations = self._get_relations()
        if not relations:
            raise UserError(self.env._("None of them is linked."))
        return relations.action_undo_link()

    def action_same(self):
        """Say *same* on a form: link, and offer to undo it; two contacts are merged.

        :return: an action, False if there is nothing more to do
        """
        check_one(self)
        if self.other_contact_id:
            return self.action_link()
        with open_journal(self.env, "link") as journal:
            self.action_link()
        return journal.offer_undo(
            self.env, self.env._("Linked: %s.", self.display_name)
        )

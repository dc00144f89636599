from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..contact.answers import notify, reload
from ..sync.attempt import Attempt
from ..sync.rights import name_in_chatter
from ..sync.session import open_journal
from . import store
from .rules import look_at
from .states import LATER, LINKED, PROPOSED, REJECTED, STATES, get_states
from .workers import LinkWorker


class MarketingMatch(models.Model):
    """What people answer, and what comes of it."""

    _inherit = "marketing.match"

    # ------------------------------------------------------------
    # ANSWER
    # ------------------------------------------------------------

    def action_link(self):
        """Link the contacts with what they are the same as, in one journal entry.

        A partner becomes what its ranks say, a customer if they say nothing. Nothing
        that differs is changed on either side. Of several, those that a rule forbids
        are left out and named; two contacts that are the same are merged.
        """
        self.check_access("read")
        doubles = self.filtered("other_contact_id")
        if doubles and doubles == self:
            return doubles._action_merge()
        self.contact_id.check_access("write")
        self.partner_id.check_access("read")
        attempt = Attempt(self.env, LinkWorker(self.env, {}).work)
        with open_journal(self.env, "link"):
            attempt.work(self - doubles)
        for _match, error in attempt.refused:
            # the way to the setup leads there, whatever else was refused
            if len(self) == 1 or isinstance(error, RedirectWarning):
                raise error
        lines = [f"{match.display_name}: {e.args[0]}" for match, e in attempt.refused]
        text = self.env._("Two contacts are merged one pair at a time.")
        lines += [f"{match.display_name}: {text}" for match in doubles]
        if not lines:
            return True
        refused = len(lines)
        more = len(lines) - 10
        if more > 0:
            lines = [*lines[:10], self.env._("… and %s more.", more)]
        title = self.env._(
            "%(linked)s linked, %(refused)s left out",
            linked=len(attempt.done),
            refused=refused,
        )
        return notify(
            "\n".join(lines), "warning", title=title, sticky=True, next=reload()
        )

    @api.model
    def _get_asked_domain(self, bands):
        """Return the domain of what people are asked about in some bands."""
        asked = Domain("state", "in", get_states(asked=True))
        return asked & Domain("band", "in", bands)

    @api.model
    def _get_sure_domain(self):
        """Return the domain of what can be linked at once."""
        sure = self._get_asked_domain(["sure"])
        return sure & Domain("other_contact_id", "=", False)

    def _formatted_read_group_with_length(self, domain, groupby, *args, **kwargs):
        """Fold what is hardly the same on the board: nobody need read it."""
        groups, length = super()._formatted_read_group_with_length(
            domain, groupby, *args, **kwargs
        )
        if groupby == ["band"]:
            for group in groups:
                group["__fold"] = group["band"] == "unsure"
        return groups, length

    @api.model
    def action_merge_sure(self, _chosen_ids=()):
        """Merge all pairs of contacts that are surely the same, each into the one that
        has most links, then the older one; what can't be one is left out.

        :param _chosen_ids: as of :meth:`action_match`
        :return: a notification that offers to undo it
        """
        sure = self._get_asked_domain(["sure"])
        doubles = self.search(
            sure & Domain("other_contact_id", "!=", False), order="id"
        )
        doubles.contact_id.check_access("write")
        attempt = Attempt(self.env, lambda matches: matches._merge_doubles())
        with open_journal(self.env, "merge") as journal:
            attempt.work(doubles)
        if not attempt.done:
            message = self.env._("No two contacts are surely the same.")
            if attempt.refused:
                message = attempt.refused[0][1].args[0]
            return notify(message, "info", next=reload())
        text = self.env._("Pairs of contacts merged: %s.", len(attempt.done))
        if attempt.refused:
            text += " " + self.env._("Left out: %s.", len(attempt.refused))
        return journal.offer_undo(self.env, text, next=reload())

    def _merge_doubles(self):
        """Merge each pair, one after the other: three may be the same."""
        Contact = self.env["marketing.contact"]
        for match in self:
            pair = match.contact_id | match.other_contact_id
            kept = pair._get_usual_survivor()
            if len(pair) == 2 and not any(pair.mapped("merged_into_id")):
                Contact._merge_pairs([(pair - kept, kept)])

    @api.model
    def action_match(self, _chosen_ids=()):
        """Look who is who, in the background; the run opens.

        :param _chosen_ids: what the button of a list sends; it makes no difference
        """
        self._check_manager()
        run = self.env["marketing.run"]._start("match", {})
        return run._get_records_action(name=self.env._("Look Who Is Who"))

    def _action_merge(self):
        """Open the merging of two contacts that are the same."""
        if len(self) > 1:
            raise UserError(self.env._("Choose one pair of contacts to merge."))
        contacts = self.contact_id | self.other_contact_id
        return {
            "type": "ir.actions.act_window",
            "res_model": "marketing.contact.merge.wizard",
            "name": self.env._("Merge"),
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_contact_ids": [fields.Command.set(contacts.ids)],
                "active_model": "marketing.contact",
                "active_ids": contacts.ids,
            },
        }

    def action_reject(self):
        """Say that the pairs are not the same, until somebody takes it back."""
        return self._answer(REJECTED)

    def action_later(self):
        """Put the pairs aside; they stay proposed for later."""
        return self._answer(LATER)

    def action_reset(self):
        """Take the answer back."""
        return self._answer(PROPOSED)

    def _answer(self, state):
        """Write an answer on all of the pairs.

        :raise UserError: if one of them is linked, which is for *Unlink* to take back
        """
        self.check_access("read")
        self.contact_id.check_access("write")
        matches = self.filtered(lambda match: match.state != state)
        answered = matches.filtered(lambda match: match.state == LINKED)
        linked = any(linked for linked, _forbidden in answered._look_at().values())
        if answered and (state != PROPOSED or linked):
            raise UserError(
                self.env._("Some of them are linked already: unlink them first.")
            )
        # sudo: people answer proposals, they write nothing else on them
        matches.sudo().write(
            {"state": state, "user_id": self.env.uid, "date": self.env.cr.now()}
        )
        store.sort_again(self, SQL("m.id = ANY(%s)", matches.ids))
        matches._tell_answer(STATES[state].said)
        return True

    def _look_at(self):
        """Return ``{proposal: (linked, forbidden)}`` of those of contacts and cards."""
        result = {}
        for side in self._get_sides().values():
            matches = self.filtered(side.column) - self.filtered("other_contact_id")
            pairs = {(m.contact_id.id, m[side.column].id): m for m in matches}
            for pair, said in look_at(self.env, side, list(pairs)).items():
                result[pairs[pair]] = said
        return result

    def _get_relations(self):
        """Return the links of the pairs that the user may see."""
        pairs = {
            (match.contact_id, match._get_other())
            for match in self
            if not match.other_contact_id
        }
        return self.contact_id.relation_ids.filtered(
            lambda r: r.kind and (r.contact_id, r._get_shared_record()) in pairs
        )

    def _tell_answer(self, said):
        """Say an answer in the chatter of both.

        :param str said: the text, see :class:`~.states.State`
        """
        if not said:
            return
        text = self.env._(said)
        bodies = {}
        for match in self:
            other = match._get_other()
            pairs = [(match.contact_id, other), (other, match.contact_id)]
            for record, about in pairs:
                if "message_ids" not in record._fields:
                    continue
                bodies.setdefault(record._name, {}).setdefault(record.id, []).append(
                    about
                )
        for model_name, by_id in bodies.items():
            # sudo: whoever answers may have no right to write on a partner
            records = self.env[model_name].sudo().browse(by_id)
            records._message_log_batch(
                bodies={
                    record.id: text
                    % ", ".join(name_in_chatter(o, record) for o in by_id[record.id])
                    for record in records
                }
            )

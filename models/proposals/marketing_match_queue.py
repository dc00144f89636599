from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..contact.input import check_ids, check_limit, check_one
from ..sync.rights import shown_name
from .lookalike import TOLD_BANDS
from .marketing_match import get_columns
from .states import LINKED

# so many of what differs are named
MAX_AGAINST = 3
# levels of the comparison of names that many others are on, too
COMMON_NAMES = ("same_many", "same_few", "contained")


class MarketingMatch(models.Model):
    """The questions that people answer one after the other, by the keys."""

    _inherit = "marketing.match"

    @api.model
    @api.readonly
    def get_queue(self, skip_ids=(), limit=2):
        """Return the next questions, for the screen that asks them: `id`, `score`,
        `why` it is one, `left` and `right` with their `model`, `id`, `display_name`,
        and `lines` of what is compared.

        :param skip_ids: ids of those that were asked already
        :return: ``{count, questions}``
        """
        check_limit(self.env, limit)
        domain = self._get_question_domain()
        domain &= Domain("id", "not in", check_ids(self.env, skip_ids))
        return {
            "count": self.search_count(domain),
            "questions": [
                match._get_question()
                # for Odoo, a limit of 0 is none
                for match in (self.search(domain, limit=limit) if limit != 0 else self)
            ],
        }

    @api.model
    def _get_question_domain(self):
        """Return the domain of the proposals that people are asked about."""
        return self._get_asked_domain(["ask"])

    def _get_question(self):
        """Return the proposal for the screen that asks."""
        self.ensure_one()
        other = self._get_other()
        return {
            "id": self.id,
            "score": self.score,
            "why": self._get_why(),
            "state": self.state,
            "left": _get_side(self.contact_id),
            "right": _get_side(other),
            "lines": [line for line in self.reasons or () if line["shown"]],
        }

    def _get_why(self):
        """Return why people are asked, what matters most first."""
        column = next(name for name in get_columns(self) if self[name])
        sides = Domain("contact_id", "=", self.contact_id.id)
        if column != "other_contact_id":
            sides |= Domain(column, "=", self[column].id)
        rivals = sides & Domain(column, "!=", False) & Domain("id", "!=", self.id)
        if alike := self.search_count(rivals & self._get_asked_domain(TOLD_BANDS)):
            return self.env._("%s are alike", alike + 1)
        against = [
            reason["label"]
            for reason in self.reasons or ()
            if reason["shown"] and reason["tone"] == "differs"
        ]
        if against:
            return self.env._("Differs: %s", ", ".join(against[:MAX_AGAINST]))
        if (self.levels or {}).get("name") in COMMON_NAMES:
            return self.env._("The name is common")
        return self.env._("Little is known of them")

    def answer_question(self, answer):
        """Answer a question of the queue.

        :param str answer: ``same``, ``differs`` or ``later``
        :return: an action to do, if there is one
        """
        check_one(self)
        if answer == "same":
            action = self.action_link()
            return action if isinstance(action, dict) else False
        if answer == "differs":
            return not self.action_reject()
        if answer == "later":
            return not self.action_later()
        raise UserError(self.env._("There is no such answer: %s", answer))

    def take_back_answer(self):
        """Take the last answer back: a link goes, and both sides are as before."""
        check_one(self)
        if self.state != LINKED:
            self.action_reset()
            return self._get_question()
        self.contact_id.check_access("write")
        relations = self._get_relations()
        undoable = relations.filtered("can_undo")
        undoable._undo_links()
        (relations - undoable).exists().unlink()
        self.invalidate_recordset()
        if self.state == LINKED:
            self.action_reset()
        return self._get_question()


def _get_side(record):
    """Return a record for the screen that asks; nothing of one that may not be read."""
    return {
        "model": record._name,
        "id": record.id,
        "display_name": shown_name(record),
    }

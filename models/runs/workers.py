"""What a kind of run does: what it works on, and one part of it.

A worker is made for a run with the rights, language and companies of who asked for it.
"""

import logging

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, split_every
from odoo.tools.translate import LazyTranslate

from ..contact.input import read_domain, searching_by
from ..people.ties import IS_CHILD
from ..sync.kinds import CONTACT_MODEL, get_kinds
from ..sync.rights import get_readable_names
from ..sync.session import open_journal

_logger = logging.getLogger(__name__)
_lt = LazyTranslate(__name__)

# Where that many are refused in a row, a person has to look at what is wrong.
MAX_FAILED = 100
# From how many records on the work is left to a run: what takes longer than a few
# seconds must neither stop the user nor run into the server's time limit.
BACKGROUND_FROM = 5000
# and of what takes several milliseconds a record: linking pairs, erasing
SLOW_FROM = 1000
# How many links a part of the check looks at: by SQL, which locks what it lists.
CHECK_STEP = 100000
# How many records one transaction takes: some tenths of a second, so that nobody waits
# long for a row, and enough for the sync to work set-wise.
PART_SIZE = 1000
# Likewise of what is undone, changes and records; each entry counts as some of them.
MAX_UNDONE = 5000
LEAST_UNDONE = 250
# How many names a line of the inbox tells.
SHOWN_NAMES = 5


def _pack(weighed, limit):
    """Return lists of ids, each of as many groups as weigh no more than the limit.

    :param weighed: pairs of the ids of a group, which stay together, and its weight
    """
    parts, total = [], limit
    for ids, weight in weighed:
        if total + weight > limit:
            parts.append([])
            total = 0
        parts[-1] += ids
        total += weight
    return parts


class Worker:
    """What a run does.

    :cvar label: what people call it
    :cvar model: the name of the model of the records that are worked on
    :cvar ids: the param that has their ids
    :cvar parallel: whether parts may be worked on at once
    :cvar results: the action that shows what came of it, by its XML id, if there is one
    :ivar env: the environment of who asked
    :ivar params: what the run was started with
    """

    label = ""
    model = CONTACT_MODEL
    ids = "contact_ids"
    parallel = True
    results = None

    def get_results_text(self, name):
        """Return what the button says that opens what came of it.

        :param str name: of the action that shows it
        """
        return self.env._("Open %s", name)

    def __init__(self, env, params):
        self.env = env
        self.params = params or {}

    def get_title(self):
        """Return what the run does, for its list."""
        return self.env._(self.label)

    def get_model(self):
        """Return the model of the records that are worked on, empty."""
        return self.env[self.model]

    def get_domain(self):
        """Return the domain of the records that are to be worked on."""
        return Domain("id", "in", self.params[self.ids])

    def get_part_size(self):
        """Return how many records a part has at most."""
        return PART_SIZE

    def search(self, domain):
        """Return the records of a domain.

        :raise UserError: if it asks for what is gone
        """
        try:
            return self.get_model().search(domain, order="id")
        except ValueError as error:
            raise UserError(
                self.env._("The filter can't be used any more: %s", error)
            ) from error

    def get_parts(self):
        """Return the ids of each part, disjoint and in order."""
        ids = self.search(self.get_domain()).ids
        return list(split_every(self.get_part_size(), ids, list))

    def get_open(self, ids):
        """Return those of the records that are still to be worked on."""
        return self.search(self.get_domain() & Domain("id", "in", ids))

    def check(self):
        """:raise UserError: unless the user may do it, as far as that can be told"""

    def work(self, records):
        """Do it, for all of the records or none.

        :return: nothing, or pairs of a record and the error that says what of it was
            left alone
        """
        raise NotImplementedError


class KindWorker(Worker):
    """A run on the cards of one kind. Params: `kind`."""

    @property
    def kind(self):
        """The kind, from the registry.

        :raise UserError: if it went with its add-on
        """
        name = self.params.get("kind")
        kind = get_kinds(self.env).get(name)
        if not kind:
            raise UserError(self.env._("The add-on that does “%s” is gone.", name))
        return kind

    def get_kind_name(self):
        """Return the kind's name for people, empty if it is gone."""
        relations = self.env["marketing.contact.relation"]
        return relations._get_kind_name(self.params.get("kind")) or ""


class GenerateWorker(KindWorker):
    """Create contacts from cards. Params: `kind`, `domain` (text)."""

    label = _lt("Create Contacts")

    def get_title(self):
        return self.env._("Contacts from: %(kind)s", kind=self.get_kind_name())

    def get_model(self):
        return self.env[self.kind.card_model]

    def get_domain(self):
        Card = self.get_model()
        domain = read_domain(self.env, self.params.get("domain"))
        return domain & Card._marketing_new_cards_domain(self.kind.name)

    def get_parts(self):
        """Cards that share a record, as accounts do their bank, go into one part: two
        workers must not make the same contact.
        """
        if self.kind.shared_model == self.kind.card_model:
            return super().get_parts()
        cards = self.search(self.get_domain())
        groups = cards.grouped(lambda card: card._marketing_get_shared_record())
        weighed = [(group.ids, len(group)) for group in groups.values()]
        return _pack(weighed, self.get_part_size())

    def count(self):
        """Return how many cards the filter has, and how many will get a contact.

        :raise UserError: if the filter can't be read
        """
        Card = self.get_model()
        domain = read_domain(self.env, self.params.get("domain"))
        with searching_by(self.env, domain):
            count = Card.search_count(domain)
        return count, Card.search_count(self.get_domain())

    def check(self):
        self.env[CONTACT_MODEL].check_access("create")

    def check_setup(self):
        """:raise UserError: if Marketing Setup of a company lacks the kind's code"""
        for (company,) in self.get_model()._read_group(
            self.get_domain(), ["company_id"]
        ):
            company = company or self.env.company
            company._marketing_require_relation(self.kind.name)

    def work(self, records):
        include_people = self.params.get("include_people")
        records._marketing_create_contacts(
            self.kind.name, include_people=include_people, leave_asked=True
        )

    def count_people(self):
        """Return how many people of the cards are to become contacts."""
        if self.kind.card_model != "res.partner":
            return 0
        return self.get_model().search_count(
            IS_CHILD
            & Domain("commercial_partner_id", "any", self.get_domain())
            & Domain("commercial_partner_id.is_company", "=", True)
        )


class CreateWorker(KindWorker):
    """Create cards from contacts. Params: `kind`, `template_id`, `contact_ids`,
    `include_people`, `second_role`.
    """

    label = _lt("Create as")

    def get_title(self):
        return self.env._("Create as: %(kind)s", kind=self.get_kind_name())

    def get_open(self, ids):
        contacts = super().get_open(ids)
        cards = contacts._get_current_cards()
        return contacts.filtered(lambda c: not cards[c][self.kind.name])

    def check(self):
        self.env[self.kind.card_model].check_access("create")

    def work(self, records):
        names = ("template_id", "include_people", "second_role")
        options = {n: self.params[n] for n in names if n in self.params}
        records._give_cards(self.kind.name, **options)


class PeopleWorker(Worker):
    """Link the people of companies that are linked. Params: `create`."""

    label = _lt("Link People")

    def get_domain(self):
        personal = get_kinds(self.env).personal
        linked = Domain("partner_id", "!=", False) & ~Domain("kind", "in", personal)
        return Domain("is_company", "=", True) & Domain("relation_ids", "any", linked)

    def count(self):
        """Return how many people of customers and vendors have no contact yet."""
        Partner = self.env["res.partner"]
        (kind,) = get_kinds(self.env).personal
        domain = Partner._marketing_card_domain(kind)
        return Partner.search_count(domain & Domain("marketing_contact_id", "=", False))

    def check(self):
        self.env[CONTACT_MODEL].check_access("create")

    def work(self, records):
        records._link_people(self.params.get("create"))


class LogWorker(Worker):
    """Log an interaction with contacts. Params: `contact_ids`, `values`."""

    label = _lt("Log Interaction")

    def check(self):
        self.env["marketing.interaction"].check_access("create")

    def work(self, records):
        records._log_interactions(self.params["values"])


class RepairWorker(Worker):
    """Repair differences, link by link. Params: `winner`, `relation_ids`, `fields`."""

    label = _lt("Repair")
    model = "marketing.contact.relation"
    ids = "relation_ids"

    def get_domain(self):
        return super().get_domain() & Domain("difference_ids", "!=", False)

    def work(self, records):
        fields = self.params.get("fields")
        differences = records.difference_ids.filtered(
            lambda d: not fields or d.contact_field in fields
        )
        differences._repair(self.params["winner"])


class UndoWorker(Worker):
    """Undo entries of the journal, the newest first. Params: `batch_ids`."""

    label = _lt("Undo")
    model = "marketing.sync.batch"
    ids = "batch_ids"
    parallel = False

    def get_parts(self):
        """Few entries a part, one that made or changed very much alone."""
        weighed = [
            ([entry.id], max(entry.change_count + entry.created_count, LEAST_UNDONE))
            for entry in self.search(self.get_domain()).sorted("id", reverse=True)
        ]
        return _pack(weighed, MAX_UNDONE)

    def check(self):
        self.get_model()._check_undo_access()

    def work(self, records):
        delete_created = bool(self.params.get("delete_created"))
        left = []
        with open_journal(self.env, "undo"):
            for entry in records:
                changes, problems = entry._undo(delete_created=delete_created)
                left += [(entry, UserError(problem)) for problem in problems]
                if changes:
                    left.append((entry, UserError(self._describe_left(changes))))
        return left

    def _describe_left(self, changes):
        """Return the sentence about the changes that an entry left alone."""
        names = get_readable_names(
            self.env, {(c.target_model, c.target_id) for c in changes}
        )
        shown = list(dict.fromkeys(filter(None, names.values())))
        return self.env._(
            "Changed since and left alone, %(count)s: “%(names)s”.",
            count=len(changes),
            names=", ".join(shown[:SHOWN_NAMES]),
        )


class CheckWorker(Worker):
    """Compare links with their cards."""

    label = _lt("Check for Differences")
    results = "marketing_contact.marketing_sync_difference_action"
    model = "marketing.contact.relation"
    # each reads whole tables
    parallel = False

    def get_domain(self):
        return Domain("kind", "!=", False)

    def get_part_size(self):
        return CHECK_STEP

    def work(self, records):
        # as bounds: so many ids one by one are slow to read and to plan with
        bounds = min(records._ids), max(records._ids)
        records._check_differences_of(SQL("relation.id BETWEEN %s AND %s", *bounds))


WORKERS = {
    "generate": GenerateWorker,
    "create": CreateWorker,
    "people": PeopleWorker,
    "log": LogWorker,
    "repair": RepairWorker,
    "undo": UndoWorker,
    "check": CheckWorker,
}

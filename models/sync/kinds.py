"""What a contact can be linked with, and what the two then share.

The registry itself is `marketing.contact.relation._get_kinds`, which add-ons extend by
`super()`; here are the words in which the engine, the map and the links speak of it.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from lxml import etree

from odoo.tools.translate import LazyGettext

from .values import is_empty

CONTACT_MODEL = "marketing.contact"


@dataclass(frozen=True)
class Kind:
    """One entry of the registry of kinds.

    :ivar name: what a relation's `kind` says
    :ivar label: its name for people
    :ivar plural: what several cards are called
    :ivar card_model: the model of the cards; it inherits `marketing.card.mixin`
    :ivar card_column: the field of a relation that holds the card
    :ivar shared_model: the model that holds what is shared, by default the card's; it
        inherits `marketing.sync.mixin`
    :ivar shared_column: the field of a relation that holds that record
    :ivar setup_field: the field of Marketing Setup that holds the kind's code
    :ivar rank_field: the field of a card that makes the ERP's own lists show it
    :ivar single: whether a contact has at most one such card in each company
    :ivar personal: whether it ties people of the two sides of a company's link: it has
        no code, is made along with that link, and counts as no business relation
    """

    name: str
    label: LazyGettext = field(compare=False)
    plural: LazyGettext = field(compare=False)
    card_model: str
    card_column: str
    shared_model: str = ""
    shared_column: str = ""
    setup_field: str | None = None
    rank_field: str | None = None
    single: bool = True
    personal: bool = False

    def __post_init__(self):
        if not self.shared_model:
            object.__setattr__(self, "shared_model", self.card_model)
            object.__setattr__(self, "shared_column", self.card_column)


class Kinds(dict):
    """The registry of kinds, ``{name: Kind}``.

    :ivar personal: the names of the kinds that tie people
    :ivar columns: ``{field of a relation that holds a card: model of the card}``
    """

    @cached_property
    def personal(self):
        return tuple(kind.name for kind in self.values() if kind.personal)

    @cached_property
    def columns(self):
        return {kind.card_column: kind.card_model for kind in self.values()}

    def of_model(self, model_name):
        """Return the kinds that people choose for cards of a model, the usual first."""
        return [
            kind
            for kind in self.values()
            if kind.card_model == model_name and not kind.personal
        ]


def in_sentence(env, name):
    """Return the translated name of a kind as it stands within a sentence: in small
    letters, but in German, which writes nouns with a capital.
    """
    return name if (env.lang or "").startswith("de") else name.lower()


def get_kinds(env):
    """Return what a contact can be linked with, as :class:`Kinds`."""
    return Kinds(env["marketing.contact.relation"]._get_kinds())


def get_kind_selection(env, plural=False, personal=True):
    """Return the kinds as choices, labels in the user's language.

    :param bool personal: with those that nobody chooses, as they come along with
        another link
    """
    return [
        (kind.name, env._(kind.plural if plural else kind.label))
        for kind in get_kinds(env).values()
        if personal or not kind.personal
    ]


def add_kind_filters(env, arch):
    """Put a filter of each kind before the separator `kinds` of a search view."""
    for place in arch.iterfind(".//separator[@name='kinds']"):
        for name, label in get_kind_selection(env, plural=True):
            domain = f"[('kind', '=', '{name}')]"
            place.addprevious(
                etree.Element("filter", name=f"{name}s", string=label, domain=domain)
            )


class RecordKey(NamedTuple):
    """What names a record, whoever looks at it."""

    model: str
    id: int


class Link(NamedTuple):
    """A relation as the engine reads it: a contact and the record it shares with."""

    relation_id: int
    kind: str
    contact: RecordKey
    card: RecordKey
    drifted: bool = False


class PlannedWrite(NamedTuple):
    """A value that the sync is to write: where, what, where from, and what is there."""

    target: RecordKey
    field: str
    value: object
    source: RecordKey
    relation_id: int
    old: object


class SharedField(NamedTuple):
    """One active line of the map, as the engine reads it."""

    kind: str
    shared_model: str
    contact_field: str
    card_field: str
    to_card: bool
    to_contact: bool
    keep_filled: bool
    on_link: str
    block: str

    @property
    def both_ways(self):
        """Whether both sides send their changes, so that they are to be the same."""
        return self.to_card and self.to_contact

    def may_send(self, side):
        """Return whether the value of a side, ``contact`` or ``card``, may travel."""
        return self.to_card if side == "contact" else self.to_contact

    def may_write(self, records, field, value):
        """Return whether a value may be written on records: where the line keeps filled
        ones, no empty one.
        """
        return not (self.keep_filled and is_empty(records, field, value))


def get_target_models(env):
    """Return the models that the engine writes on, in the order in which it does so,
    the same for every save: the contacts, then what the kinds share.
    """
    shared = dict.fromkeys(kind.shared_model for kind in get_kinds(env).values())
    return [CONTACT_MODEL, *shared]

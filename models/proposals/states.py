"""The states of a proposal: what each of them means is said here and nowhere else."""

from typing import NamedTuple

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)


class State(NamedTuple):
    """What a state means.

    :param label: what people read
    :param asked: whether people are asked and told about it
    :param open: whether it can still be linked, and is answered by a link
    :param kept: whether it survives a renewal that doesn't find the pair any more
    :param said: what the chatter of both says when somebody brings it there
    """

    label: str
    asked: bool = False
    open: bool = False
    kept: bool = True
    said: str = ""


PROPOSED, LINKED, REJECTED, LATER = "proposed", "linked", "rejected", "later"
STATES = {
    PROPOSED: State(
        _lt("Proposed"),
        asked=True,
        open=True,
        kept=False,
        said=_lt("May be the same as %s again."),
    ),
    LINKED: State(_lt("The same")),
    REJECTED: State(_lt("Not the same"), said=_lt("Not the same as %s.")),
    LATER: State(_lt("Later"), open=True),
}
# of several proposals that become one, the answer that says most stays
BY_WEIGHT = (REJECTED, LINKED, LATER, PROPOSED)


def get_states(**meaning):
    """Return the names of the states of a meaning, such as ``open=True``."""
    return [
        name
        for name, state in STATES.items()
        if all(getattr(state, key) == value for key, value in meaning.items())
    ]

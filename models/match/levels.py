"""A comparison and its levels, and their SQL."""

from typing import NamedTuple

# how the sides stand to each other at a level, for colours and for what people read
SAME, LIKE, DIFFERS = "same", "like", "differs"


class Level(NamedTuple):
    """One outcome of a comparison.

    :param name: its key in the weights
    :param sql: when it holds
    :param text: what people read of it
    :param tone: ``same``, ``like`` or ``differs``
    """

    name: str
    sql: str
    text: str
    tone: str


class Comparison(NamedTuple):
    """One thing that two records are compared by.

    :param name: its key in the weights
    :param label: its name for people
    :param fields: the fields whose values people are shown
    :param levels: what can come out, the first that holds counts
    :param contradicts: levels that forbid to link by itself
    :param bits: ``{level: bits}`` where nothing is learned, such as of an add-on
    """

    name: str
    label: str
    fields: tuple
    levels: tuple
    contradicts: tuple = ()
    bits: dict = {}


def level_sql(comparison):
    """Return the SQL of a pair's level: 0 where nothing can be said, else the position
    from 1 on.
    """
    lines = [
        f"WHEN {level.sql} THEN {number}"
        for number, level in enumerate(comparison.levels, 1)
    ]
    return f"CASE {' '.join(lines)} ELSE 0 END"


def get_bits(comparison, weights):
    """Return ``{level: bits}`` of a comparison, as learned, else as it says itself.

    :param dict weights: ``{comparison: {level: bits}}`` of one kind
    """
    return comparison.bits | weights.get(comparison.name, {})


def bits_sql(comparison, weights):
    """Return the SQL of the bits of a pair, `levels` being the column of its level.

    :param dict weights: ``{"company": {comparison: {level: bits}}, "person": …}``
    """

    def array(kind):
        known = get_bits(comparison, weights[kind])
        bits = [known.get(level.name, 0.0) for level in comparison.levels]
        return f"(ARRAY[0.0,{','.join(f'{value:.3f}' for value in bits)}]::float8[])"

    column = f"level_{comparison.name}"
    return (
        f"CASE WHEN is_company THEN {array('company')}[{column} + 1]"
        f" ELSE {array('person')}[{column} + 1] END"
    )

"""What names are compared by: see :mod:`~.comparisons`."""

from odoo.tools.translate import LazyTranslate

from .levels import DIFFERS, LIKE, SAME, Comparison, Level
from .scripts import CODE

_lt = LazyTranslate(__name__)

# what can't be read says nothing
NAMED = "a.plain <> '' AND b.plain <> ''"
# nor what one writes in signs and the other in letters: 田中 is read Tanaka
_SIGNS = f"({{}}.plain ~ '^[{CODE}]+$' AND length({{}}.plain) % 4 = 0)"
READ = f"{NAMED} AND {_SIGNS.format('a', 'a')} = {_SIGNS.format('b', 'b')}"
_SAME_NAME = f"(a.name = b.name OR a.plain = b.plain) AND {NAMED}"
# HP or H&M, and with the legal form, which may have been written out: BHEL
_ACRONYM = (
    "length({0}.plain) BETWEEN 2 AND 6 AND length({1}.plain) > 9"
    " AND (starts_with({1}.initials, {0}.plain)"
    " OR length({0}.plain) > 2 AND strpos({1}.initials, {0}.plain) > 0)"
)
NAME = Comparison(
    "name",
    _lt("Name"),
    ("name",),
    (
        Level(
            "same_one",
            f"{_SAME_NAME} AND one_name",
            _lt("The name is the same, and nobody else has it"),
            SAME,
        ),
        Level(
            "same_few",
            f"{_SAME_NAME} AND few_name",
            _lt("The name is the same; a few others have it, too"),
            SAME,
        ),
        Level(
            "same_many",
            _SAME_NAME,
            _lt("The name is the same; many have it"),
            SAME,
        ),
        Level(
            "initial",
            "NOT a.is_company AND (a.short OR b.short) AND shared >= 1"
            " AND (a.initials = b.initials OR left(a.given, 1) = left(b.given, 1)"
            " OR shared = 2)",
            _lt("The name is the same, a first name shortened"),
            LIKE,
        ),
        Level("slip", "slip", _lt("The names differ by a slip"), LIKE),
        Level(
            "acronym",
            "a.is_company AND b.is_company"
            f" AND ({_ACRONYM.format('a', 'b')} OR {_ACRONYM.format('b', 'a')})",
            _lt("One name is the other's first letters"),
            LIKE,
        ),
        Level("close_9", "s >= 0.8", _lt("The names differ by a slip"), LIKE),
        Level(
            "addition",
            "rest_weak AND shared = least_words AND a.numbers = b.numbers"
            " AND rare >= 8",
            _lt("The name is the same, with words that it may have or lack"),
            LIKE,
        ),
        Level(
            "sound",
            "a.sound = b.sound AND length(a.sound) > 3",
            _lt("The names sound the same"),
            LIKE,
        ),
        Level("close_7", "s >= 0.65", _lt("The names are nearly the same"), LIKE),
        Level(
            "initial_differs",
            "NOT a.is_company AND (a.short OR b.short) AND shared >= 1",
            _lt("The family name is the same, the first letter isn't"),
            DIFFERS,
        ),
        Level(
            "contained_rare",
            "shared = least_words AND shared > 0 AND rare >= 8",
            _lt("One name is the other's with a word left out"),
            LIKE,
        ),
        Level("close_6", "s >= 0.5", _lt("The names are much alike"), LIKE),
        Level(
            "contained",
            "shared = least_words AND shared > 0",
            _lt("One name is part of the other, in common words"),
            LIKE,
        ),
        Level("close_4", "s >= 0.38", _lt("The names are somewhat alike"), LIKE),
        Level(
            "close_2",
            f"s >= 0.22 AND {READ}",
            _lt("The names have little in common"),
            DIFFERS,
        ),
        Level("differs", READ, _lt("The names differ"), DIFFERS),
    ),
)
WORD = Comparison(
    "word",
    _lt("Words"),
    ("name",),
    (
        Level("rare_12", "rare >= 11", _lt("A word that hardly anybody has"), SAME),
        Level("rare_9", "rare >= 9", _lt("A rare word in common"), SAME),
        Level("rare_7", "rare >= 7", _lt("A word in common"), LIKE),
        Level("rare_5", "rare >= 5", _lt("A common word in common"), LIKE),
        Level("common", "shared > 0", _lt("Only common words in common"), LIKE),
        Level("none", f"{READ} AND s < 0.38", _lt("No word in common"), DIFFERS),
    ),
)
NUMBER = Comparison(
    "number",
    _lt("Number in the Name"),
    ("name",),
    (
        Level(
            "differs",
            "a.numbers <> b.numbers AND a.numbers <> '' AND b.numbers <> ''",
            _lt("The numbers in the names differ"),
            DIFFERS,
        ),
    ),
    ("differs",),
    {"differs": -6.0},
)
_REST_ALIKE = "(rest_s >= 0.3 OR rest_s IS NOT NULL AND slip)"
FIRST = Comparison(
    "first",
    _lt("First name"),
    ("name",),
    (
        Level(
            "like",
            f"{_REST_ALIKE} AND a.given <> b.given",
            _lt("The first names are alike, they are not the same"),
            LIKE,
        ),
        Level(
            "family_like",
            _REST_ALIKE,
            _lt("The family names are alike, they are not the same"),
            LIKE,
        ),
        Level(
            "differs",
            "rest_s < 0.3",
            _lt("Only one of the names is the same"),
            DIFFERS,
        ),
    ),
)
# Aleksandr Smirnov's phone may be Aleksandra Smirnova's
ENDING = Comparison(
    "ending",
    _lt("End of the First Name"),
    ("name",),
    (
        Level(
            "differs",
            "NOT (a.is_company OR b.is_company) AND a.sound = b.sound"
            " AND length(a.given) > 3 AND length(b.given) > 3 AND a.given <> b.given"
            " AND (starts_with(a.given, b.given) OR starts_with(b.given, a.given)"
            " OR shared = 0"
            " AND (right(a.given, 1) = 'a') <> (right(b.given, 1) = 'a'))",
            _lt("The first names are alike but for their end"),
            DIFFERS,
        ),
    ),
    ("differs",),
    {"differs": 0.0},
)
MIDDLE = Comparison(
    "middle",
    _lt("Middle Name"),
    ("name",),
    (
        Level(
            "same",
            f"a.middle = b.middle AND a.middle <> '' AND NOT ({_SAME_NAME}"
            " AND cardinality(a.words) > 2)",
            _lt("The middle names begin alike"),
            SAME,
        ),
        Level(
            "differs",
            "a.middle <> b.middle AND a.middle <> '' AND b.middle <> ''"
            " AND NOT (a.name = b.name AND cardinality(a.words) > 2)",
            _lt("The middle names differ"),
            DIFFERS,
        ),
    ),
    ("differs",),
    {"same": 1.5, "differs": -3.0},
)
LINEAGE = Comparison(
    "lineage",
    _lt("Father or Son"),
    ("name",),
    (
        Level(
            "one",
            "(a.lineage <> '') <> (b.lineage <> '') AND NOT a.is_company"
            " AND NOT b.is_company",
            _lt("One is senior or junior, of the other nothing is said"),
            DIFFERS,
        ),
        Level(
            "differs",
            "a.lineage <> b.lineage AND a.lineage <> '' AND b.lineage <> ''",
            _lt("One is the father, one the son"),
            DIFFERS,
        ),
    ),
    ("one", "differs"),
    {"one": -1.5, "differs": -7.0},
)
_OWN_TOWN = (
    "({0}.city <> '' AND strpos({0}.plain, replace({0}.city, ' ', '')) > 0"
    " AND strpos({1}.plain, replace({0}.city, ' ', '')) = 0)"
)
_APART = "s < 0.75 AND NOT slip AND NOT rest_like AND a.sound <> b.sound"
EXTRA = Comparison(
    "extra",
    _lt("More words"),
    ("name",),
    (
        # of one house, where all the rest may be the same
        *(
            Level(
                name,
                f"rest_weak AND {condition} AND {_APART}",
                _lt("One name has a word that tells companies of one house apart"),
                DIFFERS,
            )
            for name, condition in (
                ("house", "shared = least_words"),
                ("house_both", "TRUE"),
            )
        ),
        Level(
            "both",
            f"a.is_company AND shared > 0 AND shared < least_words AND {_APART}",
            _lt("Both names have words that the other lacks"),
            DIFFERS,
        ),
        Level(
            "town",
            "a.is_company AND shared = least_words AND shared > 0 AND NOT same_city"
            f" AND ({_OWN_TOWN.format('a', 'b')} OR {_OWN_TOWN.format('b', 'a')})",
            _lt("One name has its town in it, the other is not known to be there"),
            DIFFERS,
        ),
    ),
)

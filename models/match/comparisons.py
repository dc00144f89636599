"""What two records are compared by: for each comparison its levels, when one holds, and
what people read of it. This is the one place that says so.

A level is a condition in SQL on the two rows `a` and `b` (see
:data:`~.normalise.COLUMNS`) and on what is worked out of the pair:

- `s`: likeness of the names from 0 to 1, `road_s` of the roads, `brand_s` of a domain
  and the other's name, `box_s` of the mailboxes
- `slip`: whether the names are the same but for a letter or two
- `rest_s`: likeness of what two persons' names have apart, `same_city`: whether the
  towns are the same, a part of it left out or not
- `shared`, `least_words`: words both have, words of the shorter name; `rare`: how rare
  the rarest shared word is, in bits
- `one_…`, `few_…` for `name`, `official`, `email`, `domain`, `phone`, `door`: whether
  one record on each side has the value, or a handful

The first condition that holds is the pair's level. Where none holds, or one side says
nothing, nothing is said. How much a level weighs is in `weights.json`, which is
learned: see `tools/match/`. What is the same weighs at least as much as what is alike,
and that as what differs; of levels of one tone the first weighs most.
"""

from typing import NamedTuple

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

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


# what can't be read says nothing
_NAMED = "a.plain <> '' AND b.plain <> ''"
_SAME_NAME = f"(a.name = b.name OR a.plain = b.plain) AND {_NAMED}"
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
        Level("close_9", "s >= 0.8", _lt("The names differ by a slip"), LIKE),
        Level(
            "sound",
            "a.sound = b.sound AND length(a.sound) > 3",
            _lt("The names sound the same"),
            LIKE,
        ),
        Level(
            "acronym",
            "a.is_company AND b.is_company"
            " AND (length(a.initials) >= 3 AND a.initials = b.plain"
            " OR length(b.initials) >= 3 AND b.initials = a.plain)",
            _lt("One name is the other's first letters"),
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
        Level("close_2", "s >= 0.22", _lt("The names have little in common"), DIFFERS),
        Level("differs", _NAMED, _lt("The names differ"), DIFFERS),
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
        Level("none", f"{_NAMED} AND s < 0.38", _lt("No word in common"), DIFFERS),
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
EXTRA = Comparison(
    "extra",
    _lt("More words"),
    ("name",),
    (
        Level(
            "both",
            "a.is_company AND shared > 0 AND shared < least_words AND s < 0.75"
            " AND NOT slip",
            _lt("Both names have words that the other lacks"),
            DIFFERS,
        ),
        Level(
            "town",
            "a.is_company AND shared = least_words AND shared > 0"
            " AND cardinality(a.words) <> cardinality(b.words)"
            " AND a.city <> '' AND b.city <> ''"
            " AND (length(a.plain) < length(b.plain)"
            " AND strpos(b.plain, replace(b.city, ' ', '')) > 0 AND NOT same_city"
            " OR length(b.plain) < length(a.plain)"
            " AND strpos(a.plain, replace(a.city, ' ', '')) > 0 AND NOT same_city)",
            _lt("One name has its town in it, the other is elsewhere"),
            DIFFERS,
        ),
    ),
)
OFFICIAL = Comparison(
    "official",
    _lt("Tax ID"),
    ("vat", "company_registry"),
    (
        Level(
            "same_one",
            "a.official && b.official AND one_official",
            _lt("The official number is the same"),
            SAME,
        ),
        Level(
            "same_few",
            "a.official && b.official AND few_official",
            _lt("The official number is the same; a few others have it, too"),
            SAME,
        ),
        Level(
            "same_many",
            "a.official && b.official",
            _lt("The official number is the same; many have it"),
            SAME,
        ),
        Level("differs", "a.vat <> b.vat", _lt("The tax IDs differ"), DIFFERS),
        Level(
            "registry_differs",
            "a.registry <> b.registry",
            _lt("The registry numbers differ"),
            DIFFERS,
        ),
    ),
    ("differs", "registry_differs"),
    {"same_one": 7.0, "same_few": 2.0, "differs": -6.0, "registry_differs": -6.0},
)
_OTHER = (
    "(a.{0} <> b.{0} AND (a.vat = b.registry) IS NOT TRUE"
    " AND (a.registry = b.vat) IS NOT TRUE)"
)
OTHER_NUMBER = Comparison(
    "other_number",
    _lt("Registry Number"),
    ("vat", "company_registry"),
    (
        Level(
            "differs",
            "a.official && b.official"
            f" AND ({_OTHER.format('vat')} OR {_OTHER.format('registry')})",
            _lt("One official number is the same, the other isn't"),
            DIFFERS,
        ),
    ),
    ("differs",),
    {"differs": -5.0},
)
EMAIL = Comparison(
    "email",
    _lt("Email"),
    ("email",),
    (
        Level(
            "same_one",
            "a.email = b.email AND one_email",
            _lt("The email is the same"),
            SAME,
        ),
        Level(
            "same_few",
            "a.email = b.email AND few_email",
            _lt("The email is the same; a few others have it, too"),
            SAME,
        ),
        Level(
            "same_many",
            "a.email = b.email",
            _lt("The email is the same; many have it"),
            SAME,
        ),
        Level(
            "like_box",
            "length(a.box) > 5 AND box_s >= 0.55"
            " AND (a.host = b.host OR a.free AND b.free)",
            _lt("The mailboxes are alike"),
            LIKE,
        ),
        Level(
            "same_box",
            "length(a.box) > 6 AND a.box = b.box",
            _lt("The mailbox is the same, at another host"),
            LIKE,
        ),
        Level(
            "same_host",
            "a.host = b.host AND NOT a.free",
            _lt("Two mailboxes at the same domain"),
            LIKE,
        ),
        Level(
            "free_differs",
            "a.free AND b.free AND a.email <> b.email",
            _lt("The emails differ"),
            DIFFERS,
        ),
        Level(
            "differs",
            "a.email <> b.email AND a.free = b.free",
            _lt("The emails are at different domains"),
            DIFFERS,
        ),
        Level(
            "one_free",
            "a.free <> b.free AND a.email <> b.email",
            _lt("The emails differ, one is at a free mailer"),
            DIFFERS,
        ),
    ),
)
DOMAIN = Comparison(
    "domain",
    _lt("Domain"),
    ("website", "email"),
    (
        Level(
            "same_one",
            "a.domains && b.domains AND one_domain",
            _lt("The domain is the same"),
            SAME,
        ),
        Level(
            "same_few",
            "a.domains && b.domains AND few_domain",
            _lt("The domain is the same; a few others have it, too"),
            SAME,
        ),
        Level(
            "same_many",
            "a.domains && b.domains",
            _lt("The domain is the same; many have it"),
            SAME,
        ),
        Level(
            "differs",
            "cardinality(a.domains) > 0 AND cardinality(b.domains) > 0",
            _lt("The domains differ"),
            DIFFERS,
        ),
    ),
)
BRAND = Comparison(
    "brand",
    _lt("Domain and Name"),
    ("website", "email"),
    (
        Level(
            "same",
            "a.is_company AND length(a.brand) > 3 AND a.brand = b.plain"
            " OR a.is_company AND length(b.brand) > 3 AND b.brand = a.plain",
            _lt("The domain of one is the name of the other"),
            SAME,
        ),
        Level(
            "like",
            "a.is_company AND brand_s >= 0.5",
            _lt("The domain of one is like the name of the other"),
            LIKE,
        ),
        Level(
            "some",
            "a.is_company AND brand_s >= 0.25",
            _lt("The domain of one has something of the name of the other"),
            LIKE,
        ),
        Level(
            "differs",
            "a.is_company AND (a.brand <> '' OR b.brand <> '')",
            _lt("The domain of one has nothing of the name of the other"),
            DIFFERS,
        ),
    ),
)
_SAME_PHONE = "(a.phone = b.phone OR a.phone = b.phone_more OR a.phone_more = b.phone)"
PHONE = Comparison(
    "phone",
    _lt("Phone"),
    ("phone",),
    (
        Level(
            "same_one",
            f"{_SAME_PHONE} AND one_phone",
            _lt("The phone number is the same"),
            SAME,
        ),
        Level(
            "same_few",
            f"{_SAME_PHONE} AND few_phone",
            _lt("The phone number is the same; a few others have it, too"),
            SAME,
        ),
        Level(
            "same_many",
            _SAME_PHONE,
            _lt("The phone number is the same; many have it"),
            SAME,
        ),
        Level(
            "end",
            "a.phone_end = b.phone_end",
            _lt("The last digits of the phone number are the same"),
            LIKE,
        ),
        Level(
            "differs", "a.phone <> b.phone", _lt("The phone numbers differ"), DIFFERS
        ),
    ),
)
_SAME_TOWN = "(a.zip = b.zip AND a.zip <> '' OR same_city)"
# neither ZIP code nor town can be compared
_NO_TOWN = "(a.zip = '' OR b.zip = '') AND (a.city = '' OR b.city = '')"
_SAME_DOOR = "a.house = b.house AND a.house <> '' AND road_s >= 0.45"
_ROADS = "a.road <> '' AND b.road <> ''"
_TOWNS = "(a.zip <> '' AND b.zip <> '' OR a.city <> '' AND b.city <> '')"
PLACE = Comparison(
    "place",
    _lt("Address"),
    ("street", "zip", "city"),
    (
        Level(
            "door_one",
            f"{_SAME_DOOR} AND {_SAME_TOWN} AND one_door",
            _lt("The address is the same"),
            SAME,
        ),
        Level(
            "door_few",
            f"{_SAME_DOOR} AND {_SAME_TOWN}",
            _lt("The address is the same; others are there, too"),
            SAME,
        ),
        Level(
            "road_only",
            f"{_SAME_DOOR} AND {_NO_TOWN}",
            _lt("Street and number are the same, the town isn't known"),
            SAME,
        ),
        Level(
            "door_town",
            f"{_SAME_DOOR} AND road_s >= 0.6 AND (a.zip = '' OR b.zip = '')",
            _lt("Street and number are the same, the town is another one"),
            LIKE,
        ),
        Level(
            "zip",
            f"a.zip = b.zip AND a.zip <> '' AND NOT ({_ROADS})",
            _lt("The ZIP code is the same"),
            SAME,
        ),
        Level(
            "road",
            f"{_ROADS} AND road_s >= 0.45 AND {_SAME_TOWN}"
            " AND (a.house = '' OR b.house = '')",
            _lt("The street is the same"),
            SAME,
        ),
        Level(
            "house",
            f"{_ROADS} AND road_s >= 0.45 AND {_SAME_TOWN}",
            _lt("The street is the same, the number isn't"),
            LIKE,
        ),
        Level(
            "zip_road_differs",
            "a.zip = b.zip AND a.zip <> ''",
            _lt("The ZIP code is the same, the street isn't"),
            LIKE,
        ),
        Level(
            "city",
            f"same_city AND (NOT ({_ROADS}) OR a.zip = '' AND b.zip = ''"
            " AND road_s >= 0.3)",
            _lt("The town is the same"),
            LIKE,
        ),
        Level(
            "road_alone",
            f"{_ROADS} AND road_s >= 0.6 AND {_NO_TOWN}",
            _lt("The street is the same, the number isn't, the town isn't known"),
            LIKE,
        ),
        Level(
            "city_road_differs",
            "same_city",
            _lt("The town is the same, ZIP code and street aren't"),
            DIFFERS,
        ),
        Level(
            "zip_near",
            "left(a.zip, 3) = left(b.zip, 3) AND length(a.zip) > 3",
            _lt("The ZIP codes are near, they are not the same"),
            DIFFERS,
        ),
        Level(
            "elsewhere",
            f"{_ROADS} AND {_NO_TOWN}",
            _lt("Street and number differ"),
            DIFFERS,
        ),
        Level(
            "differs",
            "a.zip <> '' AND b.zip <> '' OR a.city <> '' AND b.city <> ''",
            _lt("The addresses are in different towns"),
            DIFFERS,
        ),
    ),
)
COUNTRY = Comparison(
    "country",
    _lt("Country"),
    ("country_id",),
    (
        Level("same", "a.country = b.country", _lt("The country is the same"), SAME),
        Level(
            "differs", "a.country <> b.country", _lt("The countries differ"), DIFFERS
        ),
    ),
    ("differs",),
)
TYPE = Comparison(
    "type",
    _lt("Company or Person"),
    ("is_company",),
    (
        Level(
            "differs",
            "a.is_company <> b.is_company AND NOT (a.official && b.official)",
            _lt("One is a company, the other a person"),
            DIFFERS,
        ),
    ),
    ("differs",),
    {"differs": -4.0},
)
ACCOUNT = Comparison(
    "account",
    _lt("Bank Account"),
    (),
    (
        Level(
            "same",
            "a.accounts && b.accounts",
            _lt("They have a bank account or BIC in common"),
            SAME,
        ),
    ),
    (),
    {"same": 7.0},
)
_NOTHING_ELSE = (
    "(a.email = b.email OR a.domains && b.domains OR a.official && b.official"
    f" OR a.accounts && b.accounts OR {_SAME_PHONE}) IS NOT TRUE"
)
ELSE = Comparison(
    "else",
    _lt("Everything Else"),
    (),
    (
        Level(
            "place",
            f"{_NAMED} AND s < 0.22 AND shared = 0 AND a.phone <> b.phone"
            f" AND {_NOTHING_ELSE}",
            _lt("Names and phone numbers differ"),
            DIFFERS,
        ),
        Level(
            "name",
            f"a.phone <> b.phone AND ({_ROADS} OR {_TOWNS})"
            f" AND NOT ({_TOWNS} AND ({_SAME_TOWN}))"
            f" AND NOT ({_ROADS} AND road_s >= 0.45) AND {_NOTHING_ELSE}",
            _lt("Addresses and phone numbers differ"),
            DIFFERS,
        ),
    ),
)
COMPARISONS = (
    *(NAME, WORD, NUMBER, FIRST, MIDDLE, LINEAGE, EXTRA),
    *(OFFICIAL, OTHER_NUMBER, EMAIL, DOMAIN, BRAND, PHONE, PLACE),
    *(COUNTRY, TYPE, ACCOUNT, ELSE),
)


def level_sql(comparison):
    """Return the SQL of a pair's level: 0 where nothing can be said, else the position
    from 1 on.
    """
    lines = [
        f"WHEN {level.sql} THEN {number}"
        for number, level in enumerate(comparison.levels, 1)
    ]
    return f"CASE {' '.join(lines)} ELSE 0 END"


def bits_sql(comparison, weights):
    """Return the SQL of the bits of a pair, `levels` being the column of its level.

    :param dict weights: ``{"company": {comparison: {level: bits}}, "person": …}``
    """

    def array(kind):
        known = weights[kind].get(comparison.name, {})
        bits = [
            known.get(level.name, comparison.bits.get(level.name, 0.0))
            for level in comparison.levels
        ]
        return f"(ARRAY[0.0,{','.join(f'{value:.3f}' for value in bits)}]::float8[])"

    column = f"level_{comparison.name}"
    return (
        f"CASE WHEN is_company THEN {array('company')}[{column} + 1]"
        f" ELSE {array('person')}[{column} + 1] END"
    )

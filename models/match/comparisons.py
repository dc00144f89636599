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

from odoo.tools.translate import LazyTranslate

from .comparisons_names import (
    ENDING,
    EXTRA,
    FIRST,
    LINEAGE,
    MIDDLE,
    NAME,
    NUMBER,
    READ,
    WORD,
)
from .levels import DIFFERS, LIKE, SAME, Comparison, Level

_lt = LazyTranslate(__name__)

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
# the family's name and a first name that is not one of the person's
_RELATIVE = """EXISTS (
    SELECT FROM unnest(string_to_array({0}.name, ' ')) AS u(word)
      CROSS JOIN LATERAL (
        SELECT regexp_replace(replace({0}.box, word, ''), '[0-9]', '', 'g') AS rest) r
     WHERE length(word) > 3 AND word <> {0}.given AND strpos({0}.box, word) > 0
           AND length(rest) > 2 AND strpos({0}.initials, left(rest, 1)) = 0)"""
_TOWN = "({0}.city <> '' AND {0}.box = replace({0}.city, ' ', ''))"
RELATIVE = Comparison(
    "relative",
    _lt("Whose Mailbox"),
    ("email",),
    (
        Level(
            "differs",
            "NOT (a.is_company OR b.is_company OR a.short OR b.short)"
            " AND (a.email = b.email OR box_s >= 0.55)"
            f" AND ({_RELATIVE.format('a')} OR {_RELATIVE.format('b')})",
            _lt("The mailbox is in the name of somebody else of the family"),
            LIKE,
        ),
        Level(
            "town",
            "a.is_company AND b.is_company AND a.host = b.host AND a.box <> b.box"
            f" AND ({_TOWN.format('a')} OR {_TOWN.format('b')}) AND NOT same_city",
            _lt("One mailbox is that of a town, the other is not known to be there"),
            LIKE,
        ),
    ),
    ("differs", "town"),
    {"differs": 0.0, "town": 0.0},
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
# branches have name, number and domain in common, and no place
_HERE = (
    f"({_SAME_TOWN} OR {_NO_TOWN}) AND (a.zip = b.zip AND NOT ({_ROADS})"
    " OR road_s >= 0.45 AND (a.house = b.house OR a.house = '' OR b.house = ''))"
)
_ELSEWHERE = (
    f"(({_ROADS} OR {_TOWNS}) AND NOT ({_HERE}) AND NOT (same_city AND NOT ({_ROADS})))"
)
_OTHERS = (
    "(a.phone <> b.phone IS TRUE)::int + (a.email <> b.email IS TRUE)::int"
    f" + ({_ELSEWHERE} IS TRUE)::int"
)
_NOT_HERE = f"a.is_company AND ({_SAME_PHONE} OR {_HERE}) IS NOT TRUE"
SITE = Comparison(
    "site",
    _lt("Branch"),
    ("phone", "email", "city"),
    (
        Level(
            "one",
            f"{_NOT_HERE} AND {_OTHERS} = 1",
            _lt("One of phone, email and address differs, none says the same place"),
            DIFFERS,
        ),
        Level(
            "several",
            f"{_NOT_HERE} AND {_OTHERS} > 1",
            _lt("Of phone, email and address two differ, none says the same place"),
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
            f"{READ} AND s < 0.22 AND shared = 0 AND a.phone <> b.phone"
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
    *(NAME, WORD, NUMBER, FIRST, ENDING, MIDDLE, LINEAGE, EXTRA),
    *(OFFICIAL, OTHER_NUMBER, EMAIL, RELATIVE, DOMAIN, BRAND, PHONE, PLACE, SITE),
    *(COUNTRY, TYPE, ACCOUNT, ELSE),
)

"""What two records have in common, however it was typed: plain functions of plain
values. Nothing here knows the database.

A value that is written in two ways must come out as one; a value that says nothing
comes out empty.
"""

import re
import unicodedata
from functools import lru_cache
from hashlib import blake2b
from itertools import combinations, pairwise
from typing import NamedTuple

# letters that Unicode doesn't take apart
LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "æ": "a", "œ": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"}
)
# how languages write what a keyboard lacks: Müller, Mueller and Muller are one
PAIRS = re.compile(r"ae|oe|ue|aa")
SINGLE = {"ae": "a", "oe": "o", "ue": "u", "aa": "a"}
# what ties letters together that are one abbreviation: G.m.b.H., e. K., A/S
DOTTED = re.compile(r"(?<![^\W_])(?:[^\W\d_][./] ?){1,}[^\W\d_](?![^\W_])\.?")
NOT_WORD = re.compile(r"[^a-z0-9]+")
NOT_SIGN = re.compile(r"[^A-Z0-9]+")
NOT_EMAIL = re.compile(r"[\s<>,;]+")
NOT_DIGIT = re.compile(r"\D+")
LINKS = {
    "and", "und", "och", "et", "og", "en", "e", "i", "y", "ja", "the", "de", "la"
}  # fmt: skip
VOWELS = re.compile(r"[aeiouyhw]")
DOUBLE = re.compile(r"(.)\1+")
NUMBER = re.compile(r"\d+")
HOST = re.compile(r"^(?:[a-z][a-z0-9+.-]*://)?(?:[^/@]*@)?(?:www\d?\.)?([^/:?#\s]+)")
# the last part of a host of which the part before is no name of anybody's
SECOND_LEVEL = {"co", "com", "org", "net", "gov", "ac", "edu"}
# longest first, as a phone number's digits are read
CALLING_CODES = {
    *("1", "7", "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41"),
    *("43", "44", "45", "46", "47", "48", "49", "51", "52", "53", "54", "55", "56"),
    *("57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84", "86"),
    *("90", "91", "92", "93", "94", "95", "98"),
}

# so many signs of a value say who it is, whatever else is in there
LONGEST = 500


class Words(NamedTuple):
    """The words that say nothing, or the same as another one.

    :param legal: words of legal forms, folded
    :param free: hosts of mailboxes that anybody may have
    :param short: ``{abbreviation: what it is short for}``, folded
    :param road: words for a street, folded
    """

    legal: frozenset = frozenset()
    free: frozenset = frozenset()
    short: dict = {}
    road: frozenset = frozenset()


class Record(NamedTuple):
    """A record's values, as read."""

    id: int
    version: str
    company_id: int | None = None
    is_company: bool = True
    name: str = ""
    street: str = ""
    zip: str = ""
    city: str = ""
    country: str = ""
    phone: str = ""
    email: str = ""
    website: str = ""
    vat: str = ""
    company_registry: str = ""
    accounts: str = ""
    parent_id: int | None = None
    extra: dict = {}


@lru_cache(maxsize=65536)
def hashed(text):
    """Return a text as a number that PostgreSQL keeps in eight bytes."""
    digest = blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


@lru_cache(maxsize=16384)
def fold(text):
    """Return a text in small plain letters, each spelling of a letter as one."""
    text = text.lower().translate(LETTERS)
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
        text = "".join(sign for sign in text if not unicodedata.combining(sign))
    return PAIRS.sub(lambda match: SINGLE[match[0]], text)


def split_words(text):
    """Return the words of a text, folded; what is an abbreviation is one of them."""
    text = DOTTED.sub(lambda m: re.sub(r"[./ ]", "", m[0]) + " ", text)
    return [word for word in NOT_WORD.split(fold(text.replace("'", " "))) if word]


def get_company_words(name, words):
    """Return the words of a company's name, in order: without the legal form, short
    ones as what they are short for.
    """
    found = split_words(name)
    kept = found[:]
    while kept and kept[-1] in words.legal:
        kept.pop()
    while kept and kept[0] in words.legal:
        kept.pop(0)
    kept = kept or found
    kept = [words.short.get(word, word) for word in kept]
    return [word for word in kept if word not in LINKS] or kept


def get_person_words(name):
    """Return the words of a person's name, first name first."""
    last, comma, first = name.partition(",")
    text = f"{first} {last}" if comma else name
    return [word for word in NOT_WORD.split(fold(text.replace("'", ""))) if word]


def get_host(text):
    """Return the host of an e-mail address or a web page, without what is before its
    own name.
    """
    match = HOST.match(text.strip().lower().rpartition("@")[2])
    parts = match[1].strip(".").split(".") if match else []
    if len(parts) < 2:
        return ""
    size = 3 if parts[-2] in SECOND_LEVEL and len(parts[-1]) == 2 else 2
    return ".".join(parts[-size:])


def get_email(text):
    """Return the address itself, empty if there is none."""
    # taken apart, not searched for: a pattern goes over a long word once for each sign
    for word in NOT_EMAIL.split(text.lower()):
        parts = word.split("@")
        for name, host in pairwise(parts):
            if name and "." in host[1:-1]:
                return f"{name}@{host}".strip(".")
    return ""


def get_phone(text):
    """Return the digits of a phone number within its country, without the zero that
    is dialled in front; empty if there are too few to tell anybody by.
    """
    text = text.strip().split(";")[0]
    text = re.sub(r"\(0\)", "", text)
    digits = NOT_DIGIT.sub("", text)
    abroad = text.startswith("+")
    if digits.startswith("00"):
        digits, abroad = digits[2:], True
    if abroad:
        size = next((n for n in (1, 2) if digits[:n] in CALLING_CODES), 3)
        digits = digits[size:]
    digits = digits.lstrip("0")
    return digits if len(digits) >= 5 else ""


def luhn(digits):
    """Return whether the last digit is the check of the others."""
    total = sum(
        sum(divmod(int(digit) * (1 + i % 2), 10))
        for i, digit in enumerate(reversed(digits))
    )
    return total % 10 == 0


def get_vat(text, country=""):
    """Return a tax ID without its country and signs; a registry number that stands in
    it alone, as in Sweden, France, Norway and Switzerland.
    """
    signs = NOT_SIGN.sub("", text.upper())
    match = re.match(r"^(CHE|[A-Z]{2})(?=[A-Z0-9]*\d)", signs)
    prefix = match[0] if match else ""
    number = signs[len(prefix) :]
    number = re.sub(r"(MVA|MWST|TVA|IVA)$", "", number)
    if len(number) < 5 or not any(sign.isdigit() for sign in number):
        return ""
    country = prefix or country
    if number.isdigit():
        if len(number) == 12 and country in ("SE", "") and number.endswith("01"):
            if luhn(number[:10]):
                return number[:10]
        if len(number) == 11 and country in ("FR", "") and luhn(number[2:]):
            if (12 + 3 * (int(number[2:]) % 97)) % 97 == int(number[:2]):
                return number[2:]
        if len(number) == 9 and country == "BE":
            return f"0{number}"
    return number


def get_registry(text, country=""):
    """Return a registry number, as it would stand in the tax ID; a French SIRET as the
    company's SIREN.
    """
    signs = NOT_SIGN.sub("", text.upper())
    if not any(sign.isdigit() for sign in signs) or len(signs) < 4:
        return ""
    if signs[:2] == country and country:
        signs = signs[2:]
    if len(signs) == 12 and country == "SE" and signs[:2] in ("16", "19", "20"):
        return signs[2:]
    if len(signs) == 14 and country == "FR" and signs.isdigit():
        return signs[:9]
    if len(signs) == 9 and country == "BE" and signs.isdigit():
        return f"0{signs}"
    return signs


def get_road(street, words):
    """Return ``(road, house)`` of a street, the words for *street* left out."""
    parts = split_words(street)
    house = ""
    numbers = [part for part in parts if part[0].isdigit()]
    if numbers:
        number = (
            numbers[-1] if parts[-1] == numbers[-1] or len(parts) > 2 else numbers[0]
        )
        match = NUMBER.match(number)
        house = match[0] if match else ""
    road = []
    ending = _get_road_ending(words.road)
    for part in parts:
        if part[0].isdigit() or len(part) == 1 or part in words.road:
            continue
        road.append(ending.sub(r"\1", part) if len(part) > 5 else part)
    return "".join(road), house


@lru_cache(maxsize=4)
def _get_road_ending(road):
    """Return the pattern of a word that ends in one for a street: Storgatan."""
    endings = sorted({"str", *(word for word in road if len(word) > 2)}, key=len)
    pattern = "|".join(map(re.escape, reversed(endings)))
    return re.compile(f"^(.{{3,}}?)(?:{pattern})$")


def has_digit(word):
    """Return whether a word has a number in it."""
    return not word.isalpha() and any(sign.isdigit() for sign in word)


@lru_cache(maxsize=16384)
def get_skeleton(text):
    """Return the consonants that are heard, for names with slips."""
    text = text[:1] + VOWELS.sub("", text[1:])
    text = text.replace("ck", "k").replace("c", "k").replace("z", "s")
    text = text.replace("v", "f").replace("d", "t").replace("b", "p").replace("g", "k")
    return DOUBLE.sub(r"\1", text)


# What is kept of a record beside it, in the order of the table's columns.
COLUMNS = {
    "id": "int4",
    "version": "text",
    "company_id": "int4",
    "parent_id": "int4",
    "is_company": "bool",
    "name": "text",
    "plain": "text",
    "initials": "text",
    "short": "bool",
    "words": "int8[]",
    "numbers": "text",
    "name_key": "int8",
    "vat": "int8",
    "registry": "int8",
    "official": "int8[]",
    "email": "int8",
    "box": "text",
    "host": "int8",
    "free": "bool",
    "domains": "int8[]",
    "brand": "text",
    "phone": "int8",
    "phone_end": "int8",
    "accounts": "int8[]",
    "country": "int8",
    "zip": "text",
    "city": "text",
    "road": "text",
    "house": "text",
    "door": "int8",
    "extra": "jsonb",
    "keys": "int8[]",
}


def get_row(record, words):
    """Return the row that is kept of a record, as a dict of :data:`COLUMNS`.

    :param Record record: as read
    :param Words words: as managers keep them
    """
    record = record._replace(
        **{
            name: value[:LONGEST]
            for name, value in zip(record._fields, record, strict=True)
            # the accounts of a bank are many
            if name != "accounts" and isinstance(value, str) and len(value) > LONGEST
        }
    )
    is_company = record.is_company
    country = (record.country or "").upper()
    if is_company:
        ordered = get_company_words(record.name, words)
    else:
        ordered = get_person_words(record.name)
    ordered = ordered[:8]
    long = [word for word in ordered if len(word) > 1] or ordered
    name = " ".join(sorted(set(ordered)))
    plain = "".join(ordered)
    email = get_email(record.email) if record.email else ""
    host = get_host(email) if email else ""
    is_free = bool(host) and host in words.free
    web = get_host(record.website) if record.website else ""
    if web in words.free:
        web = ""
    domains = {part for part in (web, "" if is_free else host) if part}
    brand = fold(min(domains, key=len).partition(".")[0]) if domains else ""
    brand = NOT_WORD.sub("", brand)
    if is_free and is_company:
        brand = NOT_WORD.sub("", fold(email.partition("@")[0])).rstrip("0123456789")
    phone = get_phone(record.phone) if record.phone else ""
    vat = get_vat(record.vat, country) if record.vat else ""
    registry = get_registry(record.company_registry, country)
    zip_code = NOT_WORD.sub("", record.zip.lower()) if record.zip else ""
    city = "".join(split_words(record.city)[:1]) if record.city else ""
    road, house = get_road(record.street, words) if record.street else ("", "")
    accounts = [
        NOT_SIGN.sub("", account.upper()) for account in record.accounts.split()
    ]
    official = {number for number in (vat, registry) if number}
    word_keys = [hashed(f"t{word}") for word in dict.fromkeys(long)]
    row = {
        "id": record.id,
        "version": record.version,
        "company_id": record.company_id,
        "parent_id": record.parent_id,
        "is_company": is_company,
        "name": name,
        "plain": plain,
        "initials": "".join(
            word[0] for word in (ordered if is_company else sorted(ordered))
        ),
        "short": any(len(word) == 1 for word in ordered),
        "words": word_keys,
        "numbers": " ".join(word for word in sorted(ordered) if has_digit(word)),
        "name_key": hashed(f"n{name}") if name else None,
        "vat": hashed(f"o{vat}") if vat else None,
        "registry": hashed(f"o{registry}") if registry else None,
        "official": [hashed(f"o{number}") for number in sorted(official)],
        "email": hashed(f"e{email}") if email else None,
        "box": NOT_WORD.sub("", fold(email.partition("@")[0])) if email else "",
        "host": hashed(f"h{host}") if host else None,
        "free": is_free,
        "domains": [hashed(f"d{domain}") for domain in sorted(domains)],
        "brand": brand,
        "phone": hashed(f"p{phone}") if phone else None,
        "phone_end": hashed(f"q{phone[-6:]}") if phone else None,
        "accounts": [hashed(f"i{account}") for account in accounts],
        "country": hashed(country) if country else None,
        "zip": zip_code,
        "city": city,
        "road": road,
        "house": house,
        "door": hashed(f"a{road} {house}") if road and house else None,
        "extra": record.extra,
    }
    keys = {row[name] for name in ("name_key", "email", "phone", "phone_end")}
    keys.update(row["official"], row["domains"], row["accounts"], word_keys)
    keys.update(hashed(f"w{a} {b}") for a, b in combinations(sorted(set(long)), 2))
    keys.update(hashed(f"x{name}{value}") for name, value in record.extra.items())
    if plain:
        skeleton = get_skeleton("".join(sorted(long)))
        keys.add(hashed(f"s{skeleton}"))
        keys.add(hashed(f"b{plain[:7]}"))
        keys.update(hashed(f"k{get_skeleton(word)}") for word in long if len(word) > 4)
        if len(plain) > 3:
            keys.add(hashed(f"z{plain}"))
    if len(brand) > 3:
        keys.add(hashed(f"z{brand}"))
        keys.add(hashed(f"b{brand[:7]}"))
    if row["box"] and len(row["box"]) > 6:
        keys.add(hashed(f"m{row['box']}"))
    places = {part for part in (zip_code, city) if part}
    keys.update(hashed(f"c{word[:4]} {place}") for word in long for place in places)
    if road and house and places:
        keys.update(hashed(f"a{road[:5]} {house} {place}") for place in places)
        keys.add(hashed(f"a{road} {house}"))
    keys.discard(None)
    row["keys"] = sorted(keys)
    return row

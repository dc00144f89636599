"""What two records have in common, however it was typed: plain functions of plain
values. Nothing here knows the database.

A value that is written in two ways must come out as one; a value that says nothing
comes out empty.
"""

import re
from functools import lru_cache
from hashlib import blake2b
from itertools import combinations, pairwise
from typing import NamedTuple

from .east import get_readings, is_family_first
from .names import (
    MAX_WORDS,
    Words,
    get_company_words,
    get_initials,
    get_person_name,
    get_road,
    get_town,
    get_zip,
)
from .scripts import (
    LONGEST,
    clean,
    get_pieces,
    get_skeleton,
    get_stem,
    has_signs,
    spell,
    squeeze,
)

__all__ = ["Words", "get_company_words"]

NOT_SIGN = re.compile(r"[^A-Z0-9]+")
NOT_DIGIT = re.compile(r"\D+")
HOST = re.compile(r"^(?:[a-z][a-z0-9+.-]*://)?(?:[^/@]*@)?(?:www\d?\.)?([^/:?#\s]+)")
NOT_EMAIL = re.compile(r"[\s<>,;:()\[\]\"'?“”„‘’«»]+")
AROUND_AT = re.compile(r"\s?@\s?")
# the last part of a host of which the part before is no name of anybody's
SECOND_LEVEL = {"co", "com", "org", "net", "gov", "ac", "edu"}
# longest first, as a phone number's digits are read
CALLING_CODES = {
    *("1", "7", "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41"),
    *("43", "44", "45", "46", "47", "48", "49", "51", "52", "53", "54", "55", "56"),
    *("57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84", "86"),
    *("90", "91", "92", "93", "94", "95", "98"),
}
# what is dialled in front within a country, where it is no zero
TRUNKS = {"US": "1", "CA": "1", "RU": "8", "KZ": "8", "BY": "8", "HU": "06", "LT": "8"}
# the digits of a number within those countries
SIZES = {"US": 10, "CA": 10, "RU": 10, "KZ": 10, "BY": 9, "HU": 8, "LT": 8}
EXTENSION = re.compile(
    r"(?:\b(?:ext|extn|extension|anknytning|ankn|durchwahl|dw|poste|wew|tlp|доб)\b\.?"
    r"|(?<=\d)\s*x|#)\s*:?\s*\d+\s*$",
    re.I,
)
PHONES = re.compile(
    r"[;,|\n]|\s(?:or|oder|eller|ou|o|and|und|och|og|et|e|y|en|i|&)\s"
    r"|/(?=\s*(?:\+|0[\d -]{7}))|\s/\s|(?<=\d)\s(?=\+\d)"
)
GSTIN = re.compile(r"^\d{2}([A-Z]{5}\d{4}[A-Z])[A-Z0-9]Z[A-Z0-9]$")
PAN = re.compile(r"^[A-Z]{5}\d{4}[A-Z]$")
CODICE_FISCALE = re.compile(r"^(?:IT)?([A-Z]{6}\d\d[A-Z]\d\d[A-Z]\d{3}[A-Z])$")
RFC = re.compile(
    r"^(?:MX)?((?!CHE|FR)[A-Z]{3,4}\d\d(?:0[1-9]|1[0-2])[0-3]\d[A-Z0-9]{3})$"
)
CNPJ = re.compile(r"\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}")


class Record(NamedTuple):
    """A record's values, as read; `phone_read` is the phone as Odoo has read it."""

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
    phone_read: str = ""
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


def get_host(text):
    """Return the host of an e-mail address or a web page, without what is before its
    own name.
    """
    match = HOST.match(text[:LONGEST].strip().lower().rpartition("@")[2])
    parts = match[1].strip(".").split(".") if match else []
    if len(parts) < 2:
        return ""
    size = 3 if parts[-2] in SECOND_LEVEL and len(parts[-1]) == 2 else 2
    return ".".join(parts[-size:])


def get_email(text):
    """Return the address itself, empty if there is none."""
    # taken apart, not searched for: a pattern goes over a long word once for each sign
    for word in NOT_EMAIL.split(AROUND_AT.sub("@", clean(text).lower())):
        for name, host in pairwise(word.split("@")):
            if name and "." in host[1:-1]:
                return f"{name}@{host}".strip(".")
    return ""


def get_phones(text, country="", read=""):
    """Return the digits of phone numbers within their country, without what is dialled
    in front; those are left out that are too short to tell anybody by.

    :param str text: as typed, one number or several
    :param str country: of who has it, as a code
    :param str read: what Odoo has read of it, with the country
    """
    text = clean(text)
    found = [_get_phone(part, country) for part in PHONES.split(text)]
    found = [number for number in found if number]
    read = _get_phone(read) if read else ""
    # a field that was written around Odoo has another one's
    if found and read and read[-6:] in NOT_DIGIT.sub("", text):
        found[0] = read
    return list(dict.fromkeys(found))


def _get_phone(text, country=""):
    text = EXTENSION.sub("", text)
    text = re.sub(r"\(0\)", "", text)
    digits = NOT_DIGIT.sub("", text)
    abroad = "+" in text[: text.find(digits[0])] if digits else False
    if digits.startswith("00"):
        digits, abroad = digits[2:], True
    if abroad:
        size = next((n for n in (1, 2) if digits[:n] in CALLING_CODES), 3)
        digits = digits[size:]
    elif country in TRUNKS:
        trunk = TRUNKS[country]
        if digits.startswith(trunk) and len(digits) - len(trunk) == SIZES[country]:
            digits = digits[len(trunk) :]
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
    signs = NOT_SIGN.sub("", clean(text).upper())
    if part := _get_party_part(signs, text, country):
        return part
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


def _get_party_part(signs, text, country):
    """Return what a number of a branch says of its party, empty if it is none: the PAN
    in India's GSTIN of a state, the root of Brazil's CNPJ; and numbers that begin with
    letters of a name, which are no country's.
    """
    for pattern in (GSTIN, CODICE_FISCALE, RFC):
        if match := pattern.match(signs):
            return match[1]
    if PAN.match(signs):
        return signs
    digits = signs.removeprefix("BR")
    brazil = country == "BR" or digits != signs or CNPJ.search(text)
    return digits[:8] if len(digits) == 14 and digits.isdigit() and brazil else ""


def get_registry(text, country=""):
    """Return a registry number, as it would stand in the tax ID; a French SIRET as the
    company's SIREN.
    """
    signs = NOT_SIGN.sub("", clean(text).upper())
    if part := _get_party_part(signs, text, country):
        return part
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


def has_digit(word):
    """Return whether a word has a number in it."""
    return not word.isalpha() and any(sign.isdigit() for sign in word)


# what a row has of a record as it is
RECORD_COLUMNS = ("id", "version", "company_id", "parent_id", "is_company", "extra")
# What is kept of a record beside it, in the order of the table's columns.
COLUMNS = {
    "id": "int4",
    "version": "int8",
    "company_id": "int4",
    "parent_id": "int4",
    "is_company": "bool",
    "name": "text",
    "plain": "text",
    "given": "text",
    "middle": "text",
    "lineage": "text",
    "sound": "text",
    "party": "int8",
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
    "phone_more": "int8",
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
    country = (record.country or "").upper()
    values = {name: getattr(record, name) for name in RECORD_COLUMNS}
    values |= _read_name(record, words)
    values |= _read_numbers(record, country)
    values |= _read_reach(record, words, country)
    values |= _read_place(record, words)
    values["country"] = hashed(country) if country else None
    values["party"] = _get_party(record, values)
    values["keys"] = _get_keys(values)
    return {name: values[name] for name in COLUMNS}


def _read_name(record, words):
    """Return what a record's name says; `long` are its words for the keys."""
    middle = lineage = ""
    if record.is_company:
        found = written = get_company_words(record.name, words)
    else:
        found, written, middle, lineage = get_person_name(record.name, words)
    ordered = [piece for word in found for piece in get_pieces(word)][:MAX_WORDS]
    given = ""
    if ordered and not record.is_company:
        given = ordered[-1 if is_family_first(written) else 0]
    plain = "".join(map(spell, found))
    long = [word for word in ordered if len(word) > 1] or ordered
    name = " ".join(sorted(set(ordered)))
    heard = sorted({get_skeleton(word) for word in long})
    sound = get_skeleton(plain) if record.is_company else "".join(heard)
    # of a first name as it is written: H. is Hans, whatever that is short for
    initials = ordered if record.is_company else sorted(filter(None, written))
    initials = short = "".join(word[0] for word in initials)
    if record.is_company and not has_signs(plain):
        initials = get_initials(record.name, words) or short
    return {
        "name": name,
        "plain": plain,
        "given": given,
        "middle": middle,
        "lineage": lineage,
        "sound": sound,
        "heard": "".join(heard),
        "initials": initials[: 2 * MAX_WORDS],
        "short": any(len(word) == 1 for word in ordered),
        "words": list(dict.fromkeys(_get_word(word, record, words) for word in long)),
        "numbers": " ".join(
            NOT_DIGIT.sub("", word) for word in sorted(ordered) if has_digit(word)
        ),
        "name_key": hashed(f"n{name}") if name else None,
        "long": long,
        "readings": _get_readings(found) if not record.is_company else (),
        "acronyms": {initials, short} if len(short) > 2 or "&" in record.name else (),
    }


def _get_readings(found):
    """Return the words that a person's name in signs may be read as."""
    signs = "".join(word for word in found if has_signs(word))
    return get_readings(signs) if signs else ()


def _get_word(word, record, words):
    """Return the number of a word. Of a company's: whichever number it stands in, and
    its last bits say whether it is the name of a trade, or one that may be left out.
    """
    if not record.is_company:
        return hashed(f"t{word}")
    number = hashed(f"t{get_stem(word)}") >> 2 << 2
    return number | (word in words.trade) | (word in words.weak) << 1


def _read_numbers(record, country):
    """Return a record's official numbers and accounts."""
    vat = get_vat(record.vat, country) if record.vat else ""
    registry = get_registry(record.company_registry, country)
    official = {number for number in (vat, registry) if number}
    accounts = [
        NOT_SIGN.sub("", account.upper()) for account in record.accounts.split()
    ]
    return {
        "vat": hashed(f"o{vat}") if vat else None,
        "registry": hashed(f"o{registry}") if registry else None,
        "official": [hashed(f"o{number}") for number in sorted(official)],
        "accounts": [hashed(f"i{account}") for account in accounts],
    }


def _read_reach(record, words, country):
    """Return how a record is reached: mailbox, domains, phone."""
    email = get_email(record.email) if record.email else ""
    host = get_host(email) if email else ""
    is_free = bool(host) and host in words.free
    web = get_host(record.website) if record.website else ""
    if web in words.free:
        web = ""
    domains = {part for part in (web, "" if is_free else host) if part}
    # of two that are as long the same one in each process
    shortest = min(sorted(domains), key=len, default="")
    brand = squeeze(shortest.partition(".")[0])
    box = squeeze(email.partition("@")[0])
    if is_free and record.is_company:
        brand = box.rstrip("0123456789")
    phones = get_phones(record.phone, country, record.phone_read)
    phone, more = (*phones[:2], "", "")[:2]
    return {
        "email": hashed(f"e{email}") if email else None,
        "box": box,
        "host": hashed(f"h{host}") if host else None,
        "free": is_free,
        "domains": [hashed(f"d{domain}") for domain in sorted(domains)],
        "brand": brand,
        "phone": hashed(f"p{phone}") if phone else None,
        "phone_end": hashed(f"q{phone[-6:]}") if phone else None,
        "phone_more": hashed(f"p{more}") if more else None,
    }


def _read_place(record, words):
    """Return where a record is."""
    road, house = get_road(record.street, words) if record.street else ("", "")
    return {
        "zip": get_zip(record.zip) if record.zip else "",
        "city": get_town(record.city, words) if record.city else "",
        "road": road,
        "house": house,
        "door": hashed(f"a{road} {house}") if road and house else None,
    }


def _get_party(record, row):
    """Return what the records of one party have in common: how the name is heard, and
    the town, of persons the house; None where either is not known.
    """
    where = row["city"] or row["zip"] if record.is_company else row["door"]
    return hashed(f"y{row['heard']} {where}") if where and row["heard"] else None


def _get_keys(row):
    """Return the numbers that two records of one party are likely to share."""
    keys = {row[name] for name in ("name_key", "email", "phone", "phone_end")}
    keys |= {row["phone_more"], row["door"]}
    keys.update(row["official"], row["domains"], row["accounts"], row["words"])
    keys.update(hashed(f"x{name}{value}") for name, value in row["extra"].items())
    long, plain, brand = row["long"], row["plain"], row["brand"]
    keys.update(hashed(f"w{a} {b}") for a, b in combinations(sorted(set(long)), 2))
    if plain:
        skeleton = get_skeleton("".join(sorted(long)))
        keys.add(hashed(f"s{skeleton}"))
        keys.add(hashed(f"b{plain[:7]}"))
        keys.update(hashed(f"k{get_skeleton(word)}") for word in long if len(word) > 4)
        if len(plain) > 1:
            keys.add(hashed(f"z{plain}"))
    # in signs by who is written in letters: one reading, or another
    for reading in row["readings"]:
        keys.update(hashed(f"t{word}") for word in reading)
        keys.add(hashed(f"n{' '.join(sorted(reading))}"))
        if len(reading) > 1:
            keys.add(hashed(f"w{' '.join(sorted(reading))}"))
    # a slip leaves one end of a word as it is
    longest = long[0] if row["is_company"] and len(long) == 1 else ""
    if len(longest) > 5:
        keys.update((hashed(f"u{longest[:5]}"), hashed(f"v{longest[-5:]}")))
    if row["is_company"] and len(long) > 1 and len(long[0]) > 6:
        others = get_skeleton("".join(long[1:]))
        # of longer words the beginning of the name is a key
        ends = {long[0][-4:], long[0][:4] if len(long[0]) < 8 else long[0][-4:]}
        keys.update(hashed(f"l{end} {others}") for end in ends)
    if row["is_company"]:
        keys.update(hashed(f"z{initials}") for initials in row["acronyms"])
    if len(brand) > 3:
        keys.add(hashed(f"z{brand}"))
        keys.add(hashed(f"b{brand[:7]}"))
    if row["box"] and len(row["box"]) > 6:
        keys.add(hashed(f"m{row['box']}"))
    first, _space, _rest = row["city"].partition(" ")
    town = first if len(first) > 4 else row["city"].replace(" ", "")
    places = {part for part in (row["zip"], town) if part}
    keys.update(hashed(f"c{word[:4]} {place}") for word in long for place in places)
    road, house = row["road"], row["house"]
    if house and not row["is_company"]:
        # where name and street have a slip each
        keys.update(hashed(f"h{word[:2]} {house}") for word in long)
    if road and house:
        keys.update(hashed(f"a{road[:5]} {house} {place}") for place in places)
        keys.add(hashed(f"a{get_skeleton(road)[:4]} {house}"))
    keys.discard(None)
    return sorted(keys)

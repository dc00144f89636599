"""Names and addresses as what they say: plain functions of plain values and of the
words that managers keep.
"""

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from .east import join_given, part_korean
from .scripts import LONGEST, NOT_WORD, clean, fold, has_signs, spell, split_words

LINKS = {
    *("and", "und", "och", "et", "og", "en", "e", "i", "y", "ja", "the", "de", "la"),
    *("es", "ve", "kai", "of", "for", "du", "des", "del", "di", "do", "da", "dos"),
    *("das", "der", "den", "am", "im", "zum", "zur", "fur", "van", "von", "le", "les"),
    *("al", "el"),
}
# what is left out between two letters, or is an ending: Nat'l, King's
ENDING = re.compile(r"(?<=[^\W\d_])['’](?=(?:s|l|t|n|d)\b)", re.I)
# two letters that are the first ones of two names: P&G, AT&T
AMPERSAND = re.compile(r"(?<![^\W_])([^\W\d_]{1,2})\s?[&+]\s?([^\W\d_])(?![^\W_])")
# between the names of one company: its own and the one it trades under
TRADING = re.compile(
    r"\b(?:t/a|d/b/a|d\.b\.a\b\.?|dba|a/k/a|trading as|doing business as)(?!\w)"
    r"|^\s*(?:m/s|messrs)\b\.?",
    re.I,
)
# Korean legal forms stand without a space before or behind the name
KOREAN = re.compile(
    "(주식회사|유한책임회사|유한회사|합자회사|합명회사|사단법인|재단법인)"
)
# Thai has no spaces: legal forms, titles, and what a house is
THAI_PARTS = re.compile(
    "(ห้างหุ้นส่วนจำกัด|บริษัท|จำกัด|มหาชน|หจก|บจก|บมจ|โรงพยาบาล|รพ|โรงแรม|ร้านอาหาร|ร้านยา|ร้าน"
    "|ธนาคาร|มหาวิทยาลัย|โรงเรียน|นางสาว|น\\.ส\\.)"
)
THAI_TITLE = re.compile("^(?:นาย|นางสาว|นาง|น\\.ส\\.|ดร\\.|คุณ)\\s*")
# letters that only Vietnamese has: its short words are no legal forms
VIETNAMESE = re.compile("[\u1ea0-\u1ef9\u01a1\u01b0]", re.I)
SPOKEN = re.compile("[aeiouy]")
# Polish legal forms that stand in front; Phú is a word of Vietnamese names
FRONT_FORMS = {"fh", "fhu", "phu", "pphu", "ppuh"}
# between a person's names; and the article of Arabic ones
PARTICLES = {
    *("de", "da", "do", "dos", "das", "del", "di", "du", "al", "el", "ul", "bin"),
    *("ibn", "ben", "y", "e"),
}
# somebody's wife
WIFE = re.compile(r"[^\W\d_]{4,}né\b")
TITLES = {
    *("dr", "mr", "mrs", "ms", "miss", "prof", "herr", "frau", "mme", "mlle", "mgr"),
    *("ing", "dipl", "med", "sir", "hr", "fru", "shri", "smt", "don", "dona", "sra"),
}
# what tells a father from his son; written at the end
LINEAGE = {
    **{"jr": "jr", "junior": "jr", "jun": "jr", "filho": "jr", "ii": "jr"},
    **{"sr": "sr", "senior": "sr", "sen": "sr", "iii": "iii", "iv": "iv"},
    **{"ifj": "jr", "ml": "jr", "mladsi": "jr", "id": "sr", "idosb": "sr", "st": "sr"},
    **{"neto": "neto", "sobrinho": "sobrinho"},
}
# in front, not at the end, it is a title
FRONT = {"sr"}
MAX_WORDS = 8
SHIPPED = Path(__file__).parent / "words.json"


class Words(NamedTuple):
    """The words that say nothing, or the same as another one.

    :param legal: words of legal forms, folded
    :param free: hosts of mailboxes that anybody may have
    :param short: ``{abbreviation: what it is short for}``, folded
    :param road: words for a street, folded
    :param phrases: legal forms of several words, as tuples of them, folded
    :param first: ``{first name: the one that it is short for}``, folded
    :param trade: words that say what a company does, folded
    :param weak: words that a company's name may lack or have, folded
    """

    legal: frozenset = frozenset()
    free: frozenset = frozenset()
    short: dict = {}
    road: frozenset = frozenset()
    phrases: frozenset = frozenset()
    first: dict = {}
    trade: frozenset = frozenset()
    weak: frozenset = frozenset()


def get_shipped():
    """Return the shipped words: ``(kind, word, what it is short for)``."""
    shipped = json.loads(SHIPPED.read_text())
    return [
        (kind, name, found[name] if isinstance(found, dict) else None)
        for kind, found in shipped.items()
        for name in found
    ]


def make_words(lines):
    """Return the words of ``(kind, word, what it is short for)``.

    :rtype: Words
    """
    kinds = ("legal", "free", "road", "phrases", "trade", "weak")
    found = {kind: set() for kind in kinds}
    short = {"short": {}, "first": {}}
    for kind, name, meaning in lines:
        if kind == "free":
            found["free"].add(name.strip().lower().rpartition("@")[2])
            continue
        parts = split_words(name)
        if kind in short:
            meaning = "".join(split_words(meaning or ""))
            if len(parts) == 1 and meaning:
                short[kind][parts[0]] = meaning
        elif kind == "legal" and len(parts) > 1:
            found["phrases"].add(tuple(parts))
        else:
            found[kind].update(parts)
    return Words(**{name: frozenset(kept) for name, kept in found.items()}, **short)


# ------------------------------------------------------------
# NAMES
# ------------------------------------------------------------


def get_company_words(name, words):
    """Return the words of a company's name, in order: without the legal form, short
    ones as what they are short for.
    """
    found = _split_company(name)
    kept = _drop_phrases(found, words.phrases)
    kept = [_cut_signs(word, words.legal) for word in kept]
    legal = _get_legal(kept, name, words)
    while kept and kept[-1] in legal:
        kept.pop()
    while kept and kept[0] in legal:
        kept.pop(0)
    # in the middle, such as before a town, a short word may be of the name
    kept = [word for word in kept if word not in legal or len(word) < 3]
    kept = [word for word in kept if word] or found
    kept = [words.short.get(word, word) for word in kept]
    return [word for word in kept if word not in LINKS] or kept


def _get_legal(kept, name, words):
    """Return which words of a name are legal forms, and no words of another language:
    forms that stand in front do so where a name is left, elsewhere in capitals.
    """
    capitals = "" if name.isupper() else name.replace(".", "")
    spoken = {word for word in FRONT_FORMS if word.upper() not in capitals}
    if len("".join(kept[1:])) > 4:
        spoken.discard(kept[0])
    legal = words.legal.intersection(kept) - spoken
    if VIETNAMESE.search(name):
        legal = {word for word in legal if len(word) > 3 or not SPOKEN.search(word)}
    return legal


def _split_company(name):
    """Return all words of a company's name, in order."""
    text = name[:LONGEST]
    if not name.isascii():
        text = THAI_PARTS.sub(r" \1 ", KOREAN.sub(r" \1 ", clean(name)))
    return split_words(AMPERSAND.sub(r"\1\2", ENDING.sub("", TRADING.sub(" ", text))))


def get_initials(name, words):
    """Return the first letters of a company's name, also those of a legal form that is
    written out: SNCF, BHEL.
    """
    return "".join(
        word[0]
        for word in _split_company(name)
        if word not in LINKS and (len(word) > 5 or word not in words.legal)
    )


def _drop_phrases(found, phrases):
    """Return words without the legal forms of several words, wherever they stand."""
    starts = _get_starts(phrases)
    kept, place = [], 0
    while place < len(found):
        size = next(
            (
                len(phrase)
                for phrase in starts.get(found[place], ())
                if tuple(found[place : place + len(phrase)]) == phrase
            ),
            0,
        )
        if not size:
            kept.append(found[place])
        place += size or 1
    return kept


@lru_cache(maxsize=4)
def _get_starts(phrases):
    """Return phrases by their first word, longest first."""
    starts = {}
    for phrase in sorted(phrases, key=lambda phrase: (-len(phrase), phrase)):
        starts.setdefault(phrase[0], []).append(phrase)
    return starts


def _cut_signs(word, legal):
    """Return signs that stand together without the legal form at either end."""
    if not has_signs(word):
        return word
    for form in _get_sign_forms(legal):
        if word == form:
            return ""
        if word.startswith(form):
            word = word[len(form) :]
        elif word.endswith(form):
            word = word[: -len(form)]
    return word


@lru_cache(maxsize=4)
def _get_sign_forms(legal):
    """Return the legal forms that stand without a space, longest first; a single sign
    may be of the name.
    """
    forms = [form for form in legal if has_signs(form) and len(form) > 1]
    return sorted(forms, key=lambda form: (-len(form), form))


class PersonName(NamedTuple):
    """A person's name.

    :param words: first name first, each in the form that it is short for
    :param written: the same words as they are written
    :param middle: the first letter of the name in the middle, if there is one
    :param lineage: what tells from a father or son of that name
    """

    words: list
    written: list
    middle: str = ""
    lineage: str = ""


def get_person_name(name, words):
    """Return what a person's name says.

    :rtype: PersonName
    """
    parts = clean(name).split(",")
    lineage = ""
    if len(parts) > 1 and _get_word(parts[-1]) in LINEAGE:
        lineage = LINEAGE[_get_word(parts.pop())]
    text = part_korean(THAI_TITLE.sub("", " ".join([*parts[1:], parts[0]]).strip()))
    if WIFE.search(text.lower()):
        lineage = "ne"
    found = split_words(text.replace("'", "").replace("’", ""))
    found = _part_initials(found, text)
    while len(found) > 1 and (found[0] in TITLES or found[0] in FRONT):
        found.pop(0)
    if len(found) > 2 and found[-1] in LINEAGE:
        lineage = LINEAGE[found.pop()]
    found = join_given(
        found[:1]
        + [word for word in found[1:-1] if word not in PARTICLES]
        + found[1:][-1:]
    )
    long = [word for word in found if len(word) > 1 or has_signs(word)]
    middle = ""
    if len(long) > 1:
        single = [word for word in found[1:-1] if len(word) == 1]
        middle = single[0] if single else long[1][0] if len(long) == 3 else ""
        found = long
    meant = [words.first.get(word, word) for word in found]
    return PersonName(meant, found, middle, lineage)


def _get_word(text):
    return "".join(split_words(text))


def _part_initials(found, text):
    """Return words with letters that stood apart as words of their own: A. K. Singh,
    which in a company's name would be an abbreviation.
    """
    parts = set(NOT_WORD.split(fold(text)))
    result = []
    for word in found:
        if len(word) > 1 and word.isascii() and word not in parts:
            if all(letter in parts for letter in word):
                result += list(word)
                continue
        result.append(word)
    return result


# ------------------------------------------------------------
# ADDRESSES
# ------------------------------------------------------------

NUMBER = re.compile(r"\d+")
LETTERS = re.compile(r"[^\W\d_]{2}")
# a part of a house: its word and what follows
UNIT = re.compile(
    r"(?:#|\b(?:apartment|apt|suite|ste|unit|flat|floor|fl|room|rm|lgh|appt|[eé]tage|stock|"
    r"piso|puerta|depto|dpto|apto|bloco|sala|andar|daire|kat|kv|kom|bldg|building|"
    r"level|lokal|lok|emelet|byt|interno|int|scala|box|bte)\b\.?)\s*#?\s*"
    r"(?:(?:no|nr)\.?\s*)?[\w-]*\d*\w?\b",
    re.I,
)
FLOOR = re.compile(
    r"\b(?:\d+|[ivx]+)\s*(?:st|nd|rd|th|er|[eè]me|e)?\.?\s*"
    r"(?:floor|fl|[eé]tage|stock|og|andar|piso|planta|tr|em|emelet)\b\.?",
    re.I,
)
# where it is, behind the number and the street, or a part of its own: between 5th and
# 6th Ave., opp. City Hall
WHERE = re.compile(
    r"\b(?:between|btwn|bet|near|off|opp|opposite|behind|beside|next to|corner of|cnr|"
    r"at|in front of|adj|adjacent to|entre|esquina|esq|frente a|junto a|perto de|"
    r"pr[oó]ximo a|ecke|gegen[uü]ber|n[aä]he|vid|h[oö]rnet|angolo|angle|pr[eè]s de|"
    r"en face de|derri[eè]re|hoek|naast|r[oó]g|obok)\b",
    re.I,
)
# one word and a number, as most are
PLAIN = re.compile(r"^[^\W\d]+\.? \d+ ?[^\W\d]?$")
HIGH = re.compile("[ºª°]")
# 3º B; a flat behind the number of the house, or up to which it goes: 12/4, 12-14
SPANISH = re.compile(r"\b\d+\s*[ºª°]\s*(?:planta|\w{0,4})\b")
# what is written before the number of a house
COUNT = re.compile(
    r"\b(?:plot|door|house|shop|h|building|bldg)\.?\s*(?:no|nr|number)\.?\s*(?=\d)",
    re.I,
)
BEHIND = re.compile(r"(?<=\d)[A-Za-z]?\s*/\s*\w+|(?<=\d)\s*-\s*\d+\b")
# a house in Japan: 1-2-3
BLOCK = re.compile(r"\b(\d+)-(\d+)-(\d+)\b")
ORDINAL = re.compile(r"^(\d+)(?:st|nd|rd|th)$")
# Straße des 17. Juni, 2. Hauptstraße, 25 de Mayo
DATE = re.compile(r"\b(\d+)(?:\.\s*(?=[^\W\d]{3})|\s+(?=de\s))", re.I)
SPELLED = {
    word: f"o{number}"
    for number, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth".split(), 1
    )
}
# a name may begin with them, too: St. John
STREETS = {"st", "ave", "blv", "boul"}
SIDES = {"north", "south", "east", "west", "ne", "nw", "se", "sw", "no", "nr", "num"}
ZIP_COUNTRY = re.compile(r"^[a-z]{1,3}[- ]?(?=\d{2,3} ?\d{2,3}$)")
ZIP_MORE = re.compile(r"^(\d{5})-?\d{4}$")
TOWN_NOISE = re.compile(r"cedex|\d+|e")


def get_road(street, words):
    """Return ``(road, house)`` of a street: without the words for *street*, the side of
    the town, the floor or flat; the number first or last.
    """
    # before the sign becomes a letter
    street = street[:LONGEST]
    text = clean(SPANISH.sub(" ", street) if HIGH.search(street) else street)
    if not PLAIN.match(text):
        text = BLOCK.sub(r"\1\2\3", _drop_where(text))
        for pattern in (COUNT, FLOOR, UNIT):
            text = pattern.sub(" ", text)
        text = DATE.sub(r"\1th ", BEHIND.sub("", text))
    parts = [SPELLED.get(part, part) for part in split_words(text)]
    house, rest = _take_house([ORDINAL.sub(r"o\1", part) for part in parts])
    ending = _get_road_ending(words.road)
    kept = []
    for part in rest:
        part = part[1:] if _is_ordinal(part) else part
        single = len(part) == 1 and part.isalpha() and not has_signs(part)
        if not single and part not in words.road and part not in STREETS:
            kept.append(ending.sub(r"\1", part) if len(part) > 5 else part)
    named = [part for part in kept if part not in SIDES] or kept
    # Avenue A has but its letter
    named = named or [part for part in rest if len(part) == 1] or rest[:1]
    return "".join(map(spell, named)), house


def _drop_where(text):
    """Return a street without what says where it is, if there is a number besides."""
    parts = [part for part in text.split(",") if part.strip()]
    own = [part for part in parts if not WHERE.match(part.strip())]
    if own != parts and NUMBER.search("".join(own)):
        text = ",".join(own)
    for match in WHERE.finditer(text):
        before = text[: match.start()]
        if NUMBER.search(before) and LETTERS.search(before):
            return before
    return text


def _take_house(parts):
    """Return the number of the house and the other parts."""
    places = [n for n, part in enumerate(parts) if part[0].isdigit()]
    if not places:
        return "", parts
    place = places[0]
    house = NUMBER.match(parts[place])[0].lstrip("0")
    before, behind = parts[:place], parts[place + 1 :]
    # behind the number of a street are a part of the house or of the town
    if any(len(part) > 2 and part not in SIDES for part in before):
        return house, before + [part for part in behind if part in SIDES]
    # of a flat, or a ZIP code
    return house, before + [
        part
        for part in behind
        if not part[0].isdigit() or (place == 0 and len(part) < 5)
    ]


def _is_ordinal(part):
    """Return whether it was the number of a street: 17th."""
    return part[0] == "o" and part[1:].isdigit()


@lru_cache(maxsize=4)
def _get_road_ending(road):
    """Return the pattern of a word that ends in one for a street: Storgatan."""
    endings = sorted({"str", *(word for word in road if len(word) > 2)}, key=len)
    pattern = "|".join(map(re.escape, reversed(endings)))
    return re.compile(f"^(.{{3,}}?)(?:{pattern})$")


def get_zip(text):
    """Return a ZIP code without its country and without what is more exact than it."""
    text = ZIP_COUNTRY.sub("", fold(clean(text)).strip())
    return NOT_WORD.sub("", ZIP_MORE.sub(r"\1", text))


def get_town(text, words):
    """Return the words of a town, without its districts' numbers."""
    parts = [words.short.get(part, part) for part in split_words(text)]
    return " ".join(spell(part) for part in parts if not TOWN_NOISE.fullmatch(part))

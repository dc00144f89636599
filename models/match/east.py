"""Names of people in East Asia: the family's comes first, and in signs it has no
letters but those that everybody knows it by. The commonest of them are kept as data.
"""

import json
import re
from functools import lru_cache
from pathlib import Path

DATA = json.loads((Path(__file__).parent / "east.json").read_text(encoding="utf-8"))
HANGUL_NAME = re.compile("^[\uac00-\ud7a3]{2,4}$")
# one of the syllables that a given name is written in: Cheol-su, Xiao Ming
SYLLABLE = re.compile(r"^[bcdfghjklmnpqrstwxyz]{0,2}[aeiouwy]{1,3}(?:ng|[nmklptr])?$")


def _read(name):
    """Return ``{signs: letters}`` of the data."""
    return dict(pair.split("-") for pair in DATA[name].split())


JAPANESE, JAPANESE_GIVEN = _read("japanese"), _read("given")
CHINESE, CHINESE_GIVEN = _read("chinese"), _read("chinese_given")
KOREAN, KOREAN_WRITTEN = _read("korean"), _read("korean_written")
KOREAN_FAMILIES = set(KOREAN.values()) | set(KOREAN_WRITTEN)
FAMILIES = KOREAN_FAMILIES | set(CHINESE.values())
VIETNAMESE_FAMILIES = {
    *("nguyen", "tran", "le", "pham", "hoang", "huynh", "phan", "vu", "vo", "dang"),
    *("bui", "do", "ho", "ngo", "duong", "ly", "dinh"),
}
# 國, 国; each sign as the first of those that are one
VARIANTS = {
    ord(sign): signs[0] for signs in DATA["variants"].split() for sign in signs[1:]
}


def part_korean(text):
    """Return a name in Korean letters with the family's name apart, in the letters that
    most write it in; another one as it is.
    """
    signs = text.replace(" ", "")
    if not HANGUL_NAME.match(signs):
        return text
    for size in (2, 1):
        if signs[:size] in KOREAN and len(signs) > size:
            return f"{KOREAN[signs[:size]]} {signs[size:]}"
    return text


def join_given(words):
    """Return the words of a name with the syllables of the given name as one word, and
    a Korean family's name as most write it.

    :param list words: as written, folded
    """
    if len(words) not in (2, 3):
        return words
    for place in (0, -1):
        family = words[place]
        others = words[1:] if place == 0 else words[:-1]
        if family not in FAMILIES or not all(map(SYLLABLE.match, others)):
            continue
        if len(others) == 2 or family in KOREAN_FAMILIES:
            given = "".join(others)
            family = KOREAN_WRITTEN.get(family, family)
            return [family, given] if place == 0 else [given, family]
    return words


@lru_cache(maxsize=4096)
def get_readings(signs):
    """Return the words that a person's name in signs may be read as: the family's, and
    the given one where it is known.

    :rtype: list[list[str]]
    """
    found = []
    for families, read in ((JAPANESE, _read_japanese), (CHINESE, _read_chinese)):
        for size in (3, 2, 1):
            if signs[:size] in families and len(signs) > size:
                found.append([families[signs[:size]], *read(signs[size:])])
                break
    return found


def _read_japanese(given):
    return [JAPANESE_GIVEN[given]] if given in JAPANESE_GIVEN else []


def _read_chinese(given):
    letters = [CHINESE_GIVEN.get(sign) for sign in given]
    return ["".join(letters)] if all(letters) else []


def is_family_first(words):
    """Return whether a family's name stands first that is known to do so.

    :param list words: of a person's name, in order
    """
    first = words[0] in FAMILIES or words[0] in VIETNAMESE_FAMILIES
    return first and words[-1] not in FAMILIES

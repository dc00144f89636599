"""How contacts are found by what somebody types, in any order and spelling."""

import re

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from odoo.tools import SQL

from odoo.addons.phone_validation.models.mail_thread_phone import PHONE_REGEX_PATTERN

# an index of trigrams serves no shorter ones
LONG_WORD = 3
# what an expression's index is made of, so that PostgreSQL takes that
PHONE_SQL = f"regexp_replace((%s::text), '{PHONE_REGEX_PATTERN}', '', 'g')"
PHONE_PART = re.compile(r"\+?[\d()./\-]*\d[\d()./\-]*|\+")
AROUND_WORDS = " \t\n<>,;\"'“”„"


def split_terms(text):
    """Return what somebody typed as terms, each of which a contact must have: pairs of
    the words that it may be found by, and the patterns of the phone number that it may
    be, none for most.

    What can be parts of a phone number and follows each other is one term.
    """
    runs = []
    for part in text.replace(",", " , ").split():
        digits = bool(PHONE_PART.fullmatch(part))
        if digits and runs and runs[-1][0]:
            runs[-1][1].append(part)
        else:
            runs.append((digits, [part]))
    terms = []
    for digits, run in runs:
        words = [word for part in run if (word := part.strip(AROUND_WORDS))]
        patterns = get_phone_patterns(words) if digits else []
        if words and min(map(len, words)) < LONG_WORD:
            words = [" ".join(words)]
        if words:
            terms.append((words, patterns))
    return terms


def get_phone_patterns(words):
    """Return the regular expressions of the phone numbers that somebody may mean, read
    without what stands between their digits; none if the words are none.

    A number is found by any part of it, and whichever of the two, what is typed or what
    is noted, has the country's code and the other the nought that is dialled at home.

    :param list words: digits and signs that follow each other
    """
    digits = re.sub(PHONE_REGEX_PATTERN, "", "".join(words).replace("(0)", ""))
    patterns = []
    if abroad := re.fullmatch(r"(?:\+|00)([1-9]\d*)", digits):
        number = abroad[1]
        patterns = [rf"(\+|00){number}"] if len(number) >= LONG_WORD else []
        for length in (1, 2, 3):
            code, rest = number[:length], number[length:]
            if int(code) in COUNTRY_CODE_TO_REGION_CODE and len(rest) >= LONG_WORD:
                patterns += [rf"(\+|00){code}0{rest}", rf"(^|[^0-9])0{rest}"]
    elif digits.isdigit() and len(digits) >= LONG_WORD:
        patterns = [digits]
        home = re.fullmatch(r"0([1-9]\d*)", digits)
        if home and len(home[1]) >= LONG_WORD:
            patterns.append(rf"(\+|00)[1-9][0-9]{{0,2}}0?{home[1]}")
    return patterns


def phone_to_sql(column, patterns):
    """Return the condition that a column's phone number fits one of the patterns."""
    # one after the other: of alternatives, PostgreSQL looks up too little in the index
    fits = SQL(" OR ").join(SQL(f"{PHONE_SQL} ~ %s", column, p) for p in patterns)
    return SQL("(%s IS NOT NULL AND (%s))", column, fits)

"""Lists as others keep them, with a known truth: households without a town, namesakes
that are on one side only, names alone, names in two scripts, one list with many rows of
a party. Beside what `generate.py` makes, to learn from and to judge on.

Each function takes a seed and returns contacts and partners (none where it is one
list), as `generate.py` writes them; rows of one `party` are the same.
"""

import contextlib
import csv
import random
import re
from pathlib import Path

from generate import COUNTRIES, FIELDS, FREEMAIL, WORDS, Maker, get_words, unaccent


class Lister:
    """Makes rows of lists from a seed."""

    def __init__(self, seed):
        self.r = random.Random(seed)
        self.maker = Maker(seed)

    def slip(self, text, chance):
        return self.maker.typo(text) if self.r.random() < chance else text

    def pick(self, country, what):
        """A word that Faker makes, the first ones more often."""
        return self.maker.pick(get_words(country, what))

    def last(self, country):
        """A family name: a common one, or one that hardly anybody has."""
        if self.r.random() < 0.6:
            return self.pick(country, "last_name")
        return self.maker.last(self.r.choice(["SE", "DE", "FR"]))

    def person(self, country):
        return f"{self.pick(country, 'first_name')} {self.last(country)}"

    def place(self, country):
        return {**self.maker.address(country), "country": country}

    def phone(self, country):
        size = 7 if country == "US" and self.r.random() < 0.5 else 10
        return str(self.r.randrange(2, 10)) + "".join(
            str(self.r.randrange(10)) for _digit in range(size - 1)
        )


def finish(contacts, partners=()):
    """Return contacts, shuffled, and partners with all that records of a list have."""
    random.Random(len(contacts)).shuffle(contacts)
    for letter, rows in (("c", contacts), ("p", partners)):
        for number, row in enumerate(rows, 1):
            row["id"] = f"{letter}{number}"
            row["is_company"] = str(row.get("is_company", True))
            for name in (*FIELDS, "iban"):
                row.setdefault(name, "")
    return contacts, list(partners)


def households(seed, count=600):
    """Persons of families, counted twice: name, initial, street and number, no town."""
    lister = Lister(seed)
    r, left, right, number = lister.r, [], [], 0
    streets = get_words("US", "street_name", 40)
    for _house in range(count):
        last, street, house = lister.last("US"), r.choice(streets), r.randrange(10, 999)
        firsts = {lister.pick("US", "first_name") for _p in range(r.randrange(1, 7))}
        for first in sorted(firsts):
            number += 1
            initial = r.choice("ABCDEFGHJKLMPRSTW")
            person = (number, first, initial, last, house, street)
            where = r.random()
            if where < 0.87:
                left.append(_count_person(lister, *person))
            if where < 0.74 or where >= 0.87:
                right.append(_count_person(lister, *person))
    return finish(left, right)


def _count_person(lister, number, first, initial, last, house, street):
    """Return a row of a person, as somebody at the door has heard it."""
    r = lister.r
    given = lister.slip(first, 0.35)
    if r.random() < 0.1:
        given = first[:3] if r.random() < 0.5 else first[0]
    if r.random() < 0.25:
        initial = ""
    elif r.random() < 0.1:
        initial = r.choice("ABCDEFGHJKLMPRSTW")
    if r.random() < 0.15:
        house += r.choice([-1, 1, 10])
    return {
        "party": number,
        "name": " ".join(filter(None, (given, initial, lister.slip(last, 0.4)))),
        "street": f"{house} {lister.slip(street, 0.3)}",
        "is_company": False,
        "country": "US",
    }


def namesakes(seed, count=2000, place=False):
    """Persons by their names, with or without a town: one in six is on both sides."""
    lister = Lister(seed)
    r, left, right = lister.r, [], []
    towns = [
        {"zip": p["zip"], "city": p["city"]}
        for p in (lister.place("US") for _town in range(60))
    ]
    for number in range(count * 11 // 6):
        name, town = lister.person("US"), r.choice(towns)
        both = number < count // 6
        for side in (left, right) if both else ((left, right)[number % 2],):
            where = r.choice(towns) if r.random() < 0.1 else town
            row = {"party": number, "name": lister.slip(name, 0.08), "country": "US"}
            side.append(row | {"is_company": False} | (where if place else {}))
    return finish(left, right)


def names(seed, count=1200):
    """Companies by their names alone, those of branches among them."""
    lister = Lister(seed)
    r, left, right = lister.r, [], []
    for number in range(count):
        party = lister.maker.party(is_company=True)
        both = r.random() < 0.25
        for side in (left, right) if both else (r.choice((left, right)),):
            side.append({"party": number, "name": lister.maker.write_name(party, 1.0)})
    return finish(left, right)


def offices(seed, count=350, country=None):
    """One list that several offices have filled: up to ten rows of a site; what belongs
    to one organisation has several sites.
    """
    lister = Lister(seed)
    r, rows, number = lister.r, [], 0
    while number < count:
        land = country or r.choice(["US", "US", "US", "IN", "BR"])
        data = COUNTRIES[land]
        words = [lister.pick(land, "last_name"), lister.pick(land, "last_name")]
        organisation = " ".join(r.sample(words, r.randrange(1, 3)))
        for _site in range(r.choice([1, 1, 1, 2, 4])):
            number += 1
            trade = " ".join(r.choices(data["words"].split(), k=r.randrange(1, 4)))
            site = f"{organisation} {trade}".split() + [
                r.choice(data["forms"].split("|"))
            ]
            place, phone = lister.place(land), lister.phone(land)
            for _row in range(r.choice([1, 1, 2, 3, 5, 10])):
                rows.append(
                    {"party": number} | _write_site(lister, land, site, place, phone)
                )
    return finish(rows)


def _write_site(lister, land, words, place, phone):
    """Return a row of a site, as one of the offices has it."""
    r = lister.r
    words = [word for word in words if word]
    if len(words) > 2 and r.random() < 0.3:
        words = words[: r.randrange(2, len(words))]
    elif r.random() < 0.15:
        words = [*words, r.choice(["Main", "North", "II", "Branch"])]
    if r.random() < 0.1:
        words = words[1:] or words
    row = {"name": lister.slip(" ".join(words), 0.1), "country": land}
    row["street"] = "" if r.random() < 0.05 else lister.slip(place["street"], 0.15)
    if r.random() < 0.3:
        row["street"] = re.sub(r"( [NSEW])\.? ", r"\1 ", row["street"]).upper()
    row["zip"] = "" if r.random() < 0.3 else place["zip"]
    row["city"] = "" if r.random() < 0.5 else place["city"]
    chance = r.random()
    row["phone"] = "" if chance < 0.15 else phone
    if chance > 0.9:
        row["phone"] = lister.phone(land)
    return row


def people(seed, count=500):
    """One list of persons, up to eight rows of one: name, address, phone, mailbox."""
    lister = Lister(seed)
    r, rows = lister.r, []
    for number in range(count):
        land = r.choice(["US", "US", "IN", "BR"])
        name, place, phone = lister.person(land), lister.place(land), lister.phone(land)
        slug = re.sub("[^a-z]+", ".", unaccent(name).lower())
        email = f"{slug}@{r.choice(FREEMAIL)}"
        for _row in range(1 if r.random() < 0.5 else r.randrange(2, 9)):
            row = {"party": number, "is_company": False, "country": land}
            words = [lister.slip(word, 0.25) for word in name.split()]
            if r.random() < 0.1:
                words = words[::-1]
            row["name"] = " ".join(words)
            row["street"] = lister.slip(place["street"], 0.3)
            row["city"] = lister.slip(place["city"], 0.2)
            row["zip"] = place["zip"] if r.random() < 0.85 else ""
            row["phone"] = phone if r.random() < 0.4 else ""
            row["email"] = email if r.random() < 0.3 else ""
            for field in ("street", "city"):
                if r.random() < 0.12:
                    row[field] = ""
            rows.append(row)
    return finish(rows)


def scripts(seed):
    """Names in the scripts of the world, with a phone or a town now and then."""
    r, left, right, number = random.Random(seed), [], [], 0
    for country, text in WORDS["written"].items():
        for written in text.split(";"):
            number += 1
            digits = str(r.randrange(20000000, 99999999))
            for side, name in zip((left, right), written.split("/"), strict=True):
                row = {"party": number, "name": name, "country": country}
                row["phone"] = digits if r.random() < 0.6 else ""
                side.append(row)
    return finish(left, right)


def read_sets(folder):
    """Return ``[(name, contacts, partners)]`` of others: the rows of each folder's
    `contacts.csv` and `partners.csv`, if that is there.
    """
    sets = []
    for path in sorted(Path(folder).iterdir()):
        found = []
        for name in ("contacts.csv", "partners.csv"):
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                with (path / name).open(encoding="utf-8") as file:
                    found.append(list(csv.DictReader(file)))
        if found:
            sets.append((path.name, found[0], found[1] if found[1:] else []))
    return sets


# by what they are called where they are judged
LISTS = {
    "households": households,
    "namesakes": namesakes,
    "namesakes, town": lambda seed: namesakes(seed, place=True),
    "names alone": names,
    "scripts": scripts,
    "offices, one list": offices,
    "persons, one list": people,
}

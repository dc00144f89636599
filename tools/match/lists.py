"""Lists as others keep them, with a known truth: households without a town, namesakes
that are on one side only, names alone, names in two scripts, one list with many rows of
a party. Beside what `generate.py` makes, to learn from and to judge on.

Each function takes a seed and returns tables as `generate.py` writes them: `contacts`,
`partners` (none where it is one list), `pairs`, `duplicates`. Standard library only.
"""

import contextlib
import csv
import random
import re
from pathlib import Path

from generate import FREEMAIL, Maker, unaccent

FIELDS = ("name", "street", "zip", "city", "country", "phone", "email", "website")
# further countries: first names, family names, streets, towns, what a company does
MORE = {
    "US": {
        "first": "James Mary Robert Patricia John Jennifer Michael Linda David Susan "
        "William Barbara Joseph Jessica Thomas Sarah Charles Karen Daniel Nancy "
        "Matthew Betty Anthony Sandra Mark Ashley Donald Emily Steven Donna Paul "
        "Michelle Andrew Carol Joshua Amanda Kevin Melissa Brian Deborah George Laura",
        "last": "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez "
        "Martinez Wilson Anderson Thomas Taylor Moore Jackson Lee White Harris Clark "
        "Lewis Robinson Walker Young Allen King Wright Scott Hill Green Adams Baker",
        "street": "Main Oak Maple Cedar Pine Elm Washington Lake Hill Park Ridge "
        "Church "
        "Spring Highland Sheridan Lincoln Jackson Halsted Ashland Western 5th 17th "
        "51st",
        "kind": "St Ave Rd Blvd Dr Ln",
        "town": "Springfield Greenville Clinton Franklin Fairview Madison Georgetown "
        "Salem Bristol Oakland Dayton Milton Ashland Dover Jackson Newport",
        "trade": "School Academy Learning Center Daycare Nursery Church Clinic "
        "Grill Cafe "
        "Bakery Market Plumbing Roofing Dental Insurance Motors Printing Storage",
        "forms": "Inc|LLC|Corp|",
    },
    "IN": {
        "first": "Rajesh Priya Amit Sunita Vijay Anita Sanjay Kavita Rahul Neha Arun "
        "Deepa Suresh Lakshmi Manoj Pooja Ravi Meena Anil Rekha",
        "last": "Sharma Kumar Singh Patel Gupta Reddy Nair Iyer Das Joshi Mehta Verma "
        "Rao Shah Mishra Pillai Chopra Malhotra Bose Naidu",
        "street": "Gandhi Nehru Station Temple Market Lake Church Ring Residency "
        "Brigade",
        "kind": "Road Nagar Marg Street",
        "town": "Mumbai Delhi Bengaluru Chennai Pune Hyderabad Kolkata Jaipur Kochi",
        "trade": "Traders Textiles Exports Sweets Electricals Constructions "
        "Enterprises "
        "Jewellers Pharma Infotech Motors",
        "forms": "Pvt Ltd|Private Limited|LLP|& Sons|",
    },
    "BR": {
        "first": "João Maria José Ana Antônio Francisca Carlos Adriana Paulo Juliana "
        "Pedro Márcia Lucas Fernanda Luiz Patrícia Marcos Aline Rafael Camila",
        "last": "Silva Santos Oliveira Souza Lima Pereira Ferreira Costa Rodrigues "
        "Almeida Nascimento Alves Carvalho Araújo Ribeiro Barbosa Rocha Dias",
        "street": "Flores Brasil Paulista Independência Bahia Amazonas Paraná "
        "Tiradentes",
        "kind": "Rua Avenida Travessa",
        "town": "Campinas Recife Curitiba Salvador Fortaleza Manaus Belém Goiânia",
        "trade": "Comércio Transportes Padaria Construções Alimentos Informática "
        "Móveis",
        "forms": "Ltda|S.A.|ME|",
    },
}
# names that are written in two scripts, or in two ways in one
WRITTEN = {
    "GR": (
        "Αφοί Παπαδάκη ΟΕ/Παπαδάκη;Ελαιουργεία Χανίων ΑΕ/ΕΛΑΙΟΥΡΓΕΙΑ ΧΑΝΙΩΝ;"
        "Νίκος Ιωάννου/Nikos Ioannou;Δημήτρης Κωστόπουλος/Κωστόπουλος Δημήτριος"
    ),
    "RU": (
        "ООО Северный ветер/Северный Ветер;ЗАО Ромашка/Romashka;"
        "Иван Соколов/Ivan Sokolov;Мария Ёлкина/Елкина Мария"
    ),
    "JP": "株式会社青空商事/青空商事;ｻｸﾗ印刷/サクラ印刷株式会社;佐藤 花子/佐藤花子",
    "CN": (
        "杭州明月科技有限公司/杭州明月科技;王小明/王 小明;"
        "上海东方贸易公司/上海东方贸易有限公司"
    ),
    "KR": "주식회사 한빛전자/한빛전자;김민수/김 민수;서울식품(주)/서울식품",
    "AE": "شركة النجم للتجارة/النجم للتجارة;مطعم القلعة/مطعم القلعه;يوسف "
    "منصور/Yousef Mansour",
    "IL": 'כוכב הצפון בע"מ/כוכב הצפון;דוד לוי/David Levi',
    "IN": "शर्मा ट्रेडर्स/Sharma Traders;राजेश कुमार/Rajesh Kumar",
    "TR": "Işık Tekstil A.Ş./ISIK TEKSTIL;İbrahim Kılıç/Ibrahim Kilic",
}


class Lister:
    """Makes rows of lists from a seed."""

    def __init__(self, seed):
        self.r = random.Random(seed)
        self.maker = Maker(seed)

    def pick(self, text):
        """A word, the first ones more often."""
        words = text.split()
        if self.r.random() < 0.5:
            return self.r.choice(words)
        return words[min(int(self.r.paretovariate(0.8)) - 1, len(words) - 1)]

    def slip(self, text, chance):
        return self.maker.typo(text) if self.r.random() < chance else text

    def last(self, country):
        """A family name: a common one, or one that hardly anybody has."""
        if self.r.random() < 0.6:
            return self.pick(MORE[country]["last"])
        return self.maker.last(self.r.choice(["SE", "DE", "FR"]))

    def person(self, country):
        return f"{self.pick(MORE[country]['first'])} {self.last(country)}"

    def street(self, country):
        data = MORE[country]
        name, kind = self.pick(data["street"]), self.pick(data["kind"])
        number = self.r.randrange(1, 9999 if country == "US" else 400)
        if country == "BR":
            return f"{kind} {name}, {number}"
        side = self.r.choice(["", "", "N. ", "S. ", "W ", "E "])
        return f"{number} {side if country == 'US' else ''}{name} {kind}"

    def place(self, country):
        code = self.r.randrange(10000, 99999)
        return {
            "street": self.street(country),
            "zip": str(code) if country == "US" else f"{code}{self.r.randrange(10)}",
            "city": self.pick(MORE[country]["town"]),
            "country": country,
        }

    def phone(self, country):
        size = 7 if country == "US" and self.r.random() < 0.5 else 10
        return str(self.r.randrange(2, 10)) + "".join(
            str(self.r.randrange(10)) for _digit in range(size - 1)
        )


def _tables(rows, others=None):
    """Return tables of rows that have a `party`."""
    random.Random(len(rows)).shuffle(rows)
    tables = {"contacts": rows, "partners": others or [], "pairs": [], "traps": []}
    tables["duplicates"] = []
    parties = {}
    for side, letter, of_side in (
        ("contact", "c", rows),
        ("partner", "p", others or []),
    ):
        for number, row in enumerate(of_side, 1):
            row["id"] = f"{letter}{number}"
            row["is_company"] = str(row.get("is_company", True))
            for name in (*FIELDS, "vat", "company_registry", "iban"):
                row.setdefault(name, "")
            known = parties.setdefault((side, row["party"]), [])
            tables["duplicates"] += [
                {"side": side, "id_a": other, "id_b": row["id"]} for other in known
            ]
            known.append(row["id"])
    for (side, party), ids in parties.items():
        if side == "contact":
            tables["pairs"] += [
                {"kind": "partner", "contact_id": a, "card_id": b}
                for a in ids
                for b in parties.get(("partner", party), ())
            ]
    return tables


def households(seed, count=150):
    """Persons of families, counted twice: name, initial, street and number, no town."""
    lister = Lister(seed)
    r, left, right, number = lister.r, [], [], 0
    streets = [lister.street("US").partition(" ")[2] for _street in range(40)]
    for _house in range(count):
        last, street, house = lister.last("US"), r.choice(streets), r.randrange(10, 999)
        firsts = {lister.pick(MORE["US"]["first"]) for _p in range(r.randrange(1, 7))}
        for first in sorted(firsts):
            number += 1
            initial = r.choice("ABCDEFGHJKLMPRSTW")
            person = (number, first, initial, last, house, street)
            where = r.random()
            if where < 0.87:
                left.append(_count_person(lister, *person))
            if where < 0.74 or where >= 0.87:
                right.append(_count_person(lister, *person))
    return _tables(left, right)


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
    return _tables(left, right)


def names(seed, count=1200):
    """Companies by their names alone, those of branches among them."""
    lister = Lister(seed)
    r, left, right = lister.r, [], []
    for number in range(count):
        party = lister.maker.party(is_company=True)
        both = r.random() < 0.25
        for side in (left, right) if both else (r.choice((left, right)),):
            side.append({"party": number, "name": lister.maker.write_name(party, 1.0)})
    return _tables(left, right)


def offices(seed, count=350, country=None):
    """One list that several offices have filled: up to ten rows of a site; what belongs
    to one organisation has several sites.
    """
    lister = Lister(seed)
    r, rows, number = lister.r, [], 0
    while number < count:
        land = country or r.choice(["US", "US", "US", "IN", "BR"])
        data = MORE[land]
        words = [lister.pick(data["last"]), lister.pick(data["street"])]
        organisation = " ".join(r.sample(words, r.randrange(1, 3)))
        for _site in range(r.choice([1, 1, 1, 2, 4])):
            number += 1
            trade = " ".join(
                lister.pick(data["trade"]) for _w in range(r.randrange(1, 4))
            )
            site = f"{organisation} {trade}".split() + [
                r.choice(data["forms"].split("|"))
            ]
            place, phone = lister.place(land), lister.phone(land)
            for _row in range(r.choice([1, 1, 2, 3, 5, 10])):
                rows.append(
                    {"party": number} | _write_site(lister, land, site, place, phone)
                )
    return _tables(rows)


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
    return _tables(rows)


def scripts(seed):
    """Names in the scripts of the world, with a phone or a town now and then."""
    r, left, right, number = random.Random(seed), [], [], 0
    for country, text in WRITTEN.items():
        for written in text.split(";"):
            number += 1
            digits = str(r.randrange(20000000, 99999999))
            for side, name in zip((left, right), written.split("/"), strict=True):
                row = {"party": number, "name": name, "country": country}
                row["phone"] = digits if r.random() < 0.6 else ""
                side.append(row)
    return _tables(left, right)


def join_parties(tables):
    """Return contacts and partners of tables as `generate.py` makes them, each row with
    its `party`.
    """
    party = {}

    def find(id_):
        while party.setdefault(id_, id_) != id_:
            id_ = party[id_]
        return id_

    for row in tables["pairs"]:
        if row["kind"] == "partner":
            party[find(row["contact_id"])] = find(row["card_id"])
    for row in tables["duplicates"]:
        party[find(row["id_a"])] = find(row["id_b"])
    for row in (*tables["contacts"], *tables["partners"]):
        row["party"] = find(row["id"])
    return tables["contacts"], tables["partners"]


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


def _read(make):
    """Return a function of a seed that returns contacts and partners by their party."""

    def read(seed):
        tables = make(seed)
        return tables["contacts"], tables["partners"]

    return read


# by what they are called where they are judged
LISTS = {
    "households": _read(households),
    "namesakes": _read(namesakes),
    "namesakes, town": _read(lambda seed: namesakes(seed, place=True)),
    "names alone": _read(names),
    "scripts": _read(scripts),
    "offices, one list": _read(offices),
    "persons, one list": _read(people),
}

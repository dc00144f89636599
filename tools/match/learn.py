"""Learns how much each level of a comparison weighs, on data with a known truth.

    learn.py [--seeds 3,4,5,6,7,8] [--out FILE]

Makes data by `generate.py`, takes FEBRL 3 besides, compares them in a database of its
own (LAB_DATABASE, on the server that PGHOST names), and finds by logistic regression
the bits of each level that tell true pairs best from others: for contacts with cards
and for contacts among themselves, companies and persons each. Writes
`models/match/weights.json`; *bench match* judges it on other seeds, and on FEBRL 4.
Standard library and psycopg2.
"""

import argparse
import csv
import importlib
import json
import math
import os
import subprocess
import sys
import tempfile
import types
from pathlib import Path

import febrl
import psycopg2

ROOT = Path(__file__).parents[2]
MATCH = ROOT / "models" / "match"
STEPS, RATE, RIDGE = 400, 1.0, 1.0
LN2 = math.log(2)
# seldom seen in the data: what its comparison says by itself
LEAST_SEEN = 5


def load_module():
    """Return the module's plain parts, without its models."""
    package = types.ModuleType("matching")
    package.__path__ = [str(MATCH)]
    sys.modules["matching"] = package
    return [
        importlib.import_module(f"matching.{name}")
        for name in ("normalise", "comparisons", "pairs")
    ]


def read(path):
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


class Lab:
    """Compares made data, as the module does."""

    def __init__(self, connection):
        self.normalise, self.comparisons, self.pairs = load_module()
        self.cr = connection.cursor()
        words = json.loads((MATCH / "words.json").read_text())
        self.words = self.normalise.Words(
            frozenset(words["legal"]),
            frozenset(words["free"]),
            words["short"],
            frozenset(words["road"]),
        )

    def execute(self, query):
        self.cr.execute(query.code, query.params)

    def make(self, name, query, index=None):
        self.cr.execute(f"DROP TABLE IF EXISTS {name}")
        sql = self.pairs.SQL
        self.execute(
            sql("CREATE TEMPORARY TABLE %s AS %s", sql.identifier(name), query)
        )
        if index:
            self.cr.execute(f"CREATE INDEX ON {name} ({index})")
        self.cr.execute(f"ANALYZE {name}")

    def load(self, name, rows):
        """Fill a table with the keys of records."""
        columns = self.normalise.COLUMNS
        kinds = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        self.cr.execute(f"DROP TABLE IF EXISTS {name}")
        self.cr.execute(f"CREATE TEMPORARY TABLE {name} ({kinds})")
        marks = ", ".join(f"%s::{kind}" for kind in columns.values())
        for row in rows:
            record = self.normalise.Record(
                id=get_number(row["id"]),
                version="",
                is_company=row["is_company"] == "True",
                **{
                    field: row[field]
                    for field in self.normalise.Record._fields
                    if field in row and field not in ("id", "is_company")
                },
            )
            values = self.normalise.get_row(record, self.words)
            values["extra"] = "{}"
            self.cr.execute(
                f"INSERT INTO {name} VALUES ({marks})", list(values.values())
            )

    def compare(self, itself):
        """Return ``[(left id, right id, is company, levels)]``."""
        pairs = self.pairs
        self.cr.execute("SELECT COUNT(*) FROM match_left")
        total = 2 * self.cr.fetchone()[0]
        self.make(
            "match_count", pairs.COUNT_SELF if itself else pairs.COUNT_MANY, "key"
        )
        for side in ("left", "right"):
            self.make(f"match_{side}_key", pairs.side_keys_sql(f"match_{side}"))
        self.make("match_counted", pairs.counted_sql(total), "id")
        self.make("match_candidate", pairs.candidates_sql(itself))
        self.make("match_level", pairs.levels_sql())
        columns = ", ".join(
            f"level_{comparison.name}" for comparison in self.comparisons.COMPARISONS
        )
        self.cr.execute(f"SELECT a_id, b_id, is_company, {columns} FROM match_level")
        return [(row[0], row[1], row[2], row[3:]) for row in self.cr.fetchall()]


def fit(examples, sizes):
    """Return ``(prior, [bits of each level])`` of ``[(levels, is true)]``: logistic
    regression by gradients, each with a step of its own (Adagrad).
    """
    starts = [sum(sizes[:place]) for place in range(len(sizes))]
    # the same levels come often: each is counted once
    counts = {}
    for levels, true in examples:
        key = tuple(
            start + level - 1
            for start, level in zip(starts, levels, strict=True)
            if level
        )
        counts.setdefault(key, [0, 0])[true] += 1
    weights, past = [0.0] * sum(sizes), [1e-6] * sum(sizes)
    prior, prior_past = -2.0, 1e-6
    for _step in range(STEPS):
        gradient = [RIDGE * weight for weight in weights]
        of_prior = 0.0
        for key, (false, true) in counts.items():
            score = prior + sum(weights[place] for place in key)
            chance = 1 / (1 + math.exp(-max(-40.0, min(40.0, score))))
            error = chance * (false + true) - true
            of_prior += error
            for place in key:
                gradient[place] += error
        for place, slope in enumerate(gradient):
            past[place] += slope * slope
            weights[place] -= RATE * slope / math.sqrt(past[place])
        prior_past += of_prior * of_prior
        prior -= RATE * of_prior / math.sqrt(prior_past)
    seen = [0] * sum(sizes)
    for key, (false, true) in counts.items():
        for place in key:
            seen[place] += false + true
    return prior, weights, seen


def get_number(id_):
    """Return the number of a record of the data: 17 of ``c17``."""
    return int(id_[1:])


def get_card_examples(lab, tables):
    """Return the examples of contacts with partners of one set of data."""
    true = {
        (get_number(row["contact_id"]), get_number(row["card_id"]))
        for row in tables["pairs"]
        if row["kind"] == "partner"
    }
    lab.load("match_left", tables["contacts"])
    lab.load("match_right", tables["partners"])
    return [(c, lv, (a, b) in true) for a, b, c, lv in lab.compare(False)]


def get_examples(lab, seeds, duplicates):
    """Return the examples of contacts with partners, and of contacts with contacts."""
    cards, doubles = [], []
    for seed in seeds:
        for noise in ("1", "0.5"):
            with tempfile.TemporaryDirectory() as folder:
                command = [sys.executable, str(Path(__file__).with_name("generate.py"))]
                command += [folder, "--seed", str(seed), "--noise", noise]
                command += ["--duplicates", str(duplicates)]
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
                tables = {path.stem: read(path) for path in Path(folder).glob("*.csv")}
            twice = {
                tuple(sorted((get_number(row["id_a"]), get_number(row["id_b"]))))
                for row in tables["duplicates"]
                if row["side"] == "contact"
            }
            cards += get_card_examples(lab, tables)
            lab.cr.execute("DROP TABLE match_right")
            lab.cr.execute(
                "CREATE TEMPORARY TABLE match_right AS SELECT * FROM match_left"
            )
            doubles += [(c, lv, (a, b) in twice) for a, b, c, lv in lab.compare(True)]
            print(f"seed {seed}, noise {noise}: {len(cards)}, {len(doubles)} examples")
    return cards + get_card_examples(lab, febrl.make("dataset3.csv")), doubles


def main():
    """Learn the weights and write them."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", default="3,4,5,6,7,8")
    parser.add_argument("--duplicates", default="0.06")
    parser.add_argument("--out", type=Path, default=MATCH / "weights.json")
    options = parser.parse_args()
    connection = psycopg2.connect(dbname=os.environ.get("LAB_DATABASE", "lab"))
    connection.autocommit = True
    lab = Lab(connection)
    lab.cr.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    names = [c.name for c in lab.comparisons.COMPARISONS]
    levels = [[lv.name for lv in c.levels] for c in lab.comparisons.COMPARISONS]
    sizes = [len(found) for found in levels]
    learned = {}
    cards, doubles = get_examples(lab, options.seeds.split(","), options.duplicates)
    for prefix, examples in (("", cards), ("double_", doubles)):
        for kind, is_company in (("company", True), ("person", False)):
            chosen = [(lv, true) for c, lv, true in examples if c == is_company]
            prior, weights, seen = fit(chosen, sizes)
            entry = learned[prefix + kind] = {"prior": round(prior / LN2, 2)}
            place = 0
            for name, found in zip(names, levels, strict=True):
                entry[name] = {}
                for level in found:
                    if seen[place] >= LEAST_SEEN:
                        entry[name][level] = round(weights[place] / LN2, 2)
                    place += 1
    options.out.write_text(json.dumps(learned, indent=1) + "\n")


if __name__ == "__main__":
    main()

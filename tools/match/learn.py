"""Learns how much each level of a comparison weighs, on data with a known truth.

    pip install scipy
    learn.py [--seeds 3,4,5,6,7,8] [--out FILE]

Makes data by `generate.py` and `lists.py`, takes FEBRL 3 and the sets of the folder
that MATCH_DATA names besides, compares them in a database of its own (LAB_DATABASE, on
the server that PGHOST names), and finds by logistic regression the bits of each level
that tell true pairs best from others: for contacts with cards and for contacts among
themselves, companies and persons each. Writes
`models/match/weights.json`; *bench match* judges it on other seeds, and on FEBRL 4.
"""

import argparse
import importlib
import json
import math
import os
import sys
import types
from collections import Counter
from pathlib import Path

import febrl
import generate
import lists
import numpy as np
import psycopg2
from psycopg2.extras import execute_values
from scipy.optimize import isotonic_regression
from scipy.special import expit

ROOT = Path(__file__).parents[2]
MATCH = ROOT / "models" / "match"
STEPS, RATE, RIDGE = 400, 0.5, 1.0
LN2 = math.log(2)
# from what is most to what is least alike
TONES = ("same", "like", "differs")
# how many true pairs of a list count, so that none teaches all
MOST_TRUE, MOST_WEIGHT = 800, 4.0
# of persons that others made, where there are few others
MOST_TRUE_FEBRL = 2500
# what `generate.py` makes, and that of it which is hard
MADE, HARD = "made", ", 1"


class Lab:
    """Compares made data as the module does, by its parts that need no models."""

    def __init__(self, connection):
        package = sys.modules["matching"] = types.ModuleType("matching")
        package.__path__ = [str(MATCH)]
        for name in ("normalise", "comparisons", "pipeline", "weighing", "names"):
            setattr(self, name, importlib.import_module(f"matching.{name}"))
        self.cr = connection.cursor()
        self.words = self.names.make_words(self.names.get_shipped())

    def make(self, name, query, index=None):
        """Fill a table by a query of the pipeline."""
        self.cr.execute(f"DROP TABLE IF EXISTS {name}")
        self.cr.execute(f"CREATE TEMPORARY TABLE {name} AS {query.code}", query.params)
        if index:
            self.cr.execute(f"CREATE INDEX ON {name} ({index})")
        self.cr.execute(f"ANALYZE {name}")

    def load(self, name, rows):
        """Fill a table with the keys of records."""
        columns = self.normalise.COLUMNS
        kinds = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        self.cr.execute(f"DROP TABLE IF EXISTS {name}")
        self.cr.execute(f"CREATE TEMPORARY TABLE {name} ({kinds})")
        Record, lines = self.normalise.Record, []
        for row in rows:
            known = {field: row[field] for field in Record._fields if field in row}
            known |= {"id": get_number(row["id"]), "version": "0"}
            known["is_company"] = row["is_company"] == "True"
            values = self.normalise.get_row(Record(**known), self.words)
            lines.append([*(values | {"extra": "{}"}).values()])
        marks = ", ".join(f"%s::{kind}" for kind in columns.values())
        query = f"INSERT INTO {name} VALUES %s"
        execute_values(self.cr, query, lines, f"({marks})", 1000)

    def compare(self, itself):
        """Return ``[(left id, right id, is company, levels)]``."""
        pipeline, weighing = self.pipeline, self.weighing
        self.cr.execute("SELECT COUNT(*) FROM match_left")
        total = 2 * self.cr.fetchone()[0]
        pairs = pipeline.many_pairs("match_left")
        for step in (
            *pipeline.many_counts(itself, 1),
            *pipeline.many_candidates(itself, pipeline.trusted("TRUE")),
            ("match_counted", weighing.counted_sql("match_left", total), "id"),
            ("match_level", weighing.levels_sql(pairs)),
        ):
            self.make(*step)
        names = [comparison.name for comparison in self.comparisons.COMPARISONS]
        columns = ", ".join(f"level_{name}" for name in names)
        self.cr.execute(f"SELECT a_id, b_id, is_company, {columns} FROM match_level")
        return [(row[0], row[1], row[2], row[3:]) for row in self.cr.fetchall()]


def fit(examples, comparisons, weights_of):
    """Return ``(prior, {comparison: [bits of each level]})``, as natural logarithms:
    logistic regression by gradients, each with a step of its own (Adagrad).

    Each source has a prior of its own: how many of the pairs that are compared are true
    says nothing of the next list. What is the same never weighs less than what is
    alike, nor that less than what differs; what is little seen keeps the bits that the
    comparison says.

    :param examples: list of ``(source, levels, is true)``
    :param comparisons: those of the levels, in their order
    :param dict weights_of: ``{source: how much one of its examples counts}``
    """
    # one weight for the prior of each source, then one for each level
    sources = list(weights_of)
    levels = [
        (comparison, level) for comparison in comparisons for level in comparison.levels
    ]
    given = np.array([one.bits.get(level.name, 0.0) * LN2 for one, level in levels])
    ends = len(sources) + np.cumsum([len(one.levels) for one in comparisons])
    starts = [len(sources), *ends[:-1]]
    seen = Counter(examples)
    rows = np.zeros((len(seen), ends[-1]))
    for row, (source, of_pair, _true) in zip(rows, seen, strict=True):
        row[sources.index(source)] = 1
        row[[s + n - 1 for s, n in zip(starts, of_pair, strict=True) if n]] = 1
    count = np.array([n * weights_of[source] for (source, _lv, _t), n in seen.items()])
    true = np.array([true for _source, _levels, true in seen])
    weights = np.concatenate([np.full(len(sources), -2.0), given])
    past = np.full(len(weights), 1e-6)
    for _step in range(STEPS):
        slope = rows.T @ (count * (expit(rows @ weights) - true))
        slope[len(sources) :] += RIDGE * (weights[len(sources) :] - given)
        past += slope**2
        weights -= RATE * slope / np.sqrt(past)
        for start, comparison in zip(starts, comparisons, strict=True):
            put_in_order(weights[start : start + len(comparison.levels)], comparison)
    return dict(zip(sources, weights, strict=False)), {
        comparison.name: weights[start : start + len(comparison.levels)]
        for start, comparison in zip(starts, comparisons, strict=True)
    }


def put_in_order(weights, comparison):
    """Make the weights of levels fall from what is the same to what differs: those that
    would rise get their mean.
    """
    tones = np.array([TONES.index(level.tone) for level in comparison.levels])
    order = np.argsort(tones, kind="stable")
    weights[order] = isotonic_regression(weights[order], increasing=False).x
    least = np.where(tones == TONES.index("same"), 0, -np.inf)
    most = np.where(tones == TONES.index("differs"), 0, np.inf)
    weights[:] = np.clip(weights, least, most)


def get_number(id_):
    """Return the number of a record of the data: 17 of ``c17``."""
    return int(id_[1:])


def get_examples(lab, source, contacts, partners):
    """Return the examples of a list: ``(source, is company, levels, is true)``.

    :param contacts: rows with their `party`
    :param partners: likewise; none of one list with doubles
    """
    sides = [contacts, partners or contacts]
    for rows in sides:
        for number, row in enumerate(rows, 1):
            row["id"] = f"r{number}"
    parties = [{get_number(row["id"]): row["party"] for row in rows} for rows in sides]
    lab.load("match_left", contacts)
    if partners:
        lab.load("match_right", partners)
    else:
        lab.cr.execute("DROP TABLE IF EXISTS match_right")
        lab.cr.execute("CREATE TEMPORARY TABLE match_right AS SELECT * FROM match_left")
    found = [
        (source, company, levels, parties[0][a] == parties[1][b])
        for a, b, company, levels in lab.compare(not partners)
    ]
    print(f"{source}: {len(found)} pairs, {sum(line[3] for line in found)} true")
    return found


def get_all_examples(lab, seeds, duplicates):
    """Return the examples of contacts with partners, and of contacts with contacts."""
    cards, doubles = [], []
    for seed in seeds:
        for noise in (1, 0.5):
            made = generate.make(seed, noise=noise, duplicates=duplicates)
            contacts, partners, _traps = made
            name = f"{MADE} {seed}, {noise}"
            cards += get_examples(lab, name, contacts, partners)
            doubles += get_examples(lab, name, contacts, [])
    others = {"FEBRL 3": febrl.make("dataset3.csv")}
    for seed in seeds[:2]:
        for name, make_list in lists.LISTS.items():
            others[f"{name} {seed}"] = make_list(seed + 1000)
    if folder := os.environ.get("MATCH_DATA"):
        others |= {name: found for name, *found in lists.read_sets(folder)}
    for name, (contacts, partners) in others.items():
        found = get_examples(lab, name, contacts, partners)
        if partners:
            cards += found
        else:
            doubles += found
        if name == "FEBRL 3":
            # one list as well
            doubles += get_examples(lab, name, contacts + partners, [])
    return cards, doubles


def weigh_sources(examples):
    """Return how much an example of each source counts."""
    true = Counter(source for source, _levels, is_true in examples if is_true)
    weights = {}
    for source in {example[0] for example in examples}:
        most = MOST_TRUE_FEBRL if source.startswith("FEBRL") else MOST_TRUE
        weight = min(MOST_WEIGHT, most / (1 + true[source]))
        weights[source] = 1.0 if source.startswith(MADE) else weight
    return weights


def main():
    """Learn the weights and write them."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", default="3,4,5,6,7,8")
    parser.add_argument("--duplicates", type=float, default=0.08)
    parser.add_argument("--out", type=Path, default=MATCH / "weights.json")
    options = parser.parse_args()
    connection = psycopg2.connect(dbname=os.environ.get("LAB_DATABASE", "lab"))
    connection.autocommit = True
    lab = Lab(connection)
    lab.cr.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    comparisons = lab.comparisons.COMPARISONS
    learned = {}
    seeds = [int(seed) for seed in options.seeds.split(",")]
    cards, doubles = get_all_examples(lab, seeds, options.duplicates)
    for prefix, examples in (("", cards), ("double_", doubles)):
        for kind, is_company in (("company", True), ("person", False)):
            chosen = [(s, lv, true) for s, c, lv, true in examples if c == is_company]
            weights_of = weigh_sources(chosen)
            priors, weights = fit(chosen, comparisons, weights_of)
            # the prior is that of the hard lists: what others' say is found out there
            hard = [prior for source, prior in priors.items() if source.endswith(HARD)]
            of_hard = [true for source, _lv, true in chosen if source.endswith(HARD)]
            learned[prefix + kind] = {
                "prior": round(sum(hard) / len(hard) / LN2, 2),
                # how many of the pairs that were compared there are true
                "share": round(sum(of_hard) / len(of_hard), 4),
            }
            for comparison in comparisons:
                pairs = zip(comparison.levels, weights[comparison.name], strict=True)
                bits = {level.name: round(weight / LN2, 2) for level, weight in pairs}
                learned[prefix + kind][comparison.name] = bits
    options.out.write_text(json.dumps(learned, indent=1) + "\n")


if __name__ == "__main__":
    main()

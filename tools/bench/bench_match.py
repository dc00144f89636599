"""Who is who: how good it is on data with a known truth, and how long it takes.

Companies and persons made by `tools/match/generate.py` on seeds that nothing was
learned from, hard (a marketing list of every source) and tidy, matched by the module
and, in the same run, by plain means: the same e-mail or tax ID, and the likeness of
names alone. Then how long many take, and one among very many. BENCH_PARTS chooses some
of truth, many, one; BENCH_SEEDS the seeds.
"""

import csv
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

from common import Report, environment, memory

from odoo.tools import SQL

GENERATOR = Path(__file__).parents[1] / "match" / "generate.py"
SEEDS = os.environ.get("BENCH_SEEDS", "101,102").split(",")
PARTS = os.environ.get("BENCH_PARTS", "truth,many,one").split(",")
MANY = int(os.environ.get("BENCH_RECORDS", "100000"))
NOISE = {"hard": "1", "tidy": "0.5"}
# what to reach: F1, recall of what is linked by itself, of that and what is asked
GOALS = {"hard": (0.92, 0.76, 0.93), "tidy": (0.97, 0.93, 0.97)}
COLUMNS = (
    *("name", "street", "zip", "city", "phone", "email", "website", "vat"),
    "company_registry",
)


def make(folder, *options):
    """Make data with a known truth and return its tables as lists of dicts."""
    command = [sys.executable, str(GENERATOR), folder, *map(str, options)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    tables = {}
    for path in Path(folder).glob("*.csv"):
        with path.open(encoding="utf-8") as file:
            tables[path.stem] = list(csv.DictReader(file))
    return tables


def insert(env, table, rows):
    """Insert records by SQL and return ``{id in the data: id}``."""
    cr = env.cr
    countries = dict(env["res.country"].search([]).mapped(lambda c: (c.code, c.id)))
    partner = table == "res_partner"
    extra = ", commercial_partner_id, complete_name" if partner else ", number"
    model = env[table.replace("_", ".")]
    needed = {
        name: value
        for name, value in model.default_get(list(model._fields)).items()
        if model._fields[name].required and model._fields[name].store
    }
    needed.pop("active", None)
    extra += "".join(f", {name}" for name in needed)
    cr.execute(SQL("SELECT COALESCE(MAX(id), 0) FROM %s", SQL.identifier(table)))
    start = cr.fetchone()[0]
    ids = {row["id"]: start + n for n, row in enumerate(rows, 1)}
    values = []
    for row in rows:
        id_ = ids[row["id"]]
        own = [row[name] or None for name in COLUMNS]
        is_company = row["is_company"] == "True"
        country = countries.get(row["country"])
        more = [id_, row["name"]] if partner else [f"B{id_}"]
        values.append((id_, is_company, country, True, *own, *more, *needed.values()))
    for begin in range(0, len(values), 2000):
        batch = values[begin : begin + 2000]
        cr.execute_values(
            f"INSERT INTO {table} (id, is_company, country_id, active, "
            f"{', '.join(COLUMNS)}{extra}, create_date, write_date) VALUES %s",
            [(*line, env.cr.now(), env.cr.now()) for line in batch],
        )
    sequence = f"{table}_id_seq"
    cr.execute("SELECT setval(%s, %s)", [sequence, start + len(rows) + 1])
    cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
    env.invalidate_all()
    return ids


def best_f1(scored, total):
    """Return the best F1 over all thresholds of ``[(score, is true)]``."""
    result, right = 0.0, 0
    scored = sorted(scored, reverse=True)
    for place, (score, true) in enumerate(scored, 1):
        right += true
        if place < len(scored) and scored[place][0] == score:
            continue
        result = max(result, 2 * right / (place + total))
    return result


class Truth:
    """Data with a known truth in the database, and the judge of what was found."""

    def __init__(self, env, tables):
        self.env = env
        self.contacts = insert(env, "marketing_contact", tables["contacts"])
        self.partners = insert(env, "res_partner", tables["partners"])
        both = (self.contacts, self.partners)
        self.pairs = {
            (self.contacts[row["contact_id"]], self.partners[row["card_id"]])
            for row in tables["pairs"]
            if row["kind"] == "partner"
        }
        self.traps = {
            (self.contacts[row["contact_id"]], self.partners[row["partner_id"]]): row[
                "trap"
            ]
            for row in tables["traps"]
        }
        self.doubles = set()
        twice = set()
        for row in tables["duplicates"]:
            ids = both[row["side"] == "partner"]
            pair = (ids[row["id_a"]], ids[row["id_b"]])
            twice.update((row["side"], id_) for id_ in pair)
            if row["side"] == "contact":
                self.doubles |= {pair, pair[::-1]}
        self.single = {
            pair
            for pair in self.pairs
            if ("contact", pair[0]) not in twice and ("partner", pair[1]) not in twice
        }

    def judge(self, matches):
        """Return the figures of proposals."""
        rows = [
            (m.contact_id.id, m.partner_id.id, m.score, m.band)
            for m in matches
            if m.partner_id
        ]
        sure = {(c, p) for c, p, _score, band in rows if band == "sure"}
        asked = {(c, p) for c, p, _score, band in rows if band == "ask"}
        doubles = [
            (m.score, (m.contact_id.id, m.other_contact_id.id) in self.doubles)
            for m in matches
            if m.other_contact_id
        ]
        return {
            "F1": best_f1(
                [(s, (c, p) in self.pairs) for c, p, s, _b in rows], len(self.pairs)
            ),
            "sure: precision": len(sure & self.pairs) / max(1, len(sure)),
            "sure: recall": len(sure & self.single) / len(self.single),
            "sure or asked: recall": len((sure | asked) & self.pairs) / len(self.pairs),
            "questions": len(asked) / len(self.pairs),
            "look-alikes linked": sum(1 for p in sure - self.pairs if p in self.traps),
            "doubles: F1": best_f1(doubles, len(self.doubles) // 2),
            "_traps": dict(
                Counter(self.traps.get(p, "none") for p in sure - self.pairs)
            ),
            "_wrong": sorted(sure - self.pairs)[:10],
        }

    def plain(self):
        """Return the F1 of plain means: ``{name: (F1, seconds)}``."""
        queries = {
            "same e-mail or tax ID": """
                SELECT c.id, p.id, 1 FROM marketing_contact c JOIN res_partner p
                    ON lower(p.email) = lower(c.email)
                UNION SELECT c.id, p.id, 1 FROM marketing_contact c JOIN res_partner p
                    ON p.vat = c.vat""",
            "likeness of the name": """
                SELECT c.id, p.id, similarity(c.name, p.name)
                  FROM marketing_contact c JOIN res_partner p ON c.name % p.name""",
        }
        figures = {}
        self.env.cr.execute("CREATE INDEX ON res_partner USING gin (name gin_trgm_ops)")
        self.env.cr.execute("SET pg_trgm.similarity_threshold = 0.6")
        for name, query in queries.items():
            start = time.perf_counter()
            self.env.cr.execute(query)
            found = self.env.cr.fetchall()
            seconds = time.perf_counter() - start
            scored = [(score, (c, p) in self.pairs) for c, p, score in found]
            figures[name] = best_f1(scored, len(self.pairs)), seconds
        return figures


def bench_truth(report):
    """Judge the matching of 5 000 contacts and 5 000 partners."""
    totals = defaultdict(list)
    for seed in SEEDS:
        for name, noise in NOISE.items():
            with environment() as env, tempfile.TemporaryDirectory() as folder:
                # the duplicates of 500 among 5 000 contacts
                tables = make(folder, "--seed", seed, "--noise", noise)
                truth = Truth(env, tables)
                Match = env["marketing.match"]
                start = time.perf_counter()
                matches = Match.match_all()
                seconds = time.perf_counter() - start
                figures = truth.judge(matches)
                figures["seconds"] = seconds
                shown = {
                    key: round(value, 4) if isinstance(value, float) else value
                    for key, value in figures.items()
                }
                print(f"seed {seed}, {name}: {shown}", flush=True)
                for other, (f1, took) in truth.plain().items():
                    print(f"  {other}: F1 {f1:.4f} in {took:.1f} s", flush=True)
                for key, value in figures.items():
                    if not key.startswith("_"):
                        totals[name, key].append(value)
    for name, (f1, alone, asked) in GOALS.items():

        def worst(key, name=name):
            return min(totals[name, key])

        report.target(f"{name}: 1 - F1", 1 - worst("F1"), round(1 - f1, 3))
        report.target(
            f"{name}: sure, 1 - precision", 1 - worst("sure: precision"), 0.01
        )
        report.target(
            f"{name}: sure, 1 - recall", 1 - worst("sure: recall"), round(1 - alone, 3)
        )
        report.target(
            f"{name}: sure or asked, 1 - recall",
            1 - worst("sure or asked: recall"),
            round(1 - asked, 3),
        )
        report.target(f"{name}: questions", max(totals[name, "questions"]), 0.4)
        report.target(
            f"{name}: look-alikes linked", max(totals[name, "look-alikes linked"]), 15
        )
        report.target(f"{name}: seconds", max(totals[name, "seconds"]), 8)


def bench_doubles(report):
    """Judge the doubles: 500 among 5 000 contacts."""
    for name, noise in NOISE.items():
        with environment() as env, tempfile.TemporaryDirectory() as folder:
            tables = make(
                folder, "--seed", SEEDS[0], "--noise", noise, "--duplicates", 0.1
            )
            truth = Truth(env, tables)
            figures = truth.judge(env["marketing.match"].match_all())
            print(f"doubles, {name}: F1 {figures['doubles: F1']:.4f}", flush=True)
            report.target(f"{name}: doubles, 1 - F1", 1 - figures["doubles: F1"], 0.15)


def bench_many(report):
    """Time very many contacts and partners, from no key to the proposals."""
    with environment() as env, tempfile.TemporaryDirectory() as folder:
        tables = make(
            folder, "--seed", SEEDS[0], "--contacts", MANY, "--partners", MANY
        )
        truth = Truth(env, tables)
        del tables
        before = memory()
        start = time.perf_counter()
        ids = env["marketing.match"].match_all().ids
        seconds = time.perf_counter() - start
        print(f"{MANY} x {MANY}: {seconds:.1f} s, {len(ids)} proposals", flush=True)
        report.target(f"{MANY} x {MANY}: seconds", seconds, 120)
        report.target("  megabytes more", memory() - before, 200)
        matches = env["marketing.match"].search([("partner_id", "!=", False)])
        figures = truth.judge(matches)
        print(
            {k: round(v, 4) if isinstance(v, float) else v for k, v in figures.items()}
        )


def bench_one(report):
    """Time one contact among 200 000 partners, and one partner the other way round."""
    with environment() as env, tempfile.TemporaryDirectory() as folder:
        tables = make(
            folder, "--seed", SEEDS[0], "--contacts", 50000, "--partners", 200000
        )
        truth = Truth(env, tables)
        del tables
        env["marketing.contact"].browse(
            next(iter(truth.contacts.values()))
        ).find_cards()
        contacts = env["marketing.contact"].browse(list(truth.contacts.values())[:40])
        partners = env["res.partner"].browse(list(truth.partners.values())[:40])
        partners[0].find_marketing_contacts()
        for name, records, method in (
            ("a contact among 200 000 partners", contacts, "find_cards"),
            ("a partner among 50 000 contacts", partners, "find_marketing_contacts"),
        ):
            turns = []
            for record in records:
                start = time.perf_counter()
                getattr(record, method)()
                turns.append(time.perf_counter() - start)
            turns.sort()
            print(
                f"{name}: median {turns[20] * 1000:.0f} ms, "
                f"worst {turns[-1] * 1000:.0f} ms",
                flush=True,
            )
            report.target(f"{name}: ms", turns[20] * 1000, 100)


def main():
    """Measure what was chosen."""
    report = Report("Who is who")
    for part in PARTS:
        if part == "truth":
            bench_truth(report)
            bench_doubles(report)
        elif part == "many":
            bench_many(report)
        elif part == "one":
            bench_one(report)
    report.print()


if __name__ == "__main__":
    main()

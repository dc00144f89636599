"""Who is who: how good it is on data with a known truth, and how long it takes.

Companies and persons made by `tools/match/generate.py` on seeds that nothing was
learned from, hard (a marketing list of every source) and tidy, matched by the module
and, in the same run, by plain means: the same e-mail or tax ID, and the likeness of
names alone. FEBRL 4 is a second opinion: persons made by others. Then lists as others
keep them: those of `tools/match/lists.py`, and the sets of the folder that MATCH_DATA
names, each a folder with `contacts.csv` (and `partners.csv`, or it is one list with
doubles), columns as Odoo's fields; rows of one `party` are the same. Then how long many
take, and one among very many. BENCH_PARTS chooses some of truth, febrl, others, many,
one; BENCH_SEEDS the seeds, BENCH_RECORDS how many are many; BENCH_SHOW shows mistakes.
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

sys.path.insert(0, str(Path(__file__).parents[1] / "match"))
import febrl  # noqa: E402 - the data's own folder
import lists  # noqa: E402 - likewise

from odoo.tools import SQL

GENERATOR = Path(__file__).parents[1] / "match" / "generate.py"
SEEDS = os.environ.get("BENCH_SEEDS", "101,102").split(",")
PARTS = os.environ.get("BENCH_PARTS", "truth,febrl,others,many,one").split(",")
# contacts × partners
MANY = os.environ.get("BENCH_RECORDS", "100000x100000,50000x200000").split(",")
# how many mistakes of each sort are shown
SHOWN = int(os.environ.get("BENCH_SHOW", "0"))
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

    def show_mistakes(self, matches, count):
        """Print pairs linked by mistake, and pairs that were not even asked."""
        found = {(m.contact_id.id, m.partner_id.id): m for m in matches if m.partner_id}
        sure = {pair for pair, match in found.items() if match.band == "sure"}
        weighed = {pair for pair, match in found.items() if match.band != "unsure"}
        for title, pairs in (
            ("linked by mistake", sure - self.pairs),
            ("neither linked nor asked", self.pairs - weighed),
        ):
            print(f"  {title}: {len(pairs)}", flush=True)
            for contact_id, partner_id in sorted(pairs)[:count]:
                match = found.get((contact_id, partner_id))
                score = f"{match.score:.1f}" if match else "not found"
                trap = self.traps.get((contact_id, partner_id), "")
                print(f"    {score} {trap}", flush=True)
                for table, id_ in (("contact", contact_id), ("partner", partner_id)):
                    model = "marketing.contact" if table == "contact" else "res.partner"
                    [values] = self.env[model].browse(id_).read(COLUMNS)
                    own = [str(values[name]) for name in COLUMNS if values[name]]
                    print(f"      {table}: {' | '.join(own)}", flush=True)

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


def round_all(figures):
    """Return figures as people read them."""
    return {
        key: round(value, 4) if isinstance(value, float) else value
        for key, value in figures.items()
    }


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
                print(f"seed {seed}, {name}: {round_all(figures)}", flush=True)
                truth.show_mistakes(matches, SHOWN)
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


def bench_febrl(report):
    """Judge the matching of persons that others have made: 5 000, by name and
    address, each once more with slips.
    """
    with environment() as env:
        tables = febrl.make("dataset4a.csv", "dataset4b.csv")
        for row in (*tables["contacts"], *tables["partners"]):
            row.update(dict.fromkeys(set(COLUMNS) - row.keys(), ""))
        truth = Truth(env, tables)
        start = time.perf_counter()
        figures = truth.judge(env["marketing.match"].match_all())
        seconds = time.perf_counter() - start
        print(f"FEBRL 4: {round_all(figures)} in {seconds:.1f} s", flush=True)
        for other, (f1, took) in truth.plain().items():
            print(f"  {other}: F1 {f1:.4f} in {took:.1f} s", flush=True)
        report.target("FEBRL 4: 1 - F1", 1 - figures["F1"], 0.04)
        report.target(
            "FEBRL 4: sure, 1 - precision", 1 - figures["sure: precision"], 0.01
        )


def read_others():
    """Return ``[(name, contacts, partners)]``: lists made here, and the sets of the
    folder that MATCH_DATA names. Without partners it is one list with doubles.
    """
    sets = []
    for name, make_list in lists.LISTS.items():
        contacts, partners = make_list(int(SEEDS[0]))
        sets.append((name, contacts, partners))
    if folder := os.environ.get("MATCH_DATA"):
        sets += lists.read_sets(folder)
    return sets


def judge_others(env, contacts, partners):
    """Return the figures of a set, at the thresholds as installed."""
    parties = []
    for table, rows in (("marketing_contact", contacts), ("res_partner", partners)):
        ids = insert(env, table, rows) if rows else {}
        parties.append({ids[row["id"]]: row["party"] for row in rows})
    if not partners:
        parties[1] = parties[0]
    members = defaultdict(list)
    for id_, party in parties[1].items():
        members[party].append(id_)
    true = {
        (id_, other)
        for id_, party in parties[0].items()
        for other in members[party]
        if partners or id_ < other
    }
    start = time.perf_counter()
    found = [
        (tuple(sorted((m.contact_id.id, m.other_contact_id.id))), m.score, m.band)
        if not partners
        else ((m.contact_id.id, m.partner_id.id), m.score, m.band)
        for m in env["marketing.match"].match_all()
        # not the records of the demo
        if m.contact_id.id in parties[0]
        and (m.partner_id if partners else m.other_contact_id).id in parties[1]
    ]
    seconds = time.perf_counter() - start
    sure = {pair for pair, _score, band in found if band == "sure"}
    asked = {pair for pair, _score, band in found if band == "ask"}
    likely = {pair for pair, score, _band in found if score >= 50}
    return {
        "pairs": len(true),
        "sure": len(sure),
        "wrong": len(sure - true),
        "recall": len((sure | asked) & true) / len(true),
        "questions": len(asked) / len(true),
        "F1 at 50": 2 * len(likely & true) / max(1, len(likely) + len(true)),
        "seconds": seconds,
    }


def bench_others(report):
    """Judge lists as others keep them."""
    lines = []
    for name, contacts, partners in read_others():
        with environment() as env:
            figures = judge_others(env, contacts, partners)
        lines.append((name, figures))
        wrong = figures["wrong"] / max(1, figures["sure"])
        report.target(f"{name}: sure, 1 - precision", wrong, 0.01)
    print("\nset              pairs  sure  wrong  recall  questions  F1 at 50  seconds")
    for name, figures in lines:
        print(
            "{:16} {pairs:5} {sure:5} {wrong:6} {recall:7.2f} {questions:10.2f}"
            " {f1:9.3f} {seconds:8.1f}".format(name, f1=figures["F1 at 50"], **figures),
            flush=True,
        )


def bench_many(report):
    """Time very many contacts and partners, from no key to the proposals."""
    for sizes in MANY:
        contacts, partners = sizes.split("x")
        with environment() as env, tempfile.TemporaryDirectory() as folder:
            options = ("--contacts", contacts, "--partners", partners)
            truth = Truth(env, make(folder, "--seed", SEEDS[0], *options))
            before = memory()
            start = time.perf_counter()
            count = len(env["marketing.match"].match_all())
            seconds = time.perf_counter() - start
            print(f"{sizes}: {seconds:.1f} s, {count} proposals", flush=True)
            report.target(f"{sizes}: seconds", seconds, 120)
            report.target("  megabytes more", memory() - before, 200)
            matches = env["marketing.match"].search([("partner_id", "!=", False)])
            print(round_all(truth.judge(matches)), flush=True)


def bench_one(report):
    """Time one contact among 200 000 partners, and one partner the other way round."""
    with environment() as env, tempfile.TemporaryDirectory() as folder:
        tables = make(
            folder, "--seed", SEEDS[0], "--contacts", 50000, "--partners", 200000
        )
        truth = Truth(env, tables)
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
            turns = [time_call(getattr(record, method)) for record in records]
            report_turns(report, name, turns, 100)
        bench_new_customers(report, env, tables["partners"][:41])


def bench_new_customers(report, env, rows):
    """Time what matching adds to a new customer, who gets a contact in either case."""
    env.company._marketing_set_defaults()
    times = {"off": [], "link": []}
    for row in rows:
        vals = {name: row[name] or False for name in COLUMNS if name != "vat"}
        vals |= {"is_company": row["is_company"] == "True", "customer_rank": 1}
        for choice, turns in times.items():
            env.company.marketing_match_on_create = choice
            env.flush_all()
            turns.append(time_call(env["res.partner"].create, [vals]))
    added = [on - off for off, on in zip(*times.values(), strict=True)]
    # the first one warms up
    report_turns(report, "a new customer waits, more than without", added[1:], 100)


def time_call(function, *arguments):
    """Return the seconds of a call."""
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def report_turns(report, name, turns, limit):
    """Report the median of turns, in milliseconds."""
    turns = sorted(turns)
    middle = turns[len(turns) // 2] * 1000
    print(
        f"{name}: median {middle:.0f} ms, worst {turns[-1] * 1000:.0f} ms", flush=True
    )
    report.target(f"{name}: ms", middle, limit)


def main():
    """Measure what was chosen."""
    report = Report("Who is who")
    for part in PARTS:
        if part == "truth":
            bench_truth(report)
            bench_doubles(report)
        elif part == "febrl":
            bench_febrl(report)
        elif part == "others":
            bench_others(report)
        elif part == "many":
            bench_many(report)
        elif part == "one":
            bench_one(report)
    report.print()


if __name__ == "__main__":
    main()

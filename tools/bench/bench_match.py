"""Who is who: how good it is on data with a known truth, and how long it takes.

Companies and persons made by `tools/match/generate.py` on seeds that nothing was
learned from, hard (a marketing list of every source) and tidy, matched by the module
and, in the same run, by plain means: the same e-mail or tax ID, and the likeness of
names alone. FEBRL 4 is a second opinion: persons made by others. Then lists as others
keep them: those of `tools/match/lists.py`, and the sets of the folder that MATCH_DATA
names, each a folder with `contacts.csv` (and `partners.csv`, or it is one list with
doubles), columns as Odoo's fields; rows of one `party` are the same. Then how long many
take. BENCH_PARTS chooses some of truth, febrl, others, many; BENCH_SEEDS the seeds,
BENCH_RECORDS how many are many.
"""

import os
import sys
from collections import defaultdict
from itertools import combinations, product
from pathlib import Path

from common import Report, choices, environment, memory, stopwatch

sys.path.insert(0, str(Path(__file__).parents[1] / "match"))
import febrl  # noqa: E402 - the data's own folder
import generate  # noqa: E402 - likewise
import lists  # noqa: E402 - likewise

from odoo.tools import SQL

SEEDS = [int(seed) for seed in choices("SEEDS", "101,102")]
PARTS = choices("PARTS", "truth,febrl,others,many")
# contacts × partners
MANY = choices("RECORDS", "100000x100000,50000x200000")
NOISE = {"hard": 1, "tidy": 0.5}
# what to reach: of what is linked by itself, of that and of what is asked
FIGURES = ("F1", "sure: precision", "sure: recall", "sure or asked: recall")
GOALS = {
    "hard": dict(zip(FIGURES, (0.92, 0.99, 0.76, 0.93), strict=True)),
    "tidy": dict(zip(FIGURES, (0.97, 0.99, 0.93, 0.97), strict=True)),
}
MOST = {"questions": 0.4, "look-alikes linked": 15, "seconds": 8}
COLUMNS = tuple(name for name in generate.FIELDS if name != "country")
# plain means to tell who is who, each with how alike two are
PLAIN = {
    "same e-mail or tax ID": """
        SELECT c.id, p.id, 1 FROM marketing_contact c JOIN res_partner p
            ON lower(p.email) = lower(c.email)
        UNION SELECT c.id, p.id, 1 FROM marketing_contact c JOIN res_partner p
            ON p.vat = c.vat""",
    "likeness of the name": """
        SELECT c.id, p.id, similarity(c.name, p.name)
          FROM marketing_contact c JOIN res_partner p ON c.name % p.name""",
}


def insert(env, table, rows):
    """Insert records by SQL and return ``{id in the data: id}``."""
    cr, model = env.cr, env[table.replace("_", ".")]
    countries = dict(env["res.country"].search([]).mapped(lambda c: (c.code, c.id)))
    given = {
        name: value
        for name, value in model.default_get(list(model._fields)).items()
        if model._fields[name].required and model._fields[name].store
    }
    given |= dict.fromkeys(("create_date", "write_date"), cr.now()) | {"active": True}
    cr.execute(SQL("SELECT COALESCE(MAX(id), 0) FROM %s", SQL.identifier(table)))
    start = cr.fetchone()[0]
    ids = {row["id"]: start + n for n, row in enumerate(rows, 1)}
    lines = []
    for row in rows:
        line = given | {name: row.get(name) or None for name in COLUMNS}
        line["id"] = id_ = ids[row["id"]]
        line["is_company"] = row["is_company"] == "True"
        line["country_id"] = countries.get(row["country"])
        if table == "res_partner":
            line |= {"commercial_partner_id": id_, "complete_name": row["name"]}
        else:
            line["number"] = f"B{id_}"
        lines.append(line)
    query = f"INSERT INTO {table} ({', '.join(lines[0])}) VALUES %s"
    for begin in range(0, len(lines), 2000):
        batch = lines[begin : begin + 2000]
        cr.execute_values(query, [tuple(line.values()) for line in batch])
    cr.execute("SELECT setval(%s, %s)", [f"{table}_id_seq", start + len(rows) + 1])
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
    """Data with a known truth in the database, and the judge of what was found.

    :param contacts: rows with their `party`, as `lists.py` makes them
    :param partners: likewise; none where it is one list with doubles
    :param dict traps: which pairs of ids look alike and are not
    """

    def __init__(self, env, contacts, partners, traps=None):
        self.env = env
        self.contacts = insert(env, "marketing_contact", contacts)
        self.partners = insert(env, "res_partner", partners) if partners else {}
        own, cards = defaultdict(list), defaultdict(list)
        for row in contacts:
            own[row["party"]].append(self.contacts[row["id"]])
        for row in partners:
            cards[row["party"]].append(self.partners[row["id"]])
        self.pairs, self.single, self.doubles = set(), set(), set()
        for party, ids in own.items():
            pairs = set(product(ids, cards[party]))
            self.pairs |= pairs
            if len(ids) == len(cards[party]) == 1:
                self.single |= pairs
            self.doubles.update(combinations(sorted(ids), 2))
        self.traps = {
            (self.contacts[contact_id], self.partners[partner_id]): trap
            for (contact_id, partner_id), trap in (traps or {}).items()
        }

    def judge(self, matches, other="partner_id"):
        """Return the figures of proposals, at the thresholds as installed.

        :param str other: the field of the other side; of contacts among themselves it
            is ``other_contact_id``
        """
        true = self.pairs if other == "partner_id" else self.doubles
        # not the records of the demo
        own = set(self.contacts.values())
        known = set(self.partners.values()) if other == "partner_id" else own
        found, bands = {}, defaultdict(set)
        for match in matches:
            pair = (match.contact_id.id, match[other].id)
            if pair[0] in own and pair[1] in known:
                pair = pair if other == "partner_id" else tuple(sorted(pair))
                found[pair] = match.score
                bands[match.band].add(pair)
        sure, asked = bands["sure"], bands["ask"]
        likely = {pair for pair, score in found.items() if score >= 50}
        scored = [(score, pair in true) for pair, score in found.items()]
        return {
            "pairs": len(true),
            "sure": len(sure),
            "wrong": len(sure - true),
            "sure: precision": len(sure & true) / max(1, len(sure)),
            "sure: recall": len(sure & self.single) / max(1, len(self.single)),
            "sure or asked: recall": len((sure | asked) & true) / len(true),
            "questions": len(asked) / len(true),
            "look-alikes linked": len((sure - true) & self.traps.keys()),
            "F1": best_f1(scored, len(true)),
            "F1 at 50": 2 * len(likely & true) / max(1, len(likely) + len(true)),
        }

    def show_plain(self):
        """Print the F1 of plain means."""
        self.env.cr.execute("CREATE INDEX ON res_partner USING gin (name gin_trgm_ops)")
        self.env.cr.execute("SET pg_trgm.similarity_threshold = 0.6")
        for name, query in PLAIN.items():
            with stopwatch(self.env) as took:
                self.env.cr.execute(query)
                found = self.env.cr.fetchall()
            scored = [(score, (c, p) in self.pairs) for c, p, score in found]
            f1 = best_f1(scored, len(self.pairs))
            print(f"  {name}: F1 {f1:.4f} in {took[0].seconds:.1f} s", flush=True)


def match_all(env):
    """Return the proposals for all, and the seconds that they took."""
    with stopwatch(env) as took:
        matches = env["marketing.match"].match_all()
    return matches, took[0].seconds


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
            with environment() as env:
                truth = Truth(env, *generate.make(seed, noise=noise))
                matches, seconds = match_all(env)
                figures = truth.judge(matches) | {"seconds": seconds}
                print(f"seed {seed}, {name}: {round_all(figures)}", flush=True)
                truth.show_plain()
                for key, value in figures.items():
                    totals[name, key].append(value)
    for name, goals in GOALS.items():
        for key, least in goals.items():
            lacking = 1 - min(totals[name, key])
            report.target(f"{name}: 1 - {key}", lacking, round(1 - least, 3))
        for key, most in MOST.items():
            report.target(f"{name}: {key}", max(totals[name, key]), most)
    # the duplicates of 500 among 5 000 contacts
    for name, noise in NOISE.items():
        with environment() as env:
            made = generate.make(SEEDS[0], noise=noise, duplicates=0.1)
            truth = Truth(env, *made)
            f1 = truth.judge(match_all(env)[0], "other_contact_id")["F1"]
            print(f"doubles, {name}: F1 {f1:.4f}", flush=True)
            report.target(f"{name}: doubles, 1 - F1", 1 - f1, 0.15)


def bench_febrl(report):
    """Judge the matching of persons that others have made: 5 000, by name and
    address, each once more with slips.
    """
    with environment() as env:
        truth = Truth(env, *febrl.make("dataset4a.csv", "dataset4b.csv"))
        matches, seconds = match_all(env)
        figures = truth.judge(matches)
        print(f"FEBRL 4: {round_all(figures)} in {seconds:.1f} s", flush=True)
        truth.show_plain()
        report.target("FEBRL 4: 1 - F1", 1 - figures["F1"], 0.04)
        wrong = 1 - figures["sure: precision"]
        report.target("FEBRL 4: sure, 1 - precision", wrong, 0.01)


def bench_others(report):
    """Judge lists as others keep them: made here, and of the folder of MATCH_DATA.
    Without partners it is one list with doubles.
    """
    sets = [(name, *make_list(SEEDS[0])) for name, make_list in lists.LISTS.items()]
    if folder := os.environ.get("MATCH_DATA"):
        sets += lists.read_sets(folder)
    for name, contacts, partners in sets:
        with environment() as env:
            truth = Truth(env, contacts, partners)
            matches, seconds = match_all(env)
            other = "partner_id" if partners else "other_contact_id"
            figures = truth.judge(matches, other) | {"seconds": seconds}
        print(f"{name}: {round_all(figures)}", flush=True)
        wrong = 1 - figures["sure: precision"] if figures["sure"] else 0
        report.target(f"{name}: sure, 1 - precision", wrong, 0.01)


def bench_many(report):
    """Time very many contacts and partners, from no key to the proposals."""
    for sizes in MANY:
        contacts, partners = map(int, sizes.split("x"))
        made = generate.make(SEEDS[0], contacts=contacts, partners=partners)
        with environment() as env:
            truth = Truth(env, *made)
            before = memory()
            matches, seconds = match_all(env)
            print(f"{sizes}: {seconds:.1f} s, {len(matches)} proposals", flush=True)
            report.target(f"{sizes}: seconds", seconds, 120)
            report.target("  megabytes more", memory() - before, 200)
            matches = env["marketing.match"].search([("partner_id", "!=", False)])
            print(round_all(truth.judge(matches)), flush=True)


def main():
    """Measure what was chosen."""
    report = Report("Who is who")
    for part in PARTS:
        globals()[f"bench_{part}"](report)
    report.print()


if __name__ == "__main__":
    main()

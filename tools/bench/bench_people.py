"""People: companies that move with theirs, and contacts of customers with children.

Against plain writes of the same rows, and against creating as many partners. The
database is thrown away by the next benchmark: the last part commits.
"""

import os
import time

from common import Report, environment, measure, memory
from rows import analyze

COMPANIES = int(os.environ.get("BENCH_COMPANIES", "1000"))
PEOPLE = 5
CUSTOMERS = int(os.environ.get("BENCH_CUSTOMERS", "20000"))
CHILDREN = 3
TURNS = 9


def make_companies(env, name, inherit):
    """Return the contacts of companies and those of their people, of a company of ours
    whose setup lets people follow or not.
    """
    # the same address from the start: people get it as they join
    own = env["res.company"].create({"name": name, "marketing_inherit_address": True})
    companies = env["marketing.contact"].create(
        [
            {
                "name": f"C{i}",
                "is_company": True,
                "company_id": own.id,
                "street": "Old Road 1",
                "city": "Lund",
            }
            for i in range(COMPANIES)
        ]
    )
    people = companies.create(
        [
            {"name": f"P{i}", "parent_id": company.id, "company_id": own.id}
            for company in companies
            for i in range(PEOPLE)
        ]
    )
    own.marketing_inherit_address = inherit
    return companies, people


def bench_moves(report, env):
    """Companies move, and their people with them."""
    companies, people = make_companies(env, "Following", True)
    alone = sum(make_companies(env, "Not following", False), people.browse())
    analyze(env)

    def move(turn):
        companies.write({"city": f"City {turn}", "street": f"Road {turn}"})

    def plain(turn):
        alone.write({"city": f"City {turn}", "street": f"Road {turn}"})

    results = measure(
        env, {"plain writes of all": plain, "companies with people": move}, TURNS
    )
    report.add("address", COMPANIES * (PEOPLE + 1), results, "plain writes of all")
    report.target(
        f"{COMPANIES} companies × {PEOPLE} people: × plain writes",
        results["companies with people"].ratio(results["plain writes of all"]),
        1.3,
    )


def bench_background(report, env):
    """Contacts of customers with their people, in the background."""
    Partner = env["res.partner"].with_context(marketing_contact_no_create=True)
    start = time.perf_counter()
    ids = []
    for first in range(0, CUSTOMERS, 500):
        customers = Partner.create(
            [
                {"name": f"K{i}", "is_company": True, "customer_rank": 1}
                for i in range(first, min(first + 500, CUSTOMERS))
            ]
        )
        Partner.create(
            [
                {
                    "name": f"Child {i} of {customer.id}",
                    "parent_id": customer.id,
                    "email": f"{i}.{customer.id}@example.com",
                }
                for customer in customers
                for i in range(CHILDREN)
            ]
        )
        ids += [customers[:1].id, customers[-1:].id]
        env.cr.commit()
        env.invalidate_all()
    plain = time.perf_counter() - start
    analyze(env)
    env.cr.commit()
    Run = env["marketing.run"]
    domain = repr(
        [("id", ">=", min(ids)), ("id", "<=", max(ids)), ("name", "=like", "K%")]
    )
    run = Run._start("generate", {"kind": "customer", "domain": domain})
    env.cr.commit()
    marks, commit = [], type(Run)._commit

    def note(records, processed):
        left = commit(records, processed)
        marks.append(memory())
        return left

    type(Run)._commit = note
    start = time.perf_counter()
    Run._cron_work()
    seconds = time.perf_counter() - start
    run.invalidate_recordset()
    made = env["marketing.contact"].search_count([("name", "=like", "Child %")])
    if (run.state, run.done, made) != ("done", CUSTOMERS, CUSTOMERS * CHILDREN):
        raise AssertionError(f"{run.state}, {run.done}, {made} people: {run.error}")
    results = {"res.partner.create": (plain, 0), "contacts and people": (seconds, 0)}
    count = CUSTOMERS * (CHILDREN + 1)
    report.add("in the background", count, results, "res.partner.create")
    report.target("contacts and people: × res.partner.create", seconds / plain, 1)
    early = marks[len(marks) // 5]
    report.target(
        f"memory at the end ({marks[-1]:.0f} MB), × after a fifth ({early:.0f} MB)",
        marks[-1] / early,
        1.1,
    )


def main():
    for part in (bench_moves, bench_background):
        report = Report(f"People: {part.__doc__}")
        with environment() as env:
            part(report, env)
        report.print()


if __name__ == "__main__":
    main()

"""People: companies that move with theirs, and contacts of customers with children.

Against plain writes of the same rows, and against creating as many partners. The
database is thrown away by the next benchmark: the last part commits.
"""

from common import report_memory, run, size, stopwatch, work_in_background
from rows import NO_CONTACT, analyze

COMPANIES = size("COMPANIES", 1000)
PEOPLE = 5
CUSTOMERS = size("CUSTOMERS", 20_000)
CHILDREN = 3
TURNS = 9


def make_companies(env, name, inherit):
    """Return the contacts of companies and those of their people, of a company of ours
    whose setup lets people follow or not.
    """
    # the same address from the start: people get it as they join
    own = env["res.company"].create({"name": name, "marketing_inherit_address": True})
    vals = {"company_id": own.id, "is_company": True}
    vals |= {"street": "Old Road 1", "city": "Lund"}
    Contact = env["marketing.contact"]
    companies = Contact.create([{**vals, "name": f"C{i}"} for i in range(COMPANIES)])
    people = Contact.create(
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

    def move(turn, records=companies):
        records.write({"city": f"City {turn}", "street": f"Road {turn}"})

    what = f"{COMPANIES} companies × {PEOPLE} people: × plain writes"
    report.race(
        *(env, "address", COMPANIES * (PEOPLE + 1)),
        {
            "plain writes of all": lambda turn: move(turn, alone),
            "companies with people": move,
        },
        *(TURNS, "plain writes of all", {"companies with people": (what, 1.3)}),
    )


def bench_background(report, env):
    """Contacts of customers with their people, in the background."""
    Partner, ids = env["res.partner"].with_context(**NO_CONTACT), []
    with stopwatch(env) as took:
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
    analyze(env)
    env.cr.commit()
    between = [("id", ">=", min(ids)), ("id", "<=", max(ids)), ("name", "=like", "K%")]
    params = {"kind": "customer", "domain": repr(between)}
    done, figure, marks = work_in_background(env, "generate", params)
    made = env["marketing.contact"].search_count([("name", "=like", "Child %")])
    if (done.done, made) != (CUSTOMERS, CUSTOMERS * CHILDREN):
        raise AssertionError(f"{done.done}, {made} people")
    results = {"res.partner.create": took[0], "contacts and people": figure}
    count, base = CUSTOMERS * (CHILDREN + 1), "res.partner.create"
    report.add("in the background", count, results, base)
    what = f"contacts and people: × {base}"
    report.target(what, figure.seconds / took[0].seconds, 1)
    report_memory(report, marks, "memory at the end", 5)


if __name__ == "__main__":
    for part in (bench_moves, bench_background):
        run(f"People: {part.__doc__}", part)

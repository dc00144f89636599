"""People: companies that move with theirs, and contacts of customers with children.

Against plain writes of the same rows, and against creating as many partners. The
database is thrown away by the next benchmark: the last part commits.
"""

from common import Figure, create_partners, race_in_background, run, size
from rows import analyze

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
    vals = {"is_company": True, "customer_rank": 1}
    companies = [{**vals, "name": f"K{i}"} for i in range(CUSTOMERS)]
    ids, first = create_partners(env, companies)
    children = [
        {
            "name": f"Child {i} of {id_}",
            "parent_id": id_,
            "email": f"{i}.{id_}@example.com",
        }
        for id_ in ids
        for i in range(CHILDREN)
    ]
    _ids, second = create_partners(env, children)
    plain = Figure(first.seconds + second.seconds, first.queries + second.queries)
    analyze(env)
    env.cr.commit()
    case, count = "in the background", CUSTOMERS * (CHILDREN + 1)
    what = (case, count, "contacts and people", ids, plain, 5)
    done = race_in_background(report, env, *what).done
    made = env["marketing.contact"].search_count([("name", "=like", "Child %")])
    if (done, made) != (CUSTOMERS, CUSTOMERS * CHILDREN):
        raise AssertionError(f"{done} of {CUSTOMERS}, {made} people")


if __name__ == "__main__":
    for part in (bench_moves, bench_background):
        run(f"People: {part.__doc__}", part)

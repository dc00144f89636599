"""People: companies that move, and theirs with them, against plain writes of the same
rows. Contacts of customers with their people are made by *bench scale*.
"""

from common import run, size
from rows import analyze

COMPANIES = size("COMPANIES", 1000)
PEOPLE = 5
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


if __name__ == "__main__":
    run("People", bench_moves)

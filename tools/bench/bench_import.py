"""The importer: people with their companies, as contacts and as partners.

Both as the web client does it, companies made of their names; among contacts and
customers that are there already.
"""

import os

from common import Report, environment, measure
from rows import analyze

PEOPLE = int(os.environ.get("BENCH_IMPORTED", "120"))
PER_COMPANY = 3
THERE = 2000
TURNS = 5
LIMIT = 1.5

OPTIONS = {
    "has_headers": True,
    "quoting": '"',
    "separator": ",",
    "encoding": "utf-8",
    "limit": 2000,
    "skip": 0,
    "date_format": "",
    "datetime_format": "",
    "float_thousand_separator": ",",
    "float_decimal_separator": ".",
    "import_skip_records": [],
    "import_set_empty_fields": [],
    "fallback_values": {},
    "name_create_enabled_fields": {"parent_id": True},
}
COLUMNS = ("name", "parent_id", "function", "email", "phone", "street", "zip", "city")


def get_list(prefix):
    """Return a list of people with their companies as a file."""
    lines = [",".join(COLUMNS)]
    for i in range(PEOPLE):
        company = i // PER_COMPANY
        lines.append(
            f"{prefix} Person {i},{prefix} Works {company} Ltd,Buyer,"
            f"p{i}@{prefix}{company}.example,+46 8 {company:04} {i:03},"
            f"{prefix} Road {company},111 {company:02},Lund"
        )
    return "\n".join(lines).encode()


def run(env, model_name, turn):
    """Import a list, companies included."""
    importer = env["base_import.import"].create(
        {
            "res_model": model_name,
            "file": get_list(f"{model_name[:3]}{turn}"),
            "file_name": "list.csv",
            "file_type": "text/csv",
        }
    )
    result = importer.execute_import(list(COLUMNS), list(COLUMNS), dict(OPTIONS))
    assert len(result["ids"]) == PEOPLE, result["messages"]


def fill(env):
    """Make contacts and customers that look like those of the lists."""
    vals_list = [
        {
            "name": f"Old{i} Works {i % 40} Ltd",
            "is_company": True,
            "email": f"office@old{i}.example",
            "phone": f"+46 8 {i:07}",
            "city": "Lund",
        }
        for i in range(THERE)
    ]
    env["marketing.contact"].create(vals_list)
    env["res.partner"].with_context(marketing_contact_no_create=True).create(
        [{**vals, "customer_rank": 1} for vals in vals_list]
    )
    env["marketing.match"].match_all([("id", "=", 0)])
    analyze(env)


def main():
    report = Report("Import")
    with environment() as env:
        fill(env)
        results = measure(
            env,
            {
                "partners": lambda turn: run(env, "res.partner", turn),
                "contacts": lambda turn: run(env, "marketing.contact", turn),
            },
            TURNS,
        )
    report.add("people with companies", PEOPLE, results, "partners")
    contacts, partners = results["contacts"], results["partners"]
    what = f"import of {PEOPLE} people with companies, × partners"
    report.target(f"{what}: seconds", contacts.ratio(partners), LIMIT)
    report.target(f"{what}: queries", contacts.queries / partners.queries, LIMIT)
    report.print()


if __name__ == "__main__":
    main()

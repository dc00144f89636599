"""The importer: people with their companies, as contacts and as partners.

Both as the web client does it, companies made of their names; among contacts and
customers that are there already.
"""

from common import run, size
from rows import NO_CONTACT, analyze

PEOPLE = size("IMPORTED", 120)
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
    "float_thousand_separator": ",",
    "float_decimal_separator": ".",
    "import_skip_records": [],
    "import_set_empty_fields": [],
    "fallback_values": {},
    "name_create_enabled_fields": {"parent_id": True},
    **dict.fromkeys(("date_format", "datetime_format"), ""),
}
COLUMNS = "name parent_id function email phone street zip city".split()


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


def get_importer(env, model):
    """Return the function of a turn that imports a list, companies included."""
    vals = {"res_model": model, "file_name": "list.csv", "file_type": "text/csv"}

    def load(turn):
        file = get_list(f"{model[:3]}{turn}")
        importer = env["base_import.import"].create({**vals, "file": file})
        result = importer.execute_import(COLUMNS, COLUMNS, dict(OPTIONS))
        assert len(result["ids"]) == PEOPLE, result["messages"]

    return load


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
    env["res.partner"].with_context(**NO_CONTACT).create(
        [{**vals, "customer_rank": 1} for vals in vals_list]
    )
    env["marketing.match"].match_all([("id", "=", 0)])
    analyze(env)


def bench_import(report, env):
    """Import as many people as contacts and as partners."""
    fill(env)
    what = f"import of {PEOPLE} people with companies, × partners"
    sides = {
        "partners": get_importer(env, "res.partner"),
        "contacts": get_importer(env, "marketing.contact"),
    }
    limits = {"contacts": (f"{what}: seconds", LIMIT)}
    case = "people with companies"
    results = report.race(env, case, PEOPLE, sides, TURNS, "partners", limits)
    queries = results["contacts"].queries / results["partners"].queries
    report.target(f"{what}: queries", queries, LIMIT)


if __name__ == "__main__":
    run("Import", bench_import)

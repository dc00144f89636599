"""Very many records: lists, searches and forms, the check of differences, creation.

200 000 linked contacts against Odoo's own partners in the same run; a million links
checked; contacts for 100 000 customers created in the background. Time and memory.
The database is thrown away by the next benchmark: the last parts commit. BENCH_PARTS
chooses some of screens, check, sparse, generate, undo.
"""

import time

from common import (
    Figure,
    choices,
    create_partners,
    memory,
    peak_memory,
    race_in_background,
    run,
    size,
    time_once,
    work_in_background,
)
from rows import (
    analyze,
    insert_contacts,
    insert_links,
    insert_partners,
    make_partners,
    make_people,
)
from screens import get_form_reader, get_list_reader, get_searcher

from odoo.tools import SQL

RECORDS = size("RECORDS", 200_000)
LINKS = size("LINKS", 1_000_000)
CUSTOMERS = size("CUSTOMERS", 100_000)
PLAIN = CUSTOMERS // 10
# companies whose contacts are made and undone; every third has a person
UNDONE = size("UNDONE", 10_000)
# how far the ids of links lie apart where there were others
SPARSE = 12
CHECKED_FIELDS = set(
    "name is_company street zip city country_id phone email website vat".split()
)
MODELS = {"partners": "res.partner", "contacts": "marketing.contact"}


def bench_screens(report, env):
    """What a user waits for, among very many records."""
    partner_ids = insert_partners(env, RECORDS)
    contact_ids = insert_contacts(env, RECORDS)
    insert_links(env, contact_ids, partner_ids)
    analyze(env)
    env = env(user=env.ref("base.user_admin"))
    ids = {
        "res.partner": partner_ids[0] + 500,
        "marketing.contact": contact_ids[0] + 500,
    }
    numbers = {"res.partner": "R00012345", "marketing.contact": "N00012345"}

    def search(text):
        return lambda model: get_searcher(env[model], text)

    scenes = {
        "list, 80 rows": lambda model: get_list_reader(env[model]),
        "search by name": search("7a 1234"),
        "search by number": lambda model: get_searcher(env[model], numbers[model]),
        "search by e-mail": search("office12345@"),
        "search, no hit": search("no such company"),
        "name_search": lambda model: (
            lambda _turn: env[model].name_search("office12345@", limit=8)
        ),
        "open the form": lambda model: get_form_reader(env[model].browse(ids[model])),
    }
    for scene, make in scenes.items():
        sides = {name: make(model) for name, model in MODELS.items()}
        results = report.race(env, scene, RECORDS, sides, 5, "partners")
        seconds = results["contacts"].seconds / results["partners"].seconds
        report.target(f"{scene}: × partners", seconds, 1)

    # what the wizard counts before anything is written
    Worker = env["marketing.run"]._get_workers()["generate"]

    def count(kind):
        params = {"kind": kind, "domain": "[]"}
        return lambda _turn: Worker(env, params).count()

    sides = {"all linked": count("customer"), "none linked": count("vendor")}
    case = "count for Create Contacts"
    results = report.race(env, case, RECORDS, sides, 3, "all linked")
    slowest = max(figure.seconds for figure in results.values())
    report.target(f"{case}: seconds", slowest, 2)


def bench_check(report, env):
    """The check of differences over all links."""
    shared = env["marketing.sync.field"].search([])
    shared.filtered(lambda f: f.contact_field not in CHECKED_FIELDS).active = False
    partner_ids = insert_partners(env, LINKS // 2)
    contact_ids = insert_contacts(env, LINKS // 2)
    insert_links(env, contact_ids, partner_ids, ("customer", "vendor"))
    spoil(env, partner_ids)
    analyze(env)
    Relation, before = env["marketing.contact.relation"], memory()

    def check():
        for low, high in Relation._get_check_steps(0):
            # as the daily check goes through them
            Relation._check_differences_of(
                SQL("relation.id > %s AND relation.id <= %s", low, high)
            )

    figure = time_once(env, check)
    env.cr.execute("SELECT count(*) FROM marketing_sync_difference")
    found = env.cr.fetchone()[0]
    if found < LINKS // 1000:
        raise AssertionError(f"Only {found} differences found")
    case = "check of differences"
    report.add(case, LINKS, {"check": figure}, "check")
    report.target(f"{case}: seconds", figure.seconds, 10 * LINKS / 1e6)
    report.target(f"{case}: MB more", memory() - before, 20)


def spoil(env, partner_ids):
    """Let each thousandth partner differ from its contact."""
    env.cr.execute(
        """
        UPDATE res_partner SET phone = '0'
         WHERE id BETWEEN %s AND %s AND id %% 1000 = 0
        """,
        partner_ids,
    )
    env.invalidate_all()


def bench_sparse(report, env):
    """The check of differences, ids far apart, as where many links have gone."""
    links = LINKS // 10
    partner_ids = insert_partners(env, links)
    insert_links(env, insert_contacts(env, links), partner_ids)
    env.cr.execute("DELETE FROM marketing_sync_difference")
    env.cr.execute(
        SQL("UPDATE marketing_contact_relation SET id = %s + id * %s", links, SPARSE)
    )
    analyze(env)
    results = {}
    for name in ("found new", "found before"):
        spoil(env, partner_ids)
        Relation = env["marketing.contact.relation"]
        results[name] = time_once(env, Relation.check_differences)
    case = "check of differences, sparse ids"
    report.add(case, links, results, "found new")
    slowest = max(figure.seconds for figure in results.values())
    report.target(f"{case}: seconds for 100 000", slowest * 1e5 / links, 1)


def bench_generate(report, env):
    """Contacts for very many customers in the background, and as many partners."""
    values = [
        {
            "name": f"Plain {i}",
            "is_company": True,
            "customer_rank": 1,
            "email": f"plain{i}@example.com",
            "phone": f"+46 8 {i:08}",
            "city": "City",
            "street": f"Street {i}",
        }
        for i in range(PLAIN)
    ]
    _ids, (seconds, queries, _turns) = create_partners(env, values)
    del values
    # the tax IDs that the others have would be refused
    ids = insert_partners(env, CUSTOMERS, vat="NULL")
    env.cr.commit()
    analyze(env)
    env.cr.commit()
    # as many rows as the others, at the speed that was measured
    plain = Figure(seconds * CUSTOMERS / PLAIN, queries)
    what = ("create in the background", CUSTOMERS, "Create Contacts", ids, plain, 10)
    done = race_in_background(report, env, *what).done
    if done != CUSTOMERS:
        raise AssertionError(f"{done} of {CUSTOMERS}")


def bench_undo(report, env):
    """Contacts of companies and their people, made by a run and undone by one."""
    companies = make_partners(env, "Undone", UNDONE, customer_rank=1)
    people = make_people(env, companies[::3], 1)
    env.cr.commit()
    analyze(env)
    env.cr.commit()
    domain = repr([("id", "in", companies.ids)])
    params = {"kind": "customer", "domain": domain, "include_people": True}
    made, making, _marks = work_in_background(env, "generate", params)
    contacts = env["marketing.contact"].search_count([])
    params = {"batch_ids": made.batch_ids.ids, "delete_created": True}
    _run, undoing, _marks = work_in_background(env, "undo", params)
    gone = contacts - env["marketing.contact"].search_count([])
    if gone < len(companies) + len(people):
        raise AssertionError(f"{contacts - gone} contacts of {contacts} are left")
    case = "undo of Create Contacts"
    report.add(case, gone, {"generate": making, "undo": undoing}, "generate")
    report.target(f"{case}: × making them", undoing.seconds / making.seconds, 2)


def main():
    """Measure what was chosen, each in an environment of its own."""
    chosen = choices("PARTS", "screens,check,sparse,generate,undo")
    for part in (bench_screens, bench_check, bench_sparse, bench_generate, bench_undo):
        if part.__name__.removeprefix("bench_") in chosen:
            start = time.perf_counter()
            run(f"Scale: {part.__doc__}", part, report_peak)
            print(f"{part.__name__}: {time.perf_counter() - start:.0f} s", flush=True)


def report_peak(report, _env):
    """Note the most memory that the process has taken."""
    report.target("peak memory of the process: MB", peak_memory(), 1500)


if __name__ == "__main__":
    main()

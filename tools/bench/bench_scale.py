"""Very many records: lists, searches and forms, the check of differences, creation.

200 000 linked contacts against Odoo's own partners in the same run; a million links
checked; contacts for 100 000 customers created in the background. Time and memory.
The database is thrown away by the next benchmark: the last parts commit. BENCH_PARTS
chooses some of screens, check, generate, undo.
"""

import time

from common import (
    Figure,
    choices,
    create_partners,
    memory,
    peak_memory,
    run,
    size,
    time_once,
    work_in_background,
)
from rows import (
    analyze,
    make_crowd,
    make_linked_crowd,
    make_partners,
    make_people,
)
from screens import get_form_reader, get_list_reader, get_searcher

RECORDS = size("RECORDS", 200_000)
LINKS = size("LINKS", 1_000_000)
CUSTOMERS = size("CUSTOMERS", 100_000)
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
    records = make_linked_crowd(env, RECORDS)
    analyze(env)
    env = env(user=env.ref("base.user_admin"))
    one = {some._name: some[:1] for some in records}

    def search(text):
        return lambda model: get_searcher(env[model], text)

    scenes = {
        "list, 80 rows": lambda model: get_list_reader(env[model]),
        "search by name": search("7a 1234"),
        "search by number": search("N00012345"),
        "search by e-mail": search("office12345@"),
        "search, no hit": search("no such company"),
        "name_search": lambda model: (
            lambda _turn: env[model].name_search("office12345@", limit=8)
        ),
        "open the form": lambda model: get_form_reader(one[model].with_env(env)),
    }
    for scene, make in scenes.items():
        sides = {name: make(model) for name, model in MODELS.items()}
        limits = {"contacts": (f"{scene}: × partners", 1)}
        report.race(env, scene, RECORDS, sides, 5, "partners", limits)

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
    """The check of differences over all links: with ids as they come, and far apart, as
    where many links have gone.
    """
    shared = env["marketing.sync.field"].search([])
    shared.filtered(lambda f: f.contact_field not in CHECKED_FIELDS).active = False
    _contacts, partners = make_linked_crowd(env, LINKS // 2, ("customer", "vendor"))
    before, results = memory(), {}
    for name in ("ids as they come", "sparse ids", "sparse ids, found before"):
        if name == "sparse ids":
            env.cr.execute("DELETE FROM marketing_sync_difference")
            moved = "UPDATE marketing_contact_relation SET id = %s + id * %s"
            env.cr.execute(moved, [10 * LINKS, SPARSE])
        # each thousandth partner differs from its contact
        env.cr.execute(
            """
            UPDATE res_partner SET phone = '0'
             WHERE id BETWEEN %s AND %s AND id %% 1000 = 0
            """,
            [partners.ids[0], partners.ids[-1]],
        )
        analyze(env)
        check = env["marketing.contact.relation"].check_differences
        results[name] = time_once(env, check)
        found = env["marketing.sync.difference"].search_count([])
        if found < LINKS // 1000:
            raise AssertionError(f"Only {found} differences found")
    case = "check of differences"
    report.add(case, LINKS, results, "ids as they come")
    for name, figure in results.items():
        report.target(f"{name}: seconds for 100 000", figure.seconds * 1e5 / LINKS, 1)
    report.target(f"{case}: MB more", memory() - before, 20)


def bench_generate(report, env):
    """Contacts for very many customers in the background, and as many partners; then
    for fewer of them, with their people.
    """
    generate(report, env, CUSTOMERS, 0)
    generate(report, env, CUSTOMERS // 5, 3)


def generate(report, env, count, children):
    """Make contacts for customers with so many children each in the background, against
    as many partners.
    """
    plain = make_plain(env, max(1, count // 10), children)
    # the tax IDs that the others have would be refused
    customers = make_crowd(env, "res.partner", count, vat="NULL")
    if children:
        make_people(env, customers, children)
    env.cr.commit()
    analyze(env)
    env.cr.commit()
    bounds = [("id", ">=", customers.ids[0]), ("id", "<=", customers.ids[-1])]
    params = {"kind": "customer", "domain": repr(bounds)}
    made, figure, marks = work_in_background(env, "generate", params)
    if made.done != count:
        raise AssertionError(f"{made.done} of {count}")
    # as many rows as the others, at the speed that was measured
    plain = Figure(plain.seconds * 10, plain.queries * 10)
    name, base = f"Create Contacts, {children} people each", "res.partner.create"
    rows = count * (children + 1)
    report.add("in the background", rows, {base: plain, name: figure}, base)
    report.target(f"{name}: × {base}", figure.seconds / plain.seconds, 1)
    early = marks[min(marks, key=lambda done: abs(done - count // 5))]
    what = f"{name}: memory at the end, × after a fifth ({early:.0f} MB)"
    report.target(what, marks[max(marks)] / early, 1.1)


def make_plain(env, count, children):
    """Create customers with so many children each; return the Figure."""
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
        for i in range(count)
    ]
    ids, first = create_partners(env, values)
    people = [
        {"name": f"Child {i}", "parent_id": id_, "email": f"{i}.{id_}@example.com"}
        for id_ in ids
        for i in range(children)
    ]
    _ids, second = create_partners(env, people)
    return Figure(first.seconds + second.seconds, first.queries + second.queries)


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
    chosen = choices("PARTS", "screens,check,generate,undo")
    for part in (bench_screens, bench_check, bench_generate, bench_undo):
        if part.__name__.removeprefix("bench_") in chosen:
            start = time.perf_counter()
            run(f"Scale: {part.__doc__}", part, report_peak)
            print(f"{part.__name__}: {time.perf_counter() - start:.0f} s", flush=True)


def report_peak(report, _env):
    """Note the most memory that the process has taken."""
    report.target("peak memory of the process: MB", peak_memory(), 1500)


if __name__ == "__main__":
    main()

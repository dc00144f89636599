"""Very many records: lists, searches and forms, the check of differences, creation.

200 000 linked contacts against Odoo's own partners in the same run; a million links
checked; contacts for 100 000 customers created in the background. Time and memory.
The database is thrown away by the next benchmark: the last parts commit. BENCH_PARTS
chooses some of screens, check, sparse, generate, undo.
"""

import gc
import os
import time

from bench_documents import get_reader, take_turns
from common import Report, environment, memory, peak_memory, time_once
from lxml import etree
from rows import (
    analyze,
    insert_contacts,
    insert_links,
    insert_partners,
    make_partners,
    make_people,
)

from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

RECORDS = int(os.environ.get("BENCH_RECORDS", "200000"))
LINKS = int(os.environ.get("BENCH_LINKS", "1000000"))
CUSTOMERS = int(os.environ.get("BENCH_CUSTOMERS", "100000"))
PLAIN = CUSTOMERS // 10
# companies whose contacts are made and undone; every third has a person
UNDONE = int(os.environ.get("BENCH_UNDONE", "10000"))
# how far the ids of links lie apart where there were others
SPARSE = 12
CHECKED_FIELDS = {
    "name",
    "is_company",
    "street",
    "zip",
    "city",
    "country_id",
    "phone",
    "email",
    "website",
    "vat",
}
LIST_VIEWS = {
    "contacts": ("marketing.contact", "marketing_contact.marketing_contact_view_list"),
    "partners": ("res.partner", "base.view_partner_tree"),
}
FORM_VIEWS = {
    "contacts": ("marketing.contact", "marketing_contact.marketing_contact_view_form"),
    "partners": ("res.partner", "base.view_partner_form"),
}


def fields_of(node):
    """Return the field nodes of a view, without those of views inside."""
    for child in node:
        if child.tag == "field":
            yield child
        else:
            yield from fields_of(child)


def specification(model, node):
    """Return what the web client asks for to show a view."""
    result = {}
    for child in fields_of(node):
        field = model._fields.get(child.get("name"))
        if field is None:
            continue
        spec = {}
        if field.type in ("one2many", "many2many"):
            inner = next((part for part in child if part.tag in ("list", "kanban")), ())
            spec["fields"] = specification(model.env[field.comodel_name], inner)
            spec["limit"] = 40
        elif field.type == "many2one":
            spec["fields"] = {"display_name": {}}
        result[field.name] = spec
    return result


def get_form_reader(env, name, id_):
    model_name, xml_id = FORM_VIEWS[name]
    model = env[model_name]
    arch = etree.fromstring(model.get_view(env.ref(xml_id).id, "form")["arch"])
    spec = specification(model, arch)
    return lambda: model.browse(id_).web_read(spec)


def get_searcher(env, name, text):
    """Return the function that reads the list for a text in the search box."""
    model_name, xml_id = LIST_VIEWS[name]
    model = env[model_name]
    arch = etree.fromstring(model.get_view(view_type="search")["arch"])
    field = next(fields_of(arch))
    domain = safe_eval(field.get("filter_domain"), {"self": text})
    names = ("name", "email", "phone")
    spec = {name: {} for name in names}
    return lambda: model.web_search_read(domain, spec, limit=80, count_limit=10001)


def bench_screens(report, env):
    """What a user waits for, among very many records."""
    user = env.ref("base.user_admin")
    partner_ids = insert_partners(env, RECORDS)
    contact_ids = insert_contacts(env, RECORDS)
    insert_links(env, contact_ids, partner_ids)
    analyze(env)
    env = env(user=user)
    first_ids = {"contacts": contact_ids[0], "partners": partner_ids[0]}
    number = {"contacts": "N00012345", "partners": "R00012345"}
    scenes = {
        "list, 80 rows": lambda name: get_reader(env, *LIST_VIEWS[name]),
        "search by name": lambda name: get_searcher(env, name, "7a 1234"),
        "search by number": lambda name: get_searcher(env, name, number[name]),
        "search by e-mail": lambda name: get_searcher(env, name, "office12345@"),
        "search, no hit": lambda name: get_searcher(env, name, "no such company"),
        "name_search": lambda name: (
            lambda model=env[LIST_VIEWS[name][0]]: model.name_search(
                "office12345@", limit=8
            )
        ),
        "open the form": lambda name: get_form_reader(env, name, first_ids[name] + 500),
    }
    for scene, make in scenes.items():
        results = take_turns(
            {name: (env, make(name)) for name in ("partners", "contacts")}, 5
        )
        report.add(scene, RECORDS, results, "partners")
        report.target(
            f"{scene}: × partners", results["contacts"][0] / results["partners"][0], 1
        )
    bench_counts(report, env)


def bench_counts(report, env):
    """What the wizard counts before anything is written."""
    run = env["marketing.run"].new({"origin": "generate"})

    def count(kind, domain):
        run.params = {"kind": kind, "domain": domain}
        return run._get_worker().count()

    results = take_turns(
        {
            "all linked": (env, lambda: count("customer", "[]")),
            "none linked": (env, lambda: count("vendor", "[]")),
        },
        3,
    )
    report.add("count for Create Contacts", RECORDS, results, "all linked")
    report.target(
        "count for Create Contacts: seconds", max(r[0] for r in results.values()), 2
    )


def bench_check(report, env):
    """The check of differences over all links."""
    shared = env["marketing.sync.field"].search([])
    shared.filtered(lambda f: f.contact_field not in CHECKED_FIELDS).active = False
    partner_ids = insert_partners(env, LINKS // 2)
    contact_ids = insert_contacts(env, LINKS // 2)
    insert_links(env, contact_ids, partner_ids, ("customer", "vendor"))
    env.cr.execute(
        """
        UPDATE res_partner SET phone = '0'
         WHERE id BETWEEN %s AND %s AND id %% 1000 = 0
        """,
        partner_ids,
    )
    analyze(env)
    env.invalidate_all()
    gc.collect()
    before, queries = memory(), env.cr.sql_log_count
    start = time.perf_counter()
    for low, high in env["marketing.contact.relation"]._get_check_steps(0):
        # as the daily check goes through them
        env["marketing.contact.relation"]._check_differences_of(
            SQL("relation.id > %s AND relation.id <= %s", low, high)
        )
    seconds = time.perf_counter() - start
    env.cr.execute("SELECT count(*) FROM marketing_sync_difference")
    found = env.cr.fetchone()[0]
    if found < LINKS // 1000:
        raise AssertionError(f"Only {found} differences found")
    result = (seconds, env.cr.sql_log_count - queries)
    report.add("check of differences", LINKS, {"check": result}, "check")
    report.target("check of differences: seconds", seconds, 10 * LINKS / 1e6)
    report.target("check of differences: MB more", memory() - before, 20)


def bench_sparse(report, env):
    """The check of differences, ids far apart, as where many links have gone."""
    links = LINKS // 10
    partner_ids = insert_partners(env, links)
    contact_ids = insert_contacts(env, links)
    insert_links(env, contact_ids, partner_ids)
    env.cr.execute("DELETE FROM marketing_sync_difference")
    env.cr.execute(
        SQL("UPDATE marketing_contact_relation SET id = %s + id * %s", links, SPARSE)
    )
    analyze(env)
    Relation = env["marketing.contact.relation"]
    results = {}
    for name in ("found new", "found before"):
        env.cr.execute(
            SQL(
                "UPDATE res_partner SET phone = '0' WHERE id BETWEEN %s AND %s"
                " AND id %% 1000 = 0",
                *partner_ids,
            )
        )
        env.invalidate_all()
        results[name] = time_once(env, Relation.check_differences)
    report.add("check of differences, sparse ids", links, results, "found new")
    report.target(
        "check of differences, sparse ids: seconds for 100 000",
        max(seconds for seconds, _queries in results.values()) * 1e5 / links,
        1,
    )


def bench_undo(report, env):
    """Contacts of companies and their people, made by a run and undone by one."""
    companies = make_partners(env, "Undone", UNDONE, customer_rank=1)
    make_people(env, companies[::3], 1)
    env.cr.commit()
    analyze(env)
    env.cr.commit()
    Run = env["marketing.run"]
    results = {}

    def work(origin, params):
        queries, start = env.cr.sql_log_count, time.perf_counter()
        run = Run._start(origin, params)
        env.cr.commit()
        Run._cron_work()
        run.invalidate_recordset()
        if run.state != "done" or run.failed:
            raise AssertionError(f"{run.state}, {run.failed} refused: {run.error}")
        seconds = time.perf_counter() - start
        results[origin] = (seconds, env.cr.sql_log_count - queries)
        return run

    domain = repr([("id", "in", companies.ids)])
    params = {"kind": "customer", "domain": domain, "include_people": True}
    made = work("generate", params)
    contacts = env["marketing.contact"].search_count([])
    work("undo", {"batch_ids": made.batch_ids.ids, "delete_created": True})
    left = env["marketing.contact"].search_count([])
    if contacts - left < len(companies) + len(companies[::3]):
        raise AssertionError(f"{left} contacts of {contacts} are left")
    report.add("undo of Create Contacts", contacts - left, results, "generate")
    report.target(
        "undo of Create Contacts: × making them",
        results["undo"][0] / results["generate"][0],
        2,
    )


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
    Partner = env["res.partner"].with_context(marketing_contact_no_create=True)
    queries, start = env.cr.sql_log_count, time.perf_counter()
    for first in range(0, PLAIN, 1000):
        Partner.create(values[first : first + 1000])
        env.cr.commit()
    plain = time.perf_counter() - start
    plain_queries = env.cr.sql_log_count - queries
    del values
    # the tax IDs that the others have would be refused
    low, high = insert_partners(env, CUSTOMERS, vat="NULL")
    env.cr.commit()
    analyze(env)
    env.cr.commit()
    Run = env["marketing.run"]
    domain = repr([("id", ">=", low), ("id", "<=", high)])
    run = Run._start("generate", {"kind": "customer", "domain": domain})
    env.cr.commit()
    marks, commit = {}, type(Run)._commit

    def note(records, processed):
        run.invalidate_recordset()
        done = run.done
        left = commit(records, processed)
        marks[done] = memory()
        return left

    type(Run)._commit = note
    queries, start = env.cr.sql_log_count, time.perf_counter()
    Run._cron_work()
    seconds = time.perf_counter() - start
    run.invalidate_recordset()
    if (run.state, run.done) != ("done", CUSTOMERS):
        raise AssertionError(f"{run.state}, {run.done} of {CUSTOMERS}: {run.error}")
    results = {
        # as many rows as the others, at the speed that was measured
        "res.partner.create": (plain * CUSTOMERS / PLAIN, plain_queries),
        "Create Contacts": (seconds, env.cr.sql_log_count - queries),
    }
    report.add("create in the background", CUSTOMERS, results, "res.partner.create")
    report.target(
        "Create Contacts: × res.partner.create",
        seconds / results["res.partner.create"][0],
        1,
    )
    early = marks[min(marks, key=lambda done: abs(done - CUSTOMERS // 10))]
    late = marks[CUSTOMERS]
    report.target(
        f"Create Contacts: memory at the end ({late:.0f} MB), "
        f"× after a tenth ({early:.0f} MB)",
        late / early,
        1.1,
    )


PARTS = {
    "screens": bench_screens,
    "check": bench_check,
    "sparse": bench_sparse,
    "generate": bench_generate,
    "undo": bench_undo,
}


def main():
    chosen = os.environ.get("BENCH_PARTS", ",".join(PARTS)).split(",")
    for name, part in PARTS.items():
        if name not in chosen:
            continue
        report = Report(f"Scale: {part.__doc__}")
        start = time.perf_counter()
        with environment() as env:
            part(report, env)
        report.target("peak memory of the process: MB", peak_memory(), 1500)
        report.print()
        print(f"{part.__name__}: {time.perf_counter() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()

"""Privacy: what it costs who doesn't use it, and the figures of those who do: a plan
for one among many, thousands erased, an answer with many interactions, a dry run.
"""

from functools import partial

from common import run, size, time_once
from deeds import compare, without
from rows import analyze, make_contacts, make_crowd

from odoo.tests import new_test_user

CONTACTS = size("CONTACTS", 200_000)
ERASED = size("ERASED", 10_000)
INTERACTIONS = 1000


def bench_unused(report, env):
    """Time what everybody does, with what privacy does at a save and without."""
    make_crowd(env, "marketing.contact", CONTACTS)
    analyze(env)
    # known once Odoo has read where add-ons are
    from odoo.addons.marketing_contact.models.privacy import marketing_contact

    own = marketing_contact.MarketingContact
    # whoever sees to privacy is asked for no rule
    users = {
        name: new_test_user(env, name, f"marketing_contact.group_marketing_contact_{g}")
        for name, g in (("with", "user"), ("without", "privacy"))
    }
    compare(env, report, partial(without, own, "create", "write"), users)


def bench_used(report, env):
    """Time what those do who see to privacy."""
    one = make_contacts(env, "One", 1)
    one.email = "one@bench.example"
    one.create_card("customer")
    env["marketing.interaction"].create(
        [{"contact_id": one.id, "name": f"I {n}"} for n in range(INTERACTIONS)]
    )
    rule = env["marketing.retention.rule"].create(
        {"name": "Bench", "months": 24, "since": "interaction", "action": "erase"}
    )
    env.flush_all()
    env.cr.execute(
        "UPDATE marketing_contact SET create_date = now() - interval '5 years'"
    )
    deeds = {
        "warm up": (one.privacy_plan, None),
        "plan for one": (one.privacy_plan, 0.3),
        "answer": (one.privacy_answer, 2),
        "dry run": (rule.action_dry_run, 5),
    }
    figures = {name: time_once(env, deed) for name, (deed, _limit) in deeds.items()}
    people = env["marketing.contact"].create(
        [{"name": f"Gone {n}", "email": f"gone.{n}@x.example"} for n in range(ERASED)]
    )
    people.create_card("customer")

    def erase():
        for start in range(0, ERASED, 500):
            people[start : start + 500].privacy_erase()

    deeds["erase"] = (erase, 120 * ERASED / 10000)
    figures["erase"] = time_once(env, erase)
    report.add("for who uses it", 1, figures, "plan for one")
    for name, (_deed, limit) in deeds.items():
        if limit:
            report.target(f"{name}: seconds", figures[name].seconds, limit)


if __name__ == "__main__":
    run("Privacy", bench_unused, bench_used)

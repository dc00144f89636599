"""Privacy: what it costs who doesn't use it, and the figures of those who do: a plan
for one among many, thousands erased, an answer with many interactions, a dry run.
"""

import os
from functools import partial

from common import Figure, Report, environment, time_once
from deeds import compare, without
from rows import analyze, insert_contacts, make_contacts

from odoo.fields import Command
from odoo.tests import new_test_user

CONTACTS = int(os.environ.get("BENCH_CONTACTS", "200000"))
ERASED = int(os.environ.get("BENCH_ERASED", "10000"))
INTERACTIONS = 1000


def compare_unused(env, report):
    """Time what everybody does, with what privacy does at a save and without."""
    # known once Odoo has read where add-ons are
    from odoo.addons.marketing_contact.models.privacy import marketing_contact

    own = marketing_contact.MarketingContact
    # whoever sees to privacy is asked for no rule
    users = {
        name: new_test_user(env, name, f"marketing_contact.group_marketing_contact_{g}")
        for name, g in (("with", "user"), ("without", "privacy"))
    }
    compare(env, report, partial(without, own, "create", "write"), users)


def main():
    report = Report("Privacy")
    with environment() as env:
        insert_contacts(env, CONTACTS)
        analyze(env)
        compare_unused(env, report)
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
        figures = {
            "warm up": Figure(*time_once(env, one.privacy_plan)),
            "plan for one": Figure(*time_once(env, one.privacy_plan)),
            "answer": Figure(*time_once(env, one.privacy_answer)),
            "dry run": Figure(*time_once(env, rule.action_dry_run)),
        }
        people = env["marketing.contact"].create(
            [
                {"name": f"Gone {n}", "email": f"gone.{n}@x.example"}
                for n in range(ERASED)
            ]
        )
        people.create_card("customer")
        env.flush_all()

        def erase():
            for start in range(0, ERASED, 500):
                people[start : start + 500].privacy_erase()

        figures["erase"] = Figure(*time_once(env, erase))
        report.add("for who uses it", 1, figures, "plan for one")
        for name, limit in (
            ("plan for one", 0.3),
            ("answer", 2),
            ("dry run", 5),
            ("erase", 120 * ERASED / 10000),
        ):
            report.target(f"{name}: seconds", figures[name].seconds, limit)
        env["marketing.privacy.request"].create(
            {"kind": "access", "contact_ids": [Command.set(one.ids)]}
        )
    report.print()


if __name__ == "__main__":
    main()

"""Create contacts for many customers in the background. Run in Odoo's shell (`env`).

Run again after an interruption, it looks at what is there and goes on.
"""

from odoo.addons.marketing_contact.models.runs import workers

CUSTOMERS = 2000
BATCH = 50

workers.PART_SIZE = BATCH


def count():
    """Return how many customers, links, contacts and journal entries there are."""
    env.cr.execute(
        """
        SELECT (SELECT count(*) FROM res_partner WHERE name LIKE 'Interrupted %'),
               (SELECT count(*) FROM marketing_contact_relation relation
                  JOIN res_partner partner ON partner.id = relation.partner_id
                  JOIN marketing_contact contact ON contact.id = relation.contact_id
                 WHERE partner.name LIKE 'Interrupted %'
                   AND contact.name = partner.name),
               (SELECT count(*) FROM marketing_contact
                 WHERE name LIKE 'Interrupted %'),
               (SELECT count(*) FROM marketing_sync_change
                  JOIN marketing_contact contact ON contact.id = target_id
                 WHERE target_model = 'marketing.contact' AND field_name = 'name'
                   AND contact.name LIKE 'Interrupted %')
        """
    )
    return env.cr.fetchone()


run = env["marketing.run"].search([])
run = run.filtered(lambda run: "Interrupted" in str(run.params))
if not run:
    env["res.partner"].with_context(marketing_contact_no_create=True).create(
        [{"name": f"Interrupted {i}", "customer_rank": 1} for i in range(CUSTOMERS)]
    )
    run = run._start(
        "generate",
        {"kind": "customer", "domain": repr([("name", "like", "Interrupted ")])},
    )
    env.cr.commit()
else:
    customers, *made = count()
    assert run.state == "running", run.state
    assert customers == run.total == CUSTOMERS, (customers, run.total)
    assert 0 < run.done < CUSTOMERS, run.done
    assert not run.done % BATCH, run.done
    assert made == [run.done] * 3, (run.done, made)
run._cron_work()
assert (run.state, run.done, run.failed) == ("done", CUSTOMERS, 0), run.read()
assert count() == (CUSTOMERS,) * 4, count()

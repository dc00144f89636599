from unittest.mock import patch

import psycopg2

from odoo.modules.registry import Registry
from odoo.tests import BaseCase, tagged
from odoo.tests.common import get_db_name
from odoo.tools import mute_logger

from ..models.runs import workers
from ..models.sync import engine, journal
from .crowd import Crowd
from .doomed import kill_at

CARDS = 20
STEP = 5


@tagged("post_install", "-at_install")
class TestFaults(BaseCase):
    """Killed processes and lost sessions: whole or not at all, and going on works.

    With real transactions that are committed; what they leave behind is removed.
    """

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.crowd = Crowd(self.registry, patience=0.1)
        self.addCleanup(self.crowd.tidy_up)
        self.runs = []
        self.addCleanup(self._remove_runs)

    def _remove_runs(self):
        with self.crowd.environment() as env:
            runs = env["marketing.run"].browse(self.runs)
            runs.action_stop()
            runs.unlink()

    # ------------------------------------------------------------
    # CREATING MANY CONTACTS
    # ------------------------------------------------------------

    def _start_run(self):
        """Return the ids of a run in the background and of its partners."""
        self.startPatcher(patch.object(workers, "PART_SIZE", STEP))
        with self.crowd.environment() as env:
            partners = env["res.partner"].with_context(marketing_contact_no_create=True)
            partners = partners.create(
                [{"name": f"Doomed {i}", "customer_rank": 1} for i in range(CARDS)]
            )
            self.crowd.keep(partners)
            domain = repr([("id", "in", partners.ids)])
            run = env["marketing.run"]._start(
                "generate", {"kind": "customer", "domain": domain}
            )
            self.runs = run.ids
            return run.id, partners.ids

    def _look(self, run_id, partner_ids):
        """Return how far the run says it is, and how far it is."""
        with self.crowd.environment() as env:
            run = env["marketing.run"].browse(run_id)
            relations = env["marketing.contact.relation"].search(
                [("partner_id", "in", partner_ids)]
            )
            contacts = env["marketing.contact"].search([("name", "like", "Doomed")])
            self.crowd.keep(contacts)
            changes = env["marketing.sync.change"].search(
                [
                    ("target_model", "=", "marketing.contact"),
                    ("target_id", "in", contacts.ids),
                    ("field_name", "=", "name"),
                ]
            )
            self.assertEqual(relations.contact_id, contacts)
            return run.state, run.done, len(relations), len(contacts), len(changes)

    def _go_on(self):
        with self.crowd.environment() as env:
            env["marketing.run"]._cron_work()

    def _check_half_done(self, run_id, partner_ids):
        """Two batches are there whole, of the third one nothing; the rest follows."""
        half, whole = 2 * STEP, CARDS
        self.assertEqual(
            self._look(run_id, partner_ids), ("running", half, half, half, half)
        )
        self._go_on()
        self.assertEqual(
            self._look(run_id, partner_ids), ("done", whole, whole, whole, whole)
        )

    def test_worker_is_killed(self):
        """kill -9 in the middle of a batch."""
        run_id, partner_ids = self._start_run()
        kill_at(
            self.registry,
            lambda env: env["marketing.run"]._cron_work(),
            "res.partner",
            "_marketing_create_contacts",
            call=3,
        )
        self._check_half_done(run_id, partner_ids)

    def test_database_ends_the_session(self):
        """As when the database server is restarted in the middle of a batch."""
        run_id, partner_ids = self._start_run()
        Partner = self.registry["res.partner"]
        create, calls = Partner._marketing_create_contacts, []

        def lose_session(cards, *args, **kwargs):
            contacts = create(cards, *args, **kwargs)
            cards.env.flush_all()
            calls.append(len(cards))
            if len(calls) == 3:
                backend = cards.env.cr.connection.get_backend_pid()
                with self.registry.cursor() as other:
                    other.execute("SELECT pg_terminate_backend(%s)", [backend])
                cards.env.cr.execute("SELECT 1")
            return contacts

        with (
            patch.object(Partner, "_marketing_create_contacts", lose_session),
            mute_logger("odoo.sql_db"),
            self.assertRaises((psycopg2.InterfaceError, psycopg2.OperationalError)),
        ):
            self._go_on()
        self.assertEqual(calls, [STEP] * 3, "no batch is tried without a session")
        self._check_half_done(run_id, partner_ids)

    def test_two_workers(self):
        """Only one works on a batch; the other leaves it alone."""
        run_id, partner_ids = self._start_run()
        with self.registry.cursor() as cr:
            cr.execute(
                "SELECT 1 FROM marketing_run_part WHERE run_id = %s FOR UPDATE",
                [run_id],
            )
            self._go_on()
            self.assertEqual(self._look(run_id, partner_ids)[:3], ("waiting", 0, 0))
        self._go_on()
        self.assertEqual(self._look(run_id, partner_ids)[:2], ("done", CARDS))

    # ------------------------------------------------------------
    # A SAVE AND ITS JOURNAL
    # ------------------------------------------------------------

    def test_killed_between_save_and_journal(self):
        """Both or neither, wherever the process dies."""
        nodes = self.crowd.make_group()
        with self.crowd.environment() as env:
            before = env["marketing.sync.batch"].search([], order="id desc", limit=1)
            last_batch = before.id

        def save(env):
            env[nodes[0][0]].browse(nodes[0][1]).write({"phone": "0800 DEATH"})

        for model, method in (
            ("res.partner", "write"),  # the customer has it, the bank has not
            (engine, "apply_writes"),  # all have it, no journal
            (journal.Journal, "save"),  # not committed
        ):
            kill_at(self.registry, save, model, method)
            with self.crowd.environment() as env:
                for name, id_ in nodes:
                    self.assertFalse(env[name].browse(id_).phone, method)
                batches = env["marketing.sync.batch"]
                self.assertFalse(batches.search([("id", ">", last_batch)]), method)
        with self.crowd.environment() as env:
            save(env)
        with self.crowd.environment() as env:
            for name, id_ in nodes:
                self.assertEqual(env[name].browse(id_).phone, "0800 DEATH")
            batch = env["marketing.sync.batch"].search([("id", ">", last_batch)])
            self.assertEqual(len(batch), 1)
            self.assertEqual(batch.change_count, len(nodes))

    # ------------------------------------------------------------
    # CHECK OF DIFFERENCES
    # ------------------------------------------------------------

    def test_check_goes_on_where_it_was(self):
        """A check killed half-way finds the rest, and looks at nothing twice."""
        groups = [self.crowd.make_group() for _i in range(3)]
        with self.crowd.environment() as env:
            customers = [group[1][1] for group in groups]
            relations = env["marketing.contact.relation"].search(
                [("partner_id", "in", customers)], order="id"
            )
            before = env["marketing.contact.relation"].search_count(
                [("kind", "!=", False), ("id", "<", relations[0].id)]
            )
            env.cr.execute(
                "UPDATE res_partner SET phone = 'apart' WHERE id IN %s",
                [tuple(customers)],
            )
            env.invalidate_all()
            relation_ids = relations.ids
        self.addCleanup(self._remove_checks)

        def found(env):
            differences = env["marketing.sync.difference"].search(
                [("relation_id", "in", relation_ids)]
            )
            return differences.relation_id.sorted("id").ids

        # all that were there before are a batch, then one of ours after the other
        self.startPatcher(patch.object(workers, "CHECK_STEP", 1))
        calls = before + 2
        kill_at(
            self.registry,
            lambda env: env["marketing.contact.relation"]._cron_check_differences(),
            "marketing.contact.relation",
            "_check_differences_of",
            call=calls,
        )
        with self.crowd.environment() as env:
            self.assertEqual(found(env), relation_ids[:1])
        Relation = self.registry["marketing.contact.relation"]
        check, steps = Relation._check_differences_of, []

        def count(records, condition):
            steps.append(condition)
            return check(records, condition)

        with patch.object(Relation, "_check_differences_of", count):
            with self.crowd.environment() as env:
                env["marketing.contact.relation"]._cron_check_differences()
        with self.crowd.environment() as env:
            self.assertEqual(found(env), relation_ids)
            run = env["marketing.run"].search([("origin", "=", "check")], limit=1)
            self.assertEqual(run.state, "done")
            total = env["marketing.contact.relation"].search_count(
                [("kind", "!=", False)]
            )
        self.assertEqual(
            len(steps), total - before - 1, "what was looked at is not looked at again"
        )

    def _remove_checks(self):
        with self.crowd.environment() as env:
            runs = env["marketing.run"].search([("origin", "=", "check")])
            runs.action_stop()
            runs.unlink()

    # ------------------------------------------------------------
    # UNDO
    # ------------------------------------------------------------

    def test_same_batch_undone_by_two(self):
        """Two administrators undo one save: done once, and both are told how it is."""
        nodes = self.crowd.make_group()
        for turn in range(10):
            with self.crowd.environment() as env:
                contact = env[nodes[0][0]].browse(nodes[0][1])
                contact.phone = "before"
                env.flush_all()
            with self.crowd.environment() as env:
                env[nodes[0][0]].browse(nodes[0][1]).phone = f"after {turn}"
            with self.crowd.environment() as env:
                batch = env["marketing.sync.batch"].search([], limit=1)
                batch_id = batch.id
            call = ("marketing.sync.batch", "action_undo", [batch_id])
            with self.crowd.gathered():
                results = self.crowd.together(call, call)
            self.assertEqual(self.crowd.errors, [])
            for result in results:
                self.assertEqual(result["tag"], "display_notification")
            with self.crowd.environment() as env:
                values = {env[name].browse(id_).phone for name, id_ in nodes}
                self.assertEqual(values, {"before"})
                later = env["marketing.sync.batch"].search([("id", ">", batch_id)])
                self.assertEqual(later.mapped("origin"), ["undo"])
                batch = env["marketing.sync.batch"].browse(batch_id)
                self.assertEqual(batch.state, "undone")
        self.assertFalse(self.crowd.retries["DEADLOCK_DETECTED"])

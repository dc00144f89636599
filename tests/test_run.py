from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from ..models.runs import workers
from .common import MarketingContactCommon


class TestRun(MarketingContactCommon):
    """Very many contacts are created in the background, part by part."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls.Partner.union(
            *(cls._partner(f"Run {i}", customer_rank=1) for i in range(7))
        )
        cls.second = cls.env["res.company"].create({"name": "Second Company"})
        cls.second.marketing_customer_relation_id = False
        cls.marketer.company_ids += cls.second
        cls.cron = cls.env.ref("marketing_contact.ir_cron_runs")
        cls.Run = cls.env["marketing.run"]
        cls.startClassPatcher(patch.object(workers, "PART_SIZE", 2))
        cls.startClassPatcher(patch.object(workers, "BACKGROUND_FROM", 3))

    def _start(self, partners=None, user=None, kind="customer"):
        """Return the run that the wizard starts."""
        domain = repr([("id", "in", (partners or self.partners).ids)])
        wizard = self.env["marketing.contact.generate"].with_user(user or self.marketer)
        companies = self.env.company | self.second
        wizard = wizard.with_context(allowed_company_ids=companies.ids)
        wizard = wizard.create({"kind": kind, "domain": domain})
        action = wizard.action_generate()
        self.assertEqual(action["res_model"], "marketing.run")
        return self.Run.browse(action["res_id"])

    def _work(self):
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()
        self.env.invalidate_all()

    def _break(self, partner):
        """Give a partner to a company that makes no contacts of customers."""
        partner.company_id = self.second

    def test_in_the_background(self):
        batches = self.env["marketing.sync.batch"].search_count([])
        triggers = self.env["ir.cron.trigger"].search_count([])
        run = self._start()
        self.assertEqual((run.state, run.total, run.progress), ("waiting", 7, 0))
        self.assertEqual(run.display_name, "Contacts from: Customer")
        self.assertEqual(self.env["ir.cron.trigger"].search_count([]), triggers + 1)
        self.assertFalse(self.partners.marketing_contact_id)
        self._work()
        self.assertEqual((run.state, run.done, run.progress), ("done", 7, 100))
        self.assertEqual((run.skipped, run.failed, run.error), (0, 0, False))
        self.assertTrue(run.end_date)
        contacts = self.partners.marketing_contact_id
        self.assertEqual(contacts.mapped("name"), self.partners.mapped("name"))
        self.assertEqual(contacts.create_uid, self.marketer)
        made = self.env["marketing.sync.batch"].search_count([]) - batches
        self.assertEqual(made, 4, "one entry of the journal for each batch of two")

    def test_small_numbers_at_once(self):
        domain = repr([("id", "in", self.partners[:2].ids)])
        wizard = self.env["marketing.contact.generate"].with_user(self.marketer)
        wizard = wizard.create({"kind": "customer", "domain": domain})
        self.assertFalse(wizard.in_background)
        action = wizard.action_generate()
        self.assertEqual(action["res_model"], "marketing.contact")
        self.assertTrue(all(self.partners[:2].mapped("marketing_contact_id")))

    def test_again_after_it_is_done(self):
        self._start()
        self._work()
        again = self.Run.with_user(self.marketer)._start(
            "generate", {"kind": "customer", "domain": "[]"}
        )
        total = again.total
        self._work()
        self.assertEqual((again.state, again.done), ("done", total))
        self.assertEqual(
            self.Relation.search_count([("partner_id", "in", self.partners.ids)]), 7
        )

    def test_linked_meanwhile(self):
        run = self._start()
        self.partners[0].create_marketing_contacts("customer")
        self.partners[6].unlink()
        self._work()
        self.assertEqual((run.state, run.done, run.skipped), ("done", 5, 2))
        self.assertEqual(run.progress, 100)

    def test_cancel_and_go_on(self):
        run = self._start()
        run.with_user(self.marketer).action_stop()
        self._work()
        self.assertEqual((run.state, run.done), ("stopped", 0))
        self.assertFalse(self.partners.marketing_contact_id)
        run.with_user(self.marketer).action_resume()
        self._work()
        self.assertEqual((run.state, run.done), ("done", 7))

    def test_cancelled_between_batches(self):
        """What is there stays, and going on makes the others and no second ones."""
        run = self._start()
        commit = type(run)._commit

        def cancel_after_first(self, processed):
            commit(self, processed)
            self.action_stop()
            return commit(self, 0)

        with patch.object(type(run), "_commit", cancel_after_first):
            self._work()
        self.assertEqual((run.state, run.done), ("stopped", 2))
        first = self.partners.marketing_contact_id
        self.assertEqual(len(first), 2)
        run.action_resume()
        self.assertEqual((run.total, run.done), (7, 2))
        self._work()
        self.assertEqual((run.state, run.done, run.progress), ("done", 7, 100))
        self.assertEqual(self.partners[:2].marketing_contact_id, first)

    def test_refused_card(self):
        """One card that is refused keeps none of the others from a contact."""
        run = self._start()
        self._break(self.partners[3])
        self._work()
        self.assertEqual((run.state, run.done, run.failed), ("done", 6, 1))
        line = run.exception_ids
        self.assertEqual(
            (line.res_id, line.record_name), (self.partners[3].id, "Run 3")
        )
        self.assertIn("Marketing Setup of Second Company", line.message)
        self.assertFalse(self.partners[3].marketing_contact_id)
        self.assertEqual(len(self.partners.marketing_contact_id), 6)
        self.partners[3].company_id = False
        run.action_resume()
        self._work()
        self.assertEqual((run.state, run.done, run.failed), ("done", 7, 0))
        self.assertEqual((line.state, run.progress), ("done", 100))

    def test_too_many_refused(self):
        run = self._start()
        for partner in self.partners[:3]:
            self._break(partner)
        with patch.object(workers, "MAX_FAILED", 2):
            self._work()
            self.assertEqual((run.state, run.failed, run.done), ("failed", 2, 0))
            self.assertEqual(len(run.exception_ids), 2)
            self._work()
            self.assertEqual(run.state, "failed", "nothing before somebody says so")
            run.action_resume()
            self._work()
            self.assertEqual(run.state, "failed")
            self.assertEqual(run.exception_ids.mapped("tries"), [2, 2])
        run.action_resume()
        self._work()
        self.assertEqual((run.state, run.failed, run.done), ("done", 3, 4))

    def test_unexpected_error(self):
        """An error in code is logged, noted with its card, and stops no other run."""
        broken = self._start(self.partners[:3])
        fine = self._start(self.partners[3:])
        model = type(self.Partner)
        create = model._marketing_create_contacts

        def stumble(cards, kind, **kwargs):
            if cards & cards.browse(self.partners[1].id):
                raise RuntimeError("stumbled")
            return create(cards, kind, **kwargs)

        logger = "odoo.addons.marketing_contact.models.runs.workers"
        with (
            patch.object(model, "_marketing_create_contacts", stumble),
            mute_logger(logger),
        ):
            self._work()
        self.assertEqual((broken.state, broken.done, broken.failed), ("done", 2, 1))
        self.assertIn("stumbled", broken.exception_ids.message)
        self.assertEqual((fine.state, fine.done), ("done", 4))

    def test_asker_is_gone(self):
        run = self._start()
        self.marketer.active = False
        self._work()
        self.assertEqual((run.state, run.done), ("failed", 0))
        self.assertIn("Marketer", run.error)

    def test_rights_taken_away(self):
        run = self._start()
        group = self.env.ref("marketing_contact.group_marketing_contact_user")
        self.marketer.group_ids = [Command.unlink(group.id)]
        self._work()
        self.assertEqual((run.state, run.done), ("failed", 0))
        self.assertFalse(self.partners.marketing_contact_id)

    def test_setup_is_missing(self):
        self.company.marketing_customer_relation_id = False
        with self.assertRaises(UserError):
            self._start()

    def test_rights(self):
        """Nobody makes or changes runs by hand: they work with their user's rights."""
        run = self._start()
        Run = self.Run.with_user(self.manager)
        with self.assertRaises(AccessError):
            Run.create({"origin": "generate", "params": {}, "user_id": 1})
        with self.assertRaises(AccessError):
            run.with_user(self.marketer).write({"user_id": 1})
        other = new_test_user(
            self.env, "other", "marketing_contact.group_marketing_contact_user"
        )
        for user in (other, self.clerk):
            with self.assertRaises(AccessError):
                run.with_user(user).action_stop()
            with self.assertRaises(AccessError):
                run.with_user(user).action_resume()
        self.assertFalse(self.Run.with_user(other).search([]))
        self.assertEqual(run.with_user(self.manager).state, "waiting")
        with self.assertRaises(UserError):
            run.with_user(self.manager).unlink()
        run.with_user(self.manager).action_stop()
        run.with_user(self.manager).unlink()

    def test_company_of_the_asker(self):
        """A run takes the cards of the companies that its user had chosen."""
        other_company = self.env["res.company"].create({"name": "Other"})
        hidden = self.partners[0]
        hidden.company_id = other_company
        run = self._start()
        self.assertEqual(run.total, 6)
        self._work()
        self.assertEqual((run.done, run.company_id), (6, self.company))
        self.assertFalse(hidden.marketing_contact_id)
        manager = new_test_user(
            self.env,
            "there",
            "marketing_contact.group_marketing_contact_manager",
            company_id=other_company.id,
            company_ids=[Command.set(other_company.ids)],
        )
        self.assertFalse(self.Run.with_user(manager).search([]))

    def test_same_cards_as_by_python(self):
        """The filter in SQL and the one of the records agree."""
        both = self._contact("Both")
        both.link_card("customer", self.partners[0].id)
        both.link_card("vendor", self.partners[1].id)
        child = self._partner("C", parent_id=self.partners[2].id, is_company=False)
        person = self._partner("Person", is_company=False)
        elsewhere = self._partner("Elsewhere", company_id=self.company.id)
        both.link_card("vendor", elsewhere.id)
        self.partners[3].create_marketing_contacts("vendor")
        cards = self.partners | child | person | elsewhere
        self._check_same("customer", cards)
        self._check_same("vendor", cards)
        bank = self.Bank.create({"name": "B"})
        accounts = self._account("1", bank) | self._account("2", bank)
        accounts |= self._account("3")
        accounts[0].create_marketing_contacts()
        self.assertEqual(self._check_same("bank_account", accounts), accounts[1])

    def _check_same(self, kind, cards):
        left = cards._marketing_filter_cards()._marketing_filter_unlinked(kind)
        domain = cards._marketing_new_cards_domain(kind)
        found = cards.search(domain & Domain("id", "in", cards.ids))
        self.assertEqual(found.sorted("id"), left.sorted("id"))
        return found

    def test_bank_accounts(self):
        banks = self.Bank.create([{"name": f"Run Bank {i}"} for i in range(2)])
        accounts = self.Account.union(
            *(self._account(f"RUN{i}", banks[i % 2]) for i in range(5))
        )
        run = self._start(accounts, kind="bank_account")
        self._work()
        self.assertEqual((run.state, run.done), ("done", 5))
        self.assertEqual(len(accounts.marketing_contact_id), 2)

    def test_constant_number_of_queries(self):
        """Counting takes two queries, however many cards there are."""
        env = self.env(user=self.marketer.id)
        worker = workers.GenerateWorker(env, {"kind": "customer", "domain": "[]"})
        worker.count()
        with self.assertQueryCount(2):
            worker.count()

    # ------------------------------------------------------------
    # WHO AND WHAT IS GONE
    # ------------------------------------------------------------

    def test_asker_is_deleted(self):
        other = new_test_user(
            self.env, "leaving", "marketing_contact.group_marketing_contact_user"
        )
        domain = repr([("id", "in", self.partners.ids)])
        run = self.Run.with_user(other)._start(
            "generate", {"kind": "customer", "domain": domain}
        )
        run = run.sudo()
        other.unlink()
        self._work()
        self.assertEqual((run.state, run.done), ("failed", 0))
        self.assertIn("deleted user", run.error)

    def test_company_is_gone(self):
        run = self._start()
        run.company_id = False
        self._work()
        self.assertEqual(run.state, "failed")
        self.assertIn("deleted company", run.error)

    def test_what_did_it_is_gone(self):
        run = self._start()
        with patch.object(type(run), "_get_workers", lambda self: {}):
            self._work()
            self.assertEqual(run.state, "failed")
            self.assertIn("gone", run.error)
            self.assertEqual(run.display_name, "generate")
        run.action_resume()
        self._work()
        self.assertEqual((run.state, run.done), ("done", 7))

    def test_one_that_stumbles_holds_nobody_up(self):
        """What goes wrong before a batch ends its run in words; those behind go on."""
        Run = self.Run.with_user(self.marketer)
        params = {"kind": "customer", "domain": "[]"}
        gone = Run._start("generate", params).sudo()
        gone.params = {"kind": "employee", "domain": "[]"}
        field = Run._start("generate", params).sudo()
        field.params = {"kind": "customer", "domain": "[('x_gone', '=', 1)]"}
        broken = Run._start("generate", params).sudo()
        broken.params = {**params, "broken": True}
        behind = self._start()
        check = workers.GenerateWorker.check

        def stumble(worker):
            if worker.params.get("broken"):
                raise RuntimeError("stumbled")
            return check(worker)

        with (
            patch.object(workers.GenerateWorker, "check", stumble),
            mute_logger("odoo.addons.marketing_contact.models.runs.marketing_run_work"),
        ):
            self._work()
        self.assertEqual((behind.state, behind.done), ("done", 7))
        self.assertIn("employee", gone.error)
        self.assertIn("x_gone", field.error)
        self.assertIn("can't be worked on: RuntimeError", broken.error)
        for run in gone + field + broken:
            self.assertEqual(run.state, "failed")
            self.assertTrue(run.end_date)
            self.assertTrue(run.activity_ids)
            self.assertTrue(run.display_name)

    def test_one_of_which_nothing_can_be_told(self):
        first, behind = self._start(), self._start(self.partners[:3])
        end = type(first)._end

        def stumble(run, *args, **kwargs):
            if run == first:
                raise RuntimeError("stumbled")
            return end(run, *args, **kwargs)

        with (
            patch.object(type(first), "_end", stumble),
            mute_logger("odoo.addons.marketing_contact.models.runs.marketing_run_work"),
        ):
            self._work()
        self.assertEqual((first.state, behind.state), ("failed", "done"))
        self.assertIn("stumbled", first.error)

    def test_switched_off(self):
        """A neutralised copy works off nothing, and says so."""
        run = self._start()
        self.assertFalse(run.is_switched_off)
        self.cron.active = False
        run.invalidate_recordset()
        self.assertTrue(run.with_user(self.marketer).is_switched_off)
        run.action_stop()
        self.assertFalse(run.is_switched_off)

    # ------------------------------------------------------------
    # THE INBOX
    # ------------------------------------------------------------

    def _refuse(self, *partners):
        run = self._start()
        for partner in partners:
            self._break(partner)
        self._work()
        return run

    def test_inbox_by_reason(self):
        run = self._refuse(*self.partners[:3])
        lines = self.env["marketing.exception"].with_user(self.marketer)
        lines = lines.search([("run_id", "=", run.id)])
        self.assertEqual(len(lines), 3)
        ((code, count),) = lines._read_group(
            [("id", "in", lines.ids)], ["code"], ["__count"]
        )
        self.assertEqual(count, 3)
        self.assertNotIn("Second Company”", code)
        action = run.action_view_exceptions()
        self.assertEqual(lines.search(action["domain"]), lines)
        self.assertEqual(lines[0].action_open_record()["res_id"], lines[0].res_id)

    def test_inbox_retry_with_the_rights_of_who_presses(self):
        run = self._refuse(self.partners[0], self.partners[1])
        lines = run.exception_ids
        self.partners[0].company_id = False
        action = lines.with_user(self.marketer).action_retry()
        self.assertIn("1 of 2", action["params"]["message"])
        states = {line.res_id: line.state for line in lines}
        self.assertEqual(states[self.partners[0].id], "done")
        self.assertEqual(states[self.partners[1].id], "open")
        left = lines.filtered(lambda line: line.state == "open")
        self.assertEqual(left.tries, 2)
        self.assertEqual(
            self.partners[0].marketing_contact_id.create_uid, self.marketer
        )
        left.with_user(self.marketer).action_ignore()
        self.assertEqual(left.state, "ignored")
        with self.assertRaises(AccessError):
            left.with_user(self.clerk).action_retry()
        with self.assertRaises(AccessError):
            left.with_user(self.marketer).write({"state": "done"})

    def test_a_way_to_the_setup_is_a_refusal(self):
        """Managers get a RedirectWarning, which is no UserError for Odoo: it is no
        error in code either, so nothing is logged.
        """
        self.manager.company_ids += self.second
        run = self._start(user=self.manager)
        self._break(self.partners[0])
        self._work()
        self.assertEqual((run.state, run.done, run.failed), ("done", 6, 1))
        line = run.exception_ids.with_user(self.manager)
        line.action_retry()
        self.assertEqual((line.state, line.tries), ("open", 2))

    def test_inbox_goes_with_its_records(self):
        run = self._refuse(self.partners[0])
        self.partners[0].unlink()
        self.env["marketing.exception"]._gc_gone()
        self.assertFalse(run.exception_ids.exists())

    # ------------------------------------------------------------
    # OTHER BULK WORK
    # ------------------------------------------------------------

    def test_inbox_forgets_the_names_of_others(self):
        """A line of one record names another, which is deleted."""
        run = self._start()
        own = self.partners[0]
        others = self._contact("Ann Secret"), self._partner("Bo Secret")
        bank = self.Bank.create({"name": "Secret Bank"})
        error = UserError(
            "“Own” is in the way of “Ann Secret” and Bo Secret at Secret Bank"
        )
        lines = self.env["marketing.exception"]
        lines._note(
            run, [(own, error), (own, UserError("… Secret Bank")), (own, error)]
        )
        lines._note(run, [(own, UserError("… …"))])
        for record in (*others, bank):
            record.unlink()
        lines = lines.search([("run_id", "=", run.id)])
        self.assertEqual(len(lines), 2)
        for line in lines:
            self.assertNotIn("Secret", line.message + line.code)
        self.assertIn("“Own” is in the way", "".join(lines.mapped("message")))

    def test_journal_of_a_run_is_undone(self):
        run = self._start()
        self._work()
        self.assertEqual(len(run.batch_ids), 4)
        run.batch_ids.undo(delete_created=True)
        self.assertFalse(self.partners.marketing_contact_id)

    def test_the_wizards_leave_large_work_to_a_run(self):
        contacts = self.Contact.create(
            [{"name": f"Many {i}", "is_company": True} for i in range(5)]
        )
        wizard = self.env["marketing.contact.create.card"].create(
            {"kind": "customer", "contact_ids": contacts.ids}
        )
        action = wizard.action_create()
        self.assertEqual(action["res_model"], "marketing.run")
        self.assertFalse(contacts.mapped("customer_id"))
        self._work()
        customers = contacts.mapped("customer_id")
        self.assertEqual(len(customers), 5)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET city = 'Apart' WHERE id IN %s",
            [tuple(customers.ids)],
        )
        self.env.invalidate_all()
        differences = contacts.relation_ids.check_differences()
        repair = self.env["marketing.sync.repair"].create(
            {"difference_ids": differences.ids, "winner": "card"}
        )
        action = repair.action_repair()
        self.assertEqual(action["res_model"], "marketing.run")
        self._work()
        run = self.Run.browse(action["res_id"])
        self.assertEqual((run.state, run.done), ("done", 5))
        self.assertEqual(set(contacts.mapped("city")), {"Apart"})
        undo = self.env["marketing.sync.undo"].create({"batch_ids": run.batch_ids.ids})
        action = undo.action_undo()
        self.assertEqual(action["res_model"], "marketing.run")
        self._work()
        self.assertEqual(set(contacts.mapped("city")), {False})

    def test_who_asked_is_told(self):
        run = self._start()
        self._work()
        self.assertEqual(run.activity_ids.user_id, self.marketer)
        self.assertIn("7 of 7", run.activity_ids.summary)

    def test_progress_is_told(self):
        """Who asked sees how far it is in the bar at the top, part by part."""
        told = []
        send = type(self.marketer)._bus_send

        def note(user, kind, message, **kwargs):
            if kind == "marketing_run_progress":
                told.append((user, message["open"], message["progress"]))
            return send(user, kind, message, **kwargs)

        with patch.object(type(self.marketer), "_bus_send", note):
            self._start()
            self._work()
        self.assertEqual({user for user, _open, _progress in told}, {self.marketer})
        self.assertEqual(
            [line[1:] for line in told],
            [(True, 0), (True, 29), (True, 57), (True, 86), (True, 100), (False, 100)],
        )

    def test_what_an_undo_left_alone_is_in_the_inbox(self):
        contacts = self.partners.create_marketing_contacts("customer")
        contacts.write({"city": "Uppsala"})
        entry = self.env["marketing.sync.batch"].search([], limit=1)
        self.partners[2].city = "Lund"
        run = self.Run._start("undo", {"batch_ids": entry.ids})
        self._work()
        self.assertEqual((run.state, run.done, run.failed), ("done", 0, 1))
        line = run.exception_ids
        self.assertEqual((line.res_model, line.res_id), (entry._name, entry.id))
        self.assertIn("Run 2", line.message)
        self.assertNotIn("Lund", line.message)
        self.assertEqual(self.partners[2].city, "Lund")
        self.assertFalse(self.partners[1].city)
        self.partners[2].city = "Uppsala"
        line.with_user(self.manager).action_retry()
        self.assertEqual((line.state, self.partners[2].city), ("done", False))

    def test_the_preview_of_very_many_is_short(self):
        contacts = self.Contact.create([{"name": f"Many {i}"} for i in range(3)])
        wizard = self.env["marketing.contact.create.card"].new(
            {"kind": "customer", "contact_ids": contacts.ids}
        )
        with patch.object(type(contacts), "create_card") as create:
            self.assertIn("background", wizard.preview)
        create.assert_not_called()

    def test_old_runs_go(self):
        run = self._start()
        self._work()
        check = self.Run._start("check", {})
        self._work()
        (run | check).end_date = "2020-01-01"
        more = self.Partner.union(
            *(self._partner(f"More {i}", customer_rank=1) for i in range(3))
        )
        refused = self._start(more)
        self._break(more[0])
        self._work()
        refused.end_date = "2020-01-01"
        self.Run._gc_runs()
        self.assertFalse((run | check).exists())
        self.assertTrue(refused.exists())

    def test_create_as_for_many(self):
        contacts = self.Contact.create(
            [{"name": f"Many {i}", "is_company": True} for i in range(5)]
        )
        contacts[1].create_card("vendor")
        params = {"kind": "vendor", "contact_ids": contacts.ids}
        run = self.Run._start("create", params)
        self._work()
        self.assertEqual((run.state, run.done, run.skipped), ("done", 4, 1))
        self.assertTrue(all(contacts.mapped("vendor_id")))

    def test_repair_and_check(self):
        contacts = self.partners.create_marketing_contacts("customer")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET city = 'Drifted' WHERE id IN %s",
            [tuple(self.partners.ids)],
        )
        self.env.invalidate_all()
        check = self.Run._start("check", {})
        self._work()
        self.assertEqual(check.state, "done")
        relations = contacts.relation_ids
        self.assertEqual(set(relations.mapped("state")), {"drifted"})
        params = {"winner": "card", "relation_ids": relations.ids}
        repair = self.Run._start("repair", params)
        self._work()
        self.assertEqual((repair.state, repair.done), ("done", 7))
        self.assertEqual(set(contacts.mapped("city")), {"Drifted"})
        undo = self.Run._start("undo", {"batch_ids": repair.batch_ids.ids})
        self._work()
        self.assertEqual(undo.state, "done")
        self.assertEqual(set(contacts.mapped("city")), {False})

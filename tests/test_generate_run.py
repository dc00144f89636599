from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from ..models.runs import marketing_generate_run
from ..wizard import marketing_contact_generate
from .common import MarketingContactCommon


class TestGenerateRun(MarketingContactCommon):
    """Very many contacts are created in the background, batch by batch."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls.Partner.union(
            *(cls._partner(f"Run {i}", customer_rank=1) for i in range(7))
        )
        cls.second = cls.env["res.company"].create({"name": "Second Company"})
        cls.second.marketing_customer_relation_id = False
        cls.marketer.company_ids += cls.second
        cls.cron = cls.env.ref("marketing_contact.ir_cron_generate")
        cls.Run = cls.env["marketing.generate.run"]
        cls.startClassPatcher(patch.object(marketing_generate_run, "BATCH_SIZE", 2))
        cls.startClassPatcher(
            patch.object(marketing_contact_generate, "BACKGROUND_FROM", 3)
        )

    def _start(self, partners=None, user=None, kind="customer"):
        """Return the run that the wizard starts."""
        domain = repr([("id", "in", (partners or self.partners).ids)])
        wizard = self.env["marketing.contact.generate"].with_user(user or self.marketer)
        companies = self.env.company | self.second
        wizard = wizard.with_context(allowed_company_ids=companies.ids)
        wizard = wizard.create({"kind": kind, "domain": domain})
        action = wizard.action_generate()
        self.assertEqual(action["res_model"], "marketing.generate.run")
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
        again = self.Run.with_user(self.marketer)._start("customer", "[]")
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
        run.with_user(self.marketer).action_cancel()
        self._work()
        self.assertEqual((run.state, run.done), ("cancelled", 0))
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
            self.action_cancel()
            return commit(self, 0)

        with patch.object(type(run), "_commit", cancel_after_first):
            self._work()
        self.assertEqual((run.state, run.done), ("cancelled", 2))
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
        self.assertIn("Run 3", run.error)
        self.assertIn("Marketing Setup of Second Company", run.error)
        self.assertFalse(self.partners[3].marketing_contact_id)
        self.assertEqual(len(self.partners.marketing_contact_id), 6)
        self.partners[3].company_id = False
        run.action_resume()
        self._work()
        self.assertEqual((run.state, run.done, run.failed), ("done", 7, 0))
        self.assertFalse(run.error)

    def test_too_many_refused(self):
        run = self._start()
        for partner in self.partners[:3]:
            self._break(partner)
        with patch.object(marketing_generate_run, "MAX_FAILED", 2):
            self._work()
            self.assertEqual((run.state, run.failed, run.done), ("failed", 2, 0))
            self.assertEqual(len(run.error.splitlines()), 2)
            self._work()
            self.assertEqual(run.state, "failed", "nothing before somebody says so")
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

        logger = "odoo.addons.marketing_contact.models.runs.marketing_generate_run"
        with (
            patch.object(model, "_marketing_create_contacts", stumble),
            mute_logger(logger),
        ):
            self._work()
        self.assertEqual((broken.state, broken.done, broken.failed), ("done", 2, 1))
        self.assertIn("stumbled", broken.error)
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
            Run.create({"kind": "customer", "domain": "[]", "user_id": 1})
        with self.assertRaises(AccessError):
            run.with_user(self.marketer).write({"user_id": 1})
        other = new_test_user(
            self.env, "other", "marketing_contact.group_marketing_contact_user"
        )
        for user in (other, self.clerk):
            with self.assertRaises(AccessError):
                run.with_user(user).action_cancel()
            with self.assertRaises(AccessError):
                run.with_user(user).action_resume()
        self.assertFalse(self.Run.with_user(other).search([]))
        self.assertEqual(run.with_user(self.manager).state, "waiting")
        with self.assertRaises(UserError):
            run.with_user(self.manager).unlink()
        run.with_user(self.manager).action_cancel()
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
        Run = self.Run.with_user(self.marketer)
        Run._count_cards("customer", "[]")
        with self.assertQueryCount(2):
            Run._count_cards("customer", "[]")

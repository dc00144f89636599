from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from ..models.runs import workers
from ..models.trust import marketing_sync_batch_undo
from .common import MarketingContactCommon


class TestUndo(MarketingContactCommon):
    """What an undo takes back, for whom, and what it says of the rest (§7)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Batch = cls.env["marketing.sync.batch"]
        cls.Undo = cls.env["marketing.sync.undo"]
        cls.second = cls.env["res.company"].create({"name": "Second Company"})

    def _last(self):
        self.env.flush_all()
        return self.Batch.search([], limit=1)

    def _wizard(self, batches, user=None):
        """Return the wizard as the button opens it."""
        batches = batches.with_user(user or self.manager)
        action = batches.action_preview_undo()
        return (
            self.Undo.with_user(user or self.manager)
            .with_context(**action["context"])
            .create({})
        )

    def _company_with_people(self, name="Orion Optik"):
        """Return a customer with two people, and the contact made of them."""
        partner = self._partner(name, customer_rank=1)
        for child in ("Amélie Walsh", "Béla Kun"):
            self._partner(child, is_company=False, parent_id=partner.id, phone="1")
        contact = partner.create_marketing_contacts("customer")
        self.assertEqual(len(contact.child_ids), 2)
        return partner, contact

    # ------------------------------------------------------------
    # WHAT WAS MADE
    # ------------------------------------------------------------

    def test_what_was_made_goes_unless_somebody_says_no(self):
        """The people of the companies made go along, and nothing is “changed since”."""
        partner, contact = self._company_with_people()
        made = contact | contact.child_ids
        wizard = self._wizard(self._last())
        self.assertTrue(wizard.delete_created)
        self.assertNotIn("None", wizard.preview)
        action = wizard.action_undo()
        self.assertEqual(action["tag"], "display_notification")
        self.assertEqual(action["params"]["type"], "success")
        self.assertFalse(made.exists())
        self.assertEqual(len(partner.child_ids), 2)

    def test_what_was_made_stays_if_somebody_says_so(self):
        """In one line that names the reason; nobody has changed anything."""
        _partner, contact = self._company_with_people()
        batch = self._last()
        wizard = self._wizard(batch)
        wizard.delete_created = False
        self.assertIn("3", wizard.preview)
        action = wizard.action_undo()
        self.assertEqual(action["tag"], "display_notification")
        self.assertIn("left as they are: 3", action["params"]["message"])
        self.assertEqual(len((contact | contact.child_ids).exists()), 3)
        self.assertFalse(contact.relation_ids)

    def test_what_is_in_use_stays_and_is_named(self):
        _partner, contact = self._company_with_people()
        batch = self._last()
        self.env["marketing.interaction"].create(
            {"contact_id": contact.id, "name": "Called"}
        )
        action = self._wizard(batch).action_undo()
        self.assertEqual(action["params"]["type"], "warning")
        self.assertIn(contact.name, action["params"]["message"])
        self.assertNotIn("changed since", action["params"]["message"])
        self.assertTrue(contact.exists())
        self.assertEqual(len(contact.interaction_ids), 1)
        self.assertFalse(contact.child_ids)

    def test_in_use_by_what_people_wrote_or_planned(self):
        contacts = self.Contact
        for name in ("Written to", "Planned", "With people"):
            contacts |= self._partner(name).create_marketing_contacts("customer")
        batches = self.Batch.search([], limit=3)
        contacts[0].message_post(body="Hello", message_type="comment")
        contacts[1].activity_schedule("mail.mail_activity_data_todo")
        self._contact("Ann", is_company=False, parent_id=contacts[2].id, active=False)
        batches.undo(delete_created=True)
        self.assertEqual(contacts.exists(), contacts)

    def test_what_is_gone_already_is_no_matter(self):
        _partner, contact = self._company_with_people()
        batch = self._last()
        contact.child_ids[0].unlink()
        action = self._wizard(batch).action_undo()
        self.assertEqual(action["params"]["type"], "success")
        self.assertEqual(batch.state, "undone")

    def test_a_run(self):
        """As *Bulk Work* opens it, several entries at once."""
        partners = self.Partner
        for name in ("One", "Two"):
            partner = self._partner(name, customer_rank=1)
            self._partner(f"P {name}", is_company=False, parent_id=partner.id)
            partners |= partner
        run = self.env["marketing.run"]._start(
            "generate",
            {"kind": "customer", "domain": repr([("id", "in", partners.ids)])},
        )
        run.sudo().part_ids._work()
        self.env.invalidate_all()
        contacts = partners.marketing_contact_id
        self.assertEqual(len(contacts | contacts.child_ids), 4)
        action = run.with_user(self.manager).action_undo()
        wizard = self.Undo.with_user(self.manager)
        wizard = wizard.with_context(**action["context"]).create({})
        action = wizard.action_undo()
        self.assertEqual(action["params"]["type"], "success")
        self.assertFalse(contacts.exists())

    def test_very_much_is_not_tried_out(self):
        """Opening the question takes no longer than reading it."""
        self._company_with_people()
        batch = self._last()
        with (
            patch.object(workers, "BACKGROUND_FROM", 3),
            patch.object(marketing_sync_batch_undo, "undo", side_effect=AssertionError),
        ):
            wizard = self._wizard(batch)
            self.assertIn("created: 3", wizard.preview)
            self.assertIn("in the background", wizard.preview)
            action = wizard.action_undo()
        self.assertEqual(action["res_model"], "marketing.run")

    def test_a_bank_account_and_its_bank(self):
        """Both are made where the contact has no bank: both go, unless in use."""
        contact = self._contact("Acme", phone="1")
        account = contact.create_card("bank_account", values={"acc_number": "UNDO 1"})
        bank = account.bank_id
        action = self._wizard(self._last()).action_undo()
        self.assertFalse(contact.relation_ids)
        self.assertTrue(bank.exists(), "a manager of marketing may delete no bank")
        self.assertIn(bank.name, action["params"]["message"])
        account = self._account("UNDO 2")
        contact.link_card("bank_account", account.id)
        bank = account.bank_id
        self._last().undo(delete_created=True)
        self.assertFalse(bank.exists() or account.bank_id)
        self.assertTrue(account.exists())
        contact.link_card("bank_account", account.id)
        bank = account.bank_id
        self.env.cr.execute(
            "UPDATE res_bank SET create_date = create_date - interval '1 hour',"
            " write_date = create_date - interval '1 hour' WHERE id = %s",
            [bank.id],
        )
        self.env.invalidate_all()
        self._account("UNDO 3", bank)
        self._last().undo(delete_created=True)
        self.assertTrue(bank.exists())

    def test_a_further_account_at_the_bank(self):
        """The bank was there: it keeps what it has, and had it before."""
        bank = self.Bank.create({"name": "Orion Bank", "phone": "1", "city": "Kiruna"})
        contact = self._contact("Orion Bank")
        first = self._account("UNDO 1", bank)
        contact.link_card("bank_account", first.id, master="card")
        second = contact.create_card("bank_account", values={"acc_number": "UNDO 2"})
        self.assertEqual(second.bank_id, bank)
        batch = self._last()
        self.assertEqual(batch.origin, "create")
        self.assertFalse(batch.change_ids, "nothing was written on the bank")
        self.assertFalse(batch.undo())
        self.assertEqual(contact.bank_account_ids, first)
        for record in (bank, contact):
            self.assertEqual(
                (record.name, record.phone, record.city), ("Orion Bank", "1", "Kiruna")
            )

    def test_persons_and_children_made_by_one_link(self):
        """Records of two models, on both sides."""
        self.company.marketing_people_to_cards = True
        contact, partner = self._contact("Acme"), self._partner("Acme")
        self._contact("Ann", is_company=False, parent_id=contact.id)
        self._partner("Bob", is_company=False, parent_id=partner.id)
        relation = contact.link_card("customer", partner.id)
        batch = relation.batch_id
        contact.link_people()
        batch |= self._last()
        self.assertEqual(len(contact.child_ids), 2)
        batch.undo(delete_created=True)
        self.assertEqual(contact.child_ids.mapped("name"), ["Ann"])
        self.assertEqual(partner.child_ids.mapped("name"), ["Bob"])
        self.assertFalse(self.Relation.search([("contact_id", "child_of", contact.id)]))

    def test_a_fixed_number_of_queries(self):
        """However many were made, with their people."""
        counts = []
        for size in (4, 24):
            partners = self.Partner
            for number in range(size):
                partner = self._partner(f"Q{size} {number}", phone=str(number))
                self._partner("Ann", is_company=False, parent_id=partner.id)
                partners |= partner
            contacts = partners.create_marketing_contacts("customer")
            batch = self._last()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            batch.undo(delete_created=True)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertFalse(contacts.exists())
        self.assertLessEqual(counts[1], counts[0] + 3, counts)

    def test_people_made_by_a_link_go_with_it(self):
        """Offered beside the link, by its button, and by the journal."""
        for how in ("offer", "button", "journal"):
            contact = self._contact("Acme")
            partner = self._partner("Acme")
            self._partner("Ann", is_company=False, parent_id=partner.id)
            wizard = self.env["marketing.contact.link"].create(
                {
                    "contact_id": contact.id,
                    "kind": "customer",
                    "partner_id": partner.id,
                    "include_people": True,
                }
            )
            params = wizard.action_link()["params"]
            self.assertTrue(contact.child_ids, how)
            batch = self.Batch.browse(params["id"])
            if how == "offer":
                self.assertTrue(params["delete"])
                batch.action_undo(delete_created=params["delete"])
            elif how == "button":
                relation = contact.relation_ids.filtered("kind")
                relation.with_user(self.marketer).check_access("unlink")
                relation.action_undo_link()
            else:
                self._wizard(batch).action_undo()
            self.assertFalse(contact.child_ids, how)
            self.assertFalse(contact.relation_ids, how)

    def test_a_plain_code_that_a_merge_gave_up(self):
        code = self.env["marketing.business.relation"].create(
            {"code": "LAWYER", "name": "Law Firm"}
        )
        target, source = self._contact("Acme"), self._contact("Acme Ltd")
        for contact in (target, source):
            self.Relation.create(
                {"contact_id": contact.id, "business_relation_id": code.id}
            )
        source.merge_into(target)
        self.assertFalse(source.relation_ids)
        self._last().with_user(self.manager).undo()
        self.assertEqual(source.relation_ids.business_relation_id, code)
        self.assertEqual(target.relation_ids.business_relation_id, code)

    # ------------------------------------------------------------
    # STATE OF LINKS
    # ------------------------------------------------------------

    def test_an_entry_of_links_says_what_is_left(self):
        """Also where no value changed: both sides were the same."""
        contact, partner = self._contact("Same"), self._partner("Same")
        contact.link_card("customer", partner.id)
        made = self._last()
        self.assertEqual((made.change_count, made.state), (0, "applied"))
        made.undo()
        undone = self._last()
        self.assertEqual((made.state, undone.state), ("undone", "applied"))
        undone.undo()
        self.assertEqual((undone.state, self._last().state), ("undone", "applied"))
        contact.relation_ids.unlink()
        removed = self._last()
        self.assertEqual(removed.state, "applied")
        removed.undo()
        self.assertEqual(removed.state, "undone")

    def test_an_entry_whose_link_can_not_go_back_yet(self):
        """It is not undone, and may be tried again."""
        partner, contact = self._company_with_people()
        person, other = contact.child_ids[0], self._contact("Other", city="Lund")
        person.parent_id = other
        entry = self._last()
        self.assertEqual(entry.change_ids.field_name, "city")
        action = entry.with_user(self.manager).action_undo()
        self.assertEqual(action["params"]["type"], "warning")
        self.assertEqual((entry.state, person.city), ("partly", False))
        person.parent_id = contact
        person.relation_ids.unlink()
        entry.with_user(self.manager).action_undo()
        self.assertEqual(entry.state, "undone")
        self.assertEqual(person.relation_ids.partner_id.parent_id, partner)

    def test_undone_undo_of_a_link(self):
        """The link is back, and says whether the two are the same."""
        contact = self._contact("Acme", phone="1", city="Lund")
        partner = self._partner("Acme", phone="2")
        contact.link_card("customer", partner.id)
        self._last().undo()
        undone = self._last()
        contact.phone = "9"
        action = undone.action_undo()
        relation = contact.relation_ids
        self.assertTrue(relation)
        self.assertEqual((contact.phone, partner.phone), ("9", "1"))
        self.assertEqual(relation.state, "drifted")
        self.assertEqual(relation.difference_ids.contact_field, "phone")
        self.assertEqual(action["params"]["type"], "warning")
        self.assertIn("Acme", action["params"]["message"])
        self.assertNotIn("all values are back", action["params"]["message"])

    def test_link_that_a_merge_gave_up(self):
        target, source = self._contact("Acme", phone="1"), self._contact("Acme Ltd")
        own, given_up = self._partner("Acme"), self._partner("Acme Ltd", phone="5")
        target.link_card("customer", own.id)
        source.link_card("customer", given_up.id, master="card")
        source.merge_into(target, keep={"customer": target.id})
        batch = self._last()
        given_up.phone = "7"
        batch.undo()
        relation = given_up.marketing_relation_ids
        self.assertEqual(relation.contact_id, source)
        same = source.phone == given_up.phone
        self.assertFalse(same)
        self.assertEqual(relation.state, "drifted")
        self.assertEqual(relation.difference_ids.contact_field, "phone")

    # ------------------------------------------------------------
    # WHAT A LINK SHARES
    # ------------------------------------------------------------

    def test_only_what_that_link_still_shares(self):
        """Another kind's map is none of its business."""
        contact = self._contact("Acme", phone="1")
        customer, vendor = self._partner("Acme"), self._partner("Acme")
        contact.link_card("customer", customer.id)
        contact.link_card("vendor", vendor.id)
        contact.phone = "2"
        batch = self._last()
        line = self.Map.search(
            [("kind", "=", "customer"), ("card_field", "=", "phone")]
        )
        line.active = False
        left = batch.with_user(self.manager).undo()
        self.assertEqual(contact.phone, "1")
        self.assertEqual(vendor.phone, "1")
        self.assertEqual(customer.phone, "2")
        self.assertEqual(left.mapped("target_id"), customer.ids)

    def test_what_the_user_might_write_by_hand(self):
        contact = self._contact("Acme", phone="1")
        customer = self._partner("Acme")
        contact.link_card("customer", customer.id)
        customer.phone = "2"
        batch = self._last()
        contact.relation_ids.unlink()
        left = batch.with_user(self.manager).undo()
        self.assertEqual((contact.phone, customer.phone), ("1", "2"))
        self.assertEqual(left.mapped("target_id"), customer.ids)

    def test_a_link_made_anew_is_another_one(self):
        contact = self._contact("Acme", phone="1")
        customer = self._partner("Acme")
        contact.link_card("customer", customer.id)
        contact.phone = "2"
        batch = self._last()
        contact.relation_ids.unlink()
        contact.link_card("customer", customer.id)
        left = batch.with_user(self.manager).undo()
        self.assertEqual(left.mapped("target_id"), customer.ids)
        self.assertEqual(contact.relation_ids.state, "drifted")

    # ------------------------------------------------------------
    # RIGHTS
    # ------------------------------------------------------------

    def test_who_has_lost_the_rights_since(self):
        """The last thing that somebody did, who may do it no longer."""
        contact, customer, *_others = self._linked(phone="1")
        contact.with_user(self.marketer).phone = "2"
        group = self.env.ref("marketing_contact.group_marketing_contact_user")
        self.marketer.group_ids = [Command.unlink(group.id)]
        with self.assertRaises(AccessError):
            self._last().with_user(self.marketer).undo()
        customer.with_user(self.clerk).phone = "3"
        group = self.env.ref("base.group_partner_manager")
        self.clerk.group_ids = [Command.unlink(group.id)]
        with self.assertRaises(AccessError):
            self._last().with_user(self.clerk).action_undo()
        self.assertEqual((contact.phone, customer.phone), ("3", "3"))

    def test_who_lost_them_after_linking_or_merging(self):
        contact, partner = self._contact("Acme"), self._partner("Acme", phone="1")
        other = self._contact("Acme Ltd")
        group = self.env.ref("marketing_contact.group_marketing_contact_user")
        for do in (
            lambda mine: mine.link_card("customer", partner.id),
            lambda mine: other.with_user(self.marketer).merge_into(mine),
            lambda mine: mine.relation_ids.filtered("kind").unlink(),
        ):
            self.marketer.group_ids = [Command.link(group.id)]
            do(contact.with_user(self.marketer))
            batch = self._last()
            links = self.Relation.search([]).mapped("contact_id")
            self.marketer.group_ids = [Command.unlink(group.id)]
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                batch.with_user(self.marketer).undo()
            self.env.invalidate_all()
            self.assertEqual(self.Relation.search([]).mapped("contact_id"), links)
        self.assertEqual(other.merged_into_id, contact)

    def test_the_clerk_undoes_own_last(self):
        """Who has no right on marketing, but on the customer that was saved."""
        contact, customer, vendor, bank = self._linked(phone="1")
        customer.with_user(self.clerk).phone = "2"
        left = self._last().with_user(self.clerk).undo()
        self.assertFalse(left)
        self.assertAll([contact, customer, vendor, bank], "phone", "1")

    def test_entries_of_another_company_only(self):
        """A manager of one company undoes nothing that is all another's."""
        contact = self._contact("Theirs", company_id=self.second.id, phone="1")
        partner = self._partner("Theirs", company_id=self.second.id)
        contact.link_card("customer", partner.id)
        contact.phone = "2"
        batch = self._last()
        manager = new_test_user(
            self.env,
            "manager_here",
            "marketing_contact.group_marketing_contact_manager",
        )
        batch = batch.with_user(manager)
        for do in (batch.undo, batch.action_undo, batch.change_ids.undo):
            if do.__self__:
                with self.assertRaises(AccessError):
                    do()
        self.assertEqual((contact.phone, partner.phone), ("2", "2"))
        # theirs to undo who works there
        self.manager.company_ids += self.second
        batch = batch.with_user(self.manager).with_context(
            allowed_company_ids=[self.company.id, self.second.id]
        )
        batch.undo()
        self.assertEqual((contact.phone, partner.phone), ("1", "1"))

    def test_entries_of_two_companies(self):
        """What is all another company's is left alone, the rest goes back."""
        theirs = self._contact("Theirs", company_id=self.second.id, phone="1")
        ours = self._contact("Ours", phone="1")
        for contact in (theirs, ours):
            partner = self._partner(contact.name, company_id=contact.company_id.id)
            contact.link_card("customer", partner.id)
        (theirs | ours).write({"phone": "2"})
        batch = self._last().with_user(self.manager)
        left = batch.undo()
        self.assertEqual((ours.phone, theirs.phone), ("1", "2"))
        self.assertEqual(len(left), 2)

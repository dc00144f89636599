from odoo.modules.registry import Registry
from odoo.tests import BaseCase, tagged
from odoo.tests.common import get_db_name
from odoo.tools import mute_logger

from ..models.match.keys import LOOKED_AT
from .crowd import Crowd


@tagged("post_install", "-at_install")
class TestConcurrency(BaseCase):
    """Sessions at once: all sides agree, nothing is lost, Odoo's retry absorbs it.

    With real transactions that are committed; what they leave behind is removed.
    """

    def setUp(self):
        super().setUp()
        # Odoo's waits are meant for real loads: for two at once a part of them will do
        self.crowd = Crowd(Registry(get_db_name()), patience=0.1)
        self.addCleanup(self.crowd.tidy_up)

    def _check(self, scene, rounds):
        with self.crowd.gathered():
            self.assertEqual(scene(rounds), [])
        self.assertEqual(self.crowd.errors, [])
        self.assertFalse(self.crowd.retries["DEADLOCK_DETECTED"])

    def test_writers_on_one_group(self):
        self.crowd.patience = 0.5  # the last of eight must not run out of attempts
        self._check(self.crowd.write_on_one_group, 10)

    def test_creators_of_numbered_contacts(self):
        self._check(self.crowd.create_numbered_contacts, 20)
        self.assertFalse(self.crowd.retries, "creators do not wait for each other")

    def test_same_card_from_two_sessions(self):
        self._check(self.crowd.link_one_card, 30)

    def test_deleted_card_while_its_contact_is_saved(self):
        self._check(self.crowd.delete_a_card_in_use, 30)

    def test_a_notice_holds_up_nobody(self):
        """What is locked on its way is free again while its transaction goes on."""
        (_model, contact_id), *cards = self.crowd.make_group()
        with self.crowd.environment() as env:
            contact = env["marketing.contact"].browse(contact_id)
            self.assertTrue(contact.get_sync_notice({"phone": "1"}))
            with self.crowd.environment() as other:
                other.cr.execute("SET LOCAL lock_timeout TO '500ms'")
                for model, id_ in [("marketing.contact", contact_id), *cards]:
                    other[model].browse(id_).phone = "2"
                    other.flush_all()

    def test_a_notice_waits_for_nobody(self):
        (_model, contact_id), (_partner, customer_id), *_cards = self.crowd.make_group()
        with self.crowd.environment() as other:
            other["res.partner"].browse(customer_id).phone = "2"
            other.flush_all()
            with self.crowd.environment() as env, mute_logger("odoo.sql_db"):
                contact = env["marketing.contact"].browse(contact_id)
                self.assertFalse(contact.get_sync_notice({"phone": "1"}))
                self.assertFalse(contact.phone)

    def test_each_merged_into_the_other(self):
        self._check(self.crowd.merge_each_into_the_other, 15)

    def test_merged_into_one_that_is_merged(self):
        self._check(self.crowd.merge_in_a_row, 15)

    def test_linked_while_it_is_merged(self):
        self._check(self.crowd.link_while_merging, 15)

    def test_a_card_moves_while_its_contact_does(self):
        self._check(self.crowd.move_a_card_and_its_contact, 15)

    def test_a_script_that_commits(self):
        """What it wrote before is to the next question as others' writes are: of that a
        bounded few is read, however much it was.
        """
        count = 3 * LOOKED_AT
        with self.crowd.environment() as env:
            vals_list = [{"name": f"Scripted {n}"} for n in range(count)]
            Contact = env["marketing.contact"].with_context(tracking_disable=True)
            contacts = self.crowd.keep(Contact.create(vals_list))
            env.cr.commit()
            contacts[0].find_duplicates()
            env.cr.execute(
                "SELECT COUNT(*) FROM marketing_match_key_contact WHERE id = ANY(%s)",
                [contacts.ids],
            )
            self.assertLess(env.cr.fetchone()[0], count)

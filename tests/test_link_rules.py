from ast import literal_eval
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import SQL, convert_file, mute_logger

from ..models.contact.input import without_defaults
from .common import MarketingContactCommon


@tagged("post_install", "-at_install")
class TestLinkRules(MarketingContactCommon):
    """What a link takes from the screen one comes from, blocks, its one entrance."""

    # ------------------------------------------------------------
    # DEFAULTS OF THE SCREEN THAT ONE COMES FROM
    # ------------------------------------------------------------

    def test_create_as_from_the_list_of_people(self):
        """The list's `default_parent_id` is a contact's id, not a partner's."""
        company = self._contact("Acme")
        person = self._contact("Ann", is_company=False)
        stranger = self._partner("Stranger", street="Elm 1")
        context = company.action_view_people()["context"]
        context = {**context, "default_parent_id": stranger.id, "default_vat": "X"}
        person.write({"street": "Oak 2"})
        customer = person.with_context(**context).create_card("customer")
        self.assertFalse(customer.parent_id)
        self.assertFalse(customer.vat)
        self.assertEqual(stranger.street, "Elm 1")

    def test_automatic_contact_takes_no_defaults(self):
        """A partner's `default_parent_id` is no contact's id."""
        company = self._contact("Acme")
        self.company.marketing_auto_create_contact = True
        partner = self.Partner.with_context(
            default_parent_id=company.id, default_color=7, default_comment="Hi"
        )
        partner = without_defaults(partner).create({"name": "Ann", "customer_rank": 1})
        contact = partner.with_context(default_parent_id=company.id)
        contact = contact.create_marketing_contacts("customer")
        self.assertFalse(contact.parent_id)

    def test_bank_and_relation_take_no_defaults(self):
        contact = self._contact("SEB").with_context(
            default_active=False, default_kind="vendor", default_origin="undo"
        )
        account = contact.create_card("bank_account", values={"acc_number": "1 2"})
        self.assertTrue(account.bank_id.active)
        self.assertEqual(contact.relation_ids.kind, "bank_account")
        batch = self.env["marketing.sync.batch"].search([], limit=1)
        self.assertEqual(batch.origin, "create")

    def test_person_on_a_company_from_each_menu(self):
        for xmlid in (
            "marketing_contact.marketing_contact_action",
            "marketing_contact.marketing_contact_action_companies",
        ):
            action = self.env.ref(xmlid, raise_if_not_found=False)
            context = {"default_is_company": True}
            if action:
                context = self.env["ir.actions.act_window"]._for_xml_id(xmlid)[
                    "context"
                ]
                context = {"default_is_company": True, **literal_eval(context)}
            form = Form(self.Contact.with_context(**context))
            form.name = "Acme"
            company = form.save()
            self.assertTrue(company.is_company)
            company.write({"child_ids": [Command.create({"name": "Ann"})]})
            self.assertFalse(company.child_ids.is_company)
        made = self.Contact.with_context(default_is_company=True).create(
            {"name": "New", "child_ids": [Command.create({"name": "Bo"})]}
        )
        self.assertTrue(made.is_company)
        self.assertFalse(made.child_ids.is_company)

    def test_properties_definition_is_there(self):
        """Made at installation: a refused first contact leaves no cache behind."""
        self.assertTrue(
            self.env["properties.base.definition"].search(
                [("properties_field_id.model", "=", "marketing.contact")]
            )
        )

    # ------------------------------------------------------------
    # THE CARD OF ANOTHER CONTACT
    # ------------------------------------------------------------

    def test_nothing_is_moved_without_a_word(self):
        first, second = self._contact("First"), self._contact("Second")
        customer = self._partner("First")
        relation = first.link_card("customer", customer.id)
        wizard = (
            self.env["marketing.contact.link"]
            .with_context(active_model="marketing.contact", active_id=second.id)
            .create({"kind": "customer", "partner_id": customer.id})
        )
        self.assertFalse(wizard.conflict_action)
        self.assertEqual(wizard.existing_contact_id, first)
        with self.assertRaises(UserError):
            wizard.action_link()
        self.assertEqual(relation.contact_id, first)
        self.assertEqual(customer.name, "First")

    # ------------------------------------------------------------
    # BLOCKS
    # ------------------------------------------------------------

    BOX = {"street": "Box 12", "city": "Uppsala"}
    STREET = {"street": "Storgatan 5", "zip": "111 22", "city": "Stockholm"}

    def _addresses(self, *records):
        return [(r.street, r.zip, r.city) for r in records]

    def test_block_of_the_master(self):
        for master, address in (
            ("contact", ("Box 12", False, "Uppsala")),
            ("card", ("Storgatan 5", "111 22", "Stockholm")),
        ):
            contact = self._contact("Acme", **self.BOX)
            customer = self._partner("Acme", **self.STREET)
            contact.link_card("customer", customer.id, master=master)
            self.assertEqual(self._addresses(contact, customer), [address] * 2)

    def test_block_by_keep(self):
        contact = self._contact("Acme", **self.BOX)
        customer = self._partner("Acme", **self.STREET)
        contact.link_card("customer", customer.id, keep={"zip": "card"})
        self.assertEqual(
            self._addresses(contact, customer),
            [("Storgatan 5", "111 22", "Stockholm")] * 2,
        )

    def test_block_by_the_map(self):
        self.Map.search(
            [("kind", "=", "customer"), ("contact_field", "=", "city")]
        ).on_link = "card"
        contact = self._contact("Acme", **self.BOX)
        customer = self._partner("Acme", **self.STREET)
        contact.link_card("customer", customer.id)
        self.assertEqual(contact.street, "Storgatan 5")

    def test_block_completes(self):
        contact = self._contact("Acme", street="Storgatan 5")
        customer = self._partner("Acme", zip="111 22", city="Stockholm")
        contact.link_card("customer", customer.id)
        self.assertEqual(
            self._addresses(contact, customer),
            [("Storgatan 5", "111 22", "Stockholm")] * 2,
        )

    def test_block_with_a_foreign_state(self):
        """No “Namur, California, Belgium”."""
        belgium, california = self.env.ref("base.be"), self.env.ref("base.state_us_5")
        contact = self._contact("Acme", city="Namur", country_id=belgium.id)
        customer = self._partner("Acme", state_id=california.id)
        contact.link_card("customer", customer.id)
        self.assertFalse(customer.state_id)
        self.assertEqual(customer.country_id, belgium)

    def test_block_in_the_wizard(self):
        contact = self._contact("Acme", **self.BOX)
        customer = self._partner("Acme", **self.STREET)
        form = Form(
            self.env["marketing.contact.link"].with_context(
                active_model="marketing.contact", active_id=contact.id
            )
        )
        form.kind = "customer"
        form.partner_id = customer
        with form.line_ids.edit(0) as line:
            line.keep = "card"
        wizard = form.save()
        self.assertEqual(set(wizard.line_ids.mapped("keep")), {"card"})
        wizard.action_link()
        self.assertEqual(contact.street, "Storgatan 5")

    def test_neither(self):
        contact = self._contact("Acme", phone="11", email="a@a.example", **self.BOX)
        customer = self._partner("Acme", phone="22", website="http://a.example")
        customer.write(self.STREET)
        relation = contact.link_card("customer", customer.id, master="neither")
        self.assertEqual(customer.email, "a@a.example")
        self.assertEqual(contact.website, "http://a.example")
        self.assertEqual((contact.phone, customer.phone), ("11", "22"))
        self.assertFalse(contact.zip)
        self.assertEqual(customer.street, "Storgatan 5")
        self.assertEqual(
            set(relation.difference_ids.mapped("contact_field")),
            {"phone", "street", "zip", "city"},
        )
        self.assertEqual(relation.state, "drifted")

    def test_neither_with_keep(self):
        contact = self._contact("Acme", phone="11", **self.BOX)
        customer = self._partner("Acme", phone="22", **self.STREET)
        contact.link_card(
            "customer", customer.id, master="neither", keep={"phone": "card"}
        )
        self.assertEqual(contact.phone, "22")
        self.assertEqual(contact.street, "Box 12")

    # ------------------------------------------------------------
    # ONE ENTRANCE
    # ------------------------------------------------------------

    def test_every_link_is_heard_of(self):
        Relation = type(self.Relation)
        create, heard = Relation.create, []

        def listen(relations, vals_list):
            result = create(relations, vals_list)
            heard.extend(result.mapped("kind"))
            return result

        with patch.object(Relation, "create", listen):
            contact = self._contact("Acme")
            contact.link_card("customer", self._partner("Acme").id)
            contact.create_card("vendor")
            self._partner("Bolt").create_marketing_contacts("customer")
            batch = self.env["marketing.sync.batch"].search(
                [("origin", "=", "link")], limit=1
            )
            batch.undo()
            self.env["marketing.sync.batch"].search([], limit=1).undo()
        self.assertEqual(heard, ["customer", "vendor", "customer", "customer"])

    def test_the_place_of_a_card_that_moved_is_free(self):
        """At once, in the same transaction, for another card of that company."""
        second = self.env["res.company"].create({"name": "Second Company"})
        contact = self._contact("Orchard")
        moving, coming = (
            self._partner("Orchard", company_id=self.company.id) for _n in range(2)
        )
        link = contact.link_card("customer", moving.id)
        self.env.flush_all()
        moving.company_id = second
        new = contact.link_card("customer", coming.id)
        self.env.flush_all()
        self.assertEqual((link.company_id, new.company_id), (second, self.company))

    def test_link_needs_the_right_on_the_contact(self):
        other = self.env["res.company"].create({"name": "Other"})
        contact = self._contact("Theirs", company_id=other.id)
        with self.assertRaises(AccessError):
            self.Relation.with_user(self.marketer).create(
                {
                    "contact_id": contact.id,
                    "kind": "customer",
                    "partner_id": self._partner("Mine").id,
                }
            )

    def test_options_of_a_client_change_nothing(self):
        contact = self._contact("Acme", phone="11")
        customer = self._partner("Acme", phone="22")
        self.Relation.with_context(
            marketing_contact_link_options={"align": False, "master": "card"}
        ).create(
            {"contact_id": contact.id, "kind": "customer", "partner_id": customer.id}
        )
        self.assertEqual(customer.phone, "11")

    # ------------------------------------------------------------
    # NOBODY IS STOPPED
    # ------------------------------------------------------------

    def test_series_switched_to_no_gap(self):
        self.company.marketing_auto_create_contact = True
        self.company.marketing_contact_sequence_id.implementation = "no_gap"
        partner = self.Partner.create({"name": "New", "customer_rank": 1})
        self.assertTrue(partner.marketing_contact_id.number)

    def test_trouble_stops_no_customer(self):
        self.company.marketing_auto_create_contact = True

        def refuse(_contacts, _vals_list):
            raise UserError("Out of numbers.")  # pylint: disable=translation-required

        with (
            patch.object(type(self.Contact), "create", refuse),
            mute_logger(
                "odoo.addons.marketing_contact.models.links.marketing_card_contacts"
            ),
        ):
            partner = self.Partner.with_user(self.clerk).create(
                {"name": "New", "customer_rank": 1}
            )
        self.assertTrue(partner.exists())
        self.assertFalse(partner.sudo().marketing_contact_id)
        activity = partner.sudo().activity_ids
        self.assertIn("Out of numbers.", activity.note)
        self.assertTrue(
            activity.user_id.has_group(
                "marketing_contact.group_marketing_contact_manager"
            )
        )

    def test_user_who_saved_can_be_deleted(self):
        user = new_test_user(
            self.env, "leaver", "marketing_contact.group_marketing_contact_user"
        )
        contact = self._linked("Acme")[0]
        contact.with_user(user).phone = "11"
        batch = self.env["marketing.sync.batch"].search([], limit=1)
        self.assertEqual(batch.user_id, user)
        user.unlink()
        self.assertTrue(batch.exists())
        self.assertFalse(batch.user_id)
        self.assertTrue(batch.display_name)

    def test_difference_that_another_check_listed(self):
        """What a check that waited finds listed already breaks no constraint."""
        contact, customer, _vendor, _bank = self._linked("Acme", phone="11")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET phone = '99' WHERE id = %s", [customer.id]
        )
        self.env.invalidate_all()
        relation = customer.marketing_relation_ids
        difference = relation.check_differences()
        only = self._only(relation)
        for _lines, query in relation._get_difference_queries("customer", only):
            self.env.cr.execute(query)
        self.assertEqual(relation.check_differences().mapped("card_value"), ["99"])
        self.assertTrue(difference)

    @staticmethod
    def _only(relation):
        return SQL("relation.id = %s", relation.id)

    def test_deleted_lines_stay_deleted(self):
        """An update makes nothing again that an administrator has deleted."""
        for xmlid in (
            "marketing_sync_field_customer_function",
            "marketing_interaction_rule_repair_print",
            "marketing_interaction_template_letter",
        ):
            self.env.ref(f"marketing_contact.{xmlid}").unlink()
        for name in ("marketing_sync_field_data", "marketing_interaction_data"):
            convert_file(
                self.env,
                "marketing_contact",
                f"data/{name}.xml",
                {},
                mode="update",
                noupdate=True,
            )
        self.assertFalse(
            self.env.ref(
                "marketing_contact.marketing_sync_field_customer_function",
                raise_if_not_found=False,
            )
        )

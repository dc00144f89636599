from lxml import etree

from odoo.tests import HttpCase, new_test_user, tagged

from .common import MarketingContactCommon


@tagged("post_install", "-at_install")
class TestHeader(MarketingContactCommon):
    """What the header of a contact offers: what the user may do."""

    def _get_buttons(self, user):
        view = self.Contact.with_user(user).get_view(view_type="form")
        header = etree.fromstring(view["arch"]).find(".//header")
        return {button.get("name") for button in header.iter("button")}

    def _read(self, contact, user):
        names = ["can_create_partners", "can_sell", "can_buy", "offers_documents"]
        (values,) = contact.with_user(user).read(names)
        return [values[name] for name in names]

    def test_marketing_only(self):
        contact = self._linked("Seen")[0]
        buttons = self._get_buttons(self.marketer)
        self.assertIn("action_log_interaction", buttons)
        self.assertFalse([name for name in buttons if name.startswith("action_new_")])
        self.assertEqual(self._read(contact, self.marketer), [False] * 4)

    def test_documents_for_who_is_there_or_may_be_created(self):
        buyer = new_test_user(
            self.env,
            "header_buyer",
            "marketing_contact.group_marketing_contact_user,"
            "purchase.group_purchase_user",
        )
        Access = self.env["ir.model.access"]
        Access.search([("model_id.model", "=", "res.partner")]).write(
            {"perm_create": False}
        )
        linked, alone = self._linked("Bought")[0], self._contact("Alone")
        self.assertEqual(self._read(linked, buyer), [False, False, True, True])
        self.assertEqual(self._read(alone, buyer), [False] * 4)
        Access.search(
            [
                ("model_id.model", "=", "res.partner"),
                ("group_id", "=", self.env.ref("base.group_partner_manager").id),
            ]
        ).write({"perm_create": True})
        buyer.group_ids |= self.env.ref("base.group_partner_manager")
        self.assertEqual(self._read(alone, buyer), [True, False, True, True])


@tagged("post_install", "-at_install")
class TestHeaderWide(HttpCase):
    """The header at work, on a usual screen, in the languages that it comes in."""

    browser_size = "1280x800"

    def test_one_line(self):
        self.env.company._marketing_set_defaults()
        contact = self.env["marketing.contact"].create(
            {
                "name": "Tour of the Wide and the Narrow Header",
                "is_company": True,
                "email": "a.rather.long.address@wide-and-narrow.example",
            }
        )
        contact.create_card("customer")
        user = new_test_user(
            self.env,
            "tour_header",
            "marketing_contact.group_marketing_contact_user,"
            "base.group_partner_manager,sales_team.group_sale_salesman",
            name="Tour Marketer",
        )
        for lang in ("en_US", "sv_SE", "de_DE", "fr_FR"):
            self.env["res.lang"]._activate_lang(lang)
            self.env["ir.module.module"].search(
                [("name", "=", "marketing_contact")]
            )._update_translations([lang])
            user.lang = lang
            with self.subTest(lang=lang):
                self.start_tour(
                    f"/odoo/marketing-contacts/{contact.id}",
                    "marketing_contact_header",
                    login="tour_header",
                )


class TestHeaderPhone(TestHeaderWide):
    """The same on a phone."""

    browser_size = "390x844"
    touch_enabled = True

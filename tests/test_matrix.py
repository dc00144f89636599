from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from .common import MarketingContactCommon

# Marketing user, Administrator of marketing, Salesperson, Finance's accountant,
# Employee, Portal user, pUblic user.
LETTERS = "MASFEPU"
MANAGERS = "marketing_contact.group_marketing_contact_manager"
MARKETERS = "marketing_contact.group_marketing_contact_user"

# What is tried, on whom it works in the own company, and on whom in another one.
MATRIX = {
    # on the contact
    "contact_read": ("MA", ""),
    "contact_write": ("MA", ""),
    "contact_delete": ("MA", ""),
    "contact_export": ("MA", ""),
    "contact_search": ("MA", ""),
    "contact_search_by_customer": ("MA", ""),
    "contact_preview_sync": ("MA", ""),
    "contact_get_lineage": ("MA", ""),
    "contact_preview_link": ("MA", ""),
    # on the cards
    "customer_read": ("MASFE", ""),
    "customer_write": ("SF", ""),
    "customer_delete": ("SF", ""),
    "customer_read_contact": ("MA", ""),
    "customer_search_by_contact": ("MA", ""),
    "customer_search_by_relation": ("MA", ""),
    "customer_read_summary": ("MASFE", ""),
    "customer_preview_sync": ("SF", ""),
    "customer_get_lineage": ("MASFE", ""),
    "customer_create_contacts": ("MA", ""),
    "account_read": ("MASFE", ""),
    "account_write": ("SF", ""),
    "account_delete": ("SF", ""),
    "account_read_contact": ("MA", ""),
    "account_create_contacts": ("MA", ""),
    "bank_write": ("SF", "SF"),
    "bank_preview_sync": ("SF", "SF"),
    # tying them together
    "link": ("MA", ""),
    "link_by_relation": ("MA", ""),
    "link_by_wizard": ("MA", ""),
    "move_link": ("MA", ""),
    "create_as": ("", ""),
    "create_as_by_wizard": ("", ""),
    "generate": ("MA", ""),
    "unlink": ("MA", ""),
    # trust and setup
    "journal_read": ("A", ""),
    "undo": ("A", ""),
    "undo_by_wizard": ("A", ""),
    "difference_read": ("MA", ""),
    "difference_repair": ("MA", ""),
    "check_differences": ("MA", ""),
    "map_write": ("A", "A"),
    "setup": ("A", "A"),
    "order_contact": ("MA", ""),
}


class TestMatrix(MarketingContactCommon):
    """Who may do what, on records of the own company and of another."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        sales = "sales_team.group_sale_salesman,base.group_partner_manager"
        finance = "account.group_account_invoice,base.group_partner_manager"
        cls.users = {
            "M": cls.marketer,
            "A": cls.manager,
            "S": new_test_user(cls.env, "salesperson", sales),
            "F": new_test_user(cls.env, "accountant", finance),
            "E": cls.employee,
            "P": new_test_user(cls.env, "portal_user", "base.group_portal"),
            "U": cls.env.ref("base.public_user"),
        }
        cls.users["F"].group_ids += cls.env.ref("account.group_validate_bank_account")
        exporters = cls.env.ref("base.group_allow_export")
        for letter in "MASFE":
            cls.users[letter].group_ids += exporters
        other = cls.env["res.company"].create({"name": "Second Company"})
        cls.worlds = [cls._make_world(cls.company), cls._make_world(other)]
        cls.env.flush_all()

    @classmethod
    def _make_world(cls, company):
        """Return records by name, all of one company."""
        own = {"company_id": company.id}
        name = f"Matrix {company.name}"
        world = {
            "contact": cls._contact(name, **own),
            "customer": cls._partner(name, **own),
            "free": cls._partner("Free", **own),
            "loose": cls._contact("Loose", **own),
            "account": cls._account(
                f"M-{company.id}", cls.Bank.create({"name": name}), company.partner_id
            ),
        }
        world["account"].company_id = company
        world["relation"] = world["contact"].link_card("customer", world["customer"].id)
        world["contact"].company_id = False  # a bank is of no company
        cls._contact("Bank", company_id=company.id).link_card(
            "bank_account", world["account"].id
        )
        world["contact"].company_id = company
        world["bank"] = world["account"].bank_id
        world["contact"].with_company(company).phone = "1"
        world["batch"] = cls.env["marketing.sync.batch"].search([], limit=1)
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE res_partner SET city = 'D' WHERE id = %s", [world["customer"].id]
        )
        cls.env.invalidate_all()
        world["relation"].check_differences()
        world["difference"] = world["relation"].difference_ids
        world["order"] = (
            cls.env["sale.order"]
            .with_company(company)
            .create({"partner_id": world["customer"].id, **own})
        )
        world["company"] = company
        return world

    def test_matrix(self):
        found = {}
        for operation in MATRIX:
            attempt = getattr(self, f"_try_{operation}")
            allowed = []
            for world in self.worlds:
                letters = ""
                for letter, user in self.users.items():
                    records = {
                        name: record.with_user(user) for name, record in world.items()
                    }
                    self.env.invalidate_all()
                    try:
                        with self.env.cr.savepoint() as savepoint:
                            outcome = attempt(records, world)
                            self.env.flush_all()
                            savepoint.rollback()
                    except AccessError:
                        outcome = False
                    if outcome is not False:
                        letters += letter
                allowed.append(letters)
            found[operation] = tuple(allowed)
        self.assertEqual(
            {k: v for k, v in found.items() if v != MATRIX[k]},
            {k: MATRIX[k] for k, v in found.items() if v != MATRIX[k]},
        )

    # ------------------------------------------------------------
    # WHAT IS TRIED: an AccessError or False says that it does not work
    # ------------------------------------------------------------

    def _try_contact_read(self, mine, world):
        mine["contact"].read(["name", "customer_id", "relation_summary"])

    def _try_contact_write(self, mine, world):
        mine["contact"].write({"phone": "77"})
        self.assertEqual(world["customer"].phone, "77")

    def _try_contact_delete(self, mine, world):
        mine["contact"].unlink()
        self.assertTrue(world["customer"].exists())

    def _try_contact_export(self, mine, world):
        if mine["contact"].env.user.share:
            return False  # Odoo refuses any export to them
        return bool(mine["contact"].export_data(["name", "customer_id/phone"]))

    def _try_contact_search(self, mine, world):
        return bool(mine["contact"].search([("id", "=", world["contact"].id)]))

    def _try_contact_search_by_customer(self, mine, world):
        domain = [("customer_id", "=", world["customer"].id)]
        return bool(mine["contact"].search(domain))

    def _try_contact_preview_sync(self, mine, world):
        return bool(mine["contact"].preview_sync({"phone": "78"}))

    def _try_contact_get_lineage(self, mine, world):
        mine["contact"].get_lineage()

    def _try_contact_preview_link(self, mine, world):
        mine["loose"].preview_link("customer", world["free"].id)

    def _try_customer_read(self, mine, world):
        mine["customer"].read(["name"])

    def _try_customer_write(self, mine, world):
        mine["customer"].write({"phone": "79"})
        self.assertEqual(world["contact"].phone, "79")

    def _try_customer_delete(self, mine, world):
        world["order"].sudo().unlink()
        mine["customer"].unlink()
        self.assertTrue(world["contact"].exists())

    def _try_customer_read_contact(self, mine, world):
        mine["customer"].read(["marketing_contact_id", "marketing_relation_ids"])

    def _try_customer_search_by_contact(self, mine, world):
        domain = [("marketing_contact_id", "=", world["contact"].id)]
        return bool(mine["customer"].search(domain))

    def _try_customer_search_by_relation(self, mine, world):
        domain = [("marketing_relation_ids.contact_id.phone", "=", "1")]
        return world["customer"] in mine["customer"].search(domain).sudo()

    def _try_customer_read_summary(self, mine, world):
        mine["customer"].read(["marketing_sync_summary"])

    def _try_customer_preview_sync(self, mine, world):
        return bool(mine["customer"].preview_sync({"phone": "80"}))

    def _try_customer_get_lineage(self, mine, world):
        mine["customer"].get_lineage()

    def _try_customer_create_contacts(self, mine, world):
        return bool(mine["free"].create_marketing_contacts("vendor"))

    def _try_account_read(self, mine, world):
        mine["account"].read(["acc_number"])

    def _try_account_write(self, mine, world):
        mine["account"].write({"sequence": 3})

    def _try_account_delete(self, mine, world):
        mine["account"].unlink()

    def _try_account_read_contact(self, mine, world):
        mine["account"].read(["marketing_contact_id"])

    def _try_account_create_contacts(self, mine, world):
        return bool(mine["account"].create_marketing_contacts())

    def _try_bank_write(self, mine, world):
        mine["bank"].write({"phone": "81"})

    def _try_bank_preview_sync(self, mine, world):
        return bool(mine["bank"].preview_sync({"phone": "82"}))

    def _try_link(self, mine, world):
        mine["loose"].link_card("customer", world["free"].id)

    def _link_vals(self, world):
        return {
            "contact_id": world["loose"].id,
            "kind": "customer",
            "partner_id": world["free"].id,
        }

    def _try_link_by_relation(self, mine, world):
        mine["relation"].create(self._link_vals(world))

    def _try_link_by_wizard(self, mine, world):
        wizard = mine["contact"].env["marketing.contact.link"]
        wizard.create(self._link_vals(world)).action_link()

    def _try_move_link(self, mine, world):
        """Move a link of the own company to another card."""
        contact = self._contact("Shared")
        relation = contact.link_card("customer", self._partner("Shared").id)
        relation = relation.with_user(mine["contact"].env.user)
        relation.write({"partner_id": world["free"].id})

    def _try_create_as(self, mine, world):
        mine["loose"].create_card("vendor")

    def _try_create_as_by_wizard(self, mine, world):
        wizard = mine["contact"].env["marketing.contact.create.card"]
        vals = {"contact_ids": world["loose"].ids, "kind": "vendor"}
        wizard.create(vals).action_create()

    def _try_generate(self, mine, world):
        wizard = mine["contact"].env["marketing.contact.generate"]
        domain = f"[('id', '=', {world['free'].id})]"
        action = wizard.create({"kind": "vendor", "domain": domain}).action_generate()
        return bool(action["domain"][0][2])

    def _try_unlink(self, mine, world):
        mine["relation"].unlink()

    def _try_journal_read(self, mine, world):
        mine["batch"].change_ids.read(["old_value", "new_text"])

    def _try_undo(self, mine, world):
        mine["batch"].undo()

    def _try_undo_by_wizard(self, mine, world):
        wizard = mine["contact"].env["marketing.sync.undo"]
        wizard.create({"batch_ids": world["batch"].ids}).action_undo()

    def _try_difference_read(self, mine, world):
        mine["difference"].read(["contact_value", "card_value"])

    def _try_difference_repair(self, mine, world):
        mine["difference"].action_use_contact()

    def _try_check_differences(self, mine, world):
        mine["relation"].check_differences()

    def _try_map_write(self, mine, world):
        mine["contact"].env["marketing.sync.field"].search([], limit=1).on_link = "card"

    def _try_setup(self, mine, world):
        mine["contact"].env["marketing.setup"].create({}).action_save()

    def _try_order_contact(self, mine, world):
        """Who may read orders sees the contact only with rights on contacts."""
        user = mine["contact"].env.user
        if not user.share:
            user.sudo().group_ids += self.env.ref("sales_team.group_sale_manager")
        mine["order"].read(["name", "marketing_contact_id"])

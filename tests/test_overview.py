import json

from odoo.exceptions import AccessError
from odoo.fields import Domain

from .common import MarketingContactCommon


class TestOverview(MarketingContactCommon):
    """The administrator's overview: counts that click through to what they count."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.before = {
            tile: (row.count, row.drifted_count, row.unlinked_count)
            for tile, row in cls._tiles().items()
        }
        cls.contact, cls.customer, cls.vendor, cls.bank = cls._linked(phone="1")
        cls._contact("Alone")
        cls._partner("Alone", customer_rank=1)
        cls._partner("Alone", supplier_rank=1)
        cls._partner("Address", parent_id=cls.customer.id, is_company=False)
        cls._account("OWN WITHOUT BANK")
        cls._account("OWN", cls.bank)
        cls._account("NOT OURS", cls.bank, holder=cls.customer)
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE res_partner SET city = 'Drifted', zip = '1' WHERE id = %s",
            [cls.customer.id],
        )
        cls.env.invalidate_all()
        cls.contact.relation_ids.check_differences()

    @classmethod
    def _tiles(cls, **context):
        cls.env.flush_all()
        cls.env.invalidate_all()
        overview = cls.env["marketing.sync.overview"].with_user(cls.manager)
        return overview.with_context(**context).search([]).grouped("tile")

    def _search(self, action):
        """Return what the list of an action shows."""
        records = self.env[action["res_model"]].with_user(self.manager)
        domain = Domain(action.get("domain") or [])
        for key in action.get("context", {}):
            if key.startswith("search_default_"):
                name = key.removeprefix("search_default_")
                domain &= Domain(name, "=", True) if name == "drifted" else Domain([])
        return records.search(domain)

    def test_counts(self):
        added = {
            tile: tuple(
                now - before
                for now, before in zip(
                    (row.count, row.drifted_count, row.unlinked_count),
                    self.before[tile],
                    strict=True,
                )
            )
            for tile, row in self._tiles().items()
        }
        self.assertEqual(
            list(added),
            [t for t, _name in self.env["marketing.sync.overview"]._get_tiles()],
        )
        self.assertEqual(added["contact"], (2, 1, 1))
        self.assertEqual(added["customer"], (1, 1, 1))
        self.assertEqual(added["vendor"], (1, 0, 1))
        self.assertEqual(added["bank_account"], (1, 0, 1))
        self.assertEqual(added["difference"], (2, 0, 0))
        self.assertGreater(added["journal"][0], 0)

    def test_a_click_opens_what_was_counted(self):
        for tile, row in self._tiles().items():
            action = row.action_open()
            self.assertEqual(len(self._search(action)), row.count, tile)
            if tile in ("difference", "journal"):
                continue
            self.assertIn(
                row.action_open_drifted()["res_model"],
                ("marketing.contact", "marketing.contact.relation"),
            )
            action = row.action_open_unlinked()
            if tile != "contact":
                self.assertEqual(len(self._search(action)), row.unlinked_count, tile)
        self.assertEqual(row.action_open_journal()["res_model"], "marketing.sync.batch")

    def test_from_the_number_to_the_job(self):
        """Cards without a contact get one; what is out of sync is repaired."""
        for tile in ("customer", "vendor", "bank_account"):
            row = self._tiles()[tile]
            action = row.action_create_contacts()
            wizard = (
                self.env[action["res_model"]]
                .with_user(self.manager)
                .with_context(**action["context"])
                .create({})
            )
            self.assertEqual(wizard.kind, tile)
            unlinked = self._search(row.action_open_unlinked())
            # an account without a bank can have no contact
            left_out = wizard.count_skipped
            self.assertEqual(wizard.count_all, len(unlinked) - left_out, tile)
            self.assertLessEqual(left_out, 1 if tile == "bank_account" else 0)
        link = self.contact.relation_ids.filtered(lambda r: r.kind == "customer")
        self.assertEqual(link.state, "drifted")
        found = self._search(link.action_view_differences())
        self.assertEqual(set(found.mapped("card_field")), {"city", "zip"})

    def test_filters_that_the_actions_set_exist(self):
        tiles = self._tiles()
        for action in (
            tiles["contact"].action_open_drifted(),
            tiles["contact"].action_open_unlinked(),
            tiles["customer"].action_open_drifted(),
        ):
            (name,) = [
                key.removeprefix("search_default_")
                for key in action["context"]
                if key.startswith("search_default_")
            ]
            view = self.env[action["res_model"]].get_view(
                action["search_view_id"] and action["search_view_id"][0],
                view_type="search",
            )
            self.assertIn(f'name="{name}"', view["arch"])

    def test_graphs(self):
        tiles = self._tiles()
        for row in tiles.values():
            ((series),) = json.loads(row.graph)
            self.assertTrue(series["key"] and series["values"])
        (series,) = json.loads(tiles["customer"].graph)
        self.assertEqual(
            sum(bar["value"] for bar in series["values"][:2]), tiles["customer"].count
        )
        (series,) = json.loads(tiles["journal"].graph)
        self.assertEqual(len(series["values"]), 14)
        self.assertEqual(
            sum(bar["value"] for bar in series["values"]), tiles["journal"].count
        )
        (series,) = json.loads(tiles["difference"].graph)
        self.assertIn("City", [bar["label"] for bar in series["values"]])

    def test_last_run(self):
        self.contact.with_user(self.marketer).phone = "2"
        tile = self._tiles()["journal"]
        self.assertIn("Marketer", tile.last_text)
        self.assertTrue(tile.last_date)
        # the check ran: the tile says when and by whom, and nothing before
        runs = self.env["marketing.run"].sudo()
        runs.search([("origin", "=", "check")]).unlink()
        self.assertFalse(self._tiles()["difference"].last_date)
        run = runs.create(
            {
                "origin": "check",
                "state": "done",
                "end_date": "2026-05-04 03:02:01",
                "user_id": self.env.ref("base.user_root").id,
            }
        )
        tile = self._tiles()["difference"]
        self.assertEqual(tile.last_date, run.end_date)
        self.assertEqual(tile.last_text, "by the daily check")
        tile.action_check()
        self.assertEqual(self._tiles()["difference"].last_text, "by you")

    def test_compare_now(self):
        self.env.cr.execute(
            "UPDATE res_partner SET zip = '2' WHERE id = %s", [self.vendor.id]
        )
        self.env.invalidate_all()
        tile = self._tiles()["difference"]
        count = tile.count
        action = tile.action_check()
        self.assertEqual(action["res_model"], "marketing.sync.difference")
        self.assertEqual(len(self._search(action)), count + 1)

    def test_changes_by_day_in_the_users_own_time(self):
        last = self.env["marketing.sync.batch"].search([], limit=1)
        self.assertTrue(last)
        for zone in ("Pacific/Auckland", "America/Los_Angeles", "UTC"):
            tile = self._tiles(tz=zone)["journal"]
            (series,) = json.loads(tile.graph)
            self.assertTrue(series["values"][-1]["value"], zone)

    def test_a_handful_of_queries_whatever_the_number(self):
        counts = []
        for number in (2, 30):
            partners = self.Partner.with_context(marketing_contact_no_create=True)
            partners.create(
                [{"name": f"P{i}", "customer_rank": 1} for i in range(number)]
            ).create_marketing_contacts("customer")
            tiles = self._tiles()
            before = self.env.cr.sql_log_count
            tiles["customer"].mapped("graph")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
        self.assertLess(counts[1], 40)

    def test_company_rules(self):
        other = self.env["res.company"].create({"name": "Second Company"})
        before = self._tiles()
        seen = {
            tile: (row.count, row.drifted_count, row.unlinked_count)
            for tile, row in before.items()
            if tile != "journal"
        }
        contact = self._contact("Hidden", company_id=other.id)
        partner = self._partner("Hidden", company_id=other.id, customer_rank=1)
        contact.link_card("customer", partner.id)
        self._partner("Hidden too", company_id=other.id, customer_rank=1)
        after = self._tiles()
        for tile, counts in seen.items():
            row = after[tile]
            self.assertEqual(
                (row.count, row.drifted_count, row.unlinked_count), counts, tile
            )

    def test_managers_only(self):
        menu = self.env.ref("marketing_contact.marketing_sync_overview_menu")
        self.assertIn(menu.id, menu.with_user(self.manager)._visible_menu_ids())
        for user in (self.marketer, self.clerk, self.employee):
            self.assertNotIn(menu.id, menu.with_user(user)._visible_menu_ids())
            with self.assertRaises(AccessError):
                self.env["marketing.sync.overview"].with_user(user).search([])

import json
from ast import literal_eval

from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError, MissingError
from odoo.fields import Domain

from .common import MarketingContactCommon


class TestOverview(MarketingContactCommon):
    """The overview: counts that click through to what they count."""

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
    def _tiles(cls, user=None, **context):
        cls.env.flush_all()
        cls.env.invalidate_all()
        overview = cls.env["marketing.sync.overview"].with_user(user or cls.manager)
        return overview.with_context(**context).search([]).grouped("tile")

    def _search(self, action, user=None):
        """Return what the list of an action shows, with the filters that are on, each
        of which has to exist.
        """
        records = self.env[action["res_model"]].with_user(user or self.manager)
        domain = Domain(action.get("domain") or [])
        view = records.get_view(
            (action.get("search_view_id") or [False])[0], view_type="search"
        )
        arch = etree.fromstring(view["arch"])
        for key in action.get("context", {}):
            if key.startswith("search_default_"):
                name = key.removeprefix("search_default_")
                (node,) = arch.xpath(f"//filter[@name='{name}']")
                domain &= Domain(literal_eval(node.get("domain", "[]")))
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
        self.assertEqual(added["customer"], (1, 1, 1))
        self.assertEqual(added["vendor"], (1, 0, 1))
        self.assertEqual(added["bank_account"], (1, 0, 1))
        self.assertEqual(added["difference"], (2, 0, 0))
        self.assertEqual(added["generate"][0], 3)
        self.assertGreater(added["journal"][0], 0)

    def test_a_click_opens_what_was_counted(self):
        self.env["marketing.match"].match_all()
        tiles = self._tiles()
        for tile, row in tiles.items():
            action = row.action_open()
            if tile == "generate":
                self.assertEqual(action["res_model"], "marketing.contact.generate")
                continue
            self.assertEqual(len(self._search(action)), row.count, tile)
            if not row.is_kind:
                continue
            action = row.action_open_drifted()
            self.assertEqual(len(self._search(action)), row.drifted_count, tile)
            action = row.action_open_unlinked()
            self.assertEqual(len(self._search(action)), row.unlinked_count, tile)
        journal = tiles["journal"].action_open_journal()
        self.assertEqual(journal["res_model"], "marketing.sync.batch")

    def test_each_of_the_numbers(self):
        """What the user has to decide, to try again and to do by now."""
        contact = self._contact("Overview Twins Ltd", email="twins@twins.example")
        twin = self._contact("Overview Twins", email="twins@twins.example")
        self.env["marketing.match"].match_all()
        pair = self.env["marketing.match"].search([("contact_id", "=", contact.id)])
        pair |= self.env["marketing.match"].search([("contact_id", "=", twin.id)])
        self.assertTrue(pair)
        pair.band = "unsure"
        before = {tile: row.count for tile, row in self._tiles(self.marketer).items()}
        pair.band = "ask"
        yesterday = fields.Date.subtract(fields.Date.today(), days=2)
        for user in (self.marketer, self.manager):
            contact.activity_schedule(date_deadline=yesterday, user_id=user.id)
        for user in (self.marketer, self.manager):
            run = self.env["marketing.run"].create(
                {"origin": "check", "state": "done", "user_id": user.id}
            )
            self.env["marketing.exception"].create(
                {
                    "run_id": run.id,
                    "res_model": "marketing.contact",
                    "res_id": contact.id,
                    "code": "refused",
                    "message": "Refused",
                }
            )
        self.env["marketing.privacy.request"].with_user(self.marketer).create(
            {"kind": "access", "email": "asks@asks.example"}
        )
        tiles = self._tiles(self.marketer)
        for tile, more in (("match", len(pair)), ("exception", 1), ("activity", 1)):
            row = tiles[tile]
            self.assertEqual(row.count - before[tile], more, tile)
            self.assertTrue(row.count_name)
            found = self._search(row.action_open(), self.marketer)
            self.assertEqual(len(found), row.count, tile)
        self.assertEqual(tiles["activity"].note, "1 open, 0 overdue")
        # bulk work of others is for managers
        self.assertGreater(self._tiles()["exception"].count, tiles["exception"].count)

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

    def test_graphs_of_time_only(self):
        tiles = self._tiles()
        for tile, row in tiles.items():
            self.assertEqual(bool(row.graph), tile == "journal", tile)
        (series,) = json.loads(tiles["journal"].graph)
        self.assertTrue(series["key"])
        self.assertEqual(len(series["values"]), 14)
        self.assertEqual(
            sum(bar["value"] for bar in series["values"]), tiles["journal"].count
        )

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
            tiles["customer"].mapped("count")
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

    def test_for_everybody(self):
        menu = self.env.ref("marketing_contact.marketing_sync_overview_menu")
        everybody = {"match", "generate", "difference", "exception", "activity"}
        for user in (self.manager, self.marketer):
            self.assertIn(menu.id, menu.with_user(user)._visible_menu_ids())
        self.assertEqual(set(self._tiles(self.marketer)), everybody)
        self.assertLess(everybody, set(self._tiles()))
        journal = self._tiles()["journal"].with_user(self.marketer)
        self.env.invalidate_all()
        with self.assertRaises(MissingError):
            journal.action_open()
        for user in (self.clerk, self.employee):
            self.assertNotIn(menu.id, menu.with_user(user)._visible_menu_ids())
            with self.assertRaises(AccessError):
                self.env["marketing.sync.overview"].with_user(user).search([])

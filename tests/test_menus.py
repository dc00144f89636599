from ast import literal_eval
from types import SimpleNamespace
from unittest.mock import patch

from lxml import etree

from odoo.tests import Form, new_test_user, tagged

from .common import MarketingContactCommon

MODULE = "marketing_contact"


@tagged("post_install", "-at_install")
class TestMenus(MarketingContactCommon):
    """Few doors, and behind each of them something."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.all_round = new_test_user(
            cls.env,
            "all_round",
            f"{MODULE}.group_marketing_contact_manager,"
            f"{MODULE}.group_marketing_contact_privacy",
        )
        cls.officer = new_test_user(
            cls.env, "officer", f"{MODULE}.group_marketing_contact_privacy"
        )

    def _load(self, user, debug=False):
        """Return the top menus and the entries that a user sees, as the client does."""
        request = SimpleNamespace(session=SimpleNamespace(debug="1" if debug else ""))
        with patch("odoo.addons.base.models.ir_ui_menu.request", request):
            menus = self.env["ir.ui.menu"].with_user(user).load_web_menus(debug)
        (root,) = (
            menu
            for menu in menus.values()
            if menu["xmlid"] == f"{MODULE}.marketing_contact_menu_root"
        )

        def leaves(menu):
            children = [menus[child] for child in menu["children"]]
            return sum(map(leaves, children), []) if children else [menu]

        return [menus[child] for child in root["children"]], leaves(root)

    def _names(self, menus):
        return [menu["name"] for menu in menus]

    def test_few_doors(self):
        tops, leaves = self._load(self.all_round)
        self.assertEqual(
            self._names(tops),
            ["Contacts", "Interactions", "Overview", "Configuration"],
        )
        self.assertLessEqual(len(leaves), 14, self._names(leaves))
        self.assertEqual(len(leaves), len(set(self._names(leaves))))

    def test_more_in_developer_mode(self):
        _tops, leaves = self._load(self.all_round)
        _tops, more = self._load(self.all_round, debug=True)
        self.assertEqual(
            set(self._names(more)) - set(self._names(leaves)),
            {"Tags", "Words for Matching", "Column Headings", "Erased Addresses"},
        )

    def test_each_opens(self):
        for menu in self._load(self.all_round, debug=True)[1]:
            with self.subTest(menu["name"]):
                self._open(menu)

    def _open(self, menu):
        """Open an entry as the client does: its views, and the first rows of each."""
        action = self.env[menu["actionModel"]].browse(menu["actionID"])
        action = action.with_user(self.all_round).sudo()._get_action_dict()
        self.assertEqual(action["type"], "ir.actions.act_window")
        model = self.env[action["res_model"]].with_user(self.all_round)
        search = action["search_view_id"]
        views = [*action["views"], (search and search[0], "search")]
        views = model.get_views(views)["views"]
        for kind, view in views.items():
            if kind == "form" and action["target"] == "new":
                Form(model)
                continue
            shown = etree.fromstring(view["arch"]).xpath(
                "//field[not(ancestor::field)]/@name"
            )
            if kind != "search":
                model.search_read([], shown, limit=5)

    def test_what_the_others_see(self):
        tops, leaves = self._load(self.marketer)
        self.assertNotIn("Configuration", self._names(tops))
        tops, leaves = self._load(self.officer)
        self.assertIn("Retention", self._names(leaves))
        self.assertNotIn("Marketing Setup", self._names(leaves))
        tops, leaves = self._load(self.manager)
        self.assertIn("Marketing Setup", self._names(leaves))
        self.assertNotIn("Retention", self._names(leaves))

    def test_rules_and_templates_of_what_is_installed(self):
        """By a filter that is on: what sleeps is one click away."""
        template = self.env["marketing.interaction.template"].create(
            {"code": "ABSENT", "name": "Absent", "use": "rule"}
        )
        rule = self.env["marketing.interaction.rule"].create(
            {"model": "absent.model", "template_id": template.id}
        )
        self.assertTrue(rule.is_asleep)
        for model, record in (("rule", rule), ("template", template)):
            action = self.env.ref(f"{MODULE}.marketing_interaction_{model}_action")
            self.assertIn("'search_default_installed': 1", action.context)
            records = record.with_user(self.manager).with_context(active_test=False)
            arch = etree.fromstring(records.get_view(view_type="search")["arch"])
            (node,) = arch.xpath("//filter[@name='installed']")
            found = records.search(literal_eval(node.get("domain")))
            self.assertTrue(found)
            self.assertNotIn(record, found)
            self.assertIn(record, records.search([]))
            if model == "rule":
                self.assertNotIn(True, found.mapped("is_asleep"))
                self.assertEqual(found, records.search([("is_asleep", "!=", True)]))
            else:
                self.assertLessEqual(records.search([("use", "=", "hand")]), found)

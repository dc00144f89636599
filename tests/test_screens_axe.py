import json
import os
import unittest
from pathlib import Path

from odoo.tests import HttpCase, tagged

AXE = os.environ.get("AXE_CORE")
CODE = """
    odoo.loader.modules
        .get("@marketing_contact/../tests/tours/marketing_contact_screens_axe")
        .lookAtScreens(%s)
        .then((lines) => {
            if (lines.length) {
                console.error(lines.join("\\n"));
            } else {
                console.log("test successful");
            }
        }, (error) => console.error(String(error)))
"""
DIALOG = ".modal:not(.o_inactive_modal) .o_form_view"


@tagged("post_install", "-at_install")
@unittest.skipUnless(
    AXE, "AXE_CORE does not name the script of axe-core: see dev.py test"
)
class TestScreensAxe(HttpCase):
    """What keeps people with a screen reader or weak eyes from using the screens.

    axe-core's serious and critical findings, but for those that Odoo's own screens of
    contacts have as well, on the same kind of element.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company._marketing_set_defaults()
        # Odoo's form of a contact shows the language where there is a choice
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.admin = cls.env.ref("base.user_admin")
        cls.admin.write({"login": "admin", "password": "admin"})
        Partner = cls.env["res.partner"].with_context(marketing_contact_no_create=True)
        tags = cls.env["res.partner.category"].create({"name": "Read Aloud"})
        shared = {"user_id": cls.admin.id, "phone": "+46 8 555 070 10"}
        cls.partner = Partner.create(
            {"name": "Own Screens", "category_id": tags.ids, **shared}
        )
        Contact = cls.env["marketing.contact"]
        cls.contact = Contact.create(
            {
                "name": "Read Aloud Mills",
                "is_company": True,
                "email": "office@aloud.example",
                "tag_ids": tags.ids,
                **shared,
            }
        )
        cls.person = Contact.create(
            {"name": "Rita Aloud", "parent_id": cls.contact.id, **shared}
        )
        cls.contact.create_card("customer")
        cls.contact.phone = "+46 8 555 070 20"
        cls.other = Contact.create(
            {"name": "Loud & Clear", "is_company": True, "city": "Lund"}
        )
        Partner.create(
            [
                {"name": "Loud and Clear", "is_company": True, "city": "Lund"},
                {"name": "Unlinked", "is_company": True, "customer_rank": 1},
            ]
        )
        cls.env["marketing.interaction"].create(
            {"contact_id": cls.contact.id, "name": "Called"}
        )
        run = cls.env["marketing.run"].create({"origin": "check", "state": "done"})
        cls.env["marketing.exception"].create(
            {
                "run_id": run.id,
                "res_model": "marketing.contact",
                "res_id": cls.contact.id,
                "code": "refused",
                "message": "Refused",
            }
        )
        cls.env["marketing.match"].match_all()
        cls.env["marketing.contact.relation"].check_differences()
        cls.script = cls.env["ir.attachment"].create(
            {
                "name": "axe.js",
                "raw": Path(AXE).read_bytes(),
                "mimetype": "text/javascript",
                "public": True,
            }
        )

    def _window(self, name, model, view, wait, record=None, **more):
        """Return a screen that an action opens by model and kind of view."""
        action = {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "views": [[False, view]],
            "res_id": record.id if record else False,
            **more,
        }
        return {"name": name, "action": action, "wait": wait}

    def _wizard(self, name, model, wait=DIALOG, **context):
        return self._window(name, model, "form", wait, target="new", context=context)

    def _named(self, xml_id, wait, view=None):
        """Return a screen of the module that has a menu."""
        return {
            "name": xml_id,
            "action": f"marketing_contact.{xml_id}",
            "options": {"viewType": view} if view else {},
            "wait": wait,
        }

    def _get_yardstick(self):
        partners = {"active_model": "res.partner", "active_ids": self.partner.ids}
        return [
            {
                "name": "Odoo's list",
                "action": "base.action_partner_form",
                "options": {"viewType": view},
                "wait": wait,
            }
            for view, wait in (("list", ".o_data_row"), ("kanban", ".o_kanban_record"))
        ] + [
            self._window("f", "res.partner", "form", ".o_form_view", self.partner),
            self._window("n", "res.partner", "form", ".o_form_view"),
            self._wizard("w", "base.partner.merge.automatic.wizard", **partners),
            # the filter that stands in the search field
            {
                "name": "Odoo's customers",
                "action": "account.res_partner_action_customer",
                "options": {"viewType": "list"},
                "wait": ".o_data_row",
            },
        ]

    def _get_screens(self):
        contact, partner = "marketing.contact", "res.partner"
        form = ".o_form_view .o_field_widget"
        active = {"active_model": contact, "active_ids": self.person.ids}
        row = ".o_data_row, .o_group_header"
        return [
            self._named("marketing_contact_action", row),
            self._named("marketing_contact_action", ".o_kanban_record", "kanban"),
            self._window("company", contact, "form", form, self.contact),
            self._window("person", contact, "form", form, self.person),
            self._window("new", contact, "form", form),
            self._window("customer", partner, "form", form, self.contact.customer_id),
            self._wizard(
                "link", "marketing.contact.link", default_contact_id=self.other.id
            ),
            self._wizard("create as", "marketing.contact.create.card", **active),
            self._wizard("create contacts", "marketing.contact.generate"),
            self._named("marketing_match_action", ".o_kanban_record"),
            self._named("marketing_match_action", row, "list"),
            self._named("marketing_match_queue_action", ".o_marketing_match_queue"),
            self._named("marketing_sync_overview_action", ".o_kanban_record canvas"),
            self._named("marketing_sync_difference_action", ".o_list_view"),
            self._named("marketing_sync_batch_action", row),
            self._named("marketing_setup_action", ".o_form_view"),
            self._named("marketing_interaction_action", row),
            self._named("marketing_exception_action", row),
            self._named("marketing_run_action", row),
        ]

    def test_screens(self):
        url = f"/web/content/{self.script.id}/axe.js"
        arguments = [url, self._get_yardstick(), self._get_screens()]
        self.browser_js(
            "/odoo",
            CODE % ", ".join(json.dumps(argument) for argument in arguments),
            ready="odoo.isReady === true",
            login="admin",
            timeout=240,
        )

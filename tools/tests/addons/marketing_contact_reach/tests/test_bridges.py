from odoo.tests import TransactionCase, tagged
from odoo.tools.sql import column_exists, index_exists

from odoo.addons.marketing_contact.models.contact import bridges


@tagged("post_install", "-at_install")
class TestBridges(TransactionCase):
    """Models of other modules got what is ours, and Odoo knows that it is."""

    def test_field_is_ours(self):
        lead = self.env["crm.lead"]
        self.assertTrue(column_exists(self.env.cr, lead._table, "marketing_contact_id"))
        self.assertTrue(
            index_exists(self.env.cr, "crm_lead__marketing_contact_id_index")
        )
        field = self.env.ref("marketing_contact.field_crm_lead__marketing_contact_id")
        self.assertEqual(field.modules, "marketing_contact")
        self.assertEqual(field.state, "base")

    def test_twice_is_once(self):
        bases = self.env.registry["crm.lead"]._base_classes__
        self.assertFalse(bridges.extend(self.env))
        self.assertEqual(self.env.registry["crm.lead"]._base_classes__, bases)

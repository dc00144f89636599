from odoo.fields import Command
from odoo.tests import new_test_user

from odoo.addons.mail.tests.common import MailCase

from .common import MarketingContactCommon


def make_order_report(env, name):
    """Make a report of orders to print in a tour: its text is made at once, without the
    programs that make a PDF.
    """
    env["ir.actions.report"].create(
        {
            "name": name,
            "model": "sale.order",
            "report_type": "qweb-text",
            "report_name": "sale.report_saleorder",
            "binding_model_id": env.ref("sale.model_sale_order").id,
        }
    )


class MarketingDocumentsCommon(MarketingContactCommon, MailCase):
    """Orders of contacts, and users who make them out."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company._marketing_set_defaults()
        cls.Interaction = cls.env["marketing.interaction"]
        cls.Rule = cls.env["marketing.interaction.rule"]
        cls.Template = cls.env["marketing.interaction.template"]
        cls.SaleOrder = cls.env["sale.order"]
        cls.PurchaseOrder = cls.env["purchase.order"]
        cls.seller = new_test_user(
            cls.env,
            "seller_buyer",
            "marketing_contact.group_marketing_contact_user,"
            "base.group_partner_manager,"
            "sales_team.group_sale_salesman_all_leads,purchase.group_purchase_user",
            name="Seller and Buyer",
            email="seller@own.example",
        )
        cls.outsider = new_test_user(
            cls.env,
            "seller_outsider",
            "sales_team.group_sale_salesman_all_leads,purchase.group_purchase_user",
            name="Seller without Marketing",
            email="outsider@own.example",
        )
        cls.product = cls.env["product.product"].create(
            {"name": "Flour", "type": "consu", "list_price": 10.0}
        )
        cls.contact = cls._contact("Mill", email="info@mill.example")
        cls.person = cls.Contact.create(
            {
                "name": "Miller",
                "parent_id": cls.contact.id,
                "email": "miller@mill.example",
            }
        )
        cls.customer = cls.contact.create_card("customer")
        cls.vendor = cls.contact.create_card("vendor")

    @classmethod
    def _sale_orders(cls, number=1, partner=None, env=None, **vals):
        return (env or cls.env)["sale.order"].create(
            [
                {
                    "partner_id": (partner or cls.customer).id,
                    "order_line": [
                        Command.create(
                            {"product_id": cls.product.id, "product_uom_qty": 1}
                        )
                    ],
                    **vals,
                }
                for _index in range(number)
            ]
        )

    @classmethod
    def _purchase_orders(cls, number=1, partner=None, **vals):
        return cls.PurchaseOrder.create(
            [
                {
                    "partner_id": (partner or cls.vendor).id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": cls.product.id,
                                "product_qty": 1,
                                "price_unit": 7.0,
                            }
                        )
                    ],
                    **vals,
                }
                for _index in range(number)
            ]
        )

    def _print(self, documents, report_name, user=None):
        """Do what the route of reports does when a user got the report."""
        report = self.env["ir.actions.report"].with_user(user or self.seller)
        report._marketing_record_print(
            report_name, ",".join(str(record_id) for record_id in documents.ids), {}
        )

    def _codes(self, contact=None):
        """Return the codes of the contact's interactions, oldest first."""
        contact = contact or self.contact
        return contact.interaction_ids.sorted("id").template_id.mapped("code")

    def _only_rule(self, **vals):
        """Switch off the shipped rules and return the one that is left."""
        self.Rule.search([]).active = False
        template = self.Template.create({"code": "TEST", "name": "Tested"})
        return self.Rule.create({"template_id": template.id, **vals})

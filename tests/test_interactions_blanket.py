from datetime import timedelta

from odoo.fields import Command, Date

from .common_documents import MarketingDocumentsCommon

MODEL = "sale.blanket.order"


class TestBlanketOrder(MarketingDocumentsCommon):
    """OCA's blanket order: a document of a module that knows nothing of ours."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = cls.Rule.with_context(active_test=False).search(
            [("model", "=", MODEL)]
        )

    def _blanket_order(self):
        return self.env[MODEL].create(
            {
                "partner_id": self.customer.id,
                "payment_term_id": self.env["account.payment.term"]
                .create({"name": "Net 30"})
                .id,
                "pricelist_id": self.env["product.pricelist"]
                .create({"name": "Blanket"})
                .id,
                "validity_start_date": Date.today(),
                "validity_date": Date.today() + timedelta(days=30),
                "line_ids": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "product_uom": self.product.uom_id.id,
                            "original_uom_qty": 20.0,
                            "price_unit": 30.0,
                        }
                    )
                ],
            }
        )

    def test_rules_are_shipped_and_wake_with_the_module(self):
        self.assertEqual(set(self.rules.mapped("event")), {"print", "email"})
        self.assertEqual(set(self.rules.mapped("is_asleep")), {MODEL not in self.env})

    def test_printed_created_and_confirmed(self):
        if MODEL not in self.env:
            # without the module its rules sleep, and disturb nobody
            self.assertFalse(self.Rule._get_active_rules(MODEL))
            return
        template = self.rules[0].template_id
        self.Rule.create(
            [
                {"model": MODEL, "event": "create", "template_id": template.id},
                {
                    "model": MODEL,
                    "event": "confirm",
                    "confirmed_state": "open",
                    "template_id": template.id,
                },
            ]
        )
        order = self._blanket_order()
        self.env.flush_all()
        self.assertEqual(len(self.contact.interaction_ids), 1, "created")
        # its state is computed, not written
        order.action_confirm()
        self.env.flush_all()
        self.assertEqual(order.state, "open")
        self.contact.invalidate_recordset()
        self.assertEqual(len(self.contact.interaction_ids), 2, "confirmed")
        self._print(order, "sale_blanket_order.report_blanketorder", self.env.user)
        self.contact.invalidate_recordset()
        interactions = self.contact.interaction_ids
        self.assertEqual(len(interactions), 3, "printed")
        self.assertEqual(set(interactions.mapped("res_model")), {MODEL})
        self.assertEqual(set(interactions.mapped("res_id")), {order.id})

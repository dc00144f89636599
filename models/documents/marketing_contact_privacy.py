from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

UNPAID = ("not_paid", "partial", "in_payment")
# of each model: its date and amount, which documents are open, and why they stay
DOCUMENTS = {
    "account.move": (
        "date",
        "amount_total",
        Domain("state", "=", "draft")
        | Domain("state", "=", "posted")
        & Domain("move_type", "!=", "entry")
        & Domain("payment_state", "in", UNPAID),
        _lt("The ledger and its documents have to be kept."),
    ),
    "sale.order": (
        "date_order",
        "amount_total",
        Domain("state", "=", "sale") & Domain("invoice_status", "!=", "invoiced"),
        _lt("An order has to be kept."),
    ),
    "purchase.order": (
        "date_order",
        "amount_total",
        Domain("state", "=", "purchase") & Domain("invoice_status", "!=", "invoiced"),
        _lt("An order has to be kept."),
    ),
}
# whom a document names
PARTIES = {"partner_id", "partner_invoice_id", "partner_shipping_id"}
# what a lead has of the person
LEAD_VALUES = (
    *("contact_name", "partner_name", "email_from", "email_cc", "phone", "website"),
    *("function", "street", "street2", "zip", "city", "description", "referred"),
)


class MarketingContact(models.Model):
    """What privacy has to do with orders, invoices and opportunities."""

    _inherit = "marketing.contact"

    @api.model
    def _privacy_collect(self, plan):
        result = super()._privacy_collect(plan)
        # an entry may name them in its lines only
        named = [("partner_id", "in", plan.partners.ids)]
        lines = self.env["account.move.line"].search(named)
        plan.stays(lines.move_id, DOCUMENTS["account.move"][-1])
        for model, (_date, _amount, is_open, reason) in DOCUMENTS.items():
            documents = self._privacy_find_documents(model, plan.partners)
            plan.stays(documents, reason)
            open_ids = set(documents.filtered_domain(is_open)._ids)
            for document in documents:
                parties = document.partner_id.commercial_partner_id.union(
                    *(document[name] for name in PARTIES & document._fields.keys())
                )
                for partner in parties & plan.partners:
                    known = plan.documents.get(partner.id, False)
                    plan.documents[partner.id] = known or document.id in open_ids
        if "crm.lead" in self.env:
            self._privacy_collect_leads(plan)
        return result

    def _privacy_find_documents(self, model, partners):
        """Return the documents of the contacts and of their partners."""
        Model = self.env[model]
        names = PARTIES & Model._fields.keys()
        domain = Domain.OR(Domain(name, "in", partners.ids) for name in names)
        domain |= Domain("partner_id.commercial_partner_id", "in", partners.ids)
        if "marketing_contact_id" in Model._fields:
            domain |= Domain("marketing_contact_id", "in", self.ids)
        return Model.search(domain)

    def _privacy_collect_leads(self, plan):
        """Leads go that only have the person's data; those with an order, or won, stay
        without them. Those of others are named.
        """
        addresses = plan.get_addresses(self)
        leads = self.env["crm.lead"].search(
            Domain("marketing_contact_id", "in", self.ids)
            | Domain("email_normalized", "in", addresses)
            | Domain("phone_sanitized", "in", addresses)
            | Domain("partner_id", "in", plan.partners.ids)
        )
        others = leads.filtered(
            lambda lead: (
                lead.partner_id
                and lead.partner_id not in plan.partners
                or lead.marketing_contact_id
                and lead.marketing_contact_id not in self
            )
        )
        plan.stays(others, self.env._("Is about somebody else, too: look yourself."))
        own = leads - others
        kept = own.filtered(
            lambda lead: (
                lead.stage_id.is_won
                or ("order_ids" in lead._fields and lead["order_ids"])
            )
        )
        values = {name: False for name in LEAD_VALUES if name in leads._fields}
        plan.nameless(
            kept,
            {**values, "name": self.env._("Erased")},
            self.env._("Was won, or has orders."),
        )
        plan.goes(own - kept)
        # their messages tell of the person
        plan.goes(own.message_ids)

    # ------------------------------------------------------------
    # ANSWER
    # ------------------------------------------------------------

    def _privacy_get_answer(self, notes):
        answer = super()._privacy_get_answer(notes)
        answer["documents"] = []
        links = self.sudo().relation_ids  # sudo: whether there are more, not what
        for model, (date, amount, _is_open, _reason) in DOCUMENTS.items():
            documents = self.sudo()._privacy_find_documents(model, links.partner_id)
            readable = documents.sudo(self.env.su)._filtered_access("read")
            answer["left_out"] |= len(readable) < len(documents)
            answer["documents"] += [
                {
                    "what": self.env["ir.model"]._get(model).name,
                    "number": document.name or "",
                    "date": document[date],
                    "amount": document[amount],
                    "currency": document.currency_id.name,
                }
                for document in readable.with_env(self.env)
            ]
        return answer

    # ------------------------------------------------------------
    # RETENTION
    # ------------------------------------------------------------

    @api.model
    def _privacy_get_dates(self, since):
        queries = super()._privacy_get_dates(since)
        if since == "document":
            for model, (date, *_rest) in DOCUMENTS.items():
                queries += self._privacy_get_document_queries(
                    model, SQL.identifier("document", date)
                )
        return queries

    @api.model
    def _privacy_get_busy(self):
        queries = super()._privacy_get_busy()
        for model, (_date, _amount, is_open, _reason) in DOCUMENTS.items():
            found = self.env[model].sudo()._search(is_open)
            condition = SQL("document.id IN %s", found.subselect())
            queries += self._privacy_get_document_queries(model, SQL("1"), condition)
        if "crm.lead" in self.env and "marketing_contact_id" in self.env["crm.lead"]:
            queries.append(
                SQL(
                    """SELECT marketing_contact_id AS contact_id FROM crm_lead lead
                         LEFT JOIN crm_stage stage ON stage.id = lead.stage_id
                        WHERE lead.active AND stage.is_won IS NOT TRUE"""
                )
            )
        return queries

    @api.model
    def _privacy_get_document_queries(self, model, date, condition=None):
        """Return queries of the contacts that documents name: their own, and those of
        their partners.
        """
        self.env[model].flush_model()
        table = SQL.identifier(self.env[model]._table)
        condition = condition or SQL("TRUE")
        queries = [
            SQL(
                """SELECT relation.contact_id, %s AS date FROM %s document
                     JOIN res_partner partner ON partner.id = document.partner_id
                     JOIN marketing_contact_relation relation
                       ON relation.partner_id = partner.%s
                    WHERE %s""",
                date,
                table,
                SQL.identifier(column),
                condition,
            )
            for column in ("id", "commercial_partner_id")
        ]
        if "marketing_contact_id" in self.env[model]._fields:
            queries.append(
                SQL(
                    """SELECT marketing_contact_id AS contact_id, %s AS date
                         FROM %s document WHERE %s""",
                    date,
                    table,
                    condition,
                )
            )
        return queries

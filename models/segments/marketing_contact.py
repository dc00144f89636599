from odoo import api, fields, models
from odoo.fields import Domain

from . import graph, ledger


def of_ledger(name):
    """Return what fields have that are figures of the ledger."""
    return {
        "compute": "_compute_ledger",
        "search": lambda self, *args: ledger.search(self.env, name, *args),
    }


class MarketingContact(models.Model):
    """Segments a contact is in, and what the ledger says of it."""

    _inherit = "marketing.contact"

    segment_ids = fields.Many2many(
        comodel_name="marketing.segment",
        string="Segments",
        compute="_compute_segment_ids",
        search="_search_segment_ids",
        help="The segments that the contact is in now, of those that you may use.",
    )
    segment_reasons = fields.Json(
        compute="_compute_segment_reasons",
        export_string_translation=False,
        help="Why the contact is in each of its segments, by the segment's id.",
    )
    last_order_date = fields.Datetime(
        string="Last Order",
        **of_ledger("last_order_date"),
        help="Of the latest confirmed sales order, in the current company.",
    )
    last_invoice_date = fields.Date(
        string="Last Invoice",
        **of_ledger("last_invoice_date"),
        help="Of the latest posted customer invoice, in the current company.",
    )
    invoiced_12m = fields.Monetary(
        string="Invoiced in 12 Months",
        currency_field="ledger_currency_id",
        **of_ledger("invoiced_12m"),
        help="Posted customer invoices less credit notes of the last twelve months, "
        "untaxed, in the current company and its currency.",
    )
    overdue_amount = fields.Monetary(
        string="Overdue",
        currency_field="ledger_currency_id",
        **of_ledger("overdue_amount"),
        help="What is past due of posted customer invoices, in the current company and "
        "its currency.",
    )
    ordered_product_ids = fields.Many2many(
        comodel_name="product.product",
        string="Ordered Products",
        **of_ledger("ordered_product_ids"),
        help="On confirmed sales orders, in the current company.",
    )
    ledger_currency_id = fields.Many2one(
        comodel_name="res.currency",
        string="Currency of the Current Company",
        compute="_compute_ledger_currency_id",
        export_string_translation=False,
    )

    # ------------------------------------------------------------
    # THE LEDGER
    # ------------------------------------------------------------

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        """Offer what the ledger says to those only who may read its documents."""
        described = super().fields_get(allfields, attributes)
        for name, description in described.items():
            if "searchable" in description and not ledger.may_read(self.env, name):
                description["searchable"] = False
        return described

    @api.depends_context("company")
    def _compute_ledger_currency_id(self):
        self.ledger_currency_id = self.env.company.currency_id

    @api.depends("relation_ids.partner_id", "relation_ids.kind")
    @api.depends_context("uid", "company", "allowed_company_ids")
    def _compute_ledger(self):
        # Odoo computes with the rights of who asks, unless somebody raised them
        reader = self.sudo(self.env.uid == api.SUPERUSER_ID)
        env, ids = reader.env, self._origin.ids
        for name, source in ledger.SOURCES.items():
            values = {}
            if ids and ledger.may_read(env, name):
                figures = ledger.figures_sql(env, name, contact_ids=ids)
                values = dict(env.execute_query(figures))
            for contact in self:
                contact[name] = values.get(contact._origin.id, source.nothing)

    # ------------------------------------------------------------
    # SEGMENTS
    # ------------------------------------------------------------

    def export_data(self, fields_to_export):
        """An export from a segment's list is a use of it."""
        self.env["marketing.segment"]._from_context()._note_use("export", self)
        return super().export_data(fields_to_export)

    @api.depends_context("uid", "company", "allowed_company_ids")
    def _compute_segment_ids(self):
        # as in _compute_ledger: only what the person may see
        reader = self.sudo(self.env.uid == api.SUPERUSER_ID)
        contacts = reader._origin
        segments = reader.env["marketing.segment"]
        if contacts and segments.has_access("read"):
            segments = segments.search([("active", "=", True)])
        found = segments._find_members(contacts)
        for contact in self:
            contact.segment_ids = segments.filtered(
                lambda s, id_=contact._origin.id: id_ in found[s]
            )

    @api.depends("segment_ids")
    @api.depends_context("uid", "company", "allowed_company_ids", "lang")
    def _compute_segment_reasons(self):
        for contact in self:
            contact.segment_reasons = {
                segment.id: segment._tell_why(contact._origin)
                for segment in contact.segment_ids._origin
            }

    def _search_segment_ids(self, operator, value):
        Segment = self.env["marketing.segment"]
        if operator in ("any", "any!"):
            return graph.unite(Segment.search(value))
        if operator in ("ilike", "like", "=ilike", "=like"):
            return graph.unite(Segment.search([("name", operator, value)]))
        if operator not in ("in", "not in"):
            return NotImplemented
        ids = [id_ for id_ in value if type(id_) is int]
        # archived ones as well: who names one means it
        named = Segment.browse(ids)
        if names := [name for name in value if isinstance(name, str)]:
            every = Segment.with_context(active_test=False)
            named |= every.search([("name", "in", names)])
        negative = operator == "not in"
        found = graph.leave_out(named) if negative else graph.unite(named)
        if False not in value:
            return found
        anybody = graph.unite(Segment.search(Domain.TRUE))
        return found & anybody if negative else found | ~anybody

from odoo.http import request, route

from odoo.addons.account.controllers.download_docs import (
    AccountDocumentDownloadController as BaseController,
)


class AccountDocumentDownloadController(BaseController):
    """Invoices are printed by routes of their own, too."""

    @route()
    def download_invoice_documents_filetype(
        self, invoices, filetype, allow_fallback=True
    ):
        response = super().download_invoice_documents_filetype(
            invoices, filetype, allow_fallback=allow_fallback
        )
        if filetype in ("pdf", "all"):
            request.env["ir.actions.report"]._marketing_record_printed(invoices)
        return response

    @route()
    def download_invoice_attachments(self, attachments):
        response = super().download_invoice_attachments(attachments)
        invoices = request.env["account.move"].browse(set(attachments.mapped("res_id")))
        printed = invoices.filtered(
            lambda invoice: invoice.invoice_pdf_report_id in attachments
        )
        request.env["ir.actions.report"]._marketing_record_printed(printed)
        return response

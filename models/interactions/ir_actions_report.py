import json

from odoo import api, models


class IrActionsReport(models.Model):
    """Records what a user prints."""

    _inherit = "ir.actions.report"

    @api.model
    def _marketing_has_print_rules(self, report_name):
        """Return whether printing the report can be an interaction."""
        report = self._get_report_from_name(report_name)
        rules = self.env["marketing.interaction.rule"]._get_active_rules(
            report.model, "print"
        )
        return any(rule.report_name in (False, report_name) for rule in rules)

    @api.model
    def _marketing_record_print(self, report_name, docids, data):
        """Record that the user got a report by the route of reports."""
        if not self._marketing_has_print_rules(report_name):
            return
        report = self._get_report_from_name(report_name)
        recorder = self.env["marketing.interaction"]
        with recorder._harmless():
            ids = self._marketing_get_printed_ids(
                report.model, docids, data, report.report_name
            )
            self._marketing_record_printed(
                self.env[report.model].browse(ids).exists(), report_name
            )

    @api.model
    def _marketing_record_printed(self, documents, report_name=None):
        """Record that the user got the documents; not for users of the portal."""
        if self.env.user._is_internal():
            # what a user may not read was not printed, whatever the request says
            documents = documents.sudo(False)._filtered_access("read")
            self.env["marketing.interaction"]._record(
                "print", documents, report_name=report_name
            )

    @api.model
    def _marketing_get_printed_ids(self, model_name, docids, data, report_name):
        """Return the ids of the printed records.

        Reports with options of their own get them in the options or the context.
        """
        if docids:
            return [int(part) for part in str(docids).split(",") if part.isdigit()]
        if f"report.{report_name}" not in self.env:
            # an ordinary report prints the documents of its address and no others
            return []
        options = data.get("options") or {}
        options = json.loads(options) if isinstance(options, str) else options
        context = data.get("context") or {}
        context = json.loads(context) if isinstance(context, str) else context
        keys = ["ids", "doc_ids", "docids"]
        if model_name == "res.partner":
            keys.append("partner_ids")
        for key in keys:
            ids = options.get(key) or data.get(key)
            if isinstance(ids, list):
                return [record_id for record_id in ids if isinstance(record_id, int)]
        if context.get("active_model") == model_name:
            return context.get("active_ids") or []
        return []

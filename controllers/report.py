from odoo.http import request, route

from odoo.addons.web.controllers.report import ReportController as WebReportController


class ReportController(WebReportController):
    """Reports that a user gets are interactions with the contact."""

    def _marketing_may_stay_readonly(self, rule, args):
        """Return whether nothing will be recorded: a replica can serve the request.

        Asked before the report is made, so that it is not made twice.
        """
        report = request.env["ir.actions.report"]
        return not report._marketing_has_print_rules(args.get("reportname"))

    @route(readonly=_marketing_may_stay_readonly)
    def report_routes(self, reportname, docids=None, converter=None, **data):
        response = super().report_routes(
            reportname, docids=docids, converter=converter, **data
        )
        request.env["ir.actions.report"]._marketing_record_print(
            reportname, docids, data
        )
        return response

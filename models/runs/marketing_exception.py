import re

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..contact.answers import notify, reload
from ..sync.attempt import Attempt
from ..sync.rights import get_readable_names

# what a message names: without it, the same reason is the same text for all
# no opening one within: a pattern goes over a text full of them once for each
NAMED = re.compile("“[^“”]*”")
MAX_CODE = 200


class MarketingException(models.Model):
    """What a run left out: one line for each record and reason.

    Without values of the record; it goes with it.
    """

    _name = "marketing.exception"
    _description = "Left Out"
    _order = "code, id"
    _rec_name = "message"

    run_id = fields.Many2one(
        comodel_name="marketing.run", required=True, ondelete="cascade", index=True
    )
    user_id = fields.Many2one(related="run_id.user_id", store=True, index=True)
    company_id = fields.Many2one(related="run_id.company_id", store=True, index=True)
    origin = fields.Selection(related="run_id.origin")
    res_model = fields.Char(string="Kind of Record", required=True)
    res_id = fields.Many2oneReference(
        string="Number of the Record", model_field="res_model", required=True
    )
    record_name = fields.Char(string="Record", compute="_compute_record_name")
    code = fields.Char(
        string="Reason",
        required=True,
        index=True,
        help="The same for all that were left out for the same reason.",
    )
    message = fields.Text(required=True)
    state = fields.Selection(
        selection=[("open", "To Do"), ("done", "Done"), ("ignored", "Ignored")],
        string="Status",
        required=True,
        default="open",
        index=True,
    )
    tries = fields.Integer(default=1)

    _unique_reason = models.UniqueIndex(
        "(run_id, res_model, res_id, md5(code))", "A reason is listed once."
    )

    @api.depends("res_model", "res_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_record_name(self):
        names = get_readable_names(
            self.env, [(line.res_model, line.res_id) for line in self]
        )
        for line in self:
            line.record_name = names.get((line.res_model, line.res_id))

    # ------------------------------------------------------------
    # NOTE
    # ------------------------------------------------------------

    @api.model
    def _note(self, run, refused):
        """Note what a run left out; another try of the same is counted.

        :param refused: pairs of a record and the error
        """
        reasons = {}
        for record, error in refused:
            message = " ".join(str(error.args[0] if error.args else error).split())
            message = message or repr(error)
            code = NAMED.sub("“…”", message)[:MAX_CODE]
            reasons[record._name, record.id, code] = message
        # sudo: nobody writes lines by hand
        lines = self.sudo()
        ids = [id_ for _model, id_, _code in reasons]
        for line in lines.search([("run_id", "=", run.id), ("res_id", "in", ids)]):
            message = reasons.pop((line.res_model, line.res_id, line.code), None)
            if message:
                line.write(
                    {"message": message, "state": "open", "tries": line.tries + 1}
                )
        lines.create(
            [
                {
                    "run_id": run.id,
                    "res_model": model_name,
                    "res_id": id_,
                    "code": code,
                    "message": message,
                }
                for (model_name, id_, code), message in reasons.items()
            ]
        )

    @api.model
    def _find_naming(self, names):
        """Return the lines of whichever record whose message holds one of the names."""
        names = [name for name in names if name and len(name) > 1]
        if not names:
            return self.browse()
        self.flush_model(["code", "message"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM marketing_exception line
                 WHERE EXISTS (SELECT FROM unnest(%s) name
                                WHERE position(name IN line.message) > 0)
                """,
                names,
            )
        )
        return self.browse(id_ for (id_,) in rows)

    @api.model
    def _forget_names(self, names):
        """Take names out of what was noted, of whichever record."""
        names = sorted({n for n in names if n and len(n) > 1}, key=len, reverse=True)
        for line in self._find_naming(names):
            if not line.exists():
                continue
            texts = [line.code, line.message]
            for name in names:
                texts = [text.replace(name, "…") for text in texts]
            # what is the same reason twice now is one line
            same = self.search(
                [
                    ("run_id", "=", line.run_id.id),
                    ("res_model", "=", line.res_model),
                    ("res_id", "=", line.res_id),
                    ("code", "=", texts[0]),
                ]
            )
            (same - line).unlink()
            line.write({"code": texts[0], "message": texts[1]})

    # ------------------------------------------------------------
    # BUTTONS
    # ------------------------------------------------------------

    def action_retry(self):
        """Try again, all of a run at once, by halves where that fails.

        With the rights of who presses the button.

        :return: a notification that says how many are done
        :raise AccessError: for lines that the user may not see
        """
        self.check_access("read")
        lines = self.filtered(lambda line: line.state != "done")
        done = lines.browse()
        for run, of_run in lines.grouped("run_id").items():
            done |= of_run._retry(run)
        message = self.env._(
            "%(done)s of %(total)s done.", done=len(done), total=len(lines)
        )
        kind = "success" if done == lines else "warning"
        return notify(message, kind, next=reload())

    def _retry(self, run):
        """Try the lines of one run again. Return those that are done."""
        # sudo: the run says what to do, the user's rights say what may be done
        worker = run.sudo()._get_worker(self.env)
        worker.check()
        # what is there no longer, or done by other ways, is none of the inbox's
        records = worker.get_open(self.mapped("res_id"))
        open_ids = set(records._ids)
        done = self.filtered(lambda line: line.res_id not in open_ids)
        attempt = Attempt(worker.env, worker.work).work(records)
        done_ids = {record.id for record in attempt.done}
        done |= self.filtered(lambda line: line.res_id in done_ids)
        # sudo: nobody writes lines by hand
        done.sudo().state = "done"
        self._note(run, attempt.refused)
        return done

    def action_ignore(self):
        """Leave them out for good."""
        self.check_access("read")
        # sudo: nobody writes lines by hand
        self.sudo().filtered(lambda line: line.state == "open").state = "ignored"

    def action_open_record(self):
        """Open the record, to mend what is wrong with it."""
        self.ensure_one()
        known = self.res_model in self.env
        record = known and self.env[self.res_model].browse(self.res_id).exists()
        if not record:
            raise UserError(self.env._("This record was deleted."))
        return record._get_records_action()

    @api.autovacuum
    def _gc_gone(self):
        """Delete the lines of records that are gone."""
        for (model_name,) in self._read_group([], ["res_model"]):
            lines = self.search([("res_model", "=", model_name)])
            if model_name not in self.env:
                lines.unlink()
                continue
            there = set(
                self.env[model_name].browse(lines.mapped("res_id")).exists()._ids
            )
            lines.filtered(lambda line, there=there: line.res_id not in there).unlink()


class MarketingSyncMixin(models.AbstractModel):
    """Whose name stands in somebody's inbox, because it was in the way of another."""

    _inherit = "marketing.sync.mixin"

    def unlink(self):
        names = self.sudo().mapped("name") if "name" in self._fields else ()
        result = super().unlink()
        # sudo: nobody writes lines by hand
        self.env["marketing.exception"].sudo()._forget_names(names)
        return result

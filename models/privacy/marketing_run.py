from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.translate import LazyTranslate

from ..runs.workers import GenerateWorker, Worker
from ..sync.kinds import CONTACT_MODEL
from .marketing_contact import check_officer

_lt = LazyTranslate(__name__)


class EraseWorker(Worker):
    """Erase contacts. Params: `contact_ids`, `cards`, `request_id`."""

    label = _lt("Erase")

    def get_model(self):
        return self.env[CONTACT_MODEL].with_context(active_test=False)

    def get_part_size(self):
        # below what privacy_erase would hand on to a run again
        return min(super().get_part_size(), 500)

    def check(self):
        check_officer(self.env)

    def work(self, records):
        request_id = self.params.get("request_id")
        contacts = records.with_context(marketing_privacy_request=request_id)
        contacts.privacy_erase(self.params["cards"])


class RetentionWorker(EraseWorker):
    """Do what a rule of retention says. Params: `rule_id`."""

    label = _lt("Retention")

    @property
    def rule(self):
        """The rule, none if it was deleted."""
        return (
            self.env["marketing.retention.rule"].browse(self.params["rule_id"]).exists()
        )

    def get_title(self):
        return self.env._("Retention: %s", self.rule.name or "")

    def get_domain(self):
        return self.rule._get_due_domain() if self.rule else Domain.FALSE

    def work(self, records):
        self.rule._apply(records)


class ErasedWorker(GenerateWorker):
    """Cards of whom somebody was erased before: no contact is made, unless somebody
    lets them in. Params: `kind`, none for mails that came in.
    """

    label = _lt("Erased Before")

    def get_title(self):
        return self.env._("Erased before: %(kind)s", kind=self.get_kind_name())

    def get_model(self):
        if not self.params.get("kind"):
            return self.env["marketing.privacy.ban"]
        return self.env[self.kind.shared_model]

    def get_domain(self):
        return Domain.TRUE

    def get_open(self, ids):
        records = self.get_model().browse(ids).exists()
        if "marketing_relation_ids" not in records._fields:
            return records
        return records.filtered(lambda record: not record.sudo().marketing_relation_ids)

    def work(self, records):
        bans = self.env["marketing.privacy.ban"]
        if records._name == bans._name:
            bans._refuse(self.env._("Who wrote"))
        bans._check_new(records)
        cards = records
        if self.kind.card_model != records._name:
            cards = self.env[self.kind.card_model].search(
                [(self.kind.shared_column, "in", records.ids)]
            )
        # sudo: as when the card was made
        cards.sudo()._marketing_create_contacts(self.kind.name)


class MarketingRun(models.Model):
    """Erasing many, and what retention does at night."""

    _inherit = "marketing.run"

    @api.model
    def _get_workers(self):
        return super()._get_workers() | {
            "erase": EraseWorker,
            "erased": ErasedWorker,
            "retention": RetentionWorker,
        }

    @api.model
    def _privacy_get_run(self, kind):
        """Return what lists the cards of a kind that automatic ways left out."""
        domain = [
            ("origin", "=", "erased"),
            ("company_id", "=", self.env.company.id),
            ("state", "=", "done"),
        ]
        for run in self.search(domain):
            if run.params == {"kind": kind}:
                return run
        return self.create(
            {
                "origin": "erased",
                "params": {"kind": kind},
                "state": "done",
                "end_date": fields.Datetime.now(),
                "user_id": False,
            }
        )

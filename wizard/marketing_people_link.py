from odoo import api, fields, models
from odoo.tools import split_every

from ..models.contact.answers import notify, reload
from ..models.runs import workers
from ..models.sync.session import open_journal


class MarketingPeopleLink(models.TransientModel):
    """Link the people of all companies that are linked, with the counts first."""

    _name = "marketing.people.link"
    _description = "Link People"

    include_people = fields.Boolean(
        string="Create Contacts for the Others",
        default=True,
        help="People of customers and vendors who are no contacts yet become some. "
        "Without, only those who are on both sides are linked.",
    )
    count_companies = fields.Integer(string="Companies", compute="_compute_counts")
    count_people = fields.Integer(
        string="People without a Contact", compute="_compute_counts"
    )
    effects = fields.Char(string="What Will Happen", compute="_compute_effects")

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_counts(self):
        for wizard in self:
            worker = wizard._get_worker()
            wizard.count_companies = worker.get_model().search_count(
                worker.get_domain()
            )
            wizard.count_people = worker.count()

    @api.depends("count_companies", "count_people", "include_people")
    @api.depends_context("lang")
    def _compute_effects(self):
        for wizard in self:
            if wizard.count_companies == 1:
                texts = [self.env._("1 company: who is on both sides is linked.")]
            else:
                texts = [
                    self.env._(
                        "%s companies: who is on both sides is linked.",
                        wizard.count_companies,
                    )
                ]
            count = wizard.count_people
            if not count:
                texts.append(self.env._("Nobody is without a contact."))
            elif not wizard.include_people:
                texts.append(
                    self.env._("Without a contact, and left as they are: %s.", count)
                )
            elif count == 1:
                texts.append(self.env._("1 of their people becomes a contact."))
            else:
                texts.append(self.env._("%s of their people become contacts.", count))
            if count >= workers.BACKGROUND_FROM:
                texts.append(self.env._("So many are linked in the background."))
            wizard.effects = " ".join(texts)

    def _get_worker(self):
        return workers.PeopleWorker(self.env, {"create": self.include_people})

    def action_link(self):
        """Link the people and open the entry of the journal; very many are linked in
        the background, whose run opens.
        """
        self.ensure_one()
        worker = self._get_worker()
        worker.check()
        if self.count_people >= workers.BACKGROUND_FROM:
            run = self.env["marketing.run"]._start("people", worker.params)
            return run._get_records_action(name=self.env._("Link People"))
        companies = worker.get_model().search(worker.get_domain())
        # one entry of the journal, so that one undo takes all of it back
        with open_journal(self.env, "link"):
            for part in split_every(workers.PART_SIZE, companies.ids, companies.browse):
                worker.work(part)
        message = self.env._(
            "The people are linked. The journal has what was written, and can undo it."
        )
        return notify(message, next=reload())

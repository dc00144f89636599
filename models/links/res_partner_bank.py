from contextlib import nullcontext

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..contact.input import without_defaults
from ..contact.visible import VisibleLines
from ..sync.kinds import get_kinds
from ..sync.rights import name_in_chatter
from ..sync.session import open_journal
from .align import following


class ResPartnerBank(models.Model):
    """Bank accounts, as cards of marketing's contacts.

    What an account shares is its bank. Number, holder and the right to send money are
    never touched: nothing here writes on an account but the bank itself.
    """

    _name = "res.partner.bank"
    _inherit = ["res.partner.bank", "marketing.card.mixin"]

    marketing_relation_ids = VisibleLines(
        comodel_name="marketing.contact.relation",
        inverse_name="bank_account_id",
        string="Marketing Relations",
        groups="marketing_contact.group_marketing_contact_user",
        copy=False,
    )
    marketing_linked = fields.Boolean(
        string="Linked with a Marketing Contact",
        compute="_compute_marketing_linked",
        exportable=False,
    )

    @api.depends("marketing_relation_ids.kind")
    def _compute_marketing_linked(self):
        # sudo: who edits an account may not read relations
        for account in self:
            account.marketing_linked = account.sudo().marketing_relation_ids

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        accounts._marketing_auto_create_contacts()
        return accounts

    def write(self, vals):
        old_banks = {}
        if "bank_id" in vals:
            old_banks = {account: account.bank_id for account in self}
        # sudo: whoever edits an account may have no right on contacts and their links
        relations = self.sudo()._marketing_get_moving_relations(vals)
        holder = self.env["res.partner"].sudo().browse(vals.get("partner_id"))
        with following(relations, holder.company_id.id):
            result = super().write(vals)
        self._marketing_follow_shared(old_banks)
        return result

    def _marketing_get_moving_relations(self, vals):
        """Return the links of the accounts that a write moves to another company: that
        of their new holder.
        """
        Relation = self.env["marketing.contact.relation"]
        if not vals.get("partner_id"):
            return Relation
        holder = self.env["res.partner"].browse(vals["partner_id"])
        moving = self.filtered(lambda a: a.company_id != holder.company_id)
        return moving.marketing_relation_ids

    def unlink(self):
        self._marketing_unlink_relations()
        return super().unlink()

    def _marketing_following(self, vals):
        """See `write`: an account moves with its holder."""
        return nullcontext()

    def _marketing_left_text(self, contact):
        return self.env._(
            "Bank account %(account)s is at another bank now and no longer linked with "
            "this contact.",
            account=name_in_chatter(self, contact),
        )

    # ------------------------------------------------------------
    # CARDS
    # ------------------------------------------------------------

    def _marketing_filter_cards(self):
        """An account without a bank has nothing to share."""
        return self.filtered("bank_id")

    def _marketing_get_shared_record(self):
        return self.bank_id

    @api.model
    def _marketing_kind_domain(self, kind):
        return Domain("bank_id", "!=", False)

    @api.model
    def _marketing_card_domain(self, kind):
        """Those of our own companies: partners' accounts are of no interest."""
        own = Domain("partner_id.ref_company_ids", "!=", False)
        return super()._marketing_card_domain(kind) & own

    @api.model
    def _marketing_new_cards_domain(self, kind):
        new = super()._marketing_new_cards_domain(kind)
        return self._marketing_kind_domain(kind) & new

    def _marketing_get_partners(self):
        return self.partner_id

    def _marketing_to_create_contacts(self, kind):
        """Only accounts that the database's own companies hold."""
        # sudo: an account may belong to a company that the user may not see
        companies = self.env["res.company"].sudo()
        holders = companies.search([("partner_id", "in", self.partner_id.ids)])
        return self._marketing_filter_cards().filtered(
            lambda account: account.partner_id.sudo() in holders.partner_id
        )

    def _marketing_complete_for_link(self, contact):
        """Give an account without a bank that of the contact, a new one if need be.

        With the rights of the user: nothing here writes on accounts with more.
        """
        if not self.bank_id:
            # the contact is there already: the account must not get one of its own
            account = self.with_context(marketing_contact_no_create=True)
            account.bank_id = self._marketing_get_bank(contact)

    @api.model
    def _marketing_get_bank(self, contact):
        """Return the bank that a contact stands for, made with the rights of the user
        if there is none.
        """
        # sudo: another company's account may be the one that is linked
        if bank := contact.sudo().relation_ids.bank_id.with_env(self.env)[:1]:
            return bank
        (kind,) = get_kinds(self.env).of_model(self._name)
        vals = {"name": contact.name, **contact._prepare_card_values(kind.name)}
        with open_journal(self.env, "link") as journal:
            bank = without_defaults(self.env["res.bank"]).create(vals)
            journal.note_made(bank)
        return bank.with_env(self.env)

    @api.model
    def _marketing_prepare_card(self, kind, contact, values, template):
        """Return the values of a new bank account, at the bank of the contact."""
        if not str(values.get("acc_number") or "").strip():
            raise UserError(
                self.env._(
                    "The account number is missing: enter the number of the bank "
                    "account to create for “%(contact)s”.",
                    contact=contact.display_name,
                )
            )
        bank = self._marketing_get_bank(contact)
        return {
            "partner_id": self.env.company.partner_id.id,
            **values,
            **template._get_gap_values({**values, "bank_id": bank.id}, self),
            "bank_id": bank.id,
        }

    def create_marketing_contacts(self):
        """Create contacts from bank accounts and link the two.

        :return: the contacts of the accounts' banks, in their order; those that had
            one already included, accounts without a bank left out
        :raise UserError: if Marketing Setup lacks the code of bank accounts
        """
        self.env["marketing.contact"].check_access("create")
        return self._marketing_create_contacts("bank_account")

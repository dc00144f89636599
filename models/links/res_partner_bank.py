from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class ResPartnerBank(models.Model):
    """Bank accounts, as cards of marketing's contacts.

    What an account shares is its bank. Number, holder and the right to send money are
    never touched: nothing here writes on an account but the bank itself.
    """

    _name = "res.partner.bank"
    _inherit = ["res.partner.bank", "marketing.card.mixin", "marketing.sync.mixin"]

    marketing_relation_ids = fields.One2many(
        comodel_name="marketing.contact.relation",
        inverse_name="bank_account_id",
        string="Marketing Relations",
        groups="marketing_contact.group_marketing_contact_user",
        copy=False,
    )

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
        with relations._following(holder.company_id.id):
            result = super().write(vals)
        # nothing is read where no bank is written
        moved = self.browse(
            account.id for account, bank in old_banks.items() if account.bank_id != bank
        )
        if relations := moved.sudo().marketing_relation_ids:
            with relations.env["marketing.sync.mixin"]._marketing_journal("save"):
                for relation in relations:
                    relation._follow_bank()
        moved._marketing_auto_create_contacts()
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
        self._marketing_say_goodbye()
        return super().unlink()

    @api.model
    def _marketing_card_kinds(self):
        return ["bank_account"]

    def _marketing_filter_cards(self):
        """An account without a bank has nothing to share."""
        return self.filtered("bank_id")

    def _marketing_get_sync_record(self):
        return self.bank_id

    @api.model
    def _marketing_new_cards_domain(self, kind):
        """The filters of cards without a contact (`_marketing_filter_cards` and
        `_marketing_filter_unlinked`) in SQL, for hundreds of thousands of accounts.
        """

        def to_sql(model, alias, _query):
            model.env["marketing.contact.relation"].flush_model()
            return SQL(
                """
                NOT EXISTS (
                    SELECT FROM marketing_contact_relation relation
                     WHERE relation.bank_account_id = %s)
                """,
                SQL.identifier(alias, "id"),
            )

        return Domain("bank_id", "!=", False) & Domain.custom(to_sql=to_sql)

    def _marketing_to_create_contacts(self, kind):
        """Only accounts that the database's own companies hold."""
        # sudo: an account may belong to a company that the user may not see
        companies = self.env["res.company"].sudo()
        holders = companies.search([("partner_id", "in", self.partner_id.ids)])
        return self._marketing_filter_cards().filtered(
            lambda account: account.partner_id.sudo() in holders.partner_id
        )

    def _marketing_require_bank(self, contact):
        """Give an account without a bank that of the contact, a new one if need be.

        With the rights of the user: nothing here writes on accounts with more.
        """
        # the contact is there already: the account must not get one of its own
        account = self.with_context(marketing_contact_no_create=True)
        account.bank_id = contact._get_bank() or contact._create_bank()

    @api.model
    def _marketing_notice_depends(self):
        return self._marketing_notice_fields()

    @api.model
    def _marketing_notice_fields(self):
        """The bank, and its details that are edited on the account."""
        return ["bank_id", "bank_name", "bank_bic"]

    def _compute_marketing_linked(self):
        # sudo: who edits an account may not read relations
        for account in self:
            account.marketing_linked = account.sudo().marketing_relation_ids

    def get_lineage(self):
        """Return where the details of the account's bank came from.

        :return: as for the bank, whose fields they are; nothing without a bank
        :raise AccessError: if the user may not read the account or its bank
        """
        self._marketing_check_one()
        self.check_access("read")
        return self.bank_id.get_lineage() if self.bank_id else []

    def get_lineage_texts(self):
        """Return the lineage of all the bank's details, to be shown beside the bank.

        :raise AccessError: if the user may not read the account or its bank
        """
        self._marketing_check_one()
        self.check_access("read")
        texts = self.bank_id.get_lineage_texts() if self.bank_id else {}
        lines = [line for lines in texts.values() for line in lines]
        return {"bank_id": lines} if lines else {}

    def create_marketing_contacts(self):
        """Create contacts from bank accounts and link the two.

        :return: the contacts of the accounts' banks, in their order; those that had
            one already included, accounts without a bank left out
        :raise UserError: if Marketing Setup lacks the code of bank accounts
        """
        self.env["marketing.contact"].check_access("create")
        return self._marketing_create_contacts("bank_account")

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.contact.answers import notify, open_action
from ..models.contact.input import get_active_ids, without_defaults
from ..models.runs import workers
from ..models.sync.kinds import get_kind_selection, get_kinds, in_sentence
from ..models.sync.rights import shown_name
from ..models.sync.values import get_text


class MarketingContactCreateCard(models.TransientModel):
    """Create as customer, vendor or bank account, one or several contacts at a time."""

    _name = "marketing.contact.create.card"
    _inherit = ["marketing.preview.mixin"]
    _description = "Create Customers, Vendors or Bank Accounts from Contacts"

    contact_ids = fields.Many2many(
        comodel_name="marketing.contact",
        string="Contacts",
        context={"active_test": False},
        required=True,
        default=lambda self: get_active_ids(self.env, "marketing.contact"),
    )
    kind = fields.Selection(
        selection=lambda self: get_kind_selection(self.env, personal=False),
        string="Create as",
        required=True,
        default="customer",
    )
    template_id = fields.Many2one(
        comodel_name="marketing.card.template",
        compute="_compute_template_id",
        store=True,
        readonly=False,
        domain="[('kind', 'in', [kind, False])]",
        help="Fills in what the contacts don't have, such as payment terms.",
    )
    acc_number = fields.Char(string="Account Number")
    holder_id = fields.Many2one(
        comodel_name="res.partner",
        string="Account Holder",
        default=lambda self: self.env.company.partner_id,
    )
    second_role = fields.Selection(
        selection=[
            ("same", "The one that is there gets the second role"),
            ("separate", "Create another one"),
        ],
        string="Customer and Vendor",
        required=True,
        default="same",
        help="One record for both roles is usual and lets you net what each owes.",
    )
    other_partner_ids = fields.Many2many(
        comodel_name="res.partner",
        string="Linked Already",
        compute="_compute_other_partner_ids",
    )
    include_people = fields.Boolean(
        string="Bring People Along",
        default=lambda self: self.env.company.sudo().marketing_people_to_cards,
        help="The people of the contacts become contacts of the new customers or "
        "vendors.",
    )
    has_people = fields.Boolean(compute="_compute_has_people")
    bank_warning = fields.Char(
        compute="_compute_bank_warning",
        help="A customer or vendor is hardly the bank of our own accounts.",
    )
    whose_account = fields.Selection(
        selection=[
            ("own", "Our own account at this bank"),
            ("theirs", "Their account, from which they pay or on which they are paid"),
        ],
        help="Asked where the contact is a customer or vendor; nothing is chosen "
        "beforehand.",
    )
    their_partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Account of",
        compute="_compute_their_partner_id",
        store=True,
        readonly=False,
        domain="[('id', 'in', their_partner_ids)]",
    )
    their_partner_ids = fields.Many2many(
        comodel_name="res.partner", compute="_compute_their_partner_ids"
    )
    their_bank_id = fields.Many2one(comodel_name="res.bank", string="At the Bank")
    their_accounts = fields.Char(
        string="Accounts Known",
        compute="_compute_their_partner_ids",
        help="The accounts that the customers and vendors hold already.",
    )
    company_names = fields.Char(
        string="Acts on the Company",
        compute="_compute_company_names",
        help="A person's links are those of the company.",
    )
    lookalike_id = fields.Many2one(
        comodel_name="res.partner",
        string="Looks Like",
        compute="_compute_lookalike_id",
    )
    lookalike_reasons = fields.Json(compute="_compute_lookalike_id")
    leave_alike = fields.Boolean(
        string="Leave Out Who Looks Like Somebody",
        default=True,
        help="Of several contacts, those that look like a customer or vendor who is "
        "there are left out, and listed in Who Is Who.",
    )
    # stored: looked for once, for the form, its preview and what is done
    alike_ids = fields.Many2many(
        comodel_name="marketing.contact",
        relation="marketing_contact_create_card_alike_rel",
        compute="_compute_alike_ids",
        store=True,
    )
    alike_count = fields.Integer(compute="_compute_alike_count")
    preview = fields.Html(
        string="What Will Happen", compute="_compute_preview", sanitize=False
    )

    @api.depends("contact_ids")
    def _compute_company_names(self):
        for wizard in self:
            companies = wizard.contact_ids.parent_id._filtered_access("read")
            wizard.company_names = ", ".join(companies.mapped("name"))

    @api.depends("contact_ids", "kind")
    def _compute_bank_warning(self):
        """Name who is a customer or vendor and would become our bank."""
        for wizard in self:
            contacts = wizard.contact_ids._origin._get_linking_contact()
            known = contacts.filtered(lambda c: c.customer_id or c.vendor_id)
            is_bank = wizard._get_kind_model() == "res.partner.bank"
            names = known.mapped("name") if is_bank else []
            wizard.bank_warning = ", ".join(names)

    @api.depends("contact_ids")
    def _compute_their_partner_ids(self):
        for wizard in self:
            contacts = wizard.contact_ids._origin._get_linking_contact()
            partners = contacts.customer_id | contacts.vendor_id
            wizard.their_partner_ids = partners
            accounts = partners.bank_ids.sudo(False)._filtered_access("read")
            wizard.their_accounts = ", ".join(accounts.mapped("display_name"))

    @api.depends("their_partner_ids")
    def _compute_their_partner_id(self):
        for wizard in self:
            wizard.their_partner_id = wizard.their_partner_ids[:1]

    def _is_theirs(self):
        """Return whether the account is that of the customer or vendor."""
        return bool(self.bank_warning) and self.whose_account == "theirs"

    def _create_their_account(self):
        """Create it with the user's own rights; the contact is not linked."""
        accounts = without_defaults(self.env["res.partner.bank"])
        return accounts.create(
            {
                "partner_id": self.their_partner_id.id,
                "acc_number": self.acc_number,
                "bank_id": self.their_bank_id.id,
            }
        ).with_env(self.env)

    def action_view_their_accounts(self):
        """Open the bank accounts that the customers and vendors hold themselves."""
        partners = self.their_partner_ids._origin
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Accounts of %s", ", ".join(partners.mapped("name"))),
            "res_model": "res.partner.bank",
            "view_mode": "list,form",
            "domain": [("partner_id", "in", partners.ids)],
            "context": {"default_partner_id": partners[:1].id},
        }

    @api.depends("contact_ids", "kind")
    def _compute_has_people(self):
        for wizard in self:
            contacts = wizard.contact_ids._origin._get_linking_contact()
            of_partners = wizard._get_kind_model() == "res.partner"
            wizard.has_people = of_partners and bool(contacts.child_ids)

    def _get_kind_model(self):
        """Return the name of the model of the kind's cards."""
        kinds = get_kinds(self.env)
        return kinds[self.kind].card_model if self.kind in kinds else None

    @api.depends("kind")
    def _compute_template_id(self):
        for wizard in self:
            if wizard.template_id.kind not in (False, wizard.kind):
                wizard.template_id = False

    @api.depends("kind", "contact_ids")
    def _compute_other_partner_ids(self):
        for wizard in self:
            wizard.other_partner_ids = self.env["res.partner"].union(
                *wizard.contact_ids._origin._get_other_roles(wizard.kind).values()
            )

    # ------------------------------------------------------------
    # WHO IS THERE ALREADY, and looks like the contact
    # ------------------------------------------------------------

    @api.depends("contact_ids", "kind")
    def _compute_lookalike_id(self):
        """Find the customer or vendor that one contact may be the same as."""
        for wizard in self:
            wizard.lookalike_id = wizard.lookalike_reasons = False
            contact = wizard.contact_ids._origin._get_linking_contact()
            if len(contact) != 1 or wizard._get_kind_model() != "res.partner":
                continue
            if contact._get_other_roles(wizard.kind):
                # the second role of one record is asked for already
                continue
            for proposal in contact.find_cards(wizard.kind, limit=1)[contact.id]:
                if proposal["band"] != "unsure":
                    wizard.lookalike_id = proposal["id"]
                    wizard.lookalike_reasons = proposal["reasons"]

    @api.depends("contact_ids", "kind")
    def _compute_alike_ids(self):
        """Find those of several contacts that look like somebody who is there."""
        for wizard in self:
            contacts = wizard.contact_ids._origin._get_linking_contact()
            wizard.alike_ids = False
            if len(contacts) < 2 or wizard._get_kind_model() != "res.partner":
                continue
            others = contacts._get_other_roles(wizard.kind)
            found = contacts.filtered(lambda c, others=others: c not in others)
            # Odoo computes what is stored with all rights: who asks decides here
            found = found.sudo(False)._filtered_access("read")
            wizard.alike_ids = contacts.browse(
                id_
                for id_, proposals in found.find_cards(wizard.kind, limit=1).items()
                if any(proposal["band"] != "unsure" for proposal in proposals)
            )

    @api.depends("alike_ids")
    def _compute_alike_count(self):
        for wizard in self:
            wizard.alike_count = len(wizard.alike_ids)

    def action_link_instead(self):
        """Open *Link with Existing* with who is there already."""
        self.ensure_one()
        return open_action(
            self.env,
            "marketing_contact_link_action",
            default_contact_id=self.contact_ids._get_linking_contact().id,
            default_kind=self.kind,
            default_partner_id=self.lookalike_id.id,
        )

    # ------------------------------------------------------------
    # WHAT WILL HAPPEN
    # ------------------------------------------------------------

    @api.depends(
        "kind",
        "contact_ids",
        "template_id",
        "acc_number",
        "holder_id",
        "second_role",
        "include_people",
        "whose_account",
        "their_partner_id",
        "their_bank_id",
    )
    def _compute_preview(self):
        for wizard in self:
            if len(wizard.contact_ids) >= workers.BACKGROUND_FROM:
                wizard.preview = wizard._render_lines(
                    wizard._sum_up_choice(),
                    self.env._(
                        "So many are created in the background, part by part. What "
                        "can't be created is listed under Not Done."
                    ),
                )
            elif text := wizard._get_lacking_text():
                wizard.preview = wizard._render_lines(text)
            elif wizard._is_theirs():
                wizard.preview = wizard._render_preview(
                    lambda copy: [
                        copy.env._(
                            "%(account)s, an account of %(partner)s. The contact does "
                            "not become a bank by it.",
                            account=copy._create_their_account().display_name,
                            partner=copy.their_partner_id.display_name,
                        )
                    ]
                )
            else:
                said = wizard._sum_up_choice()
                wizard.preview = wizard._render_preview(
                    lambda copy, said=said: [
                        said,
                        *copy._describe(copy._create_cards()),
                    ]
                )

    def _get_lacking_text(self):
        """Return what the form waits for, None for nothing."""
        if not self.contact_ids:
            return self.env._("Choose the contacts.")
        if self.bank_warning and not self.whose_account:
            return self.env._("Say whose account it is.")
        if self.kind == "bank_account" and not self.acc_number:
            return self.env._("Fill in the account number: a new bank account gets it.")
        return None

    def _sum_up_choice(self):
        """Return in a sentence how many get what."""
        contacts = self._get_chosen_contacts(propose=False)
        cards = {}
        if self.second_role == "same":
            cards = contacts._get_other_roles(self.kind)
        kind = get_kinds(self.env)[self.kind]
        one = in_sentence(self.env, self.env._(kind.label))
        out = len(self.contact_ids._origin._get_linking_contact()) - len(contacts)
        if len(contacts) == 1 and cards and not out:
            return self.env._(
                "“%(card)s”, which it is linked with already, becomes a %(kind)s as "
                "well.",
                card=shown_name(cards[contacts]),
                kind=one,
            )
        if len(contacts) == 1 and not out:
            return self.env._(
                "“%(contact)s” gets a new %(kind)s.", contact=contacts.name, kind=one
            )
        texts = [self.env._("%s contacts.", len(contacts) + out)]
        if new := len(contacts) - len(cards):
            texts.append(
                self.env._(
                    "New %(kind)s: %(count)s.",
                    kind=in_sentence(self.env, self.env._(kind.plural)),
                    count=new,
                )
            )
        if cards:
            texts.append(
                self.env._("Second role for a record that is there: %s.", len(cards))
            )
        if out:
            texts.append(
                self.env._(
                    "Left out, as they look like somebody who is there: %s.", out
                )
            )
        return " ".join(texts)

    def _describe(self, cards):
        """Return what there is to see of new cards, a line each."""
        lines = []
        for card in cards:
            record = card._marketing_get_shared_record()
            values = [
                get_text(record, line.card_field)
                for line in self.env["marketing.sync.field"]._get_kind_map(self.kind)
                if record._fields[line.card_field].type in ("char", "many2one")
                and record[line.card_field]
                and line.card_field != "name"
            ]
            lines.append(f"{card.display_name}: {', '.join(values)}")
            lines += self._describe_people(card._marketing_get_partners().child_ids)
        return lines

    def _get_chosen_contacts(self, propose=True):
        """Return the contacts that get a card, a person's company in its place; those
        who look like somebody are left out: people say on the board.

        :param bool propose: list those in Who Is Who
        """
        contacts = self.contact_ids._origin._get_linking_contact()
        alike = self.alike_ids._origin if self.leave_alike else contacts.browse()
        if alike and propose:
            self.env["marketing.match"]._propose_for(alike)
        return contacts - alike

    def _create_cards(self):
        """Create or link the cards. Return them in the order of the contacts."""
        return self._get_chosen_contacts()._give_cards(
            self.kind,
            template_id=self.template_id.id,
            values=self._get_account_values(),
            include_people=self.include_people,
            second_role=self.second_role,
        )

    def _get_account_values(self):
        """Return what a bank account needs and a contact has not."""
        if self._get_kind_model() != "res.partner.bank":
            return {}
        if len(self.contact_ids._origin._get_linking_contact()) > 1:
            raise UserError(
                self.env._(
                    "A bank account has a number of its own: create bank accounts "
                    "for one contact at a time."
                )
            )
        holder = self.holder_id or self.env.company.partner_id
        return {"acc_number": self.acc_number, "partner_id": holder.id}

    def action_create(self):
        """Create the cards and open them: posting details are filled in there.

        Very many are created in the background; their run opens.
        """
        self.ensure_one()
        if not self.contact_ids:
            raise UserError(self._get_lacking_text())
        if len(self.contact_ids) >= workers.BACKGROUND_FROM:
            run = self.env["marketing.run"]._start(
                "create",
                {
                    "kind": self.kind,
                    "template_id": self.template_id.id,
                    "contact_ids": self._get_chosen_contacts().ids,
                    "include_people": self.include_people,
                    "second_role": self.second_role,
                },
            )
            return run._get_records_action()
        if self._is_theirs():
            account = without_defaults(self._create_their_account())
            return account._get_records_action(
                name=self.env._("Account of %s", self.their_partner_id.display_name)
            )
        cards = without_defaults(self._create_cards())
        if not cards:
            # all were left out: people say who they are
            domain = [("contact_id", "in", self.alike_ids.ids)]
            board = open_action(self.env, "marketing_match_action", domain)
            return notify(self._sum_up_choice(), "info", next=board)
        return cards._get_records_action(
            name=dict(self._fields["kind"]._description_selection(self.env))[self.kind]
        )

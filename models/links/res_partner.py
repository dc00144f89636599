from contextlib import nullcontext

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..contact.input import check_lengths
from ..contact.marketing_contact import add_details
from ..contact.visible import VisibleLines
from ..sync.guard import tell
from ..sync.kinds import get_kinds
from ..sync.session import open_journal
from .align import following

# Odoo's fields that warn of a partner with the same value, and the value
SAME_VALUE_FIELDS = {
    "same_vat_partner_id": "vat",
    "same_company_registry_partner_id": "company_registry",
}
# a write on one of these, or on a rank, can make a partner a card
BECOMES_CARD = {"parent_id", "is_company"}
# who is a commercial entity, for a domain
ENTITY = Domain("is_company", "=", True) | Domain("parent_id", "=", False)


class ResPartner(models.Model):
    """Customers and vendors, as cards of marketing's contacts."""

    # marketing.sync.mixin comes last, so that its write lies below that of the base
    # class: Odoo writes addresses from companies to people by super().write
    _name = "res.partner"
    _inherit = [
        "res.partner",
        "marketing.card.mixin",
        "marketing.sync.mixin",
    ]

    _marketing_link_column = "partner_id"

    marketing_relation_ids = VisibleLines(
        comodel_name="marketing.contact.relation",
        inverse_name="partner_id",
        string="Marketing Relations",
        groups="marketing_contact.group_marketing_contact_user",
        copy=False,
    )

    # not @api.depends("city"): invoices keep the names of their partners, and would be
    # computed anew with each new address
    @api.depends_context("marketing_choice")
    def _compute_display_name(self):
        """Tell two of one name apart where one of them is chosen for a contact."""
        result = super()._compute_display_name()
        context = self.env.context
        if context.get("marketing_choice") and context.get("formatted_display_name"):
            for partner in self:
                partner.display_name = add_details(
                    partner.display_name, partner.city, partner.vat
                )
        return result

    @api.depends("marketing_relation_ids")
    def _compute_same_vat_partner_id(self):
        """Keep the warnings silent between the cards of one contact."""
        result = super()._compute_same_vat_partner_id()
        for field_name, value_field in SAME_VALUE_FIELDS.items():
            for partner in self.filtered(field_name):
                others = partner._origin._marketing_get_other_cards()
                if partner[field_name] in others:
                    companies = [False, partner.company_id.id]
                    # sudo, active_test: as Odoo looks for them itself
                    partner[field_name] = (
                        self.sudo()
                        .with_context(active_test=False)
                        .search(
                            [
                                (value_field, "=", partner[value_field]),
                                ("id", "not in", (others | partner._origin).ids),
                                ("company_id", "in", companies),
                                "!",
                                ("id", "child_of", partner._origin.ids),
                            ],
                            limit=1,
                        )
                    )
        return result

    def _marketing_get_other_cards(self):
        """Return the other partners that are linked with the same contacts."""
        # sudo: users without rights on marketing must not get false warnings either
        relations = self.sudo().marketing_relation_ids.contact_id.relation_ids
        return relations.partner_id.with_env(self.env) - self

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        partners._marketing_auto_create_contacts()
        return partners

    def write(self, vals):
        roles = self._marketing_get_roles(vals)
        moving = self._marketing_get_moving_relations(vals)
        with (
            open_journal(self.env, "save"),
            following(moving, vals.get("company_id")),
        ):
            result = super().write(vals)
        for kind, cards in roles.items():
            (self - cards)._marketing_auto_create_contacts([kind])
        return result

    def _marketing_following(self, vals):
        """See `write`: what Odoo writes on from there is followed as well."""
        return nullcontext()

    def _marketing_get_moving_relations(self, vals):
        """Return the links of the cards that a write moves to another company: the
        partners, and the accounts that they hold.
        """
        # sudo: whoever moves a customer may have no right on contacts and their links
        Relation = self.env["marketing.contact.relation"].sudo()
        if "company_id" not in vals:
            return Relation.browse()
        company_id = vals["company_id"] or False
        moving = self.filtered(lambda partner: partner.company_id.id != company_id)
        if not moving:
            return Relation.browse()
        return Relation.search(
            Domain("partner_id", "in", moving.ids)
            | Domain("bank_account_id.partner_id", "in", moving.ids)
        )

    def _marketing_get_roles(self, vals):
        """Return ``{kind: cards}`` before a write that can make others cards."""
        kinds = get_kinds(self.env).of_model(self._name)
        deciding = BECOMES_CARD.union(kind.rank_field for kind in kinds)
        if deciding.isdisjoint(vals) or self.env.context.get(
            "marketing_contact_no_create"
        ):
            return {}
        return {
            kind.name: self._marketing_to_create_contacts(kind.name) for kind in kinds
        }

    def unlink(self):
        # their accounts go along with their holder
        accounts = Domain("bank_account_id.partner_id", "in", self.ids)
        self._marketing_unlink_relations(accounts)
        return super().unlink()

    # ------------------------------------------------------------
    # CARDS
    # ------------------------------------------------------------

    def _marketing_filter_cards(self):
        return self.filtered(lambda p: p.commercial_partner_id == p)

    def _marketing_check_cards(self):
        for partner in self:
            if partner.commercial_partner_id != partner:
                raise UserError(
                    self.env._(
                        "“%(partner)s” is a contact or address of “%(company)s”. Link "
                        "that company instead.",
                        partner=partner.display_name,
                        company=partner.commercial_partner_id.display_name,
                    )
                )

    @api.model
    def _marketing_kind_domain(self, kind):
        rank_field = get_kinds(self.env)[kind].rank_field
        return Domain(rank_field, ">", 0) if rank_field else Domain.TRUE

    @api.model
    def _marketing_card_domain(self, kind):
        return ENTITY & self._marketing_kind_domain(kind)

    @api.model
    def _marketing_new_cards_domain(self, kind):
        """The rule of `_marketing_filter_cards` and `_marketing_filter_unlinked`."""

        def to_sql(model, alias, query):
            model.env["marketing.contact.relation"].flush_model()
            return SQL(
                """
                (%(commercial)s = %(id)s AND NOT EXISTS (
                    SELECT FROM marketing_contact_relation own
                      JOIN marketing_contact_relation other
                        ON other.contact_id = own.contact_id
                     WHERE own.partner_id = %(id)s AND other.kind = %(kind)s
                       AND (other.partner_id = %(id)s
                            OR other.company_id IS NOT DISTINCT FROM %(company)s)))
                """,
                commercial=model._field_to_sql(alias, "commercial_partner_id", query),
                id=SQL.identifier(alias, "id"),
                kind=kind or "",
                company=model._field_to_sql(alias, "company_id", query),
            )

        return Domain.custom(to_sql=to_sql)

    def _marketing_make_up_name(self):
        """Name addresses by their type and company, as Odoo does those of companies."""
        types = dict(self._fields["type"]._description_selection(self.env))
        company = self.parent_id.name or self.company_name
        parts = (company or self.email or self.city, types.get(self.type))
        return ", ".join(filter(None, parts)) or super()._marketing_make_up_name()

    def _marketing_to_create_contacts(self, kind):
        rank_field = get_kinds(self.env)[kind].rank_field
        if not rank_field:
            return self.browse()
        return self.filtered(rank_field)._marketing_filter_cards()

    @api.model
    def _marketing_prepare_card(self, kind, contact, values, template):
        vals = super()._marketing_prepare_card(kind, contact, values, template)
        check_lengths(self, vals, {"phone"})
        return {**vals, **template._get_gap_values(vals, self)}

    def _marketing_write_shared(self, vals):
        # Odoo has an ordered index of phone numbers, contacts and banks have none
        check_lengths(self, vals, {"phone"})
        return super()._marketing_write_shared(vals)

    def _marketing_get_partners(self):
        return self

    def _marketing_role(self):
        """Return “Customer”, “Vendor” or both, by the ranks and the links."""
        # sudo: users without rights on marketing read it in messages
        relations = self.sudo().marketing_relation_ids
        names = [
            self.env._(kind.label)
            for kind in get_kinds(self.env).of_model(self._name)
            if (kind.rank_field and self[kind.rank_field])
            or kind.name in relations.mapped("kind")
        ]
        return " / ".join(names) or super()._marketing_role()

    def _marketing_said(self, role=None):
        """Of a person with the company, which Odoo's name of it has as well."""
        if self.is_company or not self.parent_id or not self.name:
            return super()._marketing_said(role)
        return f"{self.name} ({self.parent_id.name})"

    def create_marketing_contacts(self, kind):
        """Create contacts from customers or vendors and link the two.

        :param str kind: ``customer`` or ``vendor``
        :return: the contacts of the partners, in their order; those that had one
            already included, addresses and people of companies left out
        :raise UserError: for another kind, or if Marketing Setup lacks the code
        """
        self.env["marketing.contact"].check_access("create")
        names = [known.name for known in get_kinds(self.env).of_model(self._name)]
        self.env["marketing.contact"]._check_kind(kind, names)
        return self._marketing_create_contacts(kind)

    def _marketing_guarded_fields(self, field_names):
        """Guard the partners of user accounts and of our own companies, lest an e-mail
        changed on a contact become somebody's password reset or a letterhead: all of
        an internal user's and of a company's, the e-mail of a portal user's, unless
        the person at work may write it directly.
        """
        if not self.ids:
            return {}
        # sudo: most users may not read users, nor companies other than theirs
        Users = self.env["res.users"].sudo().with_context(active_test=False)
        Companies = self.env["res.company"].sudo().with_context(active_test=False)
        # nearly always there are none: one look that costs next to nothing
        Users.flush_model(["partner_id"])
        Companies.flush_model(["partner_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, NULL FROM res_users WHERE partner_id IN %(ids)s
                UNION ALL
                SELECT NULL, id FROM res_company WHERE partner_id IN %(ids)s
                """,
                ids=tuple(self.ids),
            )
        )
        users = Users.browse(row[0] for row in rows if row[0])
        companies = Companies.browse(row[1] for row in rows if row[1])
        guarded = {}
        for partner in users.partner_id | companies.partner_id:
            partner_users = users.filtered(lambda u, p=partner: u.partner_id == p)
            internal = partner_users.filtered(lambda user: not user.share)
            own = companies.filtered(lambda c, p=partner: c.partner_id == p)
            names = set(field_names)
            if not internal and not own:
                names &= {"email"}
            if names and not partner._marketing_editor_may_write(internal, own):
                guarded[partner.id] = names
        return guarded

    def _marketing_held_back_text(self, name, labels):
        return self.env._(
            "%(record)s belongs to a user account or to one of our companies and "
            "keeps its own value of: %(fields)s. Whoever may edit that user or company "
            "can change it there.",
            record=name,
            fields=labels,
        )

    def _marketing_tell_nested(self, field_names, being_written):
        """Tell the contacts of the cards that the values come from."""
        # sudo: the editor of a card may lack the right on relations and contacts
        relations = self.env["marketing.contact.relation"].sudo()
        own = relations.search([("partner_id", "=", self.id), ("kind", "!=", False)])
        own._mark_drifted()
        family = (self.commercial_partner_id | self.parent_id).ids
        sources = relations.search(
            [
                ("partner_id", "in", [i for m, i in being_written if m == self._name]),
                "|",
                ("partner_id", "child_of", family or self.ids),
                ("partner_id", "parent_of", self.ids),
            ]
        )
        tell(self, field_names, (own | sources).contact_id)

    def _marketing_editor_may_write(self, internal_users, companies):
        """Return whether the person at work could write the partner directly, and the
        users and companies that it stands for.
        """
        su = self.env.uid == api.SUPERUSER_ID
        records = [self, internal_users - self.env.user, companies]
        return all(
            record.with_env(self.env).sudo(su).has_access("write")
            for record in records
            if record
        )

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..sync.kinds import get_kinds
from ..sync.rights import name_in_chatter
from ..sync.values import is_empty


class MarketingCardMixin(models.AbstractModel):
    """What customers, vendors, bank accounts and other cards have in common.

    A model whose records are cards of a kind (`_get_kinds` of relations) inherits it,
    has the field `marketing_relation_ids`, a company (`company_id`), and calls

    * :meth:`_marketing_auto_create_contacts` after `create`, where new cards are to get
      a contact of their own accord;
    * :meth:`_marketing_unlink_relations` before `unlink`.

    It may extend the hooks below. Its shared values live on the record itself, or on
    the one that :meth:`_marketing_get_shared_record` returns; that model inherits
    `marketing.sync.mixin` as well.
    """

    _name = "marketing.card.mixin"
    _inherit = ["marketing.linked.mixin"]
    _description = "Linked with a Marketing Contact"

    # ------------------------------------------------------------
    # HOOKS
    # ------------------------------------------------------------

    def _marketing_filter_cards(self):
        """Return the records that can be cards."""
        return self

    def _marketing_check_cards(self):
        """:raise UserError: naming a record that can't be a card, and what to link"""

    @api.model
    def _marketing_kind_domain(self, kind):
        """Return the domain of the records that people take for cards of a kind."""
        return Domain.TRUE

    @api.model
    def _marketing_card_domain(self, kind):
        """Return the domain of the records that are to have a link of a kind."""
        return self._marketing_kind_domain(kind)

    @api.model
    def _marketing_new_cards_domain(self, kind):
        """Return the domain of the cards that can get a contact as `kind`, in SQL, for
        hundreds of thousands; :meth:`_marketing_filter_unlinked` in memory.
        """
        column = SQL.identifier(get_kinds(self.env)[kind].card_column)

        def to_sql(model, alias, _query):
            model.env["marketing.contact.relation"].flush_model()
            return SQL(
                """
                NOT EXISTS (
                    SELECT FROM marketing_contact_relation relation
                     WHERE relation.%s = %s AND relation.kind = %s)
                """,
                column,
                SQL.identifier(alias, "id"),
                kind,
            )

        return Domain.custom(to_sql=to_sql)

    @api.model
    def _marketing_count_people(self, domain):
        """Return how many people belong to the cards of a domain."""
        return 0

    def _marketing_to_create_contacts(self, kind):
        """Return the records that get a contact of their own accord as `kind`."""
        return self.browse()

    def _marketing_complete_for_link(self, contact):
        """Give the card what it needs to be linked with the contact."""

    @api.model
    def _marketing_clean_card_values(self, values):
        """Return the values of a new card under the names of its fields."""
        return values

    @api.model
    def _marketing_get_wizard_values(self, wizard):
        """Return what the wizard *Create as* asks for besides.

        :param wizard: a `marketing.contact.create.card`
        """
        return {}

    @api.model
    def _marketing_prepare_card(self, kind, contact, values, template):
        """Return the values of a new card.

        :param str kind: the name of the kind
        :param contact: the contact that it is made from, whose values win
        :param dict values: what the caller gave
        :param template: a `marketing.card.template` or none
        """
        company = contact.company_id
        if not company and self._fields["company_id"].required:
            company = self.env.company
        vals = {
            "name": contact.name,
            "company_id": company.id,
            **contact._prepare_card_values(kind),
        }
        if rank_field := get_kinds(self.env)[kind].rank_field:
            vals[rank_field] = 1
        for name, value in values.items():
            gap = name not in vals or is_empty(self, name, vals[name])
            if gap or name == "company_id":
                vals[name] = value
        return vals

    def _marketing_get_partners(self):
        """Return the partners that the cards are, or belong to."""
        return self.env["res.partner"]

    # ------------------------------------------------------------
    # DELETION
    # ------------------------------------------------------------

    def _marketing_unlink_relations(self, besides=Domain.FALSE):
        """Remove the links of cards about to be deleted and say so on the contacts.

        :param besides: the domain of the links of others that go along
        """
        columns = {
            kind.card_column for kind in get_kinds(self.env).of_model(self._name)
        }
        domain = Domain.OR(Domain(column, "in", self.ids) for column in columns)
        # sudo: whoever deletes a card may have no right on contacts and relations
        relations = self.env["marketing.contact.relation"].sudo()
        relations = relations.search(domain | besides)
        for relation in relations:
            relation.contact_id._message_log(
                body=self.env._(
                    "%(kind)s %(card)s was deleted; this contact stays.",
                    kind=relation._get_kind_name(),
                    card=name_in_chatter(relation._get_card(), relation.contact_id),
                )
            )
        relations.unlink()

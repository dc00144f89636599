from contextlib import contextmanager

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..contact.input import without_defaults
from ..sync.kinds import get_kinds
from ..sync.rights import name_in_chatter
from ..sync.session import open_journal
from ..sync.values import is_empty
from . import flags
from .align import align, following
from .put import put


class MarketingCardMixin(models.AbstractModel):
    """What customers, vendors, bank accounts and other cards have in common.

    A model whose records are cards of a kind (`_get_kinds` of relations) inherits it,
    has the field `marketing_relation_ids`, a company (`company_id`), and calls

    * :meth:`_marketing_auto_create_contacts` after `create`, where new cards are to get
      a contact of their own accord;
    * :meth:`_marketing_unlink_relations` before `unlink`.

    It may extend the hooks below. Its shared values live on the record itself, or on
    the one that :meth:`_marketing_get_shared_record` returns; that model inherits
    `marketing.sync.mixin` as well, and this one, for what its form shows.
    """

    _name = "marketing.card.mixin"
    _description = "Linked with a Marketing Contact"

    marketing_contact_id = fields.Many2one(
        comodel_name="marketing.contact",
        compute="_compute_marketing_contact_id",
        search="_search_marketing_contact_id",
        groups="marketing_contact.group_marketing_contact_user",
        help="The contact whose details are kept the same as here.",
    )
    marketing_sync_summary = fields.Char(
        string="Synchronized With",
        compute="_compute_marketing_sync_summary",
        help="The records that get the same change when a shared detail changes here.",
    )

    @api.depends("marketing_relation_ids.contact_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_marketing_contact_id(self):
        readable = self.marketing_relation_ids
        # sudo: all links, of which those count that may be read
        for card, every in zip(self, self.sudo(), strict=True):
            links = every.marketing_relation_ids & readable
            card.marketing_contact_id = links.contact_id[:1]

    def _search_marketing_contact_id(self, operator, value):
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        linked = Domain("marketing_relation_ids", "any", [("kind", "!=", False)])
        if operator == "in" and False in value:
            return ~linked | Domain(
                "marketing_relation_ids.contact_id", "in", list(set(value) - {False})
            )
        return Domain("marketing_relation_ids.contact_id", operator, value)

    @api.depends("marketing_relation_ids.contact_id.relation_ids")
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_marketing_sync_summary(self):
        # sudo: users without rights on marketing see with whom the card is in step;
        # names of cards that they may not read are left out
        for card in self:
            own = card._marketing_get_shared_record()
            contact = card.sudo().marketing_relation_ids.contact_id[:1]
            names = []
            if contact:
                readable = contact.sudo(self.env.su).has_access("read")
                names.append(
                    contact.display_name
                    if readable
                    else self.env._("a marketing contact")
                )
            for relation in contact.relation_ids.filtered("kind"):
                other = relation._get_card().sudo(self.env.su)
                if (
                    other != card
                    and other._marketing_get_shared_record() != own
                    and other.has_access("read")
                ):
                    names.append(f"{relation._get_kind_name()} {other.display_name}")
            card.marketing_sync_summary = ", ".join(names)

    def action_view_marketing_contact(self):
        """Open the contact."""
        self.ensure_one()
        return without_defaults(self.marketing_contact_id)._get_records_action()

    # ------------------------------------------------------------
    # HOOKS
    # ------------------------------------------------------------

    def _marketing_get_shared_record(self):
        """Return the record that holds what is shared."""
        return self

    def _marketing_prepare_contact(self):
        """Return what a contact made from the record has, besides what is shared."""
        self.ensure_one()
        return {"is_company": False, "company_id": self.company_id.id}

    def _marketing_make_up_name(self):
        """Return what to call a contact made from the record, which has no name."""
        self.ensure_one()
        return self.display_name or self.env._(self._description)

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
        hundreds of thousands; :meth:`_marketing_filter_unlinked` for a few.
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

    def _marketing_to_create_contacts(self, kind):
        """Return the records that get a contact of their own accord as `kind`."""
        return self.browse()

    def _marketing_complete_for_link(self, contact):
        """Give the card what it needs to be linked with the contact."""

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

    def _marketing_left_text(self, contact):
        """Return what a contact is told that loses the card to the contact of what the
        card shares now.
        """
        return self.env._(
            "“%s” shares what belongs to another contact now and is no longer linked "
            "with this one.",
            name_in_chatter(self, contact),
        )

    # ------------------------------------------------------------
    # CARDS THAT MOVE
    # ------------------------------------------------------------

    def write(self, vals):
        with self._marketing_following(vals):
            return super().write(vals)

    @contextmanager
    def _marketing_following(self, vals):
        """Let contacts follow cards that a write, inside, moves to another company, or
        that share another record after it.
        """
        kinds = get_kinds(self.env).of_model(self._name)
        if not kinds:
            yield
            return
        # sudo: whoever saves a card may have no right on contacts and their links
        Relation = self.env["marketing.contact.relation"].sudo()
        moving = Relation.browse()
        company_id = vals.get("company_id") or False
        if "company_id" in vals:
            links = Relation.search([(kinds[0].card_column, "in", self.ids)])
            moving = links.filtered(lambda link: link.company_id.id != company_id)
        shared = {}
        if kinds[0].shared_model != self._name:
            shared = {card: card._marketing_get_shared_record() for card in self}
        with following(moving, company_id):
            yield
        self._marketing_follow_shared(shared)

    def _marketing_follow_shared(self, before):
        """Let the contacts of cards that share another record now follow.

        :param dict before: ``{card: what it shared before}``
        """
        # nothing is read where nothing was written
        moved = self.browse(
            card.id
            for card, record in before.items()
            if card._marketing_get_shared_record() != record
        )
        # sudo: whoever edits a card may have no right on contacts and their links
        if relations := moved.sudo().marketing_relation_ids:
            kind = get_kinds(self.env)[relations[0].kind]
            # by the links, whose record Odoo has computed anew
            ids = relations[kind.shared_column].ids
            flags.raise_flags(self.env, {kind.shared_model: ids})
            left = {record.id for record in before.values()}
            flags.lower_flags(self.env, {kind.shared_model: left})
            with open_journal(self.env, "save"):
                for relation in relations:
                    relation._get_card()._marketing_follow_new(relation)
        moved._marketing_auto_create_contacts()

    def _marketing_follow_new(self, relation):
        """Let the contact follow a card that shares another record now, as an account
        that got another bank.

        The contact takes over what the new record has, and gives it what it lacks:
        nothing is emptied that nobody emptied. Where the new record has a contact, or
        the contact has more cards that share another one, the card goes to the contact
        of its new record instead.

        :param relation: the card's link, with the rights to write it
        """
        column = get_kinds(self.env)[relation.kind].shared_column
        record = self._marketing_get_shared_record()
        if not record:
            return
        contact = relation.contact_id
        others = contact.relation_ids.filtered(column) - relation
        known = relation.search(
            [(column, "=", record.id), ("contact_id", "!=", contact.id)], limit=1
        )
        if not known and all(other[column] == record for other in others):
            align(relation, master="card")
            return
        company = self.company_id or self.env.company
        kind = relation.kind
        text = self._marketing_left_text(contact)
        if known:
            put(relation, [{"contact_id": known.contact_id.id}], align=False)
        else:
            relation.unlink()
            if company._marketing_get_relation(kind):
                self._marketing_create_contacts(kind, own_journal=True)
        contact._message_log(body=text)

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

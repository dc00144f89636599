from odoo import api, fields, models
from odoo.fields import NO_ACCESS, Domain

from ..contact.answers import reload
from ..sync import engine
from ..sync.guard import get_allowed
from ..sync.kinds import PlannedWrite, add_kind_filters, get_kinds
from ..sync.rights import get_records
from ..sync.session import open_journal
from ..sync.values import get_text, get_value


class MarketingSyncDifference(models.Model):
    """A shared value in which a contact and its card have come apart.

    Found by `marketing.contact.relation.check_differences`, in SQL, not by a save.
    """

    _name = "marketing.sync.difference"
    _inherit = ["marketing.hidden.mixin"]
    _description = "Difference between Contact and Linked Record"
    _order = "relation_id, contact_field"
    _log_access = False

    relation_id = fields.Many2one(
        comodel_name="marketing.contact.relation",
        required=True,
        ondelete="cascade",
        index=True,
    )
    contact_id = fields.Many2one(related="relation_id.contact_id", string="Contact")
    kind = fields.Selection(related="relation_id.kind")
    card_name = fields.Char(
        string="Linked With", related="relation_id.card_name", related_sudo=False
    )
    contact_field = fields.Selection(
        selection="_selection_contact_field", string="Field", required=True
    )
    card_field = fields.Char(string="Technical Other Field", required=True)
    contact_value = fields.Char(string="Technical Contact Value")
    # what the check has found, whoever may see it: read by `card_value` alone
    card_raw = fields.Char(string="Technical Found Value", groups=NO_ACCESS)
    card_value = fields.Char(
        string="Technical Other Value",
        compute="_compute_values",
        help="Empty where the user may not read the customer, vendor or bank.",
    )
    contact_text = fields.Char(string="On the Contact", compute="_compute_values")
    card_text = fields.Char(string="On the Other Side", compute="_compute_values")

    _unique_field = models.Constraint(
        "UNIQUE(relation_id, contact_field, card_field)",
        "A difference is listed once.",
    )

    @api.model
    def _selection_contact_field(self):
        """Return the fields of a contact by the names that people know.

        As a selection the board can be grouped by field in the database, with labels.
        """
        get_reason = self.env["marketing.sync.field"]._get_unshareable_reason
        return [
            (name, field._description_string(self.env))
            for name, field in self.env["marketing.contact"]._fields.items()
            if not get_reason(field)
        ]

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        add_kind_filters(self.env, arch)
        return arch, view

    # ------------------------------------------------------------
    # RIGHTS: a difference of a link that is hidden is hidden, too
    # ------------------------------------------------------------

    @api.model
    def _get_readable_domain(self):
        Relation = self.env["marketing.contact.relation"]
        if Relation._get_readable_domain().is_true():
            return Domain.TRUE
        return Domain("relation_id", "in", Relation._search([]))

    @api.model
    def _get_hidden_text(self):
        return self.env._(
            "A difference shows values of a customer, vendor or bank that you may "
            "not see. Ask who may see it."
        )

    @api.depends("contact_field", "card_field", "card_raw", "relation_id")
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_values(self):
        columns = {kind.shared_column for kind in get_kinds(self.env).values()}
        relations = self.relation_id
        readable = {c for n in columns for c in relations[n]._filtered_access("read")}
        for difference in self:
            contact, card = difference._get_sides()
            # sudo: nobody reads the column itself
            difference.card_value = card in readable and difference.sudo().card_raw
            # sudo: who sees the difference sees the contact, whatever its field groups
            difference.contact_text = get_text(contact.sudo(), difference.contact_field)
            difference.card_text = card in readable and get_text(
                card, difference.card_field
            )

    def _get_sides(self):
        """Return the contact and the record of the card that holds the value."""
        self.ensure_one()
        relation = self.relation_id
        return relation.contact_id, relation._get_shared_record()

    def _get_keys(self):
        """Return what names each difference, also after the next check."""
        return [(d.relation_id.id, d.contact_field, d.card_field) for d in self]

    # ------------------------------------------------------------
    # REPAIR
    # ------------------------------------------------------------

    def action_use_contact(self):
        """Write the contact's values on the cards, at once.

        :raise AccessError: if the user may not change the contacts
        """
        self._repair("contact")
        return reload()

    def action_use_card(self):
        """Write the cards' values on the contacts and on their other cards, at once.

        :raise AccessError: if the user may not change the contacts
        """
        self._repair("card")
        return reload()

    def action_preview_use_contact(self):
        """Show what writing the contacts' values on the cards would change."""
        return self._get_repair_action("contact")

    def action_preview_use_card(self):
        """Show what writing the cards' values on the contacts would change."""
        return self._get_repair_action("card")

    def _get_repair_action(self, winner):
        """Open the preview of a repair."""
        self._check_repair_access()
        wizard = self.env["marketing.sync.repair"].create(
            {"difference_ids": self.ids, "winner": winner}
        )
        return wizard._get_records_action(name=self.env._("Repair"), target="new")

    def _check_repair_access(self):
        """:raise AccessError: if the user may not see them or change the contacts"""
        self.check_access("read")
        self.relation_id.contact_id.check_access("write")

    def _repair(self, winner):
        """Bring the two sides into line, in one pass for all differences.

        :param str winner: ``contact`` or ``card``, whose values are kept
        :return: the differences that the links still have
        :raise AccessError: if the user may not change the contacts
        """
        self._check_repair_access()
        relations = self.relation_id
        links = engine.get_links(relations.contact_id)
        records = get_records(self.env, engine.get_sides(links))
        shared = self._get_shared(links)
        with open_journal(self.env, "repair"):
            if winner == "contact":
                planned = [
                    PlannedWrite(
                        link.card,
                        card_field,
                        get_value(records[link.contact], contact_field),
                        link.contact,
                        link.relation_id,
                        get_value(records[link.card], card_field),
                    )
                    for link, contact_field, card_field in shared
                ]
                if allowed := get_allowed(self.env, planned):
                    engine.apply_writes(self.env, allowed, [])
            else:
                changes = {}
                for link, _contact_field, name in shared:
                    value = get_value(records[link.card], name)
                    changes.setdefault(link.card, {})[name] = value
                engine.propagate(self.env, links, changes)
        # a partner that is customer and vendor has two links, and both must be right
        Relation = self.env["marketing.contact.relation"]
        ids = [link.relation_id for link in links]
        Relation.sudo().browse(ids).check_differences()
        return self.search([("relation_id", "in", relations.ids)])

    def _get_shared(self, links):
        """Return what is still shared of the differences, each as the link and the two
        fields: the map may have changed, a link may be gone.
        """
        by_relation = {link.relation_id: link for link in links}
        lines = {
            (line.kind, line.contact_field, line.card_field)
            for line in self.env["marketing.sync.field"]._get_map()
            if line.both_ways
        }
        return [
            (by_relation[d.relation_id.id], d.contact_field, d.card_field)
            for d in self
            if (d.kind, d.contact_field, d.card_field) in lines
            and d.relation_id.id in by_relation
        ]

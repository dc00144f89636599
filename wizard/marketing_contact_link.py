from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..models.contact.answers import close
from ..models.links.align import align, get_winners
from ..models.links.put import put
from ..models.match.normalise import get_company_words, get_email, get_vat
from ..models.people.ties import get_children_domain
from ..models.sync.kinds import get_kind_selection, get_kinds, in_sentence
from ..models.sync.rights import shown_name
from ..models.sync.session import open_journal
from ..models.sync.values import get_text, get_value, is_same
from ..models.trust import preview


class MarketingContactLink(models.TransientModel):
    """Link with Existing: choose the card, then what to keep field by field."""

    _name = "marketing.contact.link"
    _inherit = ["marketing.preview.mixin"]
    _description = "Link Contact with Existing"
    _rec_name = "contact_id"

    contact_id = fields.Many2one(
        comodel_name="marketing.contact",
        required=True,
        ondelete="cascade",
        default=lambda self: self._default_contact_id(),
    )
    kind = fields.Selection(
        selection=lambda self: get_kind_selection(self.env, personal=False),
        string="Link With",
        required=True,
        default="customer",
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer / Vendor",
        compute="_compute_other",
        store=True,
        readonly=False,
        domain="['|', ('is_company', '=', True), ('parent_id', '=', False), "
        "'|', ('company_id', '=', False), ('company_id', 'in', allowed_company_ids)]",
    )
    bank_account_id = fields.Many2one(
        comodel_name="res.partner.bank",
        compute="_compute_other",
        store=True,
        readonly=False,
    )
    card_model = fields.Char(compute="_compute_card_model")
    has_own_field = fields.Boolean(compute="_compute_card_model")
    # of the kinds that add-ons bring, which have no field here
    card_id = fields.Many2oneReference(
        model_field="card_model",
        compute="_compute_other",
        store=True,
        readonly=False,
    )
    master = fields.Selection(
        selection=[
            ("contact", "The contact"),
            ("card", "The customer, vendor or bank"),
        ],
        string="Values to Keep",
        required=True,
        default="contact",
        help="Which side wins where both are filled in and differ. "
        "An empty value never replaces a filled one.",
    )
    line_ids = fields.One2many(
        comodel_name="marketing.contact.link.line",
        inverse_name="wizard_id",
        string="Differences",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    existing_contact_id = fields.Many2one(
        comodel_name="marketing.contact",
        string="Its Contact Now",
        compute="_compute_existing_contact_id",
        help="The contact that it belongs to already.",
    )
    conflict_action = fields.Selection(
        selection=[
            ("move", "Move the link to this contact"),
            ("merge", "Merge that contact into this one"),
        ],
        string="What to Do",
        help="Nothing is moved or merged unless you say so.",
    )
    include_people = fields.Boolean(
        string="Bring People Along",
        default=lambda self: self.env.company.sudo().marketing_people_to_contacts,
        help="The people of the customer or vendor who are no contacts yet become "
        "some. Who is on both sides is the same afterwards in any case.",
    )
    contact_side = fields.Char(string="Name of the Contact", compute="_compute_sides")
    card_side = fields.Char(string="Name of the Other", compute="_compute_sides")
    has_people = fields.Boolean(compute="_compute_has_people")
    company_names = fields.Char(
        string="Acts on the Company",
        compute="_compute_company_names",
        help="A person's links are those of the company.",
    )
    # who is likely the same, on top
    proposals = fields.Json(compute="_compute_proposals")
    is_unlike = fields.Boolean(
        compute="_compute_is_unlike",
        help="Name, tax ID and email of the two all differ.",
    )
    preview = fields.Html(
        string="What Will Happen", compute="_compute_preview", sanitize=False
    )
    # the same in a line, seen before all that can be chosen
    effects = fields.Char(string="Will Change", compute="_compute_preview")

    @api.model
    def _default_contact_id(self):
        if self.env.context.get("active_model") == "marketing.contact":
            return self.env.context.get("active_id")
        return False

    def _get_kind(self):
        """Return the chosen kind, None for none."""
        return get_kinds(self.env).get(self.kind)

    @api.depends("kind")
    def _compute_card_model(self):
        for wizard in self:
            kind = wizard._get_kind()
            wizard.card_model = kind and kind.card_model
            wizard.has_own_field = bool(kind) and kind.card_column in self._fields

    @api.depends("contact_id", "kind", "partner_id", "bank_account_id", "card_id")
    def _compute_sides(self):
        """Name the two records, as the columns of what differs have them."""
        for wizard in self:
            card = wizard._get_card()._origin
            contact = wizard.contact_id._get_linking_contact()
            readable = card and card.sudo(False).has_access("read")
            wizard.contact_side = contact.display_name
            wizard.card_side = readable and card.display_name

    @api.depends("contact_id")
    def _compute_company_names(self):
        for wizard in self:
            companies = wizard.contact_id.parent_id._filtered_access("read")
            wizard.company_names = ", ".join(companies.mapped("name"))

    @api.depends("partner_id", "contact_id")
    def _compute_has_people(self):
        for wizard in self:
            contact = wizard.contact_id._get_linking_contact()
            people = get_children_domain(wizard.partner_id._origin.ids)
            wizard.has_people = contact.is_company and bool(
                self.env["res.partner"].search_count(people, limit=1)
            )

    @api.depends("contact_id", "kind")
    def _compute_proposals(self):
        for wizard in self:
            contact, kind = wizard.contact_id, wizard._get_kind()
            wizard.proposals = []
            if contact and kind and kind.setup_field:
                contact = contact._get_linking_contact()
                found = contact.find_cards(kind.name, limit=3)[contact.id]
                wizard.proposals = [p for p in found if p["band"] != "unsure"]

    @api.depends("contact_id", "partner_id")
    def _compute_is_unlike(self):
        words = self.env["marketing.match.word"]._get_words()
        for wizard in self:
            contact = wizard.contact_id._get_linking_contact()
            partner = wizard.partner_id
            wizard.is_unlike = False
            if not contact or not partner or not partner.has_access("read"):
                continue
            names, vats, emails = (
                [read(record) for record in (contact, partner)]
                for read in (
                    lambda r: set(get_company_words(r.name or "", words)),
                    lambda r: get_vat(r.vat or "", r.country_id.code or ""),
                    lambda r: get_email(r.email or ""),
                )
            )
            wizard.is_unlike = (
                not names[0] & names[1]
                and (not vats[0] or vats[0] != vats[1])
                and (not emails[0] or emails[0] != emails[1])
            )

    @api.depends("kind")
    def _compute_other(self):
        """Empty what was chosen for another kind."""
        relations = self.env["marketing.contact.relation"]
        columns = [c for c in get_kinds(relations.env).columns if c in self._fields]
        for wizard in self:
            kind = wizard._get_kind()
            for column in columns:
                chosen = kind and kind.card_column == column
                wizard[column] = wizard[column] if chosen else False
            wizard.card_id = False if wizard.has_own_field else wizard.card_id

    def _get_card(self):
        """Return the chosen card, an empty partner for none."""
        self.ensure_one()
        kind = self._get_kind()
        if not kind:
            return self.env["res.partner"]
        if kind.card_column in self._fields:
            return self[kind.card_column]
        return self.env[kind.card_model].browse(self.card_id or ())

    @api.depends("kind", "partner_id", "bank_account_id", "card_id", "contact_id")
    def _compute_existing_contact_id(self):
        for wizard in self:
            contact = wizard.contact_id._get_linking_contact()
            # sudo: the card may be linked with a contact that the user may not see
            existing = wizard.sudo()._get_card_relations().contact_id - contact
            # no name of a contact that the user may not see
            wizard.existing_contact_id = (
                existing.with_env(self.env)
                .sudo(False)
                ._filtered_access("read")
                .with_env(self.env)[:1]
            )

    def _get_card_relations(self):
        """Return the relations that tie the card, or its bank, to a contact."""
        Relation = self.env["marketing.contact.relation"]
        card = self._get_card()._origin
        if not card:
            return Relation
        kind = self._get_kind()
        record = card._marketing_get_shared_record()
        if record:
            return Relation.search([(kind.shared_column, "=", record.id)])
        return Relation.search([(kind.card_column, "=", card.id)])

    @api.depends(
        "contact_id", "kind", "partner_id", "bank_account_id", "card_id", "master"
    )
    def _compute_line_ids(self):
        for wizard in self:
            lines = map(Command.create, wizard._prepare_lines())
            wizard.line_ids = [Command.clear(), *lines]

    def _prepare_lines(self):
        """Return the values of one line for each shared field that differs."""
        card = self._get_card()._origin
        contact = self.contact_id._get_linking_contact()._origin
        record = card._marketing_get_shared_record() if card else card
        # Odoo computes what is stored with all rights: who asks decides here
        sides = (contact, card, record)
        if not all(side and side.sudo(False).has_access("read") for side in sides):
            return []
        # sudo: the shared fields of the two sides, which linking makes the same
        contact_sudo, record_sudo = contact.sudo(), record.sudo()
        lines = []
        shared = self.env["marketing.sync.field"]._get_kind_map(self.kind)
        winners = get_winners(contact_sudo, record_sudo, shared, self.master)
        for line, winner in winners.items():
            values = (
                get_value(contact_sudo, line.contact_field),
                get_value(record_sudo, line.card_field),
            )
            if is_same(contact, line.contact_field, *values):
                # written in another way only: nothing for people to decide
                continue
            lines.append(
                {
                    "field_name": line.contact_field,
                    "contact_value": get_text(contact_sudo, line.contact_field),
                    "card_value": get_text(record_sudo, line.card_field),
                    "block": line.block,
                    "keep": winner,
                    "last_keep": winner,
                }
            )
        return lines

    @api.onchange("line_ids")
    def _onchange_line_ids(self):
        self._join_blocks()

    @api.depends(
        "contact_id",
        "kind",
        "partner_id",
        "bank_account_id",
        "card_id",
        "master",
        "line_ids.keep",
        "conflict_action",
        "include_people",
    )
    def _compute_preview(self):
        for wizard in self:
            if wizard._get_card() and wizard.contact_id:
                effects, problem, created, shown = wizard._try(
                    lambda copy: copy._get_people_lines()
                )
                wizard.effects = wizard._sum_up(effects, problem, created, shown)
                if not problem:
                    created = [wizard._get_sentence(), *created]
                wizard.preview = preview.render(
                    self.env, effects, problem, created, shown
                )
            else:
                text = self.env._("Choose what to link the contact with.")
                wizard.preview = wizard._render_lines(text)
                wizard.effects = False

    def _get_sentence(self):
        """Return what linking does, whatever differs."""
        kind = in_sentence(self.env, self.env._(self._get_kind().label))
        return self.env._(
            "“%(contact)s” and the %(kind)s “%(card)s” are linked: from then on what "
            "they share is the same on both.",
            contact=self.contact_id._get_linking_contact().name,
            kind=kind,
            card=shown_name(self._get_card()._origin),
        )

    def _get_keep(self):
        """Return the choices made field by field."""
        sides = self._get_block_sides()
        return {
            line.field_name: sides.get(line.block, line.keep)
            for line in self.line_ids
            if line.keep
        }

    def _link(self):
        """Solve the conflict, if any, and link. Return relation and journal."""
        self.ensure_one()
        card = self._get_card()._origin
        if not card:
            raise UserError(self.env._("Choose what to link the contact with."))
        contact = self.contact_id._origin._get_linking_contact()
        existing = self.existing_contact_id._origin
        # one entry of the journal for the conflict's solution and the link
        merging = existing and self.conflict_action == "merge"
        with open_journal(self.env, "merge" if merging else "link") as journal:
            relation = self._link_to(contact, card, existing)
        return relation, journal

    def _get_people_lines(self):
        """Link. Return the line about the people who come along."""
        _relation, journal = self._link()
        # sudo: whoever links need not see all of the company's people
        links = self.env["marketing.contact.relation"].sudo().browse(journal.relations)
        ties = links.exists() - links._filter_cards()
        return self._describe_people(ties.contact_id.with_env(self.env))

    def _link_to(self, contact, card, existing):
        """Link in the open journal, see :meth:`_link`."""
        if existing and self.conflict_action not in ("move", "merge"):
            raise UserError(
                self.env._(
                    "“%(card)s” belongs to the contact “%(contact)s” already. Choose "
                    "whether to move the link to “%(target)s” or to merge the two "
                    "contacts.",
                    card=card.display_name,
                    contact=shown_name(existing),
                    target=contact.display_name,
                )
            )
        if existing and self.conflict_action == "merge":
            existing.merge_into(contact)
            relation = contact.relation_ids.filtered(
                lambda r: r.kind == self.kind and r._get_card() == card
            )
            if relation:
                align(relation, self.master, self._get_keep())
                return relation
        elif existing:
            if moved := self._move_link(contact):
                return moved
        return contact.link_card(
            self.kind,
            card.id,
            master=self.master,
            keep=self._get_keep(),
            include_people=self.include_people,
        )

    def _move_link(self, contact):
        """Move what ties the card to another contact. Return the moved link of the
        kind, if there is one; undoing puts it back.

        All that ties a partner, customer and vendor at once, moves: it has one contact.
        """
        relations = self._get_card_relations().filtered("kind")
        put(
            relations,
            [{"contact_id": contact.id}] * len(relations),
            master=self.master,
            keep=self._get_keep(),
            to_contacts=self.include_people,
        )
        card = self._get_card()._origin
        return relations.filtered(
            lambda r: r.kind == self.kind and r._get_card() == card
        )

    def action_link(self):
        """Link contact and card and go back to the contact."""
        relation, journal = self._link()
        return journal.offer_undo(
            self.env,
            self.env._("Linked with “%s”.", relation.card_name or ""),
            next=close(),
        )


class MarketingContactLinkLine(models.TransientModel):
    """A shared field in which contact and card differ."""

    _name = "marketing.contact.link.line"
    _inherit = ["marketing.preview.mixin"]
    _description = "Difference between Contact and Linked Record"
    _keep_fields = ("keep", "last_keep")

    wizard_id = fields.Many2one(
        comodel_name="marketing.contact.link",
        required=True,
        ondelete="cascade",
        index=True,
    )
    field_name = fields.Char(required=True)
    field_label = fields.Char(string="Field", compute="_compute_field_label")
    contact_value = fields.Char()
    card_value = fields.Char()
    block = fields.Char()
    keep = fields.Selection(
        selection=[("contact", "Contact"), ("card", "Customer, Vendor or Bank")],
        required=True,
    )
    last_keep = fields.Selection(
        selection=[("contact", "Contact"), ("card", "Customer, Vendor or Bank")],
        string="Kept Before",
        help="What was kept when the lines of the block last agreed.",
    )

    @api.depends("field_name")
    def _compute_field_label(self):
        contact_fields = self.env["marketing.contact"]._fields
        for line in self:
            field = contact_fields.get(line.field_name)
            line.field_label = field and field._description_string(self.env)

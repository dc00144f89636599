from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..models.contact.input import get_active_ids
from ..models.merge import checks
from ..models.merge.moves import filter_used
from ..models.merge.references import get_references
from ..models.merge.values import Merge, get_blocks, get_merged_fields, get_winners
from ..models.sync.kinds import get_kinds
from ..models.sync.session import open_journal
from ..models.sync.values import get_label, get_text, get_value
from ..models.trust import preview

# What can be searched for by a domain.
COUNTED = {"id", "many2many", "pair"}
# What moves along without being worth a word.
UNTOLD = {"ir.default", "ir.model.data", "mail.followers", "marketing.match"}


class MarketingContactMergeWizard(models.TransientModel):
    """Merge contacts: choose the one that stays, then what to keep field by field."""

    _name = "marketing.contact.merge.wizard"
    _inherit = ["marketing.preview.mixin"]
    _description = "Merge Contacts"

    contact_ids = fields.Many2many(
        comodel_name="marketing.contact",
        string="Contacts",
        default=lambda self: get_active_ids(self.env, "marketing.contact"),
        context={"active_test": False},
    )
    target_id = fields.Many2one(
        comodel_name="marketing.contact",
        string="Contact That Stays",
        compute="_compute_target_id",
        store=True,
        readonly=False,
        domain="[('id', 'in', contact_ids)]",
        context={"active_test": False},
        help="The contact that stays, with its number. The others are archived and "
        "found under it.",
    )
    line_ids = fields.One2many(
        comodel_name="marketing.contact.merge.wizard.line",
        inverse_name="wizard_id",
        string="Differences",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    preview = fields.Html(
        string="What Will Happen", compute="_compute_preview", sanitize=False
    )
    refusal = fields.Text(string="Why They Can't Be Merged", compute="_compute_preview")

    @api.depends("contact_ids")
    def _compute_target_id(self):
        for wizard in self:
            contacts = wizard.contact_ids._origin
            if wizard.target_id._origin not in contacts:
                wizard.target_id = contacts._get_usual_survivor()

    def _get_merge(self, with_choices=True):
        """Return what was chosen so far."""
        self.ensure_one()
        survivor = self.target_id._origin
        sources = self.contact_ids._origin - survivor
        values, links = self._get_keep() if with_choices else ({}, {})
        return Merge(survivor, sources, values, links)

    # ------------------------------------------------------------
    # LINES
    # ------------------------------------------------------------

    @api.depends("contact_ids", "target_id")
    def _compute_line_ids(self):
        for wizard in self:
            lines = map(Command.create, wizard._prepare_lines())
            wizard.line_ids = [Command.clear(), *lines]

    def _prepare_lines(self):
        """Return the values of one line for each field in which the contacts differ,
        and for each kind of which only one contact's card can stay.
        """
        merge = self._get_merge(with_choices=False)
        contacts = merge.survivor + merge.sources
        # Odoo computes what is stored with all rights: who asks decides here
        readable = contacts.sudo(False)
        if not merge.survivor or not readable.has_access("read"):
            return []
        names = [
            name
            for name in get_merged_fields(contacts)
            if readable._has_field_access(contacts._fields[name], "read")
            and len({get_value(contact, name) for contact in contacts}) > 1
        ]
        blocks = get_blocks(self.env)
        winners = get_winners(merge, get_merged_fields(contacts), blocks)
        lines = [
            {
                "field_name": name,
                "block": blocks.get(name),
                "contact_values": self._get_texts(
                    (contact, get_text(contact, name)) for contact in readable
                ),
                **dict.fromkeys(
                    ("keep_contact_id", "last_keep_id", "preset_id"), winners[name].id
                ),
            }
            for name in names
        ]
        return lines + self._prepare_link_lines(merge)

    def _prepare_link_lines(self, merge):
        """Return the values of the lines that ask which links stay."""
        # sudo: the rules look at all links; what is shown is what the user may read
        collisions = checks.get_collisions(
            Merge(merge.survivor.sudo(), merge.sources.sudo(), {}, {})
        )
        lines = []
        for (kind, company_id), links in collisions.items():
            found = self.env["marketing.contact.relation"].sudo().union(*links)
            cards = found._get_readable_cards()
            if all(link._get_card() in cards for link in links):
                lines.append(
                    {
                        "field_name": kind,
                        "company_id": company_id or False,
                        "is_link": True,
                        "contact_values": self._get_texts(
                            (link.contact_id, link._get_card().display_name)
                            for link in links
                        ),
                        "keep_contact_id": False,
                    }
                )
        return lines

    @api.model
    def _get_texts(self, pairs):
        """Return what each contact has, a line each, by their numbers where the names
        are the same.
        """
        pairs = [(contact, text) for contact, text in pairs if text]
        names = {contact.name for contact, _text in pairs}
        alike = len(names) < len({contact for contact, _text in pairs})
        return "\n".join(
            f"{contact.display_name if alike else contact.name}: {text}"
            for contact, text in pairs
        )

    @api.onchange("line_ids")
    def _onchange_line_ids(self):
        self._join_blocks()

    def _get_keep(self):
        """Return the choices that differ from what is preset, as ``{field: contact}``
        and ``{(kind, company id): contact}``.
        """
        sides = self._get_block_sides()
        kinds = get_kinds(self.env)
        values, links = {}, {}
        for line in self.line_ids:
            kept = sides.get(line.block, line.keep_contact_id)._origin
            if line.is_link and kept:
                kind = kinds.get(line.field_name)
                shared = False if kind and kind.single else None
                links[line.field_name, line.company_id.id or shared] = kept
            elif kept and kept != line.preset_id._origin:
                values[line.field_name] = kept
        return values, links

    # ------------------------------------------------------------
    # PREVIEW
    # ------------------------------------------------------------

    @api.depends("contact_ids", "target_id", "line_ids.keep_contact_id")
    def _compute_preview(self):
        for wizard in self:
            wizard.refusal = False
            if len(wizard.contact_ids) > 1 and wizard.target_id:
                moving = [wizard._get_sentence(), *wizard._get_moving_texts()]
                effects, problem, created, shown = wizard._try(
                    lambda copy, moving=moving: copy._merge() and moving
                )
                refused = created is None
                wizard.refusal = refused and problem
                wizard.preview = not refused and preview.render(
                    self.env, effects, problem, created, shown
                )
            else:
                wizard.preview = wizard._render_lines(self._get_lacking_text())

    def _get_lacking_text(self):
        return self.env._("Choose at least two contacts, and which of them stays.")

    def _get_sentence(self):
        """Return what merging does, whatever the contacts have."""
        return self.env._(
            "%(count)s contacts become one, “%(contact)s”. What you search for by "
            "another's name, number or email finds it.",
            count=len(self.contact_ids),
            contact=self.target_id._origin.name,
        )

    def _get_moving_texts(self):
        """Return lines about how much comes along, as the user may see it."""
        ids = self._get_merge(with_choices=False).sources.ids
        counts = {}
        self.env.flush_all()
        for reference in filter_used(self.env, get_references(self.env), ids):
            if reference.how not in COUNTED or reference.model in UNTOLD:
                continue
            model = self.env[reference.model].sudo(False)
            field = model._fields[reference.get_field_name()]
            if not model.has_access("read") or not model._has_field_access(
                field, "read"
            ):
                continue
            domain = [(field.name, "in", ids)]
            if reference.how == "pair":
                domain.append((reference.beside, "=", "marketing.contact"))
            count = model.with_context(active_test=False).search_count(domain)
            counts[reference.model] = counts.get(reference.model, 0) + count
        relations = self.env["marketing.contact.relation"]
        counts[relations._name] = relations.search_count([("contact_id", "in", ids)])
        # sudo: only administrators may read the list of models (ir.model)
        names = self.env["ir.model"].sudo()
        said = {
            relations._name: self.env._("Link"),
            "marketing.contact": self.env._("Person"),
        }
        return [
            self.env._("Comes along: %(count)s × %(what)s", count=count, what=name)
            for model_name, count in counts.items()
            if count and (name := said.get(model_name) or names._get(model_name).name)
        ]

    # ------------------------------------------------------------
    # MERGE
    # ------------------------------------------------------------

    def _merge(self):
        """Merge as chosen. Return the contact that stays."""
        self.ensure_one()
        merge = self._get_merge()
        chosen = self.contact_ids._origin
        if len(chosen) < 2 or merge.survivor not in chosen:
            raise UserError(self._get_lacking_text())
        merge.survivor._merge_all([merge])
        return merge.survivor

    def action_merge(self):
        """Merge, open the contact that stays, and offer to undo it."""
        with open_journal(self.env, "merge") as journal:
            survivor = self._merge()
        return journal.offer_undo(
            self.env,
            self.env._("Merged into %s.", survivor.name),
            next=survivor._get_records_action(),
        )


class MarketingContactMergeWizardLine(models.TransientModel):
    """A field in which the contacts differ, or a card of which one contact's stays."""

    _name = "marketing.contact.merge.wizard.line"
    _inherit = ["marketing.preview.mixin"]
    _description = "Difference between Contacts to Merge"
    _keep_fields = ("keep_contact_id", "last_keep_id")

    wizard_id = fields.Many2one(
        comodel_name="marketing.contact.merge.wizard",
        required=True,
        ondelete="cascade",
        index=True,
    )
    field_name = fields.Char(required=True)
    field_label = fields.Char(string="Field", compute="_compute_field_label")
    block = fields.Char()
    is_link = fields.Boolean(string="About a Link")
    company_id = fields.Many2one(comodel_name="res.company")
    contact_values = fields.Text(string="Values")
    keep_contact_id = fields.Many2one(
        comodel_name="marketing.contact",
        string="Keep That Of",
        context={"active_test": False},
    )
    last_keep_id = fields.Many2one(
        comodel_name="marketing.contact",
        string="Kept Before",
        help="What was kept when the lines of the block last agreed.",
    )
    preset_id = fields.Many2one(
        comodel_name="marketing.contact",
        help="Whose value stays where nobody chooses.",
    )

    @api.depends("field_name", "is_link", "company_id")
    def _compute_field_label(self):
        contacts = self.env["marketing.contact"]
        relations = self.env["marketing.contact.relation"]
        for line in self:
            if line.is_link:
                names = [relations._get_kind_name(line.field_name)]
                names += line.company_id.sudo().mapped("name")
                line.field_label = " – ".join(names)
            else:
                known = line.field_name in contacts._fields
                line.field_label = known and get_label(contacts, line.field_name)

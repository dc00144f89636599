from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..contact.answers import notify
from ..contact.companies import go_together
from ..contact.input import check_domain
from ..match.comparisons import COMPARISONS
from ..match.keys import Keys, create_tables
from ..match.matcher import Matcher, get_identifier_comparison, has_trigrams
from ..sync.kinds import get_kinds
from ..sync.rights import is_manager, shown_name
from . import lookup, store, waiting
from .sides import CONTACT, OUR_SIDES, get_further_side, get_proposal_column
from .states import PROPOSED, STATES, get_states

BANDS = [("sure", "Sure"), ("ask", "Ask"), ("unsure", "Unsure")]


def get_columns(Match):
    """Return the fields of proposals that hold what contacts are compared with: cards
    of each kind that proposals have a field for, and other contacts.

    :param Match: `marketing.match`, or its class
    """
    Relation = Match.pool["marketing.contact.relation"](None, (), ())
    models_ = [kind.shared_model for kind in Relation._get_kinds().values()]
    columns = [get_proposal_column(Match, name) for name in (*models_, CONTACT.model)]
    return list(dict.fromkeys(filter(None, columns)))


class OneTarget(models.Constraint):
    """A contact is compared with one record, of whatever kind there is."""

    def get_definition(self, registry):
        columns = ", ".join(get_columns(registry["marketing.match"]))
        return f"CHECK(num_nonnulls({columns}) = 1)"


class MarketingMatch(models.Model):
    """A pair that may be the same: a contact and a partner, a bank or another contact.

    Found by :meth:`match_all`, or where contacts are made; people answer it.
    """

    _name = "marketing.match"
    _inherit = ["marketing.hidden.mixin"]
    _description = "Who Is Who"
    _order = "score desc, id"

    contact_id = fields.Many2one(
        comodel_name="marketing.contact", required=True, ondelete="cascade", index=True
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer or Vendor",
        ondelete="cascade",
        index="btree_not_null",
    )
    bank_id = fields.Many2one(
        comodel_name="res.bank", ondelete="cascade", index="btree_not_null"
    )
    other_contact_id = fields.Many2one(
        comodel_name="marketing.contact",
        ondelete="cascade",
        index="btree_not_null",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        compute="_compute_company_id",
        store=True,
        precompute=True,
        ondelete="cascade",
        index="btree_not_null",
        help="The company that one of the two belongs to; empty if both are shared.",
    )
    target = fields.Selection(
        selection="_get_target_selection",
        string="May Be the Same as",
        compute="_compute_target",
        store=True,
        precompute=True,
        index=True,
    )
    score = fields.Float(
        digits=(8, 4),
        readonly=True,
        aggregator="avg",
        help="The chance, from 0 to 100, that it is this one, of all that were found.",
    )
    band = fields.Selection(
        selection=BANDS,
        default="ask",
        required=True,
        readonly=True,
        index=True,
        # the columns of the board, in this order, also where one is empty
        group_expand=True,
    )
    certain = fields.Boolean(
        string="Nothing Against It",
        readonly=True,
        help="Nothing forbids to link the two by itself, if the chance is good enough.",
    )
    levels = fields.Json(string="Compared", readonly=True)
    reasons = fields.Json(compute="_compute_reasons")
    reason_summary = fields.Char(string="Why", compute="_compute_reasons")
    state = fields.Selection(
        selection=lambda self: [
            (name, self.env._(state.label)) for name, state in STATES.items()
        ],
        string="Status",
        default=PROPOSED,
        required=True,
        readonly=True,
        index=True,
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="By",
        readonly=True,
        default=lambda self: self.env.uid,
        ondelete="set null",
        index="btree_not_null",
    )
    date = fields.Datetime(readonly=True, default=lambda self: self.env.cr.now())

    _one_target = OneTarget(
        "",
        "A contact is compared with one customer, vendor, bank or other contact.",
    )
    _not_itself = models.Constraint(
        "CHECK(contact_id <> other_contact_id)",
        "A contact is the same as itself: choose another one.",
    )
    _unique_partner = models.UniqueIndex(
        "(contact_id, partner_id) WHERE partner_id IS NOT NULL",
        "This pair is listed already.",
    )
    _unique_bank = models.UniqueIndex(
        "(contact_id, bank_id) WHERE bank_id IS NOT NULL",
        "This pair is listed already.",
    )
    _unique_contacts = models.UniqueIndex(
        store.UNIQUE_CONTACTS,
        "This pair is listed already.",
    )

    def _auto_init(self):
        result = super()._auto_init()
        create_tables(self.env.cr, self._get_sides().values())
        waiting.create_table(self.env.cr)
        return result

    # ------------------------------------------------------------
    # RIGHTS
    # ------------------------------------------------------------

    @api.model
    def _get_hidden_text(self):
        return self.env._("You may not see what this contact is compared with.")

    @api.model
    def _get_readable_domain(self):
        """Return the domain of the proposals that no further rule hides a side of."""
        relations = self.env["marketing.contact.relation"]
        domain = Domain.TRUE
        for name in ("contact_id", *get_columns(self)):
            model_name = self._fields[name].comodel_name
            if relations._has_further_rules(self.env.uid, model_name):
                model = self.env[model_name].with_context(
                    active_test=False, marketing_contact_with_merged=True
                )
                domain &= Domain(name, "=", False) | Domain(
                    name, "in", model._search([])
                )
        return domain

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Leave out what names a merged contact: the one that stays is asked about. An
        undo of the merge brings it back.
        """
        if not self.env.context.get("marketing_contact_with_merged"):
            merged = Domain("merged_into_id", "!=", False)
            domain = Domain(domain) & ~Domain("contact_id", "any!", merged)
            domain &= ~Domain("other_contact_id", "any!", merged)
        return super()._search(domain, *args, **kwargs)

    # ------------------------------------------------------------
    # WHAT IS COMPARED
    # ------------------------------------------------------------

    @api.model
    def _get_sides(self):
        """Return ``{name: Side}`` of what is matched: contacts and, by the registry of
        kinds, whatever they can be linked with and proposals have a field for.

        Extend it by `super()` where the map does not say how a model's values are read.
        """
        sides = dict(OUR_SIDES)
        known = {side.model for side in sides.values()}
        lines = ()
        for kind in get_kinds(self.env).values():
            if kind.shared_model in known or not kind.setup_field:
                continue
            lines = lines or self.env["marketing.sync.field"]._get_map()
            side = get_further_side(self, kind, lines)
            if side:
                known.add(side.model)
                sides[side.name] = side
        return sides

    @api.model
    def _get_side(self, model_name):
        """Return the side of a model, None if it is not matched."""
        sides = self._get_sides().values()
        return next((side for side in sides if side.model == model_name), None)

    @api.model
    def _get_keys(self, side):
        """Return the keys of a side, see :class:`~..match.keys.Keys`."""
        words = self.env["marketing.match.word"]._get_words()
        return Keys(self.env, side, self._get_identifiers(), words)

    @api.model
    def _get_matcher(self, side):
        """Return what compares contacts with a side, see
        :class:`~..match.matcher.Matcher`.
        """
        return Matcher(
            self.env,
            CONTACT,
            side,
            self._get_identifiers(),
            self.env["marketing.match.word"]._get_words(),
            self._get_comparisons(),
        )

    @api.model
    def _get_target_selection(self):
        return [
            (side.column, self.env._(side.label)) for side in self._get_sides().values()
        ]

    @api.model
    def _get_identifiers(self):
        """Return ``{name: Identifier}`` of numbers that name a party, such as a GLN.

        Extend it by `super()`. Records that have the same one are found by it.
        """
        return {}

    @api.model
    def _get_comparisons(self):
        """Return all comparisons; extend it by `super()`."""
        return (
            *COMPARISONS,
            *(
                get_identifier_comparison(name, identifier)
                for name, identifier in self._get_identifiers().items()
            ),
        )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends(
        "contact_id.company_id", "other_contact_id.company_id", "partner_id.company_id"
    )
    def _compute_company_id(self):
        for match in self:
            match.company_id = (
                match.contact_id.company_id
                or match.partner_id.company_id
                or match.other_contact_id.company_id
            )

    @api.depends(get_columns)
    def _compute_target(self):
        columns = get_columns(self)
        for match in self:
            match.target = next((name for name in columns if match[name]), False)

    @api.depends(lambda self: ["contact_id", *get_columns(self)])
    @api.depends_context("lang", "uid")
    def _compute_display_name(self):
        for match in self:
            match.display_name = self.env._(
                "%(contact)s and %(other)s",
                contact=shown_name(match.contact_id.with_env(self.env)),
                other=shown_name(match._get_other().with_env(self.env)),
            )

    @api.depends("levels")
    @api.depends_context("lang", "uid")
    def _compute_reasons(self):
        comparisons = self._get_comparisons()
        for match in self:
            other = match._get_other()
            reasons = lookup.get_reasons(
                comparisons, match.levels or {}, match.contact_id, other
            )
            match.reasons = reasons
            match.reason_summary = " · ".join(
                reason["text"] for reason in reasons if reason["shown"]
            )

    def _get_other(self):
        """Return what the contact may be the same as."""
        self.ensure_one()
        names = get_columns(self)
        return next((self[name] for name in names if self[name]), self.partner_id)

    # ------------------------------------------------------------
    # FIND
    # ------------------------------------------------------------

    @api.model
    def match_all(self, contact_domain=None, partner_domain=None):
        """Compare all contacts with all customers, vendors, banks and each other, as
        far as the user may read them, and renew the proposals.

        What was answered stays as it is.

        :param contact_domain: only these contacts
        :param partner_domain: only these partners
        :return: the proposals
        """
        self._check_manager()
        contact_domain = check_domain(self.env["marketing.contact"], contact_domain)
        partner_domain = check_domain(self.env["res.partner"], partner_domain)
        ids = []
        for side in self._get_sides().values():
            # sudo: proposals are written by the engine alone
            ids += store.renew(
                self.sudo(),
                side,
                contact_domain,
                partner_domain if side.model == "res.partner" else Domain.TRUE,
            )
        return self.browse(ids)

    @api.model
    def _propose_for(self, records):
        """Look up who is the same as records, in one set, and propose it to people: for
        an import once after its load, or for whatever made many.

        What could not be looked through now is proposed a little later.

        :param records: contacts, or records that contacts are compared with; of those
            that are linked already nothing is asked by itself
        """
        waiting.propose_for(records)

    @api.model
    def _check_manager(self):
        if not is_manager(self.env):
            raise AccessError(
                self.env._(
                    "Only managers of Marketing Contacts look through all contacts."
                )
            )

    @api.model
    def _cron_match_keys(self):
        """Bring the keys up to date, clear away what is of no use any more, and look up
        who had to wait for it.
        """
        Cron = self.env["ir.cron"]
        for side in self._get_sides().values():
            keys = self._get_keys(side)
            for count in keys.refresh_all():
                Cron._commit_progress(count)
            keys.clear()
            Cron._commit_progress(1)
        while count := waiting.look_up(self.env):
            Cron._commit_progress(count)
        self._start_first_look()

    @api.model
    def _start_first_look(self):
        """Have all contacts compared once, in the background, after the module was
        installed: whoever is new here finds questions, not an empty board.
        """
        runs = self.env["marketing.run"]
        if (
            self.env["marketing.contact"].search_count([], limit=1)
            and not self.search_count([], limit=1)
            and not runs.search_count([("origin", "=", "match")], limit=1)
        ):
            runs._start("match", {})

    @api.model
    def action_rebuild(self, _chosen_ids=()):
        """Make all keys anew, such as after values were changed by SQL.

        :param _chosen_ids: as of :meth:`action_match`
        """
        self._check_manager()
        count = 0
        for side in self._get_sides().values():
            keys = self._get_keys(side)
            keys.erase()
            count += sum(keys.refresh_all())
        message = self.env._(
            "%s names and addresses were read again. Choose Look Now.", count
        )
        if not has_trigrams(self.env):
            message += " " + self.env._(
                "The database lacks pg_trgm: names with slips are found by their words "
                "alone. Ask an administrator to install it."
            )
        return notify(message)

    def _sort_again(self, companies):
        """Put proposals into the bands of the companies' thresholds."""
        shared = SQL("m.company_id IS NULL")
        concerned = SQL("m.company_id = ANY(%s)", companies.ids)
        if self.env.company in companies:
            concerned = SQL("(%s OR %s)", concerned, shared)
        store.sort_again(self, concerned)

    @api.model
    def _get_forecast(self, company, sure, ask):
        """Return in words how many proposals thresholds would put into each band."""
        if not company or not self.has_access("read"):
            return ""
        setup = company.sudo()
        # whom saving them sorts anew, see `_sort_again`
        concerned = Domain("company_id", "=", company.id)
        if company == self.env.company:
            concerned |= Domain("company_id", "=", False)
        open_ = Domain("state", "in", get_states(open=True)) & concerned

        def count(sure, ask):
            is_sure = Domain("certain", "=", True) & Domain("score", ">=", sure)
            return (
                self.search_count(open_ & is_sure),
                self.search_count(open_ & ~is_sure & Domain("score", ">=", ask)),
            )

        before = count(setup.marketing_match_sure, setup.marketing_match_ask)
        after = count(sure, ask)
        if not any(before + after):
            return ""
        return self.env._(
            "%(sure)s sure (now %(sure_before)s), %(ask)s to ask (now %(ask_before)s)",
            sure=after[0],
            sure_before=before[0],
            ask=after[1],
            ask_before=before[1],
        )

    @api.constrains("contact_id", *(side.column for side in OUR_SIDES.values()))
    def _check_companies(self):
        for match in self:
            other = match._get_other()
            if "company_id" in other._fields and not go_together(
                match.contact_id.company_id, other.company_id
            ):
                raise ValidationError(
                    self.env._("Records of two companies are never the same.")
                )

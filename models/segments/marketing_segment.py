from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..contact.input import check_domain, check_ids, read_domain
from ..sync.kinds import CONTACT_MODEL
from . import graph

# what says which other segments one names
NAMING = ("domain", "kind", *graph.SEGMENTS)
LINKS = ("contact_ids", "excluded_ids", *graph.SEGMENTS)
SAYING = ("name", "kind", "domain", "one_per_company", "user_id", "company_id")
READ = """
    SELECT id,
           ARRAY(SELECT marketing_contact_id FROM marketing_segment_contact_rel
                  WHERE marketing_segment_id = id),
           ARRAY(SELECT marketing_contact_id FROM marketing_segment_excluded_rel
                  WHERE marketing_segment_id = id),
           ARRAY(SELECT included_id FROM marketing_segment_include_rel
                  WHERE segment_id = id),
           ARRAY(SELECT excluded_id FROM marketing_segment_exclude_rel
                  WHERE segment_id = id),
           name, kind, domain, one_per_company, user_id, company_id
      FROM marketing_segment WHERE id = ANY(%s)"""
KINDS = [("dynamic", "By Conditions"), ("static", "By Hand")]


class MarketingSegment(models.Model):
    """Whom to speak to: contacts by what they are and what they bought.

    No contact is copied into it and nothing is kept beside it: who is in a segment is
    a domain, asked when somebody wants to know, with the rights of who asks.
    """

    _name = "marketing.segment"
    _inherit = ["mail.thread"]
    _description = "Segment"
    _order = "name, id"

    name = fields.Char(required=True, tracking=True)
    kind = fields.Selection(
        selection=KINDS,
        string="Members",
        required=True,
        default="dynamic",
        help="By conditions: whoever meets them now. By hand: whom you put in.",
    )
    domain = fields.Char(
        string="Conditions", default="[]", help="Everybody where there is none."
    )
    contact_ids = fields.Many2many(
        comodel_name="marketing.contact",
        relation="marketing_segment_contact_rel",
        string="Added by Hand",
        context={"active_test": False},
    )
    excluded_ids = fields.Many2many(
        comodel_name="marketing.contact",
        relation="marketing_segment_excluded_rel",
        string="Never in It",
        context={"active_test": False},
    )
    include_segment_ids = fields.Many2many(
        comodel_name="marketing.segment",
        relation="marketing_segment_include_rel",
        column1="segment_id",
        column2="included_id",
        context={"active_test": False},
        string="Also Members Of",
    )
    exclude_segment_ids = fields.Many2many(
        comodel_name="marketing.segment",
        relation="marketing_segment_exclude_rel",
        column1="segment_id",
        column2="excluded_id",
        context={"active_test": False},
        string="But Not Members Of",
    )
    one_per_company = fields.Boolean(
        help="Of a company and its people only one: the primary contact, else who was "
        "spoken to last, else the first by name.",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Belongs To",
        default=lambda self: self.env.user,
        index="btree_not_null",
        help="Only this user and managers see the segment; everybody if it is empty.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        index="btree_not_null",
        help="Only contacts of this company and shared ones are in it.",
    )
    active = fields.Boolean(default=True)
    member_count = fields.Integer(string="Members Now", compute="_compute_members")
    problem = fields.Char(
        compute="_compute_members", help="Why nobody is in the segment for you."
    )

    # known by one query, where each field takes one of its own
    linked = fields.Json(compute="_compute_linked", groups=fields.NO_ACCESS)

    # ------------------------------------------------------------
    # WHO IS IN IT
    # ------------------------------------------------------------

    @api.depends(*LINKS)
    def _compute_linked(self):
        """Compute ``{field: ids}`` of contacts and segments; False where there is no
        such segment.
        """
        ids = [id_ for id_ in self._ids if id_]
        rows = self.env.execute_query(SQL(READ, ids))
        found = {id_: values for id_, *values in rows}
        for n, name in enumerate(SAYING, len(LINKS)):
            # what rights and conditions ask is known as if Odoo had read it
            values = [values[n] for values in found.values()]
            self._fields[name]._insert_cache(self.browse(found), values)
        for segment in self:
            values = found.get(segment.id)
            if not segment.id:
                # in a form as it is there
                values = [segment[name]._origin.ids for name in LINKS]
            segment.linked = values and dict(zip(LINKS, values, strict=False))

    def _read_domain(self):
        """Return the segment's own domain; that of a static one is not heeded."""
        if self.kind == "static":
            return Domain.FALSE
        return read_domain(self.env, self.domain)

    def _get_members_domain(self):
        """Return the domain of the members, for who searches with it."""
        self.ensure_one()
        return graph.evaluate(self)[self][0]

    def _find_members(self, contacts, known=None):
        """Return ``{segment: ids of the contacts that are in it}`` of these and of all
        that they name, by one query.

        :param list known: see :func:`graph.evaluate`
        """
        some = Domain("id", "in", contacts.ids)
        evaluated = graph.evaluate(self, known)
        found = {segment: set() for segment in evaluated}
        queries = [
            SQL("SELECT %s AS segment, id FROM (%s) member", segment.id, query.select())
            for segment, (domain, _problem) in evaluated.items()
            if not (query := contacts._search(some & domain)).is_empty()
        ]
        if queries:
            for id_, contact_id in self.env.execute_query(
                SQL(" UNION ALL ").join(SQL("(%s)", query) for query in queries)
            ):
                found[self.browse(id_)].add(contact_id)
        return found

    @api.depends(
        *("domain", "kind", "contact_ids", "excluded_ids", "company_id"),
        *("include_segment_ids", "exclude_segment_ids", "one_per_company"),
    )
    @api.depends_context("uid", "company", "allowed_company_ids")
    def _compute_members(self):
        contacts = self.env[CONTACT_MODEL].sudo(self.env.uid == api.SUPERUSER_ID)
        evaluated = graph.evaluate(self.with_env(contacts.env))
        for segment in self:
            domain, segment.problem = evaluated[segment]
            segment.member_count = contacts.search_count(domain)

    # ------------------------------------------------------------
    # WHAT IT MAY SAY
    # ------------------------------------------------------------

    @api.constrains(*NAMING)
    def _check_definition(self):
        """A segment is of fields that its author may read, and of no circle."""
        # who saves, not whose rights Odoo checks with
        segments = self.with_env(self.env(su=False))
        evaluated = graph.evaluate(segments)
        for segment in segments:
            problem = evaluated[segment][1]
            try:
                if not problem:
                    check_domain(self.env[CONTACT_MODEL], segment._read_domain())
            except UserError as error:
                problem = str(error)
            if problem:
                raise ValidationError(segment._get_refusal(problem))

    def _check_usable(self):
        """:raise UserError: if the segment reaches nobody for the user"""
        self.check_access("read")
        evaluated = graph.evaluate(self)
        for segment in self:
            if problem := evaluated[segment][1]:
                raise UserError(segment._get_refusal(problem))

    def _get_refusal(self, problem):
        return self.env._(
            "The segment “%(segment)s” can't be used: %(problem)s",
            segment=self.name,
            problem=problem,
        )

    @api.model_create_multi
    def create(self, vals_list):
        segments = super().create(vals_list)
        graph.get_named(segments).exists().check_access("read")
        return segments

    def write(self, vals):
        named = {}
        if not vals.keys().isdisjoint(NAMING):
            named = {segment: graph.get_named(segment) for segment in self}
        result = super().write(vals)
        for segment, before in named.items():
            (graph.get_named(segment) - before).exists().check_access("read")
        return result

    # ------------------------------------------------------------
    # BY HAND
    # ------------------------------------------------------------

    def action_add_contacts(self, contact_ids):
        """Put contacts into the segment by hand.

        :param list contact_ids: their ids
        :return: True
        """
        contacts = self._browse_contacts(contact_ids)
        return self.write(
            {
                "contact_ids": [Command.link(id_) for id_ in contacts.ids],
                "excluded_ids": [Command.unlink(id_) for id_ in contacts.ids],
            }
        )

    def action_remove_contacts(self, contact_ids):
        """Take contacts out of the segment; who meets its conditions is never in it.

        :param list contact_ids: their ids
        :return: True
        """
        contacts = self._browse_contacts(contact_ids)
        out = [Command.unlink(id_) for id_ in contacts.ids]
        for segment in self:
            segment.contact_ids = out
            still = segment._find_members(contacts)[segment]
            segment.excluded_ids = [Command.link(id_) for id_ in still]
        return True

    def _apply_to_conditions(self, change, others):
        """Change the conditions so that the members are those and others, those without
        others, or those who are both.

        What was added by hand or by other segments becomes a condition, as "only these"
        holds for all.
        """
        self.ensure_one()
        domain = self._read_domain()
        if self.contact_ids:
            domain |= Domain("id", "in", self.contact_ids.ids)
        if self.include_segment_ids:
            domain |= Domain("segment_ids", "in", self.include_segment_ids.ids)
        self.write(
            {
                "domain": repr(list(graph.change(domain, change, others))),
                "contact_ids": [Command.clear()],
                "include_segment_ids": [Command.clear()],
            }
        )

    def _browse_contacts(self, contact_ids):
        contacts = (
            self.env[CONTACT_MODEL].browse(check_ids(self.env, contact_ids)).exists()
        )
        contacts.check_access("read")
        return contacts

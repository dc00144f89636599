from graphlib import CycleError, TopologicalSorter

from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..contact.input import check_domain, check_ids, read_domain
from . import words

CONTACT = "marketing.contact"
# what says which other segments one names
NAMING = ("domain", "kind", "include_segment_ids", "exclude_segment_ids")
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
        string="Also Members Of",
    )
    exclude_segment_ids = fields.Many2many(
        comodel_name="marketing.segment",
        relation="marketing_segment_exclude_rel",
        column1="segment_id",
        column2="excluded_id",
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

    # ------------------------------------------------------------
    # WHO IS IN IT
    # ------------------------------------------------------------

    def _read_domain(self):
        """Return the segment's own domain; one of a static segment is not heeded.

        :raise UserError: where the text is no domain
        """
        if self.kind == "static":
            return Domain.FALSE
        return read_domain(self.env, self.domain)

    def _get_named_segments(self):
        """Return the segments that this one includes or excludes, by its fields or by
        the conditions of its domain, whether they are there or not.
        """
        self.ensure_one()
        if self.kind == "static":
            return self.browse()
        named = (self.include_segment_ids | self.exclude_segment_ids)._origin
        try:
            return named | self.browse(words.get_named_ids(self._read_domain()))
        except (UserError, ValueError, TypeError):
            return named

    def _get_graph(self):
        """Return ``{segment: segments that it names}`` of these and of all that they
        name, directly or not, read at once.
        """
        # sudo: who may use a segment may not see another that it names
        segments = self.sudo()
        todo = segments.filtered("id")
        graph = {new: new._get_named_segments() for new in segments - todo}
        todo = todo.union(*graph.values())
        while todo:
            self.flush_model(NAMING)
            rows = self.env.execute_query(
                SQL(
                    """
                    WITH RECURSIVE named (id) AS (
                        SELECT id FROM marketing_segment WHERE id = ANY(%s)
                         UNION
                        SELECT link.other FROM named JOIN (
                            SELECT segment_id, included_id AS other
                              FROM marketing_segment_include_rel
                             UNION ALL
                            SELECT segment_id, excluded_id
                              FROM marketing_segment_exclude_rel
                        ) link ON link.segment_id = named.id
                    )
                    SELECT id FROM named
                    """,
                    todo.ids,
                )
            )
            found = segments.browse(id_ for (id_,) in rows)
            found.fetch(NAMING)
            graph |= {segment: segment._get_named_segments() for segment in found}
            todo = segments.union(*graph.values()) - segments.concat(*graph)
            todo = todo.exists()
        there = set(graph)
        return {
            segment: named.filtered(lambda other: other in there)
            for segment, named in graph.items()
        }

    def _evaluate(self):
        """Return ``{segment: (domain of the members, problem)}`` of these and of all
        that they name.

        The problem is why a segment reaches nobody, in words, False if it reaches some.
        The rights are those of the environment's user; a segment that is used by
        another is known to who may use the other.
        """
        graph = self._get_graph()
        order, problems = self._sort_graph(graph)
        members = {}
        for segment in order:
            problem = problems.get(segment) or segment._get_own_problem(self.env)
            for other in graph[segment]:
                if not problem and problems[other]:
                    problem = self.env._(
                        "“%(segment)s”: %(problem)s",
                        segment=other.name,
                        problem=problems[other],
                    )
            problems[segment] = problem
            domain = Domain.FALSE
            if not problem:
                domain = segment._limit(segment._combine(members))
                if segment.one_per_company:
                    domain = segment._get_one_per_company(domain)
            members[segment] = domain
        return {segment: (members[segment], problems[segment]) for segment in order}

    def _sort_graph(self, graph):
        """Return the segments, those that others name first, and the problems of those
        that name each other in a circle; these are cut out of the graph.
        """
        problems = {}
        while True:
            try:
                return [*TopologicalSorter(graph).static_order()], problems
            except CycleError as error:
                circle = error.args[1][:0:-1]
                first = next((s for s in circle if s in self), circle[0])
                at = circle.index(first)
                path = " → ".join(s.name for s in (*circle[at:], *circle[:at], first))
                for segment in circle:
                    graph[segment] = segment.browse()
                    problems[segment] = self.env._(
                        "The segments name each other in a circle: %(path)s. Take one "
                        "of them out.",
                        path=path,
                    )

    def _get_own_problem(self, env):
        """Return what is wrong with the segment's own conditions for the user of an
        environment, in words, or False.
        """
        try:
            domain = self._read_domain()
        except UserError as error:
            return str(error)
        if problem := words.get_problem(env, domain):
            return problem
        try:
            words.get_named_ids(domain)
        except ValueError:
            return env._("Choose the segments themselves, not by a name.")
        return False

    def _get_problem(self):
        """Return why the segment reaches nobody, in words; False if it reaches some."""
        self.ensure_one()
        return self._evaluate()[self][1]

    def _get_members_domain(self):
        """Return the domain of the members, for who searches with it.

        :rtype: Domain
        """
        self.ensure_one()
        return self._evaluate()[self][0]

    def _get_union(self):
        """Return the domain of the members of any of the segments."""
        evaluated = self._evaluate()
        return Domain.OR(evaluated[segment][0] for segment in self)

    def _limit(self, domain):
        """Return the domain of those that may be in a segment at all."""
        domain &= Domain("active", "=", True) & Domain("privacy_hidden", "=", False)
        # sudo: as in _get_graph
        company = self.sudo().company_id
        if company:
            domain &= Domain("company_id", "parent_of", company.ids) | Domain(
                "company_id", "=", False
            )
        return domain

    def _combine(self, members):
        """Return (domain ∪ included ∪ by hand) − by hand − excluded segments.

        :param dict members: the domains of the segments that this one names
        """

        def named(condition):
            """Return the members of the segments that a condition names."""
            if condition.field_expr != "segment_ids":
                return condition
            found = Domain.OR(
                members.get(self.browse(id_), Domain.FALSE)
                for id_ in words.get_named_ids(condition)
            )
            return ~found if condition.operator in ("!=", "not in") else found

        domain = self._read_domain().map_conditions(named)
        domain |= Domain("id", "in", self.contact_ids.ids)
        excluded = Domain("id", "in", self.excluded_ids.ids)
        if self.kind == "dynamic":
            for segment in self.include_segment_ids._origin:
                domain |= members[segment]
            for segment in self.exclude_segment_ids._origin:
                excluded |= members[segment]
        return domain & ~excluded if not excluded.is_false() else domain

    def _get_one_per_company(self, domain):
        """Return the domain of one member of each company and its people."""

        def to_sql(model, alias, _query):
            members = model._search(domain)
            interactions = model.env["marketing.interaction"]
            interactions.flush_model(["contact_id", "date"])
            model.flush_model(["parent_id", "name", "primary_person_id"])
            return SQL(
                """
                %(id)s IN (
                    SELECT DISTINCT ON (COALESCE(member.parent_id, member.id)) member.id
                      FROM marketing_contact member
                      LEFT JOIN marketing_contact company
                             ON company.id = COALESCE(member.parent_id, member.id)
                     WHERE member.id IN %(members)s
                     ORDER BY COALESCE(member.parent_id, member.id),
                              COALESCE(company.primary_person_id = member.id, FALSE)
                                  DESC,
                              (SELECT MAX(date) FROM marketing_interaction
                                WHERE contact_id = member.id AND id IN %(visible)s)
                                  DESC NULLS LAST,
                              member.name, member.id)
                """,
                id=SQL.identifier(alias, "id"),
                members=members.subselect(),
                visible=interactions._search([]).subselect(),
            )

        return Domain.custom(to_sql=to_sql)

    def _filter_members(self, contacts):
        """Return those of the contacts that are in the segment."""
        self.ensure_one()
        ids = self._find_members(contacts)[self]
        return contacts.filtered(lambda contact: contact.id in ids)

    def _find_members(self, contacts):
        """Return ``{segment: ids of the contacts that are in it}`` of these and of all
        that they name, by one query.
        """
        some = Domain("id", "in", contacts.ids)
        evaluated = self._evaluate()
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
        contacts = self.env[CONTACT].sudo(self.env.uid == api.SUPERUSER_ID)
        evaluated = self.with_env(contacts.env)._evaluate()
        for segment in self:
            domain, segment.problem = evaluated[segment]
            segment.member_count = contacts.search_count(domain)

    # ------------------------------------------------------------
    # WHAT IT MAY SAY
    # ------------------------------------------------------------

    @api.constrains(
        *("domain", "kind", "include_segment_ids", "exclude_segment_ids"),
    )
    def _check_definition(self):
        """A segment is of fields that its author may read, and of no circle."""
        for segment in self:
            # who saves, not whose rights Odoo checks with
            problem = segment.with_env(self.env(su=False))._get_problem()
            try:
                if not problem:
                    check_domain(self.env[CONTACT], segment._read_domain())
            except UserError as error:
                problem = str(error)
            if problem:
                raise ValidationError(
                    self.env._(
                        "The conditions of the segment “%(segment)s” can't be used: "
                        "%(problem)s",
                        segment=segment.name,
                        problem=problem,
                    )
                )

    def _check_usable(self):
        """:raise UserError: if the segment reaches nobody for the user"""
        self.check_access("read")
        evaluated = self._evaluate()
        for segment in self:
            _domain, problem = evaluated[segment]
            if problem:
                raise UserError(
                    self.env._(
                        "The segment “%(segment)s” can't be used: %(problem)s",
                        segment=segment.name,
                        problem=problem,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        segments = super().create(vals_list)
        for segment in segments:
            segment._check_named(segment._get_named_segments())
        return segments

    def write(self, vals):
        named = {}
        if not vals.keys().isdisjoint(NAMING):
            named = {segment: segment._get_named_segments() for segment in self}
        result = super().write(vals)
        for segment, before in named.items():
            segment._check_named(segment._get_named_segments() - before)
        return result

    def _check_named(self, named):
        """:raise AccessError: for segments that one names and may not use"""
        named.exists().check_access("read")

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
            still = segment._filter_members(contacts)
            segment.excluded_ids = [Command.link(id_) for id_ in still.ids]
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
        if change == "add":
            domain |= others
        else:
            domain &= others if change == "refine" else ~others
        self.write(
            {
                "domain": repr(list(domain)),
                "contact_ids": [Command.clear()],
                "include_segment_ids": [Command.clear()],
            }
        )

    def _browse_contacts(self, contact_ids):
        contacts = self.env[CONTACT].browse(check_ids(self.env, contact_ids)).exists()
        contacts.check_access("read")
        return contacts

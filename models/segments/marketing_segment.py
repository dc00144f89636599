from graphlib import CycleError, TopologicalSorter

from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..contact.input import check_domain, check_ids, check_one, read_domain
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
    use_ids = fields.One2many(
        comodel_name="marketing.segment.use", inverse_name="segment_id", string="Uses"
    )
    asked_contact_id = fields.Many2one(
        comodel_name="marketing.contact",
        string="Why Is … in It, or Not?",
        store=False,
        compute="_compute_asked_contact_id",
        readonly=False,
    )
    answer = fields.Html(compute="_compute_answer")

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

    # ------------------------------------------------------------
    # WHAT IT IS USED FOR
    # ------------------------------------------------------------

    def action_view_members(self):
        """Open the contacts that are in the segment now."""
        check_one(self)
        self._check_usable()
        return self._get_contacts_action(
            [("segment_ids", "in", self.ids)], self.display_name
        )

    def _get_contacts_action(self, domain, name):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": CONTACT,
            "view_mode": "list,kanban,form",
            "domain": domain,
            # an export of what is shown is a use of the segment
            "context": {"marketing_segment_id": self.id},
        }

    def _get_members(self):
        """Return the members; there must be some to be written to.

        :raise UserError: where there is nobody
        """
        check_one(self)
        self._check_usable()
        members = self.env[CONTACT].search(self._get_members_domain())
        if not members:
            raise UserError(
                self.env._("Nobody is in the segment “%(segment)s”.", segment=self.name)
            )
        return members

    def _open_for_members(self, xml_id, **defaults):
        action = self.env["ir.actions.act_window"]._for_xml_id(xml_id)
        action["context"] = {
            "marketing_segment_id": self.id,
            "default_marketing_segment_id": self.id,
            **defaults,
        }
        return action

    def action_send_email(self):
        """Write to the members, whoever they are when it is sent."""
        self._get_members()
        return self._open_for_members(
            "marketing_contact.mail_compose_message_action_many",
            default_composition_mode="mass_mail",
            default_model=CONTACT,
            default_res_domain=repr([("segment_ids", "in", self.ids)]),
            default_res_domain_user_id=self.env.uid,
        )

    def action_send_sms(self):
        """Send a text message to the members, where the module `sms` is."""
        members = self._get_members()
        action = members.action_send_sms()
        action["context"] = {
            "default_res_model": CONTACT,
            "default_composition_mode": "mass",
            "default_mass_keep_log": True,
            "default_res_ids": members.ids,
            "marketing_segment_id": self.id,
        }
        return action

    def action_new_mailing(self):
        """Open a new mailing to the members, by the segment's filter.

        :raise UserError: where the module for mailings is not installed
        """
        check_one(self)
        self._check_usable()
        if "mailing.filter" not in self.env:
            raise UserError(self.env._("Install the app Email Marketing to mail."))
        domain = repr([("segment_ids", "in", self.ids)])
        model = self.env["ir.model"]._get(CONTACT)
        found = self._get_mailing_filters()[:1] or self.env["mailing.filter"].create(
            {
                "name": self.name,
                "mailing_model_id": model.id,
                "mailing_domain": domain,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Mailing"),
            "res_model": "mailing.mailing",
            "view_mode": "form",
            "context": {
                "default_mailing_model_id": model.id,
                "default_mailing_filter_id": found.id,
            },
        }

    def action_log_interaction(self):
        """Log the same interaction with all members."""
        members = self._get_members()
        return self._open_for_members(
            "marketing_contact.marketing_interaction_log_action",
            default_contact_ids=[Command.set(members.ids)],
        )

    def action_schedule_activity(self):
        """Schedule an activity, or a plan of several, for each member."""
        members = self._get_members()
        return self._open_for_members(
            "marketing_contact.mail_activity_schedule_action",
            active_model=CONTACT,
            default_res_ids=repr(members.ids),
        )

    @api.model
    def _from_context(self):
        """Return the segment that one comes from, if the user may use it."""
        id_ = self.env.context.get("marketing_segment_id")
        if not isinstance(id_, int) or isinstance(id_, bool):
            return self
        return self.browse(id_).exists()._filtered_access("read")

    def _note_use(self, purpose, contacts, missed=None, held=None):
        """Keep what the segments were used for, with their members as they are now.

        :param str purpose: one of those of `marketing.segment.use`
        :param missed: those of the contacts who were not reached
        :param held: those of them who were held back by the cap
        """
        self.check_access("read")
        held = held or contacts[:0]
        reason = held and self.env.company._marketing_get_held_reason(len(held))
        values = {
            "purpose": purpose,
            "user_id": self.env.uid,
            "contact_ids": [Command.set(contacts.ids)],
            "missed_ids": [Command.set((missed or held).ids)],
            "held_count": len(held),
            "held_reason": reason or False,
        }
        # sudo: nobody has rights to make a use by hand
        self.env["marketing.segment.use"].sudo().create(
            [{**values, "segment_id": segment.id} for segment in self]
        )

    @api.model_create_multi
    def create(self, vals_list):
        segments = super().create(vals_list)
        for segment in segments:
            segment._check_named(segment._get_named_segments())
        return segments

    def write(self, vals):
        """Keep the name of the filters for mailings in step."""
        named = {}
        if not vals.keys().isdisjoint(NAMING):
            named = {segment: segment._get_named_segments() for segment in self}
        if "name" in vals and "mailing.filter" in self.env:
            for segment in self:
                # sudo: who may rename a segment may have no rights on mailings
                segment.sudo()._get_mailing_filters().name = vals["name"]
        result = super().write(vals)
        for segment, before in named.items():
            segment._check_named(segment._get_named_segments() - before)
        return result

    def _check_named(self, named):
        """:raise AccessError: for segments that one names and may not use"""
        named.exists().check_access("read")

    def _get_mailing_filters(self):
        """Return the filters of mailings to the segment, at most one is made by us."""
        domain = repr([("segment_ids", "in", self.ids)])
        return self.env["mailing.filter"].search([("mailing_domain", "=", domain)])

    @api.model
    def action_save_search(self, domain):
        """Open a new segment of what is searched for.

        :param list domain: of the search, as it stands
        """
        domain = repr(list(check_domain(self.env[CONTACT], domain)))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Save as Segment"),
            "res_model": self._name,
            "views": [(False, "form")],
            "target": "current",
            "context": {"default_domain": domain},
        }

    # ------------------------------------------------------------
    # WHY
    # ------------------------------------------------------------

    @api.model
    def _compute_asked_contact_id(self):
        self.asked_contact_id = False

    def explain(self, contacts):
        """Tell why contacts are in the segment, or not.

        :param contacts: contacts, or their ids
        :return: for each of them, in their order, ``{"id", "in", "because": [{
            "condition", "value", "met"}], "by_hand", "excluded_by"}``: each condition
            and the contact's value in words; the id of the segment that excludes it,
            True where somebody did by hand, else False
        """
        check_one(self)
        self._check_usable()
        if not isinstance(contacts, models.BaseModel):
            contacts = self._browse_contacts(contacts)
        contacts.check_access("read")
        # sudo: as in _get_graph
        segment = self.sudo()
        others = segment._get_named_segments() & segment.exclude_segment_ids
        found = self._find_members(contacts)
        conditions = list(self._get_told_conditions(contacts, found))
        members, excluders = found[segment], [(o.id, found[o]) for o in others]
        by_hand, excluded = set(segment.contact_ids.ids), set(segment.excluded_ids.ids)
        return [
            {
                "id": contact.id,
                "in": contact.id in members,
                "because": [
                    {
                        "condition": condition,
                        "value": values.get(contact.id, ""),
                        "met": contact.id in met,
                    }
                    for condition, values, met in conditions
                ],
                "by_hand": contact.id in by_hand,
                "excluded_by": contact.id in excluded
                or next((id_ for id_, ids in excluders if contact.id in ids), False),
            }
            for contact in contacts
        ]

    def _get_told_conditions(self, contacts, found):
        """Yield each condition in words, the contacts' values of it in words by their
        ids, and the ids of those that meet it.

        :param dict found: see :meth:`_find_members`
        """
        # sudo: as in _get_graph
        segment = self.sudo()
        if segment.kind == "static":
            return
        some = Domain("id", "in", contacts.ids)
        everybody = contacts.with_context(active_test=False)
        for condition in words.iterate_conditions(segment._read_domain()):
            yield (
                words.describe(self.env, condition),
                words.get_values(contacts, condition.field_expr),
                set(everybody.search(some & condition).ids),
            )
        for other in segment.include_segment_ids:
            ids = found[other]
            yield (
                self.env._("In the segment “%(segment)s”", segment=other.name),
                {c.id: words.yes_no(self.env, c.id in ids) for c in contacts},
                ids,
            )

    def _tell_why(self, contact):
        """Return in a line why a contact is in the segment."""
        told = self.explain(contact)[0]
        met = [f"{r['condition']}" for r in told["because"] if r["met"]]
        if told["by_hand"]:
            met.insert(0, self.env._("Added by hand"))
        return "; ".join(met) or self.env._("Everybody is in it")

    @api.depends("asked_contact_id")
    def _compute_answer(self):
        for segment in self:
            contact, asked = segment.asked_contact_id._origin, segment._origin
            told = contact and asked and not asked._get_problem()
            told = asked.explain(contact)[0] if told else None
            by = told and told["excluded_by"]
            # sudo: as in _get_graph
            name = by and by is not True and self.sudo().browse(by).name
            segment.answer = told and self.env["ir.qweb"]._render(
                "marketing_contact.segment_answer",
                {"told": told, "contact": contact, "excluded_by": name},
            )

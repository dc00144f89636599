"""Who is in a segment, as a domain: segments name each other, and what they say is read
by one query for all.
"""

from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..contact.input import read_domain
from . import words

COLUMNS = ("name", "kind", "domain", "one_per_company", "company_id")


class Definition(NamedTuple):
    """What a segment says of its members."""

    name: str
    kind: str
    text: str
    one_per_company: bool
    company_id: int
    contact_ids: list
    excluded_ids: list
    include_ids: list
    exclude_ids: list

    def read_domain(self, env):
        """Return the conditions; those of a static segment are not heeded.

        :raise UserError: where the text is no domain
        """
        return Domain.FALSE if self.kind == "static" else read_domain(env, self.text)

    def get_named_ids(self, env):
        """Return the ids of the segments that this one includes or excludes, by its
        fields or by its conditions, whether they are there or not.
        """
        if self.kind == "static":
            return set()
        named = {*self.include_ids, *self.exclude_ids}
        try:
            return named | {*words.get_named_ids(self.read_domain(env))}
        except (UserError, ValueError, TypeError):
            return named

    def get_problem(self, env):
        """Return what is wrong with the conditions for the user, in words, or False."""
        try:
            domain = self.read_domain(env)
        except UserError as error:
            return str(error)
        if problem := words.get_problem(env, domain):
            return problem
        try:
            words.get_named_ids(domain)
        except ValueError:
            return env._("Choose the segments themselves, not by a name.")
        return False

    def combine(self, domain, members):
        """Return (domain ∪ included ∪ by hand) − by hand − excluded segments.

        :param dict members: the domains of the segments that are named, by their ids
        """

        def named(condition):
            """Return the members of the segments that a condition names."""
            if condition.field_expr != "segment_ids":
                return condition
            ids = words.get_named_ids(condition)
            found = Domain.OR(members.get(id_, Domain.FALSE) for id_ in ids)
            return ~found if condition.operator in ("!=", "not in") else found

        domain = domain.map_conditions(named) | Domain("id", "in", self.contact_ids)
        excluded = Domain("id", "in", self.excluded_ids)
        if self.kind == "dynamic":
            domain |= Domain.OR(members[id_] for id_ in self.include_ids)
            excluded |= Domain.OR(members[id_] for id_ in self.exclude_ids)
        return domain & ~excluded if not excluded.is_false() else domain


def limit(domain, company_id):
    """Return the domain of those that may be in a segment at all."""
    domain &= Domain("active", "=", True) & Domain("privacy_hidden", "=", False)
    if company_id:
        domain &= Domain("company_id", "parent_of", company_id) | Domain(
            "company_id", "=", False
        )
    return domain


def evaluate(segments, known=None):
    """Return ``{segment: (domain of the members, problem)}`` of segments and of all
    that they name.

    The problem is why a segment reaches nobody, in words, False if it reaches some. The
    rights are those of the environment's user; a segment that is used by another is
    known to who may use the other.

    :param list known: the ids of those that meet each of the only segment's conditions,
        where that was looked for among those that are asked about
    """
    env = segments.env
    definitions = read(segments)
    names = {
        id_: {n for n in own.get_named_ids(env) if n in definitions}
        for id_, own in definitions.items()
    }
    order, problems = _sort(segments, definitions, names)
    met = iter(known or ())

    def is_met(_condition):
        return Domain("id", "in", next(met))

    members = {}
    for id_ in order:
        own = definitions[id_]
        problem = problems.get(id_) or own.get_problem(env)
        for other in names[id_]:
            if not problem and problems[other]:
                problem = env._(
                    "“%(segment)s”: %(problem)s",
                    segment=definitions[other].name,
                    problem=problems[other],
                )
        problems[id_], members[id_] = problem, Domain.FALSE
        if not problem:
            domain = own.read_domain(env)
            if known is not None and id_ in segments._ids:
                domain = domain.map_conditions(is_met)
            domain = limit(own.combine(domain, members), own.company_id)
            members[id_] = one_per_company(domain) if own.one_per_company else domain
    # sudo: who may use a segment may not see another that it names
    browse = segments.sudo().browse
    return {browse((id_,)): (members[id_], problems[id_]) for id_ in order}


def read(segments):
    """Return ``{id: Definition}`` of segments and of all that they name, directly or
    not; of those that a form has not saved, as they are there.
    """
    env = segments.env
    new = segments.filtered(lambda segment: not segment.id)
    definitions = {
        segment.id: Definition(
            *(segment.name, segment.kind, segment.domain, segment.one_per_company),
            *(segment.company_id.id, segment.contact_ids._origin.ids),
            *(
                segment.excluded_ids._origin.ids,
                segment.include_segment_ids._origin.ids,
            ),
            segment.exclude_segment_ids._origin.ids,
        )
        for segment in new
    }
    segments.flush_model(COLUMNS)
    todo = {*(segments - new).ids}
    while True:
        for own in definitions.values():
            todo |= own.get_named_ids(env)
        todo -= definitions.keys()
        if not todo:
            return definitions
        found = {
            id_: Definition(*rest) for id_, *rest in env.execute_query(_query(todo))
        }
        if not found:
            return definitions
        definitions |= found


def _query(ids):
    """Return the query of what segments say, and those that their fields name."""
    return SQL(
        """
        WITH RECURSIVE named (id) AS (
            SELECT id FROM marketing_segment WHERE id = ANY(%s)
             UNION
            SELECT link.other FROM named JOIN (
                SELECT segment_id, included_id AS other
                  FROM marketing_segment_include_rel
                 UNION ALL
                SELECT segment_id, excluded_id FROM marketing_segment_exclude_rel
            ) link ON link.segment_id = named.id
        )
        SELECT s.id, s.name, s.kind, s.domain, s.one_per_company, s.company_id,
               ARRAY(SELECT marketing_contact_id FROM marketing_segment_contact_rel
                      WHERE marketing_segment_id = s.id),
               ARRAY(SELECT marketing_contact_id FROM marketing_segment_excluded_rel
                      WHERE marketing_segment_id = s.id),
               ARRAY(SELECT included_id FROM marketing_segment_include_rel
                      WHERE segment_id = s.id),
               ARRAY(SELECT excluded_id FROM marketing_segment_exclude_rel
                      WHERE segment_id = s.id)
          FROM marketing_segment s JOIN named ON named.id = s.id
        """,
        list(ids),
    )


def _sort(segments, definitions, names):
    """Return the ids, those that others name first, and the problems of those that name
    each other in a circle; what these name is forgotten.
    """
    problems = {}
    while True:
        try:
            return [*TopologicalSorter(names).static_order()], problems
        except CycleError as error:
            circle = error.args[1][:0:-1]
            at = next((n for n, id_ in enumerate(circle) if id_ in segments._ids), 0)
            circle = [*circle[at:], *circle[:at]]
            path = " → ".join(definitions[id_].name for id_ in (*circle, circle[0]))
            for id_ in circle:
                names[id_] = set()
                problems[id_] = segments.env._(
                    "The segments name each other in a circle: %(path)s. Take one of "
                    "them out.",
                    path=path,
                )


def one_per_company(domain):
    """Return the domain of one of the contacts of each company and its people."""

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
                          COALESCE(company.primary_person_id = member.id, FALSE) DESC,
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

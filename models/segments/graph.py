"""Who is in segments, as domains; they name each other."""

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..contact.input import read_domain
from . import words

SEGMENTS = ("include_segment_ids", "exclude_segment_ids")
# the ids of a list, and of all that these name by their fields
NAMED = """
    WITH RECURSIVE named (id) AS (
        SELECT unnest(%s)
         UNION
        SELECT link.other FROM named JOIN (
            SELECT segment_id, included_id AS other FROM marketing_segment_include_rel
             UNION ALL
            SELECT segment_id, excluded_id FROM marketing_segment_exclude_rel
        ) link ON link.segment_id = named.id
    ) SELECT id FROM named"""


class Definition:
    """What a segment says of its members, for the user of an environment.

    :ivar domain: its conditions; those of a static segment are not heeded
    :ivar linked: ``{field: ids}`` of contacts and segments
    :ivar names: the ids of the segments that it includes or excludes, by its fields or
        by its conditions, whether they are there or not
    :ivar problem: why it reaches nobody, in words, False if it reaches some
    """

    def __init__(self, env, segment, linked):
        self.name, self.linked = segment.name, linked
        self.one_per_company = segment.one_per_company
        self.company_id = segment.company_id.id
        self.domain, self.names, self.problem = Domain.FALSE, set(), False
        if segment.kind == "static":
            self.linked |= {"include_segment_ids": [], "exclude_segment_ids": []}
            return
        self.names.update(*map(self.linked.get, SEGMENTS))
        try:
            self.domain = read_domain(env, segment.domain)
            self.problem = words.get_problem(env, self.domain)
            self.names.update(words.get_named_ids(self.domain))
        except UserError as error:
            self.problem = str(error)
        except (ValueError, TypeError):
            wanted = env._("Choose the segments themselves, not by a name.")
            self.problem = self.problem or wanted

    def combine(self, members, known=None):
        """Return (domain ∪ included ∪ by hand) − by hand − excluded segments, of those
        that may be in a segment at all.

        :param dict members: the domains of the segments that are named, by their ids
        :param known: the ids of those that meet each of the conditions, if looked for
        """
        known = known and iter(known)

        def find(condition):
            if known is not None:
                return Domain("id", "in", next(known))
            if condition.field_expr != "segment_ids":
                return condition
            ids = words.get_named_ids(condition)
            found = Domain.OR(members.get(id_, Domain.FALSE) for id_ in ids)
            return ~found if condition.operator in ("!=", "not in") else found

        def unite(contacts, segments):
            ids = self.linked[contacts]
            yield Domain("id", "in", ids) if ids else Domain.FALSE
            yield from (members[id_] for id_ in self.linked[segments])

        domain = self.domain.map_conditions(find)
        domain |= Domain.OR(unite("contact_ids", "include_segment_ids"))
        domain &= ~Domain.OR(unite("excluded_ids", "exclude_segment_ids"))
        domain = limit(domain, self.company_id)
        return one_per_company(domain) if self.one_per_company else domain


def change(domain, how, others):
    """Return the domain of some and others, of some without others, or of who is both.

    :param str how: ``add``, ``reduce`` or ``refine``
    """
    if how == "add":
        return domain | others
    return domain & (others if how == "refine" else ~others)


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
    that they name; the problem is why a segment reaches nobody, in words, or False.

    The rights are those of the environment's user; a segment that is used by another is
    known to who may use the other.

    :param list known: the ids of those that meet each of the only segment's conditions,
        where that was looked for among those that are asked about
    """
    env = segments.env
    # sudo: who may use a segment may not see another that it names
    roots = _read(env, segments.sudo())
    definitions, found = _add_named(env, segments.sudo(), roots), {}

    def visit(id_, path):
        if id_ in path:
            circle = (*path[path.index(id_) :], id_)
            problem = env._(
                "The segments name each other in a circle: %(path)s. Take one of them "
                "out.",
                path=" → ".join(definitions[each].name for each in circle),
            )
            for each in circle:
                definitions[each].problem = problem
            return Domain.FALSE, problem
        if id_ not in found:
            own, members = definitions[id_], {}
            for other in own.names & definitions.keys():
                members[other], problem = visit(other, (*path, id_))
                if problem and not own.problem:
                    own.problem = env._(
                        "“%(segment)s”: %(problem)s",
                        segment=definitions[other].name,
                        problem=problem,
                    )
            met = known if id_ in roots else None
            domain = Domain.FALSE if own.problem else own.combine(members, met)
            found[id_] = domain, own.problem
        return found[id_]

    for id_ in definitions:
        visit(id_, ())
    return {segments.sudo().browse((id_,)): told for id_, told in found.items()}


def unite(segments):
    """Return the domain of the members of any of the segments that are there and that
    the user may use.
    """
    return Domain.OR(domain for domain, _problem in _get_usable(segments))


def leave_out(segments):
    """Return the domain of who is in none of the segments; nobody where one of them
    broke, as it can't be said who is in it.
    """
    usable = _get_usable(segments)
    if any(problem for _domain, problem in usable):
        return Domain.FALSE
    return ~Domain.OR(domain for domain, _problem in usable)


def _get_usable(segments):
    evaluated = evaluate(segments)
    there = segments.filtered(evaluated.__contains__)._filtered_access("read")
    return [evaluated[segment] for segment in there]


def get_named(segments):
    """Return the segments that some include or exclude, by fields or conditions."""
    read = _read(segments.env, segments.sudo())
    return segments.browse(set().union(*(own.names for own in read.values())))


def _read(env, segments):
    """Return ``{id: Definition}`` of those of the segments that are there."""
    return {s.id: Definition(env, s, known) for s in segments if (known := s.linked)}


def _add_named(env, segments, definitions):
    """Return the definitions with those of all that they name, directly or not."""
    found = definitions
    while found:
        named = set().union(*(own.names for own in found.values()))
        todo = list(named - definitions.keys())
        ids = todo and [id_ for (id_,) in env.execute_query(SQL(NAMED, todo))]
        found = _read(env, segments.browse(ids))
        definitions = definitions | found
    return definitions


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

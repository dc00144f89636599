"""Ties of people: a relation of the kind ``person`` says that a person of a company
contact and a child contact of its customer or vendor are the same. It lives while the
person's company is linked with the partner that the child belongs to.
"""

from collections import defaultdict

from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..sync.kinds import CONTACT_MODEL, get_kinds

KIND = "person"
# what makes a partner one of a company's people, or none any more
CHILD_FIELDS = {"parent_id", "type", "is_company"}
# likewise a contact
PERSON_FIELDS = {"parent_id", "is_company"}
# the child contacts of partners: never an address
IS_CHILD = (
    Domain("parent_id", "!=", False)
    & Domain("type", "=", "contact")
    & Domain("is_company", "=", False)
)


def get_children_domain(partner_ids):
    """Return the domain of the people of partners, also of their addresses."""
    return (
        IS_CHILD
        & Domain("id", "not in", partner_ids)
        & (
            Domain("parent_id", "in", partner_ids)
            | Domain("commercial_partner_id", "in", partner_ids)
        )
    )


def get_employer(child):
    """Return the partner that a child contact belongs to, none for others."""
    if child.parent_id and child.type == "contact" and not child.is_company:
        return child.commercial_partner_id
    return child.browse()


def check_ties(relations, vals_list):
    """Check that ties are between a company's person and a child of its partner.

    :param relations: those that are changed, none where new ones are made
    :param list vals_list: the values of relations, of which some may be made together
    :raise ValidationError: naming the person
    """
    env = relations.env
    kinds = get_kinds(relations.env)
    vals_list = [vals for vals in vals_list if vals["kind"]]
    ties = [vals for vals in vals_list if kinds[vals["kind"]].personal]
    if not ties:
        return
    # sudo: whoever ties people need not see all links of the company
    persons = env[CONTACT_MODEL].sudo().browse({v["contact_id"] for v in ties})
    children = env["res.partner"].sudo().browse({v["partner_id"] for v in ties})
    children.fetch(["parent_id", "commercial_partner_id", "type", "is_company"])
    known = relations.sudo().search_fetch(
        Domain("contact_id", "in", (persons.parent_id | persons).ids)
        & Domain("partner_id", "!=", False)
        & Domain("id", "not in", relations.ids),
        ["contact_id", "partner_id", "kind"],
    )
    # which contact is linked with which partner, as such
    linked = {(r.contact_id.id, r.partner_id.id) for r in known if r.kind != KIND}
    linked.update(
        (v["contact_id"], v["partner_id"]) for v in vals_list if v["kind"] != KIND
    )
    taken = defaultdict(set)
    for tie in known:
        if tie.kind == KIND:
            taken[tie.contact_id.id].add(get_employer(tie.partner_id).id)
    for vals in ties:
        person = persons.browse(vals["contact_id"])
        child = children.browse(vals["partner_id"])
        if problem := _get_problem(env, person, child, linked, taken):
            raise ValidationError(problem)
        taken[person.id].add(get_employer(child).id)


def _get_problem(env, person, child, linked, taken):
    """Return why a person and a child contact can't be tied, None if they can.

    :param set linked: pairs of ids of contacts and partners that are linked as such
    :param dict taken: ``{person id: ids of the partners whose child it is}``
    """
    employer = get_employer(child)
    employers = {child.parent_id.id, employer.id} if employer else set()
    company = person.parent_id
    if not any((company.id, id_) in linked for id_ in employers if company):
        return env._(
            "“%(person)s” and “%(child)s” can't be the same: the one must be a "
            "person of a company, the other a contact of its customer or "
            "vendor, and those two linked.",
            person=person.with_env(env).display_name,
            child=child.with_env(env).display_name,
        )
    if employer.id in taken[person.id]:
        return env._(
            "“%(person)s” stands for another contact of “%(company)s” already.",
            person=person.with_env(env).display_name,
            company=employer.with_env(env).display_name,
        )
    return None


def find_ties(env, sides):
    """Return the ties of contacts and partners, and of their people.

    :param dict sides: ``{model name: ids}``
    """
    contact_ids = list(sides.get(CONTACT_MODEL, ()))
    partner_ids = list(sides.get("res.partner", ()))
    # sudo: ties that the user may not see end as well
    ties = env["marketing.contact.relation"].sudo()
    if not (contact_ids or partner_ids):
        return ties
    found = ties.with_context(active_test=False).search(
        Domain("kind", "=", KIND)
        & (
            Domain("contact_id", "in", contact_ids)
            | Domain("contact_id.parent_id", "in", contact_ids)
            | Domain("partner_id", "in", partner_ids)
            | Domain("partner_id.parent_id", "in", partner_ids)
            | Domain("partner_id.commercial_partner_id", "in", partner_ids)
        )
    )
    return ties.browse(found.ids)


def drop_dead_ties(ties):
    """Remove those of the ties that have lost what they live by; both records stay.

    :param ties: as of :func:`find_ties`
    """
    if not ties:
        return
    env = ties.env
    env["res.partner"].flush_model([*CHILD_FIELDS, "commercial_partner_id"])
    env[CONTACT_MODEL].flush_model(list(PERSON_FIELDS))
    ties.flush_model()
    rows = env.execute_query(
        SQL(
            """
            SELECT tie.id
              FROM marketing_contact_relation tie
              JOIN marketing_contact person ON person.id = tie.contact_id
              JOIN res_partner child ON child.id = tie.partner_id
             WHERE tie.id IN %(ids)s AND NOT (
                   person.is_company IS NOT TRUE
                   AND child.is_company IS NOT TRUE
                   AND child.type = 'contact'
                   AND EXISTS (
                       SELECT FROM marketing_contact_relation link
                        WHERE link.contact_id = person.parent_id
                          AND link.partner_id IN (
                              child.parent_id, child.commercial_partner_id)
                          AND link.partner_id != child.id
                          AND link.kind != %(kind)s))
            """,
            ids=ties._ids,
            kind=KIND,
        )
    )
    ties.browse(row[0] for row in rows).unlink()

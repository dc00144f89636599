"""The flag on both sides of a link, `marketing_linked`, which tells saves to look for
links. By SQL: nothing else of the records changes.
"""

from odoo.tools import SQL

from ..sync.kinds import CONTACT_MODEL, get_kinds, get_target_models


def get_sides(relations):
    """Return ``{model name: ids}`` of the contacts and of what they share with."""
    # sudo: a side may be one that the user may not see
    relations = relations.sudo().filtered("kind")
    sides = {CONTACT_MODEL: relations.contact_id.ids}
    for kind in get_kinds(relations.env).values():
        of_kind = relations.filtered(lambda r, kind=kind: r.kind == kind.name)
        sides.setdefault(kind.shared_model, []).extend(of_kind[kind.shared_column].ids)
    return sides


def raise_flags(env, sides):
    """Say on records that they are linked.

    It also makes two users who link the same side at once wait, and one of them retry:
    the rows are updated, so that a transaction that began before can't go on with its
    old view of them.

    :param dict sides: ``{model name: ids}``
    """
    for model_name in get_target_models(env):
        _update(env[model_name].browse(sides.get(model_name, ())), SQL("TRUE"))


def lower_flags(env, sides, links=None):
    """Say on records that lost a link whether they have others.

    :param dict sides: ``{model name: ids}``
    :param links: the links now; what is a side of theirs has lost none
    """
    if not any(sides.values()):
        return
    env["marketing.contact.relation"].flush_model()
    still_sides = get_sides(links) if links else {}
    for model_name in get_target_models(env):
        ids = set(sides.get(model_name, ())) - set(still_sides.get(model_name, ()))
        records = env[model_name].browse(ids)
        still = SQL(
            """EXISTS (SELECT FROM marketing_contact_relation relation
                        WHERE relation.%s = side.id AND relation.kind IS NOT NULL)""",
            SQL.identifier(records._marketing_link_column),
        )
        _update(records, still)


def _update(records, value):
    """Write the flag, records in the order of their ids; no record is no matter."""
    records = records.browse(id_ for id_ in records._ids if id_)
    if not records:
        return
    records.flush_recordset(["marketing_linked"])
    records.env.cr.execute(
        SQL(
            """
            UPDATE %(table)s side SET marketing_linked = %(value)s
             WHERE id IN (SELECT id FROM %(table)s WHERE id IN %(ids)s
                           ORDER BY id FOR NO KEY UPDATE)
            """,
            table=SQL.identifier(records._table),
            value=value,
            ids=records._ids,
        )
    )
    records.invalidate_recordset(["marketing_linked"], flush=False)

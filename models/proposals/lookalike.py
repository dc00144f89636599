"""Whether an open proposal names a record, for the banner on its form."""

from odoo import fields
from odoo.tools import SQL

from .states import get_states

# the bands that people are told about on forms, and from which chance on, in per cent:
# more likely than not
TOLD_BANDS = ("sure", "ask")
TOLD_FROM = 50


class Lookalike(fields.Boolean):
    """Says whether an open proposal names the record.

    It is asked of the proposals in the very query that reads the record's row, so that
    a form pays no query for it. Its column stays empty, there for whoever copies rows
    by SQL: a look at everybody would write on, and lock, thousands of customers that
    people are saving, and each row that is written is read anew before the next look
    (`keys.py`).
    """

    _depends_context = ("uid", "allowed_company_ids")

    copy = False
    exportable = False
    prefetch = False  # only who asks for it by name pays for it
    readonly = True

    def write(self, records, value):
        """Write on none of the records: proposals say so, nobody by hand."""
        return super().write(records.browse(), value)

    def to_sql(self, model, alias):
        """Return the SQL of whether a proposal that the user may see names the row."""
        env = model.env
        Match = env["marketing.match"]
        columns = get_columns(Match, model._name)
        seen = _seen_sql(Match)
        names = ("band", "company_id", "contact_id", "other_contact_id", "score")
        names = (*names, "state")
        proposals = [
            SQL(
                """
                EXISTS (SELECT FROM marketing_match proposal
                         WHERE proposal.%(column)s = %(id)s
                           AND proposal.state IN %(states)s
                           AND proposal.band IN %(bands)s
                           AND proposal.score > %(score)s AND %(seen)s
                           AND NOT EXISTS (
                            SELECT FROM marketing_contact merged
                             WHERE merged.id IN (proposal.contact_id,
                                                 proposal.other_contact_id)
                               AND merged.merged_into_id IS NOT NULL))
                """,
                column=SQL.identifier(column),
                id=SQL.identifier(alias, "id"),
                states=tuple(get_states(asked=True)),
                bands=TOLD_BANDS,
                score=TOLD_FROM,
                seen=seen,
            )
            for column in columns
        ]
        return SQL(
            "(%s)",
            # of a kind that is not matched there are none
            SQL(" OR ").join(proposals or [SQL("FALSE")]),
            to_flush=[Match._fields[name] for name in (*names, *columns)],
        )


def _seen_sql(Match):
    """Return the SQL of whether the user may see a proposal `proposal`."""
    env = Match.env
    if env.su:
        return SQL("TRUE")
    company = SQL(
        "(proposal.company_id IS NULL OR proposal.company_id = ANY(%s))",
        env.companies.parent_ids.ids,
    )
    # by further rules of the models, such as of a salesperson's own ones
    hidden = Match._get_readable_domain()
    if hidden.is_true():
        return company
    readable = Match.with_context(active_test=False)._search(hidden)
    return SQL("%s AND proposal.id IN %s", company, readable.subselect())


def get_columns(Match, model_name):
    """Return the fields of proposals that may name a record of the model."""
    return [
        name
        for name in ("contact_id", *(s.column for s in Match._get_sides().values()))
        if Match._fields[name].comodel_name == model_name
    ]


def forget(env):
    """Take what is known of open proposals out of memory: they have changed."""
    for side in env["marketing.match"]._get_sides().values():
        model = env[side.model]
        if "marketing_lookalike" not in model._fields:
            continue
        model.invalidate_model(["marketing_lookalike"], flush=False)

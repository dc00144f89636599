"""Which companies go together: a record of none is there for all companies, one of a
company for those below it, too.
"""

from odoo.tools import SQL


def is_open_to(owner, company):
    """Return whether a record of the company `owner` is there for `company`."""
    return not owner or owner in company.parent_ids


def go_together(company, other):
    """Return whether records of the two companies may belong to each other."""
    return is_open_to(company, other) or is_open_to(other, company)


def get_open_ids(companies):
    """Return the ids of the companies whose records are there for one of `companies`,
    the topmost first, with False for those of none, as a domain takes them.
    """
    return [False, *companies.parent_ids.ids]


def get_related_ids(env):
    """Return the pairs of ids of different companies that go together, both ways
    round.
    """
    rows = env.execute_query(
        SQL(
            """
            SELECT above.id, below.id
              FROM res_company above JOIN res_company below
                ON below.parent_path LIKE above.parent_path || '%%'
             WHERE below.id <> above.id
            """
        )
    )
    return {pair for row in rows for pair in (row, row[::-1])}


def is_open_sql(owner_id, company_id):
    """Return the SQL of :func:`is_open_to` for the ids of two companies."""
    return SQL(
        """
        (%(owner)s IS NULL OR EXISTS (
            SELECT FROM res_company above JOIN res_company below
                ON below.parent_path LIKE above.parent_path || '%%'
             WHERE above.id = %(owner)s AND below.id = %(company)s))
        """,
        owner=owner_id,
        company=company_id,
    )

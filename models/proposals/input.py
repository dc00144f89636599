"""What callers send to matching, checked."""

import psycopg2

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import mute_logger

RUBBISH = (
    *(TypeError, ValueError, KeyError, AttributeError),
    *(psycopg2.DataError, psycopg2.ProgrammingError),
)


def check_limit(env, limit):
    """:raise UserError: unless `limit` is a number of records, or None for all"""
    is_number = isinstance(limit, int) and not isinstance(limit, bool)
    if limit is not None and not (is_number and 0 <= limit < 2**31):
        raise UserError(
            env._("A number of records is wanted, not %(limit)s.", limit=repr(limit))
        )


def check_domain(model, domain):
    """Return the domain of records of a model, all for none.

    :raise UserError: if it can't be searched by
    """
    env = model.env
    try:
        with mute_logger("odoo.sql_db"), env.cr.savepoint():
            domain = Domain(domain or Domain.TRUE)
            model.search(domain, limit=1)
    except RUBBISH as error:
        raise UserError(
            env._("The filter can't be read: %(domain)s", domain=repr(domain))
        ) from error
    return domain

"""Trying what may be refused: all or none of it, each by itself, in nobody's way.

Each try is a savepoint, which takes the journal's notes back along with it.
"""

import logging
from contextlib import contextmanager

import psycopg2

from odoo.exceptions import RedirectWarning, UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)

# What is a refusal, told to people; all else is an error in code, and logged. The way
# to the setup, which managers are shown, is no UserError for Odoo.
REFUSALS = (RedirectWarning, UserError)
# No matter of the records: Odoo tries the whole again, on the primary where a request
# was to read only, or the database is gone.
PASSED_ON = (
    *PG_CONCURRENCY_EXCEPTIONS_TO_RETRY,
    psycopg2.InterfaceError,
    psycopg2.OperationalError,
    psycopg2.errors.ReadOnlySqlTransaction,
)


@contextmanager
def harmless(env, logger, message, *args, flush=True):
    """Do what follows, or none of it: what goes wrong is logged and stops nobody.

    :param logger: the logger of who tries
    :param str message: what to log, with `args`
    :param bool flush: False where a savepoint must not end the tracking of changes, as
        at a commit
    :return: yields a list that holds the error afterwards, if there was one
    """
    errors = []
    if not flush:
        # what is pending is not ours: its errors are not swallowed, nor is it lost
        env.flush_all()
    try:
        with env.cr.savepoint(flush=flush):
            yield errors
    except PASSED_ON:
        raise
    except Exception as error:
        if not flush:
            # such a savepoint leaves in memory what it rolled back
            env.invalidate_all(flush=False)
        errors.append(error)
        logger.exception(message, *args)


class TooManyRefused(Exception):
    """So many were refused in a row that going on makes no sense."""


class Attempt:
    """Working on records, and finding those of them that are refused: by halves, each
    whole or not at all.

    :param env: the environment that the work is done in
    :param work: function of some of the records; returns nothing, or pairs of a record
        and the error that says what of it was left alone
    :param errors: the classes of errors that concern a record, not the whole
    :param int patience: how many may be refused in a row, None for any number
    :param logger: who logs what is no refusal
    :ivar done: the records that were worked on, a list
    :ivar refused: pairs of a record and the error; what was left alone of a record
        that was worked on is among them
    """

    def __init__(self, env, work, errors=REFUSALS, patience=None, logger=_logger):
        self.env = env
        self.do = work
        self.errors = errors
        self.patience = patience
        self.logger = logger
        self.done = []
        self.refused = []
        self.in_row = 0

    def work(self, records):
        """Work on the records, those that can be.

        :param records: a recordset, or a list of anything
        :return: the attempt
        :raise TooManyRefused: if more are refused in a row than patience allows
        """
        if not records:
            return self
        try:
            with self.env.cr.savepoint():
                left = self.do(records) or []
                self.env.flush_all()
        except PASSED_ON:
            raise
        except self.errors as error:
            if len(records) > 1:
                # look for the one that is refused, the others are done
                half = len(records) // 2
                return self.work(records[:half]).work(records[half:])
            self._refuse(records[0], error)
        else:
            self.refused += left
            known = [record for record, _error in left]
            self.done += [record for record in records if record not in known]
            self.in_row = 0
        return self

    def _refuse(self, record, error):
        if not isinstance(error, REFUSALS):
            self.logger.exception("%s failed", record)
        self.refused.append((record, error))
        self.in_row += 1
        if self.in_row == self.patience:
            raise TooManyRefused from error

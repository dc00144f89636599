"""Who waits to be looked up: what others changed by the thousand is read behind the
save that wanted to know, proposals follow.
"""

from odoo.tools import SQL

from ..sync.kinds import CONTACT_MODEL
from . import lookup, store

# How many are looked up in one transaction.
STEP = 500
# From this chance on who asks is told of a record that another one fits better.
LIKELY = 50


def create_table(cr):
    """Make the table of those who wait: ids of records, by their side."""
    cr.execute(
        """
        CREATE TABLE IF NOT EXISTS marketing_match_waiting (
            side varchar NOT NULL, id int4 NOT NULL)
        """
    )


def wait(env, records=None):
    """Have the keys brought up to date behind this transaction, then look up who is the
    same as records.

    :param records: contacts, or records of another side
    """
    side = records and env["marketing.match"]._get_side(records._name)
    if side:
        env.cr.execute(
            SQL(
                "INSERT INTO marketing_match_waiting (side, id) SELECT %s, unnest(%s)",
                side.name,
                list(records.ids),
            )
        )
    # sudo: whoever makes a customer may start no scheduled action
    cron = env.ref("marketing_contact.ir_cron_match_keys", raise_if_not_found=False)
    if cron:
        cron.sudo()._trigger()


def is_waiting(records):
    """Return whether some of the records are still to be looked up."""
    env = records.env
    side = env["marketing.match"]._get_side(records._name)
    env.cr.execute(
        SQL(
            "SELECT FROM marketing_match_waiting WHERE side = %s AND id = ANY(%s) "
            "LIMIT 1",
            side.name,
            list(records.ids),
        )
    )
    return bool(env.cr.rowcount)


def look_up(env):
    """Look up the next of those who wait.

    :return: how many there were
    """
    count = 0
    for side in env["marketing.match"]._get_sides().values():
        env.cr.execute(
            SQL(
                """
                DELETE FROM marketing_match_waiting WHERE ctid = ANY(ARRAY(
                    SELECT ctid FROM marketing_match_waiting WHERE side = %s LIMIT %s
                )) RETURNING id
                """,
                side.name,
                STEP,
            )
        )
        ids = {id_ for (id_,) in env.cr.fetchall()}
        count += len(ids)
        propose_for(env[side.model].browse(ids).exists(), wait_again=False)
    return count


def propose_for(records, wait_again=True):
    """Look up who is the same as records, in one set, and propose it to people.

    :param records: contacts, or records that contacts are compared with
    :param bool wait_again: look them up once more where not all could be looked through
    """
    if not records:
        return
    env = records.env
    Match = env["marketing.match"]
    if records._name == CONTACT_MODEL:
        sides = list(Match._get_sides().values())
    else:
        sides = [side for side in [Match._get_side(records._name)] if side]
    complete = True
    for side in sides:
        complete &= _propose(records, side)
    if wait_again and not complete:
        wait(env, records)


def _propose(records, side):
    """Propose what is the same; return whether all could be looked through."""
    proposals, complete = lookup.get_proposals(records, side, as_superuser=True)
    store.propose(
        # sudo: proposals are written by the engine alone
        records.env["marketing.match"].sudo(),
        side,
        [
            proposal
            for found in proposals.values()
            for proposal in found
            if proposal.free
            and (proposal.band != "unsure" or proposal.chance >= LIKELY)
        ],
    )
    return complete

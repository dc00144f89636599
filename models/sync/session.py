"""What the engine is at, one session for each cursor."""

from contextlib import contextmanager
from weakref import WeakKeyDictionary

from .journal import Journal

# By cursor. The cursor's own cache won't do: a savepoint that is rolled back, anywhere
# in between, empties it.
_sessions = WeakKeyDictionary()


class Session:
    """What the engine is at in a transaction.

    :ivar journal: the open :class:`Journal`, if there is one
    :ivar being_written: ``{record key: the fields that the engine writes there}``
    :ivar side_changes: ``{record key: other fields that changed with them}``
    :ivar stored: the links that are ready to be stored, see :meth:`storing`
    :ivar run_id: the bulk work that writes, if one does
    :ivar waiting: ``{(model name, kinds): cards}`` that get their contacts when the
        import that makes them has ended, None outside of one
    """

    def __init__(self):
        self.journal = None
        self.being_written = {}
        self.side_changes = {}
        self.stored = frozenset()
        self.run_id = None
        self.waiting = None

    @contextmanager
    def storing(self, links):
        """Note which links `create` and `write` are to store as they are.

        :param links: the ids of those that are there, the sides of those that are not
        """
        outer, self.stored = self.stored, frozenset(links)
        try:
            yield
        finally:
            self.stored = outer

    @contextmanager
    def writing(self, planned, sources):
        """Note what is being written: a `write` there starts no pass of its own.

        :param dict planned: ``{record key: fields}``, what is about to be written
        :param sources: the record keys that it comes from
        :return: yields a dict that holds, after the block, ``{record key: fields}`` of
            the side changes
        """
        own = []
        for key, names in [*planned.items(), *((key, frozenset()) for key in sources)]:
            if key not in self.being_written:
                self.being_written[key] = names
                own.append(key)
        side_changes = {}
        try:
            yield side_changes
        finally:
            # also when a write was refused: the next pass knows nothing of it
            for key in own:
                del self.being_written[key]
                if names := self.side_changes.pop(key, None):
                    side_changes[key] = names

    def note_side_changes(self, changes):
        """Note what changed on records that are being written, beyond what was planned.

        :param dict changes: ``{record key: {field: new value}}``
        """
        for key, changed in changes.items():
            self.side_changes.setdefault(key, set()).update(changed)


def get_session(env):
    """Return what the engine is at in the transaction."""
    session = _sessions.get(env.cr)
    if session is None:
        session = _sessions[env.cr] = Session()
    return session


@contextmanager
def open_journal(env, origin, own=False):
    """Open a journal for what happens inside, or go on with the open one.

    It is written when it closes without an error. What is rolled back meanwhile, with
    anybody's savepoint, is not in it.

    :param str origin: what happens, one of the origins of a batch
    :param bool own: keep a journal of its own also inside of another
    :return: yields the :class:`Journal`
    """
    session = get_session(env)
    outer = session.journal
    if outer is not None and (outer.dry or not own):
        yield outer
        return
    with _opened(env, Journal(origin, run_id=session.run_id)) as journal:
        yield journal
        journal.save(env)


@contextmanager
def dry_journal(env):
    """Open a journal that is never written, for what will be rolled back."""
    with _opened(env, Journal("preview", dry=True)) as journal:
        yield journal


@contextmanager
def _opened(env, journal):
    """Let a journal be the open one, and hear of savepoints."""
    session = get_session(env)
    outer, session.journal = session.journal, journal
    cursor = env.cr
    watching = "savepoint" in vars(cursor)
    if not watching:
        cursor.savepoint = _watch(session, cursor.savepoint)
    try:
        yield journal
    finally:
        session.journal = outer
        if not watching:
            del cursor.savepoint


def _watch(session, make):
    """Return a cursor's `savepoint` whose roll-backs reach the open journal.

    Odoo tells nobody of a roll-back to a savepoint. Each is made by this method of the
    cursor, so that it stands there as long as a journal is open (tested in
    `tests/test_journal.py`).

    :param make: the cursor's own method
    """

    def savepoint(*args, **kwargs):
        made = make(*args, **kwargs)
        journal = session.journal
        mark, roll_back = journal.mark(), made.rollback

        def rollback():
            roll_back()
            journal.take_back(mark)

        made.rollback = rollback
        return made

    return savepoint


@contextmanager
def holding_back(env):
    """Let cards that are made inside wait for their contacts.

    :return: yields a dict that holds, after the block, ``{(model name, kinds): cards}``
    """
    session = get_session(env)
    if session.waiting is not None:
        # an import inside another one: the outer sees to all
        yield {}
        return
    session.waiting = waiting = {}
    try:
        yield waiting
    finally:
        session.waiting = None

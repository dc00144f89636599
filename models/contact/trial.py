"""What will be rolled back: a preview, a test of an import."""

from contextlib import contextmanager
from weakref import WeakKeyDictionary

# How many trials a cursor is in. Its own cache won't do: a savepoint that is rolled
# back, anywhere in between, empties it.
_trials = WeakKeyDictionary()


@contextmanager
def trial(cr):
    """Note that all that happens inside will be rolled back."""
    _trials[cr] = _trials.get(cr, 0) + 1
    try:
        yield
    finally:
        _trials[cr] -= 1


def is_trial(cr):
    """Return whether what happens now will be rolled back."""
    return bool(_trials.get(cr))

"""Processes that die at the worst moment, as the tests of faults need them."""

import os
import select
import signal
import time
from unittest.mock import patch

from odoo import SUPERUSER_ID, api, sql_db

PATIENCE = 60


def kill_at(registry, deed, model, method, call=1):
    """Do something in a process of its own and kill it (SIGKILL) on the way.

    The process is killed when it has come through a method for the n-th time: what it
    did there is written, and not committed. Returns when its session has ended, too.

    :param function deed: what to do with an environment of the superuser
    :param model: the name of the model whose method is watched, or the module or class
        whose function is
    :param str method: its name
    :param int call: which call of it is the last one
    """
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(reader)
        try:
            _be_doomed(registry, deed, (model, method, call), writer)
        finally:
            os._exit(1)  # no clean-up of what belongs to the parent
    os.close(writer)
    try:
        ready, _w, _x = select.select([reader], [], [], PATIENCE)
        message = os.read(reader, 1000).decode() if ready else ""
    finally:
        os.close(reader)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    if not message.isdigit():
        raise AssertionError(f"It never came to {model}.{method}: {message}")
    _await_end(registry, int(message))


def _be_doomed(registry, deed, place, writer):
    """Be the process that dies."""
    model, method, last_call = place
    # the parent's connections stay the parent's
    sql_db._Pool = sql_db._Pool_readonly = None
    registry._db = sql_db.db_connect(registry.db_name)
    calls = 0
    owner = registry[model] if isinstance(model, str) else model
    original = getattr(owner, method)

    def watched(first, *args, **kwargs):
        nonlocal calls
        result = original(first, *args, **kwargs)
        calls += 1
        if calls == last_call:
            given = (getattr(first, "env", first), *args)
            env = next(arg for arg in given if isinstance(arg, api.Environment))
            env.flush_all()
            backend = env.cr.connection.get_backend_pid()
            os.write(writer, str(backend).encode())
            time.sleep(PATIENCE)
        return result

    try:
        with patch.object(owner, method, watched), registry.cursor() as cr:
            deed(api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True}))
        os.write(writer, b"it came to its end")
    except BaseException as error:
        os.write(writer, repr(error).encode()[:900])


def _await_end(registry, backend):
    """Wait until a session has ended: PostgreSQL notices it a moment later."""
    for _attempt in range(PATIENCE * 10):
        with registry.cursor() as cr:
            cr.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [backend])
            if not cr.rowcount:
                return
        time.sleep(0.1)
    raise AssertionError("The session of the killed process is still there.")

"""A worker of queue_job, as its runner starts them, without the runner."""

import os
import time

from odoo import SUPERUSER_ID, api, sql_db
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from odoo.addons.queue_job.job import Job


def take(cr):
    """Return the uuid of a job that nobody else is at, marked as started."""
    cr.execute(
        """
        UPDATE queue_job SET state = 'started', date_started = now() WHERE uuid = (
            SELECT uuid FROM queue_job WHERE state = 'pending'
             ORDER BY id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED)
        RETURNING uuid
        """
    )
    row = cr.fetchone()
    cr.commit()
    return row and row[0]


def work(registry, limit=None):
    """Perform the jobs that are pending. Return how many, and the repetitions."""
    done = retries = 0
    while limit is None or done < limit:
        with registry.cursor() as cr:
            try:
                uuid = take(cr)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                cr.rollback()
                continue
            if not uuid:
                return done, retries
            try:
                job = Job.load(api.Environment(cr, SUPERUSER_ID, {}), uuid)
                job.perform()
                job.set_done()
                job.store()
                cr.commit()
                done += 1
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                cr.rollback()
                retries += 1
                cr.execute(
                    "UPDATE queue_job SET state = 'pending' WHERE uuid = %s", [uuid]
                )
                time.sleep(0.05)
    return done, retries


def fork(registry, **kwargs):
    """Start a worker as a process of its own.

    :return: its pid, and the file that it reports to when it ends
    """
    reader, writer = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writer)
        return pid, reader
    try:
        os.close(reader)
        # the parent's connections stay the parent's
        sql_db._Pool = sql_db._Pool_readonly = None
        registry._db = sql_db.db_connect(registry.db_name)
        done, retries = work(registry, **kwargs)
        os.write(writer, f"{done} {retries}".encode())
    except BaseException as error:
        os.write(writer, repr(error)[:900].encode())
    finally:
        os._exit(0)


def join(pid, reader):
    """Return what a worker reported."""
    with os.fdopen(reader) as file:
        text = file.read()
    os.waitpid(pid, 0)
    return text

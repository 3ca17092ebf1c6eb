"""Calls in several threads at once, each with a connection to the database of its own."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from django.db import connection, transaction

from tests.support.waiting import PATIENCE, wait_until

WAITING = """SELECT COUNT(*) FROM pg_locks
    WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"""


def in_thread(function, *arguments):
    """Call a function in a thread, which then gives up its connection to the database."""
    try:
        return function(*arguments)
    finally:
        connection.close()


def together(*functions):
    """Call functions at the same time, and return their results. Raises what one of them raises."""
    with ThreadPoolExecutor(len(functions)) as threads:
        calls = [threads.submit(in_thread, function) for function in functions]
    return [call.result() for call in calls]


def overlap(first, second):
    """Call `first` in a transaction that lasts until `second` waits for it or has ended.

    Returns whether `second` waited. It needs PostgreSQL.
    """
    begun, ended = Event(), Event()

    def begin():
        with transaction.atomic():
            first()
            begun.set()
            wait_until(lambda: ended.is_set() or is_awaited(), "neither waits nor ends")
            return not ended.is_set()

    def follow():
        assert begun.wait(PATIENCE)
        second()
        ended.set()

    return together(begin, follow)[0]


def is_awaited():
    """Return whether another transaction of PostgreSQL waits for this one."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return cursor.fetchone()[0] > 0

"""Announces changes of rooms, so that the server process looks at them at once.

The functions of this package that append lines, rewrite lines or end connections announce the room
themselves, so their callers (pages, admin, commands) do not. If an announcement is lost, the next
poll finds the change.
"""

import threading
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar, TypeVarTuple

from django.db import transaction

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")

_listener: Callable[[int], None] | None = None
_ended_listener: Callable[[int], None] | None = None
_account_listener: Callable[[int], None] | None = None
_people_listener: Callable[[int], None] | None = None
_thread = threading.local()


def listen(
    listener: Callable[[int], None] | None,
    ended_listener: Callable[[int], None] | None = None,
    account_listener: Callable[[int], None] | None = None,
    people_listener: Callable[[int], None] | None = None,
) -> None:
    """Call `listener(room_id)` after each committed change, on the thread that committed it.

    `ended_listener(connection_id)` is called for each connection that was ended,
    `account_listener(user_id)` for each account that has changed its place in a room, and
    `people_listener(connection_id)` for each connection of a person for whom a notice waits. There
    is one listener: the server process of this operating system process. None removes it.
    """
    global _listener, _ended_listener, _account_listener, _people_listener
    _listener, _ended_listener = listener, ended_listener
    _account_listener, _people_listener = account_listener, people_listener


def announce(room_id: int) -> None:
    """Tell the listener about a change of a room once the present transaction has committed."""
    transaction.on_commit(partial(_tell, room_id))


def announce_ended(connection_ids: Iterable[int]) -> None:
    """Tell the listener about ended connections once the present transaction has committed."""
    transaction.on_commit(partial(_tell_ended, list(connection_ids)))


def announce_account(user_id: int) -> None:
    """Tell the listener that an account has changed its place in a room, which no line says."""
    transaction.on_commit(partial(_tell_account, user_id))


def announce_people(connection_ids: Iterable[int]) -> None:
    """Tell the listener, after the commit, that notices wait for the people of connections."""
    transaction.on_commit(partial(_tell_people, list(connection_ids)))


def collect(
    function: Callable[[*Arguments], Result], *arguments: *Arguments
) -> tuple[Result, set[int]]:
    """Call a function, and return its result and the ids of the rooms that it has changed.

    The listener is not told, because the caller wakes the readers itself, and ends connections that
    it holds.
    """
    _thread.room_ids = room_ids = set[int]()
    try:
        return function(*arguments), room_ids
    finally:
        _thread.room_ids = None


def _tell(room_id: int) -> None:
    collection: set[int] | None = getattr(_thread, "room_ids", None)
    if collection is not None:
        collection.add(room_id)
    elif _listener is not None:
        _listener(room_id)


def _tell_account(user_id):
    if _account_listener is not None:
        _account_listener(user_id)


def _tell_people(connection_ids):
    if _people_listener is not None:
        for connection_id in connection_ids:
            _people_listener(connection_id)


def _tell_ended(connection_ids):
    if getattr(_thread, "room_ids", None) is None and _ended_listener is not None:
        for connection_id in connection_ids:
            _ended_listener(connection_id)

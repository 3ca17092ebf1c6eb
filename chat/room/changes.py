"""Announces changes of rooms, so that the server process looks at them at once.

The functions of this package that append lines, rewrite lines or end connections announce the room
themselves, so their callers (pages, admin, commands) do not. If an announcement is lost, the next
poll finds the change.
"""

import threading
from collections.abc import Callable
from functools import partial

from django.db import transaction

_listener: Callable[[int], None] | None = None
_thread = threading.local()


def listen(listener: Callable[[int], None] | None) -> None:
    """Call `listener(room_id)` after each committed change, on the thread that committed it.

    There is one listener: the server process of this operating system process. None removes it.
    """
    global _listener
    _listener = listener


def announce(room_id: int) -> None:
    """Tell the listener about a change of a room once the present transaction has committed."""
    if not getattr(_thread, "silent", False):
        transaction.on_commit(partial(_tell, room_id))


def silence_thread() -> None:
    """Announce nothing from this thread, because its owner wakes the readers itself."""
    _thread.silent = True


def _tell(room_id: int) -> None:
    if _listener is not None:
        _listener(room_id)

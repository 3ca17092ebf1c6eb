"""Security events: what happened to accounts and at the doors.

The code that changes or refuses something calls `record`. Each event becomes a row of
`SecurityEvent` and a line of the server's log. Repeats of one kind from one address within a minute
are one row with a count.

A server process stores the rows in the background, so recording never waits for the database, and
never fails. If the database is away for long, some rows are lost, but not the lines of the log.
"""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from ipaddress import ip_address
from threading import Lock
from typing import NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from chat.accounts import event_rows
from chat.accounts.event_tally import Event, Tally
from chat.models import SecurityEvent, User
from chat.models.security_event import MAX_AGENT, MAX_DETAIL
from chat.models.unavailable import Unavailable
from chat.names.keys import key_of

logger = logging.getLogger(__name__)

Kind = SecurityEvent.Kind

STORED_AT_ONCE = 200  # entries in one transaction
MAX_TYPED_ACCOUNT = 254  # characters of a typed name that are compared


class Requester(NamedTuple):
    """The sender of a request: an address and a program, and the account that is signed in there.

    All of it may be missing. The texts may be anything that a stranger can send.
    """

    address: str = ""
    user_agent: str = ""
    account: User | None = None


NOBODY = Requester()
COMMAND_LINE = Requester(user_agent="manage.py")


def record(
    kind: Kind, requester: Requester, account: User | str | None = None, detail: str = ""
) -> None:
    """Record an event. It can be called from any thread, and from a coroutine.

    `account` is the account that the event is about, or the name of one as somebody has typed it.
    In a transaction, the event is recorded when the transaction commits.
    """
    event = _event(kind, requester, account, detail)
    if connection.in_atomic_block:
        transaction.on_commit(partial(_add, event), robust=True)
    else:
        _add(event)


def _event(kind, requester, account, detail):
    event = Event(
        kind=kind.value,
        address=plain_address(requester.address),
        user_agent=one_line(requester.user_agent, MAX_AGENT),
        by=requester.account.username if requester.account else "",
        detail=one_line(detail, MAX_DETAIL),
    )
    if isinstance(account, str):
        key = key_of(account.strip()[:MAX_TYPED_ACCOUNT])
        event = event._replace(account_key=key if key.isprintable() else "")  # NUL and the like
    elif account is not None:
        # The key of a name by the present rules; an account may have to keep that of earlier ones.
        key = key_of(account.username)
        event = event._replace(account=account.username, account_key=key, user_id=account.pk)
    is_own = event.by and key_of(event.by) == event.account_key
    return event._replace(by="") if is_own else event


def plain_address(text: str) -> str:
    """Return an address in its usual form; an empty text for what is no address."""
    try:
        address = ip_address(text.partition("%")[0])  # without the zone of a link-local address
    except ValueError:
        return ""
    return str(getattr(address, "ipv4_mapped", None) or address)


def one_line(text: str, limit: int) -> str:
    """Return a text from a stranger as one line of printable characters."""
    text = text[: 4 * limit]
    printable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(printable.split())[:limit]


# Storing

_tally = Tally()
_tally_lock = Lock()
_storing_lock = Lock()
_is_stored_elsewhere: Callable[[], bool] = bool


def forget() -> None:
    """Forget everything that was recorded, stored or not. For tests, which share a process."""
    global _tally
    with _storing_lock, _tally_lock:
        _tally = Tally()


def store_in_background(is_running: Callable[[], bool]) -> None:
    """Let a server process store the events with `store`, as long as `is_running()` is true."""
    global _is_stored_elsewhere
    _is_stored_elsewhere = is_running


def _add(event: Event) -> None:
    with _tally_lock:
        _tally.add(event, timezone.now())
    if _is_stored_elsewhere() or _is_on_event_loop():
        return
    try:
        store()
    except Unavailable as error:
        logger.warning("Security events cannot be stored now: %s", error)


def _is_on_event_loop():
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def store() -> None:
    """Store what was recorded. Raises the error of a database that is away, and loses nothing."""
    with _storing_lock:
        while entries := _unstored():
            try:
                event_rows.store(entries)
            except Unavailable:
                raise
            except Exception:
                # Another attempt would fail too, and no request should fail because of it.
                logger.exception("%s security events cannot be stored", len(entries))
            with _tally_lock:
                _tally.mark_stored(entries)


def _unstored():
    with _tally_lock:
        _tally.forget_old(timezone.now())
        return _tally.unstored(STORED_AT_ONCE)


def has_unstored() -> bool:
    """Return whether something was recorded and is not stored yet."""
    return bool(_unstored())

"""Counts security events of the last minute, so that repeats become one row and one line."""

import json
import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

from chat.accounts.addresses import network_of
from chat.models import SecurityEvent

logger = logging.getLogger(__name__)

Kind = SecurityEvent.Kind

TOGETHER = timedelta(minutes=1)  # for which repeats of an event are counted together
MAX_ENTRIES = 20_000  # events that are counted at a time, of all kinds
# Limits for events that people can cause who are not signed in. Beyond a limit, events are counted
# together although their accounts differ, then also their details, and at last their addresses.
CAUSED_BY_ANYBODY = frozenset(
    {
        *(Kind.SIGN_IN_FAILED, Kind.THROTTLED, Kind.RESET_REQUESTED),
        *(Kind.ORIGIN_REFUSED, Kind.FORM_REFUSED),
    }
)
MAX_ACCOUNTS_OF_NETWORK = 10
MAX_DETAILS_OF_NETWORK = 15
MAX_FROM_ANYBODY = 200


class Event(NamedTuple):
    """A security event whose texts are clean.

    An account that somebody only typed has a key, but neither name nor id.
    """

    kind: str
    address: str = ""
    user_agent: str = ""
    account: str = ""
    account_key: str = ""
    user_id: int | None = None
    by: str = ""
    detail: str = ""

    @property
    def network(self) -> str:
        return network_of(self.address)

    @property
    def identity(self) -> tuple[str, ...]:
        """The fields that are the same in all repeats of an event."""
        return self.kind, self.network, self.account_key, self.by, self.detail

    def __str__(self) -> str:
        """Return the event as words of the form `name="text"`, with escapes as in JSON."""
        names = ("account", "by", "address", "detail", "user_agent")
        parts = [(name, getattr(self, name)) for name in names]
        words = [f"{name}={json.dumps(part, ensure_ascii=False)}" for name, part in parts if part]
        return " ".join([str(self.kind), *words])


@dataclass
class Entry:
    """An event, the time of the first one, how many there were, and how many of them are stored."""

    event: Event
    at: datetime
    count: int = 0
    stored: int = 0


class Tally:
    """The security events of the last minute: each is logged at once, and its repeats afterwards.

    Calls must not overlap.
    """

    def __init__(self) -> None:
        self._entries: dict[tuple[str, ...], Entry] = {}
        self._of_network: Counter[tuple[str, str]] = Counter()
        self._from_anybody = 0

    def add(self, event: Event, now: datetime) -> None:
        """Count an event."""
        self.forget_old(now)
        for counted, may_be_new in self._forms(event):
            entry = self._entries.get(counted.identity)
            if entry is None and may_be_new:
                entry = self._begin(counted, now)
            if entry is not None:
                entry.count += 1
                return
        logger.error("Too many security events; not kept: %s", event)

    def _forms(self, event: Event) -> Iterator[tuple[Event, bool]]:
        """Yield the forms in which an event may be counted, and whether each may be a new entry."""
        if event.kind not in CAUSED_BY_ANYBODY:
            yield event, len(self._entries) < MAX_ENTRIES
            return
        known = self._of_network[event.kind, event.network]
        has_place = self._from_anybody < MAX_FROM_ANYBODY
        yield event, has_place and known < MAX_ACCOUNTS_OF_NETWORK
        event = event._replace(account="", account_key="", user_id=None)
        yield event, has_place and known < MAX_DETAILS_OF_NETWORK
        event = event._replace(detail="")
        yield event, has_place
        yield Event(event.kind), True

    def _begin(self, event, now):
        _log(event)("%s", event)
        entry = self._entries[event.identity] = Entry(event, now)
        if event.kind in CAUSED_BY_ANYBODY:
            self._of_network[event.kind, event.network] += 1
            self._from_anybody += 1
        return entry

    def forget_old(self, now: datetime) -> None:
        """Forget what is stored and older than a minute, and log how often it was repeated."""
        # Entries are in the order of their times.
        while (oldest := next(iter(self._entries.values()), None)) and self._is_over(oldest, now):
            self._forget(oldest)

    def _is_over(self, entry, now):
        # The clock may have been set back.
        return abs(now - entry.at) >= TOGETHER and entry.stored == entry.count

    def _forget(self, entry):
        del self._entries[entry.event.identity]
        if entry.event.kind in CAUSED_BY_ANYBODY:
            place = entry.event.kind, entry.event.network
            self._of_network[place] -= 1
            if not self._of_network[place]:
                del self._of_network[place]
            self._from_anybody -= 1
        if entry.count > 1:
            _log(entry.event)("%s repeated=%s", entry.event, entry.count - 1)

    # Storing

    def unstored(self, limit: int) -> list[Entry]:
        """Return copies of entries that are not stored, or not with their present counts."""
        waiting = (entry for entry in self._entries.values() if entry.stored < entry.count)
        return [replace(entry) for entry in islice(waiting, limit)]

    def mark_stored(self, stored: Iterable[Entry]) -> None:
        """Remember that copies from `unstored` are stored."""
        for copy in stored:
            self._entries[copy.event.identity].stored = copy.count


def _log(event):
    return logger.warning if event.kind in CAUSED_BY_ANYBODY else logger.info

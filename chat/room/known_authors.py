"""Accounts whose messages do not wait for a moderator, so they need not be counted again."""

import time

from chat.models import ModerationEntry

KNOWN_FOR = 600  # seconds
REMOVALS = ModerationEntry.Action.REMOVE, ModerationEntry.Action.PURGE


class KnownAuthors:
    """The accounts whose messages do not wait, as this process has found out lately."""

    def __init__(self) -> None:
        self._known: set[int] = set()
        self._since = 0.0  # by the monotonic clock
        self._removals: tuple[int, ...] = ()  # when the accounts were forgotten last

    def __contains__(self, user_id: int | None) -> bool:
        if time.monotonic() - self._since > KNOWN_FOR:
            self.clear()
        return user_id in self._known

    @property
    def is_empty(self) -> bool:
        return not self._known

    def add(self, user_id: int) -> None:
        """Note an account."""
        self._known.add(user_id)

    def heed_removals(self, newest: tuple[int, ...]) -> None:
        """Forget all accounts if moderators have removed messages: see `newest_removals`."""
        if newest != self._removals:
            self.clear()
            self._removals = newest

    def clear(self) -> None:
        """Forget all accounts, whose messages may have been removed since."""
        self._known.clear()
        self._since = time.monotonic()


known = KnownAuthors()


def newest_removals() -> tuple[int, ...]:
    """Return the ids of the newest entries about removals, which change with each removal."""
    entries = [ModerationEntry.objects.filter(action=action).order_by("-pk") for action in REMOVALS]
    return tuple(each.values_list("pk", flat=True).first() or 0 for each in entries)

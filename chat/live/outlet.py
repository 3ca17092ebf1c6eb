"""The way to one client, which all that is sent to it shares."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from chat.wire.interface import Event


class Sender(Protocol):
    """The part of a follower that its outlet needs."""

    def stop(self) -> None:
        """Send nothing more."""

    def note_written(self) -> None:
        """Go on after a batch that was held back, and is written now."""

    def send_rest(self, events: Sequence[Event], written: int) -> None:
        """Send a batch that was held back, of which the client has taken so many events."""


class Outlet:
    """Sends events to one client.

    `send(event)` is the consumer's coroutine function. `write(events)`, which some servers have,
    sends at once and returns the events that have to wait. `on_lag()` is called when the client
    lags further than a tail remembers, `on_error()` after an error of ours, and `on_unblocked()`
    when the client has taken what waited.

    `waiting` is how many of the client's followers and its outbox wait until the client takes what
    it was sent. `held` has the batches that a cork holds back.
    """

    __slots__ = ("held", "on_error", "on_lag", "on_unblocked", "send", "waiting", "write")

    def __init__(
        self,
        *,
        send: Callable[[Event], Awaitable[None]],
        write: Callable[[Sequence[Event]], Sequence[Event]] | None = None,
        on_lag: Callable[[], None],
        on_error: Callable[[], None],
        on_unblocked: Callable[[], None] | None = None,
    ) -> None:
        self.send = send
        self.write = write or _leave_all
        self.on_lag = on_lag
        self.on_error = on_error
        self.on_unblocked = on_unblocked
        self.waiting = 0
        # A new one as each connection is written, so that a commit does not make thousands at once,
        # for which Python would look at all objects for garbage.
        self.held: dict[Sender, Sequence[Event]] = {}

    def release(self) -> None:
        """Write what was held back in one piece."""
        held, self.held = self.held, {}
        events = [event for batch in held.values() for event in batch]
        try:
            waiting = self.write(events)
        except OSError:  # the client has gone; a disconnect event follows
            for sender in held:
                sender.stop()
            return
        if not waiting:
            for sender in held:
                sender.note_written()
            return
        written = len(events) - len(waiting)
        for sender, batch in held.items():
            sender.send_rest(batch, min(written, len(batch)))
            written -= min(written, len(batch))


def _leave_all(events):
    """Stand in for `write` where the server has none: all events are left to `send`."""
    return events

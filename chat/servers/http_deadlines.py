"""The deadlines of one HTTP connection."""

import asyncio
import enum
from collections.abc import Callable

from chat.servers.http_limits import HttpLimits


class Phase(enum.Enum):
    """The phases of a connection. The value names the limit of how long one may last."""

    HEAD = "head_seconds"  # a request is to come, or its head is incomplete
    BODY = "body_seconds"
    RESPONSE = None  # the application is at work
    IDLE = "idle_seconds"  # between two requests
    LINGER = "linger_seconds"  # refused; what the client still sends is discarded
    CLOSE = "send_seconds"  # closed; the client has to take what was sent before


class Deadlines:
    """Calls `on_deadline(phase)` when a phase lasts too long.

    It calls `on_stalled()` when the client does not take what it is sent.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        limits: HttpLimits,
        on_deadline: Callable[[Phase], None],
        on_stalled: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._limits = limits
        self._on_deadline = on_deadline
        self._on_stalled = on_stalled
        self._phase: Phase | None = None
        self._phase_timer: asyncio.TimerHandle | None = None
        self._send_timer: asyncio.TimerHandle | None = None
        self._is_stopped = False

    def follow(self, phase: Phase) -> bool:
        """Start the deadline of the phase. Returns False if it is the one before."""
        if phase is self._phase or self._is_stopped:
            return False
        self._phase = phase
        _cancel(self._phase_timer)
        if phase.value is not None:
            seconds = getattr(self._limits, phase.value)
            self._phase_timer = self._loop.call_later(seconds, self._on_deadline, phase)
        return True

    def start_sending(self) -> None:
        """Note that the client has to take what it was sent before it is sent more."""
        _cancel(self._send_timer)
        self._send_timer = self._loop.call_later(self._limits.send_seconds, self._on_stalled)

    def end_sending(self) -> None:
        """Note that the client has taken enough."""
        _cancel(self._send_timer)

    def stop(self) -> None:
        """Call nothing any more."""
        self._is_stopped = True
        _cancel(self._phase_timer)
        _cancel(self._send_timer)


def _cancel(timer):
    if timer is not None:
        timer.cancel()

"""A handler that counts lines of one kind instead of writing all of them.

A stranger can cause as many warnings as requests, and a database that is away causes the same line
again and again. All lines that one place in the code logs are of one kind.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextvars import Context
from typing import NamedTuple, TextIO

from chatsite.logs.formats import ACCESS_LOGS

WINDOW = 60  # seconds from the first line of a kind until its count is written
TEXTS = 10  # different lines of a kind that are written within that time
LONGEST_COMPARED = 500  # characters

# These write a line for each request, or count their own lines.
UNCOUNTED = (*ACCESS_LOGS, "chat.accounts.event_tally")


class Kind(NamedTuple):
    """The place that logs a line: the logger, and where it was called."""

    logger: str
    level: int
    path: str
    line: int


class Window:
    """The lines of one kind within `WINDOW`: those that were written, and the count of others."""

    def __init__(self, ends_at: float) -> None:
        self.ends_at = ends_at
        self.repeats: dict[str, int] = {}  # of each text that was written
        self.others = 0
        self.last_other = ""

    def admits(self, text: str) -> bool:
        """Return whether a line is written; otherwise count it."""
        if text in self.repeats:
            self.repeats[text] += 1
        elif len(self.repeats) < TEXTS:
            self.repeats[text] = 0
            return True
        else:
            self.others += 1
            self.last_other = text
        return False

    def summaries(self) -> list[str]:
        """Return the lines that say what was counted."""
        lines = [f"repeated {count} times: {text}" for text, count in self.repeats.items() if count]
        if self.others:
            lines.append(f"{self.others} more lines like these, the last: {self.last_other}")
        return lines


class CountingHandler(logging.StreamHandler[TextIO]):
    """Writes to standard error. Repeated lines are counted, and the counts follow a minute later.

    The methods below are called while the handler's lock is held, except for `_run_timer`.
    """

    def __init__(
        self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(stream)
        self._clock = clock
        self._windows: dict[Kind, Window] = {}
        self._timer: threading.Timer | None = None
        self._pid: int | None = None

    def emit(self, record: logging.LogRecord) -> None:
        if record.name in UNCOUNTED:
            super().emit(record)
            return
        if record.process != self._pid:  # a fork: the parent writes its own counts
            self._pid, self._windows, self._timer = record.process, {}, None
        self.end_windows()
        kind = Kind(record.name, record.levelno, record.pathname, record.lineno)
        window = self._windows.get(kind)
        if window is None:
            window = self._windows[kind] = Window(self._clock() + WINDOW)
        if window.admits(_text(record)):
            super().emit(record)
        elif self._timer is None:
            self._start_timer(window.ends_at)

    def end_windows(self, at: float | None = None) -> None:
        """Write the counts of the windows that have ended, at the present or at a given time."""
        at = self._clock() if at is None else at
        for kind, window in list(self._windows.items()):
            if window.ends_at <= at:
                del self._windows[kind]
                for line in window.summaries():
                    # The count is not part of the request for which something is logged now.
                    Context().run(super().emit, _summary(kind, line))

    def _start_timer(self, at):
        self._timer = threading.Timer(max(0, at - self._clock()), self._run_timer)
        self._timer.daemon = True
        self._timer.start()

    def _run_timer(self):
        with self.lock:
            self.end_windows()
            self._timer = None
            counting = [window.ends_at for window in self._windows.values() if window.summaries()]
            if counting:
                self._start_timer(min(counting))

    def close(self) -> None:
        """Write what was counted, when the process ends."""
        with self.lock:
            self.end_windows(at=float("inf"))
        super().close()


def _text(record):
    """Return what makes two lines of a kind the same."""
    error = record.exc_info[1] if record.exc_info else None
    try:
        text = record.getMessage()
    except Exception:  # wrong arguments: the handler reports the error
        text = str(record.msg)
    text = f"{text}: {error!r}" if error else text
    return text[:LONGEST_COMPARED]


def _summary(kind, line):
    return logging.LogRecord(kind.logger, kind.level, kind.path, kind.line, line, (), None)

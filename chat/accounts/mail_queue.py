"""Mails that are sent in the background, so that no page waits for a mail server.

Each process has one queue and one thread. A mail is written in the thread too: the time that a page
takes must not tell what was found in the database. A mail that could not be sent is tried again a
few times. When the process stops, it sends what waits, within some seconds.

No log line contains a mail or an answer of a mail server, which may quote it: mails contain links
with which anybody can set a password.
"""

import heapq
import logging
import smtplib
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import NamedTuple

from django.core.mail import EmailMessage
from django.db import DatabaseError, InterfaceError, connections

MAX_WAITING = 200  # mails that wait in a process; then no more are taken
RETRY_AFTER = 10, 60, 300  # seconds after each failure; after the last of them there is no retry
STOP_WITHIN = 8  # seconds that mails have when the process stops

# The answers of a mail server that begin with 5 are final. A wrong password is not: it is the
# operator's mistake, and mails that were sent before it is mended should arrive.
FINAL_ANSWERS = range(500, 600)

logger = logging.getLogger(__name__)


class QueueFull(Exception):
    """As many mails wait as may wait, or the process stops."""


class Letter(NamedTuple):
    """A mail that has been written.

    `about` describes it in the log. `give_up()` is called when it could not be sent.
    """

    message: EmailMessage
    about: str
    give_up: Callable[[], None]


Write = Callable[[], Letter | None]  # returns None if there is nothing to send


class Task:
    """A mail to be written and sent."""

    def __init__(self, write: Write) -> None:
        self.write = write
        self.letter: Letter | None = None
        self.failures = 0


class MailQueue:
    """Tasks that wait, in the order of the time at which they are due."""

    def __init__(self, most: int = MAX_WAITING, retry_after: tuple[float, ...] = RETRY_AFTER):
        self._most = most
        self._retry_after = retry_after
        self._waiting: list[tuple[float, int, Task]] = []  # a heap: when it is due, number, task
        self._number = 0  # of the last task, so that tasks are never compared
        self._is_busy = False  # a task is being worked on
        self._is_stopping = False
        self._thread: threading.Thread | None = None
        self._changed = threading.Condition()

    def add(self, write: Write) -> None:
        """Let a mail be written and sent. Raises QueueFull."""
        with self._changed:
            if self._is_stopping or len(self._waiting) >= self._most:
                raise QueueFull
            self._push(Task(write), 0)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="mails", daemon=True)
                self._thread.start()

    def wait_empty(self, seconds: float) -> bool:
        """Wait until nothing waits any more; return whether that is so."""
        with self._changed:
            return self._changed.wait_for(
                lambda: not (self._waiting or self._is_busy), timeout=seconds
            )

    def stop(self, seconds: float = STOP_WITHIN) -> None:
        """Send what waits, once and within some seconds, and take no more."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify_all()
        if not self.wait_empty(seconds):
            logger.error("%s mails were not sent before the stop", self._unsent)

    @property
    def _unsent(self):
        return len(self._waiting) + self._is_busy

    def _push(self, task, seconds):
        self._number += 1
        heapq.heappush(self._waiting, (time.monotonic() + seconds, self._number, task))
        self._changed.notify_all()

    # In the thread

    def _run(self):
        while True:
            task = self._next()
            try:
                seconds = self._work(task)
            except Exception:
                logger.exception("A mail could not be written")
                seconds = None
            with suppress(Exception):  # a connection that is broken cannot be closed in order
                connections.close_all()
            with self._changed:
                self._is_busy = False
                if seconds is not None:
                    self._push(task, seconds)
                self._changed.notify_all()

    def _next(self):
        """Wait for the next task that is due."""
        with self._changed:
            while True:
                wait = self._waiting[0][0] - time.monotonic() if self._waiting else None
                if wait is not None and (wait <= 0 or self._is_stopping):
                    self._is_busy = True
                    return heapq.heappop(self._waiting)[2]
                self._changed.wait(wait)

    def _work(self, task):
        """Write and send a mail. Returns the seconds until the next attempt, or None."""
        try:
            if task.letter is None:
                task.letter = task.write()
            if task.letter is not None:
                task.letter.message.send()
        except (DatabaseError, InterfaceError, OSError) as error:  # also all of smtplib's
            return self._retry_time(task, error)
        return None

    def _retry_time(self, task, error):
        about = task.letter.about if task.letter else "A mail that is not written yet"
        is_last = task.failures >= len(self._retry_after) or self._is_stopping
        if is_last or is_final(error):
            logger.error("%s was not sent: %s", about, describe(error))
            if task.letter is not None:
                task.letter.give_up()
            return None
        seconds = self._retry_after[task.failures]
        task.failures += 1
        logger.warning("%s is sent again in %s s: %s", about, seconds, describe(error))
        return seconds


def is_final(error: Exception) -> bool:
    """Return whether a mail server would refuse the same mail again."""
    codes = _codes(error)
    return bool(codes) and all(code in FINAL_ANSWERS for code in codes)


def describe(error: Exception) -> str:
    """Return why a mail was not sent, without anything that the mail may contain."""
    codes = _codes(error)
    if codes:
        return f"{type(error).__name__} {' '.join(map(str, codes))}"
    reason = getattr(error, "strerror", None) if type(error).__module__ != "smtplib" else None
    return f"{type(error).__name__} {reason}" if isinstance(reason, str) else type(error).__name__


def _codes(error):
    """Return the codes of the answers with which a mail server has refused a mail."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return []
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return sorted({code for code, _ in error.recipients.values()})
    return [error.smtp_code] if isinstance(error, smtplib.SMTPResponseException) else []


@cache
def mails() -> MailQueue:
    """Return the queue of this process."""
    return MailQueue()

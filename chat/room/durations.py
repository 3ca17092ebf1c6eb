"""Durations as moderators type them: `10m`, `2h`, `7d`."""

import re
from datetime import timedelta

from chat.room.refusal import RefusalCode, Refused

UNITS = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week"}
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
LONGEST = timedelta(days=3650)
DURATION = re.compile(r"([0-9]{1,6})([smhdw])", re.IGNORECASE)


def parse(text: str) -> timedelta:
    """Return the duration that a text stands for.

    Raises `Refused` for other texts, for nothing at all, and for more than ten years.
    """
    if not is_duration(text):
        raise Refused(RefusalCode.BAD_DURATION)
    number, unit = text[:-1], text[-1].lower()
    duration = timedelta(seconds=int(number) * SECONDS[unit])
    if not timedelta(0) < duration <= LONGEST:
        raise Refused(RefusalCode.BAD_DURATION)
    return duration


def is_duration(text: str) -> bool:
    """Return whether a text has the form of a duration."""
    return DURATION.fullmatch(text) is not None


def describe(duration: timedelta) -> str:
    """Return a duration in words, in the largest unit that divides it: `10 minutes`."""
    seconds = round(duration.total_seconds())
    for unit in reversed(UNITS):
        count, rest = divmod(seconds, SECONDS[unit])
        if count and not rest:
            return f"{count} {UNITS[unit]}" + ("" if count == 1 else "s")
    return "0 seconds"

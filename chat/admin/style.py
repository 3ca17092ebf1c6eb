"""The formats of times and numbers on the admin pages."""

from datetime import datetime

from django.contrib import messages
from django.utils import timezone


def format_time(moment: datetime | None) -> str:
    """Return a local time down to the second, or nothing for None."""
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M:%S") if moment else ""


def format_count(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun, such as "1 user" or "2 users"."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def message_level(changed: int) -> int:
    """Return the level of the message that reports how many objects an action has changed."""
    return messages.SUCCESS if changed else messages.WARNING

"""The forms of a line of the log: text for people, and JSON for programs.

Texts from strangers cannot leave their line: characters that end a line, change the order of text
or control a terminal are written as escapes. Passwords of the settings, and the tokens of links
that let somebody in, are left out.
"""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from chatsite.logs import origin

LONGEST_MESSAGE = 2_000  # characters
LONGEST_TRACEBACK = 20_000
LEFT_OUT = "…"
SHORTEST_SECRET = 6  # characters; shorter ones would be found in the middle of words

TOKENS = re.compile(r"(/accounts/(?:reset/[^/\s]+|first)/|(?<!/r)/join/(?!withdraw/))[^/\s?]+")
QUERY = re.compile(r"\?[^\s\"]+")
# They log whole addresses. A query may have the codes with which somebody signs in elsewhere.
ACCESS_LOGS = ("uvicorn.access", "django.channels.server")


class TextFormatter(logging.Formatter):
    """One line each, with the traceback, if there is one, in indented lines below."""

    def format(self, record: logging.LogRecord) -> str:
        fields = content(record)
        source = f"{fields['id']} {fields['address']}".strip() or "-"
        head = f"{fields['time']} {fields['level']} {fields['pid']} {fields['logger']} [{source}]"
        lines = fields["traceback"].splitlines()
        return "\n".join(
            [
                f"{head} {printable(fields['message'])}",
                *(f"  | {printable(line)}" for line in lines),
            ]
        )


class JsonFormatter(logging.Formatter):
    """One JSON object in a line, in ASCII. Fields without a value are left out."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps({name: value for name, value in content(record).items() if value})


def content(record: logging.LogRecord) -> dict[str, Any]:
    """Return the fields of a line. Missing ones are empty."""
    source = origin.current() or origin.Origin("")
    return {
        "time": datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.")
        + f"{int(record.msecs):03}Z",
        "level": record.levelname,
        "pid": record.process,
        "logger": record.name,
        "id": source.id,
        "address": source.address,
        "message": shortened(without_secrets(message(record)), LONGEST_MESSAGE),
        "traceback": shortened(without_secrets(traceback(record)), LONGEST_TRACEBACK),
    }


def message(record: logging.LogRecord) -> str:
    """Return the message of a record; an access log without the queries of addresses."""
    text = record.getMessage().strip()
    return QUERY.sub(f"?{LEFT_OUT}", text) if record.name in ACCESS_LOGS else text


def traceback(record: logging.LogRecord) -> str:
    parts = []
    if record.exc_info and record.exc_info[0]:
        parts.append(logging.Formatter().formatException(record.exc_info))
    if record.stack_info:
        parts.append(record.stack_info)
    return "\n".join(parts)


def without_secrets(text: str) -> str:
    """Return a text without the passwords of the settings, and without tokens in addresses."""
    for secret in sorted(_secrets(), key=len, reverse=True):
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, LEFT_OUT)
    return TOKENS.sub(rf"\1{LEFT_OUT}", text)


def _secrets():
    """Return the passwords and keys of the settings, in both forms in which they may appear."""
    from django.conf import settings

    values = {
        settings.SECRET_KEY,
        *settings.SECRET_KEY_FALLBACKS,
        settings.DATABASE.get("PASSWORD", ""),
        settings.EMAIL_HOST_PASSWORD,
        unquote(urlsplit(settings.REDIS_URL).password or ""),
    }
    return values | {quote(value, "") for value in values}


def shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[:limit]}{LEFT_OUT}"


def printable(text: str) -> str:
    """Return a text as one line that cannot control a terminal or change the order of text."""
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text
    )

"""The request or connection for which something is logged."""

import re
import secrets
from contextvars import ContextVar
from typing import NamedTuple

# Usual forms of X-Request-ID. Anything else is not used, as it could make a line unreadable.
REQUEST_ID = re.compile(r"[A-Za-z0-9._:=+@/-]{1,128}", re.ASCII)


class Origin(NamedTuple):
    """The id of a request or connection, and the address of its client, as far as it is known."""

    id: str
    address: str = ""


_origin: ContextVar[Origin | None] = ContextVar("origin", default=None)


def begin(address: str, request_id: str = "") -> None:
    """Log what the present task does under the address of a client, and an id.

    `request_id` is that of a trusted proxy; without a usable one the id is a new one.
    """
    if not REQUEST_ID.fullmatch(request_id):
        request_id = secrets.token_hex(6)
    _origin.set(Origin(request_id, address))


def current() -> Origin | None:
    """Return the origin of what the present task or thread does, if it has one."""
    return _origin.get()

"""Reads the fields of clients' frames, each of which may be missing or wrong."""

from typing import Any, TypeGuard
from uuid import UUID

from chat.wire.commands import clean, one_line

MAX_NUMBER = 2**63 - 1
MAX_NAME = 150  # characters of the name of a person; longer ones belong to nobody


class BadFrame(Exception):
    """A frame that is not a valid command.

    `code` is that of the `error` to answer with, `client_id` the message's, if it is known.
    `named` are the fields that say what the error is about, as far as the frame can be read.
    """

    def __init__(self, code: str, client_id: UUID | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.client_id = client_id
        self.named: dict[str, Any] = {}


def is_number(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_NUMBER


def as_uuid(value: object) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) and len(value) == 36 else None
    except ValueError:
        return None


def encodable(text: str) -> str:
    """Return a text that can be encoded: JSON can escape half of a surrogate pair."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def as_name(name: object) -> str:
    """Return the name of a person, clean and not too long."""
    if not isinstance(name, str) or len(name) > MAX_NAME:
        raise BadFrame("no_person" if isinstance(name, str) else "bad_frame")
    return clean(encodable(name))


def read_text(frame: dict[str, Any], field: str) -> str:
    text = frame.get(field)
    if not isinstance(text, str):
        raise BadFrame("bad_frame")
    return encodable(text)


def read_line(frame: dict[str, Any], field: str, limit: int, code: str) -> str:
    """Return a text as one clean line, empty without one. `code` is that of a longer one."""
    if frame.get(field) is None:
        return ""
    line = one_line(read_text(frame, field))
    if len(line) > limit:
        raise BadFrame(code)
    return line


def read_seq(frame: dict[str, Any]) -> int:
    seq = frame.get("seq")
    if not is_number(seq):
        raise BadFrame("bad_frame")
    return seq


def read_room(frame: dict[str, Any]) -> int:
    """Return the id of the room that a frame names."""
    room = frame.get("room")
    if not is_number(room):
        raise BadFrame("bad_frame", as_uuid(frame.get("client_id")))
    return room


def read_optional_room(frame: dict[str, Any]) -> int | None:
    return None if frame.get("room") is None else read_room(frame)

"""The JSON frames of the WebSocket, subprotocol chat.v1: text in, commands out, and back.

chat/wire/README.md describes them. The functions that make a frame return the ASGI event that
sends it.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from chat.wire.commands import Command, History, Logout, Look, Say, clean, is_too_long
from chat.wire.interface import Event, LogLine, NamedPerson

SUBPROTOCOL = "chat.v1"
MAX_FRAME = 64 * 1024  # bytes of a frame's text, in either direction
LINES_OVERHEAD = 64  # bytes, enough for the rest of a `lines` frame
MAX_NUMBER = 2**63 - 1
HISTORY_DEFAULT = 50
HISTORY_MAX = 100


# Runs of lines that were left out: number of the first and the last, how many entered, and left.
Skipped = Sequence[tuple[int, int, int, int]]


class Close(NamedTuple):
    """A way to close a connection: the close code of RFC 6455, and the code in the `bye`."""

    number: int
    code: str


LOGOUT = Close(number=1000, code="logout")
SLOW = Close(number=4008, code="slow")
RESTART = Close(number=4012, code="restart")
TOO_MANY = Close(number=4029, code="too_many")
SIGN_IN = Close(number=4401, code="sign_in")
REMOVED = Close(number=4403, code="removed")

# The codes of `error` frames, and their texts.
TEXTS = {
    "bad_frame": "This is not a frame of chat.v1.",
    "unknown_type": "This type of frame is not known.",
    "too_long": "A message has at most 4000 characters and 100 lines.",
    "empty": "A message needs some text.",
    "try_again": "Not saved. Please try again.",
}


class BadFrame(Exception):
    """A frame that is not a valid command.

    `code` is that of the `error` to answer with, `client_id` the message's, if it is known.
    """

    def __init__(self, code: str, client_id: UUID | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.client_id = client_id


def parse(text: str) -> Command:
    """Return the command in a text frame. Raises `BadFrame`."""
    if len(text) > MAX_FRAME or len(text.encode(errors="replace")) > MAX_FRAME:
        raise BadFrame("too_long")
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        raise BadFrame("bad_frame") from None
    if not isinstance(frame, dict) or not isinstance(frame.get("type"), str):
        raise BadFrame("bad_frame")
    if frame["type"] not in COMMANDS:
        raise BadFrame("unknown_type")
    return COMMANDS[frame["type"]](frame)


def _say(frame: dict[str, Any]) -> Say:
    client_id = _uuid(frame.get("client_id"))
    text = frame.get("text")
    if client_id is None or not isinstance(text, str):
        raise BadFrame("bad_frame", client_id)
    # JSON can escape half of a surrogate pair, which cannot be encoded as UTF-8.
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = clean(text.replace("\r\n", "\n").replace("\r", "\n"))
    if not text:
        raise BadFrame("empty", client_id)
    if is_too_long(text):
        raise BadFrame("too_long", client_id)
    return Say(text, client_id)


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) and len(value) == 36 else None
    except ValueError:
        return None


def _history(frame: dict[str, Any]) -> History:
    before, after = frame.get("before"), frame.get("after")
    limit = frame.get("limit", HISTORY_DEFAULT)
    if not _is_number(limit) or limit == 0:
        raise BadFrame("bad_frame")
    if (before is None) == (after is None):
        raise BadFrame("bad_frame")
    if not _is_number(before if after is None else after):
        raise BadFrame("bad_frame")
    return History(
        limit=min(limit, HISTORY_MAX),
        before=before,
        after=after,
        count_messages=frame.get("count") == "messages",
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_NUMBER


# The types of a client's frames, and what makes a command of each.
COMMANDS: dict[str, Callable[[dict[str, Any]], Command]] = {
    "say": _say,
    "look": lambda frame: Look(),
    "history": _history,
    "logout": lambda frame: Logout(),
}


def encode(line: LogLine) -> bytes:
    """Return one line of the log as JSON; clients see no other fields than these."""
    fields = {
        "seq": line.seq,
        "kind": line.kind,
        "name": line.name,
        "text": line.text,
        "at": line.at,
        "client_id": line.client_id,
        "guest": line.guest,
        "of": line.of,
    }
    if line.removed:
        fields["removed"] = True
    # Copy the bytes. The object that orjson returns keeps its whole buffer, which is many times as
    # long.
    return b"%b" % orjson.dumps(fields, option=orjson.OPT_UTC_Z)


def encode_people(people: Iterable[NamedPerson]) -> bytes:
    """Return people as a JSON array, in their order."""
    return orjson.dumps([{"name": person.name, "guest": person.guest} for person in people])


def batch(encoded: Sequence[bytes]) -> list[Event]:
    """Return the events that send some encoded lines, in frames of at most `MAX_FRAME` bytes."""
    events: list[Event] = []
    joined: list[bytes] = []
    size = 0
    for line in encoded:
        if joined and size + len(line) >= MAX_FRAME - LINES_OVERHEAD:
            events.append(lines(joined))
            joined, size = [], 0
        joined.append(line)
        size += len(line) + 1
    if joined:
        events.append(lines(joined))
    return events


def lines(encoded: Iterable[bytes]) -> Event:
    """Return the frame of some new lines."""
    return _event(b'{"type":"lines","lines":[%b]}' % b",".join(encoded))


def welcome(
    *,
    room: str,
    you: str,
    account: int | None,
    seq: int,
    people: bytes,
    encoded: Iterable[bytes],
    reset: bool,
    skipped: Skipped | None = None,
    missed: int | None = None,
) -> Event:
    """Return the first frame: where the member is, who is there, and lines that end at `seq`.

    `account` is the id of the member's account, `people` comes from `encode_people`. `reset` tells
    the client that lines are missing between those that it has and these: `missed` messages, if
    they were counted. `skipped` names the lines that were left out, if only messages count.
    """
    fields: dict[str, Any] = {
        "type": "welcome",
        "room": room,
        "you": you,
        "account": account,
        "seq": seq,
        "reset": reset,
    }
    if skipped is not None:
        fields["skipped"] = [tuple(run) for run in skipped]
    if missed is not None:
        fields["missed"] = missed
    head = orjson.dumps(fields)
    return _event(b'%b,"people":%b,"lines":[%b]}' % (head[:-1], people, b",".join(encoded)))


def people(seq: int, people: bytes) -> Event:
    """Return the answer to `look`: who is there at `seq`, from `encode_people`."""
    return _event(b'{"type":"people","seq":%d,"people":%b}' % (seq, people))


def history(*, encoded: Iterable[bytes], more: bool, skipped: Skipped | None = None) -> Event:
    """Return the answer to `history`; `more` when there are more lines in that direction.

    `skipped` names the lines that were left out, if only messages count.
    """
    fields: dict[str, Any] = {"type": "history", "more": more}
    if skipped is not None:
        fields["skipped"] = [tuple(run) for run in skipped]
    return _event(b'%b,"lines":[%b]}' % (orjson.dumps(fields)[:-1], b",".join(encoded)))


def said(client_id: UUID | None, seq: int) -> Event:
    """Return the answer to the retry of a message that its sender has already seen."""
    return _event(orjson.dumps({"type": "said", "client_id": client_id, "seq": seq}))


def error(code: str, client_id: UUID | None = None) -> Event:
    """Return what was wrong with a frame; the connection stays open."""
    frame = {"type": "error", "code": code, "text": TEXTS[code], "client_id": client_id}
    return _event(orjson.dumps(frame))


def bye(code: str, retry_in: float | None = None) -> Event:
    """Return the last frame before the server closes.

    `retry_in` is in seconds; None tells the client not to come back by itself.
    """
    return _event(orjson.dumps({"type": "bye", "code": code, "retry_in": retry_in}))


def _event(data: bytes) -> Event:
    return {"type": "websocket.send", "text": data.decode()}

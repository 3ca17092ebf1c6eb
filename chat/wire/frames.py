"""The frames of the server on the WebSocket, subprotocol chat.v1: lines and answers in, JSON out.

chat/wire/README.md describes them. The functions that make a frame return the ASGI event that
sends it. `client_frames` reads the frames of clients.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from chat.wire.interface import Event, LogLine, NamedPerson

SUBPROTOCOL = "chat.v1"
MAX_FRAME = 64 * 1024  # bytes of a frame's text, in either direction
LINES_OVERHEAD = 64  # bytes, enough for the rest of a `lines` frame

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
BANNED = Close(number=4406, code="banned")
REPLACED = Close(number=4409, code="replaced")

# The codes of `error` frames, and their texts.
TEXTS = {
    "bad_frame": "This is not a frame of chat.v1.",
    "unknown_type": "This type of frame is not known.",
    "too_long": "A message has at most 4000 characters and 100 lines.",
    "empty": "A message needs some text.",
    "try_again": "Not saved. Please try again.",
    "too_fast": "You are sending too fast. This waits for a moment.",
    "no_room": "There is no such room.",
    "no_person": "There is nobody with this name.",
    "no_message": "There is no such message.",
    "too_late": "It is too late for that.",
    "too_many_edits": "This message was edited too often.",
    "bad_emoji": "This is not an emoji.",
    "too_many_reactions": "This message has too many reactions.",
    "not_allowed": "You may not do that.",
    "too_many_held": "Too many of your messages wait for a moderator.",
    "archived": "This room is archived.",
    "last_owner": "Make somebody else an owner of this room first.",
    "name_taken": "This name is taken.",
    "long_topic": "A topic has at most 250 characters.",
    "bad_name": "A room has a name of at most 64 characters.",
    "no_file": "A file of this message is not there any more. Attach it again.",
    "too_many_ignored": "You ignore too many people.",
    "too_many_rooms": "You have created too many rooms. Try again in an hour.",
    "too_many_requests": "You have asked to join too many rooms. Wait for answers first.",
    "muted": "You cannot speak here.",
    "banned": "You are banned.",
    "locked": "Only moderators may speak here now.",
    "too_soon": "It is too soon for that. Wait a moment.",
    "ask_first": "Moderators decide who may join this room. They have been asked.",
    "bad_target": "This is neither a name nor an address or a network.",
    "bad_duration": "This is not a time. Write it like 10m, 2h or 7d.",
    "long_reason": "A reason has at most 300 characters.",
    "no_reason": "Say why.",
    "no_entry": "There is nothing of that kind.",
    "decided": "Somebody else has decided about it meanwhile.",
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
    if line.spans:
        fields["spans"] = line.spans
    if line.edited:
        fields["edited"] = line.edited
    if line.reactions:
        fields["reactions"] = dict(sorted(line.reactions.items()))  # in one order for all
    if line.files:
        fields["files"] = line.files
    if line.quote:
        fields["quote"] = line.quote
    # Copy the bytes. The object that orjson returns keeps its whole buffer, which is many times as
    # long.
    return b"%b" % orjson.dumps(fields, option=orjson.OPT_UTC_Z)


def encode_ignored(line: LogLine) -> bytes:
    """Return a line of somebody whom the member ignores: a message without its content.

    Lines that change a message are sent as they are, since the message may be of somebody else.
    """
    if line.kind != "said":
        return encode(line)
    fields = {
        "seq": line.seq,
        "kind": line.kind,
        "name": line.name,
        "text": "",
        "at": line.at,
        "client_id": None,
        "guest": line.guest,
        "of": line.of,
        "ignored": True,
    }
    return b"%b" % orjson.dumps(fields, option=orjson.OPT_UTC_Z)


def ignored(names: Sequence[str], answer: str, **fields: str | None) -> Event:
    """Return whom the member ignores, as the answer to `ignore`, `unignore` or `ignores`."""
    return event(orjson.dumps({"type": "ignored", "names": names, "answer": answer} | fields))


def encode_people(people: Iterable[NamedPerson]) -> bytes:
    """Return people as a JSON array, in their order."""
    return orjson.dumps([{"name": person.name, "guest": person.guest} for person in people])


def batch(encoded: Sequence[bytes]) -> list[Event]:
    """Return the events that send some encoded lines, in frames of at most `MAX_FRAME` bytes."""
    return batch_of_room(encoded, None)


def batch_of_room(encoded: Sequence[bytes], room: int | None) -> list[Event]:
    """Return the same for lines of a room, of the lobby without one."""
    events: list[Event] = []
    joined: list[bytes] = []
    size = 0
    for line in encoded:
        if joined and size + len(line) >= MAX_FRAME - LINES_OVERHEAD:
            events.append(lines(joined, room))
            joined, size = [], 0
        joined.append(line)
        size += len(line) + 1
    if joined:
        events.append(lines(joined, room))
    return events


def lines(encoded: Iterable[bytes], room: int | None = None) -> Event:
    """Return the frame of some new lines, of the lobby without a room."""
    named = b"" if room is None else b'"room":%d,' % room
    return event(b'{"type":"lines",%b"lines":[%b]}' % (named, b",".join(encoded)))


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
    rooms: Sequence[Mapping[str, Any]] | None = None,
    ignored: Sequence[str] = (),
    held: Sequence[Mapping[str, Any]] = (),
) -> Event:
    """Return the first frame: where the member is, who is there, and lines that end at `seq`.

    `account` is the id of the member's account, `people` comes from `encode_people`. `reset` tells
    the client that lines are missing between those that it has and these: `missed` messages, if
    they were counted. `skipped` names the lines that were left out, if only messages count. `rooms`
    are the summaries of the member's rooms, and `ignored` the people whom the member ignores.
    `held` are the member's messages that wait for a moderator.
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
    if rooms is not None:
        fields["rooms"] = rooms
    if ignored:
        fields["ignored"] = ignored
    if held:
        fields["held"] = held
    head = orjson.dumps(fields, option=orjson.OPT_UTC_Z)
    return event(b'%b,"people":%b,"lines":[%b]}' % (head[:-1], people, b",".join(encoded)))


def people(seq: int, people: bytes, room: int | None = None) -> Event:
    """Return the answer to `look`: who is there at `seq`, from `encode_people`."""
    head = orjson.dumps(in_room({"type": "people"}, room) | {"seq": seq})
    return event(b'%b,"people":%b}' % (head[:-1], people))


def history(
    *,
    encoded: Iterable[bytes],
    more: bool,
    skipped: Skipped | None = None,
    room: int | None = None,
) -> Event:
    """Return the answer to `history`; `more` when there are more lines in that direction.

    `skipped` names the lines that were left out, if only messages count.
    """
    fields: dict[str, Any] = in_room({"type": "history"}, room) | {"more": more}
    if skipped is not None:
        fields["skipped"] = [tuple(run) for run in skipped]
    return event(b'%b,"lines":[%b]}' % (orjson.dumps(fields)[:-1], b",".join(encoded)))


def said(client_id: UUID | None, seq: int, room: int | None = None) -> Event:
    """Return the answer to a message whose line does not come, or has come before."""
    fields = in_room({"type": "said"}, room) | {"client_id": client_id, "seq": seq}
    return event(orjson.dumps(fields))


def told(about: str, **fields: Any) -> Event:
    """Return a notice for the person alone: of a `report`, or what is `waiting` for a moderator."""
    return event(orjson.dumps({"type": "told", "about": about, **fields}))


def expelled(room: int, name: str, until: datetime | None, reason: str) -> Event:
    """Return the notice that the person is kept out of a room, until when and why."""
    fields = {"type": "told", "about": "banned", "room": room, "name": name}
    return event(orjson.dumps(fields | {"until": until, "reason": reason}, option=orjson.OPT_UTC_Z))


def held(client_id: UUID | None, room: int | None = None, reason: str | None = None) -> Event:
    """Return the notice that a message waits for a moderator, or was refused for a reason."""
    state = {"state": "waiting"} if reason is None else {"state": "refused", "reason": reason}
    fields = in_room({"type": "held", "client_id": client_id}, room) | state
    return event(orjson.dumps(fields))


def done(answer: str, seq: int | None = None, room: int | None = None, **fields: Any) -> Event:
    """Return the answer to a change of a message whose line does not come, or to moderation.

    The line does not come if nothing has changed or the room is not open. `answer` is the type of
    the client's frame, and `seq` the number of the message, if it was about one.
    """
    frame = in_room({"type": "done", "answer": answer}, room)
    if seq is not None:
        frame["seq"] = seq
    return event(orjson.dumps(frame | fields, option=orjson.OPT_UTC_Z))


def error(code: str, client_id: UUID | None = None, **fields: Any) -> Event:
    """Return what was wrong with a frame; the connection stays open."""
    frame = {"type": "error", "code": code, "text": TEXTS[code], "client_id": client_id}
    return event(orjson.dumps(frame | fields, option=orjson.OPT_UTC_Z))


def too_fast(client_id: UUID | None, seconds: float) -> Event:
    """Return the notice that a frame waits for some seconds because of a flood limit."""
    return error("too_fast", client_id, retry_in=round(seconds, 1))


def bye(code: str, retry_in: float | None = None, **fields: Any) -> Event:
    """Return the last frame before the server closes.

    `retry_in` is in seconds; None tells the client not to come back by itself.
    """
    frame = {"type": "bye", "code": code, "retry_in": retry_in}
    return event(orjson.dumps(frame | fields, option=orjson.OPT_UTC_Z))


def in_room(fields: dict[str, Any], room: int | None) -> dict[str, Any]:
    """Return the fields of a frame with the room that it is about; the lobby is not named."""
    return fields if room is None else fields | {"room": room}


def event(data: bytes) -> Event:
    """Return the ASGI event that sends a frame."""
    return {"type": "websocket.send", "text": data.decode()}

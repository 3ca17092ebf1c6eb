"""The frames of clients of the WebSocket, subprotocol chat.v1: text in, commands out.

chat/wire/README.md describes them.
"""

import json
import re
from collections.abc import Callable
from typing import Any, TypeGuard
from uuid import UUID

from chat.wire.commands import (
    Close,
    Command,
    Direct,
    History,
    Ignore,
    Invite,
    Join,
    Logout,
    Look,
    MarkUnread,
    Open,
    Part,
    Read,
    Say,
    SetFavourite,
    SetLevel,
    SetTopic,
    Unignore,
    clean,
    is_too_long,
)
from chat.wire.emoji import is_emoji
from chat.wire.frames import MAX_FRAME
from chat.wire.message_commands import Edit, React, Remove, Restore

MAX_NUMBER = 2**63 - 1
HISTORY_DEFAULT = 50
HISTORY_MAX = 100
MAX_NAME = 150  # characters of the name of a person; longer ones belong to nobody
MAX_NAMES = 7  # other people of a direct room
MAX_FILES = 10  # of a message
UPLOAD_ID = re.compile(r"[\w-]{22}", re.ASCII)
LEVELS = ("all", "mentions", "nothing")


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
    try:
        return COMMANDS[frame["type"]](frame)
    except BadFrame as error:
        error.named = _named(frame)
        raise


def _named(frame: dict[str, Any]) -> dict[str, Any]:
    """Return what the error for a frame names.

    It names the room and the message, and the type unless it is a new message.
    """
    named = {} if frame["type"] == "say" else {"answer": frame["type"]}
    return named | {name: frame[name] for name in ("room", "seq") if _is_number(frame.get(name))}


def _say(frame: dict[str, Any]) -> Say:
    client_id = _uuid(frame.get("client_id"))
    text, reply = frame.get("text"), frame.get("reply")
    if client_id is None or not isinstance(text, str):
        raise BadFrame("bad_frame", client_id)
    if reply is not None and not _is_number(reply):
        raise BadFrame("bad_frame", client_id)
    files = _files(frame.get("files"), client_id)
    text = _message_text(text, client_id, may_be_empty=bool(files))
    return Say(text, client_id, room=_optional_room(frame), reply=reply, files=files)


def _files(ids: object, client_id: UUID) -> tuple[str, ...]:
    """Return the ids of the uploads of a message, each of which stands there once."""
    if ids is None:
        return ()
    if not isinstance(ids, list) or len(ids) > MAX_FILES:
        raise BadFrame("bad_frame", client_id)
    if not all(isinstance(each, str) and UPLOAD_ID.fullmatch(each) for each in ids):
        raise BadFrame("bad_frame", client_id)
    return tuple(dict.fromkeys(ids))


def _message_text(text: str, client_id: UUID | None = None, *, may_be_empty: bool = False) -> str:
    """Return the clean text of a message, which may be empty beside files."""
    text = clean(_encodable(text).replace("\r\n", "\n").replace("\r", "\n"))
    if not text and not may_be_empty:
        raise BadFrame("empty", client_id)
    if is_too_long(text):
        raise BadFrame("too_long", client_id)
    return text


def _edit(frame: dict[str, Any]) -> Edit:
    text = _message_text(_text(frame, "text"))
    return Edit(seq=_seq(frame), text=text, room=_optional_room(frame))


def _react(frame: dict[str, Any]) -> React:
    emoji, on = frame.get("emoji"), frame.get("on")
    if not isinstance(emoji, str) or not isinstance(on, bool):
        raise BadFrame("bad_frame")
    if not is_emoji(emoji):
        raise BadFrame("bad_emoji")
    return React(seq=_seq(frame), emoji=emoji, on=on, room=_optional_room(frame))


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
        count_messages=_counts_messages(frame),
        room=_optional_room(frame),
    )


def _open(frame: dict[str, Any]) -> Open:
    after = frame.get("after")
    if after is not None and not _is_number(after):
        raise BadFrame("bad_frame")
    return Open(room=_room(frame), after=after, count_messages=_counts_messages(frame))


def _direct(frame: dict[str, Any]) -> Direct:
    names = frame.get("names")
    if not isinstance(names, list) or not 0 < len(names) <= MAX_NAMES:
        raise BadFrame("bad_frame")
    return Direct(names=tuple(map(_name, names)))


def _level(frame: dict[str, Any]) -> SetLevel:
    level = frame.get("level")
    if not isinstance(level, str) or level not in LEVELS:
        raise BadFrame("bad_frame")
    return SetLevel(room=_room(frame), level=level)


def _favourite(frame: dict[str, Any]) -> SetFavourite:
    on = frame.get("on")
    if not isinstance(on, bool):
        raise BadFrame("bad_frame")
    return SetFavourite(room=_room(frame), on=on)


def _name(name: object) -> str:
    """Return the name of a person, clean and not too long."""
    if not isinstance(name, str) or len(name) > MAX_NAME:
        raise BadFrame("no_person" if isinstance(name, str) else "bad_frame")
    return clean(_encodable(name))


def _text(frame: dict[str, Any], field: str) -> str:
    text = frame.get(field)
    if not isinstance(text, str):
        raise BadFrame("bad_frame")
    return _encodable(text)


def _encodable(text: str) -> str:
    """Return a text that can be encoded: JSON can escape half of a surrogate pair."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _seq(frame: dict[str, Any]) -> int:
    seq = frame.get("seq")
    if not _is_number(seq):
        raise BadFrame("bad_frame")
    return seq


def _counts_messages(frame: dict[str, Any]) -> bool:
    return frame.get("count") == "messages"


def _room(frame: dict[str, Any]) -> int:
    """Return the id of the room that a frame names."""
    room = frame.get("room")
    if not _is_number(room):
        raise BadFrame("bad_frame", _uuid(frame.get("client_id")))
    return room


def _optional_room(frame: dict[str, Any]) -> int | None:
    return None if frame.get("room") is None else _room(frame)


def _is_number(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_NUMBER


# The types of a client's frames, and what makes a command of each.
COMMANDS: dict[str, Callable[[dict[str, Any]], Command]] = {
    "say": _say,
    "edit": _edit,
    "remove": lambda frame: Remove(seq=_seq(frame), room=_optional_room(frame)),
    "restore": lambda frame: Restore(seq=_seq(frame), room=_optional_room(frame)),
    "react": _react,
    "look": lambda frame: Look(room=_optional_room(frame)),
    "history": _history,
    "open": _open,
    "close": lambda frame: Close(room=_room(frame)),
    "join": lambda frame: Join(room=_room(frame)),
    "part": lambda frame: Part(room=_room(frame)),
    "topic": lambda frame: SetTopic(room=_room(frame), text=_text(frame, "text")),
    "invite": lambda frame: Invite(room=_room(frame), name=_name(frame.get("name"))),
    "direct": _direct,
    "level": _level,
    "ignore": lambda frame: Ignore(name=_name(frame.get("name"))),
    "unignore": lambda frame: Unignore(name=_name(frame.get("name"))),
    "favourite": _favourite,
    "read": lambda frame: Read(room=_room(frame), seq=_seq(frame)),
    "unread": lambda frame: MarkUnread(room=_room(frame), seq=_seq(frame)),
    "logout": lambda frame: Logout(),
}

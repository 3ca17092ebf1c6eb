"""The frames of clients of the WebSocket, subprotocol chat.v1: text in, commands out.

chat/wire/README.md describes them.
"""

import json
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from chat.wire.commands import (
    Close,
    Command,
    Direct,
    History,
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
    clean,
    is_too_long,
)
from chat.wire.emoji import is_emoji
from chat.wire.frame_fields import (
    BadFrame,
    as_name,
    as_uuid,
    encodable,
    is_number,
    read_line,
    read_optional_room,
    read_room,
    read_seq,
    read_text,
)
from chat.wire.frames import MAX_FRAME
from chat.wire.ignore_commands import AskIgnored, Ignore, Unignore
from chat.wire.message_commands import Edit, React, Remove, Restore
from chat.wire.moderation_commands import ACTIONS, Moderate, Report

HISTORY_DEFAULT = 50
HISTORY_MAX = 100
MAX_NAMES = 7  # other people of a direct room
MAX_FILES = 10  # of a message
MAX_TARGET = 254  # characters of the target of a moderator
MAX_DURATION = 16  # characters of a time
MAX_REASON = 300  # characters
UPLOAD_ID = re.compile(r"[\w-]{22}", re.ASCII)
LEVELS = ("all", "mentions", "nothing")


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
    return named | {name: frame[name] for name in ("room", "seq") if is_number(frame.get(name))}


def _say(frame: dict[str, Any]) -> Say:
    client_id = as_uuid(frame.get("client_id"))
    text, reply = frame.get("text"), frame.get("reply")
    if client_id is None or not isinstance(text, str):
        raise BadFrame("bad_frame", client_id)
    if reply is not None and not is_number(reply):
        raise BadFrame("bad_frame", client_id)
    files = _files(frame.get("files"), client_id)
    text = _message_text(text, client_id, may_be_empty=bool(files))
    return Say(text, client_id, room=read_optional_room(frame), reply=reply, files=files)


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
    text = clean(encodable(text).replace("\r\n", "\n").replace("\r", "\n"))
    if not text and not may_be_empty:
        raise BadFrame("empty", client_id)
    if is_too_long(text):
        raise BadFrame("too_long", client_id)
    return text


def _edit(frame: dict[str, Any]) -> Edit:
    text = _message_text(read_text(frame, "text"))
    return Edit(seq=read_seq(frame), text=text, room=read_optional_room(frame))


def _react(frame: dict[str, Any]) -> React:
    emoji, on = frame.get("emoji"), frame.get("on")
    if not isinstance(emoji, str) or not isinstance(on, bool):
        raise BadFrame("bad_frame")
    if not is_emoji(emoji):
        raise BadFrame("bad_emoji")
    return React(seq=read_seq(frame), emoji=emoji, on=on, room=read_optional_room(frame))


def _history(frame: dict[str, Any]) -> History:
    before, after = frame.get("before"), frame.get("after")
    limit = frame.get("limit", HISTORY_DEFAULT)
    if not is_number(limit) or limit == 0:
        raise BadFrame("bad_frame")
    if (before is None) == (after is None):
        raise BadFrame("bad_frame")
    if not is_number(before if after is None else after):
        raise BadFrame("bad_frame")
    return History(
        limit=min(limit, HISTORY_MAX),
        before=before,
        after=after,
        count_messages=_counts_messages(frame),
        room=read_optional_room(frame),
    )


def _open(frame: dict[str, Any]) -> Open:
    after = frame.get("after")
    if after is not None and not is_number(after):
        raise BadFrame("bad_frame")
    return Open(room=read_room(frame), after=after, count_messages=_counts_messages(frame))


def _direct(frame: dict[str, Any]) -> Direct:
    names = frame.get("names")
    if not isinstance(names, list) or not 0 < len(names) <= MAX_NAMES:
        raise BadFrame("bad_frame")
    return Direct(names=tuple(map(as_name, names)))


def _level(frame: dict[str, Any]) -> SetLevel:
    level = frame.get("level")
    if not isinstance(level, str) or level not in LEVELS:
        raise BadFrame("bad_frame")
    return SetLevel(room=read_room(frame), level=level)


def _favourite(frame: dict[str, Any]) -> SetFavourite:
    on = frame.get("on")
    if not isinstance(on, bool):
        raise BadFrame("bad_frame")
    return SetFavourite(room=read_room(frame), on=on)


def _moderate(frame: dict[str, Any]) -> Moderate:
    action, entry = frame.get("action"), frame.get("entry")
    if action not in ACTIONS or (entry is not None and not is_number(entry)):
        raise BadFrame("bad_frame")
    return Moderate(
        action=action,
        target=read_line(frame, "target", MAX_TARGET, "bad_target"),
        duration=read_line(frame, "duration", MAX_DURATION, "bad_duration"),
        reason=read_line(frame, "reason", MAX_REASON, "long_reason"),
        entry=entry,
        room=read_optional_room(frame),
    )


def _report(frame: dict[str, Any]) -> Report:
    seq, name = frame.get("seq"), frame.get("name")
    if (seq is None) == (name is None):
        raise BadFrame("bad_frame")
    why = read_line(frame, "why", MAX_REASON, "long_reason")
    if not why:
        raise BadFrame("no_reason")
    return Report(
        why=why,
        seq=None if seq is None else read_seq(frame),
        name=None if name is None else as_name(name),
        room=read_optional_room(frame),
    )


def _counts_messages(frame: dict[str, Any]) -> bool:
    return frame.get("count") == "messages"


# The types of a client's frames, and what makes a command of each.
COMMANDS: dict[str, Callable[[dict[str, Any]], Command]] = {
    "say": _say,
    "edit": _edit,
    "remove": lambda frame: Remove(seq=read_seq(frame), room=read_optional_room(frame)),
    "restore": lambda frame: Restore(seq=read_seq(frame), room=read_optional_room(frame)),
    "react": _react,
    "look": lambda frame: Look(room=read_optional_room(frame)),
    "history": _history,
    "open": _open,
    "close": lambda frame: Close(room=read_room(frame)),
    "join": lambda frame: Join(room=read_room(frame)),
    "part": lambda frame: Part(room=read_room(frame)),
    "topic": lambda frame: SetTopic(room=read_room(frame), text=read_text(frame, "text")),
    "invite": lambda frame: Invite(room=read_room(frame), name=as_name(frame.get("name"))),
    "direct": _direct,
    "level": _level,
    "moderate": _moderate,
    "report": _report,
    "ignore": lambda frame: Ignore(name=as_name(frame.get("name"))),
    "ignores": lambda frame: AskIgnored(name=as_name(frame.get("name"))),
    "unignore": lambda frame: Unignore(name=as_name(frame.get("name"))),
    "favourite": _favourite,
    "read": lambda frame: Read(room=read_room(frame), seq=read_seq(frame)),
    "unread": lambda frame: MarkUnread(room=read_room(frame), seq=read_seq(frame)),
    "logout": lambda frame: Logout(),
}

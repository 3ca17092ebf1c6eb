"""The JSON frames of the WebSocket, subprotocol chat.v1: text in, commands out, and back. No I/O.

The table in README.md says the same in words.
"""

import json
from uuid import UUID

import orjson

from chat.wire.commands import History, Logout, Look, Say, clean, too_long

SUBPROTOCOL = "chat.v1"
MAX_FRAME = 64 * 1024  # bytes on the wire, either way
TEXT_FRAME = 0x81  # the first byte of one on the wire
MAX_NUMBER = 2**63 - 1
HISTORY_DEFAULT = 50
HISTORY_MAX = 100

# Close codes of RFC 6455's private range, and the code that `bye` has with each.
LOGOUT = (1000, "logout")
SLOW = (4008, "slow")
RESTART = (4012, "restart")
TOO_MANY = (4029, "too_many")
SIGN_IN = (4401, "sign_in")
REMOVED = (4403, "removed")

TEXTS = {
    "bad_frame": "This is not a frame of chat.v1.",
    "unknown_type": "This type of frame is not known.",
    "too_long": "A message has at most 4000 characters and 100 lines.",
    "empty": "A message needs some text.",
    "try_again": "Not saved. Please try again.",
}


class BadFrame(Exception):
    """A frame that makes no sense; `code` is the error's, `client_id` the message's if known."""

    def __init__(self, code, client_id=None):
        super().__init__(code)
        self.code = code
        self.client_id = client_id


def parse(text):
    """The command in a text frame. Raises `BadFrame`."""
    if len(text) > MAX_FRAME or len(text.encode(errors="replace")) > MAX_FRAME:
        raise BadFrame("too_long")
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        raise BadFrame("bad_frame") from None
    if not isinstance(frame, dict) or not isinstance(frame.get("type"), str):
        raise BadFrame("bad_frame")
    match frame["type"]:
        case "say":
            command = _say(frame)
        case "look":
            command = Look()
        case "history":
            command = _history(frame)
        case "logout":
            command = Logout()
        case _:
            raise BadFrame("unknown_type")
    return command


def _say(frame):
    client_id = _uuid(frame.get("client_id"))
    text = frame.get("text")
    if client_id is None or not isinstance(text, str):
        raise BadFrame("bad_frame", client_id)
    # JSON may escape half of a surrogate pair, which no UTF-8 can carry.
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = clean(text.replace("\r\n", "\n").replace("\r", "\n"))
    if not text:
        raise BadFrame("empty", client_id)
    if too_long(text):
        raise BadFrame("too_long", client_id)
    return Say(text, client_id)


def _uuid(value):
    try:
        return UUID(value) if isinstance(value, str) and len(value) == 36 else None
    except ValueError:
        return None


def _history(frame):
    before = frame.get("before")
    limit = frame.get("limit", HISTORY_DEFAULT)
    if not _is_number(before) or not _is_number(limit) or limit == 0:
        raise BadFrame("bad_frame")
    return History(min(limit, HISTORY_MAX), before)


def _is_number(value):
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_NUMBER


def encode(line):
    """One line of the log as the bytes of a LINE."""
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
    # A copy: orjson's own keeps the room that it was written in, which is many times as long.
    return b"%b" % orjson.dumps(fields, option=orjson.OPT_UTC_Z)


def batch(encoded):
    """The events that send some encoded lines, in frames of at most `MAX_FRAME` bytes.

    Beside its text each has the bytes of the `frame`, for servers that can send those as they are.
    """
    events, together, size = [], [], 0
    for line in encoded:
        if together and size + len(line) >= MAX_FRAME - 64:
            events.append(_lines(together))
            together, size = [], 0
        together.append(line)
        size += len(line) + 1
    if together:
        events.append(_lines(together))
    return events


def _lines(encoded):
    data = b'{"type":"lines","lines":[%b]}' % b",".join(encoded)
    return {**_event(data), "frame": _text_frame(data)}


def _text_frame(payload):
    """An unmasked text in one frame, as servers send it (RFC 6455, 5.2)."""
    length = len(payload)
    if length < 126:
        head = bytes((TEXT_FRAME, length))
    elif length < 1 << 16:
        head = bytes((TEXT_FRAME, 126)) + length.to_bytes(2, "big")
    else:
        head = bytes((TEXT_FRAME, 127)) + length.to_bytes(8, "big")
    return head + payload


def welcome(room, you, seq, people, encoded, reset):
    """The first frame: where the member is, who is here, and lines that end at `seq`.

    `people` is what `encode_people` made of them.
    """
    head = orjson.dumps({"type": "welcome", "room": room, "you": you, "seq": seq, "reset": reset})
    return _event(b'%b,"people":%b,"lines":[%b]}' % (head[:-1], people, b",".join(encoded)))


def people(seq, people):
    """The answer to `look`: who is here at `seq`, encoded as for `welcome`."""
    return _event(b'{"type":"people","seq":%d,"people":%b}' % (seq, people))


def encode_people(people):
    """Some PERSONs, in their order."""
    return orjson.dumps([{"name": person.name, "guest": person.guest} for person in people])


def history(encoded, more):
    """The answer to `history`; `more` when there are still older lines."""
    more = b"true" if more else b"false"
    return _event(b'{"type":"history","lines":[%b],"more":%b}' % (b",".join(encoded), more))


def said(client_id, seq):
    """The answer to a retry of what was said, and seen, already."""
    return _event(orjson.dumps({"type": "said", "client_id": client_id, "seq": seq}))


def error(code, client_id=None):
    """What was wrong with a frame; the connection lives on."""
    frame = {"type": "error", "code": code, "text": TEXTS[code], "client_id": client_id}
    return _event(orjson.dumps(frame))


def bye(code, retry_in=None):
    """The last frame before the server closes; `retry_in` in seconds, None to stay away."""
    return _event(orjson.dumps({"type": "bye", "code": code, "retry_in": retry_in}))


def _event(data):
    return {"type": "websocket.send", "text": data.decode()}

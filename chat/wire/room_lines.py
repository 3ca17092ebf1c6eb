"""The lines of the legacy port about rooms besides the lobby, and about direct messages.

No name begins with `#`, `@` or `*`, so nobody can forge one of them. chat/wire/README.md describes
them (D22).
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from chat.wire import legacy
from chat.wire.interface import Event, LogLine, NamedPerson
from chat.wire.words import usage

NO_ROOM = b"There is no such room \n"
NO_PERSON = b"There is nobody of that name \n"
NOT_ALLOWED = b"You may not do that \n"
MEMBERS_ONLY = b"Guests may not do that \n"
NOT_JOINED = b"You have not joined that room \n"
LOBBY_STAYS = b"Nobody can leave the lobby \n"
ARCHIVED = b"That room is archived \n"
LAST_OWNER = b"The room needs an owner when you leave \n"
TOPIC_TOO_LONG = b"Topic too long (250 characters at most) \n"
TOO_MANY_ROOMS = b"You are in too many rooms \n"
TOO_MANY_CREATED = b"You have created too many rooms, try again in an hour \n"
HELD = b"Held for approval \n"
TOO_MANY_HELD = b"Too many messages wait for approval \n"
SAID = b"Said, but the lines of that room do not come here \n"
TRY_AGAIN = b"Not done, please try again \n"

# Kinds of lines that look as in the lobby.
TALK = frozenset({"said", "edited", "notice", "rules"})
# The words behind the name in the line of a change; `{text}` is the text of the line.
CHANGES = {
    "joined": "has joined the room.",
    "parted": "has left the room.",
    "topic": "has set the topic: {text}",
    "renamed": "has named the room: {text}",
    "archived": "has archived the room.",
    "reopened": "has opened the room again.",
}
# The same for kinds of lines with few texts.
CHANGES_BY_TEXT = {
    ("topic", ""): "has removed the topic.",
    ("role", "owner"): "is an owner now.",
    ("role", "moderator"): "is a moderator now.",
    ("role", "member"): "is a plain member now.",
    ("access", "private"): "has made the room private.",
    ("access", "open"): "has made the room open.",
    ("access", "guests"): "has made the room open, also for guests.",
}


class ListedRoom(Protocol):
    """A room in the answer to `rooms`."""

    @property
    def slug(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def topic(self) -> str: ...
    @property
    def people(self) -> Sequence[str]: ...
    @property
    def unread(self) -> int: ...
    @property
    def mentions(self) -> int: ...


def label(slug: str, people: Sequence[str]) -> str:
    """Return how a room is called: `#slug`, or `@ANN,BOB` for a direct room with other people."""
    return f"@{','.join(people)}" if people else f"#{slug}"


class RoomWire(NamedTuple):
    """The lines of one room besides the lobby, as a `Wire`. They begin with the room's label.

    With only one other person, a direct room needs no label but the sign. A tuple, because its hash
    is computed for each member and batch.
    """

    label: str

    @classmethod
    def of(cls, slug: str, people: Sequence[str]) -> "RoomWire":
        """Return the wire of a room with an address, or of a direct room with other people."""
        return cls("@" if len(people) == 1 else f"{label(slug, people)} ")

    def encode(self, line: LogLine) -> bytes:
        change = CHANGES_BY_TEXT.get((line.kind, line.text), CHANGES.get(line.kind))
        if change is not None:
            texts = [f"* {line.name} {change.format(text=line.text)}"]
        elif line.kind in TALK:
            texts = legacy.texts(line)
        else:
            texts = []
        return "".join(f"{self.label}{text}\n" for text in texts).encode()

    def encode_ignored(self, line: LogLine) -> bytes:
        return b""

    def batch(self, encoded: Sequence[bytes]) -> list[Event]:
        return legacy.batch(encoded)

    def encode_people(self, people: Iterable[NamedPerson]) -> bytes:
        return legacy.encode_people(people)


# Answers


def joined(room: str) -> bytes:
    """Return the answer to `join`, for the label of a room."""
    return f"You have joined {room} \n".encode()


def left(room: str) -> bytes:
    """Return the answer to `leave`."""
    return f"You have left {room} \n".encode()


def speaking_to(room: str) -> bytes:
    """Return the answer to `go`."""
    return f"You speak to {room} \n".encode()


def invited(name: str, room: str) -> bytes:
    """Return the answer to `invite`."""
    return f"{name} is in {room} \n".encode()


def topic(room: str, text: str) -> bytes:
    """Return the answer to `topic`."""
    return f"{room} * {f'The topic is: {text}' if text else 'There is no topic'} \n".encode()


LEVELS = {
    "all": "You are told of all messages in {room} \n",
    "mentions": "You are told of the mentions of you in {room} \n",
    "nothing": "You are told of nothing in {room} \n",
}


def level(room: str, chosen: str) -> bytes:
    """Return the answer to `level`."""
    return LEVELS[chosen].format(room=room).encode()


def how_to_use(word: str) -> bytes:
    """Return the answer to a word without the arguments that it needs."""
    return f"Usage: {usage(word)} \n".encode()


def rooms(own: Iterable[ListedRoom], others: Iterable[ListedRoom]) -> bytes:
    """Return the answer to `rooms`: the rooms of the member, and others that they may join."""
    lines = ["Your Rooms:\n", *map(_entry, own)]
    if listed := [_entry(room) for room in others]:
        lines += ["Other Rooms:\n", *listed]
    return "".join(lines).encode()


def _entry(room):
    unread = f"{room.unread} unread" if room.unread else ""
    mentions = f"{room.mentions} for you" if room.mentions else ""
    counts = ", ".join(filter(None, [unread, mentions]))
    # Brackets show that a name is no speaker, whatever it contains.
    parts = [label(room.slug, room.people), room.name and f"({room.name})", room.topic]
    return " ".join(filter(None, [*parts, counts and f"[{counts}]"])) + "\n"


# Notices


def now_in(room: str) -> bytes:
    """Return the notice that the member has joined a room in another way than by `join`."""
    return f"* You are in {room} now\n".encode()


def no_longer_in(room: str) -> bytes:
    """Return the notice that the member has left or lost a room in another way than by `leave`."""
    return f"* You are no longer in {room}\n".encode()


def refused(reason: str) -> bytes:
    """Return the notice that a moderator has refused a message of the member that waited."""
    return f"* Your message was refused{f': {reason}' if reason else ''}\n".encode()


def not_followed(room: str) -> bytes:
    """Return the notice that the lines of a room do not come, because there are too many rooms."""
    return f"* You are in too many rooms: the lines of {room} do not come here\n".encode()

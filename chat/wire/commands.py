"""The commands of clients, for both wires, and the cleaning and limits of their texts.

Those that change messages are in `message_commands`, those of moderation in `moderation_commands`,
and those about people whom one ignores in `ignore_commands`.
Every command has a `word`: the word of the legacy protocol for it.
"""

import re
from dataclasses import dataclass, field
from typing import ClassVar
from uuid import UUID

from chat.wire.characters import is_visible
from chat.wire.ignore_commands import IgnoreCommand
from chat.wire.message_commands import MessageCommand, Numbers, NumberWord
from chat.wire.moderation_commands import ModerationCommand

MAX_TEXT = 4000  # code points, after cleaning
MAX_TEXT_LINES = 100

# Control characters except TAB and LF, the two Unicode line separators, and the bidi characters
# that reorder what stands around them. Each of them could forge a line of another person, or send
# commands to a terminal.
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """Return a text with unsafe characters replaced by spaces and blanks cut at both ends.

    LF and TAB are kept. A text in which nothing is visible is empty, because it would be shown as
    an empty message. Source: chat/wire/README.md, D6.
    """
    text = UNSAFE.sub(" ", text).strip()
    return text if is_visible(text) else ""


def one_line(text: str) -> str:
    """Return a clean text as one line with single blanks. It is empty if nothing is visible."""
    return " ".join(clean(text).split())


def is_too_long(text: str) -> bool:
    """Return whether a clean text is longer than a message may be."""
    return len(text) > MAX_TEXT or text.count("\n") >= MAX_TEXT_LINES


@dataclass(frozen=True, slots=True)
class Login:
    """Enter the room under a name (legacy only; a web client is signed in by its session).

    The access key of a member may follow the name, so it is never shown in a log.
    """

    word: ClassVar[str] = "login"
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Say:
    """Say a clean text in a room; in the lobby without one. `client_id` makes a retry harmless.

    `reply` is the number of the message that it replies to, if it does. `files` are the ids of
    uploads (web only).
    """

    word: ClassVar[str] = "say"
    text: str
    client_id: UUID | None = None
    room: int | None = None
    reply: int | None = None
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """List the people in a room; in the lobby without one."""

    word: ClassVar[str] = "look"
    room: int | None = None


@dataclass(frozen=True, slots=True)
class History:
    """Ask for at most `limit` lines before the line `before`, or for the newest ones.

    With `after` ask for the lines that follow it. With `count_messages` only messages count, and
    runs of comings and goings are left out.
    """

    word: ClassVar[str] = "history"
    limit: int
    before: int | None = None
    after: int | None = None
    count_messages: bool = False
    room: int | None = None  # the lobby without one


@dataclass(frozen=True, slots=True)
class Search:
    """Search for messages in all rooms that the person may read."""

    word: ClassVar[str] = "search"
    query: str


@dataclass(frozen=True, slots=True)
class Open:
    """Follow a room from the line `after` on, or from its newest lines (web only)."""

    word: ClassVar[str] = "open"
    room: int
    after: int | None = None
    count_messages: bool = False


@dataclass(frozen=True, slots=True)
class Close:
    """Stop following a room (web only)."""

    word: ClassVar[str] = "close"
    room: int


@dataclass(frozen=True, slots=True)
class Join:
    """Become a member of an open room."""

    word: ClassVar[str] = "join"
    room: int


@dataclass(frozen=True, slots=True)
class Part:
    """Leave a room."""

    word: ClassVar[str] = "part"
    room: int


@dataclass(frozen=True, slots=True)
class SetTopic:
    """Set the topic of a room, which becomes one clean line and may be empty."""

    word: ClassVar[str] = "topic"
    room: int
    text: str


@dataclass(frozen=True, slots=True)
class Invite:
    """Make somebody a member of a room."""

    word: ClassVar[str] = "invite"
    room: int
    name: str


@dataclass(frozen=True, slots=True)
class Direct:
    """Open the direct room with some people, and create it if there is none."""

    word: ClassVar[str] = "direct"
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetLevel:
    """Set which messages of a room the member wants to be told of (web only)."""

    word: ClassVar[str] = "level"
    room: int
    level: str


@dataclass(frozen=True, slots=True)
class SetFavourite:
    """Set whether the member wants a room above their others (web only)."""

    word: ClassVar[str] = "favourite"
    room: int
    on: bool


@dataclass(frozen=True, slots=True)
class Read:
    """Say that a room was read up to the line `seq` (web only)."""

    word: ClassVar[str] = "read"
    room: int
    seq: int


@dataclass(frozen=True, slots=True)
class MarkUnread:
    """Mark a line of a room and those after it as unread (web only)."""

    word: ClassVar[str] = "unread"
    room: int
    seq: int


@dataclass(frozen=True, slots=True)
class RoomWord:
    """A word about rooms or people, with its clean argument (legacy only).

    The argument begins with names, which have to be looked up.
    """

    word: str
    argument: str


@dataclass(frozen=True, slots=True)
class Help:
    """List the commands (legacy only)."""

    word: ClassVar[str] = "help"


@dataclass(frozen=True, slots=True)
class Logout:
    """Leave."""

    word: ClassVar[str] = "logout"


@dataclass(frozen=True, slots=True)
class TextTooLong:
    """A `say` whose text is longer than a message may be (legacy only)."""

    word: ClassVar[str] = "say"


@dataclass(frozen=True, slots=True)
class LineTooLong:
    """A line that is longer than a line may be (legacy only); `word` is its first word."""

    word: str


@dataclass(frozen=True, slots=True)
class HttpRequestLine:
    """The first line of an HTTP request, which a web page made a browser send (legacy only)."""

    word: str


@dataclass(frozen=True, slots=True)
class UnknownCommand:
    """A line whose first word is no command (legacy only)."""

    word: str


@dataclass(frozen=True, slots=True)
class TimingMark:
    """A question of telnet: was all before it handled? It has no word, so it is no `Command`."""


RoomCommand = Open | Close | Join | Part | SetTopic | Invite | Direct | SetLevel | SetFavourite
Command = (
    Login
    | Say
    | MessageCommand
    | ModerationCommand
    | Look
    | History
    | Search
    | RoomCommand
    | IgnoreCommand
    | Read
    | MarkUnread
    | RoomWord
    | Numbers
    | NumberWord
    | Help
    | Logout
    | TextTooLong
    | LineTooLong
    | HttpRequestLine
    | UnknownCommand
)

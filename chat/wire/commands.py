"""The commands of clients, for both wires, and the cleaning and limits of their texts.

Every command has a `word`: the word of the legacy protocol for it.
"""

import re
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from chat.wire.characters import is_visible

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


def is_too_long(text: str) -> bool:
    """Return whether a clean text is longer than a message may be."""
    return len(text) > MAX_TEXT or text.count("\n") >= MAX_TEXT_LINES


@dataclass(frozen=True, slots=True)
class Login:
    """Enter the room under a name (legacy only; a web client is signed in by its session)."""

    word: ClassVar[str] = "login"
    name: str


@dataclass(frozen=True, slots=True)
class Say:
    """Say a clean text. `client_id` makes a retry harmless."""

    word: ClassVar[str] = "say"
    text: str
    client_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """List the people in the room."""

    word: ClassVar[str] = "look"


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
    """A question of telnet, between two commands or within one: was all before it handled?

    Not a `Command`, because it has no word (legacy only).
    """


Command = (
    Login
    | Say
    | Look
    | History
    | Help
    | Logout
    | TextTooLong
    | LineTooLong
    | HttpRequestLine
    | UnknownCommand
)

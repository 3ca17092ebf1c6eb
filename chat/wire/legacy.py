"""The legacy line protocol: bytes in, commands out; lines of the log in, bytes out.

chat/wire/README.md describes it, with the numbered differences from the original (D1 to D22).
"""

import re
from collections.abc import Callable, Iterable, Sequence

from chat.wire.commands import (
    Command,
    Help,
    History,
    HttpRequestLine,
    LineTooLong,
    Login,
    Logout,
    Look,
    Say,
    TextTooLong,
    UnknownCommand,
    clean,
    is_too_long,
)
from chat.wire.interface import Event, LogLine, NamedPerson
from chat.wire.telnet import TelnetFilter

MAX_LINE = 16384  # bytes, without the line end
KEPT_BYTES = MAX_LINE + 2  # of a line: with CR and one byte more it is too long, whatever follows
MAX_UNENDED = 1 << 20  # bytes that may come without an LF
MAX_WRITE = 64 * 1024  # bytes in one write; a single line may be longer
HISTORY_DEFAULT = 20
HISTORY_MAX = 200

GREETING = b"Connect Success"
LOGIN_SUCCESS = b"Login Success"
NAME_EMPTY = b"UserName Empty"
NAME_TAKEN = b"UserName Exist"
SERVER_FULL = b"Server Full"
MESSAGE_TOO_LONG = b"Message too long (4000 characters at most) \n"
LINE_TOO_LONG = b"Line too long (16384 bytes at most) \n"
NOT_SENT = b"Not sent, please try again \n"
HELP = (
    b"say TEXT - speak to the room\n"
    b"look - who is here\n"
    b"history [N] - what was said\n"
    b"logout - leave\n"
)

HTTP_REQUEST = re.compile(r"[A-Z]+ \S+ HTTP/\d(?:\.\d)?")


class LineFlood(Exception):
    """More than `MAX_UNENDED` bytes came without a line end."""


class CommandReader:
    """Reads the commands of one client from its bytes, in chunks of any size."""

    def __init__(self) -> None:
        self._telnet = TelnetFilter()
        self._unended = bytearray()  # the unfinished line: no more of it than will be looked at
        self._unended_size = 0  # all bytes of the unfinished line

    def feed(self, data: bytes) -> list[Command | None]:
        """Return a command for each line that is complete now, None for a blank line.

        Raises `LineFlood` when the unfinished line is longer than `MAX_UNENDED`.
        """
        *line_ends, unended = self._telnet.feed(data).split(b"\n")
        commands = []
        for line_end in line_ends:
            self._append(line_end)
            commands.append(parse_line(bytes(self._unended)))
            self._unended.clear()
            self._unended_size = 0
        self._append(unended)
        if self._unended_size > MAX_UNENDED:
            raise LineFlood
        return commands

    def _append(self, data: bytes) -> None:
        self._unended += data[: KEPT_BYTES - len(self._unended)]
        self._unended_size += len(data)


def parse_line(line: bytes) -> Command | None:
    """Return the command in a line without its LF; None for a blank line.

    Source: chat/wire/README.md, "A line", D1 (a CR before the LF belongs to the line end) and D2
    (invalid UTF-8 becomes U+FFFD).
    """
    line = line.removesuffix(b"\r")
    if len(line) > MAX_LINE:
        return LineTooLong(line[:MAX_LINE].partition(b" ")[0].decode(errors="replace"))
    text = line.decode(errors="replace")
    if not text.strip():
        return None
    word, _, argument = text.partition(" ")
    if word in COMMANDS:
        return COMMANDS[word](argument.strip())
    return HttpRequestLine(word) if HTTP_REQUEST.fullmatch(text) else UnknownCommand(word)


def _say(argument: str) -> Command:
    text = clean(argument)
    return TextTooLong() if is_too_long(text) else Say(text)


def _history(argument: str) -> Command:
    return History(_history_limit(argument))


def _history_limit(argument: str) -> int:
    if not (argument.isascii() and argument.isdigit()):
        return HISTORY_DEFAULT
    digits = argument.lstrip("0")
    if not digits:
        return HISTORY_DEFAULT
    if len(digits) > len(str(HISTORY_MAX)):  # do not convert thousands of digits
        return HISTORY_MAX
    return min(int(digits), HISTORY_MAX)


# The words of the protocol, and what makes a command of each word's argument. Words without an
# argument ignore what follows them, as in the original.
COMMANDS: dict[str, Callable[[str], Command]] = {
    "login": Login,
    "say": _say,
    "look": lambda argument: Look(),
    "history": _history,
    "help": lambda argument: Help(),
    "logout": lambda argument: Logout(),
}


def unknown_command(word: str) -> bytes:
    """Return the answer to a word that is not a command in the client's state."""
    return f"Unknown command {word} \n".encode()


def encode_people(people: Iterable[NamedPerson]) -> bytes:
    """Return the answer to `look`."""
    return "".join(["Online Users:\n", *(f"{person.name}\n" for person in people)]).encode()


def history(lines: Iterable[LogLine]) -> list[bytes]:
    """Return the answer to `history`, in one part for each message.

    A part has one line for each line of the message, with the time in UTC before it.
    """
    return [
        "".join(
            f"{line.at:%Y-%m-%d %H:%M} {line.name}: {part}\n" for part in line.text.split("\n")
        ).encode()
        for line in lines
    ]


def encode(line: LogLine) -> bytes:
    """Return one line of the log as the members see it; empty for kinds that they do not see."""
    match line.kind:
        case "said":
            text = "".join(f"{line.name}: {part}\n" for part in line.text.split("\n"))
        case "entered":
            text = f"{line.name} has entered the room.\n"
        case "left":
            text = f"{line.name} has left the room.\n"
        case "notice":
            text = "".join(f"* {part}\n" for part in line.text.split("\n"))
        case _:
            text = ""
    return text.encode()


def batch(encoded: Sequence[bytes]) -> list[Event]:
    """Return the "tcp" events that send some encoded lines, in writes of bounded size."""
    events: list[Event] = []
    joined: list[bytes] = []
    size = 0
    for data in encoded:
        if joined and size + len(data) > MAX_WRITE:
            events.append({"type": "tcp.send", "data": b"".join(joined)})
            joined, size = [], 0
        if data:
            joined.append(data)
            size += len(data)
    if joined:
        events.append({"type": "tcp.send", "data": b"".join(joined)})
    return events

"""The legacy line protocol: bytes in, commands out; lines of the log in, bytes out.

chat/wire/README.md describes it, with the numbered differences from the original (D1 to D24).
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from chat.wire.commands import (
    Command,
    HttpRequestLine,
    LineTooLong,
    TimingMark,
    UnknownCommand,
)
from chat.wire.interface import Event, LogLine, NamedPerson
from chat.wire.rule_lines import sentence
from chat.wire.telnet import DM, TelnetFilter
from chat.wire.terminal_text import parts
from chat.wire.words import WORDS

MAX_LINE = 16384  # bytes, without the line end
KEPT_BYTES = 2 * MAX_LINE  # of an unfinished line; a longer one is too long, whatever follows
MAX_UNENDED = 1 << 20  # bytes that may come without a line end
MAX_WRITE = 64 * 1024  # bytes in one write; a single line may be longer

GREETING = b"Connect Success"
LOGIN_SUCCESS = b"Login Success"
NAME_EMPTY = b"UserName Empty"
NAME_TAKEN = b"UserName Exist"
SERVER_FULL = b"Server Full"
MESSAGE_TOO_LONG = b"Message too long (4000 characters at most) \n"
LINE_TOO_LONG = b"Line too long (16384 bytes at most) \n"
REMOVED = "(removed)"  # in the place of the text of a message
NOT_SENT = b"Not sent, please try again \n"
PERHAPS_SENT = b"Perhaps not sent, please look before you try again \n"

LINE_END = re.compile(rb"\r[\n\0]?|\n")
ERASURE = re.compile(rb"[\x08\x7f]")
TEXT_AND_ERASURES = re.compile(rb"([^\x08\x7f]*)([\x08\x7f]*)")
# Debian's telnet sends the IAC of its Synch (IAC DM) as urgent data, which is ignored, so DM comes
# alone. Before a byte from 0x80 to 0xBF the same byte would begin a character instead.
STRAY_DATA_MARKS = re.compile(rb"^(?:\xf2(?![\x80-\xbf]))+")
HTTP_REQUEST = re.compile(r"[A-Z]+ \S+ HTTP/\d(?:\.\d)?")


class LineFlood(Exception):
    """More than `MAX_UNENDED` bytes came without a line end."""


class CommandReader:
    """Reads the commands of one client from its bytes, in chunks of any size.

    CR LF, CR NUL, CR and LF each end a line. A line ends with its CR, whether an LF or NUL will
    follow or not. Source: chat/wire/README.md, D1.
    """

    def __init__(self) -> None:
        self._telnet = TelnetFilter()
        self._line = UnfinishedLine()
        self._after_cr = False  # an LF or NUL that comes next belongs to the previous CR

    def feed(self, data: bytes) -> list[Command | TimingMark | None]:
        """Return a command for each line that is complete now, None for a blank line.

        A `TimingMark` stands where telnet's DO TIMING-MARK came among them. Raises `LineFlood` when
        the unfinished line is longer than `MAX_UNENDED`.
        """
        commands: list[Command | TimingMark | None] = []
        for number, piece in enumerate(self._telnet.feed(data)):
            if number:
                commands.append(TimingMark())
            *line_ends, unended = LINE_END.split(self._without_rest_of_line_end(piece))
            for line_end in line_ends:
                commands.append(parse_line(self._line.finish(line_end)))
            if unended:
                self._line.append(unended)
        if self._line.size > MAX_UNENDED:
            raise LineFlood
        return commands

    @property
    def kept_bytes(self) -> int:
        """The size of what is kept of the unfinished line."""
        return self._line.kept_bytes

    def _without_rest_of_line_end(self, data: bytes) -> bytes:
        """Return data without an LF or NUL that belongs to a CR at the end of earlier data."""
        if not data:
            return data
        rest = data[1:] if self._after_cr and data[0] in b"\n\0" else data
        self._after_cr = rest.endswith(b"\r")
        return rest


class UnfinishedLine:
    """The line that a client is typing, without the characters that it has erased.

    BS and DEL erase the character before them in the line. Source: chat/wire/README.md, D20.
    """

    __slots__ = ("_is_cut", "_kept", "size")

    def __init__(self) -> None:
        self.size = 0  # all bytes, including those that were erased
        self._kept = bytearray()
        self._is_cut = False  # there was more than was kept, so nothing can be erased any more

    @property
    def kept_bytes(self) -> int:
        return len(self._kept)

    def append(self, data: bytes) -> None:
        """Add bytes that contain no line end."""
        self.size += len(data)
        if ERASURE.search(data) is None:
            self._append_text(data)
            return
        for text, erasures in TEXT_AND_ERASURES.findall(data):
            self._append_text(text)
            for _ in erasures:
                self._erase_character()

    def finish(self, data: bytes) -> bytes:
        """Add the rest of the line, return the line, and begin the next one."""
        if self.size == 0 and len(data) <= KEPT_BYTES and ERASURE.search(data) is None:
            return data  # nothing has to be copied for a line that came at once
        self.append(data)
        line = bytes(self._kept)
        self._kept.clear()
        self.size, self._is_cut = 0, False
        return line

    def _append_text(self, data):
        if not self._is_cut:
            self._is_cut = len(self._kept) + len(data) > KEPT_BYTES
            self._kept += data[: KEPT_BYTES - len(self._kept)]

    def _erase_character(self):
        """Remove the last code point and its combining marks."""
        while self._kept and not self._is_cut:
            size = _size_of_last_character(self._kept)
            character = self._kept[-size:].decode(errors="replace")
            del self._kept[-size:]
            if not unicodedata.category(character).startswith("M"):
                break


def _size_of_last_character(line: bytearray) -> int:
    """Return the number of bytes at the end of a line that are decoded into one character.

    A byte that is part of no character is decoded into U+FFFD by itself, as is the beginning of a
    character whose other bytes are missing.
    """
    if line[-1] < 0x80:
        return 1
    for size in (4, 3, 2):
        if size <= len(line) and line[-size] >= 0xC2:
            decoded = line[-size:].decode(errors="replace")
            if len(decoded) == 1:
                return size
    return 1


def parse_line(line: bytes) -> Command | None:
    """Return the command in a line without its line end; None for a blank line.

    Source: chat/wire/README.md, "A line" and D2 (invalid UTF-8 becomes U+FFFD).
    """
    if line and line[0] == DM:
        line = STRAY_DATA_MARKS.sub(b"", line)
    if len(line) > MAX_LINE:  # the word of a cut line may be cut as well
        return LineTooLong(line[:MAX_LINE].partition(b" ")[0].decode(errors="replace"))
    text = line.decode(errors="replace")
    if not text.strip():
        return None
    word, _, argument = text.partition(" ")
    if word in WORDS:
        return WORDS[word].make(argument.strip())
    return HttpRequestLine(word) if HTTP_REQUEST.fullmatch(text) else UnknownCommand(word)


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
        "".join(f"{line.at:%Y-%m-%d %H:%M} {text}\n" for text in texts(line)).encode()
        for line in lines
    ]


def encode(line: LogLine) -> bytes:
    """Return one line of the log as the members see it; empty for kinds that they do not see."""
    return "".join(f"{text}\n" for text in texts(line)).encode()


def texts(line: LogLine) -> list[str]:
    """Return the lines that the members see for one line of the log."""
    match line.kind:
        case "said":
            return [f"{line.name}: {part}" for part in [*_quoted(line), *parts(line)]]
        case "entered":
            return [f"{line.name} has entered the room."]
        case "left":
            return [f"{line.name} has left the room."]
        case "notice":
            return [f"* {part}" for part in line.text.split("\n")]
        case "rules" if rule := sentence(line.text):
            return [f"* {line.name} {rule}"]
        case "edited" if line.text:  # or the message was removed since
            return [f"* {line.name} edited: {part}" for part in line.text.split("\n")]
    return []


def _quoted(line):
    """Return the beginning of the message that a reply quotes, as the first line of its text."""
    if not line.quote:
        return []
    words = REMOVED if line.quote.get("removed") else line.quote["text"]
    return [f"> {line.quote['name']}: {words}"]


def encode_ignored(line: LogLine) -> bytes:
    """Return nothing: members do not see a line of somebody whom they ignore."""
    return b""


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

"""The legacy line protocol: bytes in, commands out; lines of the log in, bytes out. No I/O."""

import re

from chat.wire.commands import (
    Help,
    History,
    HttpRequest,
    Login,
    Logout,
    Look,
    Overlong,
    Say,
    TooLong,
    Unknown,
    clean,
    too_long,
)

MAX_LINE = 16384  # bytes, without the line end
KEPT = MAX_LINE + 2  # bytes of a line: one that has its CR and one more is too long, whatever comes
MAX_UNENDED = 1 << 20  # bytes that may come without an LF
MAX_SUBNEGOTIATION = 1024  # bytes
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

IAC, DONT, WILL, SB, SE, LOWEST_COMMAND = 255, 254, 251, 250, 240, 236
LF = 10


class LineFlood(Exception):
    """More came without a line end than anybody may make us keep."""


class TelnetFilter:
    """Takes telnet's commands out of a stream of bytes, in whatever pieces it comes.

    A byte 255 goes, and with it the command that follows, if it is one (RFC 854): WILL, WONT, DO
    and DONT with one more byte, SB up to IAC SE or 1 KiB, other commands alone. An LF always
    stays, so that nothing that is lost in the middle can swallow a line.
    """

    def __init__(self):
        self._state = self._text
        self._skipped = 0

    def feed(self, data):
        """The bytes that are not telnet's."""
        if self._state == self._text and IAC not in data:
            return data
        kept = bytearray()
        for byte in data:
            self._state(byte, kept)
        return bytes(kept)

    def _text(self, byte, kept):
        if byte == IAC:
            self._state = self._command
        else:
            kept.append(byte)

    def _command(self, byte, kept):
        if byte == IAC:
            pass  # a 255 of its own, which may begin a command like the one before
        elif byte >= WILL:
            self._state = self._option
        elif byte == SB:
            self._state, self._skipped = self._subnegotiation, 0
        elif byte >= LOWEST_COMMAND:
            self._state = self._text
        else:
            self._state = self._text
            kept.append(byte)

    def _option(self, byte, kept):
        self._state = self._text
        if byte == LF:
            kept.append(byte)

    def _subnegotiation(self, byte, kept):
        self._skipped += 1
        if byte == LF:
            self._state = self._text
            kept.append(byte)
        elif byte == IAC:
            self._state = self._subnegotiation_command
        elif self._skipped >= MAX_SUBNEGOTIATION:
            self._state = self._text

    def _subnegotiation_command(self, byte, kept):
        if byte == SE:
            self._state = self._text
        else:
            self._state = self._subnegotiation
            if byte != IAC:
                self._subnegotiation(byte, kept)


class Reader:
    """Turns what one client sends into commands, whatever the pieces it comes in."""

    def __init__(self):
        self._telnet = TelnetFilter()
        self._unended = bytearray()  # its first bytes: no others are ever looked at
        self._size = 0  # bytes in all of it

    def feed(self, data):
        """What the lines that are complete now ask for; None for a line with nothing in it.

        Raises `LineFlood` when the rest is longer than `MAX_UNENDED`.
        """
        *ended, rest = self._telnet.feed(data).split(b"\n")
        commands = []
        for piece in ended:
            self._add(piece)
            commands.append(parse_line(bytes(self._unended)))
            self._unended.clear()
            self._size = 0
        self._add(rest)
        if self._size > MAX_UNENDED:
            raise LineFlood
        return commands

    def _add(self, piece):
        self._unended += piece[: KEPT - len(self._unended)]
        self._size += len(piece)


def parse_line(line):
    """The command in a line without its LF; None when there is nothing in it.

    Source: PROTOCOL "A line", with D1 (one CR belongs to the line end) and D2 (U+FFFD).
    """
    line = line.removesuffix(b"\r")
    if len(line) > MAX_LINE:
        return Overlong(line[:MAX_LINE].partition(b" ")[0].decode(errors="replace"))
    text = line.decode(errors="replace")
    if not text.strip():
        return None
    word, _, argument = text.partition(" ")
    argument = argument.strip()
    match word:
        case "login":
            command = Login(argument)
        case "say":
            said = clean(argument)
            command = TooLong() if too_long(said) else Say(said)
        case "look":
            command = Look()
        case "history":
            command = History(_history_limit(argument))
        case "help":
            command = Help()
        case "logout":
            command = Logout()
        case _ if HTTP_REQUEST.fullmatch(text):
            command = HttpRequest(word)
        case _:
            command = Unknown(word)
    return command


def _history_limit(argument):
    if not (argument.isascii() and argument.isdigit()):
        return HISTORY_DEFAULT
    digits = argument.lstrip("0")
    if not digits:
        limit = HISTORY_DEFAULT
    elif len(digits) > 3:
        limit = HISTORY_MAX
    else:
        limit = min(int(digits), HISTORY_MAX)
    return limit


def unknown(word):
    """The answer to a word that is not known here."""
    return f"Unknown command {word} \n".encode()


def encode_people(people):
    """The answer to `look`."""
    return "".join(["Online Users:\n", *(f"{person.name}\n" for person in people)]).encode()


def history(lines):
    """The answer to `history`, a piece for each message: its lines, the time in UTC before them."""
    return [
        "".join(
            f"{line.at:%Y-%m-%d %H:%M} {line.name}: {part}\n" for part in line.text.split("\n")
        ).encode()
        for line in lines
    ]


def encode(line):
    """One line of the log as members of the legacy port see it; some they do not see."""
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


def batch(encoded):
    """The events that send some encoded lines, for the ASGI type "tcp", in bounded writes."""
    events, together, size = [], [], 0
    for data in encoded:
        if together and size + len(data) > MAX_WRITE:
            events.append({"type": "tcp.send", "data": b"".join(together)})
            together, size = [], 0
        if data:
            together.append(data)
            size += len(data)
    if together:
        events.append({"type": "tcp.send", "data": b"".join(together)})
    return events

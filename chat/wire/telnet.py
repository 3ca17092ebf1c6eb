"""Telnet's commands, taken out of a stream of bytes (RFC 854)."""

from collections.abc import Callable

MAX_SUBNEGOTIATION = 1024  # bytes

IAC = 255  # "interpret as command": begins every command
DONT, DO, WONT, WILL = 254, 253, 252, 251  # each is followed by one more byte, an option
SB, SE = 250, 240  # the begin and the end of a subnegotiation
DM = 242  # "data mark": with the IAC before it as urgent data, the Synch of RFC 854
LOWEST_COMMAND = 236
TIMING_MARK = 6  # an option: RFC 860
LINE_ENDS = b"\r\n"

WONT_TIMING_MARK = bytes([IAC, WONT, TIMING_MARK])  # the answer to DO TIMING-MARK

# GNU's telnet looks for the keys of its terminal in the lower seven bits of each byte. So instead
# of a byte within a letter it may send what it sends for that key, and DO TIMING-MARK. These are
# the bytes by the command: Ctrl-C, Ctrl-O, Ctrl-Z and Ctrl-\, each with the eighth bit.
KEYS = {244: 0x83, 245: 0x8F, 237: 0x9A, 243: 0x9C}
CONTINUATIONS = range(0x80, 0xC0)  # the bytes of a character in UTF-8 after its first one
FIRST_OF_SEVERAL = 0xC2
MOST_BYTES_BEFORE = 3  # of the bytes of a character in UTF-8, its last one excepted


class TelnetFilter:
    """Removes telnet commands from a stream of bytes, in chunks of any size.

    A byte 255 is dropped, and with it the command that follows, if there is one: WILL, WONT, DO and
    DONT with one more byte, SB up to IAC SE or 1 KiB, other commands alone. A CR or an LF is always
    kept, so that an incomplete command cannot swallow the end of a line. Of all commands only
    DO TIMING-MARK is reported, because only that has to be answered. The command of a key within a
    character becomes the byte that the character lacks. Source: chat/wire/README.md, D2.
    """

    def __init__(self) -> None:
        self._state: Callable[[int, list[bytearray]], None] = self._text
        self._verb = 0  # WILL, WONT, DO or DONT, while its option is awaited
        self._skipped = 0
        self._before = b""  # the newest bytes of the text

    def feed(self, data: bytes) -> list[bytes]:
        """Return the data without telnet commands, divided where DO TIMING-MARK stood."""
        if self._state == self._text and IAC not in data:
            self._before = (self._before + data[-MOST_BYTES_BEFORE:])[-MOST_BYTES_BEFORE:]
            return [data]
        pieces = [bytearray(self._before)]
        for byte in data:
            self._state(byte, pieces)
        known = len(self._before)
        self._before = b"".join(pieces)[-MOST_BYTES_BEFORE:]
        return [bytes(pieces[0][known:]), *map(bytes, pieces[1:])]

    # Each state handles one byte, which it may append to the last piece, and sets the next state.

    def _text(self, byte: int, pieces: list[bytearray]) -> None:
        if byte == IAC:
            self._state = self._command
        else:
            pieces[-1].append(byte)

    def _command(self, byte: int, pieces: list[bytearray]) -> None:
        if byte == IAC:
            pass  # this byte, too, may begin a command
        elif byte >= WILL:
            self._state, self._verb = self._option, byte
        elif byte == SB:
            self._state, self._skipped = self._subnegotiation, 0
        elif byte >= LOWEST_COMMAND:
            self._state = self._text
            if byte in KEYS and _is_within_character(pieces):
                pieces[-1].append(KEYS[byte])
        else:
            self._state = self._text
            pieces[-1].append(byte)

    def _option(self, byte: int, pieces: list[bytearray]) -> None:
        self._state = self._text
        if byte in LINE_ENDS:
            pieces[-1].append(byte)
        elif self._verb == DO and byte == TIMING_MARK:
            pieces.append(bytearray())

    def _subnegotiation(self, byte: int, pieces: list[bytearray]) -> None:
        self._skipped += 1
        if byte in LINE_ENDS:
            self._state = self._text
            pieces[-1].append(byte)
        elif byte == IAC:
            self._state = self._subnegotiation_command
        elif self._skipped >= MAX_SUBNEGOTIATION:
            self._state = self._text

    def _subnegotiation_command(self, byte: int, pieces: list[bytearray]) -> None:
        if byte == SE:
            self._state = self._text
        else:
            self._state = self._subnegotiation
            if byte != IAC:
                self._subnegotiation(byte, pieces)


def _is_within_character(pieces: list[bytearray]) -> bool:
    """Return whether the pieces end with the begin of a character in UTF-8."""
    # A character has four bytes at most, so three divisions at most.
    newest = b"".join(piece[-MOST_BYTES_BEFORE:] for piece in pieces[-MOST_BYTES_BEFORE - 1 :])
    for count, byte in enumerate(reversed(newest[-MOST_BYTES_BEFORE:]), 1):
        if byte not in CONTINUATIONS:
            return byte >= FIRST_OF_SEVERAL and count < 2 + (byte >= 0xE0) + (byte >= 0xF0)
    return False

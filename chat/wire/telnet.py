"""Telnet's commands, taken out of a stream of bytes (RFC 854)."""

from collections.abc import Callable

MAX_SUBNEGOTIATION = 1024  # bytes

IAC = 255  # "interpret as command": begins every command
DONT = 254
WILL = 251  # WILL, WONT, DO and DONT, each with one more byte, are 251 to 254
SB, SE = 250, 240  # the begin and the end of a subnegotiation
LOWEST_COMMAND = 236
LF = 10


class TelnetFilter:
    """Removes telnet commands from a stream of bytes, in chunks of any size.

    A byte 255 is dropped, and with it the command that follows, if there is one: WILL, WONT, DO and
    DONT with one more byte, SB up to IAC SE or 1 KiB, other commands alone. An LF is always kept,
    so that an incomplete command cannot swallow a line. Source: chat/wire/README.md, D2.
    """

    def __init__(self) -> None:
        self._state: Callable[[int, bytearray], None] = self._text
        self._skipped = 0

    def feed(self, data: bytes) -> bytes:
        """Return the data without telnet commands."""
        if self._state == self._text and IAC not in data:
            return data
        kept = bytearray()
        for byte in data:
            self._state(byte, kept)
        return bytes(kept)

    # Each state handles one byte, which it may append to `kept`, and sets the next state.

    def _text(self, byte: int, kept: bytearray) -> None:
        if byte == IAC:
            self._state = self._command
        else:
            kept.append(byte)

    def _command(self, byte: int, kept: bytearray) -> None:
        if byte == IAC:
            pass  # this byte may begin a command just as the one before
        elif byte >= WILL:
            self._state = self._option
        elif byte == SB:
            self._state, self._skipped = self._subnegotiation, 0
        elif byte >= LOWEST_COMMAND:
            self._state = self._text
        else:
            self._state = self._text
            kept.append(byte)

    def _option(self, byte: int, kept: bytearray) -> None:
        self._state = self._text
        if byte == LF:
            kept.append(byte)

    def _subnegotiation(self, byte: int, kept: bytearray) -> None:
        self._skipped += 1
        if byte == LF:
            self._state = self._text
            kept.append(byte)
        elif byte == IAC:
            self._state = self._subnegotiation_command
        elif self._skipped >= MAX_SUBNEGOTIATION:
            self._state = self._text

    def _subnegotiation_command(self, byte: int, kept: bytearray) -> None:
        if byte == SE:
            self._state = self._text
        else:
            self._state = self._subnegotiation
            if byte != IAC:
                self._subnegotiation(byte, kept)

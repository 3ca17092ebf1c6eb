"""Finds a `logout` among the lines of a client before their turn."""

from chat.wire.commands import Logout
from chat.wire.legacy import LINE_END, MAX_LINE, parse_line


class LogoutFinder:
    """Reads bytes that are not handled yet; `found` says whether a line of them is `logout`."""

    __slots__ = ("_unended", "found")

    def __init__(self) -> None:
        self.found = False
        self._unended = b""

    def feed(self, data: bytes) -> None:
        """Read more bytes, each once."""
        *lines, unended = LINE_END.split(self._unended + data)
        self._unended = unended[: MAX_LINE + 1]  # a longer line is no `logout`
        self.found = self.found or any(map(_is_logout, lines))


def _is_logout(line):
    return line.startswith(b"logout") and parse_line(line) == Logout()

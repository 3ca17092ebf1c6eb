"""A client of the legacy port that a scenario moves step by step."""

import select
import socket
import struct

from tests.conformance.data import to_text
from tests.support.waiting import PATIENCE


class Client:
    """A connection to the legacy port, and what it has received since the last step."""

    def __init__(self, address):
        self.received = bytearray()
        self.ended = None  # "eof" or "reset": how the server closed it
        self.deaf = False  # whether it has stopped reading
        try:
            self.socket = socket.create_connection(address, timeout=PATIENCE)
        except OSError:
            self.socket = None
        else:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.socket.setblocking(False)
        self._end_is_news = False

    @property
    def is_open(self):
        return self.socket is not None and self.ended is None

    @property
    def has_news(self):
        return bool(self.received) or self._end_is_news

    def news(self):
        """Return what came since the last `forget`, in the form of a transcript."""
        news = {}
        if self.received:
            news["recv"] = to_text(bytes(self.received))
        if self._end_is_news:
            news["closed"] = self.ended
        return news

    def forget(self):
        self.received.clear()
        self._end_is_news = False

    def send(self, data, flags=0):
        """Send all of `data`. A closed connection is no error here: the transcript shows it."""
        rest = memoryview(data)
        while rest and self.socket is not None:
            try:
                rest = rest[self.socket.send(rest, flags) :]
            except BlockingIOError:
                self.read()  # the server may take nothing until we read
                select.select([], [self.socket], [], 0.01)
            except OSError:
                break

    def read(self):
        """Read what is available and return whether there was anything."""
        before = len(self.received)
        while self.is_open and not self.deaf:
            try:
                data = self.socket.recv(1 << 18)
            except BlockingIOError:
                break
            except OSError:
                data = b""
                self._end("reset")
            else:
                if not data:
                    self._end("eof")
            self.received += data
        return len(self.received) > before or self._end_is_news

    def half_close(self):
        if self.is_open:
            self.socket.shutdown(socket.SHUT_WR)

    def close(self, *, reset=False):
        if self.socket is not None:
            if reset:
                linger = struct.pack("ii", 1, 0)
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.socket.close()
            self.socket = None

    def _end(self, how):
        self.ended = how
        self._end_is_news = True

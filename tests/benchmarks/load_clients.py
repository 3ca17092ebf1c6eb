"""The sockets of the load: members enter, receive, and answer pings, with one epoll for all.

There is no task or callback for each member, because the server is what is measured.
"""

import select
import socket
import time
from collections import deque

from tests.benchmarks.load_talk import CARET, MARK
from tests.benchmarks.wires import WIRES
from tests.support.ports import HOST

PING = b"\x89"  # RFC 6455: the first byte of a ping, which is in no message of the load
BUFFER = 1 << 18
MAX_ENTERING_TIME = 60  # seconds without a member that enters, until the load gives up
QUIET = 0.3  # seconds without anything but pings
LONGEST_PING = 16  # bytes


class ServerFailed(Exception):
    """The server has closed a connection, or stopped delivering."""


class LoadLink:
    """One member's connection."""

    __slots__ = (
        *("count", "is_listened_to", "marker", "outstanding", "queue"),
        *("sock", "split", "tail", "wire"),
    )

    def __init__(self, sock, wire):
        self.sock, self.wire = sock, wire
        self.reset()
        self.marker = None  # of a speaker: what its messages begin with
        self.outstanding = None  # of a speaker: when its message under way was due
        self.queue = deque()  # of a speaker: when its waiting messages were due

    def reset(self):
        """Begin to count from zero."""
        self.count = 0  # messages received
        self.split = False  # whether the last byte was half of a marker
        self.is_listened_to = False  # whether to find out whose messages have come
        self.tail = b""  # if so: the end of what has come


class LoadClients:
    """All members of the load. `talk` is told what has come."""

    def __init__(self, wire, ports, cookies):
        self._wire, self._ports, self._cookies = WIRES[wire], ports, cookies
        self.members = []
        self.talk = None
        self.reads = 0
        self._epoll = select.epoll()
        self._links = {}  # by descriptor
        self._buffer = bytearray(BUFFER)
        self._longest_read = 0  # bytes, lately
        self._entering = None  # links that are not in the room yet, by descriptor

    # Entering

    def enter(self, members, at_once):
        """Let members enter until there are so many, up to `at_once` of them together."""
        self._entering = {}
        numbers = iter(range(len(self.members), members))
        progress = time.perf_counter()
        while True:
            while len(self._entering) < at_once and (number := next(numbers, None)) is not None:
                self._connect(number)
            if not self._entering:
                break
            before = len(self._entering)
            self.turn(1)
            if len(self._entering) < before:
                progress = time.perf_counter()
            elif time.perf_counter() - progress > MAX_ENTERING_TIME:
                raise ServerFailed(f"{before} members were not let in")
        self._entering = None

    def _connect(self, number):
        port = self._ports[number % len(self._ports)]
        sock = socket.create_connection((HOST, port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        cookie = self._cookies[number] if self._cookies else None
        link = LoadLink(sock, self._wire(number, port, cookie))
        if hello := link.wire.hello():
            sock.sendall(hello)
        sock.setblocking(False)
        self._links[sock.fileno()] = self._entering[sock.fileno()] = link
        self.members.append(link)
        self._epoll.register(sock.fileno(), select.EPOLLIN)

    def _greet(self, link, size):
        if answer := link.wire.hear(bytes(self._buffer[:size])):
            link.sock.sendall(answer)
        if link.wire.ready:
            del self._entering[link.sock.fileno()]

    # Receiving

    def until_quiet(self):
        """Wait until nothing has come for a moment, but pings."""
        deadline = time.perf_counter() + MAX_ENTERING_TIME
        self._longest_read = LONGEST_PING + 1
        while self._longest_read > LONGEST_PING and time.perf_counter() < deadline:
            self._longest_read, end = 0, time.perf_counter() + QUIET
            while (left := end - time.perf_counter()) > 0:
                self.turn(left)

    def listen_until_ready(self, file):
        """Receive, and answer pings, until something can be read from a file."""
        while file not in select.select([file, self._epoll], [], [])[0]:
            self.turn(0)

    def turn(self, timeout):
        """Receive what has come, and wait for it up to `timeout` seconds."""
        events = self._epoll.poll(max(timeout, 0))
        self.reads += len(events)
        entering, links, buffer, talk = self._entering, self._links, self._buffer, self.talk
        quick = socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1
        for descriptor, _ in events:
            link = links[descriptor]
            try:
                size = link.sock.recv_into(buffer)
            except BlockingIOError:
                continue
            if not size:
                raise ServerFailed("the server has closed a connection")
            if size > self._longest_read:
                self._longest_read = size
            link.sock.setsockopt(*quick)
            if buffer.find(PING, 0, size) >= 0:
                self._answer_pings(link, size)
            if entering is not None and descriptor in entering:
                self._greet(link, size)
                continue
            if talk is None:  # the length of a frame may look like a marker, but nobody speaks yet
                continue
            fresh = buffer.count(MARK, 0, size)
            if link.split and buffer[0] == CARET:
                fresh += 1
            link.split = buffer[size - 1] == CARET and buffer[size - 2 : size] != MARK
            if link.is_listened_to:
                talk.listen(link, buffer[:size])
            if fresh:
                talk.advance(link, fresh)

    def _answer_pings(self, link, size):
        """Answer everything that may be a ping, so that the server keeps the connection.

        The byte may be part of a frame's length as well. Then the pong is one too many, which
        does no harm.
        """
        at = -1
        while (at := self._buffer.find(PING, at + 1, size)) >= 0:
            length = self._buffer[at + 1] if at + 1 < size else 126
            payload = self._buffer[at + 2 : at + 2 + length]
            if length < 126 and at + 2 + length <= size:
                link.sock.send(bytes([0x8A, 0x80 | length]) + bytes(4) + payload)

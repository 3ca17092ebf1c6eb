"""Plays a recorded conversation against the legacy port and says what each client received.

A scenario is a list of steps, each an action of one client (or several), and what all clients
received after it is compared with a transcript. The data of a step is text, {"hex": ..},
{"repeat": data, "times": n} or a list of these. In text a byte that is not UTF-8 stands as a
lone surrogate; what was received at length is kept as its length, digest and both ends.
"""

import hashlib
import select
import socket
import struct
import time
from collections import defaultdict

LONG = 4096  # bytes
END_LENGTH = 48  # bytes
CALM = 0.02  # seconds of silence after what was expected
SILENCE = 0.06  # seconds of silence where nothing was expected
REACTION = 0.3  # seconds within which a server reacts, where we do not know to what
PATIENCE = 10  # seconds for what must come


class Different(AssertionError):
    """A server sent something else than the transcript says."""


class Client:
    """One connection, and what came over it since the last step."""

    def __init__(self, address):
        self.received = bytearray()
        self.ended = None  # "eof" or "reset": how the server closed it
        self.deaf = False
        try:
            self.socket = socket.create_connection(address, timeout=5)
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
        """What came since the last `forget`, as in a transcript."""
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
        """Send all of `data`. A server that is gone shows in what it sent; that is no error."""
        rest = memoryview(data)
        while rest and self.socket is not None:
            try:
                rest = rest[self.socket.send(rest, flags) :]
            except BlockingIOError:
                self.read()  # a server that waits for us to read takes nothing either
                select.select([], [self.socket], [], 0.01)
            except OSError:
                break

    def read(self):
        """Take what is there; whether anything was."""
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


class Player:
    """The clients of one scenario, by name."""

    def __init__(self, server):
        self.server = server
        self.clients = {}
        self.crowd = []
        self.heard = defaultdict(bytearray)  # by name, over the whole scenario
        self.frozen = False

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        for client in [*self.clients.values(), *self.crowd]:
            client.close()

    def play(self, steps, expected=None):
        """Play all steps; raises `Different` at the first that is not as `expected`.

        Without `expected` nothing is compared; see `broken_promises`.
        """
        for number, step in enumerate(steps):
            self.act(step)
            if not step.get("wait", True) or self.frozen or step["do"] == "deaf":
                continue
            if expected is None:
                self._wait_for_reaction(step)
            else:
                self._wait_for(expected[number].get("got", {}), step, number)
            self._turn_page()

    def act(self, step):
        """Do what the step says, for each of its clients."""
        action = getattr(self, f"_{step['do']}")
        names = step.get("clients") or [step.get("client")]
        for name in names:
            action(name, step)

    def broken_promises(self, promises):
        """What does not hold of a list of promises about the whole scenario, in words."""
        broken = []

        def all_are_kept():
            broken[:] = [promise for promise in promises if not self._is_kept(promise)]
            return not broken

        self._listen(CALM, all_are_kept, PATIENCE)
        self._turn_page()
        return [
            f"{promise}: heard {to_text(self._everything(promise.get('client')))!r}"
            for promise in broken
        ]

    def _connect(self, name, step):
        self.clients[name] = Client(self.server.legacy_address)

    def _send(self, name, step):
        flags = socket.MSG_OOB if step.get("oob") else 0
        for number, part in enumerate(step.get("parts", [step.get("data", "")])):
            if number:
                # Segments of their own are made by time alone; nothing can be waited for.
                time.sleep(step.get("gap_ms", 30) / 1000)
            self.clients[name].send(to_bytes(part), flags)

    def _quiet(self, name, step):
        pass  # waiting is what every step does; this one waits longer

    def _close(self, name, step):
        self.clients[name].close()

    def _reset(self, name, step):
        self.clients[name].close(reset=True)

    def _halfclose(self, name, step):
        self.clients[name].half_close()

    def _deaf(self, name, step):
        self.clients[name].deaf = True

    def _freeze(self, name, step):
        self.server.freeze()
        self.frozen = True

    def _thaw(self, name, step):
        self.server.thaw()
        self.frozen = False

    def _crowd(self, name, step):
        self.crowd = [Client(self.server.legacy_address) for _ in range(step["count"])]

    def _wait_for(self, wanted, step, number):
        calm = _silence(step) if step["do"] == "quiet" or not wanted else CALM
        if not self._listen(calm, lambda: self._news() == wanted, PATIENCE):
            raise Different(f"step {number}: {step}\nexpected: {wanted}\nreceived: {self._news()}")

    def _wait_for_reaction(self, step):
        soon = time.monotonic() + REACTION
        everybody = [*self.clients.values(), *self.crowd]

        def reacted():
            return time.monotonic() > soon or any(client.has_news for client in everybody)

        self._listen(_silence(step), reacted, PATIENCE)

    def _listen(self, calm, is_enough, patience):
        """Read until `is_enough()` and nothing came for `calm` seconds; whether it was enough."""
        now = time.monotonic()
        deadline, quiet_at = now + patience, now + calm
        while now < deadline and not (now >= quiet_at and is_enough()):
            came = self._read(CALM / 2)
            now = time.monotonic()
            if came:
                quiet_at = now + calm
        return is_enough()

    def _read(self, seconds):
        """Read what comes within some time; whether anything did."""
        clients = [*self.clients.values(), *self.crowd]
        poll = select.poll()
        by_descriptor = {}
        for client in clients:
            if client.is_open and not client.deaf:
                by_descriptor[client.socket.fileno()] = client
                poll.register(client.socket, select.POLLIN)
        ready = poll.poll(seconds * 1000)
        for descriptor, _ in ready:
            by_descriptor[descriptor].read()
        return bool(ready)

    def _news(self):
        return {name: client.news() for name, client in self.clients.items() if client.has_news}

    def _turn_page(self):
        for name, client in self.clients.items():
            self.heard[name] += client.received
            client.forget()

    def _everything(self, name):
        rest = self.clients[name].received if name in self.clients else b""
        return bytes(self.heard[name] + rest)

    def _is_kept(self, promise):
        if "crowd_at_least" in promise:
            greeted = sum(client.received == b"Connect Success" for client in self.crowd)
            return greeted >= promise["crowd_at_least"]
        name = promise["client"]
        heard = self._everything(name)
        client = self.clients.get(name)
        is_open = client is not None and client.is_open
        return (
            to_bytes(promise.get("has", "")) in heard
            and ("lacks" not in promise or to_bytes(promise["lacks"]) not in heard)
            and ("is" not in promise or to_bytes(promise["is"]) == heard)
            and in_order(promise.get("order", []), heard)
            and promise.get("open", is_open) == is_open
        )


def _silence(step):
    return step["ms"] / 1000 if "ms" in step else SILENCE


def in_order(texts, heard):
    """Whether those of `texts` that were heard were heard in this order."""
    places = [heard.find(to_bytes(text)) for text in texts]
    places = [place for place in places if place >= 0]
    return places == sorted(places)


def to_bytes(data):
    """The bytes of a step's data."""
    match data:
        case str():
            return data.encode("utf-8", "surrogateescape")
        case list():
            return b"".join(map(to_bytes, data))
        case {"hex": digits}:
            return bytes.fromhex(digits)
        case {"repeat": part, "times": times}:
            return to_bytes(part) * times
    raise ValueError(f"not a step's data: {data!r}")


def to_text(data):
    """Received bytes as they stand in a transcript."""
    if len(data) <= LONG:
        return data.decode("utf-8", "surrogateescape")
    return {
        "len": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "head": data[:END_LENGTH].decode("latin-1"),
        "tail": data[-END_LENGTH:].decode("latin-1"),
    }

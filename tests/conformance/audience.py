"""All clients of a scenario, and everything that they have received."""

import select
import time
from collections import defaultdict

QUIET_AFTER = 0.02  # seconds without data after the expected data


class Audience:
    """The clients of one scenario, by name, and a crowd without names."""

    def __init__(self):
        self.clients = {}
        self.crowd = []
        self._earlier = defaultdict(bytearray)  # by name, what came before this step

    @property
    def everybody(self):
        return [*self.clients.values(), *self.crowd]

    def close(self):
        for client in self.everybody:
            client.close()

    def listen(self, quiet, is_enough, patience):
        """Read until `is_enough()` is true and nothing came for `quiet` seconds.

        Returns whether it was enough within `patience` seconds.
        """
        now = time.monotonic()
        deadline, quiet_at = now + patience, now + quiet
        while now < deadline and not (now >= quiet_at and is_enough()):
            came = self._read(QUIET_AFTER / 2)
            now = time.monotonic()
            if came:
                quiet_at = now + quiet
        return is_enough()

    def news(self):
        """Return what came in this step, as a transcript has it."""
        return {name: client.news() for name, client in self.clients.items() if client.has_news}

    def end_step(self):
        for name, client in self.clients.items():
            self._earlier[name] += client.received
            client.forget()

    def everything(self, name):
        """Return the bytes that a client has received in the whole scenario."""
        rest = self.clients[name].received if name in self.clients else b""
        return bytes(self._earlier[name] + rest)

    def _read(self, seconds):
        """Read what comes within some time and return whether anything did."""
        poll = select.poll()
        by_descriptor = {}
        for client in self.everybody:
            if client.is_open and not client.deaf:
                by_descriptor[client.socket.fileno()] = client
                poll.register(client.socket, select.POLLIN)
        ready = poll.poll(seconds * 1000)
        for descriptor, _ in ready:
            by_descriptor[descriptor].read()
        return bool(ready)

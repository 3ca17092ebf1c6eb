"""A guest or a member at a terminal who uses many rooms, and the judge of what they were sent."""

import asyncio
import re
import time
from bisect import bisect_left
from contextlib import suppress

from tests.support.waiting import PATIENCE

GREETING, LOGGED_IN = b"Connect Success", b"Login Success"
# The end of a line of somebody who says "NAME NUMBER", which nobody says twice.
UNIQUE = re.compile(r"[#@].*?\b(\w+): (\1 \d+)\n")


class RoomTerminal:
    """One connection to the legacy port. `key` is the access key of a member."""

    def __init__(self, server, name, key=""):
        self.server, self.name, self.key = server, name, key
        self._heard = bytearray()
        self._ends, self._times = [], []  # of what was received at once

    @property
    def lines(self):
        """The lines that were received after the login, each with its time."""
        start = 0
        for line in self._heard.splitlines(keepends=True):
            start += len(line)
            yield self._times[bisect_left(self._ends, start)], line.decode()

    async def enter(self):
        self._reader, self._writer = await asyncio.open_connection(*self.server.legacy_address)
        await asyncio.wait_for(self._reader.readexactly(len(GREETING)), PATIENCE)
        self.write(f"login {self.name} {self.key}".rstrip())
        reply = await asyncio.wait_for(self._reader.readexactly(len(LOGGED_IN)), PATIENCE)
        assert reply == LOGGED_IN, reply
        self._reading = asyncio.create_task(self._read())

    async def leave(self):
        self._writer.close()
        self._reading.cancel()
        with suppress(asyncio.CancelledError):
            await self._reading

    def write(self, line):
        self._writer.write(f"{line}\n".encode())

    async def until_handled(self):
        """Wait until the server has handled all that was sent."""
        self.write("handled")
        async with asyncio.timeout(PATIENCE):
            while b"Unknown command handled" not in self._heard:
                await asyncio.sleep(0.02)  # until the next look

    async def _read(self):
        while data := await self._reader.read(1 << 16):
            self._heard += data
            self._ends.append(len(self._heard))
            self._times.append(time.time())


class TerminalJudge:
    """Reads what a terminal was sent. `histories` are those of all rooms besides the lobby."""

    def __init__(self, terminal, histories):
        self.name, self._lines = terminal.name, list(terminal.lines)
        self._is_guest = not terminal.key
        self._histories = histories
        self.heard = {room: [] for room in histories}  # numbers of messages

    def judge(self):
        """Assert that each message came once, in order, and when the person might read it."""
        places = {
            line.text: (room, line.seq)
            for room, history in self._histories.items()
            for line in history.lines
            if line.kind == "said"
        }
        found = [(at, match[2]) for at, line in self._lines if (match := UNIQUE.match(line))]
        for at, text in found:
            room, seq = places[text]
            history = self._histories[room]
            since = self._may_read_since(history, seq)
            assert since is not None and since <= at, (
                f"{self.name} may not read {room}: {seq} {text}; {history.changes_of(self.name)}"
            )
            assert seq > max(self.heard[room], default=0), f"{self.name} heard it late: {text}"
            self.heard[room].append(seq)

    def _may_read_since(self, history, seq):
        """Return the time from which on the person might get a line, or None for never.

        Members may read an open room before they join it, and guests only while they visit it.
        """
        if self._is_guest:
            return history.first_member(self.name, seq)
        return history.first_readable(self.name, seq)

    def missing(self, final):
        """Return messages that should have come: (name, room, number, changes of the person there).

        In each stay, all that follow the first that has come must come. A person who leaves while
        messages are on their way does not get these. Those with a text in `final` must come to
        everybody there.
        """
        return [
            (self.name, room, seq, history.changes_of(self.name))
            for room, history in self._histories.items()
            for stay, has_ended in self._stays(history)
            for seq in self._missing_in(stay, has_ended, set(self.heard[room]), final)
        ]

    def _stays(self, history):
        """Yield (messages, whether it has ended) for each stay of the person in a room."""
        stay = []
        for line in history.lines:
            if self.name in history.states[line.seq].roles:
                stay += [line] if line.kind == "said" else []
            elif stay:
                yield stay, True
                stay = []
        yield stay, False

    def _missing_in(self, stay, has_ended, heard, final):
        came = [number for number, line in enumerate(stay) if line.seq in heard]
        expected = stay[came[0] : came[-1] + 1 if has_ended else None] if came else []
        expected += [line for line in stay if line.text in final and line not in expected]
        return [line.seq for line in expected if line.seq not in heard]

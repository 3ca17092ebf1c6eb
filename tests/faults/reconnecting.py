"""A web client that reconnects as the page does, with the page's pauses."""

import asyncio
import random
import time
from typing import NamedTuple

import orjson

from tests.faults import websocket
from tests.faults.timing import (
    FIRST_RECONNECT_PAUSE,
    FULL_SERVER_PAUSE,
    LONGEST_RECONNECT_PAUSE,
    STEADY_AFTER,
    WELCOME_TIMEOUT,
)
from tests.support.half_open import cut
from tests.support.ports import HOST

FINAL_CODES = {"logout", "sign_in", "removed", "banned"}  # of a bye after which the page stays away
CODE_OF_CLOSE = {1000: "logout", 4401: "sign_in", 4403: "removed", 4406: "banned"}


class EndedConnection(NamedTuple):
    """The end of a connection."""

    at: float  # by the monotonic clock
    code: int
    bye: dict | None
    last: int  # the number of the newest line that had arrived


class ReconnectingClient:
    """The connections of somebody signed in, one after the other.

    `places` are servers, tried in turn as behind a load balancer, and `decode(payload)` makes a
    frame. A subclass has `last_seq`, the number of its newest line, `receive(frame)`, and
    `forget_connection()`, which is called at the end of each connection.
    """

    def __init__(self, session_key, places, decode):
        self.session_key = session_key
        self._decode = decode
        self.places, self._turn = list(places), 0
        self.ends = []  # an `EndedConnection` for each connection
        self.receive_buffer = None  # bytes, where a scenario limits it
        self.connected = False
        self.over = False  # it has left, or was told to stay away
        self.sent_away = None  # the reason, where the server has told it to stay away
        self.link = self.socket = None
        self._bye = self._task = self._welcomed = None
        self._failures, self._connected_at, self._was_steady = 0, 0, False

    @property
    def place(self):
        """The server on which the member is, or which it tries next."""
        return self.places[self._turn % len(self.places)]

    def stay_with(self, server):
        """Reconnect to this server alone, however long it is away."""
        self.places, self._turn = [server], 0

    def start(self):
        """Connect, and reconnect until it is over."""
        self._task = asyncio.create_task(self._run())

    async def vanish(self):
        """End without logging out."""
        self.over = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        self.drop_connection()

    def drop_connection(self):
        """End the connection; the member reconnects."""
        if self.link is not None:
            self.link.abort()

    def cut(self):
        """Make the link half-open."""
        cut(self.socket)

    def send(self, **frame):
        """Send a frame if there is a connection."""
        if self.link is not None:
            self.link.send(orjson.dumps(frame))

    def note_welcome(self):
        """Note that the connection is established."""
        self.connected, self._connected_at = True, time.monotonic()
        if self._welcomed is not None and not self._welcomed.done():
            self._welcomed.set_result(None)

    def note_bye(self, frame):
        """Note why the server is about to close the connection."""
        self._bye = frame

    async def _run(self):
        while not self.over:
            closed = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(WELCOME_TIMEOUT):
                    await self._connect(closed)
            except (OSError, TimeoutError):
                self.drop_connection()
                pause = self._backoff()
            else:
                pause = self.pause_after(await closed)
            self.link = None
            if not self.over:
                self._turn += 1
                await asyncio.sleep(pause)  # the page's own pause, which is part of the scenario

    async def _connect(self, closed):
        self._bye = None
        port, after = self.place.web_port, self.last_seq
        request = websocket.handshake_request(port, self.session_key, after)

        def receive(payload):
            self.receive(self._decode(payload))

        def end(code):
            self._lose_connection(code)
            if not closed.done():
                closed.set_result(code)

        self._welcomed = asyncio.get_running_loop().create_future()
        self.socket, self.link = await websocket.open_connection(
            lambda: websocket.ClientWebSocket(request, receive, end),
            (HOST, port),
            receive_buffer=self.receive_buffer,
        )
        await self.link.upgraded
        await asyncio.wait([self._welcomed, closed], return_when=asyncio.FIRST_COMPLETED)

    def _lose_connection(self, code):
        if self.connected or self._bye is not None:
            ended = EndedConnection(
                at=time.monotonic(), code=code, bye=self._bye, last=self.last_seq
            )
            self.ends.append(ended)
        lasted = time.monotonic() - self._connected_at
        self._was_steady = self.connected and lasted >= STEADY_AFTER
        self.connected = False
        self.forget_connection()

    def pause_after(self, code):
        """Return the seconds until reconnecting after a close code, as the page computes them.

        Sets `over` where the page would stay away.
        """
        reason = self._bye["code"] if self._bye else CODE_OF_CLOSE.get(code, "lost")
        if reason in FINAL_CODES:
            if not self.over:
                self.over, self.sent_away = True, f"{reason}, {code}"
            return 0
        retry_in = self._bye and self._bye["retry_in"]
        if retry_in is None and reason != "too_many":
            return self._backoff()
        return (FULL_SERVER_PAUSE if retry_in is None else retry_in) * (1 + random.random() / 2)

    def _backoff(self):
        self._failures = 0 if self._was_steady else self._failures + 1
        self._was_steady = False
        longest = min(LONGEST_RECONNECT_PAUSE, FIRST_RECONNECT_PAUSE * 2**self._failures)
        return longest * (0.5 + random.random() / 2)

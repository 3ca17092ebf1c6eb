"""A web member that lives through faults: it reconnects and sends again as the page does."""

import asyncio
import random
import time
from typing import NamedTuple
from uuid import uuid4

import orjson

from tests.faults import websocket
from tests.faults.ledger import ClientOutbox
from tests.faults.received import HISTORY_PAGE, FrameDecoder, ReceivedLines
from tests.faults.timing import (
    FIRST_RECONNECT_PAUSE,
    FIRST_RETRY_PAUSE,
    FULL_SERVER_PAUSE,
    LONGEST_RECONNECT_PAUSE,
    STEADY_AFTER,
    WELCOME_TIMEOUT,
)
from tests.faults.waiting import until
from tests.support.half_open import cut
from tests.support.ports import HOST

FINAL_CODES = {"logout", "sign_in", "removed"}  # of a bye after which the page stays away
CODE_OF_CLOSE = {1000: "logout", 4401: "sign_in", 4403: "removed"}


class EndedConnection(NamedTuple):
    """The end of a connection."""

    at: float  # by the monotonic clock
    code: int
    bye: dict | None
    last: int  # the number of the newest line that had arrived


class ClientMember:
    """Somebody signed in. `places` are servers, tried in turn as behind a load balancer."""

    def __init__(self, name, session_key, places, decode=None):
        self.name, self.session_key = name, session_key
        self.places, self._turn = list(places), 0
        self._decode = decode or FrameDecoder()
        self.complaints = []  # what the server must never do
        complain = self.complaints.append
        self.received = ReceivedLines(
            self._ask_history, self.drop_connection, self._acknowledge_line, complain
        )
        self.outbox = ClientOutbox(self._send_message, self.drop_connection, complain)
        self.people_lists = []  # (seq, people) of each list of those present
        self.ends = []  # an `EndedConnection` for each connection
        self.welcomes = []  # (time, frame without lines and people) of each connection
        self.frames = []  # the answers to what this member has asked
        self.receive_buffer = None  # bytes, where a scenario limits it
        self.connected = False
        self.over = False  # it has left, or was told to stay away
        self.sent_away = None  # the reason, where the server has told it to stay away
        self.link = self.socket = None
        self._bye = self._task = self._welcomed = None
        self._failures, self._connected_at, self._was_steady = 0, 0, False

    @property
    def ledger(self):
        """{client id: SentMessage}"""
        return self.outbox.ledger

    @property
    def attempts(self):
        """(sent, answered) of each say frame that was answered."""
        return self.outbox.attempts

    def __repr__(self):
        state = "connected" if self.connected else f"away, {self.ends[-1:]}"
        return f"<{self.name} at {self.received.last}, {len(self.outbox.waiting)} waiting, {state}>"

    # Connecting

    @property
    def place(self):
        """The server on which the member is, or which it tries next."""
        return self.places[self._turn % len(self.places)]

    def stay_with(self, server):
        """Reconnect to this server alone, however long it is away."""
        self.places, self._turn = [server], 0

    async def enter(self):
        """Start connecting, and wait for the first welcome."""
        self._task = asyncio.create_task(self._run())
        await until(lambda: self.welcomes or self.over, lambda: f"{self} was not welcomed")

    async def leave(self):
        """Log out, and end."""
        self.over = True
        if self.connected:
            self.send(type="logout")
            await until(lambda: not self.connected, lambda: f"{self} could not leave")
        await self.vanish()

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
        port, after = self.place.web_port, self.received.last
        request = websocket.handshake_request(port, self.session_key, after)

        def end(code):
            self._lose_connection(code)
            if not closed.done():
                closed.set_result(code)

        self._welcomed = asyncio.get_running_loop().create_future()
        self.socket, self.link = await websocket.open_connection(
            lambda: websocket.ClientWebSocket(request, self._receive_payload, end),
            (HOST, port),
            receive_buffer=self.receive_buffer,
        )
        await self.link.upgraded
        await asyncio.wait([self._welcomed, closed], return_when=asyncio.FIRST_COMPLETED)

    def _lose_connection(self, code):
        if self.connected or self._bye is not None:
            ended = EndedConnection(
                at=time.monotonic(), code=code, bye=self._bye, last=self.received.last
            )
            self.ends.append(ended)
        lasted = time.monotonic() - self._connected_at
        self._was_steady = self.connected and lasted >= STEADY_AFTER
        self.connected = False
        self.received.forget_missing()
        self.outbox.close()

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

    # Receiving

    def _receive_payload(self, payload):
        self.receive(self._decode(payload))

    def receive(self, frame):
        """Apply a frame of the server."""
        match frame["type"]:
            case "lines":
                self.received.extend(frame["lines"])
            case "welcome":
                self._receive_welcome(frame)
            case "history":
                self.frames.append(frame)
                self.received.fill(frame["lines"])
            case "said":
                self.outbox.acknowledge(frame["client_id"], frame["seq"])
            case "error":
                self._receive_error(frame)
            case "bye":
                self._bye = frame
            case "people":
                self.people_lists.append((frame["seq"], frame["people"]))
                self.frames.append(frame)
            case _:
                self.frames.append(frame)

    def _receive_welcome(self, frame):
        kept = {key: value for key, value in frame.items() if key not in ("lines", "people")}
        self.welcomes.append((time.monotonic(), kept))
        self.people_lists.append((frame["seq"], frame["people"]))
        self.connected, self._connected_at = True, time.monotonic()
        self.received.welcome(frame)
        if self._welcomed is not None and not self._welcomed.done():
            self._welcomed.set_result(None)
        self.outbox.open()

    def _receive_error(self, frame):
        if frame["code"] in ("try_again", "too_fast") and frame["client_id"] in self.ledger:
            self.outbox.refuse(frame["client_id"])
        elif frame["code"] == "try_again" and self.received.is_incomplete:
            seq = self.welcomes[-1][1]["seq"]
            asyncio.get_running_loop().call_later(
                FIRST_RETRY_PAUSE, self.received.ask_missing_again, seq
            )
        else:
            self.frames.append(frame)

    def _acknowledge_line(self, line):
        self.outbox.acknowledge(line["client_id"], line["seq"])

    # Sending

    def say(self, text, client_id=None):
        """Queue a message, and return the `SentMessage` that will be acknowledged."""
        return self.outbox.add(text, client_id or str(uuid4()))

    async def ask(self, kind, **fields):
        """Send a frame, and return the answer or the error.

        A page of history that the member has asked for by itself may come in between.
        """
        known = len(self.frames)
        kinds = {"people" if kind == "look" else kind, "error"}

        def answers():
            return [frame for frame in self.frames[known:] if frame["type"] in kinds]

        self.send(type=kind, **fields)
        await until(answers, lambda: f"{self} got no answer to {kind}")
        return answers()[0]

    async def look(self):
        """Return the names that the server says are present."""
        frame = await self.ask("look")
        assert frame["type"] == "people", f"{self} was answered {frame}"
        return [person["name"] for person in frame["people"]]

    def send(self, **frame):
        """Send a frame if there is a connection."""
        if self.link is not None:
            self.link.send(orjson.dumps(frame))

    def _send_message(self, message):
        self.send(type="say", text=message.text, client_id=message.client_id)

    def _ask_history(self, before):
        self.send(type="history", before=before, limit=HISTORY_PAGE)

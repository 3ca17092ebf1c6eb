"""Members who live through faults: one on the WebSocket who does what the page does, one guest.

Each keeps what it applied and a ledger of what it was told is saved; the oracle compares both
with the database.
"""

import asyncio
import random
import time
from typing import NamedTuple
from uuid import uuid4

import orjson

from tests.faults import websocket
from tests.support.ports import HOST

# The page's own times, in seconds: static/chat/link.js and conversation.js.
WELCOME_IN = 15
ANSWER_IN = 10
STEADY_AFTER = 5
SHORTEST, LONGEST = 0.5, 30
PAUSE, LONGEST_PAUSE = 1, 15
TOO_MANY = 30
STAY_AWAY = {"logout", "sign_in", "removed"}
ENDS = {1000: "logout", 4401: "sign_in", 4403: "removed"}
PAGE = 100
NEWEST = 50  # lines in a first welcome

NOT_SENT = b"Not sent, please try again \n"


async def until(found, complaint, patience=30):
    """Wait until `found()` is true, and return it; fail with `complaint` (or what makes it)."""
    deadline = time.monotonic() + patience
    while not (result := found()):
        if time.monotonic() > deadline:
            raise AssertionError(complaint() if callable(complaint) else complaint)
        await asyncio.sleep(0.02)
    return result


class Decoder:
    """Parses each frame once, however many hear it, and keeps equal lines once."""

    def __init__(self):
        self._frames = {}
        self._lines = {}

    def __call__(self, payload):
        if (frame := self._frames.get(payload)) is None:
            frame = orjson.loads(payload)
            if "lines" in frame:
                frame["lines"] = [self._keep(line) for line in frame["lines"]]
            if len(self._frames) > 500:
                self._frames.clear()
            self._frames[payload] = frame
        return frame

    def _keep(self, line):
        known = self._lines.setdefault(line["seq"], line)
        return known if known == line else line


class Lost(NamedTuple):
    """The end of a connection."""

    at: float  # by the monotonic clock
    code: int
    bye: dict | None
    last: int  # the newest line that had come


class Told:
    """A message of this member: when it was asked for, when it was acknowledged and as what."""

    __slots__ = ("acknowledged_at", "asked_at", "client_id", "refused_at", "seq", "text")

    def __init__(self, text, client_id=None):
        self.text, self.client_id = text, client_id
        self.asked_at = time.monotonic()
        self.refused_at = []  # each time that it was told to try again
        self.acknowledged_at = self.seq = None

    def acknowledge(self, seq):
        if self.acknowledged_at is None:
            self.acknowledged_at, self.seq = time.monotonic(), seq

    @property
    def took(self):
        """Seconds from asking to the acknowledgement."""
        return self.acknowledged_at - self.asked_at


class Member:
    """Somebody signed in. `places` are servers, tried in turn, as a balancer would.

    `lines` is what was applied since the first welcome, across all connections.
    """

    def __init__(self, name, session_key, places, decode=None):
        self.name, self.session_key = name, session_key
        self.places, self._turn = list(places), 0
        self._decode = decode or Decoder()
        self.entered = self.last = None  # the first welcome's number, the newest line's
        self.lines = []
        self.first_lines = []  # what the first welcome showed of the time before
        self.seen_again = []  # lines that a welcome from the beginning showed once more
        self.lists = []  # (seq, people) of each list of who is here
        self.ledger = {}  # client id -> Told
        self.outbox = []  # client ids that wait, in order
        self.complaints = []  # what the server must never do
        self.ends = []  # a `Lost` for each connection
        self.welcomes = []  # (when, frame without lines and people) of each connection
        self.frames = []  # the answers to what was asked
        self.arrivals = None  # seq -> when it came, for who measures
        self.tries = []  # (sent, answered) of each say frame that was answered
        self.receive_buffer = None
        self.connected = False
        self.over = False
        self.sent_away = None  # why, where the server has ended it for good and unasked
        self.link = self.socket = None
        self._window = None  # lines after a hole that is being filled
        self._sending = self._timer = self._bye = None
        self._failures = self._pauses = 0
        self._since = 0
        self._task = None

    # Coming and going

    @property
    def place(self):
        """The server on which the member is, or will be tried next."""
        return self.places[self._turn % len(self.places)]

    def stay_with(self, server):
        """Come back to this server alone, however long it is away."""
        self.places, self._turn = [server], 0

    async def enter(self):
        """Begin to live; returns once the first welcome has come."""
        self._task = asyncio.create_task(self._live())
        await until(lambda: self.welcomes or self.over, lambda: f"{self} was not welcomed")

    async def leave(self):
        """Go, by one's own wish."""
        self.over = True
        if self.connected:
            self._send(type="logout")
            await until(lambda: not self.connected, lambda: f"{self} could not leave")
        await self.vanish()

    async def vanish(self):
        """End without a word, for good."""
        self.over = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        self.hang_up()

    def hang_up(self):
        """Lose the connection; the member comes back."""
        if self.link is not None:
            self.link.abort()

    def cut(self):
        """Make the link half-open: what comes is not even acknowledged."""
        websocket.cut(self.socket)

    def __repr__(self):
        state = "connected" if self.connected else f"away, {self.ends[-1:]}"
        return f"<{self.name} at {self.last}, {len(self.outbox)} waiting, {state}>"

    async def _live(self):
        while not self.over:
            closed = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(WELCOME_IN):
                    await self._connect(closed)
            except (OSError, TimeoutError):
                self.hang_up()
                pause = self._backoff()
            else:
                pause = self._after(await closed)
            self.link = None
            if not self.over:
                self._turn += 1
                await asyncio.sleep(pause)  # the page's own waiting, which is under test

    async def _connect(self, closed):
        self._bye = None
        after = None if self.entered is None else self.last

        def end(code):
            self._lost(code)
            if not closed.done():
                closed.set_result(code)

        self._welcomed = asyncio.get_running_loop().create_future()
        self.socket, self.link = await websocket.open_connection(
            lambda: websocket.WebSocket(
                websocket.request(self.place.web_port, self.session_key, after), self._hear, end
            ),
            (HOST, self.place.web_port),
            receive_buffer=self.receive_buffer,
        )
        await self.link.upgraded
        await asyncio.wait([self._welcomed, closed], return_when=asyncio.FIRST_COMPLETED)

    def _lost(self, code):
        if self.connected or self._bye is not None:
            self.ends.append(Lost(time.monotonic(), code, self._bye, self.last))
        self.steady = self.connected and time.monotonic() - self._since >= STEADY_AFTER
        self.connected = False
        self._window = None
        self._rest()

    def _after(self, code):
        """Seconds to wait after an end; `over` when the page would stay away."""
        why = self._bye["code"] if self._bye else ENDS.get(code, "lost")
        if why in STAY_AWAY:
            if not self.over:
                self.over, self.sent_away = True, f"{why}, {code}"
            return 0
        told = self._bye and self._bye["retry_in"]
        if told is None and why != "too_many":
            return self._backoff()
        return (TOO_MANY if told is None else told) * (1 + random.random() / 2)

    def _backoff(self):
        self._failures = 0 if getattr(self, "steady", False) else self._failures + 1
        self.steady = False
        longest = min(LONGEST, SHORTEST * 2**self._failures)
        return longest * (0.5 + random.random() / 2)

    # Hearing

    def _hear(self, payload):
        frame = self._decode(payload)
        match frame["type"]:
            case "lines":
                self._extend(frame["lines"])
            case "welcome":
                self._welcome(frame)
            case "history":
                self.frames.append(frame)
                self._fill(frame["lines"])
            case "said":
                self._acknowledge(frame["client_id"], frame["seq"])
            case "error":
                self._error(frame)
            case "bye":
                self._bye = frame
            case "people":
                self.lists.append((frame["seq"], frame["people"]))
                self.frames.append(frame)
            case _:
                self.frames.append(frame)

    def _welcome(self, frame):
        seq, lines = frame["seq"], frame["lines"]
        told = {key: value for key, value in frame.items() if key not in ("lines", "people")}
        self.welcomes.append((time.monotonic(), told))
        self.lists.append((seq, frame["people"]))
        self.connected, self._since = True, time.monotonic()
        if lines and lines[-1]["seq"] != seq:
            self.complaints.append(f"a welcome at {seq} ends with {lines[-1]['seq']}")
        if self.entered is None:
            self.entered = self.last = seq
            self.first_lines = lines
        elif frame["reset"] and (lines[0]["seq"] if lines else seq + 1) > self.last + 1:
            self._window = list(lines)
            self._ask_for_the_hole(seq + 1)
        else:
            if frame["reset"]:  # it begins anew, and may overlap; else what comes is the next
                self.seen_again += lines
                self._extend([line for line in lines if line["seq"] > self.last])
            else:
                self._extend(lines)
            if self.last != seq:
                self.complaints.append(f"a welcome at {seq} brought {self.last} only")
        for line in lines:
            self._acknowledge(line["client_id"], line["seq"])
        if not self._welcomed.done():
            self._welcomed.set_result(None)
        self._pump()

    def _extend(self, lines):
        if self._window is not None:
            self._window += lines
            return
        for line in lines:
            if line["seq"] != self.last + 1:
                self.complaints.append(f"{line['seq']} came after {self.last}")
                if line["seq"] <= self.last:
                    continue
                self.hang_up()  # the page: the next welcome brings what is missing
                return
            self._apply(line)

    def _apply(self, line):
        self.last = line["seq"]
        self.lines.append(line)
        if self.arrivals is not None:
            self.arrivals[line["seq"]] = time.monotonic()
        if line["client_id"] in self.ledger:
            self._acknowledge(line["client_id"], line["seq"])

    def _ask_for_the_hole(self, end):
        before = self._window[0]["seq"] if self._window else end
        self._send(type="history", before=before, limit=PAGE)

    def _fill(self, older):
        if self._window is None or not older:
            return
        self.seen_again += older
        self._window = older + self._window
        if older[0]["seq"] > self.last + 1:
            self._ask_for_the_hole(None)
        else:
            window, self._window = self._window, None
            self._extend([line for line in window if line["seq"] > self.last])

    # Saying

    def say(self, text, client_id=None):
        """Put a text into the outbox; the `Told` that will be acknowledged."""
        client_id = client_id or str(uuid4())
        told = self.ledger[client_id] = Told(text, client_id)
        self.outbox.append(client_id)
        self._pump()
        return told

    async def ask(self, kind, **fields):
        """Send a frame; the answer to it, or an error. A page of history may come in between."""
        known = len(self.frames)
        kinds = {"people" if kind == "look" else kind, "error"}

        def answers():
            return [frame for frame in self.frames[known:] if frame["type"] in kinds]

        self._send(type=kind, **fields)
        await until(answers, lambda: f"{self} got no answer to {kind}")
        return answers()[0]

    async def look(self):
        """The names that the server says are here."""
        frame = await self.ask("look")
        assert frame["type"] == "people", f"{self} was answered {frame}"
        return [person["name"] for person in frame["people"]]

    def _pump(self):
        if self.outbox and self.connected and self._timer is None:
            self._sending = self.outbox[0]
            self._timer = asyncio.get_running_loop().call_later(ANSWER_IN, self.hang_up)
            self._sent_at = time.monotonic()
            told = self.ledger[self._sending]
            self._send(type="say", text=told.text, client_id=told.client_id)

    def _acknowledge(self, client_id, seq):
        if (told := self.ledger.get(client_id)) is None:
            return
        if told.seq not in (None, seq):
            self.complaints.append(f"{client_id} was acknowledged as {told.seq} and as {seq}")
        told.acknowledge(seq)
        if client_id in self.outbox:
            self.outbox.remove(client_id)
        if client_id == self._sending:
            self.tries.append((self._sent_at, time.monotonic()))
            self._pauses = 0
            self._rest()
            self._pump()

    def _error(self, frame):
        told = self.ledger.get(frame["client_id"])
        if frame["code"] in ("try_again", "too_fast") and told is not None:
            told.refused_at.append(time.monotonic())
            self.tries.append((self._sent_at, time.monotonic()))
            self._rest()
            longest = min(LONGEST_PAUSE, PAUSE * 2**self._pauses)
            self._pauses += 1
            self._timer = asyncio.get_running_loop().call_later(
                longest * (0.5 + random.random() / 2), self._try_again
            )
        elif frame["code"] == "try_again" and self._window is not None:
            asyncio.get_running_loop().call_later(PAUSE, self._ask_again)
        else:
            self.frames.append(frame)

    def _ask_again(self):
        if self._window is not None:
            self._ask_for_the_hole(self.welcomes[-1][1]["seq"] + 1)

    def _try_again(self):
        self._timer = None
        self._pump()

    def _rest(self):
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._sending = None

    def _send(self, **frame):
        if self.link is not None:
            self.link.send(orjson.dumps(frame))


class Guest(asyncio.Protocol):
    """A guest on the legacy port, for one stay. `heard` is what came after the login's reply.

    One message is under way at a time. What is refused is not said again: the next text differs.
    """

    GREETING = b"Connect Success"
    WELCOME = b"Login Success"

    def __init__(self, name, place):
        self.name, self.place = name, place
        self.heard = bytearray()
        self.reply = None
        self.ledger = {}  # text -> Told
        self.outbox = []
        self.tries = []  # (sent, answered)
        self.told_no = 0
        self.closed = self.cut_off = False
        self.aborted = None  # whether the end was a reset
        self.closed_at = None
        self.receive_buffer = self.transport = None
        self._head = b""
        self._sending = None
        self._seen = 0

    async def enter(self):
        """Connect and log in. Returns the reply to the login, None when there was none."""
        self.socket, _ = await websocket.open_connection(
            lambda: self, self.place.legacy_address, receive_buffer=self.receive_buffer
        )
        await until(lambda: self.reply or self.closed, lambda: f"{self.name}: no reply")
        return self.reply

    @property
    def connected(self):
        return self.reply == self.WELCOME and not self.closed

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        if self.reply is None:
            self._head += data
            if self._head == self.GREETING:
                self.write(f"login {self.name}")
            elif len(self._head) > len(self.GREETING):
                reply = self._head[len(self.GREETING) :]
                if reply.startswith(self.WELCOME):
                    self.reply = self.WELCOME
                    self._take(reply[len(self.WELCOME) :])
                elif reply in (b"UserName Exist", b"UserName Empty", b"Server Full"):
                    self.reply = reply
        else:
            self._take(data)

    def connection_lost(self, exc):
        self.closed, self.aborted = True, exc is not None
        self.closed_at = time.monotonic()

    def _take(self, data):
        self.heard += data
        if self._sending is not None:
            self._look_for_the_answer()

    def _look_for_the_answer(self):
        own = f"{self.name}: {self._sending.text}\n".encode()
        heard = self.heard
        if heard.find(own, self._seen) >= 0:
            self._sending.acknowledge(None)
        elif heard.find(NOT_SENT, self._seen) >= 0:
            self._sending.refused_at.append(time.monotonic())
            self.told_no += 1
        else:
            self._seen = max(heard.rfind(b"\n") + 1 - len(own) - len(NOT_SENT), self._seen)
            return
        self.tries.append((self._sent_at, time.monotonic()))
        self._seen = len(heard)
        self._sending = None
        self._pump()

    def say(self, text):
        told = self.ledger[text] = Told(text)
        self.outbox.append(text)
        self._pump()
        return told

    def _pump(self):
        if self.outbox and self._sending is None and self.connected:
            self._sending, self._sent_at = self.ledger[self.outbox.pop(0)], time.monotonic()
            self.write(f"say {self._sending.text}")

    @property
    def waiting(self):
        """Whether something that was said has had no answer yet."""
        return self._sending is not None or bool(self.outbox)

    def write(self, line):
        if not self.transport.is_closing():
            self.transport.write(f"{line}\n".encode())

    def stop_reading(self):
        self.transport.pause_reading()

    def read_again(self):
        if not self.transport.is_closing():
            self.transport.resume_reading()

    def cut(self):
        self.cut_off = True
        websocket.cut(self.socket)

    async def leave(self):
        if not self.closed:
            self.write("logout")
            await until(lambda: self.closed, lambda: f"{self.name} could not leave")

    async def vanish(self):
        if self.transport is not None and not self.closed:
            self.transport.abort()
            await until(lambda: self.closed, "the transport lives on")

    def __repr__(self):
        state = "connected" if self.connected else "closed"
        return f"<guest {self.name}, {state}, {len(self.heard)} bytes, waiting: {self.waiting}>"

"""Clients for tests over real sockets: one for the WebSocket, one for the legacy port."""

import asyncio
import json
import socket
from uuid import uuid4

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.support.waiting import PATIENCE

# The types of answers whose questions have another type.
ANSWERS = {"look": "people", "open": "opened"} | dict.fromkeys(
    ("ignore", "ignores", "unignore"), "ignored"
)
ANSWERS |= dict.fromkeys(
    ("join", "part", "topic", "invite", "direct", "level", "favourite"), "room"
)


def run_journey(coroutine):
    """Run the coroutine of a test, for two minutes at most."""
    return asyncio.run(asyncio.wait_for(coroutine, 2 * PATIENCE))


def handshake(server, path="/ws/room/", **headers):
    """Return the HTTP status of a WebSocket handshake. Names of `headers` have `_` for `-`."""
    lines = {
        "Host": f"{server.legacy_address[0]}:{server.web_port}",
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    request = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    with socket.create_connection((server.legacy_address[0], server.web_port)) as client:
        client.settimeout(PATIENCE)
        client.sendall(f"GET {path} HTTP/1.1\r\n{request}\r\n".encode())
        return int(client.recv(1000).split()[1])


class WebMember:
    """A person with an account on the WebSocket. `lines` has those of the lobby.

    `address` is the member's own, one of those of this machine.
    """

    def __init__(self, server, name, session_key, address=None):
        self.server, self.name, self.session_key = server, name, session_key
        self.own_end = address and (address, 0)
        self.lines = []
        self.entered = None  # the last number of the first welcome
        self.frames = []  # all other frames, in their order
        self.closed = None  # (code, reason) once the server has closed
        self._news = asyncio.Condition()

    async def enter(self, after=None, origin=None, cookie=True, count=None):
        """Connect and return the welcome."""
        asked = {"after": after, "count": count}
        query = "&".join(f"{name}={value}" for name, value in asked.items() if value is not None)
        headers = {"Cookie": f"sessionid={self.session_key}"} if cookie else {}
        self.socket = await connect(
            f"ws://127.0.0.1:{self.server.web_port}/ws/room/?{query}",
            subprotocols=["chat.v1"],
            origin=origin or self.server.url,
            additional_headers=headers,
            compression=None,
            max_size=None,
            local_addr=self.own_end,
            open_timeout=PATIENCE,
            ping_interval=None,  # a member that does not read would miss the answers and give up
        )
        self.closed = None
        welcome = json.loads(await asyncio.wait_for(self.socket.recv(), PATIENCE))
        if welcome["type"] == "welcome":
            if self.entered is None:
                self.entered = welcome["seq"]
            else:
                self.apply(welcome["lines"])
            self.reading = asyncio.create_task(self._read())
        return welcome

    async def resume(self):
        """Connect again and continue after the last line that was received."""
        return await self.enter(after=self.lines[-1]["seq"] if self.lines else self.entered)

    def apply(self, lines):
        """Add lines that have arrived to `lines`."""
        self.lines += [line for line in lines if line["seq"] > self.entered]

    async def _read(self):
        try:
            async for text in self.socket:
                frame = json.loads(text)
                async with self._news:
                    # Lines of other rooms stay frames, since each room counts its own.
                    if frame["type"] == "lines" and "room" not in frame:
                        self.apply(frame["lines"])
                    else:
                        self.frames.append(frame)
                    self._news.notify_all()
        except ConnectionClosed:
            pass
        async with self._news:
            self.closed = (self.socket.close_code, self.socket.close_reason)
            self._news.notify_all()

    async def send(self, **frame):
        await self.socket.send(json.dumps(frame))

    async def say(self, text, client_id=None):
        """Say something and wait for the line that acknowledges it."""
        client_id = str(client_id or uuid4())
        await self.send(type="say", text=text, client_id=client_id)
        return await self.until_line(lambda line: line["client_id"] == client_id)

    def room_lines(self, room):
        """Return the lines of a room besides the lobby that came after it was opened."""
        named = [frame for frame in self.frames if frame.get("room") == room]
        return [line for frame in named if frame["type"] == "lines" for line in frame["lines"]]

    async def until_said_in(self, room, text):
        """Wait until something was said in a room besides the lobby."""

        def said():
            return next((line for line in self.room_lines(room) if line["text"] == text), None)

        return await self._until(said)

    async def ask(self, kind, **fields):
        """Send a frame and return the next frame of the type of the answer."""
        known = len(self.frames)
        await self.send(type=kind, **fields)
        answer = ANSWERS.get(kind, kind)
        wanted = kind if answer in ("room", "ignored") else None
        return await self.until_frame(
            # A `room` without `answer` is a notice.
            lambda frame: frame["type"] == answer and frame.get("answer") == wanted,
            known,
        )

    async def until_line(self, wanted):
        """Wait for a line that satisfies `wanted` and return it."""
        return await self._until(lambda: next(filter(wanted, self.lines), None))

    async def until_frame(self, wanted, known=0):
        return await self._until(lambda: next(filter(wanted, self.frames[known:]), None))

    async def until_said(self, text):
        return await self.until_line(lambda line: line["text"] == text)

    async def until_closed(self):
        return await self._until(lambda: self.closed)

    async def _until(self, found):
        async with self._news:
            await asyncio.wait_for(self._news.wait_for(found), PATIENCE)
            return found()

    async def leave(self):
        await self.socket.close()


class TextMember:
    """A guest on the legacy port. `text` is everything received after the reply to the login."""

    def __init__(self, server, name, address=None):
        self.server, self.name = server, name
        self.own_end = address and (address, 0)
        self.text = ""
        self._pending = b""

    async def enter(self):
        """Connect, log in and return the reply."""
        self.reader, self.writer = await asyncio.open_connection(
            *self.server.legacy_address, limit=1 << 24, local_addr=self.own_end
        )
        greeting = await asyncio.wait_for(self.reader.readexactly(15), PATIENCE)
        assert greeting == b"Connect Success"
        self.write(f"login {self.name}")
        reply = await asyncio.wait_for(self.reader.readexactly(13), PATIENCE)
        return reply.decode()

    def write(self, line):
        self.writer.write(f"{line}\n".encode())

    async def say(self, text):
        self.write(f"say {text}")
        await self.until(f"{self.name}: {text}\n")

    async def ask(self, line, until):
        """Send a line and return what has come since, up to and with `until`."""
        start = len(self.text)
        self.write(line)
        await self.until(until, start)
        return self.text[start:]

    async def until(self, text, start=0):
        """Read until `text` has been received."""
        while text not in self.text[start:]:
            data = await asyncio.wait_for(self.reader.read(1 << 16), PATIENCE)
            assert data, f"{self.name} was closed before {text!r} came: {self.text[-200:]!r}"
            self._pending += data
            self.text += self._whole_characters()

    def _whole_characters(self):
        """Decode the pending bytes, except for a last character that is incomplete."""
        for cut in range(min(4, len(self._pending)) + 1):
            head = self._pending[: len(self._pending) - cut]
            try:
                text = head.decode()
            except UnicodeDecodeError:
                continue
            self._pending = self._pending[len(head) :]
            return text
        raise AssertionError(f"not UTF-8: {self._pending[:100]!r}")

    async def until_closed(self):
        """Read until the server closes the connection and return everything received."""
        while data := await asyncio.wait_for(self.reader.read(1 << 16), PATIENCE):
            self.text += data.decode()
        return self.text

    async def leave(self):
        self.writer.close()

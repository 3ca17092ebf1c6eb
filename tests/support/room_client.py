"""A web member that uses many rooms and writes down all that it sends and receives."""

import asyncio
import json
import time
from contextlib import suppress
from typing import NamedTuple
from uuid import uuid4

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.support.waiting import PATIENCE


class Entry(NamedTuple):
    """One entry of a transcript. `what` is `connected`, `sent`, `heard` or `ended`."""

    what: str
    at: float  # seconds since 1970, to compare with the times of lines
    frame: dict


class RoomClient:
    """One person, over several connections. `transcript` has everything, in the order seen here.

    `known` has the summaries of their rooms, as the frames of the server have told, and `seen` the
    number of the last line of each room that was ever open.
    """

    def __init__(self, server, name, session_key):
        self.server, self.name, self.session_key = server, name, session_key
        self.transcript = []
        self.known = {}
        self.seen = {}
        self._news = asyncio.Event()

    async def enter(self):
        """Connect, wait for the welcome, and name a room: only then others are told of."""
        self.socket = await connect(
            f"ws://127.0.0.1:{self.server.web_port}/ws/room/",
            subprotocols=["chat.v1"],
            origin=self.server.url,
            additional_headers={"Cookie": f"sessionid={self.session_key}"},
            compression=None,
            max_size=None,
            open_timeout=PATIENCE,
            ping_interval=None,
        )
        welcome = json.loads(await asyncio.wait_for(self.socket.recv(), PATIENCE))
        assert welcome["type"] == "welcome", welcome
        self._note("connected", welcome)
        self.known = {room["id"]: room for room in welcome["rooms"]}
        self.lobby = welcome["rooms"][0]["id"]
        self._reading = asyncio.create_task(self._read())
        await self.send("read", room=self.lobby, seq=welcome["seq"])

    async def leave(self):
        await self.socket.close()
        await self._reading

    async def send(self, kind, **fields):
        """Send a frame."""
        frame = {"type": kind, **fields}
        self._note("sent", frame)
        with suppress(ConnectionClosed):  # the transcript says that it has ended
            await self.socket.send(json.dumps(frame))

    async def say(self, room, text):
        await self.send("say", room=room, text=text, client_id=str(uuid4()))

    def _note(self, what, frame):
        self.transcript.append(Entry(what, time.time(), frame))
        self._news.set()

    async def _read(self):
        with suppress(ConnectionClosed):
            async for text in self.socket:
                frame = json.loads(text)
                self._note("heard", frame)
                self._learn(frame)
        self._note("ended", {"code": self.socket.close_code})

    def _learn(self, frame):
        match frame:
            case {"type": "room", "change": change, "room": summary}:
                self.known.pop(summary["id"], None)
                if change != "left" and summary["role"] is not None:
                    self.known[summary["id"]] = summary
            case {"type": "opened", "room": room, "seq": seq}:
                self.seen[room] = seq
            case {"type": "lines", "room": room, "lines": lines}:
                self.seen[room] = lines[-1]["seq"]

    async def until_heard(self, wanted):
        """Wait for a frame that satisfies `wanted`, on this connection or an earlier one."""
        async with asyncio.timeout(PATIENCE):
            while not any(
                entry.what == "heard" and wanted(entry.frame) for entry in self.transcript
            ):
                self._news.clear()
                await self._news.wait()

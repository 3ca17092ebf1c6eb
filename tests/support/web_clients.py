"""Clients of the WebSocket in the test's own event loop, without sockets."""

import asyncio
import json

from chat.consumers import ChatConsumer
from tests.support.live import PATIENCE, scope, session_of
from tests.support.text_clients import on_site


class WebClient:
    """A page of an account; `frames` is everything that it was sent."""

    def __init__(self, user):
        self.user = user
        self.frames = []
        self._events = asyncio.Queue()
        self._news = asyncio.Event()

    async def enter(self):
        """Connect with a new login session, forget earlier frames, and return the welcome."""
        self.frames.clear()
        key = await on_site(session_of, self.user)
        self._events.put_nowait({"type": "websocket.connect"})
        connecting = scope((b"cookie", f"sessionid={key}".encode()))
        self._task = asyncio.create_task(ChatConsumer()(connecting, self._events.get, self._take))
        return await self.until("welcome")

    async def _take(self, event):
        if "text" in event:
            self.frames.append(json.loads(event["text"]))
            self._news.set()
        elif event["type"] == "websocket.close":
            self._events.put_nowait({"type": "websocket.disconnect"})

    async def ask(self, until, **frame):
        """Send a frame, and return the first frame of the type `until` that comes then."""
        start = len(self.frames)
        self._events.put_nowait({"type": "websocket.receive", "text": json.dumps(frame)})
        return await self.until(until, start=start)

    async def until(self, kind, *, start=0, **fields):
        """Wait for a frame of a type with these fields, and return it."""
        async with asyncio.timeout(PATIENCE):
            while not (found := self._found(kind, start, fields)):
                self._news.clear()
                await self._news.wait()
        return found

    def _found(self, kind, start, fields):
        for frame in self.frames[start:]:
            if frame["type"] == kind and fields.items() <= frame.items():
                return frame
        return None

    async def leave(self):
        """Break the connection."""
        self._events.put_nowait({"type": "websocket.disconnect"})
        async with asyncio.timeout(PATIENCE):
            await self._task

"""Short forms for tests that run a server process and consumers in the test's own event loop."""

import asyncio
import json

from django.test import Client

from chat.models import Connection
from chat.wire import frames, legacy
from tests.support.threads import in_thread
from tests.support.waiting import PATIENCE


class FakeConsumerClient:
    """The client of a consumer: sends some events, then waits until the consumer has closed.

    An event may also be a coroutine function that makes it. Nothing may be sent after the close.
    """

    def __init__(self, *events):
        self.events = list(events)
        self.sent = []
        self.closed = asyncio.Event()

    async def receive(self):
        if self.events:
            event = self.events.pop(0)
            return await event() if callable(event) else event
        await self.closed.wait()
        return {"type": "websocket.disconnect"}

    async def send(self, event):
        assert not self.closed.is_set(), f"sent after the close: {event}"
        self.sent.append(event)
        if event["type"].endswith(".close"):
            self.closed.set()

    def frames(self):
        return [json.loads(event["text"]) for event in self.sent if "text" in event]


def scope(*headers):
    """Return the scope of a WebSocket that a page of the site opens."""
    own = [(b"host", b"testserver"), (b"origin", b"http://testserver")]
    return {
        "type": "websocket",
        "scheme": "ws",
        "query_string": b"",
        "headers": [*own, *headers],
    }


async def run(consumer, client, *headers):
    """Run a consumer with a `FakeConsumerClient` until it ends."""
    async with asyncio.timeout(PATIENCE):
        await consumer(scope(*headers), client.receive, client.send)


async def begin_to_stop(server):
    """Let a `ServerProcess` begin to stop; return the task in which it stops."""
    stopping = asyncio.create_task(server.stop())
    while not server.stopping:
        await asyncio.sleep(0)
    return stopping


def session_of(user):
    """Sign a user in, and return the key of the session."""
    browser = Client()
    browser.force_login(user)
    return browser.session.session_key


async def enter(server, user, closed, session_key=None):
    """Return a new member: a user with a login session, or a guest called carol without `user`.

    Notes in `closed` (user name, reason) when the member is ended.
    """
    if user is None:
        name, door, wire = "carol", Connection.Door.LEGACY, legacy
    else:
        name, door, wire = user.username, Connection.Door.WEB, frames
        session_key = session_key or await asyncio.to_thread(in_thread, session_of, user)
    return await server.members.enter(
        name,
        user_id=user and user.pk,
        door=door,
        wire=wire,
        send=None,
        close=lambda reason: closed.append((name, reason)),
        session_key=session_key or "",
    )

"""Clients of the legacy port in the test's own event loop, without sockets."""

import asyncio
from contextlib import asynccontextmanager, suppress

from chat.consumers import TextConsumer
from chat.live import process
from tests.support.live import PATIENCE

# Refusals, as clients read them.
NOT_JOINED = "You have not joined that room \n"
NO_ROOM = "There is no such room \n"
NO_PERSON = "There is nobody of that name \n"
NOT_ALLOWED = "You may not do that \n"
GUESTS_MAY_NOT = "Guests may not do that \n"


@asynccontextmanager
async def current_process():
    """Run the server process that consumers use."""
    try:
        yield await process.current()
    finally:
        await process.stop()


async def on_site(function, *arguments):
    """Call a function on a thread of the process, whose connection to the database ends with it."""
    return await (await process.current()).database.write(function, *arguments)


class TextClient:
    """A client of a `TextConsumer`; `text` is everything that it was sent."""

    def __init__(self, name, key=""):
        self.name = name
        self.text = ""
        self.closed = asyncio.Event()
        self._key = key
        self._events = asyncio.Queue()
        self._news = asyncio.Event()

    async def enter(self):
        """Connect and log in."""
        await self.connect()
        await self.ask(f"login {self.name} {self._key}".rstrip(), "Login Success")
        return self

    async def connect(self):
        """Connect without a login."""
        self._events.put_nowait({"type": "tcp.connect"})
        scope = {"type": "tcp", "client": ["127.0.0.1", 1]}
        self._task = asyncio.create_task(TextConsumer()(scope, self._events.get, self._take))
        await self.until("Connect Success")
        return self

    async def _take(self, event):
        if event["type"] == "tcp.close":
            self.closed.set()
            self._events.put_nowait({"type": "tcp.disconnect"})
        self.text += event.get("data", b"").decode()
        self._news.set()

    def write(self, line):
        self._events.put_nowait({"type": "tcp.receive", "data": f"{line}\n".encode()})

    async def ask(self, line, until):
        """Send a line, and return what has come since, up to and with `until`."""
        start = len(self.text)
        self.write(line)
        return await self.until(until, start)

    async def answer(self, line):
        """Send a line, and return what was sent until it was handled."""
        start = len(self.text)
        self.write(line)
        mark = "Unknown command handled \n"
        self.write("handled")
        return (await self.until(mark, start)).removesuffix(mark)

    async def until(self, text, start=0):
        """Wait until a text has come, and return everything from `start` to its end."""
        async with asyncio.timeout(PATIENCE):
            while (place := self.text.find(text, start)) < 0:
                self._news.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(PATIENCE - 1):
                        await self._news.wait()
                        continue
                raise AssertionError(f"{text!r} did not come: {self.text[start:]!r}")
        return self.text[start : place + len(text)]

    async def log_out(self):
        """Log out, and wait until the server has ended the connection."""
        self.write("logout")
        async with asyncio.timeout(PATIENCE):
            await self._task

    async def leave(self):
        """End the connection, as the client does."""
        self._events.put_nowait({"type": "tcp.disconnect"})
        async with asyncio.timeout(PATIENCE):
            await self._task


async def enter(keys, *names):
    """Return clients who have logged in and seen each other: members with a key, and guests."""
    clients = []
    for name in names:
        newcomer = await TextClient(name, keys.get(name, "")).enter()
        for client in clients:
            await client.until(f"{name} has entered the room.\n")
        clients.append(newcomer)
        await newcomer.answer("")  # the next answer begins on a line of its own
    return clients


def play(journey):
    """Run a journey with a server process."""

    async def run():
        async with current_process():
            await journey()

    asyncio.run(run())

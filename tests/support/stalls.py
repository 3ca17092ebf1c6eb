"""Times in which processes get no processor, for tests that judge times.

Such a time is made here, or measured beside other tests.
"""

import asyncio
import time
from contextlib import asynccontextmanager

from tests.support.ports import HOST

PAUSE = 0.1  # seconds between two measurements
QUESTION = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def keep_the_processor(seconds):
    """Block the event loop of the test, in which its server runs as well."""
    time.sleep(seconds)


class Stalls:
    """The longest time that something took which is done at once on an idle machine."""

    def __init__(self):
        self.longest = 0.0  # seconds

    @asynccontextmanager
    async def noted(self):
        """Note the time that the block takes."""
        begin = time.monotonic()
        yield
        self.longest = max(self.longest, time.monotonic() - begin)

    async def watch(self, server):
        """Ask a server again and again whether it lives."""
        while True:
            async with self.noted():
                reader, writer = await asyncio.open_connection(HOST, server.web_port)
                writer.write(QUESTION)
                await reader.read()
                writer.close()
            await asyncio.sleep(PAUSE)


@asynccontextmanager
async def measured(servers):
    """Measure servers, and this process, while the block runs; gives the `Stalls`."""
    stalls = Stalls()
    watching = [asyncio.create_task(stalls.watch(server)) for server in servers]
    try:
        yield stalls
        for task in watching:
            if task.done():
                task.result()
    finally:
        for task in watching:
            task.cancel()
        await asyncio.wait(watching)

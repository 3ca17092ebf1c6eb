"""Server processes in the test's own event loop."""

from contextlib import asynccontextmanager

from chat.live.process import ServerProcess


@asynccontextmanager
async def running(count=1):
    """Run server processes; gives the only one, or a list of several."""
    servers = [ServerProcess() for _ in range(count)]
    for server in servers:
        await server.start()
    try:
        yield servers if count > 1 else servers[0]
    finally:
        for server in servers:
            await server.stop()


async def settle(*servers):
    """Let processes look at everything that has changed, as they do regularly, and send it."""
    for server in servers:
        await server.poll()
        await server.rooms.wait_settled()
        await server.watch.look()

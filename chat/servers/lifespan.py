"""Starting and stopping what lives beside the website: the process's life and the legacy port."""

import logging

from django.conf import settings

from chat.live import process
from chat.live.database import Unavailable
from chat.servers import tcp

logger = logging.getLogger("chat.servers.lifespan")

LOCAL = "127.0.0.1"


class CannotStart(Exception):
    """The site cannot run; the text is one sentence for the operator."""


class Legacy:
    """The legacy port, with the life of this process. `open_port` is made by `at` or `on`."""

    def __init__(self, application, open_port):
        self.application, self.open_port = application, open_port
        self.server = None

    async def start(self):
        """Begin to live, then open the port. Raises `CannotStart`."""
        try:
            await process.current()
        except Unavailable as error:
            raise CannotStart(f"the database cannot be used: {str(error).strip()}") from error
        self.server = await self.open_port(self.application)

    async def stop(self):
        """Close the port, send what was said, and end what is still open."""
        self.close_port()
        await process.stop()

    def close_port(self):
        """Take no new connections; those that are open stay."""
        if self.server is not None:
            self.server.close()


def at(host, port):
    """How to open the legacy port at an address; port 0 is none."""

    async def open_port(application):
        try:
            return await tcp.serve(application, host, port) if port else None
        except (OSError, UnicodeError) as error:
            why = getattr(error, "strerror", None) or error
            raise CannotStart(f"the legacy port {host}:{port} cannot be opened: {why}") from error

    return open_port


def on(sock):
    """How to open the legacy port on a socket that listens already, or on none."""

    async def open_port(application):
        return await tcp.serve_on(application, sock) if sock else None

    return open_port


class Lifespan:
    """The ASGI lifespan protocol, for servers that have it (uvicorn; not Daphne)."""

    def __init__(self, application, open_port=None):
        self.application = application
        self.open_port = open_port
        self.legacy = None

    def close_port(self):
        """Close the legacy port before the shutdown event, for servers that stop in steps."""
        if self.legacy is not None:
            self.legacy.close_port()

    async def __call__(self, scope, receive, send):
        open_port = self.open_port or at(settings.LEGACY_HOST or LOCAL, settings.LEGACY_PORT)
        self.legacy = legacy = Legacy(self.application, open_port)
        await receive()  # lifespan.startup
        try:
            await legacy.start()
        except Exception as error:
            # Whatever it is: uvicorn takes an exception for "has no lifespan", and goes on.
            if not isinstance(error, CannotStart):
                logger.exception("The site cannot start")
            await send({"type": "lifespan.startup.failed", "message": f"chatsite: {error}"})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()  # lifespan.shutdown
        await legacy.stop()
        await send({"type": "lifespan.shutdown.complete"})

"""Starting and stopping what lives beside the website: the process's life and the legacy port."""

import logging

from django.conf import settings

from chat.live import process
from chat.live.database import Unavailable
from chat.wire import tcp

logger = logging.getLogger("chat.lifespan")

LOCAL = "127.0.0.1"


class CannotStart(Exception):
    """The site cannot run; the text is one sentence for the operator."""


class Legacy:
    """The legacy port, with the life of this process."""

    def __init__(self, application, host, port):
        self.application, self.host, self.port = application, host, port
        self.server = None

    async def start(self):
        """Begin to live, then open the port. Raises `CannotStart`."""
        try:
            self.process = await process.current()
        except Unavailable as error:
            raise CannotStart(f"the database cannot be used: {str(error).strip()}") from error
        if self.port:
            try:
                self.server = await tcp.serve(self.application, self.host, self.port)
            except OSError as error:
                raise CannotStart(
                    f"the legacy port {self.host}:{self.port} cannot be opened: {error.strerror}"
                ) from error

    async def stop(self):
        """Close the port, send what was said, and end what is still open."""
        if self.server is not None:
            self.server.close()
        await self.process.stop()


class Lifespan:
    """The ASGI lifespan protocol, for servers that have it (uvicorn; not Daphne)."""

    def __init__(self, application):
        self.application = application

    async def __call__(self, scope, receive, send):
        legacy = Legacy(self.application, settings.LEGACY_HOST or LOCAL, settings.LEGACY_PORT)
        await receive()  # lifespan.startup
        try:
            await legacy.start()
        except CannotStart as error:
            await send({"type": "lifespan.startup.failed", "message": f"chatsite: {error}"})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()  # lifespan.shutdown
        await legacy.stop()
        await send({"type": "lifespan.shutdown.complete"})

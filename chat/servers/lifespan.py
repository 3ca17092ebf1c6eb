"""The start and stop of the live process and the legacy port, which run beside the website."""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable

from django.conf import settings

from chat.live import process
from chat.live.database import Unavailable
from chat.room import soundness
from chat.servers import sockets, tcp
from chat.servers.proxied import ProxiedProtocol

# Opens the legacy port for an application; returns None when there is no legacy port.
OpenLegacyPort = Callable[[tcp.Application], Awaitable[asyncio.Server | None]]

logger = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"


class CannotStart(Exception):
    """The site cannot start; the text is one sentence for the operator."""


class ChatService:
    """The live process and the legacy port, started and stopped together.

    `open_legacy_port` comes from `legacy_port_at` or `legacy_port_on`.
    """

    def __init__(self, application: tcp.Application, open_legacy_port: OpenLegacyPort) -> None:
        self.application = application
        self.open_legacy_port = open_legacy_port
        self.legacy_server: asyncio.Server | None = None

    async def start(self) -> None:
        """Register the process, then open the legacy port. Raises `CannotStart`."""
        try:
            await process.current()
        except Unavailable as error:
            raise CannotStart(soundness.explain(error)) from error
        self.legacy_server = await self.open_legacy_port(self.application)

    async def stop(self) -> None:
        """Close the legacy port, send what has been said, and close the open connections."""
        self.close_legacy_port()
        await process.stop()

    def close_legacy_port(self) -> None:
        """Accept no new connections; the open ones are kept."""
        if self.legacy_server is not None:
            self.legacy_server.close()


def legacy_port_at(host: str, port: int) -> OpenLegacyPort:
    """Return a function that opens the legacy port at an address; port 0 means no legacy port."""

    async def open_legacy_port(application: tcp.Application) -> asyncio.Server | None:
        try:
            return await tcp.serve(application, host, port, _protocol()) if port else None
        except (OSError, UnicodeError) as error:
            reason = sockets.describe(error)
            raise CannotStart(
                f"the legacy port {sockets.address(host, port)} cannot be opened: {reason}"
            ) from error

    return open_legacy_port


def legacy_port_on(sock: socket.socket | None) -> OpenLegacyPort:
    """Return a function that opens the legacy port on a listening socket.

    None instead of a socket means no legacy port.
    """

    async def open_legacy_port(application: tcp.Application) -> asyncio.Server | None:
        return await tcp.serve_on(application, sock, _protocol()) if sock else None

    return open_legacy_port


def _protocol():
    return ProxiedProtocol if settings.LEGACY_PROXY_PROTOCOL else tcp.TcpProtocol


class Lifespan:
    """The ASGI lifespan protocol, for servers that support it (uvicorn does, Daphne does not)."""

    def __init__(
        self, application: tcp.Application, open_legacy_port: OpenLegacyPort | None = None
    ) -> None:
        self.application = application
        self.open_legacy_port = open_legacy_port
        self.service: ChatService | None = None

    def close_legacy_port(self) -> None:
        """Close the legacy port before the shutdown event, for servers that stop in steps."""
        if self.service is not None:
            self.service.close_legacy_port()

    async def __call__(self, scope, receive, send):
        open_legacy_port = self.open_legacy_port or legacy_port_at(
            settings.LEGACY_HOST or LOOPBACK, settings.LEGACY_PORT
        )
        self.service = service = ChatService(self.application, open_legacy_port)
        await receive()  # lifespan.startup
        try:
            await service.start()
        except Exception as error:
            # Report every error: uvicorn takes an exception to mean that the application does not
            # support the lifespan protocol, and would start to serve.
            if not isinstance(error, CannotStart):
                logger.exception("The site cannot start")
            await send({"type": "lifespan.startup.failed", "message": f"chatsite: {error}"})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()  # lifespan.shutdown
        await service.stop()
        await send({"type": "lifespan.shutdown.complete"})

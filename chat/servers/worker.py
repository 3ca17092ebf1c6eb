"""One uvicorn process that serves both ports, and its graceful stop, which loses no message."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import uvicorn

from chat.live import process
from chat.live.open_sockets import OpenSockets
from chat.servers.http import UvicornHttp
from chat.servers.http_limits import HttpLimits
from chat.servers.http_places import HttpPlaces
from chat.servers.tcp import Application
from chat.servers.websocket import UvicornWebSocket

logger = logging.getLogger(__name__)

# Seconds. A dead link is noticed after the sum of both.
PING_INTERVAL, PING_TIMEOUT = 15, 15
# Bytes. Larger than chat.wire.frames accepts, so that it can answer with a reason.
MAX_MESSAGE_SIZE = 1 << 20
GRACEFUL_STOP_TIMEOUT = 12  # seconds before a worker stops waiting for its connections to close
EXIT_TIMEOUT = 14  # seconds from the stop signal until a worker exits, even if it is blocked
STOP_SIGNALS = signal.SIGTERM, signal.SIGINT


class WorkerPipes(NamedTuple):
    """A worker's file descriptors of the two pipes between it and its supervisor."""

    supervisor_exit: int  # becomes readable when the supervisor ends, for whatever reason
    started: int

    def report_started(self) -> None:
        os.write(self.started, b"+")


class Worker(uvicorn.Server):
    """uvicorn's server with our own stop. uvicorn's would close every connection first.

    `close_legacy_port()` stops listening on the port that uvicorn does not open itself. `pipes`
    is None without a supervisor. `open_sockets()` returns the open sockets of this process, or None
    before it has started.
    """

    def __init__(
        self,
        application: Application,
        close_legacy_port: Callable[[], None],
        pipes: WorkerPipes | None,
        limits: HttpLimits | None = None,
        open_sockets: Callable[[], OpenSockets | None] = process.sockets,
    ) -> None:
        self.close_legacy_port = close_legacy_port
        self.pipes = pipes
        http = partial(UvicornHttp, limits=limits or HttpLimits(), places=HttpPlaces(open_sockets))
        super().__init__(
            uvicorn.Config(
                application,
                loop="uvloop",
                http=http,
                ws=UvicornWebSocket,
                ws_per_message_deflate=False,
                ws_ping_interval=PING_INTERVAL,
                ws_ping_timeout=PING_TIMEOUT,
                ws_max_size=MAX_MESSAGE_SIZE,
                # Otherwise each request of a connection runs in the context of the first, whose
                # thread would never end.
                reset_contextvars=True,
                lifespan="on",
                access_log=False,
                log_config=None,  # Django's LOGGING is that of the whole process
                log_level="warning",
                proxy_headers=False,  # `chat.servers.clients` reads them
                timeout_graceful_shutdown=2,
                server_header=False,
            )
        )
        self._stopping = None

    @contextlib.contextmanager
    def capture_signals(self):
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, self._begin_stop)
        if self.pipes is not None:
            loop.add_reader(self.pipes.supervisor_exit, self._stop_without_supervisor)
        yield

    def _stop_without_supervisor(self):
        asyncio.get_running_loop().remove_reader(self.pipes.supervisor_exit)
        self._begin_stop()

    async def startup(self, sockets=None):
        await super().startup(sockets)
        if self.pipes is not None:
            self.pipes.report_started()

    def _begin_stop(self):
        if self._stopping is None:
            _start_exit_timer()
            self._stopping = asyncio.get_running_loop().create_task(self._stop())

    async def _stop(self):
        """Stop in order: close the ports, save and send what was said, say goodbye, end uvicorn."""
        # The signal may arrive before uvicorn has taken over the sockets.
        for server in getattr(self, "servers", ()):
            server.close()
        self.close_legacy_port()
        try:
            async with asyncio.timeout(GRACEFUL_STOP_TIMEOUT):
                await process.stop()
        except TimeoutError:
            logger.warning("Some connections did not close within %s s", GRACEFUL_STOP_TIMEOUT)
        finally:
            self.should_exit = True


def _start_exit_timer():
    """Make this process exit even when a thread waits for a database that does not answer."""
    timer = threading.Timer(EXIT_TIMEOUT, _exit_unfinished)
    timer.daemon = True
    timer.start()


def _exit_unfinished():
    logger.error("The server did not end in time; it exits without waiting any longer")
    os._exit(1)


def run_worker(
    application: Application,
    sock: socket.socket,
    close_legacy_port: Callable[[], None],
    pipes: WorkerPipes | None = None,
) -> int:
    """Serve the website on a listening socket until told to stop, or until the supervisor ends.

    Returns the exit status: 1 when the worker could not start. `close_legacy_port` and `pipes` are
    the same as for `Worker`.
    """
    worker = Worker(application, close_legacy_port, pipes)
    with contextlib.suppress(SystemExit):  # raised by uvicorn when the lifespan cannot start
        worker.run([sock])
    return 0 if worker.started else 1

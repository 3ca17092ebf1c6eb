"""Production: uvicorn on sockets that we open, and a stop that loses nothing."""

import asyncio
import contextlib
import errno
import logging
import os
import signal
import socket
import sys
import time
from pathlib import Path

import uvicorn
from django.conf import settings
from django.db import connections

from chat.live import process
from chat.wire import tcp
from chat.wire.websocket import WebSocket

logger = logging.getLogger("chat.serving")

BACKLOG = 2048
PING, PONG = 15, 15  # seconds: a dead link is noticed after both
MAX_FRAME = 1 << 20  # bytes; more than a frame may have, so that it can be refused with a reason
STOP_WITHIN = 12  # seconds until a worker gives up on who does not close
KILL_AFTER = 15  # seconds until the supervisor does
RESPAWN_PAUSE = 1  # seconds before a worker that ended is replaced


def listen(host, port, *, shared=False):
    """A listening TCP socket with the options that its connections inherit.

    `shared` lets several processes of ours listen on the same address; the kernel spreads new
    connections over them. Raises OSError when the address cannot be had.
    """
    family, *_, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    tcp.tune(sock)
    try:
        sock.bind(address)
        sock.listen(BACKLOG)
    except OSError:
        sock.close()
        raise
    sock.setblocking(False)
    return sock


def listen_unix(path):
    """A listening Unix socket; one that nobody listens on any more is replaced."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with contextlib.suppress(FileNotFoundError):
        if sock.connect_ex(path) == 0:
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
        Path(path).unlink()
    sock.close()
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.bind(path)
    Path(path).chmod(0o666)  # the proxy in front runs as another user
    sock.listen(BACKLOG)
    sock.setblocking(False)
    return sock


class Worker(uvicorn.Server):
    """uvicorn, stopping by our own rules: it would close every socket first, and ask later."""

    def __init__(self, application, supervisor=None):
        self.supervisor = supervisor  # a pipe that ends with the supervisor
        super().__init__(
            uvicorn.Config(
                application,
                loop="uvloop",
                ws=WebSocket,
                ws_per_message_deflate=False,
                ws_ping_interval=PING,
                ws_ping_timeout=PONG,
                ws_max_size=MAX_FRAME,
                lifespan="on",
                access_log=False,
                log_level="warning",
                proxy_headers=True,
                forwarded_allow_ips=settings.TRUSTED_PROXIES,
                timeout_graceful_shutdown=2,
                server_header=False,
            )
        )
        self._stopping = None

    @contextlib.contextmanager
    def capture_signals(self):
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop_soon)
        if self.supervisor is not None:
            loop.add_reader(self.supervisor, self._orphaned)
        yield

    def _orphaned(self):
        asyncio.get_running_loop().remove_reader(self.supervisor)
        self._stop_soon()

    def _stop_soon(self):
        if self._stopping is None:
            self._stopping = asyncio.get_running_loop().create_task(self._stop())

    async def _stop(self):
        """No new connections; what is said is saved and sent; goodbyes; then uvicorn's own end."""
        # The signal may come before uvicorn has taken the sockets over.
        for server in getattr(self, "servers", ()):
            server.close()
        try:
            async with asyncio.timeout(STOP_WITHIN):
                await process.stop()
        except TimeoutError:
            logger.warning("Some connections did not close in time")
        finally:
            self.should_exit = True


def work(application, sockets, supervisor=None):
    """Serve until told to stop, or until the supervisor is gone. Returns the exit status."""
    worker = Worker(application, supervisor)
    worker.run(sockets)
    return 0 if worker.started else 1


class Supervisor:
    """Keeps several workers alive, and ends them together.

    A worker that ends by itself is replaced; one that cannot even start ends all. `run(pipe)` is
    what each does; the pipe ends when the supervisor does, however that comes: workers that were
    left alone would hold the ports for ever.
    """

    def __init__(self, count, run):
        self.count = count
        self.run = run
        self.workers = {}  # pid -> when it began, by the monotonic clock
        self.stopping = False
        self.pipe, self.alive = os.pipe()

    def supervise(self):
        """Run until told to stop. Returns the exit status."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        while len(self.workers) < self.count and not self.stopping:
            self._fork()
        status = 0
        while self.workers:
            pid, ended = os.wait()
            began = self.workers.pop(pid, None)
            if began is None or self.stopping:
                continue
            status = os.waitstatus_to_exitcode(ended)
            if status == 1 and time.monotonic() - began < 2 * RESPAWN_PAUSE:
                logger.error("A worker cannot start; the others are stopped")
                self._stop()
            else:
                logger.error("A worker ended with %s and is replaced", status)
                time.sleep(RESPAWN_PAUSE)
                status = 0
                if not self.stopping:
                    self._fork()
        return status

    def _fork(self):
        connections.close_all()
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
                signal.signal(number, signal.SIG_DFL)
            os.close(self.alive)
            os._exit(self.run(self.pipe))
        self.workers[pid] = time.monotonic()
        if self.stopping:  # told between the question and the fork
            os.kill(pid, signal.SIGTERM)

    def _stop(self, *_):
        self.stopping = True
        for pid in self.workers:
            os.kill(pid, signal.SIGTERM)
        signal.signal(signal.SIGALRM, self._kill)
        signal.alarm(KILL_AFTER)

    def _kill(self, *_):
        for pid in self.workers:
            os.kill(pid, signal.SIGKILL)

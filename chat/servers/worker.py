"""Production: uvicorn on sockets that we open, and a stop that loses nothing."""

import asyncio
import contextlib
import errno
import logging
import os
import signal
import socket
import stat
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

import uvicorn
from django.conf import settings
from django.db import connections

from chat.live import process
from chat.servers import tcp
from chat.servers.websocket import WebSocket

logger = logging.getLogger("chat.servers.worker")

BACKLOG = 2048
PING, PONG = 15, 15  # seconds: a dead link is noticed after both
MAX_FRAME = 1 << 20  # bytes; more than a frame may have, so that it can be refused with a reason
STOP_WITHIN = 12  # seconds until a worker gives up on who does not close
END_WITHIN = 14  # seconds until it ends, whatever it waits for
KILL_AFTER = 15  # seconds until the supervisor kills it
SIGNALS = signal.SIGTERM, signal.SIGINT  # by which a server is told to end
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
    """A listening Unix socket; one that nobody listens on any more is replaced.

    Raises OSError when the path cannot be had. What is there and is no socket stays as it is.
    """
    with contextlib.suppress(FileNotFoundError):
        _remove_abandoned(path)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.bind(path)
        Path(path).chmod(0o666)  # the proxy in front runs as another user
        sock.listen(BACKLOG)
    except OSError:
        sock.close()
        raise
    sock.setblocking(False)
    return sock


def _remove_abandoned(path):
    # A regular file refuses connections just as an abandoned socket does.
    if not stat.S_ISSOCK(os.lstat(path).st_mode):
        raise FileExistsError(errno.EEXIST, "there is something that is not a socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)  # a full queue is an answer too
        answer = probe.connect_ex(path)
    if answer != errno.ECONNREFUSED:
        number = errno.EADDRINUSE if answer in (0, errno.EAGAIN) else answer
        raise OSError(number, os.strerror(number))
    Path(path).unlink()


class Worker(uvicorn.Server):
    """uvicorn, stopping by our own rules: it would close every socket first, and ask later.

    `close_doors()` stops listening wherever uvicorn itself does not listen.
    """

    def __init__(self, application, close_doors, supervision, trusted):
        self.close_doors = close_doors
        self.supervision = supervision
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
                forwarded_allow_ips=trusted,
                timeout_graceful_shutdown=2,
                server_header=False,
            )
        )
        self._stopping = None

    @contextlib.contextmanager
    def capture_signals(self):
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self._stop_soon)
        if self.supervision is not None:
            loop.add_reader(self.supervision.alive, self._orphaned)
        yield

    def _orphaned(self):
        asyncio.get_running_loop().remove_reader(self.supervision.alive)
        self._stop_soon()

    async def startup(self, sockets=None):
        await super().startup(sockets)
        if self.supervision is not None:
            self.supervision.tell_started()

    def _stop_soon(self):
        if self._stopping is None:
            _end_at_last()
            self._stopping = asyncio.get_running_loop().create_task(self._stop())

    async def _stop(self):
        """No new connections; what is said is saved and sent; goodbyes; then uvicorn's own end."""
        # The signal may come before uvicorn has taken the sockets over.
        for server in getattr(self, "servers", ()):
            server.close()
        self.close_doors()
        try:
            async with asyncio.timeout(STOP_WITHIN):
                await process.stop()
        except TimeoutError:
            logger.warning("Some connections did not close in time")
        finally:
            self.should_exit = True


def _end_at_last():
    """See to it that this process ends, also when a thread waits for a frozen database then."""
    watchdog = threading.Timer(END_WITHIN, _give_up)
    watchdog.daemon = True
    watchdog.start()


def _give_up():
    logger.error("The server did not end in time; what it waits for is given up")
    os._exit(1)


def work(application, sock, close_doors, supervision=None):
    """Serve the website on a socket until told to stop, or until the supervisor is gone.

    Returns the exit status: 1 when it could not even start. `close_doors` as for `Worker`,
    `supervision` as from `Supervisor`.
    """
    worker = Worker(application, close_doors, supervision, _trusted_on(sock))
    with contextlib.suppress(SystemExit):  # how uvicorn ends when the lifespan cannot start
        worker.run([sock])
    return 0 if worker.started else 1


def _trusted_on(sock):
    # Who connects to a Unix socket has no address that could be on a list.
    return "*" if sock.family == socket.AF_UNIX else settings.TRUSTED_PROXIES


class Supervision(NamedTuple):
    """A worker's ends of the two pipes between it and its supervisor."""

    alive: int  # ends when the supervisor does, however that comes
    started: int

    def tell_started(self):
        os.write(self.started, b"+")


class Supervisor:
    """Keeps several workers alive, and ends them together.

    A worker that ends by itself is replaced. When none has ever started, one that cannot start
    ends all; later that may be a database which is away, and the others go on. `run(supervision)`
    is what each does; it ends when the supervisor has ended: workers that were left alone would
    hold the ports for ever.
    """

    def __init__(self, count, run):
        self.count = count
        self.run = run
        self.workers = set()  # pids
        self.stopping = False
        self.has_served = False  # a worker of ours has started, now or before
        alive, self.alive = os.pipe()
        self.started, started = os.pipe()
        os.set_blocking(self.started, False)
        self.supervision = Supervision(alive, started)

    def supervise(self):
        """Run until told to stop. Returns the exit status."""
        for number in SIGNALS:
            signal.signal(number, self._stop)
        while len(self.workers) < self.count and not self.stopping:
            self._fork()
        status = 0
        while self.workers:
            pid, ended = os.wait()
            ours = pid in self.workers
            self.workers.discard(pid)
            if not ours or self.stopping:
                continue
            status = os.waitstatus_to_exitcode(ended)
            self._hear_who_started()
            if status == 1 and not self.has_served:
                logger.error("A worker cannot start; the others are stopped")
                self._stop()
            else:
                logger.error("A worker ended with %s and is replaced", status)
                time.sleep(RESPAWN_PAUSE)
                status = 0
                if not self.stopping:
                    self._fork()
        return status

    def _hear_who_started(self):
        with contextlib.suppress(BlockingIOError):
            self.has_served |= bool(os.read(self.started, 1024))

    def _fork(self):
        _close_database()
        sys.stdout.flush()
        # A worker would take what comes now for the supervisor's, and go on.
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        if not self.stopping:
            pid = os.fork()
            if pid == 0:
                self._be_a_worker()
            self.workers.add(pid)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)

    def _be_a_worker(self):
        status = 1
        try:
            for number in (*SIGNALS, signal.SIGALRM):
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            os.close(self.alive)
            status = self.run(self.supervision)
        except Exception:
            logger.exception("A worker failed")
        finally:  # whatever comes, SystemExit too, must not go on as a second supervisor
            os._exit(status)

    def _stop(self, *_):
        self.stopping = True
        self._send(signal.SIGTERM)
        signal.signal(signal.SIGALRM, self._kill)
        signal.alarm(KILL_AFTER)

    def _kill(self, *_):
        self._send(signal.SIGKILL)

    def _send(self, number):
        for pid in self.workers:
            with contextlib.suppress(ProcessLookupError):  # waited for, and not yet forgotten
                os.kill(pid, number)


def _close_database():
    """Close this process's connections, and the pool that pages take theirs from.

    A forked worker would inherit the pool as one that is open, without the threads that fill it,
    and would share its connection with the other workers.
    """
    connections.close_all()
    for connection in connections.all(initialized_only=True):
        if hasattr(connection, "close_pool"):  # PostgreSQL's
            connection.close_pool()

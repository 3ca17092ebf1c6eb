"""The parent of several worker processes: it replaces those that end, and stops them together."""

import contextlib
import logging
import os
import signal
import sys
import time
from collections.abc import Callable

from django.db import connections

from chat.servers.worker import STOP_SIGNALS, WorkerPipes

logger = logging.getLogger(__name__)

KILL_AFTER = 15  # seconds from the stop signal until the workers are killed
RESPAWN_DELAY = 1  # seconds before a worker that ended is replaced


class Supervisor:
    """Keeps a number of workers running and stops them together.

    Each worker calls `run(pipes)` and exits with the status that it returns. `run` must return
    when the supervisor has ended, because workers without a supervisor would keep the ports open.

    A worker that ends by itself is replaced. If a worker cannot start before any other has started,
    all are stopped. Later the cause may be a database that is not available for a while, so the
    other workers continue and the failed one is tried again.
    """

    def __init__(self, count: int, run: Callable[[WorkerPipes], int]) -> None:
        self.count = count
        self.run = run
        self.workers: set[int] = set()  # process ids
        self.stopping = False
        self.any_started = False  # whether any worker has started, now or before
        supervisor_exit, self._held_open = os.pipe()
        self._started_reports, started = os.pipe()
        os.set_blocking(self._started_reports, False)
        self.pipes = WorkerPipes(supervisor_exit=supervisor_exit, started=started)

    def supervise(self) -> int:
        """Run until told to stop. Returns the exit status."""
        for number in STOP_SIGNALS:
            signal.signal(number, self._stop)
        while len(self.workers) < self.count and not self.stopping:
            self._start_worker()
        status = 0
        while self.workers:
            pid, wait_status = os.wait()
            is_worker = pid in self.workers
            self.workers.discard(pid)
            if is_worker and not self.stopping:
                status = self._replace(os.waitstatus_to_exitcode(wait_status))
        return status

    def _replace(self, worker_status):
        """Replace a worker that has ended by itself. Returns the supervisor's own exit status."""
        self._read_started_reports()
        if worker_status == 1 and not self.any_started:
            logger.error("A worker cannot start; the others are stopped")
            self._stop()
            return worker_status
        logger.error("A worker ended with %s and is replaced", worker_status)
        time.sleep(RESPAWN_DELAY)
        if not self.stopping:
            self._start_worker()
        return 0

    def _read_started_reports(self):
        with contextlib.suppress(BlockingIOError):
            self.any_started |= bool(os.read(self._started_reports, 1024))

    def _start_worker(self):
        _close_database_connections()
        sys.stdout.flush()
        # Until the worker has its own signal handlers, a signal would run the supervisor's handler
        # there and be lost.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        if not self.stopping:
            pid = os.fork()
            if pid == 0:
                self._run_worker()
            self.workers.add(pid)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)

    def _run_worker(self):
        status = 1
        try:
            for number in (*STOP_SIGNALS, signal.SIGALRM):
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
            os.close(self._held_open)
            status = self.run(self.pipes)
        except Exception:
            logger.exception("A worker failed")
        finally:  # Exit in any case, also on SystemExit: this must not go on as a supervisor.
            logging.shutdown()  # writes the counts of repeated lines
            os._exit(status)

    def _stop(self, *_):
        self.stopping = True
        self._signal_workers(signal.SIGTERM)
        signal.signal(signal.SIGALRM, self._kill)
        signal.alarm(KILL_AFTER)

    def _kill(self, *_):
        self._signal_workers(signal.SIGKILL)

    def _signal_workers(self, number):
        for pid in self.workers:
            with contextlib.suppress(ProcessLookupError):  # has ended, and was not removed yet
                os.kill(pid, number)


def _close_database_connections():
    """Close this process's connections, and the connection pool of the pages.

    A forked worker would inherit a pool that is open but lacks the threads that fill it, and would
    share its connections with the other workers.
    """
    connections.close_all()
    for connection in connections.all(initialized_only=True):
        if hasattr(connection, "close_pool"):  # PostgreSQL
            connection.close_pool()

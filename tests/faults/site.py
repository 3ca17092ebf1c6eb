"""The site as it runs in production: several `serve` processes on one database."""

import asyncio
import json
import resource
import tempfile
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import psutil

from tests.support.servers import AS_IN_PRODUCTION, Server
from tests.support.site_database import SiteDatabase
from tests.support.waiting import wait_until


class ProcessUsage(NamedTuple):
    """The resources that the processes of a server hold."""

    memory: int  # bytes
    descriptors: int


class ServeCommand(Server):
    """One `serve` command with its workers.

    `quiet` is its usage before any load, and `pids` are the processes that served then.
    """

    def __init__(self, **options):
        super().__init__("serve", **{**AS_IN_PRODUCTION, **options})

    def start(self):
        super().start()
        wait_until(lambda: len(self.processes) >= self.workers, "there are too few workers")
        self.quiet = self.usage()
        self.pids = {process.pid for process in self.processes}

    def kill(self):
        """Kill the process and its workers, so that they cannot clean up."""
        workers = self.processes if self.is_alive and self.workers > 1 else []
        status = super().kill()
        for worker in workers:
            with suppress(psutil.NoSuchProcess):
                worker.kill()
        return status

    def kill_supervisor(self):
        """Kill the process that supervises the workers, and return the workers."""
        workers = self.processes
        super().kill()
        return workers

    @property
    def processes(self):
        """The processes that serve: the workers, where there are several."""
        process = psutil.Process(self.process.pid)
        return process.children() if self.workers > 1 else [process]

    @contextmanager
    def full_disk(self, path):
        """Refuse every write past the present size of the files of an SQLite database.

        This limit of the kernel needs no privileges, and it can be raised again for a running
        process.
        """
        (process,) = self.processes
        _, hard = process.rlimit(resource.RLIMIT_FSIZE)
        smaller = min(Path(f"{path}{end}").stat().st_size for end in ("", "-wal"))
        process.rlimit(resource.RLIMIT_FSIZE, (smaller, hard))
        try:
            yield
        finally:
            process.rlimit(resource.RLIMIT_FSIZE, (hard, hard))

    def usage(self):
        """Return the `ProcessUsage` of now."""
        processes = self.processes
        return ProcessUsage(
            memory=sum(process.memory_info().rss for process in processes),
            descriptors=sum(process.num_fds() for process in processes),
        )

    def links(self):
        """Return the TCP connections that clients have to both ports."""
        ports = {self.web_port, self.legacy_port}
        return [
            link
            for process in self.processes
            for link in process.net_connections("tcp")
            if link.laddr.port in ports and link.status != psutil.CONN_LISTEN
        ]


class FaultSite(AbstractContextManager):
    """Servers that share a database, with Redis or without.

    Without `database` it is an SQLite file. `environment` is added to that of all servers. Methods
    of the servers block: call them in `asyncio.to_thread`.
    """

    def __init__(
        self, *, database=None, redis=None, servers=2, workers=1, nofile=None, **environment
    ):
        self._stack = ExitStack()
        self.folder = Path(
            self._stack.enter_context(
                tempfile.TemporaryDirectory(prefix="chatsite-", ignore_cleanup_errors=True)
            )
        )
        url = database or f"sqlite:///{self.folder / 'chat.sqlite3'}"
        self.environment = {
            "DATABASE_URL": url,
            "REDIS_URL": redis or "",
            "FLOOD_LIMIT": "off",  # all members have one address
            **environment,
        }
        self.servers = [
            ServeCommand(workers=workers, nofile=nofile, **self.environment) for _ in range(servers)
        ]
        self.database = SiteDatabase(url)

    def __enter__(self):
        self._stack.__enter__()
        try:
            for server in self.servers:
                self._stack.enter_context(server)
                for other in self.servers:
                    other.migrated = True
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *exc_info):
        self._stack.close()

    @property
    def output(self):
        """All that the servers have printed."""
        return "".join(server.output for server in self.servers)

    async def start(self, server):
        """Start one of the servers again."""
        await asyncio.to_thread(server.start)

    async def accounts_with_rooms(self, count, prefix="member"):
        """Return [(name, session key)] of new accounts, and [(id, kind, names)] of their rooms."""
        made = await asyncio.to_thread(
            self.servers[0].python, "-m", "tests.support.make_rooms", str(count), prefix
        )
        return json.loads(made)

    async def accounts(self, count, prefix="member"):
        """Return [(name, session key)] of new accounts that are signed in."""
        made = await asyncio.to_thread(
            self.servers[0].python, "-m", "tests.support.make_members", str(count), prefix
        )
        return json.loads(made)

"""The site as it runs in production: some `serve` processes on one database, and what it holds."""

import asyncio
import json
import sqlite3
import tempfile
from contextlib import AbstractContextManager, ExitStack, closing, suppress
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import psutil
import psycopg

from tests.support.servers import Server
from tests.support.waiting import wait_until


class Usage(NamedTuple):
    """What the processes of a server hold."""

    memory: int  # bytes
    descriptors: int


class Web(Server):
    """One `serve`.

    `quiet` is its usage before any load, and `pids` are the processes that then served.
    """

    def __init__(self, static, **options):
        super().__init__("serve", **options)
        self.environment["STATIC_ROOT"] = str(static)

    def start(self):
        super().start()
        wait_until(lambda: len(self.processes) >= self.workers, "there are too few workers")
        self.quiet = self.usage()
        self.pids = {process.pid for process in self.processes}

    def kill(self):
        """End the process without a chance to clean up, and its workers with it."""
        workers = self.processes if self.is_alive and self.workers > 1 else []
        status = super().kill()
        for worker in workers:
            with suppress(psutil.NoSuchProcess):
                worker.kill()
        return status

    def kill_supervisor(self):
        """End the process that keeps the workers alive, and nothing else; the workers."""
        workers = self.processes
        super().kill()
        return workers

    @property
    def processes(self):
        """The processes that serve: the workers where there are several."""
        process = psutil.Process(self.process.pid)
        return process.children() if self.workers > 1 else [process]

    def usage(self):
        processes = self.processes
        return Usage(
            sum(process.memory_info().rss for process in processes),
            sum(process.num_fds() for process in processes),
        )

    def links(self):
        """The TCP connections that its processes hold on both doors."""
        doors = {self.web_port, self.legacy_port}
        return [
            link
            for process in self.processes
            for link in process.net_connections("tcp")
            if link.laddr.port in doors and link.status != psutil.CONN_LISTEN
        ]


class Site(AbstractContextManager):
    """Web servers that share a database, with Redis or without.

    Without `database` it is an SQLite file of the site's own. `environment` is for all servers.
    What blocks (starting, stopping) is meant for `asyncio.to_thread`.
    """

    def __init__(self, *, database=None, redis=None, servers=2, workers=1, nofile=None, **more):
        self._stack = ExitStack()
        self.folder = Path(
            self._stack.enter_context(
                tempfile.TemporaryDirectory(prefix="chatsite-", ignore_cleanup_errors=True)
            )
        )
        self.database = database or f"sqlite:///{self.folder / 'chat.sqlite3'}"
        self.environment = {"DATABASE_URL": self.database, "REDIS_URL": redis or "", **more}
        self.servers = [
            Web(self.folder / "static", workers=workers, nofile=nofile, **self.environment)
            for _ in range(servers)
        ]
        self.truth = Truth(self.database)

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
        return "".join(server.output for server in self.servers)

    async def start(self, server):
        await asyncio.to_thread(server.start)

    async def accounts(self, count, prefix="member"):
        """[(name, session key)] of new accounts that are signed in."""
        made = await asyncio.to_thread(
            self.servers[0].python, "-m", "tests.support.make_members", str(count), prefix
        )
        return json.loads(made)


class Row(NamedTuple):
    """A line as the database has it, as far as it is compared."""

    seq: int
    kind: str
    name: str
    text: str
    client_id: str | None
    guest: bool
    of: int | None

    @classmethod
    def heard(cls, line):
        """The same of a line that a member heard."""
        return cls(*(line[field] for field in cls._fields))


class Truth:
    """What the database says, past all of the site's own code."""

    def __init__(self, url):
        self.url = url
        self.path = url.removeprefix("sqlite:///")

    def ask(self, statement):
        """The rows that a statement gives."""
        if self.url.startswith("sqlite"):
            with closing(sqlite3.connect(self.path, timeout=30)) as connection:
                return connection.execute(statement).fetchall()
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(statement).fetchall()

    def write(self, *statements):
        """Do something to the database, in one transaction."""
        if self.url.startswith("sqlite"):
            connection = sqlite3.connect(self.path, timeout=30)
        else:
            connection = psycopg.connect(self.url)
        with closing(connection):
            for statement in statements:
                connection.execute(statement)
            connection.commit()

    def lines(self):
        found = self.ask(
            'SELECT seq, kind, name, text, client_id, guest, "of" FROM chat_message'
            " ORDER BY seq, id"
        )
        return [
            Row(seq, kind, name, text, client_id and str(UUID(str(client_id))), bool(guest), of)
            for seq, kind, name, text, client_id, guest, of in found
        ]

    def last_seq(self):
        ((last_seq,),) = self.ask("SELECT last_seq FROM chat_room")
        return last_seq

    def people(self):
        """The names in the table of presence."""
        return [name for (name,) in self.ask("SELECT name FROM chat_presence ORDER BY entered")]

    def held(self):
        """The name of each connection in the table, but of those lost, which have their grace."""
        found = self.ask(
            "SELECT name FROM chat_presence p JOIN chat_connection c ON c.presence_id = p.id"
            " WHERE NOT c.lost"
        )
        return [name for (name,) in found]

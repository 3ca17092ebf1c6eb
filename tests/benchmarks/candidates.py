"""Who takes part: this site in several ways, the usual Channels chat, and the bare loops.

A candidate is entered like any context manager, and then has `wire` (how it is spoken to), `ports`,
`pids`, `at_once` (how many may come in together at most), and `cookies(count)` for the doors that
ask who is there. Those of other projects are in `tests.benchmarks.peers`.
"""

import json
import resource
import shutil
from functools import cache
from math import inf

import psycopg

from tests.benchmarks.databases import python
from tests.support.databases import (
    copied_database,
    lasting_folder,
    migrated_database,
    migrated_file,
)
from tests.support.ports import HOST
from tests.support.servers import Server

ACCOUNTS = 10_000  # in the databases of this site, which are copies, unless fewer will do
DAPHNE_AT_ONCE = 20  # Twisted listens with a queue of 50; who comes behind tries again for seconds


class Site(Server):
    """This site, by one of its doors: the wire "web" or "lines".

    Unless `environment` names a database it has its own, with some accounts: an SQLite file or,
    where the URL of another is given as `postgresql`, one beside that.
    """

    def __init__(self, kind="serve", wire="web", postgresql=None, accounts=ACCOUNTS, **environment):
        self.wire = wire
        self._accounts = accounts
        self._postgresql = postgresql
        super().__init__(kind, migrated=True, **environment)

    @property
    def at_once(self):
        return DAPHNE_AT_ONCE if self.kind == "runserver" else inf

    @property
    def ports(self):
        return [self.web_port if self.wire == "web" else self.legacy_port]

    @property
    def pids(self):
        return [self.process.pid]

    def cookies(self, count):
        """Session cookies of so many accounts; None where nobody asks."""
        if self.wire != "web":
            return None
        _, session_keys = peopled(self._postgresql, self._accounts)
        return session_keys[:count]

    def _database(self):
        origin, _ = peopled(self._postgresql, self._accounts)
        if self._postgresql:
            return copied_database(self._postgresql, origin)
        path = self.folder / "chat.sqlite3"
        shutil.copyfile(origin, path)
        return f"sqlite:///{path}"


@cache
def peopled(postgresql, accounts):
    """(what to copy, session keys): a database with so many accounts that are signed in.

    It is the path of an SQLite file, or the name of a PostgreSQL database beside that of the URL.
    The keys are the same in all copies.
    """
    if postgresql:
        url = copied_database(postgresql, migrated_database(postgresql))
        origin = url.rpartition("/")[2]
    else:
        origin = lasting_folder() / f"peopled_{accounts}.sqlite3"
        shutil.copyfile(migrated_file(), origin)
        url = f"sqlite:///{origin}"
    made = json.loads(python(url, "-m", "tests.support.make_members", str(accounts)))
    if postgresql:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")  # or it would be done while something is measured
    return origin, [session_key for _, session_key in made]


class Unsaved(Site):
    """This site with a say that saves nothing."""

    def arguments(self):
        return ["-m", "tests.benchmarks.unsaved", *super().arguments()[1:]]


class Program(Server):
    """Something else that listens on one port."""

    wire = "lines"
    at_once = inf

    @property
    def ports(self):
        return [self.web_port]

    @property
    def pids(self):
        return [self.process.pid]

    def cookies(self, count):
        return None

    def _database(self):
        """It has none."""
        self.migrated = True
        return ""

    def _limit_descriptors(self):
        """As many as it may have: the site sees to that itself."""
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

    def await_ports(self):
        self.await_port(self.web_port)


class Usual(Program):
    """The idiomatic group consumer, under Daphne or uvicorn."""

    wire = "usual"

    @property
    def at_once(self):
        return DAPHNE_AT_ONCE if self.kind == "daphne" else inf

    def arguments(self):
        where = ["--port", str(self.web_port), "tests.benchmarks.idiomatic:application"]
        if self.kind == "daphne":
            return ["-m", "daphne", "-b", HOST, *where]
        return ["-m", "uvicorn", "--host", HOST, "--lifespan", "off", *where]


class Bare(Program):
    """A loop that only passes bytes on; the kind is its options."""

    def arguments(self):
        return ["-m", "tests.benchmarks.bare", str(self.web_port), *self.kind.split()]

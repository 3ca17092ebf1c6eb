"""The candidates of this repository: this site in several ways, and what it is compared with.

A candidate is a context manager that starts it. Then it has `wire` (the protocol that it speaks),
`ports`, `pids`, `at_once` (how many members can connect at the same time), and `cookies(count)`
where members have to be signed in. Servers of other projects are in `tests.benchmarks.peers`.
"""

import json
import os
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
from tests.support.servers import AS_IN_PRODUCTION, Server

ACCOUNTS = 10_000  # in the databases of this site, unless a benchmark needs fewer
DAPHNE_AT_ONCE = 20  # Twisted's backlog has 50 places; clients behind it retry for seconds


class SiteCandidate(Server):
    """This site on one of its ports: the wire is "web" or "legacy".

    Unless `environment` has a DATABASE_URL, it gets a database with some accounts: an SQLite file,
    or a database in the PostgreSQL of the URL `postgresql`.
    """

    def __init__(self, kind="serve", wire="web", postgresql=None, accounts=None, **environment):
        self.wire = wire
        self._accounts = accounts or ACCOUNTS
        self._postgresql = postgresql
        if "DATABASE_URL" not in environment:
            environment["DATABASE_URL"] = database_with_accounts(postgresql, self._accounts)
        # All clients of a benchmark have one address. To measure the cost of counting, set limits
        # that are never reached.
        limit = {"FLOOD_LIMIT": os.environ.get("FLOOD_LIMIT", "off")}
        super().__init__(kind, migrated=True, **{**AS_IN_PRODUCTION, **limit, **environment})

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
        """Return session cookies of `count` accounts, or None where nobody signs in."""
        if self.wire != "web":
            return None
        _, session_keys = signed_in_database(self._postgresql, self._accounts)
        return session_keys[:count]


def database_with_accounts(postgresql, accounts):
    """Return the URL of a new database in which some accounts are signed in."""
    origin, _ = signed_in_database(postgresql, accounts)
    if postgresql:
        return copied_database(postgresql, origin)
    path = lasting_folder() / "chat.sqlite3"
    shutil.copyfile(origin, path)
    return f"sqlite:///{path}"


@cache
def signed_in_database(postgresql, accounts):
    """Make a database to copy. Return (its path or its name in PostgreSQL, session keys).

    The session keys are the same in all copies.
    """
    if postgresql:
        url = copied_database(postgresql, migrated_database(postgresql))
        origin = url.rpartition("/")[2]
    else:
        origin = lasting_folder() / f"accounts_{accounts}.sqlite3"
        shutil.copyfile(migrated_file(), origin)
        url = f"sqlite:///{origin}"
    made = json.loads(python(url, "-m", "tests.support.make_members", str(accounts)))
    if postgresql:
        with psycopg.connect(url, autocommit=True) as connection:
            # Otherwise PostgreSQL would do it while something is measured.
            connection.execute("VACUUM ANALYZE")
    return origin, [session_key for _, session_key in made]


class UnsavedSite(SiteCandidate):
    """This site without saving what is said."""

    def arguments(self):
        return ["-m", "tests.benchmarks.unsaved", *super().arguments()[1:]]


class OtherProgram(Server):
    """A program that listens on one port, and has no database."""

    wire = "legacy"
    at_once = inf

    def __init__(self, kind, **environment):
        super().__init__(kind, migrated=True, **{"DATABASE_URL": "", **environment})

    @property
    def ports(self):
        return [self.web_port]

    @property
    def pids(self):
        return [self.process.pid]

    def cookies(self, count):
        return None

    def prepare_process(self):
        """Allow as many descriptors as possible, which the site does by itself."""
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

    def await_ports(self):
        self.await_port(self.web_port)


class UsualChat(OtherProgram):
    """The usual Channels consumer, under Daphne or uvicorn."""

    wire = "usual"

    @property
    def at_once(self):
        return DAPHNE_AT_ONCE if self.kind == "daphne" else inf

    def arguments(self):
        where = ["--port", str(self.web_port), "tests.benchmarks.idiomatic:application"]
        if self.kind == "daphne":
            return ["-m", "daphne", "-b", HOST, *where]
        return ["-m", "uvicorn", "--host", HOST, "--lifespan", "off", *where]


class BareLoop(OtherProgram):
    """An event loop that only passes bytes on. Its kind is the options of `bare`."""

    def arguments(self):
        return ["-m", "tests.benchmarks.bare", str(self.web_port), *self.kind.split()]

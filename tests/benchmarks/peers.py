"""Servers of other projects that `fanout` compares with, from Debian's packages.

The packages are prosody with lua-dbi-sqlite3, ejabberd with erlang-p1-sqlite3, and ngircd. The
first two archive messages in SQLite with this site's journal mode and synchronisation: each
message is committed by itself, and is on the disk before it is delivered.
"""

import os
import resource
import secrets
import shlex
import shutil
import sqlite3
import subprocess
import tempfile
from abc import ABC, abstractmethod
from contextlib import closing, suppress
from math import inf
from pathlib import Path

import psutil

from tests.benchmarks.peer_configuration import EJABBERD, NGIRCD, PROSODY
from tests.benchmarks.wires import XMPP_HOST, XMPP_ROOMS
from tests.support.ports import HOST, answers, free_ports
from tests.support.waiting import PATIENCE, wait_until

DESCRIPTORS = 4096  # for the connections of a large room
OCCUPANTS = 10_000  # where a room must have a limit
SBIN = "/usr/sbin"  # where Debian installs daemons, and which is not on everybody's PATH


class PeerArchive:
    """The SQLite database in which a peer keeps messages."""

    def __init__(self, path, table):
        self.path, self._table = path, table

    def create(self):
        """Make the file in this site's journal mode, which SQLite keeps in the file."""
        with closing(sqlite3.connect(self.path)) as database:
            database.execute("PRAGMA journal_mode=WAL")

    def count(self):
        """Return the number of messages, or None for a peer that keeps none."""
        if self._table is None:
            return None
        with closing(sqlite3.connect(self.path)) as database:
            return database.execute(f"SELECT count(*) FROM {self._table}").fetchone()[0]


class Peer(ABC):
    """A candidate that is another project's server, as a process with a folder of its own."""

    wire = None
    at_once = inf
    program = None
    table = None  # of its SQLite database, with the messages
    starts_in_folder = True  # or else in the working directory of this process

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(
            prefix="chatsite-peer-", ignore_cleanup_errors=True
        )
        self.folder = Path(self._folder.name)
        self._log = self.folder / "output.txt"
        self.archive = PeerArchive(self.folder / "messages.sqlite3", self.table)
        self.process = None
        (self.port,) = free_ports(1)
        try:
            self._prepare()
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc_info):
        if self.process is not None:
            self._kill()
        self._folder.cleanup()

    @classmethod
    def available(cls):
        """Return whether its package is installed."""
        return _find(cls.program) is not None

    @property
    def ports(self):
        return [self.port]

    @property
    def pids(self):
        """The process of the server, and those that it has started."""
        return [process.pid for process in self._family()]

    def cookies(self, count):
        return None

    def _prepare(self):  # noqa: B027 - not every peer has configuration files
        """Write what the process reads; nothing by default."""

    @abstractmethod
    def _command(self):
        """Return the words of the command that starts it."""

    def _environment(self):
        return {}

    @property
    def output(self):
        """All that it has printed."""
        return self._log.read_text(errors="backslashreplace")

    def _start(self):
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                self._command(),
                cwd=self.folder if self.starts_in_folder else None,
                env={**os.environ, **self._environment()},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=_allow_many_connections,
            )
        wait_until(self._answers, lambda: f"{self.program} does not listen:\n{self.output}")

    def _answers(self):
        status = self.process.poll()
        assert status is None, f"{self.program} ended with {status}:\n{self.output}"
        return answers(self.port)

    def _kill(self):
        family = self._family()
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait(PATIENCE)
        psutil.wait_procs(family, PATIENCE)

    def _family(self):
        if self.process.poll() is None:
            first = psutil.Process(self.process.pid)
            family = [first, *first.children(recursive=True)]
        else:
            family = []  # the pid may belong to another process by now
        return family

    def _write(self, name, template):
        """Write a configuration file, and return its path."""
        path = self.folder / name
        path.write_text(
            template.substitute(
                address=HOST,
                port=self.port,
                folder=self.folder,
                database=self.archive.path,
                host=XMPP_HOST,
                rooms=XMPP_ROOMS,
                occupants=OCCUPANTS,
            )
        )
        return path


class Prosody(Peer):
    """Prosody, an XMPP server in Lua, with a group chat that is archived in SQLite."""

    wire = "xmpp"
    program = "prosody"
    table = "prosodyarchive"

    def _prepare(self):
        self.archive.create()
        self._config = self._write("prosody.cfg.lua", PROSODY)

    def _command(self):
        return [_find(self.program), "-F", "--config", self._config]


class Ejabberd(Peer):
    """ejabberd, an XMPP server in Erlang, with a group chat that is archived in SQLite."""

    wire = "xmpp"
    at_once = 4  # its backlog has five places; clients behind it retry for seconds
    program = "ejabberdctl"
    table = "archive"

    @property
    def pids(self):
        """Erlang's process alone: its helpers for images and alarms have nothing to do here."""
        return [self.process.pid]

    def _prepare(self):
        self.archive.create()
        self._config = self._write("ejabberd.yml", EJABBERD)
        # A fixed port for other nodes, so that it neither needs nor starts Erlang's port mapper.
        (self._nodes_port,) = free_ports(1)

    def _command(self):
        """Start Erlang directly, because Debian's `ejabberdctl` runs as one certain user only."""
        return [
            *(_find("erl"), "-noinput", "-sname", f"chatsite_{self.port}@localhost"),
            *("-setcookie", secrets.token_hex(16), "-start_epmd", "false"),
            *("-erl_epmd_port", str(self._nodes_port)),
            *("-kernel", "inet_dist_use_interface", "{127,0,0,1}"),
            # One scheduler for the one core that it gets: several would take turns on it, and
            # wait for locks that a sleeping one holds. It does not spin while it is idle,
            # because that would count as work.
            *("+S", "1", "+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none"),
            # Kernel polling and limits as in `ejabberdctl`.
            *("+K", "true", "+P", "250000", "+Q", "32768"),
            *("-mnesia", "dir", f'"{self.folder / "mnesia"}"', "-s", "ejabberd"),
        ]

    def _environment(self):
        return {
            "EJABBERD_CONFIG_PATH": str(self._config),
            "EJABBERD_LOG_PATH": str(self.folder / "ejabberd.log"),
            "ERL_CRASH_DUMP_BYTES": "0",
            "ERL_LIBS": str(self._libraries()),
            "ERL_MAX_ETS_TABLES": "1400",
            "HOME": str(self.folder),
        }

    @staticmethod
    def _libraries():
        """Return the folder with ejabberd's code, which has the architecture in its name."""
        return next(Path("/usr/lib").glob("*/ejabberd-*")).parent


class Ngircd(Peer):
    """ngIRCd, an IRC server in C, without an archive."""

    wire = "irc"
    at_once = 8  # its backlog has ten places
    program = "ngircd"

    def _prepare(self):
        self._config = self._write("ngircd.conf", NGIRCD)

    def _command(self):
        return [_find(self.program), "--nodaemon", "--config", self._config]


class Original(Peer):
    """The server that this site replaces, as a command line with `{port}` in it."""

    wire = "legacy"
    program = "the original server"
    at_once = 4  # its backlog has five places
    starts_in_folder = False  # the command's paths are relative to the working directory

    def __init__(self, command):
        self.command = command

    def _command(self):
        return [word.replace("{port}", str(self.port)) for word in shlex.split(self.command)]


def _find(program):
    return shutil.which(program) or shutil.which(program, path=SBIN)


def _allow_many_connections():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, most))

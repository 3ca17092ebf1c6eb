"""The servers of others that a benchmark compares with: started on free ports, ended with it.

Debian's packages: prosody with lua-dbi-sqlite3, ejabberd with erlang-p1-sqlite3, and ngircd.
The first two keep what is said, in SQLite with this site's journal mode and synchronisation:
each message is committed by itself, and on the disk before it is shown.
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
from string import Template

import psutil

from tests.benchmarks.wires import XMPP_HOST, XMPP_ROOMS
from tests.support.ports import HOST, answers, free_ports
from tests.support.waiting import PATIENCE, wait_until

DESCRIPTORS = 4096  # for the connections of a large room
OCCUPANTS = 10_000  # where a room must have a limit
SBIN = "/usr/sbin"  # where Debian has daemons, and many people's PATH has not


class Peer(ABC):
    """A candidate that is another project's server, as a process in a folder of its own.

    `port` is its door, and `process` the server.
    """

    wire = None
    at_once = inf
    program = None
    _table = None  # where messages are kept, in SQLite

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(
            prefix="chatsite-peer-", ignore_cleanup_errors=True
        )
        self.folder = Path(self._folder.name)
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
        """Whether its package is installed."""
        return _find(cls.program) is not None

    @property
    def ports(self):
        return [self.port]

    @property
    def pids(self):
        """The processes that serve: the first, and those that it has started."""
        return [process.pid for process in self._family()]

    def cookies(self, count):
        return None

    @property
    def archived(self):
        """How many messages are kept on disk; `None` if it keeps none."""
        if self._table is None:
            return None
        with closing(sqlite3.connect(self._database)) as database:
            return database.execute(f"SELECT count(*) FROM {self._table}").fetchone()[0]

    def _prepare(self):  # noqa: B027 - who reads nothing needs nothing written
        """Write what the process reads; nothing by default."""

    @abstractmethod
    def _command(self):
        """The words of the command that starts it."""

    def _environment(self):
        return {}

    @property
    def _directory(self):
        """Where it is started."""
        return self.folder

    def _start(self):
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                self._command(),
                cwd=self._directory,
                env={**os.environ, **self._environment()},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=_allow_many_connections,
            )
        wait_until(self._answers, lambda: f"{self._name} does not listen:\n{self._output}")

    def _answers(self):
        status = self.process.poll()
        assert status is None, f"{self._name} ended with {status}:\n{self._output}"
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
            family = []  # its number may be another's by now
        return family

    def _make_database(self):
        """A file in the journal mode that this site uses: SQLite keeps the mode in the file."""
        with closing(sqlite3.connect(self._database)) as database:
            database.execute("PRAGMA journal_mode=WAL")

    def _write(self, name, template):
        """Fill in a configuration file; its path."""
        path = self.folder / name
        path.write_text(
            template.substitute(
                address=HOST,
                port=self.port,
                folder=self.folder,
                database=self._database,
                host=XMPP_HOST,
                rooms=XMPP_ROOMS,
                occupants=OCCUPANTS,
            )
        )
        return path

    @property
    def _name(self):
        return type(self).__name__

    @property
    def _database(self):
        return self.folder / "messages.sqlite3"

    @property
    def _log(self):
        return self.folder / "output.txt"

    @property
    def _output(self):
        return self._log.read_text(errors="backslashreplace")


class Prosody(Peer):
    """Prosody, an XMPP server in Lua, with a group chat that is archived in SQLite."""

    wire = "xmpp"
    program = "prosody"
    _table = "prosodyarchive"

    def _prepare(self):
        self._make_database()
        self._config = self._write("prosody.cfg.lua", PROSODY)

    def _command(self):
        return [_find(self.program), "-F", "--config", self._config]


class Ejabberd(Peer):
    """ejabberd, an XMPP server in Erlang, with a group chat that is archived in SQLite."""

    wire = "xmpp"
    at_once = 4  # it listens with a queue of five; who comes behind them tries again for seconds
    program = "ejabberdctl"
    _table = "archive"

    @property
    def pids(self):
        """Erlang's process alone: its helpers, for images and alarms, have nothing to do here."""
        return [self.process.pid]

    def _prepare(self):
        self._make_database()
        self._config = self._write("ejabberd.yml", EJABBERD)
        # Its own port for other nodes, so that it neither needs nor starts Erlang's port mapper.
        (self._nodes_port,) = free_ports(1)

    def _command(self):
        """Erlang itself: Debian's `ejabberdctl` runs as one certain user only, through `su`."""
        return [
            *(_find("erl"), "-noinput", "-sname", f"chatsite_{self.port}@localhost"),
            *("-setcookie", secrets.token_hex(16), "-start_epmd", "false"),
            *("-erl_epmd_port", str(self._nodes_port)),
            *("-kernel", "inet_dist_use_interface", "{127,0,0,1}"),
            # One scheduler for the one core that it gets: more would take turns on it, and wait
            # for locks that a sleeping one holds. Nor does it spin when there is nothing to do,
            # which would count as work.
            *("+S", "1", "+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none"),
            # Kernel polling and the limits as in `ejabberdctl`.
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
        """The folder with ejabberd's code, which has the architecture in its name."""
        return next(Path("/usr/lib").glob("*/ejabberd-*")).parent


class Ngircd(Peer):
    """ngIRCd, an IRC server in C, which keeps nothing."""

    wire = "irc"
    at_once = 8  # its queue is of ten
    program = "ngircd"

    def _prepare(self):
        self._config = self._write("ngircd.conf", NGIRCD)

    def _command(self):
        return [_find(self.program), "--nodaemon", "--config", self._config]


class Original(Peer):
    """The server that this site replaces, by a command line with `{port}` in it."""

    wire = "lines"
    at_once = 4  # its queue is of five
    _directory = None  # the user's, as the command's paths are

    def __init__(self, command):
        self.command = command

    def _command(self):
        return [word.replace("{port}", str(self.port)) for word in shlex.split(self.command)]


# Only what a room with an archive needs. Those who enter are not told to all others: 500 would
# cost 250,000 stanzas. The room persists, or its archive would go when the last one leaves.
PROSODY = Template("""\
run_as_root = true
data_path = "$folder"
pidfile = "$folder/prosody.pid"
certificates = "$folder"
log = { warn = "*console" }
gc = { mode = "generational" }

modules_enabled = { "saslauth" }
modules_disabled = { "s2s", "s2s_auth_certs", "offline" }
c2s_interfaces = { "$address" }
c2s_ports = { $port }
c2s_direct_tls_ports = { }
c2s_require_encryption = false

storage = "sql"
sql = { driver = "SQLite3", database = "$database" }

VirtualHost "$host"
  authentication = "anonymous"

Component "$rooms" "muc"
  modules_enabled = { "muc_mam" }
  muc_log_by_default = true
  muc_log_expires_after = "never"
  max_history_messages = 0
  muc_room_locking = false
  muc_room_default_persistent = true
  muc_room_default_presence_broadcast = { visitor = false, participant = false, moderator = false }
""")

EJABBERD = Template("""\
hosts: ["$host"]
loglevel: warning
auth_method: [anonymous]
anonymous_protocol: sasl_anon

default_db: sql
sql_type: sqlite
sql_database: "$database"

listen:
  - port: $port
    ip: "$address"
    module: ejabberd_c2s
    access: all
    shaper: none
    starttls: false

modules:
  mod_mam:
    db_type: sql
    default: never  # each person's own archive; the room has one
  mod_muc:
    host: "$rooms"
    access: all
    access_create: all
    access_mam: all
    history_size: 0
    max_users: $occupants
    default_room_options:
      mam: true
      persistent: true
      max_users: $occupants
      presence_broadcast: []  # as with Prosody
""")

NGIRCD = Template("""\
[Global]
Name = irc.chatsite.test
Info = A peer of a benchmark
AdminInfo1 = Nobody
AdminEMail = nobody@chatsite.test
Listen = $address
Ports = $port
MotdPhrase = Welcome

[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxNickLength = 31
MaxPenaltyTime = 0
PingTimeout = 86400

[Options]
DNS = no
Ident = no
PAM = no
""")


def _find(program):
    return shutil.which(program) or shutil.which(program, path=SBIN)


def _allow_many_connections():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, most))

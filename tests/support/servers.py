"""Server processes for tests: each with its own folder, database, ports and output."""

import atexit
import os
import random
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from functools import cache
from itertools import count
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

PROJECT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
PATIENCE = 30  # seconds for a start or an end; a healthy one takes a second or two
PORTS = range(20_000, 32_000)  # below those that the kernel gives to outgoing connections
given_ports = set()
redis_databases = count()  # one for each server: rings of one are not the other's
GREETED = "Control-C ends it."
KINDS = ("runserver", "uvicorn")
SECRET_KEY = "only for the tests, where nothing has to stay secret"


class Server:
    """The site as a process, under `runserver` or uvicorn: both doors open when entered.

    Ports and database stay the same over `stop`, `kill` and `start`. `environment` is added to
    what the process sees; `nofile` limits its descriptors; `migrated` says that a database that is
    named there has its tables. Without one there it has its own, which has them unless `runserver`
    is to make them.
    """

    def __init__(self, kind="runserver", *, workers=1, nofile=None, migrated=False, **environment):
        self.kind = kind
        self.workers = workers
        self.nofile = nofile
        self.migrated = migrated
        self.web_port, self.legacy_port = free_ports(2)
        self.process = None
        self._folder = tempfile.TemporaryDirectory(prefix="chatsite-", ignore_cleanup_errors=True)
        self.folder = Path(self._folder.name)
        self.log = self.folder / "output.txt"
        self.log.touch()
        self.environment = {
            "DATABASE_URL": environment.get("DATABASE_URL") or self._database(),
            "REDIS_URL": self._bus(),
            "SECRET_KEY": SECRET_KEY,
            "LEGACY_HOST": HOST,
            "LEGACY_PORT": str(self.legacy_port),
            "ALLOWED_HOSTS": HOST,
            "STATIC_ROOT": str(self.folder / "static"),
            "PYTHONUNBUFFERED": "1",
            **environment,
        }

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc_info):
        self.kill()
        self._folder.cleanup()

    @property
    def url(self):
        """Where the website is, without a slash at the end."""
        return f"http://{HOST}:{self.web_port}"

    @property
    def legacy_address(self):
        return HOST, self.legacy_port

    @property
    def output(self):
        """All that the process has printed, over all its starts."""
        return self.log.read_text(encoding="utf-8", errors="backslashreplace")

    @property
    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    def assert_no_traceback(self):
        assert_no_traceback(self.output)

    def start(self):
        """Start the process and wait until both ports answer."""
        self.begin()
        self.await_ready()

    def begin(self):
        """Start the process."""
        self._greetings = self.output.count(GREETED)
        if not self.migrated and not self._migrates_itself(self.environment["DATABASE_URL"]):
            self.manage("migrate", "--verbosity", "0")
        self.migrated = True
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *self._arguments()],
                cwd=PROJECT,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=self._prepare,
            )

    def await_ready(self):
        """Wait until both ports answer."""
        self._await_ports()
        if self.kind == "runserver":  # it greets when it listens
            wait_until(lambda: self.output.count(GREETED) > self._greetings, "it does not greet")

    def manage(self, *arguments, **options):
        """Run one of Django's commands on this server's database; its output as text."""
        return self.python("manage.py", *arguments, **options)

    def python(self, *arguments, **options):
        """Run Python in this server's environment; its output as text."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=PROJECT,
            env={**os.environ, **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **options,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def stop(self):
        """Ask the process to end, as an operator would; its exit status."""
        return self._end(signal.SIGTERM)

    def kill(self):
        """End the process without a chance to clean up; its exit status."""
        return self._end(signal.SIGKILL)

    def freeze(self):
        """Stop the process in its tracks; it does nothing more when this returns."""
        self.process.send_signal(signal.SIGSTOP)
        wait_until(lambda: self._state() == "T", "the process did not stop")

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def _database(self):
        """Where to keep things: an SQLite file, or under `tests.with_services` a new database."""
        if service := os.environ.get("CHATSITE_TEST_POSTGRESQL"):
            self.migrated = True
            return copied_database(service, migrated_database(service))
        path = self.folder / "chat.sqlite3"
        url = f"sqlite:///{path}"
        if not self._migrates_itself(url):
            self.migrated = True
            shutil.copyfile(migrated_file(), path)
        return url

    def _bus(self):
        """A Redis under `tests.with_services`, which each server has to itself; else none."""
        if service := os.environ.get("CHATSITE_TEST_REDIS"):
            return f"{service.rpartition('/')[0]}/{next(redis_databases)}"
        return ""

    def _migrates_itself(self, url):
        return self.kind == "runserver" and url.startswith("sqlite")

    def _arguments(self):
        if self.kind == "runserver":
            return ["manage.py", "runserver", "--noreload", f"{HOST}:{self.web_port}"]
        if self.kind == "serve":
            doors = ["--bind", f"{HOST}:{self.web_port}"]
            doors += ["--legacy-bind", f"{HOST}:{self.legacy_port}"]
            return ["manage.py", "serve", *doors, "--workers", str(self.workers)]
        address = ["--host", HOST, "--port", str(self.web_port)]
        return ["-m", "uvicorn", "chatsite.asgi:application", *address, "--loop", "uvloop"]

    def _prepare(self):
        """In the new process, before it becomes the server."""
        # A shell that runs the tests in the background has its commands ignore Control-C.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        self._limit_descriptors()

    def _limit_descriptors(self):
        if self.nofile is not None:
            resource.setrlimit(resource.RLIMIT_NOFILE, (self.nofile, self.nofile))

    def _await_ports(self):
        for port in (self.web_port, self.legacy_port):
            self._await_port(port)

    def _await_port(self, port):
        def answers():
            assert self.is_alive, f"{self.kind} ended with {self.process.poll()}:\n{self.output}"
            with socket.socket() as probe:
                probe.settimeout(1)
                return probe.connect_ex((HOST, port)) == 0

        wait_until(answers, lambda: f"{self.kind} does not listen on {port}:\n{self.output}")

    def _end(self, number):
        if self.process is None:
            return None
        if self.is_alive:
            self.process.send_signal(number)
            self.process.send_signal(signal.SIGCONT)
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def _state(self):
        """The process's state as the kernel writes it: R, S, T (stopped), ..."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text()
        return stat.rpartition(")")[2].split()[0]


# To make the tables takes seconds, to copy them none.


@cache
def migrated_file():
    """An SQLite database that has all tables and nothing else."""
    path = lasting_folder() / "migrated.sqlite3"
    migrate(f"sqlite:///{path}")
    return path


def lasting_folder():
    """A temporary folder that is there until this process ends."""
    folder = tempfile.TemporaryDirectory(prefix="chatsite-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


@cache
def migrated_database(service):
    """The same as a PostgreSQL database beside another one, by its name."""
    url = copied_database(service, "template1")
    migrate(url)
    return url.rpartition("/")[2]


def copied_database(service, template):
    """The URL of a new PostgreSQL database beside another one, copied from a third."""
    name = f"copy_{uuid4().hex}"
    with psycopg.connect(service, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    return f"{service.rpartition('/')[0]}/{name}"


def migrate(url):
    """Make all tables in a database."""
    environment = {"DATABASE_URL": url, "SECRET_KEY": SECRET_KEY}
    status, printed = run_command("migrate", "--verbosity", "0", **environment)
    assert status == 0, printed


def run_command(*arguments, **environment):
    """Run one of Django's commands to its own end; (status, what it printed)."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout


def assert_no_traceback(output):
    """Fail with the first traceback in what a process has printed, and some lines around it."""
    lines = output.splitlines()
    for number, line in enumerate(lines):
        if "Traceback" in line:
            raise AssertionError("\n".join(lines[max(number - 3, 0) : number + 80]))


def wait_until(happened, complaint, patience=PATIENCE):
    """Wait until `happened()` is true; fail with `complaint` (text, or what makes it) if never."""
    deadline = time.monotonic() + patience
    while not happened():
        if time.monotonic() > deadline:
            raise AssertionError(complaint() if callable(complaint) else complaint)
        time.sleep(0.02)  # until it is asked again; nothing tells us when it has happened


def free_ports(count):
    """Some ports that nobody listens on, and that nobody here was given before."""
    ports = []
    while len(ports) < count:
        port = random.choice(PORTS)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if port not in given_ports and probe.connect_ex((HOST, port)) != 0:
                ports.append(port)
                given_ports.add(port)
    return ports

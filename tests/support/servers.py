"""Server processes for tests: each with its own folder, database, ports and output."""

import os
import resource
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.commands import PROJECT, SECRET_KEY, assert_no_traceback
from tests.support.databases import (
    copied_database,
    create_tables,
    migrated_database,
    unused_redis_database,
)
from tests.support.ports import HOST, answers, free_ports
from tests.support.waiting import PATIENCE, wait_until

GREETED = "Press Control-C to stop the server."  # the last line that `runserver` prints
KINDS = ("runserver", "uvicorn")


class Server:
    """The site as a process under `runserver`, `serve` or uvicorn, started on `with`.

    Ports and database stay the same over `stop`, `kill` and `start`. `environment` is added to
    the environment of the process; `nofile` limits its file descriptors. Without a DATABASE_URL in
    `environment` the server gets a database of its own, with all tables (except for `runserver` on
    SQLite, which creates them itself). `migrated` says that the database of a DATABASE_URL has its
    tables already.
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
        """The address of the website, without a slash at the end."""
        return f"http://{HOST}:{self.web_port}"

    @property
    def legacy_address(self):
        return HOST, self.legacy_port

    @property
    def output(self):
        """Everything that the process has printed since its first start."""
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
            create_tables(self.environment["DATABASE_URL"])
        self.migrated = True
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *self.arguments()],
                cwd=PROJECT,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=self.prepare_process,
            )

    def await_ready(self):
        """Wait until both ports answer."""
        self.await_ports()
        if self.kind == "runserver":  # its greeting comes last
            wait_until(
                lambda: self.output.count(GREETED) > self._greetings,
                "runserver printed no greeting",
            )

    def manage(self, *arguments, **options):
        """Run one of Django's commands on this server's database and return its output."""
        return self.python("manage.py", *arguments, **options)

    def python(self, *arguments, **options):
        """Run Python in this server's environment and return its output."""
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
        """Send SIGTERM, as an operator would, and return the exit status."""
        return self._end(signal.SIGTERM)

    def kill(self):
        """Send SIGKILL and return the exit status."""
        return self._end(signal.SIGKILL)

    def freeze(self):
        """Suspend the process and wait until it is suspended."""
        self.process.send_signal(signal.SIGSTOP)
        wait_until(lambda: self._state() == "T", "the process did not stop")

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def _database(self):
        """Return the URL of a new database: PostgreSQL under `tests.with_services`, else SQLite."""
        if service := os.environ.get("CHATSITE_TEST_POSTGRESQL"):
            self.migrated = True
            return copied_database(service, migrated_database(service))
        return f"sqlite:///{self.folder / 'chat.sqlite3'}"

    def _bus(self):
        """Return the URL of an unused Redis database under `tests.with_services`, else nothing."""
        if service := os.environ.get("CHATSITE_TEST_REDIS"):
            return unused_redis_database(service)
        return ""

    def _migrates_itself(self, url):
        return self.kind == "runserver" and url.startswith("sqlite")

    def arguments(self):
        """Return the arguments of the Python interpreter; for subclasses to change."""
        if self.kind == "runserver":
            return ["manage.py", "runserver", "--noreload", f"{HOST}:{self.web_port}"]
        if self.kind == "serve":
            doors = ["--bind", f"{HOST}:{self.web_port}"]
            doors += ["--legacy-bind", f"{HOST}:{self.legacy_port}"]
            return ["manage.py", "serve", *doors, "--workers", str(self.workers)]
        address = ["--host", HOST, "--port", str(self.web_port)]
        return ["-m", "uvicorn", "chatsite.asgi:application", *address, "--loop", "uvloop"]

    def prepare_process(self):
        """Run in the new process before the server's program does."""
        # A shell that runs the tests in the background makes its commands ignore SIGINT.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        self._limit_descriptors()

    def _limit_descriptors(self):
        if self.nofile is not None:
            resource.setrlimit(resource.RLIMIT_NOFILE, (self.nofile, self.nofile))

    def await_ports(self):
        """Wait until the ports answer; for subclasses to change."""
        for port in (self.web_port, self.legacy_port):
            self.await_port(port)

    def await_port(self, port):
        """Wait until a port answers; fail when the process ends."""

        def is_open():
            assert self.is_alive, f"{self.kind} ended with {self.process.poll()}:\n{self.output}"
            return answers(port)

        wait_until(is_open, lambda: f"{self.kind} does not listen on {port}:\n{self.output}")

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
        """The state of the process as the kernel reports it: R, S, T (stopped), ..."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text()
        return stat.rpartition(")")[2].split()[0]

"""Server processes for tests: each with its own folder, database, ports and output."""

import os
import subprocess
import tempfile
from pathlib import Path

from tests.support import starts
from tests.support.commands import SECRET_KEY
from tests.support.databases import (
    POSTGRESQL,
    copied_database,
    create_tables,
    migrated_database,
    unused_redis_database,
)
from tests.support.ports import HOST, answers, free_ports
from tests.support.processes import PythonProcess
from tests.support.starts import PROJECT
from tests.support.waiting import wait_until

GREETING = "Press Control-C to stop the server."  # the last line that `runserver` prints
KINDS = ("runserver", "uvicorn")
# For tests in which people come back, and whose machine may be slow.
PATIENTLY = {"DJANGO_SETTINGS_MODULE": "tests.support.settings_patient"}
AS_IN_PRODUCTION = {"DJANGO_SETTINGS_MODULE": "chatsite.settings"}
# `serve` collects the static files, which takes longer than the rest of a start. So the servers of
# this checkout share one collection, which stays for the next run.
SHARED_STATIC_ROOT = Path(
    tempfile.gettempdir(), f"chatsite-static-{os.getuid()}", *PROJECT.parts[1:]
)


class Server(PythonProcess):
    """The site as a process under `runserver`, `serve` or uvicorn, started on `with`.

    Ports and database stay the same over `stop`, `kill` and `start`. `environment` is added to
    the environment of the process; `nofile` limits its file descriptors. Without a DATABASE_URL in
    `environment` the server gets a database of its own, with all tables. `migrated` says that the
    database of a DATABASE_URL has its tables already, or that `runserver` shall create them.
    """

    def __init__(self, kind="runserver", *, workers=1, nofile=None, migrated=False, **environment):
        self.kind = kind
        self.workers = workers
        self.migrated = migrated
        self.web_port, self.legacy_port = free_ports(2)
        self._folder = tempfile.TemporaryDirectory(prefix="chatsite-", ignore_cleanup_errors=True)
        self.folder = Path(self._folder.name)
        super().__init__(self.folder / "output.txt", nofile)
        if "DATABASE_URL" not in environment:
            environment["DATABASE_URL"] = self._new_database()
        self.environment = {
            "REDIS_URL": unused_redis_database(),
            "SECRET_KEY": SECRET_KEY,
            "LEGACY_HOST": HOST,
            "LEGACY_PORT": str(self.legacy_port),
            "ALLOWED_HOSTS": HOST,
            "STATIC_ROOT": str(SHARED_STATIC_ROOT if kind == "serve" else self.folder / "static"),
            "UPLOAD_ROOT": str(self.folder / "files"),
            "PYTHONUNBUFFERED": "1",
            "DJANGO_SETTINGS_MODULE": "tests.support.settings_of_servers",
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

    def start(self):
        """Start the process and wait until both ports answer."""
        self.begin()
        self.await_ready()

    def begin(self):
        """Start the process."""
        self._greetings = self.output.count(GREETING)
        if not self.migrated:
            create_tables(self.environment["DATABASE_URL"])
        self.migrated = True
        self.launch(self.arguments())

    def await_ready(self):
        """Wait until both ports answer."""
        self.await_ports()
        if self.kind == "runserver":  # its greeting comes last
            wait_until(
                lambda: self.output.count(GREETING) > self._greetings,
                "runserver printed no greeting",
            )

    def manage(self, *arguments):
        """Run one of Django's commands on this server's database and return its output."""
        return self.python("manage.py", *arguments)

    def python(self, *arguments):
        """Run Python in this server's environment and return its output."""
        status, output = starts.run(arguments, self.environment, folder=self.project)
        assert status == 0, output
        return output

    def run(self, *command, **options):
        """Run a command in this server's environment and return its output."""
        done = subprocess.run(
            command,
            env={**os.environ, **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **options,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def _new_database(self):
        """Return the URL of a new database: PostgreSQL under `tests.with_services`, else SQLite."""
        if POSTGRESQL:
            self.migrated = True
            return copied_database(POSTGRESQL, migrated_database(POSTGRESQL))
        return f"sqlite:///{self.folder / 'chat.sqlite3'}"

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

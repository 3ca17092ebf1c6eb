"""PostgreSQL and Redis for tests, as processes of their own on free ports."""

import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
import pytest
from psycopg import sql

from tests.support.databases import copied_database, migrated_database
from tests.support.ports import HOST, answers, free_ports
from tests.support.waiting import PATIENCE, wait_until


def missing(what):
    """Skip the test because a program is not installed. On CI nothing may be skipped."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing, and CI must have it")
    pytest.skip(f"{what} is not installed")


class Redis:
    """A Redis without persistence."""

    @staticmethod
    def available():
        return shutil.which("redis-server") is not None

    def __enter__(self):
        program = shutil.which("redis-server") or missing("redis-server")
        (self.port,) = free_ports(1)
        self._program = program
        self.process = None
        self.start()
        return self

    @property
    def url(self):
        return f"redis://{HOST}:{self.port}/0"

    def start(self):
        self.process = subprocess.Popen(
            [
                *(self._program, "--port", str(self.port), "--bind", HOST),
                *("--save", ""),
            ],
            stdout=subprocess.DEVNULL,
        )
        wait_until(lambda: answers(self.port), "Redis does not answer")

    def kill(self):
        self.process.kill()
        self.process.wait(PATIENCE)

    def __exit__(self, *exc_info):
        self.kill()


class PostgreSQL:
    """A PostgreSQL cluster in a temporary folder. As root it runs as the user `postgres`.

    `settings` are more settings of PostgreSQL, by name.
    """

    def __init__(self, **settings):
        self.settings = {"max_connections": 200, **settings}

    def __enter__(self):
        self._programs = self._find() or missing("PostgreSQL")
        self._as = self._user()
        (self.port,) = free_ports(1)
        self.folder = Path(tempfile.mkdtemp(prefix="chatsite-pg-"))
        if self._as:
            shutil.chown(self.folder, self._as.pw_uid, self._as.pw_gid)
        self._data = self.folder / "data"
        self._run("initdb", "--auth=trust", "--username=chat", "--no-sync", "--encoding=UTF8")
        self.start()
        self.create_database("chat")
        return self

    @property
    def url(self):
        return self.url_of("chat")

    def url_of(self, database):
        return f"postgres://chat@{HOST}:{self.port}/{database}"

    @property
    def pid(self):
        """The id of the main process."""
        return int((self._data / "postmaster.pid").read_text().split()[0])

    def create_database(self, name):
        """Create an empty database; return its URL."""
        with psycopg.connect(self.url_of("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url_of(name)

    def create_migrated_database(self):
        """Create a database with all tables; return its URL."""
        return copied_database(self.url, migrated_database(self.url))

    def start(self):
        settings = {"listen_addresses": HOST, **self.settings}
        options = " ".join(
            [
                f"-p {self.port} -k {self.folder}",
                *(f"-c {name}={value}" for name, value in settings.items()),
            ]
        )
        self._run("pg_ctl", "--wait", "-o", options, "-l", str(self.folder / "log"), "start")

    def stop(self, how="fast"):
        """Stop the cluster. With `immediate` it finishes nothing."""
        self._run("pg_ctl", "--wait", "-m", how, "stop")

    @contextmanager
    def frozen(self):
        """Suspend all processes: connections stay open, and nothing answers."""
        first = psutil.Process(self.pid)
        stopped = [first]
        first.suspend()  # from here on it starts no more of them
        for process in first.children():
            process.suspend()
            stopped.append(process)
        try:
            yield
        finally:
            for process in stopped:
                with suppress(psutil.NoSuchProcess):
                    process.resume()

    def __exit__(self, *exc_info):
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program, *arguments):
        identity = {}
        if self._as:
            identity = {"user": self._as.pw_uid, "group": self._as.pw_gid, "extra_groups": []}
        done = subprocess.run(
            [self._programs / program, "-D", self._data, *arguments],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # the cluster keeps it open, and a pipe would never end
            stderr=subprocess.DEVNULL,
            check=False,
            **identity,
        )
        assert done.returncode == 0, f"{program} failed with {done.returncode}"

    @classmethod
    def available(cls):
        return cls._find() is not None

    @staticmethod
    def _find():
        """Return the folder of the programs: on the PATH, or in Debian's folder of a version."""
        if program := shutil.which("initdb"):
            return Path(program).parent
        installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
        return max((path.parent for path in installed), default=None)

    @staticmethod
    def _user():
        if os.geteuid() != 0:
            return None
        try:
            return pwd.getpwnam("postgres")
        except KeyError:
            return missing("the user postgres")

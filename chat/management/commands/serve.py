"""`manage.py serve`: production, one command, one process or several."""

import fcntl
import os

from django.conf import settings
from django.core.management import BaseCommand, call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from chat.accounts import first_administrator
from chat.servers import worker as serving
from chat.servers.lifespan import Lifespan, on
from chatsite.environment import exit_with


class Command(BaseCommand):
    help = "Serve the website and the legacy port, in production."

    def add_arguments(self, parser):
        parser.add_argument("--bind", default="127.0.0.1:8000", metavar="ADDR:PORT")
        parser.add_argument(
            "--legacy-bind", metavar="ADDR:PORT", help="LEGACY_HOST:LEGACY_PORT unless told; off: 0"
        )
        parser.add_argument("--workers", type=int, default=1, metavar="N")
        parser.add_argument("--uds", metavar="PATH", help="a Unix socket in the place of --bind")

    def handle(self, *args, bind, legacy_bind, workers, uds, **options):
        self.refuse_what_is_unsafe()
        self.web = None if uds else address("--bind", bind)
        self.legacy = self.legacy_address(legacy_bind)
        self.shared = workers > 1
        if workers < 1:
            exit_with("--workers must be 1 or more")
        self.check_database()
        self.collect_static_files()
        try:
            self.reserve()
            self.unix = serving.listen_unix(uds) if uds else None
        except OSError as error:
            exit_with(f"{uds} cannot be opened: {error.strerror or error}")
        self.greet(uds, workers)
        if workers == 1:
            status = self.work()
        else:
            if not settings.REDIS_URL:
                self.stdout.write(
                    "Without REDIS_URL the workers look for each other's lines once a second."
                )
            status = serving.Supervisor(workers, self.work).supervise()
        raise SystemExit(status)

    def refuse_what_is_unsafe(self):
        if settings.DEBUG:
            exit_with("serve is for production: set DEBUG=off")
        for name, why in (
            ("SECRET_KEY", "a key of its own, that all processes share"),
            ("ALLOWED_HOSTS", "the names under which the site is reached"),
        ):
            if not os.environ.get(name, "").strip():
                exit_with(f"serve needs {name}: {why}")

    def legacy_address(self, given):
        if given is None:
            host = settings.LEGACY_HOST or (self.web[0] if self.web else "127.0.0.1")
            return (host, settings.LEGACY_PORT) if settings.LEGACY_PORT else None
        return None if given in ("0", "off") else address("--legacy-bind", given)

    def check_database(self):
        try:
            executor = MigrationExecutor(connection)
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                exit_with("the database is not up to date: run `manage.py migrate` first")
            self.token = first_administrator.issue_token()
        except DatabaseError as error:
            exit_with(f"the database cannot be used: {str(error).strip()}")
        finally:
            connection.close()

    def collect_static_files(self):
        """Hash and compress the static files; of several that start together one does it."""
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        with (settings.STATIC_ROOT.parent / f".{settings.STATIC_ROOT.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            call_command("collectstatic", interactive=False, verbosity=0)

    def reserve(self):
        """Refuse early, in one sentence, what a worker could not open."""
        for place in filter(None, (self.web, self.legacy)):
            try:
                serving.listen(*place).close()
            except (OSError, UnicodeError) as error:
                why = getattr(error, "strerror", None) or error
                exit_with(f"{place[0]}:{place[1]} cannot be opened: {why}")

    def work(self, supervision=None):
        """What each worker does. Returns the exit status."""
        from chatsite.asgi import application  # after the static files are collected

        web = self.unix or serving.listen(*self.web, shared=self.shared)
        legacy = serving.listen(*self.legacy, shared=self.shared) if self.legacy else None
        lifespan = Lifespan(application, on(legacy))
        application.application_mapping["lifespan"] = lifespan
        return serving.work(application, web, lifespan.close_port, supervision)

    def greet(self, uds, workers):
        where = uds or f"http://{self.web[0]}:{self.web[1]}/"
        self.stdout.write(f"The website:      {where}")
        if self.legacy:
            self.stdout.write(f"The legacy port:  telnet {self.legacy[0]} {self.legacy[1]}")
        if self.token:
            path = f"/accounts/first/{self.token}/"
            self.stdout.write(
                f"There is no account yet. This path makes the first administrator, once:\n  {path}"
            )
        self.stdout.flush()


def address(option, text):
    """(host, port) of an option's ADDR:PORT."""
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdigit() and 0 < int(port) <= 65535):
        exit_with(f"{option} must be ADDR:PORT, not {text!r}")
    return host.strip("[]"), int(port)

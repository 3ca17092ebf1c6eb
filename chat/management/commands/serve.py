"""`manage.py serve`: the site in production, with one process or several."""

import fcntl

from django.conf import settings
from django.core.management import BaseCommand, call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from chat.accounts import first_administrator
from chat.servers import sockets
from chat.servers.lifespan import LOOPBACK, Lifespan, legacy_port_on
from chat.servers.supervisor import Supervisor
from chat.servers.worker import run_worker
from chatsite.environment import KEY_COMMAND, MIN_KEY, Environment, exit_with, is_strong_key

MAKE_KEY = f"make one of at least {MIN_KEY} characters with `{KEY_COMMAND}`"
OFF = ("0", "off")  # values of --legacy-bind


class Command(BaseCommand):
    help = "Serve the website and the legacy port, in production."

    def add_arguments(self, parser):
        parser.add_argument(
            "--bind",
            default="127.0.0.1:8000",
            metavar="ADDR:PORT",
            help="where the website listens (default: %(default)s)",
        )
        parser.add_argument(
            "--legacy-bind",
            metavar="ADDR:PORT",
            help="where the legacy port listens (default: LEGACY_HOST:LEGACY_PORT); 0 turns it off",
        )
        parser.add_argument(
            "--workers", type=int, default=1, metavar="N", help="how many processes serve"
        )
        parser.add_argument("--uds", metavar="PATH", help="a Unix socket, instead of --bind")

    def handle(self, *args, bind, legacy_bind, workers, uds, **options):
        self.check_settings()
        self.web_address = None if uds else parse_address("--bind", bind)
        self.legacy_address = self.choose_legacy_address(legacy_bind)
        # The page of the room says where the legacy port is.
        settings.LEGACY_HOST, settings.LEGACY_PORT = self.legacy_address or ("", 0)
        self.shares_ports = workers > 1
        if workers < 1:
            exit_with("--workers must be 1 or more")
        self.check_database()
        self.collect_static_files()
        self.check_addresses()
        self.unix_socket = self.open_unix_socket(uds) if uds else None
        self.print_addresses(uds)
        if workers == 1:
            status = self.run()
        else:
            if not settings.REDIS_URL:
                self.stdout.write(
                    "Without REDIS_URL the workers look for each other's lines once a second."
                )
            status = Supervisor(workers, self.run).supervise()
        raise SystemExit(status)

    def check_settings(self):
        """Refuse to serve with settings that are unsafe in production."""
        if settings.DEBUG:
            exit_with("serve is for production: set DEBUG=off")
        environment = Environment()
        key = environment.text("SECRET_KEY", "")
        if not key:
            exit_with(f"serve needs SECRET_KEY, a key that all processes share: {MAKE_KEY}")
        if not is_strong_key(key):
            exit_with(f"SECRET_KEY is too short or too easy to guess: {MAKE_KEY}")
        if not all(map(is_strong_key, settings.SECRET_KEY_FALLBACKS)):
            exit_with(
                "SECRET_KEY_FALLBACKS has a key that is too short or too easy to guess: leave it "
                "out, which ends the sessions that were signed with it"
            )
        allowed = environment.items("ALLOWED_HOSTS", [])
        if not allowed or "*" in allowed:
            exit_with(
                "serve needs ALLOWED_HOSTS, the host names of the site: not *, but names such as "
                "chat.example.org, or .example.org for all subdomains"
            )

    def choose_legacy_address(self, option):
        """Return (host, port) of the legacy port, or None when it is off."""
        if option is None:
            host = settings.LEGACY_HOST or (self.web_address[0] if self.web_address else LOOPBACK)
            return (host, settings.LEGACY_PORT) if settings.LEGACY_PORT else None
        return None if option in OFF else parse_address("--legacy-bind", option)

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
        """Hash and compress the static files, under a lock for servers that start together."""
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        with (settings.STATIC_ROOT.parent / f".{settings.STATIC_ROOT.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            call_command("collectstatic", interactive=False, verbosity=0)

    def check_addresses(self):
        """Exit with one sentence for an address that the workers could not open."""
        for host, port in filter(None, (self.web_address, self.legacy_address)):
            try:
                sockets.listen_tcp(host, port).close()
            except (OSError, UnicodeError) as error:
                exit_with(f"{host}:{port} cannot be opened: {sockets.describe(error)}")

    def open_unix_socket(self, path):
        try:
            return sockets.listen_unix(path)
        except OSError as error:
            exit_with(f"{path} cannot be opened: {sockets.describe(error)}")

    def run(self, pipes=None):
        """Serve until told to stop; each worker runs this. Returns the exit status."""
        from chatsite.asgi import application  # after the static files have been collected

        web_socket = self.unix_socket or self.open_port(self.web_address)
        legacy_socket = self.open_port(self.legacy_address) if self.legacy_address else None
        lifespan = Lifespan(application, legacy_port_on(legacy_socket))
        application.application_mapping["lifespan"] = lifespan
        return run_worker(application, web_socket, lifespan.close_legacy_port, pipes)

    def open_port(self, address):
        return sockets.listen_tcp(*address, shared=self.shares_ports)

    def print_addresses(self, uds):
        website = uds or "http://{}:{}/".format(*self.web_address)
        self.stdout.write(f"The website:      {website}")
        if self.legacy_address:
            self.stdout.write("The legacy port:  telnet {} {}".format(*self.legacy_address))
        if self.token:
            path = f"/accounts/first/{self.token}/"
            self.stdout.write(
                f"There is no account yet. This path makes the first administrator, once:\n  {path}"
            )
        self.stdout.flush()


def parse_address(option, text):
    """Return (host, port) from an option's ADDR:PORT."""
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdigit() and 0 < int(port) <= 65535):
        exit_with(f"{option} must be ADDR:PORT, not {text!r}")
    return host.strip("[]"), int(port)

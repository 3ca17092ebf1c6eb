"""`manage.py serve`: the site in production, with one process or several."""

import re

from django.conf import settings
from django.core.management import BaseCommand
from django.db import Error, connection

from chat.accounts import first_administrator
from chat.live.host import descriptor_limit
from chat.room import soundness
from chat.servers import sockets
from chat.servers.lifespan import LOOPBACK, Lifespan, legacy_port_on
from chat.servers.preloading import preload
from chat.servers.supervisor import Supervisor
from chat.servers.worker import run_worker
from chat.views.site_url import only_host
from chatsite import garbage, hosts, static_collection
from chatsite.environment import KEY_COMMAND, MIN_KEY, Environment, exit_with, is_strong_key

MAKE_KEY = f"make one of at least {MIN_KEY} characters with `{KEY_COMMAND}`"
# Below the first number of open files `serve` refuses to start, below the second it warns.
MIN_DESCRIPTORS, FEW_DESCRIPTORS = 64, 1024
RAISE_LIMIT = "raise LimitNOFILE in the systemd unit, or `ulimit -n` in the shell"
LINKS_VARY = (
    "Links in mails lead to the host that the browser asked for. Set SITE_URL, so that strangers "
    "cannot choose another one of ALLOWED_HOSTS."
)
MAIL_IS_OFF = (
    "Mail is off, because EMAIL_URL names no mail server: people who have forgotten their password "
    "are told to ask the staff for a new one."
)
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
        self.check_descriptors()
        if uds == "":
            exit_with("--uds must be the path of a Unix socket")
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
        preload()
        if workers == 1:
            status = self.run()
        else:
            if not settings.REDIS_URL:
                self.stdout.write(
                    "Without REDIS_URL the workers check for each other's lines once a second."
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

    def check_descriptors(self):
        """Refuse to serve with hardly any file descriptors, and warn when they are few."""
        limit = descriptor_limit()
        if limit < MIN_DESCRIPTORS:
            exit_with(f"{limit} open files are not enough to serve: {RAISE_LIMIT}")
        if limit < FEW_DESCRIPTORS:
            self.stderr.write(
                f"Each process may open only {limit} files, so it serves few people at a time: "
                f"{RAISE_LIMIT}"
            )

    def choose_legacy_address(self, option):
        """Return (host, port) of the legacy port, or None when it is off."""
        if option is None:
            host = settings.LEGACY_HOST or (self.web_address[0] if self.web_address else LOOPBACK)
            return (host, settings.LEGACY_PORT) if settings.LEGACY_PORT else None
        return None if option in OFF else parse_address("--legacy-bind", option)

    def check_database(self):
        try:
            soundness.check_at_start()
            self.token = first_administrator.issue_token()
        except Error as error:
            exit_with(soundness.explain(error))
        finally:
            connection.close()

    def collect_static_files(self):
        """Hash and compress the static files, unless that was done before."""
        try:
            static_collection.bring_up_to_date()
        except static_collection.CannotCollect as error:
            exit_with(error)

    def check_addresses(self):
        """Exit with one sentence for an address that the workers could not open."""
        for host, port in filter(None, (self.web_address, self.legacy_address)):
            try:
                sockets.listen_tcp(host, port).close()
            except (OSError, UnicodeError) as error:
                address = sockets.address(host, port)
                exit_with(f"{address} cannot be opened: {sockets.describe(error)}")

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
        garbage.look_as_usual()
        return run_worker(application, web_socket, lifespan.close_legacy_port, pipes)

    def open_port(self, address):
        return sockets.listen_tcp(*address, shared=self.shares_ports)

    def print_addresses(self, uds):
        self.stdout.write(f"The website:      {uds or self.website()}")
        if self.legacy_address:
            host, port = self.legacy_address
            self.stdout.write(f"The legacy port:  telnet {sockets.reachable(host)} {port}")
        if not settings.SENDS_MAIL:
            self.stdout.write(MAIL_IS_OFF)
        elif not settings.SITE_URL and only_host() is None:
            self.stdout.write(LINKS_VARY)
        if self.token:
            path = f"/accounts/first/{self.token}/"
            self.stdout.write(
                f"There is no account yet. This path makes the first administrator, once:\n  {path}"
            )
        self.stdout.flush()

    def website(self):
        host, port = self.web_address
        return f"http://{sockets.address(sockets.reachable(host), port)}/"


def parse_address(option, text):
    """Return (host, port) from an option's ADDR:PORT, without the brackets of an IPv6 address."""
    found = re.fullmatch(r"(\[[^][]+\]|[^][:]+):([0-9]{1,5})", text, re.ASCII)
    try:
        if not found or not 0 < int(found[2]) <= hosts.MAX_PORT:
            raise ValueError("an IPv6 address stands in brackets: [::1]:8000")
        return hosts.local_host(found[1].strip("[]")), int(found[2])
    except ValueError as error:
        exit_with(f"{option} must be ADDR:PORT, not {text!r}; {error}")

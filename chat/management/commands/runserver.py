"""`manage.py runserver`: the website and the legacy port in one process and one event loop."""

import os
import sys

from daphne.management.commands import runserver
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError
from django.urls import reverse

from chat.accounts import first_administrator
from chat.servers.daphne import DaphneServer
from chat.servers.lifespan import ChatService, legacy_port_at
from chatsite.asgi import application

# A server that listens on all addresses is reached from this machine at a loopback address.
LOOPBACK_FOR_WILDCARD = {"0": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}


class Command(runserver.Command):
    """Daphne's runserver, serving the legacy port too; the default settings need no preparation."""

    help = "Serve the website and the legacy port, for trying out and for development."

    def inner_run(self, *args, **options):
        try:
            self.prepare()
        except DatabaseError as error:
            self.fail(f"the database cannot be used: {str(error).strip()}")
        # The page of the room says where the legacy port is.
        settings.LEGACY_HOST = self.legacy_host
        DaphneServer(
            service=ChatService(
                application, legacy_port_at(self.legacy_host, settings.LEGACY_PORT)
            ),
            on_error=self.fail,
            on_ready=self.print_addresses,
            application=application,
            endpoints=runserver.build_endpoint_description_strings(host=self.addr, port=self.port),
            signal_handlers=not options["use_reloader"],
            action_logger=self.log_action,
            http_timeout=self.http_timeout,
            root_path=settings.FORCE_SCRIPT_NAME or "",
            websocket_handshake_timeout=self.websocket_handshake_timeout,
            websocket_max_message_size=self.websocket_max_message_size,
            websocket_max_frame_size=self.websocket_max_frame_size,
        ).run()

    def prepare(self):
        """Check the project and the database, which is migrated when it is the embedded one."""
        self.check(display_num_errors=False)
        if settings.EMBEDDED:
            call_command("migrate", verbosity=0, interactive=False)
            self.stdout.write(f"The database is up to date: {settings.DATABASE['NAME']}")
        else:
            self.check_migrations()
        self.token = first_administrator.issue_token()

    def print_addresses(self):
        host = LOOPBACK_FOR_WILDCARD.get(self.addr, self.addr)
        website = f"http://{f'[{host}]' if self._raw_ipv6 else host}:{self.port}"
        self.stdout.write(f"The website:      {website}/")
        if settings.LEGACY_PORT:
            legacy_host = LOOPBACK_FOR_WILDCARD.get(self.legacy_host, self.legacy_host)
            self.stdout.write(f"The legacy port:  telnet {legacy_host} {settings.LEGACY_PORT}")
        if self.token:
            path = reverse("first_administrator", args=[self.token])
            self.stdout.write(
                "There is no account yet. This link makes the first administrator, once:\n"
                f"  {website}{path}"
            )
        self.stdout.write("Press Control-C to stop the server.")
        self.stdout.flush()

    @property
    def legacy_host(self):
        return settings.LEGACY_HOST or self.addr

    def fail(self, sentence):
        """Print one sentence and exit with status 1.

        The reloader runs this in a thread, where SystemExit would end only the thread.
        """
        print(f"chatsite: {sentence}", file=sys.stderr, flush=True)
        os._exit(1)

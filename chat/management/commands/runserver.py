"""`manage.py runserver`: the website and the legacy port in one process and one event loop."""

import os
import sys

from daphne.management.commands import runserver
from django.conf import settings
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import Error
from django.urls import reverse

from chat.accounts import first_administrator
from chat.room import soundness
from chat.servers import sockets
from chat.servers.daphne import DaphneServer
from chat.servers.lifespan import ChatService, legacy_port_at
from chatsite import garbage
from chatsite.asgi import application


class Command(runserver.Command):
    """Daphne's runserver, serving the legacy port too; the default settings need no preparation."""

    help = "Serve the website and the legacy port, for trying out and for development."

    def inner_run(self, *args, **options):
        self.style = no_style()  # the log shows the codes of colours as text
        try:
            self.prepare()
        except Error as error:
            self.fail(soundness.explain(error))
        # The page of the room says where the legacy port is.
        settings.LEGACY_HOST = self.legacy_host
        settings.SITE_URL = settings.SITE_URL or self.website
        garbage.look_as_usual()
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
        if settings.EMBEDDED and not soundness.is_up_to_date():
            call_command("migrate", verbosity=0, interactive=False)
        soundness.check_at_start()
        if settings.EMBEDDED:
            self.stdout.write(f"The database is up to date: {settings.DATABASE['NAME']}")
        self.token = first_administrator.issue_token()

    def print_addresses(self):
        self.stdout.write(f"The website:      {self.website}/")
        if settings.LEGACY_PORT:
            legacy_host = sockets.reachable(self.legacy_host)
            self.stdout.write(f"The legacy port:  telnet {legacy_host} {settings.LEGACY_PORT}")
        if self.token:
            path = reverse("first_administrator", args=[self.token])
            self.stdout.write(
                "There is no account yet. This link makes the first administrator, once:\n"
                f"  {self.website}{path}"
            )
        self.stdout.write("Press Control-C to stop the server.")
        self.stdout.flush()

    @property
    def website(self):
        return f"http://{sockets.address(sockets.reachable(self.addr), self.port)}"

    @property
    def legacy_host(self):
        return settings.LEGACY_HOST or self.addr

    def fail(self, sentence):
        """Print one sentence and exit with status 1.

        The reloader runs this in a thread, where SystemExit would end only the thread.
        """
        print(f"chatsite: {sentence}", file=sys.stderr, flush=True)
        os._exit(1)

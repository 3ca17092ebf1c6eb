"""`manage.py runserver`: the website and the legacy port, in one process and one event loop."""

import asyncio
import os
import sys
from functools import partial

from daphne import server as daphne
from daphne import ws_protocol
from daphne.management.commands import runserver
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError
from django.urls import reverse
from twisted.internet import defer

from chat.accounts import first_administrator
from chat.servers import tcp
from chat.servers.daphne import Flow
from chat.servers.lifespan import CannotStart, Legacy, at
from chatsite.asgi import application

PING, PONG = 15, 15  # seconds: a dead link is noticed after both
# What listens on every address is reached from here by one of them.
WILDCARDS = {"0": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}
STOP_WITHIN = 5  # seconds


class WebSocket(ws_protocol.WebSocketProtocol):
    """Daphne's WebSocket, for clients of every kind."""

    def onConnect(self, request):
        if not request.headers.get("sec-websocket-protocol", "").isascii():
            del request.headers["sec-websocket-protocol"]  # Daphne would end in a traceback
        return super().onConnect(request)

    def onPing(self, payload):
        # Pongs to a client that takes none would pile up, outside of all back pressure.
        if self.application_queue.is_drained:
            super().onPing(payload)


ws_protocol.WebSocketFactory.protocol = WebSocket


class Server(daphne.Server):
    """Daphne, with what its event loop has to run beside the website."""

    def __init__(self, *, legacy, fail, greet, **options):
        super().__init__(ping_interval=PING, ping_timeout=PONG, websocket_timeout=-1, **options)
        self.legacy = legacy
        self.fail = fail
        self.greet = greet
        self.ports = []

    def run(self):
        # The reactor's loop does not run yet, so it can be used to start what must not fail.
        try:
            daphne.twisted_loop.run_until_complete(self.legacy.start())
        except CannotStart as error:
            self.fail(str(error))
        super().run()

    def create_application(self, protocol, scope):
        scope["root_path"] = self.root_path  # Daphne believes a header of the client's
        if scope["type"] != "websocket":
            return super().create_application(protocol, scope)
        flow = Flow(protocol.transport, partial(self.handle_reply, protocol))
        ours = {
            "asgi": {"version": "3.0"},
            "extensions": {"chatsite.abort": protocol.transport.abortConnection},
        }
        application = self.application(scope | ours, flow.receive, flow.send)
        self.connections[protocol]["application_instance"] = asyncio.ensure_future(application)
        return flow

    def listen_success(self, port):
        super().listen_success(port)
        self.ports.append(port)
        if hasattr(port, "socket"):
            tcp.tune(port.socket)
        if len(self.ports) == len(self.endpoints):
            self.greet()

    def listen_error(self, failure):
        self.fail(f"the website cannot be opened: {failure.getErrorMessage()}")

    def kill_all_applications(self):
        """Before the reactor stops: say goodbye, then end what is left."""
        for port in self.ports:
            port.stopListening()
        stopping = daphne.twisted_loop.create_task(self.legacy.stop())
        stopped = defer.Deferred.fromFuture(stopping)
        stopped.addTimeout(STOP_WITHIN, daphne.reactor)
        stopped.addBoth(lambda _: super(Server, self).kill_all_applications())
        return stopped


class Command(runserver.Command):
    """Daphne's runserver, for both doors; on the embedded default it needs no preparation."""

    help = "Serve the website and the legacy port, for a laptop or to develop."

    def inner_run(self, *args, **options):
        try:
            self.prepare()
        except DatabaseError as error:
            self.fail(f"the database cannot be used: {str(error).strip()}")
        Server(
            legacy=Legacy(application, at(self.legacy_host, settings.LEGACY_PORT)),
            fail=self.fail,
            greet=self.greet,
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
        self.check(display_num_errors=False)
        if settings.EMBEDDED:
            call_command("migrate", verbosity=0, interactive=False)
            self.stdout.write(f"The database is up to date: {settings.DATABASE['NAME']}")
        else:
            self.check_migrations()
        self.token = first_administrator.issue_token()

    def greet(self):
        website = f"http://{self.address(WILDCARDS.get(self.addr, self.addr))}:{self.port}"
        self.stdout.write(f"The website:      {website}/")
        if settings.LEGACY_PORT:
            legacy = WILDCARDS.get(self.legacy_host, self.legacy_host)
            self.stdout.write(f"The legacy port:  telnet {legacy} {settings.LEGACY_PORT}")
        if self.token:
            path = reverse("first_administrator", args=[self.token])
            self.stdout.write(
                "There is no account yet. This link makes the first administrator, once:\n"
                f"  {website}{path}"
            )
        self.stdout.write("Control-C ends it.")
        self.stdout.flush()

    @property
    def legacy_host(self):
        return settings.LEGACY_HOST or self.addr

    def address(self, host):
        return f"[{host}]" if self._raw_ipv6 else host

    def fail(self, sentence):
        """End with one sentence and status 1, from whatever thread the autoreloader runs us in."""
        print(f"chatsite: {sentence}", file=sys.stderr, flush=True)
        os._exit(1)

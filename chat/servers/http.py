"""uvicorn's HTTP protocol, hardened against clients that misbehave.

uvicorn waits for ever for a request, its body and a client that does not read; it reads on while
requests wait, and hands bodies of any size to the application. Here each of these has a limit, see
`http_limits`, and a request reaches the application once it is complete, see `http_requests`.

A client that is refused may still be sending. If the connection was closed at once, the kernel
would answer with a reset, and the client might lose the answer. So the connection lingers: what
still comes is discarded, for some seconds at most.

Written for uvicorn 0.54, of whose protocol class it uses undocumented attributes and methods.
"""

import asyncio
import contextlib
import logging
from http import HTTPStatus

import h11
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.h11_impl import H11Protocol

from chat.servers.clients import client_at
from chat.servers.http_deadlines import Deadlines, Phase
from chat.servers.http_limits import HttpLimits
from chat.servers.http_places import HttpPlaces
from chat.servers.http_refusals import refusal
from chat.servers.http_requests import WholeRequests

# uvicorn warns of each request that makes no sense. `chatsite.logs` counts these lines.
logger = logging.getLogger(__name__)


class PipelineFlow(FlowControl):
    """Keeps reading paused while requests wait behind the current one."""

    def __init__(self, transport: asyncio.Transport, requests: WholeRequests) -> None:
        super().__init__(transport)
        self._requests = requests

    def resume_reading(self) -> None:
        if not self._requests.is_paused:
            super().resume_reading()


class UvicornHttp(H11Protocol):
    """One HTTP connection, for the `http` option of uvicorn's configuration.

    It has the callbacks of both sides, asyncio's and uvicorn's, so it has more methods than others.
    """

    def __init__(self, *args, limits: HttpLimits, places: HttpPlaces, **options):
        super().__init__(*args, **options)
        self.logger = logger
        self.conn = self.requests = WholeRequests(limits)
        self.deadlines = Deadlines(self.loop, limits, self.end_phase, self.abort)
        self.places = places
        self.is_refused = False

    # From the client

    def connection_made(self, transport):
        super().connection_made(transport)
        self.flow = PipelineFlow(transport, self.requests)
        if not self.places.open(self, client_at(self.client)):
            self.is_refused = True
            transport.write(refusal(HTTPStatus.SERVICE_UNAVAILABLE))
            transport.close()
        self.follow_phase()

    def data_received(self, data):
        if self.is_refused or self.requests.is_last:
            self.discard()
        else:
            self.conn.receive_data(data)
            self.handle_events()

    def discard(self):
        """Drop what has come, and read on after the other connections have had a turn."""
        self.transport.pause_reading()
        self.loop.call_soon(self.read_on)

    def read_on(self):
        if not self.transport.is_closing():
            self.transport.resume_reading()

    def handle_events(self):
        super().handle_events()
        if self.requests.awaits_body and self.conn.they_are_waiting_for_100_continue:
            proceed = h11.InformationalResponse(status_code=100, headers=[], reason="Continue")
            self.transport.write(self.conn.send(proceed))
        self.follow_phase()

    def eof_received(self):
        """Answer a request also when the client has closed its side. Returns whether to go on."""
        if self.phase() is Phase.RESPONSE and not self.requests.is_streaming:
            self.cycle.keep_alive = False
            return True
        return False

    def connection_lost(self, exc):
        self.deadlines.stop()
        self.places.close(self)
        self.requests.discard()
        super().connection_lost(exc)
        self._unset_keepalive_if_required()

    def handle_websocket_upgrade(self, event):
        self.deadlines.stop()
        self.places.close(self)  # the WebSocket takes one of another kind
        super().handle_websocket_upgrade(event)

    # Phases

    def follow_phase(self):
        phase = self.phase()
        if self.deadlines.follow(phase):
            self.places.note_waiting(self, phase is not Phase.RESPONSE)

    def phase(self) -> Phase:
        if self.transport.is_closing():
            return Phase.CLOSE
        if self.is_refused:
            return Phase.LINGER
        if self.cycle is not None and not self.cycle.response_complete:
            return Phase.RESPONSE
        if self.requests.awaits_body:
            return Phase.BODY
        is_first = self.cycle is None
        return Phase.HEAD if is_first or self.requests.has_partial_head else Phase.IDLE

    def end_phase(self, phase):
        """End a phase that has lasted too long."""
        if phase in (Phase.LINGER, Phase.CLOSE):
            self.abort()
        elif phase is Phase.BODY or self.requests.has_partial_head:
            self.refuse(HTTPStatus.REQUEST_TIMEOUT)
        else:
            self.close()

    # To the client

    def pause_writing(self):
        super().pause_writing()
        self.places.note_waiting(self, True)
        self.deadlines.start_sending()

    def resume_writing(self):
        super().resume_writing()
        self.places.note_waiting(self, self.phase() is not Phase.RESPONSE)
        self.deadlines.end_sending()

    def on_response_complete(self):
        super().on_response_complete()
        self._unset_keepalive_if_required()  # the phase has a deadline
        self.flow.resume_reading()  # unless the next requests have come already
        if self.requests.is_streaming and not self.transport.is_closing():
            self.linger()  # the application has refused a body before its end
        self.follow_phase()

    def send_400_response(self, msg):
        self.refuse(self.requests.refusal)

    def refuse(self, status: HTTPStatus):
        """Answer with an error, and end the connection."""
        self.transport.write(refusal(status, self.server_state.default_headers))
        self.linger()

    def linger(self):
        """Close our side, and read on until the client closes its own."""
        self.is_refused = True
        self.requests.discard()
        with contextlib.suppress(OSError, RuntimeError):  # the client may have gone
            self.transport.write_eof()
        self.read_on()
        self.follow_phase()

    def close(self):
        self.transport.close()
        self.follow_phase()

    def abort(self):
        self.transport.abort()

    def give_way(self):
        """Close at once, for a connection that needs the place."""
        self.places.close(self)
        self.abort()

    def shutdown(self):
        """Close the connection, after the response that is being sent."""
        if self.phase() is Phase.RESPONSE:
            self.cycle.keep_alive = False
        else:
            self.close()

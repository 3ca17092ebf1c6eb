"""HTTP/1.1 requests that are checked and complete before the application sees them.

A request whose body is too large, late or wrongly framed is refused without the application. Two
parties that frame a request differently could be made to see different requests (request
smuggling), so everything that is ambiguous is refused. Written for h11 0.16, of which it uses the
documented interface.
"""

import re
from collections import deque
from http import HTTPStatus

import h11

from chat.files.addresses import is_upload
from chat.servers.http_limits import HttpLimits

FEED_SIZE = 16 * 1024  # bytes that are parsed at a time
END_OF_HEAD = re.compile(rb"\n\r?\n")
LINES_WITHOUT_HEADERS = 2  # the request line, and the empty line after the headers


class WholeRequests(h11.Connection):
    """The server's side of a connection. `next_event` begins a request once it is complete.

    A request that sends files begins at once, and its body follows while it comes: the application
    checks who sends it, and reads no faster than it can. `is_streaming` says that more has to come.

    Requests that have been received behind the current one wait; `is_paused` says that there are
    some. `refusal` is the HTTP status for the client after `next_event` has raised
    RemoteProtocolError. The steps of reading a request share its state, so one class has them all.
    """

    incomplete_bodies = 0  # bytes; all connections change it on the class

    def __init__(self, limits: HttpLimits) -> None:
        super().__init__(h11.SERVER, limits.max_head)
        self.limits = limits
        self.is_paused = False
        self.is_streaming = False
        self.refusal = HTTPStatus.BAD_REQUEST
        self._unparsed = bytearray()
        self._request: h11.Request | None = None  # a request whose body is incomplete
        self._body = bytearray()
        self._chunks = 0
        self._complete: deque[h11.Event] = deque()  # the events of a complete request

    @property
    def is_last(self) -> bool:
        """Whether nothing may follow the current request, as after `Connection: close`."""
        return self.their_state in (h11.MUST_CLOSE, h11.CLOSED)

    @property
    def awaits_body(self) -> bool:
        """Whether the head of a request has come and its body is incomplete."""
        return self._request is not None

    @property
    def has_partial_head(self) -> bool:
        """Whether a part of a request has come, but not the whole head."""
        return self._request is None and bool(self._unparsed or self.trailing_data[0])

    def receive_data(self, data: bytes) -> None:
        self._unparsed += data

    def next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        """Return the next event of a complete request, NEED_DATA, or PAUSED.

        Raises RemoteProtocolError for a request that is refused.
        """
        try:
            while not self._complete:
                event = self._parse()
                if event is h11.NEED_DATA or event is h11.PAUSED:
                    self.is_paused = event is h11.PAUSED
                    return event
                self._take(event)
        except h11.RemoteProtocolError as error:
            self.refusal = HTTPStatus(error.error_status_hint)
            self.discard()
            raise
        return self._complete.popleft()

    def start_next_cycle(self) -> None:
        super().start_next_cycle()
        self.is_paused = False

    def discard(self) -> None:
        """Forget what has come of an incomplete request."""
        self._unparsed.clear()
        self._request = None
        self._forget_body()

    def _parse(self):
        """Return the next event of h11, which is fed in pieces to bound the work of one event."""
        event = self._parse_fed()
        while event is h11.NEED_DATA and self._unparsed:
            super().receive_data(bytes(self._unparsed[:FEED_SIZE]))
            del self._unparsed[:FEED_SIZE]
            event = self._parse_fed()
        return event

    def _parse_fed(self):
        if self.their_state is h11.IDLE:
            self._check_lines()
        return super().next_event()

    def _check_lines(self):
        """Refuse a head of too many lines before h11 takes the time to parse it."""
        fed, _ = self.trailing_data
        end = END_OF_HEAD.search(fed)
        lines = fed.count(b"\n", 0, end.end()) if end else fed.count(b"\n")
        if lines > self.limits.max_headers + LINES_WITHOUT_HEADERS:
            refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def _take(self, event):
        match event:
            case h11.Request():
                self._begin(event)
            case h11.Data() | h11.EndOfMessage() if self.is_streaming:
                self._pass_on(event)
            case h11.Data():
                self._add_to_body(event)
            case h11.EndOfMessage():
                self._end(event)
            case _:  # the connection has ended
                self._complete.append(event)

    def _begin(self, request):
        check_framing(request)
        path = request.target.partition(b"?")[0].decode("ascii")
        self.is_streaming = is_upload(request.method.decode("ascii"), path)
        most = self.limits.max_upload if self.is_streaming else self.limits.max_body
        if declared_length(request) > most:
            refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if self.is_streaming:
            if not has_length(request):
                refuse(HTTPStatus.LENGTH_REQUIRED)
            self._complete.append(request)
            return
        self._request = request
        self._chunks = 0

    def _pass_on(self, event):
        """Give the application a part of a body that it reads while it comes."""
        self.is_streaming = not isinstance(event, h11.EndOfMessage)
        self._complete.append(event)

    def _add_to_body(self, data):
        self._body += data.data
        WholeRequests.incomplete_bodies += len(data.data)
        self._chunks += data.chunk_start
        if len(self._body) > self.limits.max_body or self._chunks > self.limits.max_chunks:
            refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        is_large = len(self._body) > self.limits.small_body
        if is_large and WholeRequests.incomplete_bodies > self.limits.max_incomplete_bodies:
            refuse(HTTPStatus.SERVICE_UNAVAILABLE)

    def _end(self, end):
        self._complete.append(self._request)
        if self._body:
            self._complete.append(h11.Data(data=bytes(self._body)))
        self._complete.append(end)
        self._request = None
        self._forget_body()

    def _forget_body(self):
        WholeRequests.incomplete_bodies -= len(self._body)
        self._body = bytearray()


def check_framing(request: h11.Request) -> None:
    """Refuse a request whose end two servers may see at different places (RFC 9112, 6.1)."""
    if not request.http_version.startswith(b"1."):
        refuse(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED)
    names = {name for name, _ in request.headers}
    is_ambiguous = b"content-length" in names or request.http_version < b"1.1"
    if b"transfer-encoding" in names and is_ambiguous:
        refuse(HTTPStatus.BAD_REQUEST)
    if is_handshake(request) and (b"transfer-encoding" in names or declared_length(request)):
        refuse(HTTPStatus.BAD_REQUEST)


def is_handshake(request: h11.Request) -> bool:
    """Return whether a request asks for a WebSocket."""
    return dict(request.headers).get(b"upgrade", b"").lower() == b"websocket"


def has_length(request: h11.Request) -> bool:
    """Return whether a request says how long its body is."""
    return b"content-length" in dict(request.headers)


def declared_length(request: h11.Request) -> int:
    """Return the number in the Content-Length header, or 0."""
    return int(dict(request.headers).get(b"content-length", 0))


def refuse(status: HTTPStatus) -> None:
    """Raise the error for a request that is answered with a status."""
    raise h11.RemoteProtocolError(status.phrase, error_status_hint=status)

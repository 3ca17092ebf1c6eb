"""The address of a client: the one that a trusted proxy names, otherwise that of the connection.

Every limit, event and log line takes the address from here: from `scope["client"]`, or from
REMOTE_ADDR in Django's requests. A client has no address if a trusted proxy does not name it. The
limits for each address do not apply to it.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from typing import Any

from django.conf import settings

from chat.wire import addresses
from chat.wire.addresses import Client, Proxies
from chatsite.logs import origin

Scope = dict[str, Any]
Application = Callable[..., Awaitable[None]]  # an ASGI application

FORWARDED_FOR, FORWARDED_PROTO = b"x-forwarded-for", b"x-forwarded-proto"
REQUEST_ID = b"x-request-id"
WEBSOCKET_SCHEMES = {"http": "ws", "https": "wss"}

logger = logging.getLogger(__name__)


def client_at(peer: Sequence[Any] | None) -> Client | None:
    """Return the client of a connection that has not sent anything yet.

    `peer` is the address of a socket. Returns None for a trusted proxy and for a Unix socket.
    """
    return addresses.client_at(peer, trusted_proxies())


def trusted_proxies() -> Proxies:
    """Return the proxies of the setting TRUSTED_PROXIES."""
    return _proxies(tuple(settings.TRUSTED_PROXIES))


@lru_cache(maxsize=8)
def _proxies(items):
    return Proxies(items)


class ClientAddress:
    """Gives an application the address of the client, and the scheme that the client used.

    Both replace those of the connection in the scope, which is changed in place: a copy would be
    kept for as long as a WebSocket is open. A server may have evaluated the headers of proxies
    before. Its result is taken for the address of the connection.

    The lines of the log get the address too, and the id that a trusted proxy gives to the request.
    """

    def __init__(self, application: Application) -> None:
        self.application = application
        self.has_warned = False

    async def __call__(self, scope, receive, send):
        if _has_vanished(scope):
            await _refuse(scope, send)
            return
        peer, proxies = scope.get("client"), trusted_proxies()
        request_ids = []
        if "headers" in scope and (_is_unix(scope) or addresses.is_proxy(peer, proxies)):
            _apply_headers(scope, proxies)
            request_ids = _lines(scope, REQUEST_ID)
        else:
            scope["client"] = addresses.client_at(peer, proxies)
            self._warn_of_ignored_header(scope)
        origin.begin((scope["client"] or ("",))[0], *request_ids[-1:])
        await self.application(scope, receive, send)

    def _warn_of_ignored_header(self, scope):
        """Tell the operator once that pages redirect for ever because a proxy is not trusted."""
        if self.has_warned or not settings.HTTPS or scope.get("scheme") in ("https", "wss"):
            return
        if "https" in _lines(scope, FORWARDED_PROTO):
            self.has_warned = True
            logger.warning(
                "X-Forwarded-Proto of %s is ignored; if that is your proxy, add it to "
                "TRUSTED_PROXIES",
                (scope["client"] or ("a client", 0))[0],
            )


def _has_vanished(scope: Scope) -> bool:
    """Return whether a TCP connection has no peer: it was reset before the server looked at it.

    Its request would be one without an address, to which fewer limits apply.
    """
    if scope["type"] == "tcp" or scope.get("client") is not None:
        return False
    return scope.get("server") is not None and not _is_unix(scope)


def _is_unix(scope):
    """Return whether the connection is one of a Unix socket, whose clients are all trusted."""
    return bool(scope.get("server")) and scope["server"][1] is None and not scope.get("client")


def _apply_headers(scope, proxies):
    found = addresses.forwarded(
        _lines(scope, FORWARDED_FOR), _lines(scope, FORWARDED_PROTO), proxies
    )
    scope["client"] = found.client
    if found.scheme is not None:
        is_websocket = scope["type"] == "websocket"
        scope["scheme"] = WEBSOCKET_SCHEMES[found.scheme] if is_websocket else found.scheme


def _lines(scope, name):
    """Return the values of all lines of a header, in their order."""
    return [value.decode("latin-1") for header, value in scope.get("headers", ()) if header == name]


async def _refuse(scope, send):
    """Answer a client that has gone already, so that the server does not log an error."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close"})
        return
    await send({"type": "http.response.start", "status": 400, "headers": []})
    await send({"type": "http.response.body", "body": b""})

"""The answers to requests that never reach the pages."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

RETRY_AFTER = 5  # seconds, for clients that are refused because there is too much to do

TEXTS = {
    HTTPStatus.BAD_REQUEST: "The request is not valid HTTP.",
    HTTPStatus.FORBIDDEN: "Sign in to send files.",
    HTTPStatus.NOT_FOUND: "The file is not there any more.",
    HTTPStatus.LENGTH_REQUIRED: "The request has to say how long it is.",
    HTTPStatus.REQUEST_TIMEOUT: "The request took too long to arrive.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body of the request is too large.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: (
        "A form must have the type application/x-www-form-urlencoded and the charset UTF-8."
    ),
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "The headers of the request are too large.",
    HTTPStatus.NOT_IMPLEMENTED: "The body of the request has an unknown encoding.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The server is busy. Please try again in a few seconds.",
    HTTPStatus.HTTP_VERSION_NOT_SUPPORTED: "The server understands only HTTP/1.1.",
}


def refusal(status: HTTPStatus, default_headers: Iterable[tuple[bytes, bytes]] = ()) -> bytes:
    """Return a response that ends the connection.

    It is made without h11, which would send none in some states of the connection.
    """
    headers = [*default_headers, *_headers(status), (b"connection", b"close")]
    lines = [b"HTTP/1.1 %d %b" % (status, status.phrase.encode())]
    lines += [b"%b: %b" % header for header in headers]
    return b"\r\n".join([*lines, b"", _body(status)])


async def answer(send: Any, status: HTTPStatus) -> None:
    """Answer a request of an ASGI application."""
    await send({"type": "http.response.start", "status": int(status), "headers": _headers(status)})
    await send({"type": "http.response.body", "body": _body(status)})


def _headers(status):
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(_body(status))),
    ]
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append((b"retry-after", b"%d" % RETRY_AFTER))
    return headers


def _body(status):
    return f"{TEXTS[status]}\n".encode()

"""The limits of HTTP requests: their size, and how long each part of one may take."""

from dataclasses import dataclass, field

from django.conf import settings

MAX_BODY = 1 << 20  # bytes of the body of a request
FORM_OVERHEAD = 64 * 1024  # bytes of a form around its files


def most_of_upload() -> int:
    """Return how large the body of a request that sends files may be, in bytes."""
    return (settings.UPLOAD_MB << 20) + FORM_OVERHEAD


@dataclass(frozen=True)
class HttpLimits:
    """The limits of one connection. Times are in seconds, sizes in bytes."""

    head_seconds: float = 10  # for the request line and the headers, also of the first request
    body_seconds: float = 30
    idle_seconds: float = 5  # between the requests of a connection
    send_seconds: float = 30  # for a client to take what is sent, buffer by buffer
    linger_seconds: float = 10  # that a client who is refused may go on to send

    max_head: int = 16 * 1024
    max_headers: int = 100
    max_chunks: int = 1024  # the parts of a body with `Transfer-Encoding: chunked`
    max_body: int = MAX_BODY
    max_upload: int = field(default_factory=most_of_upload)  # of a request that sends files
    # Of all connections of the process together. Beyond it, only small bodies are accepted, so that
    # one client with large ones cannot keep others from sending forms.
    max_incomplete_bodies: int = 64 << 20
    small_body: int = 64 * 1024

"""The addresses that load balancers, units and containers ask.

They answer whatever the host, the scheme and the session of a request are, because a load balancer
asks by address and without TLS. An answer needs no database: `chat.live.health` has looked already.
"""

from http import HTTPStatus

from chat.live import process

TEXT_HEADERS = [
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
]


class HealthAddresses:
    """Answers the addresses of health, and gives all other requests to the application."""

    def __init__(self, application):
        self.application = application

    async def __call__(self, scope, receive, send):
        answer = ADDRESSES.get(scope["path"].removesuffix("/"))
        if answer is None:
            await self.application(scope, receive, send)
            return
        if scope["method"] in ("GET", "HEAD"):
            status, text = answer()
        else:
            status, text = HTTPStatus.METHOD_NOT_ALLOWED, "use GET"
        body = f"{text}\n".encode()
        headers = [*TEXT_HEADERS, (b"content-length", str(len(body)).encode())]
        if scope["method"] == "HEAD":
            body = b""
        await send({"type": "http.response.start", "status": int(status), "headers": headers})
        await send({"type": "http.response.body", "body": body})


def live():
    """Answer 200 unless this process has to be replaced."""
    if process.is_stuck():
        return HTTPStatus.SERVICE_UNAVAILABLE, "not live"
    return HTTPStatus.OK, "live"


def ready():
    """Answer 200 when all is well, else 503 with one line for each part that is not."""
    problems = process.problems()
    if not problems:
        return HTTPStatus.OK, "ready"
    lines = [f"{part}: {problem}" for part, problem in problems.items()]
    return HTTPStatus.SERVICE_UNAVAILABLE, "\n".join(["not ready", *lines])


# `/ready/` is the older name of the second.
ADDRESSES = {"/health/live": live, "/health/ready": ready, "/ready": ready}

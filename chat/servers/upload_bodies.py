"""Receives the files that people send, before a page takes them.

A file may take minutes to arrive. Meanwhile it is kept on disk, and takes no thread, no place in
the queue of pages and little memory. Nothing is read from a client that has no place here, so the
network holds it back.
"""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import IO, Any

from django.conf import settings
from django.http.cookie import parse_cookie

from chat.files.addresses import is_upload
from chat.live import process
from chat.live.database import Unavailable
from chat.servers.http_limits import most_of_upload
from chat.servers.http_refusals import answer

Application = Callable[..., Awaitable[None]]  # an ASGI application

AT_ONCE = 32  # files that one process receives at the same time
AT_ONCE_OF_ACCOUNT = 4
STALLED = 30  # seconds without anything from the client
SLOWEST = 16 * 1024  # bytes a second that a client has to send on average, after `STALLED`
PIECE = 256 * 1024  # bytes that are written and read at a time


class UploadBodies:
    """Gives an application the requests that send files once they are complete.

    Only people who are signed in may send files. All other requests pass unchanged.
    """

    def __init__(self, application: Application) -> None:
        self.application = application
        self.receiving: Counter[int] = Counter()  # by the id of the account

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if not is_upload(scope["method"], scope["path"]):
            await self.application(scope, receive, send)
            return
        if (account := await account_of(scope)) is None:
            await answer(send, HTTPStatus.FORBIDDEN)
        elif not self._has_place(account):
            await answer(send, HTTPStatus.SERVICE_UNAVAILABLE)
        else:
            self.receiving[account] += 1
            try:
                await self._receive(scope, receive, send)
            finally:
                self.receiving -= Counter([account])

    def _has_place(self, account):
        is_free = self.receiving[account] < AT_ONCE_OF_ACCOUNT
        return is_free and self.receiving.total() < AT_ONCE

    async def _receive(self, scope, receive, send):
        with tempfile.TemporaryFile(prefix="chatsite-") as body:
            status = await save_body(receive, body)
            if status is HTTPStatus.OK:
                await self.application(scope, Replay(body, receive).receive, send)
            elif status is not None:
                await answer(send, status)


async def account_of(scope: Any) -> int | None:
    """Return the id of the account that sends a request; None if nobody is signed in."""
    cookies = [value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"]
    session_key = parse_cookie("; ".join(cookies)).get(settings.SESSION_COOKIE_NAME, "")
    if not session_key:
        return None
    try:
        user = await (await process.current()).users.get(session_key)
    except Unavailable:
        return None
    return None if user is None else user.pk


async def save_body(receive: Any, body: IO[bytes]) -> HTTPStatus | None:
    """Write the body of a request into a file.

    Returns OK, the status of the refusal, or None if the client has gone.
    """
    most = most_of_upload()
    try:
        async with asyncio.timeout(STALLED + most / SLOWEST):
            return await _save_pieces(receive, body, most)
    except TimeoutError:
        return HTTPStatus.REQUEST_TIMEOUT


async def _save_pieces(receive, body, most):
    waiting = bytearray()
    size, more = 0, True
    while more:
        async with asyncio.timeout(STALLED):
            event = await receive()
        if event["type"] != "http.request":
            return None
        more = event.get("more_body", False)
        waiting += event.get("body", b"")
        size += len(event.get("body", b""))
        if size > most:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        if len(waiting) >= PIECE or not more:
            await asyncio.to_thread(body.write, bytes(waiting))
            waiting.clear()
    await asyncio.to_thread(body.seek, 0)
    return HTTPStatus.OK


class Replay:
    """Gives an application a body that was saved, and then what else comes from the client."""

    def __init__(self, body: IO[bytes], receive: Any) -> None:
        self._body = body
        self._receive = receive
        self._ended = False

    async def receive(self) -> Any:
        if self._ended:
            return await self._receive()
        data = await asyncio.to_thread(self._body.read, PIECE)
        self._ended = not data
        return {"type": "http.request", "body": data, "more_body": bool(data)}

"""Sends the content of stored files, after the page that has checked the access has ended.

A page takes a thread, a connection to the database and a place in the queue of pages. A client may
take minutes to read a file, so pages only name it, in a header that no client sees.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any

from chat.files import storage
from chat.servers.http_refusals import answer

Application = Callable[..., Awaitable[None]]  # an ASGI application

logger = logging.getLogger(__name__)

STORED_FILE = "X-Stored-File"  # the header with the name of a file in the storage
PIECE = 64 * 1024  # bytes that are read and sent at a time
THREADS = 8  # that read


class StoredFiles:
    """Replaces the empty body of a response that names a file by the content of that file."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.threads = ThreadPoolExecutor(THREADS, thread_name_prefix="files")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        start: dict[str, Any] | None = None  # of a response that names a file
        key = ""

        async def send_unless_file(event):
            nonlocal start, key
            if event["type"] == "http.response.start":
                key = stored_file(event)
                start = event if key else None
            if start is None:
                await send(event)

        await self.application(scope, receive, send_unless_file)
        if start is not None:
            await self.send_file(key, start, send, with_body=scope["method"] != "HEAD")

    async def send_file(self, key: str, start: Any, send: Any, *, with_body: bool) -> None:
        """Send the response that begins with an event, with the content of a file."""
        try:
            file = await self.run(storage.current().open, key)
        except Exception:  # storages raise errors of their own
            logger.exception("A file is missing from the storage")
            await answer(send, HTTPStatus.NOT_FOUND)
            return
        try:
            await send({**start, "headers": headers(start, await self.run(lambda: file.size))})
            while with_body and (data := await self.run(file.read, PIECE)):
                await send({"type": "http.response.body", "body": data, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            await self.run(file.close)

    async def run(self, function: Callable[..., Any], *args: Any) -> Any:
        """Return the result of a function that reads from the storage."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, function, *args)


def stored_file(start: Any) -> str:
    """Return the name of the file that a response is to have as its body; empty for none."""
    name = STORED_FILE.lower().encode()
    return next((value.decode() for key, value in start["headers"] if key.lower() == name), "")


def headers(start: Any, size: int) -> list[tuple[bytes, bytes]]:
    """Return the headers of a response whose body is a file of a size."""
    left_out = (STORED_FILE.lower().encode(), b"content-length")
    kept = [(key, value) for key, value in start["headers"] if key.lower() not in left_out]
    return [*kept, (b"content-length", str(size).encode())]

"""The content of stored files follows a response that names it, when the page has ended."""

import asyncio

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from chat.servers.stored_files import PIECE, STORED_FILE, StoredFiles

pytestmark = pytest.mark.same_on_every_database

CONTENT = bytes(range(256)) * (PIECE // 100)


class Page:
    """A page that names a file, or answers by itself."""

    def __init__(self, key=None):
        self.key = key
        self.has_ended = False

    async def __call__(self, scope, receive, send):
        headers = [(b"content-type", b"image/png"), (b"content-length", b"0")]
        if self.key:
            headers.append((STORED_FILE.encode(), self.key.encode()))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if self.key else b"own"})
        self.has_ended = True


def ask(page, method="GET", on_send=lambda event: None):
    """Return (status, headers, body) of the answer to a request."""
    sent = []

    async def send(event):
        on_send(event)
        sent.append(event)

    asyncio.run(StoredFiles(page)({"type": "http", "method": method}, None, send))
    body = b"".join(event.get("body", b"") for event in sent[1:])
    assert [event.get("more_body", False) for event in sent[1:]][-1] is False
    return sent[0]["status"], dict(sent[0]["headers"]), body


@pytest.fixture
def key(upload_folder):
    return storages["uploads"].save("ab/abc", ContentFile(CONTENT))


def test_the_file_is_the_body_and_the_page_has_ended_before(key):
    page, ended = Page(key), []
    status, headers, body = ask(page, on_send=lambda event: ended.append(page.has_ended))
    assert (status, body) == (200, CONTENT)
    assert headers == {
        b"content-type": b"image/png",
        b"content-length": str(len(CONTENT)).encode(),
    }
    assert len(ended) > 3
    assert all(ended)


def test_the_answer_to_head_has_the_size_and_no_body(key):
    status, headers, body = ask(Page(key), "HEAD")
    assert (status, headers[b"content-length"]) == (200, str(len(CONTENT)).encode())
    assert body == b""


def test_other_responses_pass_unchanged():
    status, headers, body = ask(Page())
    assert (status, headers[b"content-length"], body) == (200, b"0", b"own")


def test_a_file_that_is_missing_from_the_storage_is_not_found(upload_folder, caplog):
    status, headers, body = ask(Page("ab/missing"))
    assert (status, body) == (404, b"The file is not there any more.\n")
    assert STORED_FILE.lower().encode() not in headers
    assert "A file is missing from the storage" in caplog.text

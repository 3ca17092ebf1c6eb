"""Content types, of which Django evaluates more than a browser ever sends."""

import asyncio

import pytest
from asgiref.testing import ApplicationCommunicator

from chat.servers.content_types import AcceptedTypes
from chatsite.asgi import application
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.same_on_every_database

FORM = b"application/x-www-form-urlencoded"


async def page(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def status(application, *content_types):
    """Return the status with which a request with some lines Content-Type is answered."""

    async def ask():
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": "/accounts/login/",
            "query_string": b"next=/",
            "headers": [(b"host", b"localhost")]
            + [(b"content-type", value) for value in content_types],
            "client": ["192.0.2.1", 1],
            "server": ["127.0.0.1", 80],
        }
        site = ApplicationCommunicator(application, scope)
        await site.send_input({"type": "http.request", "body": b"", "more_body": False})
        return (await site.receive_output(PATIENCE))["status"]

    return asyncio.run(ask())


@pytest.mark.parametrize(
    "content_types",
    [
        [],
        [b""],
        [FORM],
        [FORM + b";"],
        [FORM + b"; charset=UTF-8"],
        [FORM.upper() + b';charset = "utf-8" '],
        [b"text/plain"],
        [b"application/json; charset=utf-8"],
    ],
)
def test_pages_accept_what_browsers_and_programs_send(content_types):
    assert status(AcceptedTypes(page), *content_types) == 200


@pytest.mark.parametrize(
    "content_types",
    [
        # Codecs that are no encodings of text, fail, need minutes, or give halves of characters
        *([FORM + b"; charset=" + name] for name in (b"hex", b"undefined", b"punycode", b"utf-7")),
        [FORM + b"; charset=" + b"x" * 10_000],
        [FORM + b"; charset=utf8"],  # Django answers 400 with a traceback
        [FORM + b"; charset=utf-8; charset=hex"],
        [FORM + b"; CHARSET=hex"],
        [FORM + b"; charset*=hex''%61"],
        [FORM + b"; boundary*=hex''%61"],
        [FORM + b"; charset=utf-8", b"invented"],
        [FORM, b"; charset=hex"],
        [b"multipart/form-data; boundary=x"],
        [b" Multipart/Form-Data; boundary=x; charset=hex"],
        [b"multipart/form-data"],
    ],
)
def test_other_types_do_not_reach_the_pages(content_types):
    assert status(application, *content_types) == 415

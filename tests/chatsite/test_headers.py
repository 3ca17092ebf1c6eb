"""The security headers of pages and of static files."""

import asyncio

import pytest
from django.core.handlers.asgi import ASGIHandler
from django.test import override_settings

from chatsite.static import with_static_files

HEADERS = [
    *("content-security-policy", "cross-origin-opener-policy", "permissions-policy"),
    *("referrer-policy", "x-content-type-options", "x-frame-options"),
]
PAGE, MISSING_PAGE = "/accounts/login/", "/nowhere/"
PICTURE, MISSING_FILE = "/static/chat/mark.svg", "/static/nowhere.css"
STYLE, SCRIPT = "/static/chat/site.css", "/static/chat/room/room.js"


def ask(path, scheme="http"):
    """Return the headers of the response that the site's application sends."""
    events = []
    requests = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive():
        return requests.pop() if requests else await asyncio.Event().wait()

    async def send(event):
        events.append(event)

    async def answer():
        application = with_static_files(ASGIHandler())
        scope = {
            "type": "http",
            "method": "GET",
            "scheme": scheme,
            "path": path,
            "query_string": b"",
            "headers": [(b"host", b"localhost")],
        }
        await application(scope, receive, send)

    asyncio.run(answer())
    pairs = [(name.decode().lower(), value.decode()) for name, value in events[0]["headers"]]
    assert len(pairs) == len(dict(pairs)), "a header came twice"
    return dict(pairs)


def security_headers(response):
    return {name: response.get(name) for name in [*HEADERS, "strict-transport-security"]}


@pytest.mark.parametrize("path", [MISSING_PAGE, PICTURE, MISSING_FILE])
def test_every_response_has_the_security_headers_of_pages(db, path):
    page = security_headers(ask(PAGE))
    assert all(page[name] for name in HEADERS)
    assert security_headers(ask(path)) == page


@pytest.mark.parametrize("path", [STYLE, SCRIPT])
def test_scripts_and_styles_have_the_headers_that_have_an_effect_on_them(db, path):
    page, file = security_headers(ask(PAGE)), security_headers(ask(path))
    effective = ("x-content-type-options", "referrer-policy")
    assert {name for name in HEADERS if file[name]} == set(effective)
    assert all(file[name] == page[name] for name in effective)


@pytest.mark.parametrize("scheme", ["https", "http"])
@pytest.mark.parametrize("path", [STYLE, PICTURE])
def test_a_static_file_has_hsts_when_a_page_has_it(db, scheme, path):
    with override_settings(SECURE_HSTS_SECONDS=3600):
        page, file = (ask(path, scheme) for path in (PAGE, path))
    name = "strict-transport-security"
    assert file.get(name) == page.get(name)
    assert ("strict-transport-security" in file) == (scheme == "https")


def test_pages_use_no_devices(client, db):
    policy = client.get(PAGE).headers["Permissions-Policy"]
    assert {"camera=()", "geolocation=()", "microphone=()"} <= set(policy.split(", "))

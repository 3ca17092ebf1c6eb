"""The form with which people write and send files without JavaScript, on a real server."""

import asyncio
import http.client
import re

import pytest

from chat.files.addresses import is_upload
from tests.support.clients import TextMember
from tests.support.delivery import web_members
from tests.support.form_browser import FormBrowser
from tests.support.pictures import picture
from tests.support.ports import HOST
from tests.support.servers import Server

pytestmark = [pytest.mark.slow, pytest.mark.same_on_every_database]

PATH = "/r/lobby/files/"
NO_FILE = ("files", b"", "")


@pytest.fixture(scope="module")
def server():
    settings = {"SITE_URL": "https://chat.example.org", "UPLOAD_MB": "1"}
    with Server("serve", **settings, FLOOD_CONNECTION_BYTES="8K+1K/s") as server:
        yield server
        server.assert_no_traceback()


@pytest.fixture(scope="module")
def browser(server):
    (member,) = web_members(server, 1)
    browser = FormBrowser(server, member.session_key)
    browser.name = member.name
    return browser


def send(browser, *parts, token=None, path=PATH, more=""):
    """Send the form as a browser does. Return (status, text)."""
    token = browser.token(path) if token is None else token
    body = b""
    for name, content, *file_name in (("csrfmiddlewaretoken", token.encode()), *parts):
        file = f'; filename="{file_name[0]}"' if file_name else ""
        head = f'--x\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
        body += head.encode() + content + b"\r\n"
    connection = http.client.HTTPConnection(HOST, browser.server.web_port, timeout=60)
    headers = {
        "Cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items()),
        "Content-Type": f"multipart/form-data; boundary=x{more}",
        "Origin": browser.server.url,
    }
    connection.request("POST", path, body + b"--x--\r\n", headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, answer.headers.get("Location") or text


def room(browser):
    """Return the room as it is without JavaScript."""
    return browser.get("/r/lobby/")[1].partition("<noscript>")[2]


async def heard(server, text):
    """Return what a terminal shows of the newest messages."""
    guest = TextMember(server, "reader")
    await guest.enter()
    return await guest.ask("history 20", text)


def test_a_message_with_files_is_said_and_heard_at_a_terminal(server, browser):
    parts = [("text", b"two\r\nlines"), ("alt", b"A corner"), ("files", picture(), "photo.jpg")]
    assert send(browser, *parts, ("files", b"hello", "notes.txt")) == (302, "/r/lobby/")
    page = room(browser)
    address = re.search(r'<a href="(/files/[^"]+/photo.jpg)">', page)[1]
    assert 'alt="A corner" width="1200" height="800"' in page  # so that nothing jumps
    assert re.search(
        r'<a href="/files/[^"]+/notes.txt"><bdi>notes.txt</bdi></a> \(5\xa0bytes\)', page
    )
    shown = asyncio.run(heard(server, "notes.txt"))
    name = browser.name
    assert f"{name}: two\n" in shown
    assert f"{name}: [photo.jpg 1200x800 https://chat.example.org{address}]\n" in shown


def test_a_message_needs_no_file(server, browser):
    assert send(browser, ("text", b"only words"), NO_FILE) == (302, "/r/lobby/")
    assert "only words" in room(browser)


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ([NO_FILE, ("text", b" ")], "Write something, or choose a file."),
        ([("files", b"1", "a.txt")] * 11, "at most 10 files"),
        ([("text", b"x" * 4001)], "at most 4000 characters"),
        ([("files", picture()[:500], "a.jpg")], "This image is damaged"),
        ([("files", b"", "a.txt")], "This file is empty."),
    ],
)
def test_what_was_not_sent_is_explained(server, browser, parts, reason):
    status, page = send(browser, ("alt", b"kept"), *parts)
    assert (status, reason in page, 'value="kept"' in page) == (400, True, True)


def test_a_message_beyond_a_flood_limit_is_not_sent(server, browser):
    text = "🌊" * 3000  # 12,000 bytes, more than may come at once
    status, page = send(browser, ("text", text.encode()))
    assert (status, "You are sending too fast." in page) == (400, True)
    assert text not in room(browser)


def test_a_form_needs_a_token_and_a_session(server, browser):
    assert send(browser, ("text", b"forged"), token="")[0] == 403
    stranger = FormBrowser(server)
    assert send(stranger, ("text", b"forged"), token="x")[0] == 403
    assert "forged" not in room(browser)


@pytest.mark.parametrize("more", ["; charset=hex", "; charset=utf-8"])
def test_forms_name_no_charset(server, browser, more):
    assert send(browser, ("text", b"6162"), more=more)[0] == 415


def test_forms_with_files_are_accepted_at_this_address_alone(server, browser):
    assert is_upload("POST", PATH)
    assert send(browser, ("text", b"x"), token="", path="/rooms/new/")[0] == 415


def test_a_form_that_is_too_large_is_refused(server, browser):
    assert send(browser, ("files", bytes(3 << 20), "large.bin"))[0] == 413

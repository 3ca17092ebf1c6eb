"""Debian's Chromium, driven by Playwright, for journeys through the website."""

import json
import re
import shutil
import subprocess
import time
from contextlib import contextmanager
from itertools import count

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.support.make_members import letters
from tests.support.servers import PATIENCE
from tests.support.services import missing

PASSWORD = "correct horse 7 staple"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
]

expect.set_options(timeout=15_000)

numbers = count()


@contextmanager
def chromium():
    """A browser; each person in a journey gets a context of their own in it."""
    program = shutil.which("chromium") or missing("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def members(browser, server, accounts=None):
    """Makes people with an account, each in a browser of their own: (page, name).

    They sign up, unless there are `accounts`: an iterator of (name, session key).
    """
    contexts = []

    def make(prefix="person", where=server, **options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"on the page: {error}"))
        if accounts is None:
            name = new_name(prefix)
            sign_up(page, where, name)
        else:
            name, session_key = next(accounts)
            enter_signed_in(page, where, session_key)
        return page, name

    yield make
    for context in contexts:
        context.close()


def new_name(prefix):
    return f"{prefix}-{letters(next(numbers))}"


def sign_up(page, server, name):
    """Make an account through the form; ends in the room."""
    page.goto(f"{server.url}/accounts/signup/")
    page.fill("[name=username]", name)
    page.fill("[name=password1]", PASSWORD)
    page.fill("[name=password2]", PASSWORD)
    page.click("form button:not([data-sign-out] *)")
    expect(page).to_have_url(f"{server.url}/")
    connected(page)


def enter_signed_in(page, server, session_key):
    """Open the room with the session of somebody who has signed in elsewhere."""
    page.context.add_cookies([{"name": "sessionid", "value": session_key, "url": server.url}])
    page.goto(server.url)
    connected(page)


def connected(page):
    expect(page.locator("[data-status-label]")).to_have_text("Connected")


def say(page, text):
    page.get_by_label("Message", exact=True).fill(text)
    page.get_by_role("button", name="Send").click()


def said(page):
    """The texts of the messages on the page, in their order."""
    return page.locator("[data-lines] [data-part=text]").all_inner_texts()


def message(page, text):
    return page.locator("[data-lines] [data-part=text]", has_text=text)


class Line:
    """A line to the server that a test holds at the other end: it says what the page hears.

    `answers` has for types of frames what makes their answers: `history=lambda ask: {...}`.
    """

    def __init__(self, page, welcome=None, **answers):
        self.sent = []
        self.sockets = []
        self.welcome = welcome  # for each connection that is made; None: silence
        self.answers = answers
        page.route_web_socket(re.compile("/ws/room/"), self._opened)
        page.reload()
        until(page, lambda: self.sockets)

    def hear(self, type, **fields):
        self.sockets[-1].send(json.dumps({"type": type, **fields}))

    def close(self, code):
        self.sockets[-1].close(code=code)

    def sent_of(self, type):
        return [frame for frame in self.sent if frame["type"] == type]

    def _heard(self, text):
        frame = json.loads(text)
        self.sent.append(frame)
        if frame["type"] in self.answers:
            self.hear(**self.answers[frame["type"]](frame))

    def _opened(self, socket):
        self.sockets.append(socket)
        socket.on_message(self._heard)
        if self.welcome is not None:
            self.hear("welcome", **self.welcome)


def until(page, happened):
    """Let the browser go on until `happened()` is true: what a test's own end of a line heard."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        page.evaluate("0")  # what has come meanwhile is heard before the answer


def a_welcome(lines=(), people=(), seq=None):
    """What a welcome says, to somebody called "me"."""
    lines = list(lines)
    seq = seq if seq is not None else lines[-1]["seq"] if lines else 0
    names = [{"name": name, "guest": False} for name in people]
    return {
        "you": "me",
        "room": "Lobby",
        "seq": seq,
        "people": names,
        "lines": lines,
        "reset": False,
    }


def a_line(seq, text="", kind="said", name="bob", at="2026-05-05T12:00:00Z", **changes):
    fields = {"seq": seq, "kind": kind, "name": name, "text": text, "at": at}
    return {**fields, "client_id": None, "guest": False, "of": None, **changes}


class Telnet:
    """A guest at a terminal: Debian's telnet."""

    def __init__(self, server, name):
        program = shutil.which("telnet") or missing("telnet")
        host, port = server.legacy_address
        self.process = subprocess.Popen(
            [program, host, str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.screen = ""
        self.until("Connect Success")
        self.type(f"login {name}")
        self.until("Login Success")

    def type(self, line):
        self.process.stdin.write(f"{line}\n".encode())
        self.process.stdin.flush()

    def until(self, text):
        """Read on until `text` is on the screen."""
        while text not in self.screen:
            data = self.process.stdout.read1(65536)
            assert data, f"telnet ended before {text!r}: {self.screen!r}"
            self.screen += data.decode().replace("\r\n", "\n")

    def leave(self):
        self.type("logout")
        self.process.communicate(timeout=15)

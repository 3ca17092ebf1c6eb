"""Debian's Chromium, driven by Playwright, for journeys through the website."""

import shutil
import subprocess
from contextlib import contextmanager

from playwright.sync_api import expect, sync_playwright

from tests.services import missing

PASSWORD = "correct horse 7 staple"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
]

expect.set_options(timeout=15_000)


@contextmanager
def chromium():
    """A browser; each person in a journey gets a context of their own in it."""
    program = shutil.which("chromium") or missing("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


def sign_up(page, server, name):
    """Make an account through the form; ends in the room."""
    page.goto(f"{server.url}/accounts/signup/")
    page.fill("[name=username]", name)
    page.fill("[name=password1]", PASSWORD)
    page.fill("[name=password2]", PASSWORD)
    page.click("form button:not([data-sign-out] *)")
    expect(page).to_have_url(f"{server.url}/")
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

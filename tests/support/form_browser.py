"""Signs up and signs in over HTTP, as a browser does: reads a form, fills it in and sends it."""

import http.client
import re
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from tests.support.ports import HOST

SIGN_UP_PATH = "/accounts/signup/"
TIMEOUT = 60  # seconds for an answer
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class FormBrowser:
    """A browser with its cookies, on one server. It blocks: call it on a thread.

    `address` is one of this machine, such as 127.0.0.2. `forwarded_for` is what it says as a proxy.
    """

    def __init__(self, server, session_key=None, *, address=HOST, forwarded_for=None):
        self.server = server
        self.cookies = {"sessionid": session_key} if session_key else {}
        self.address = address
        self.forwarded_for = forwarded_for

    @property
    def session_key(self):
        return self.cookies.get("sessionid")

    def get(self, path):
        """Return (status, text) of a page."""
        return self._request("GET", path)

    def post(self, path, page=None, **fields):
        """Send the form on `page`, or on `path` itself. Return (status, text)."""
        return self.send(path, self.token(page or path), **fields)

    def token(self, page):
        """Return the token in the form on a page."""
        _, text = self.get(page)
        found = TOKEN.search(text)
        assert found, f"no form on {page}: {text[:200]}"
        return found[1]

    def send(self, path, token, **fields):
        """Send a form whose token was read before. Return (status, text)."""
        return self._request("POST", path, urlencode({"csrfmiddlewaretoken": token, **fields}))

    def _request(self, method, path, body=None):
        connection = http.client.HTTPConnection(
            HOST, self.server.web_port, timeout=TIMEOUT, source_address=(self.address, 0)
        )
        try:
            cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
            if method == "POST":
                headers["Origin"] = self.server.url
            if self.forwarded_for:
                headers["X-Forwarded-For"] = self.forwarded_for
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            for header in answer.headers.get_all("Set-Cookie", []):
                for name, morsel in SimpleCookie(header).items():
                    self.cookies[name] = morsel.value
            return answer.status, answer.read().decode()
        finally:
            connection.close()


def open_sign_up(server):
    """Open the form for new accounts. Return (browser, token)."""
    browser = FormBrowser(server)
    return browser, browser.token(SIGN_UP_PATH)


def sign_up(browser, token, name, password):
    """Send the form for a new account. Return whether the name was free."""
    fields = {"username": name, "password1": password, "password2": password}
    status, _ = browser.send(SIGN_UP_PATH, token, **fields)
    assert status in (200, 302), status
    return status == 302

"""What a browser does on the pages, without one: a form is read, filled in and sent."""

import http.client
import re
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from tests.support.ports import HOST

SIGN_UP = "/accounts/signup/"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Browser:
    """One browser with its cookies, on one server at a time. It blocks: call it on a thread."""

    def __init__(self, server, session_key=None):
        self.server = server
        self.cookies = {"sessionid": session_key} if session_key else {}

    @property
    def session_key(self):
        return self.cookies.get("sessionid")

    def get(self, path):
        """(status, text) of a page."""
        return self._ask("GET", path)

    def post(self, path, page=None, **fields):
        """(status, text) of the answer to the form on `page`, which is `path` unless told."""
        return self.send(path, self.token(page or path), **fields)

    def token(self, page):
        """What the form on a page wants to have back."""
        _, text = self.get(page)
        found = TOKEN.search(text)
        assert found, f"no form on {page}: {text[:200]}"
        return found[1]

    def send(self, path, token, **fields):
        """(status, text) of the answer to a form whose page was read before."""
        return self._ask("POST", path, urlencode({"csrfmiddlewaretoken": token, **fields}))

    def _ask(self, method, path, body=None):
        connection = http.client.HTTPConnection(HOST, self.server.web_port, timeout=60)
        try:
            cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
            if method == "POST":
                headers["Origin"] = self.server.url
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            for header in answer.headers.get_all("Set-Cookie", []):
                for name, morsel in SimpleCookie(header).items():
                    self.cookies[name] = morsel.value
            return answer.status, answer.read().decode()
        finally:
            connection.close()


def signed_up(server, name, password):
    """The browser of somebody who has just made an account; None when the name was taken."""
    return sign_up(*sign_up_form(server), name, password)


def sign_up_form(server):
    """(browser, token) of somebody who looks at the form."""
    browser = Browser(server)
    return browser, browser.token(SIGN_UP)


def sign_up(browser, token, name, password):
    """Send the form: the browser, or None when the name was taken."""
    fields = {"username": name, "password1": password, "password2": password}
    status, _ = browser.send(SIGN_UP, token, **fields)
    assert status in (200, 302), status
    return browser if status == 302 else None

"""Servers without a mail server print no mail: its links would let a reader of the log in."""

import http.client
from contextlib import closing
from urllib.parse import urlencode

import pytest

from tests.support.commands import run_command
from tests.support.health import ask
from tests.support.ports import HOST
from tests.support.servers import Server
from tests.support.waiting import PATIENCE, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.same_on_every_database]

ADDRESS = "alice@example.org"
RESET = "/accounts/reset/"
LINE_IN_MAIL = "Follow this link"
ADVICE = "Ask its staff for a new password"


@pytest.fixture(scope="module", params=["serve", "uvicorn", "runserver"])
def server(request):
    with Server(request.param) as server:
        create = f"User.objects.create_user('alice', {ADDRESS!r}, 'wonderland 7')"
        server.manage("shell", "-c", f"from chat.models import User; {create}")
        yield server
        server.assert_no_traceback()


def ask_for_a_link(server):
    """Send the form for a lost password. Return (status, page)."""
    token = "t" * 32  # Django compares the cookie and the field
    headers = {
        "Cookie": f"csrftoken={token}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    form = urlencode({"email": ADDRESS, "csrfmiddlewaretoken": token})
    with closing(http.client.HTTPConnection(HOST, server.web_port, timeout=PATIENCE)) as client:
        client.request("POST", RESET, form, headers)
        response = client.getresponse()
        return response.status, response.read().decode()


def test_only_runserver_prints_mail(server):
    """The others say on the page who can help."""
    status, page = ask_for_a_link(server)
    if server.kind == "runserver":
        assert status == 302
        wait_until(lambda: LINE_IN_MAIL in server.output, lambda: server.output)
        return
    assert status == 200
    assert LINE_IN_MAIL not in server.output
    assert ADVICE in page
    for path in (RESET, f"{RESET}sent/"):
        text = ask(server, path)[1]
        assert ADVICE in text
        assert "<form" not in text


def test_pages_that_ask_for_an_address_do_not_promise_mail(server):
    text = ask(server, "/accounts/signup/")[1]
    assert ("sends no mail" in text) == (server.kind != "runserver")


def test_serve_says_at_its_start_that_mail_is_off(server):
    assert ("Mail is off" in server.output) == (server.kind == "serve")


@pytest.mark.parametrize("url", ["consolemail://", "smtp://127.0.0.1:1"])
def test_mail_is_on_only_with_a_mail_server(url):
    with Server("serve", EMAIL_URL=url) as server:
        assert ("Mail is off" in server.output) == url.startswith("console")
        assert (ADVICE in ask(server, RESET)[1]) == url.startswith("console")


def test_a_command_at_a_terminal_prints_mail(production):
    status, output = run_command("sendtestemail", ADDRESS, **production)
    assert (status, f"To: {ADDRESS}" in output) == (0, True)

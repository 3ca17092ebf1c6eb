"""Mails of `manage.py serve` with a mail server that answers, hangs or refuses."""

import re
import signal
import time
from contextlib import contextmanager

import pytest

from chat.accounts.mail_queue import STOP_WITHIN
from tests.support.commands import run_command
from tests.support.form_browser import FormBrowser, open_sign_up
from tests.support.mail_server import MailServer
from tests.support.ports import HOST, free_ports
from tests.support.servers import PATIENTLY, Server
from tests.support.waiting import PATIENCE, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.same_on_every_database]

SITE_URL = "https://chat.example.org"
EMAIL = "ann@example.org"
MACHINE = 30  # seconds more, because the machine runs other tests too
RESET_PATH, SENT_PATH = "/accounts/reset/", "/accounts/reset/sent/"


@pytest.fixture
def mail_server():
    with MailServer() as running:
        yield running


@contextmanager
def running_site(mail_server):
    """Run a server with the account ann, whose EMAIL_URL is the mail server."""
    with Server("serve", EMAIL_URL=mail_server.url, SITE_URL=SITE_URL, **PATIENTLY) as server:
        browser, token = open_sign_up(server)
        fields = {"username": "ann", "password1": "wonderland 7", "password2": "wonderland 7"}
        assert browser.send("/accounts/signup/", token, email=EMAIL, **fields)[0] == 302
        yield server


@pytest.fixture
def site(mail_server):
    with running_site(mail_server) as server:
        yield server


def ask_for_reset(server, email=EMAIL):
    """Ask for a mail and return the seconds until the answer has come."""
    browser = FormBrowser(server)
    token = browser.token(RESET_PATH)
    begin = time.monotonic()
    status, _ = browser.send(RESET_PATH, token, email=email)
    assert status == 302
    return time.monotonic() - begin


def link(mail_server):
    (message,) = mail_server.mails
    assert message["To"] == EMAIL
    return re.search(rf"^{SITE_URL}(/accounts/reset/\S+)\r?$", message.get_content(), re.M)[1]


def test_an_operator_can_try_the_mail_server(mail_server):
    status, output = run_command("sendtestemail", EMAIL, EMAIL_URL=mail_server.url)
    assert (status, output) == (0, "")
    assert [mail["To"] for mail in mail_server.mails] == [EMAIL]


def test_a_mail_that_cannot_be_sent_at_a_terminal_is_one_sentence():
    status, output = run_command(
        "sendtestemail", EMAIL, EMAIL_URL=f"smtp://{HOST}:{free_ports(1)[0]}"
    )
    sentence = "chatsite: the mail was not sent: ConnectionRefusedError Connection refused\n"
    assert (status, output) == (1, sentence)


def test_a_mail_server_that_hangs_delays_no_page_and_gets_the_mail_later(site, mail_server):
    mail_server.hang()
    times = [ask_for_reset(site, email) for email in (EMAIL, "nobody@example.org")]
    assert mail_server.asked.wait(PATIENCE)
    assert max(times) < MACHINE, times  # the mail server has 120 s to answer
    mail_server.goes_on.set()
    wait_until(lambda: mail_server.mails, "no mail came")
    browser = FormBrowser(site)
    status, _ = browser.get(link(mail_server))
    assert status == 302
    site.assert_no_traceback()


@pytest.mark.parametrize(
    ("hosts", "site_url", "varies"),
    [
        ("127.0.0.1", "", False),
        ("127.0.0.1,chat.example.org", "", True),
        ("127.0.0.1,chat.example.org", SITE_URL, False),
        (".example.org", "", True),
    ],
)
def test_serve_says_when_requests_choose_where_links_lead(mail_server, hosts, site_url, varies):
    settings = {"ALLOWED_HOSTS": hosts, "SITE_URL": site_url, "EMAIL_URL": mail_server.url}
    with Server("serve", **settings) as server:
        assert ("Set SITE_URL" in server.output) == varies


def test_links_of_runserver_lead_to_its_own_port():
    with Server("runserver") as server:
        browser, token = open_sign_up(server)
        fields = {"username": "ann", "password1": "wonderland 7", "password2": "wonderland 7"}
        assert browser.send("/accounts/signup/", token, email=EMAIL, **fields)[0] == 302
        ask_for_reset(server)
        link = f"{server.url}/accounts/reset/"
        wait_until(lambda: link in server.output, lambda: server.output)


def test_a_stop_sends_the_mails_that_wait(mail_server):
    for _ in range(3):  # until this process is fast enough for the server, which waits for seconds
        with running_site(mail_server) as site:
            begin = stop_while_a_mail_waits(site, mail_server)
            was_fast = time.monotonic() - begin < STOP_WITHIN / 2
            status = site.process.wait(PATIENCE)
        if was_fast or mail_server.mails:
            break
    assert status == 0
    assert link(mail_server)


def stop_while_a_mail_waits(site, mail_server):
    """Begin to stop a server, and let the mail server answer then. Return the time of the begin."""
    mail_server.asked.clear()
    mail_server.hang()
    ask_for_reset(site)
    assert mail_server.asked.wait(PATIENCE)
    begin = time.monotonic()
    site.process.send_signal(signal.SIGTERM)
    wait_until(lambda: not is_open(site), "the port is still open")
    assert mail_server.mails == []
    mail_server.goes_on.set()
    return begin


def is_open(server):
    try:
        FormBrowser(server).get("/ready/")
    except OSError:
        return False
    return True


def test_a_stop_does_not_wait_long_for_a_mail_server_that_hangs(site, mail_server):
    mail_server.hang()
    ask_for_reset(site)
    assert mail_server.asked.wait(PATIENCE)
    begin = time.monotonic()
    assert site.stop() == 0
    assert time.monotonic() - begin < STOP_WITHIN + MACHINE
    assert "1 mails were not sent before the stop" in site.output
    assert "/accounts/reset/" not in site.output


def test_a_mail_that_is_refused_is_in_the_log_without_its_link(site, mail_server):
    mail_server.answers = ["554 this is spam"]
    ask_for_reset(site)
    wait_until(lambda: "was not sent" in site.output, lambda: site.output)
    assert (
        "The mail with a new password link for ann was not sent: SMTPDataError 554" in site.output
    )
    assert "/accounts/reset/" not in site.output
    site.assert_no_traceback()

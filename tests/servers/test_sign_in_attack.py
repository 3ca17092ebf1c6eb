"""Somebody with one address sends sign-ins with invented names, as fast as the server answers."""

import threading
import time
from collections import Counter
from contextlib import contextmanager

import pytest

from chat.accounts import known_browsers
from tests.support.form_browser import FormBrowser
from tests.support.ports import HOST
from tests.support.servers import Server
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

CONNECTIONS = 16
ELSEWHERE = "127.0.0.2"
SIGN_IN, SIGN_UP = "/accounts/login/", "/accounts/signup/"
PASSWORD, NEW_PASSWORD = "wonderland 7", "battery staple 7"
NORMAL_TIME = 40  # seconds for a sign-in on a busy machine; a hash alone may take one of them
ADD_ALICE = (
    f"from chat.models import User; User.objects.create_user('alice', password='{PASSWORD}')"
)


@contextmanager
def attack(server, **who):
    """Attack a server meanwhile; gives the number of answers by their status."""
    answers, is_over = Counter(), threading.Event()

    def guess(number):
        browser = FormBrowser(server, **who)
        token = browser.token(SIGN_IN)
        while not is_over.is_set():
            fields = {"username": f"n{number}-{sum(answers.values())}", "password": "a guess"}
            status, _ = browser.send(SIGN_IN, token, **fields)
            answers[status] += 1

    threads = [threading.Thread(target=guess, args=[n]) for n in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    try:
        # Both places for hashes are taken, and those who wait for one are refused.
        wait_until(lambda: answers[429] >= CONNECTIONS, lambda: f"no attack: {answers}", 120)
        yield answers
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


def signs_in(server, **who):
    """Sign in as alice. Return (status, seconds, browser)."""
    browser = FormBrowser(server, **who)
    token = browser.token(SIGN_IN)
    begun = time.monotonic()
    status, _ = browser.send(SIGN_IN, token, username="alice", password=PASSWORD)
    return status, time.monotonic() - begun, browser


def sign_in_behind_others(browser, token):
    """Sign in as alice and return the status, once the queue of the pages gives it a turn."""
    statuses = []

    def is_admitted():
        status, _ = browser.send(SIGN_IN, token, username="alice", password=PASSWORD)
        statuses.append(status)
        return status != 503

    wait_until(is_admitted, "the pages have no time")
    return statuses[-1]


@pytest.fixture
def server():
    with Server("serve", workers=2, TRUSTED_PROXIES="127.0.0.9") as server:
        server.manage("shell", "-c", ADD_ALICE)
        yield server


def test_people_at_other_addresses_sign_in_sign_up_and_change_their_passwords_meanwhile(server):
    _, _, at_home = signs_in(server)
    known_browser = FormBrowser(server)
    known_browser.cookies[known_browsers.COOKIE] = at_home.cookies[known_browsers.COOKIE]
    token = known_browser.token(SIGN_IN)

    with attack(server) as answers:
        times = []
        for _ in range(3):
            status, seconds, browser = signs_in(server, address=ELSEWHERE)
            assert status == 302
            times.append(seconds)
        fields = {"password": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
        newcomer = FormBrowser(server, address=ELSEWHERE)
        new = {"username": "bob", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
        signed_up, _ = newcomer.post(SIGN_UP, **new)
        known = sign_in_behind_others(known_browser, token)  # at the attacker's own address
        changed, _ = browser.post("/accounts/password/", **fields)

    assert max(times) < NORMAL_TIME
    assert (signed_up, known, changed) == (302, 302, 302)
    # A request that waits for too long in the queue of the pages is refused with 503.
    assert {200, 429} <= set(answers) <= {200, 429, 503}
    assert answers[200] <= 50 * 2  # the budget of the address, once more if a window has ended


@pytest.mark.same_on_every_database
def test_people_behind_a_proxy_sign_in_while_another_client_of_it_attacks():
    with Server("serve", TRUSTED_PROXIES=HOST) as server:
        server.manage("shell", "-c", ADD_ALICE)
        with attack(server, forwarded_for="192.0.2.1"):
            status, seconds, _ = signs_in(server, forwarded_for="192.0.2.2, 192.0.2.3")
        assert (status, seconds < NORMAL_TIME) == (302, True)


@pytest.mark.same_on_every_database
def test_people_with_an_address_sign_in_while_the_proxy_itself_attacks():
    with Server("serve", TRUSTED_PROXIES=HOST) as server:
        server.manage("shell", "-c", ADD_ALICE)
        with attack(server):
            status, seconds, _ = signs_in(server, forwarded_for="192.0.2.2")
        assert (status, seconds < NORMAL_TIME) == (302, True)

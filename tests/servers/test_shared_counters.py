"""All processes of a site count attempts together, and each for itself while it cannot."""

import signal
import time

import pytest

from chat.accounts.throttling import WRONG_FOR_ACCOUNT_FROM_ADDRESS
from tests.support.form_browser import FormBrowser
from tests.support.guessing import begin_to_guess
from tests.support.servers import Server
from tests.support.services import Redis

pytestmark = pytest.mark.slow

SIGN_IN = "/accounts/login/"
MOST = WRONG_FOR_ACCOUNT_FROM_ADDRESS.most
AWAY = "Attempts are counted by each process for itself"
BACK = "Attempts are counted for all processes together again"


@pytest.fixture
def own_redis():
    with Redis() as service:
        yield service


def guesses(*servers, name="ann", count=MOST + 2):
    """Guess a password at one server after the other; return the statuses."""
    browsers = [FormBrowser(server, address="127.0.0.2") for server in servers]
    tokens = [browser.token(SIGN_IN) for browser in browsers]
    fields = {"username": name, "password": "a guess"}
    return [
        browsers[n % len(browsers)].send(SIGN_IN, tokens[n % len(browsers)], **fields)[0]
        for n in range(count)
    ]


def told_away(*servers):
    """Return how often servers have told that they count for themselves."""
    return sum(server.output.count(AWAY) for server in servers)


def outages(server):
    """Return how many outages were told and are not over.

    A Redis that gets no processor for half a second is away as well, for a while.
    """
    return told_away(server) - server.output.count(BACK)


@pytest.mark.parametrize("place", ["database", "redis"])
def test_two_servers_count_attempts_together(place, own_redis):
    url = own_redis.url if place == "redis" else ""
    with Server("serve", REDIS_URL=url) as one:
        settings = {"DATABASE_URL": one.environment["DATABASE_URL"], "REDIS_URL": url}
        with Server("serve", migrated=True, **settings) as other:
            for name in ("ann", "ben", "eve"):
                begin_to_guess(60)
                before = told_away(one, other)
                found = guesses(one, other, name=name)
                if told_away(one, other) == before:
                    break
            assert found == [200] * MOST + [429] * 2


@pytest.mark.same_on_every_database
@pytest.mark.parametrize("fault", ["killed", "frozen"])
def test_people_sign_in_and_guesses_are_limited_while_redis_is_away(own_redis, fault):
    with Server("serve", REDIS_URL=own_redis.url) as server:
        begin_to_guess(120)
        assert guesses(server, name="before", count=1) == [200]
        if fault == "killed":
            own_redis.kill()
        else:
            own_redis.process.send_signal(signal.SIGSTOP)
        begun = time.monotonic()
        assert guesses(server) == [200] * MOST + [429] * 2
        assert time.monotonic() - begun < 100
        assert outages(server) == 1
        if fault == "killed":
            own_redis.start()
        else:
            own_redis.process.send_signal(signal.SIGCONT)
        while outages(server) and time.monotonic() - begun < 150:
            guesses(server, name="after", count=1)
        assert outages(server) == 0

"""Security events on real servers: stored in the background, and bounded under attack."""

import threading
import time

import pytest

from tests.support.clients import TextMember, handshake, run_journey
from tests.support.delivery import web_members
from tests.support.events import locked_events, query
from tests.support.form_browser import FormBrowser
from tests.support.servers import Server
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow

EVENTS = "SELECT kind, address, user_agent, detail, count FROM chat_securityevent ORDER BY id"


@pytest.fixture(scope="module", params=["runserver", "serve"])
def server(request):
    workers = 2 if request.param == "serve" else 1
    with Server(request.param, workers=workers, TRUSTED_PROXIES="") as server:
        url = server.environment["DATABASE_URL"]
        running = lambda: len(query(url, "SELECT id FROM chat_process"))  # noqa: E731
        wait_until(lambda: running() == workers, "a worker did not start")
        yield server
        server.assert_no_traceback()


def events_of(server, origin):
    return [row for row in query(server.environment["DATABASE_URL"], EVENTS) if row[3] == origin]


def test_a_refused_origin_becomes_a_row_and_a_line(server):
    origin = "http://refused.example"
    assert handshake(server, Origin=origin, User_Agent="Firefox") == 403
    wait_until(lambda: events_of(server, origin), "no row was stored")
    row = ("origin_refused", "127.0.0.1", "Firefox", origin, 1)
    assert events_of(server, origin) == [row]
    line = f'address="127.0.0.1" detail="{origin}" user_agent="Firefox"'
    assert f"origin_refused {line}" in server.output


def test_while_the_database_is_locked_a_refusal_takes_no_time_and_the_row_follows(server):
    origin = "http://locked.example"
    with locked_events(server.environment["DATABASE_URL"]):
        began = time.monotonic()
        for _ in range(20):
            assert handshake(server, Origin=origin) == 403
        status, _ = FormBrowser(server).send("/accounts/login/", "no token")  # on another thread
        assert status == 403
        assert "form_refused" in server.output
        assert time.monotonic() - began < 60  # each refusal would wait for 4 s or more
        assert f'detail="{origin}"' in server.output
        assert events_of(server, origin) == []
    wait_until(lambda: sum(row[4] for row in events_of(server, origin)) == 20, "no row followed")
    assert len(events_of(server, origin)) == 1


def test_a_flood_from_one_address_is_one_row(server):
    origin = "http://flood.example"
    sent = []

    def flood(_):
        until = time.monotonic() + 2
        while time.monotonic() < until or len(sent) <= 100:
            handshake(server, Origin=origin)
            sent.append(1)

    in_threads(16, flood)
    assert len(sent) > 100
    counted = lambda: sum(row[4] for row in events_of(server, origin))  # noqa: E731
    wait_until(lambda: counted() == len(sent), lambda: f"{counted()} of {len(sent)} were counted")
    assert len(events_of(server, origin)) == 1
    assert server.output.count(f'detail="{origin}"') <= 2 * server.workers


def test_sign_ins_with_invented_names_are_few_rows_that_count_all(server):
    address, answered = "127.0.0.5", []

    def attack(number):
        browser = FormBrowser(server, address=address)
        token = browser.token("/accounts/login/")
        until = time.monotonic() + 2
        while time.monotonic() < until:
            name = f"invented{number}x{len(answered)}"
            answered.append(
                browser.send("/accounts/login/", token, username=name, password="a guess")
            )

    in_threads(16, attack)
    assert len(answered) >= 16
    statement = "SELECT kind, detail, account, count FROM chat_securityevent WHERE address = "
    stored = lambda: query(server.environment["DATABASE_URL"], f"{statement}'{address}'")  # noqa: E731
    wait_until(
        lambda: sum(row[3] for row in stored()) == len(answered),
        lambda: f"{stored()} of {len(answered)}",
    )
    assert len(stored()) == len({(kind, detail) for kind, detail, *_ in stored()})
    assert {account for _, _, account, _ in stored()} == {""}
    assert "invented" not in server.output


def in_threads(number, act):
    threads = [threading.Thread(target=act, args=[number]) for number in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_events_are_stored_when_the_server_stops():
    with Server("serve", TRUSTED_PROXIES="") as server:
        handshake(server, Origin="http://late.example")
        server.stop()
        assert len(events_of(server, "http://late.example")) == 1


def test_a_connection_keeps_the_address_of_its_client_while_it_is_open(server):
    def addresses():
        statement = "SELECT door, address FROM chat_connection ORDER BY door"
        return query(server.environment["DATABASE_URL"], statement)

    async def journey(alice):
        guest = TextMember(server, "grace")
        await guest.enter()
        await alice.enter()
        assert addresses() == [("legacy", "127.0.0.1"), ("web", "127.0.0.1")]
        await alice.send(type="logout")
        await alice.until_closed()
        await guest.leave()

    run_journey(journey(*web_members(server, 1)))
    wait_until(lambda: addresses() == [], "the addresses are still there")

"""Clients that open many connections take no place from others, whatever they do on them."""

import contextlib
import time
from itertools import islice

import pytest

from tests.support.clients import TextMember, WebMember, run_journey
from tests.support.delivery import web_members
from tests.support.servers import Server
from tests.support.strangers import (
    ATTACKER,
    CALM,
    connect_from,
    is_closed,
    open_web_socket,
    received,
)
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.same_on_every_database]

PER_ADDRESS, PER_ACCOUNT = 64, 20
GREETING, FULL = b"Connect Success", b"Server Full"
CROWD = 300
NOT_SIGNED_IN = 2  # seconds for which a page may stay open on which nobody is signed in
# Seconds for a machine that has other work, too. The pages answer no pings, and would be cut for
# that after 40 s.
MARGIN = 30


@pytest.fixture(scope="module", params=["runserver", "serve"])
def server(request):
    with Server(request.param) as server:
        yield server
        server.assert_no_traceback()


@pytest.fixture(scope="module")
def strangers(server):
    """More signed-in members than the tests of this module need on one server."""
    return iter(web_members(server, 20))


@pytest.fixture
def members(strangers):
    """Return a function that gives signed-in members of this test only."""
    return lambda number: list(islice(strangers, number))


@pytest.fixture
def crowd():
    """Return a function that opens many connections, which are closed after the test."""
    with contextlib.ExitStack() as stack:

        def gather(count, make):
            return [stack.enter_context(contextlib.closing(make())) for _ in range(count)]

        yield gather


async def talk(*members):
    """Let members enter, and each say something that all others receive."""
    for member in members:
        await member.enter()
    for member in members:
        await member.say(f"hello from {member.name}")
    for member in members:
        await member.leave()


def test_silent_guests_from_one_address_leave_places_for_others(server, members, crowd):
    silent = crowd(CROWD, lambda: connect_from(ATTACKER, server.legacy_port))
    greetings = [received(client, lambda data: len(data) >= len(FULL)) for client in silent]
    assert sum(greeting == GREETING for greeting in greetings) == PER_ADDRESS
    assert greetings.count(FULL) == CROWD - PER_ADDRESS

    neighbour = connect_from(CALM, server.legacy_port)
    assert received(neighbour, lambda data: len(data) >= len(FULL)) == GREETING
    run_journey(talk(*members(1), TextMember(server, "carol")))
    neighbour.close()


def test_a_guest_who_leaves_gives_a_place_of_the_address_back(server, crowd):
    def greeting():
        with contextlib.closing(connect_from(ATTACKER, server.legacy_port)) as client:
            return received(client, lambda data: len(data) >= len(FULL))

    wait_until(lambda: greeting() == GREETING, "the places of an earlier test are not free")
    guests = crowd(PER_ADDRESS, lambda: connect_from(ATTACKER, server.legacy_port))
    wait_until(lambda: greeting() == FULL, "there is no limit")
    guests[0].close()
    wait_until(lambda: greeting() == GREETING, "the place is still taken")


@pytest.mark.parametrize("session_key", [None, "an1nvented2session3key4of5thirty2"])
def test_pages_that_are_not_signed_in_and_ignore_the_close_are_cut(
    server, members, crowd, session_key
):
    calm = members(1)
    pages = crowd(CROWD, lambda: open_web_socket(server, ATTACKER, session_key))
    opened = time.monotonic()
    run_journey(talk(*calm))
    wait_until(lambda: all(map(is_closed, pages)), "some are open", NOT_SIGNED_IN + MARGIN)
    assert time.monotonic() - opened < NOT_SIGNED_IN + MARGIN


def test_a_page_that_is_not_signed_in_is_told_so_before_it_is_cut(server):
    page = open_web_socket(server, ATTACKER)
    told = received(page)
    assert b'"sign_in"' in told
    assert (4401).to_bytes(2, "big") in told


def test_the_newest_connections_of_an_account_replace_the_oldest(server, members, crowd):
    alice, bob = members(2)
    pages = crowd(CROWD, lambda: open_web_socket(server, ATTACKER, alice.session_key))

    def are_open():
        return [not is_closed(page) for page in pages]

    wait_until(
        lambda: are_open() == [False] * (CROWD - PER_ACCOUNT) + [True] * PER_ACCOUNT,
        lambda: f"{sum(are_open())} are open, {are_open()}",
    )
    run_journey(talk(bob))


def test_a_replaced_page_is_told_so_and_not_to_come_back(server, members):
    async def journey(alice):
        await alice.enter()
        tabs = [WebMember(server, alice.name, alice.session_key) for _ in range(PER_ACCOUNT)]
        for tab in tabs:
            await tab.enter()
        assert (await alice.until_closed())[0] == 4409
        assert alice.frames[-1] == {"type": "bye", "code": "replaced", "retry_in": None}
        await tabs[0].say("the others stay")
        for tab in tabs:
            assert tab.closed is None
            await tab.leave()

    run_journey(journey(*members(1)))


def test_a_full_legacy_port_leaves_descriptors_for_pages(crowd):
    """From the address of a trusted proxy, to which only the limits of the total apply."""
    with Server("serve", nofile=160) as server:
        guests = crowd(CROWD, lambda: connect_from("127.0.0.1", server.legacy_port))
        greetings = [received(guest, lambda data: len(data) >= len(FULL)) for guest in guests]
        assert 0 < greetings.count(GREETING) < 50
        assert greetings.count(FULL) == CROWD - greetings.count(GREETING)
        run_journey(talk(*web_members(server, 3)))
        server.assert_no_traceback()


def test_a_full_website_leaves_descriptors_for_guests_and_tells_pages(crowd):
    with Server("serve", nofile=160, MAX_CONNECTIONS_PER_ACCOUNT="1000") as server:
        (alice,) = web_members(server, 1)
        crowd(CROWD, lambda: open_web_socket(server, "127.0.0.1", alice.session_key))

        def told():
            with contextlib.closing(open_web_socket(server, CALM, alice.session_key)) as page:
                return received(page, lambda data: b"bye" in data)

        # At first so many are told that the others are cut at once.
        wait_until(lambda: b'"too_many"' in told(), "a page is not told that the website is full")
        run_journey(talk(TextMember(server, "carol")))
        server.assert_no_traceback()

"""The memory of input that is not complete, or whose turn has not come, is bounded."""

import contextlib
import json
from uuid import uuid4

import pytest

from chat.servers.daphne import DaphneWebSocket
from chat.servers.pending_input import PendingInput
from tests.support.clients import TextMember, run_journey
from tests.support.delivery import web_members
from tests.support.servers import Server
from tests.support.strangers import (
    CALM,
    connect_from,
    is_closed,
    masked,
    open_web_socket,
    received,
)
from tests.support.waiting import wait_until

pytestmark = pytest.mark.same_on_every_database

LIMIT = 1 << 20  # bytes
MANY = 20  # connections


class FakeConnection:
    is_cut = False

    def cut_off(self):
        self.is_cut = True


def test_the_connection_with_the_most_pending_input_is_cut_off_at_the_limit():
    small, large, new = (FakeConnection() for _ in range(3))
    pending = PendingInput(limit=100)
    pending.note(small, 30)
    pending.note(large, 40)
    pending.note(large, 60)
    pending.note(new, 10)
    assert (pending.total, large.is_cut) == (100, False)
    pending.note(new, 11)
    assert [connection.is_cut for connection in (small, large, new)] == [False, True, False]
    assert pending.total == 41


def test_a_connection_that_holds_more_than_all_may_is_cut_off_itself():
    small, large = FakeConnection(), FakeConnection()
    pending = PendingInput(limit=100)
    pending.note(small, 100)
    pending.note(large, 101)
    assert (small.is_cut, large.is_cut, pending.total) == (False, True, 100)
    pending.note(small, 0)
    assert pending.total == 0


def test_the_fragments_of_a_message_under_daphne_are_kept_as_one():
    connection = DaphneWebSocket()
    connection.failedByMe = False
    connection.maxMessagePayloadSize = connection.maxFramePayloadSize = 0  # no limit
    connection.onMessageBegin(False)
    for number in range(1000):
        connection.onMessageFrameBegin(2)
        for byte in b"%02d" % (number % 100):
            connection.onMessageFrameData(bytes([byte]))
        connection.onMessageFrameEnd()
        assert len(connection.message_data) == 1
    message = b"".join(b"%02d" % number for number in range(100)) * 10
    assert b"".join(connection.message_data) == message


def unfinished_fragment(size):
    return masked("TEXT", b"x" * size, fin=False)


def half_a_frame(size):
    return masked("TEXT", b"x" * 2 * size)[:size]


def fragments_and_half_a_frame(size):
    part = size // 20
    fragments = [masked("TEXT", b"x" * part, fin=False)]
    fragments += [masked("CONT", b"x" * part, fin=False)] * 18
    return b"".join(fragments) + masked("CONT", b"x" * 2 * part)[:part]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["runserver", "serve"])
@pytest.mark.parametrize("attack", [unfinished_fragment, half_a_frame, fragments_and_half_a_frame])
def test_pages_that_do_not_finish_their_messages_are_cut_off_at_the_limit(kind, attack):
    size = LIMIT // 5
    with Server(kind, MAX_PENDING_INPUT="1") as server, contextlib.ExitStack() as stack:
        calm, *attackers = web_members(server, 1 + MANY)
        pages = [
            stack.enter_context(
                contextlib.closing(open_web_socket(server, CALM, attacker.session_key))
            )
            for attacker in attackers
        ]
        for page in pages:
            received(page, lambda data: b"welcome" in data)
            with contextlib.suppress(ConnectionError):
                page.sendall(attack(size))
        wait_until(lambda: sum(map(is_closed, pages)) >= MANY - 5, "the memory has no bound")

        async def journey():
            await calm.enter()
            await calm.say("x" * 4000)
            await calm.leave()

        run_journey(journey())
        assert "pending input was cut off" in server.output
        server.assert_no_traceback()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["runserver", "serve"])
def test_guests_who_do_not_finish_their_lines_are_cut_off_at_the_limit(kind):
    kept = 32 << 10  # bytes of a line that are kept while it is not complete
    count = 2 * LIMIT // kept
    limits = {"MAX_PENDING_INPUT": "1", "FLOOD_LIMIT": "off"}  # a flood would be read slowly
    with Server(kind, **limits) as server, contextlib.ExitStack() as stack:
        guests = [
            stack.enter_context(contextlib.closing(connect_from("127.0.0.1", server.legacy_port)))
            for _ in range(count)
        ]
        for guest in guests:
            received(guest, lambda data: data == b"Connect Success")
            guest.sendall(b"x" * kept)
        wait_until(lambda: sum(map(is_closed, guests)) >= count // 2, "the memory has no bound")

        async def journey(carol):
            await carol.enter()
            await carol.say("x" * 4000)
            await carol.leave()

        run_journey(journey(TextMember(server, "carol")))
        server.assert_no_traceback()


@pytest.mark.slow
def test_a_message_in_many_fragments_arrives():
    text = json.dumps({"type": "say", "text": "one by one", "client_id": str(uuid4())})
    with Server("serve") as server:
        (alice,) = web_members(server, 1)
        page = open_web_socket(server, CALM, alice.session_key)
        received(page, lambda data: b"welcome" in data)
        first, *others = (character.encode() for character in text)
        page.sendall(masked("TEXT", first, fin=False) + masked("PING", b""))
        page.sendall(b"".join(masked("CONT", other, fin=False) for other in others))
        page.sendall(masked("CONT", b""))
        assert b"one by one" in received(page, lambda data: b"one by one" in data)
        page.close()

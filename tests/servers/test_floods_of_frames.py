"""Floods on the WebSocket: they are delayed, nothing is lost, and others notice nothing."""

import asyncio
import json
import time
from contextlib import suppress
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from chat.consumers.chat import SHORTEST_WAIT
from chat.consumers.input_gate import LONGEST_ENTRY
from tests.support.clients import WebMember, run_journey
from tests.support.delivery import web_members
from tests.support.floods import (
    FEW_LINES,
    GONE_WITHIN,
    HARDLY_ANY_LINES,
    HERE,
    MACHINE,
    guest_at,
    most,
    seconds,
    server_with,
)

pytestmark = [pytest.mark.slow, pytest.mark.same_on_every_database]

GRACE = 10  # seconds for which a lost web connection keeps its place


def say_frames(texts):
    return [{"type": "say", "text": text, "client_id": str(uuid4())} for text in texts]


@pytest.mark.parametrize("kind", ["serve", "runserver"])
def test_a_member_who_floods_is_told_when_to_go_on_and_nothing_is_lost(kind):
    async def journey(server):
        member, listener = web_members(server, 2)
        await listener.enter()
        await member.enter()
        frames = say_frames(f"number {number}" for number in range(60))
        for frame in frames:
            await member.send(**frame)
        notice = await member.until_frame(lambda frame: frame["type"] == "error")
        assert notice["code"] == "too_fast"
        assert 0 < notice["retry_in"] < 10
        assert notice["client_id"] in [frame["client_id"] for frame in frames]
        assert await seconds(listener.say("calm")) < MACHINE
        # A client may send a held message again, as the page does if its line is late.
        await asyncio.sleep(notice["retry_in"])
        await member.send(**next(f for f in frames if f["client_id"] == notice["client_id"]))
        await listener.until_said("number 59")
        await member.until_frame(lambda frame: frame["type"] == "said")
        said = [line["text"] for line in listener.lines if line["name"] == member.name]
        assert [text for text in said if text] == [frame["text"] for frame in frames]

    with server_with(kind, **FEW_LINES) as server:
        run_journey(journey(server))
        server.assert_no_traceback()


@pytest.fixture(scope="module")
def slow_server():
    """A server that takes hardly any lines of a connection."""
    with server_with(**HARDLY_ANY_LINES) as server:
        yield server
        server.assert_no_traceback()


@pytest.fixture(scope="module")
def strangers(slow_server):
    """A member for each test of the slow server."""
    return iter(web_members(slow_server, 10))


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        ({"type": "look"}, "people"),
        ({"type": "history", "before": 1}, "history"),
        ({"type": "nothing"}, "error"),
        ({"type": "say"}, "error"),
        ({"type": "react", "seq": 1, "emoji": "👍", "on": True}, "error"),
    ],
)
def test_every_frame_of_a_member_counts(strangers, data, answer):
    async def journey(member):
        await member.enter()
        begin = time.monotonic()
        for _ in range(100):
            await member.send(**data)

        def answers():
            frames = [frame for frame in member.frames if frame.get("code") != "too_fast"]
            return len([frame for frame in frames if frame["type"] == answer])

        await member.until_frame(lambda _: answers() >= 5)
        await asyncio.sleep(1.5)  # in which all would be answered
        assert answers() <= most(10, 1, begin)
        member.socket.transport.abort()

    run_journey(journey(next(strangers)))


@pytest.mark.parametrize("kind", ["serve", "runserver"])
def test_pings_of_a_member_count(kind):
    async def journey(server):
        (member,) = web_members(server, 1)
        await member.enter()
        pings, begin = 60, time.monotonic()
        member.socket.transport.write(Frame(Opcode.PING, b"x").serialize(mask=True) * pings)
        await member.ask("look")
        assert time.monotonic() - begin > (pings - 20) / 20 - 0.2

    with server_with(kind, **FEW_LINES) as server:
        run_journey(journey(server))


def test_a_member_who_ignores_the_notice_is_read_no_further():
    async def journey(server):
        flooder, listener = web_members(server, 2)
        await listener.enter()
        await flooder.enter()
        sent, text = 0, json.dumps(say_frames(["x" * 3900])[0])
        begin = time.monotonic()
        try:
            async with asyncio.timeout(3):
                while sent < 10_000:
                    await flooder.socket.send(text.replace(text[-38:-2], str(uuid4())))
                    sent += 1
        except TimeoutError:
            pass
        assert sent < 10_000, "40 MB were taken"
        notices = [frame for frame in flooder.frames if frame.get("code") == "too_fast"]
        assert len(notices) <= most(8, 1 / SHORTEST_WAIT, begin)
        assert await seconds(listener.say("calm")) < MACHINE
        flooder.socket.transport.abort()
        gone = await seconds(
            listener.until_line(lambda line: (line["kind"], line["name"]) == ("left", flooder.name))
        )
        assert gone < GRACE + GONE_WITHIN

    with server_with(**FEW_LINES) as server:
        run_journey(journey(server))
        server.assert_no_traceback()


def test_sockets_do_not_pile_up_that_wait_to_enter():
    async def connect(server, member):
        again = WebMember(server, member.name, member.session_key)
        return (await again.enter()).get("code")

    async def journey(server):
        member, other = web_members(server, 2)
        await other.enter()
        begin = time.monotonic()
        codes = await asyncio.gather(*(connect(server, member) for _ in range(60)))
        entered = len(codes) - codes.count("too_many")
        assert 10 <= entered <= most(15, 1, begin) + LONGEST_ENTRY
        assert await seconds(other.say("calm")) < MACHINE

    with server_with(FLOOD_PERSON_LINES="15+1/s", MAX_CONNECTIONS_PER_ACCOUNT="100") as server:
        run_journey(journey(server))


def test_connecting_again_and_again_is_limited_for_an_account():
    async def journey(server):
        member, listener = web_members(server, 2)
        await listener.enter()
        entered, begin = 0, time.monotonic()
        with suppress(ConnectionClosed):
            while entered < 20 / 4 or time.monotonic() < begin + 2:
                again = WebMember(server, member.name, member.session_key)
                await again.enter()
                entered += 1
                await again.send(type="logout")
                await again.until_closed()
        # Each costs four lines: the connection, the goodbye, and two rows.
        assert 20 / 4 <= entered <= most(20, 5, begin) / 4 + 2
        assert await seconds(listener.say("calm")) < MACHINE

    with server_with(FLOOD_PERSON_LINES="20+5/s") as server:
        run_journey(journey(server))
        server.assert_no_traceback()


def test_the_limits_can_be_turned_off():
    async def journey(server):
        guest, (member,) = await guest_at(server, HERE), web_members(server, 1)
        await member.enter()
        guest.writer.write(b"say fast\n" * 500)
        frames = say_frames(f"number {number}" for number in range(500))
        for frame in frames:
            await member.send(**frame)
        await member.until_said("number 499")
        assert not [frame for frame in member.frames if frame["type"] == "error"]

    with server_with(FLOOD_LIMIT="off", **HARDLY_ANY_LINES) as server:
        run_journey(journey(server))

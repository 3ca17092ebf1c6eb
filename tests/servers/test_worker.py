"""The stop of a worker of `manage.py serve`."""

import asyncio
import http.client
import time
from contextlib import closing, suppress

import pytest

from chat.live import timing
from tests.support.clients import TextMember
from tests.support.delivery import web_members
from tests.support.health import READY, wait_until_ready
from tests.support.ports import HOST, answers
from tests.support.servers import AS_IN_PRODUCTION, PATIENTLY, Server
from tests.support.services import PostgreSQL
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.slow


async def stop_under_load(server):
    """Stop the server while members talk, start it again, and let the web members come back.

    Returns (names in the `left` lines, guests).
    """
    web = web_members(server, 20, "stop-")
    guests = [TextMember(server, f"guest-{letter}") for letter in "abcde"]
    for member in (*web, *guests):
        await member.enter()
    acknowledged = []

    async def talk(member):
        for turn in range(10_000):
            acknowledged.append((await member.say(f"{member.name} {turn}"))["seq"])

    talking = [asyncio.create_task(talk(member)) for member in web[:5]]
    await web[-1].until_line(lambda line: line["seq"] > web[-1].entered + 50)
    assert await asyncio.to_thread(server.stop) == 0
    for member in (*web, *guests):
        await member.until_closed()
    for task in talking:
        task.cancel()
    await asyncio.gather(*talking, return_exceptions=True)
    assert_asked_to_reconnect(web)
    assert_all_received_the_last_line(web, guests, acknowledged)
    await asyncio.to_thread(server.start)
    for member in web:
        await member.resume()
    await web[0].say("all here again")
    await asyncio.gather(*(member.until_said("all here again") for member in web))
    for member in web:
        await member.leave()
    for member in web:
        assert member.lines == [line for line in web[0].lines if line["seq"] > member.entered]
    return [line["name"] for line in web[0].lines if line["kind"] == "left"], guests


def assert_asked_to_reconnect(web):
    for member in web:
        assert member.closed[0] == 4012
        bye = member.frames[-1]
        assert (bye["type"], bye["code"]) == ("bye", "restart")
        assert 0 <= bye["retry_in"] <= 10


def assert_all_received_the_last_line(web, guests, acknowledged):
    last = web[0].lines[-1]
    assert {member.lines[-1]["seq"] for member in web} == {last["seq"]}
    assert max(acknowledged) <= last["seq"]
    for guest in guests:
        assert guest.text.endswith(f"{last['name']}: {last['text']}\n")


def test_a_stop_under_load_loses_nothing_and_members_come_back_unannounced():
    with Server("serve", **PATIENTLY) as server:
        left, guests = asyncio.run(stop_under_load(server))
        assert sorted(left) == [guest.name for guest in guests]
        server.assert_no_traceback()


async def stop_while_a_member_does_not_close(server):
    """Return (answer of readiness, ports that still answer) while a member delays the stop.

    The delay is short. Returns None when this process may have been too slow to look meanwhile.
    """
    alice, sleeper = web_members(server, 2, "port-")
    for member in (alice, sleeper):
        await member.enter()
    sleeper.socket.transport.pause_reading()
    with closing(http.client.HTTPConnection(HOST, server.web_port, timeout=PATIENCE)) as proxy:
        begin = time.monotonic()
        assert ready_answer(proxy) == (200, "ready\n")
        server.process.terminate()
        await alice.until_closed()
        answer = None
        with suppress(ConnectionError):
            answer = ready_answer(proxy)  # on the connection that is open already
        ports = [port for port in (server.web_port, server.legacy_port) if answers(port)]
    is_alive, took = server.is_alive, time.monotonic() - begin
    sleeper.socket.transport.abort()
    if took > timing.CLOSE_WITHIN and not (answer and is_alive):
        return None
    assert is_alive
    return answer, ports


def ready_answer(proxy):
    proxy.request("GET", READY)
    response = proxy.getresponse()
    return response.status, response.read().decode()


def test_a_stop_closes_both_ports_first_and_tells_proxies_that_it_is_not_ready():
    answer = (503, "not ready\nprocess: it is stopping\n")
    for _ in range(3):
        with Server("serve") as server:
            wait_until_ready(server)
            found = asyncio.run(stop_while_a_member_does_not_close(server))
            assert server.stop() == 0
            server.assert_no_traceback()
        if found is not None:
            break
    assert found == (answer, [])


async def stop_while_the_database_is_frozen(server, service):
    """Return (exit status, close code of a member in the room)."""
    (member,) = web_members(server, 1, "frozen-")
    await member.enter()
    with service.frozen():
        status = await asyncio.to_thread(server.stop)
        await member.until_closed()
    return status, member.closed[0]


def test_a_stop_ends_even_when_the_database_does_not_answer():
    with (
        PostgreSQL() as service,
        Server("serve", DATABASE_URL=service.url, REDIS_URL="", **AS_IN_PRODUCTION) as server,
    ):
        status, close_code = asyncio.run(stop_while_the_database_is_frozen(server, service))
        assert (status, close_code) == (1, 4012)
        assert "did not end in time" in server.output
        server.assert_no_traceback()

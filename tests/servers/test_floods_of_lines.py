"""Floods on the legacy port: they are delayed, nothing is lost, and others notice nothing."""

import asyncio
import contextlib
import socket
import struct
import time

import pytest

from tests.support.clients import run_journey
from tests.support.floods import (
    FEW_LINES,
    GONE_WITHIN,
    GREETING,
    HARDLY_ANY_LINES,
    HERE,
    MACHINE,
    THERE,
    guest_at,
    most,
    seconds,
    server_with,
)
from tests.support.waiting import PATIENCE

pytestmark = [pytest.mark.slow, pytest.mark.same_on_every_database]

PERIOD = 1.5  # seconds in which answers are counted


async def answers_within(reader, period, answer, count):
    """Return what comes until there are so many answers, and within some seconds after that."""
    answers = b""
    while answers.count(answer) < count:
        data = await reader.read(1 << 16)
        assert data, answers
        answers += data
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(period):
            while data := await reader.read(1 << 16):
                answers += data
    return answers


def reset(writer):
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@pytest.mark.parametrize("kind", ["serve", "runserver"])
def test_a_guest_who_floods_is_heard_completely_and_in_order_but_later(kind):
    async def journey(server):
        flooder, listener = await guest_at(server, HERE), await guest_at(server, THERE)
        lines = [f"say number {number}" for number in range(80)]
        begin = time.monotonic()
        flooder.writer.write("".join(f"{line}\n" for line in lines).encode())
        assert await seconds(listener.say("calm")) < MACHINE
        await listener.until("number 79\n")
        assert time.monotonic() - begin > (80 - 20) / 20 - 0.2
        await flooder.until("number 79\n")
        heard = [line for line in listener.text.splitlines() if line.startswith(flooder.name)]
        assert heard == [f"{flooder.name}: number {number}" for number in range(80)]

    with server_with(kind, **FEW_LINES) as server:
        run_journey(journey(server))
        server.assert_no_traceback()


def test_large_texts_are_limited_by_their_bytes():
    async def journey(server):
        flooder, listener = await guest_at(server, HERE), await guest_at(server, THERE)
        text = "\N{GRINNING FACE}" * 2000  # 8 KB
        begin = time.monotonic()
        flooder.writer.write(f"say {text}\n".encode() * 8)
        for turn in range(8):
            await listener.until(text, start=turn * len(text))
        assert time.monotonic() - begin > (64 - 16) / 16 - 0.2

    with server_with(FLOOD_CONNECTION_BYTES="16K+16K/s") as server:
        run_journey(journey(server))


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (b"look\n", b"Online Users:"),
        (b"what\n", b"Unknown command what"),
        (b"login x\n", b"Unknown command login"),
        (b"history 1\n", b"said before"),
        (b"say %b\n" % (b"x" * 4001), b"Message too long"),
    ],
)
def test_every_line_of_a_guest_counts(line, answer):
    async def journey(server):
        guest = await guest_at(server, HERE)
        await guest.say("said before")
        begin = time.monotonic()
        guest.writer.write(line * 100)
        answered = await answers_within(guest.reader, PERIOD, answer, 5)
        assert answered.count(answer) <= most(10, 1, begin)

    with server_with(**HARDLY_ANY_LINES) as server:
        run_journey(journey(server))


def test_large_answers_count_although_their_questions_are_small():
    async def journey(server):
        talker = await guest_at(server, THERE)
        for number in range(4):
            await talker.say(f"{number}" + "x" * 3900)
        guest = await guest_at(server, HERE)
        begin = time.monotonic()
        guest.writer.write(b"history\n" * 500)
        answered = await answers_within(guest.reader, PERIOD, b": 3xxx", 1)
        assert answered.count(b": 3xxx") <= 2 * most(20, 10, begin)

    with server_with(FLOOD_CONNECTION_BYTES="20K+10K/s") as server:
        run_journey(journey(server))


@pytest.fixture(scope="module")
def slow_server():
    """A server that takes hardly any lines of a connection."""
    with server_with(**HARDLY_ANY_LINES) as server:
        yield server
        server.assert_no_traceback()


@pytest.mark.parametrize("name", ["\0", "everyone", "x" * 65])
def test_refused_logins_count(slow_server, name):
    async def journey(server):
        reader, writer = await asyncio.open_connection(*server.legacy_address)
        await reader.readexactly(len(GREETING))
        begin = time.monotonic()
        writer.write(f"login {name}\n".encode() * 100)
        answered = await answers_within(reader, PERIOD, b"UserName", 5)
        writer.close()
        assert answered.count(b"UserName") <= most(10, 1, begin)

    run_journey(journey(slow_server))


def test_entering_and_leaving_again_and_again_is_limited_for_each_address():
    async def come_and_go(server, address):
        while True:
            guest = await guest_at(server, address)
            guest.write("logout")
            await guest.reader.read()

    async def journey(server):
        listener = await guest_at(server, THERE)
        begin = time.monotonic()
        flooders = [asyncio.create_task(come_and_go(server, HERE)) for _ in range(5)]
        seen = 0
        for _ in range(30 // 4):
            await listener.until("has entered", seen)
            seen = listener.text.index("has entered", seen) + 1
        await asyncio.sleep(2)  # in which many more could enter
        for flooder in flooders:
            flooder.cancel()
        await asyncio.gather(*flooders, return_exceptions=True)
        assert await seconds(listener.say("calm")) < MACHINE
        # Each costs four lines: two that are sent, and two rows.
        assert listener.text.count("has entered") <= most(30, 10, begin) / 4 + len(flooders)

    with server_with(FLOOD_ADDRESS_LINES="30+10/s") as server:
        run_journey(journey(server))
        server.assert_no_traceback()


def test_the_connections_of_an_address_share_its_limit_and_others_do_not():
    async def journey(server):
        flooders = [await guest_at(server, HERE) for _ in range(3)]
        listener = await guest_at(server, THERE)
        begin = time.monotonic()
        for flooder in flooders:
            flooder.writer.write(b"say flood\n" * 40)
        for _ in range(5):
            await listener.until("flood", listener.text.rfind("flood") + 1)
        await asyncio.sleep(1)  # in which all could be heard
        assert await seconds(listener.say("calm")) < MACHINE
        heard = listener.text.count("flood")
        assert heard <= most(40, 10, begin) + len(flooders)

    with server_with(FLOOD_ADDRESS_LINES="40+10/s") as server:
        run_journey(journey(server))


@pytest.mark.parametrize("size", [100, 100_000], ids=["reading", "reading paused"])
def test_a_guest_who_is_held_and_resets_the_connection_is_gone_within_a_second(size):
    async def journey(server):
        listener, flooder = await guest_at(server, THERE), await guest_at(server, HERE)
        flooder.writer.write(b"say flood\n" * size)
        for _ in range(5):
            await listener.until(f"{flooder.name}: flood\n", len(listener.text))
        reset(flooder.writer)
        gone = await seconds(listener.until(f"{flooder.name} has left the room.\n"))
        assert gone < GONE_WITHIN

    with server_with(**{**HARDLY_ANY_LINES, "FLOOD_CONNECTION_BYTES": "64K+1K/s"}) as server:
        run_journey(journey(server))
        server.assert_no_traceback()


def test_a_guest_who_is_held_and_closes_in_order_is_gone_within_a_second():
    async def journey(server):
        listener, flooder = await guest_at(server, THERE), await guest_at(server, HERE)
        flooder.writer.write(b"say flood\n" * 1000)
        await flooder.until("flood\n")
        flooder.writer.write_eof()
        gone = await seconds(listener.until(f"{flooder.name} has left the room.\n"))
        assert gone < GONE_WITHIN

    with server_with(**HARDLY_ANY_LINES) as server:
        run_journey(journey(server))


def test_a_guest_who_is_held_does_not_delay_the_stop_of_the_server():
    with server_with(**HARDLY_ANY_LINES) as server:
        host, port = server.legacy_address
        with socket.create_connection((host, port), timeout=PATIENCE) as flooder:
            flooder.sendall(b"login flooder\n" + b"say flood\n" * 1000)
            while b"flooder: flood" not in flooder.recv(1 << 16):
                pass
            begin = time.monotonic()
            assert server.stop() == 0
            assert time.monotonic() - begin < 3 + MACHINE

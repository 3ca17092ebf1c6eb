"""Clients that do not read, are gone without a word, send rubbish, or are simply too many."""

import asyncio
import os
import random
import struct
import time
from contextlib import suppress
from uuid import uuid4

import pytest

from chat.servers.sockets import KEEPALIVE_IDLE
from tests.faults import websocket
from tests.faults.crowd import Crowd
from tests.faults.figures import nearly_all, spread
from tests.faults.members import Guest, Member, until
from tests.support.make_members import letters
from tests.support.ports import HOST

CUT_WITHIN = 45  # seconds
SLOW_CODES = {4008, websocket.CUT_CODE}
BOUND = 64 << 20  # bytes of memory that those who do not read may cost
NO_ANSWER = 2  # seconds after which none is expected
LIMIT = 2  # seconds that a line may take for everybody else: far less than a wait for the deaf


@pytest.mark.timeout(300)
def test_who_stops_reading_is_cut_and_nobody_else_notices(play, database, redis, figures, full):
    """F8: fifty who stop reading, half of them still writing."""
    others, deaf_members, deaf_guests = (90, 25, 25) if full else (40, 10, 10)
    slow = deaf_members + deaf_guests
    figures.fault = f"F8: {slow} stop reading, half of them still writing"

    async def scenario(site):
        crowd = Crowd(site)
        await crowd.gather(others)
        listeners = list(crowd.members)
        ears = crowd.listen()
        members, guests = await slow_people(crowd, deaf_members, deaf_guests)
        deaf = members + guests
        before = sum(server.usage().memory for server in site.servers)
        async with crowd.talking(20, speakers=listeners[2:22], length=2000):
            await crowd.acknowledged(40)
            began = time.monotonic()
            for one in deaf:
                one.stop_reading() if isinstance(one, Guest) else one.link.stop_reading()
            writing = asyncio.create_task(write_on(deaf[::2]))
            memory = asyncio.create_task(highest_memory(site))
            await until(
                lambda: not uncut(deaf, site.truth),
                lambda: f"still there: {uncut(deaf, site.truth)[:5]}",
                CUT_WITHIN + 15,
            )
            took = time.monotonic() - began
            for task in (writing, memory):
                task.cancel()
                await asyncio.wait([task])
            grown = memory.result() - before
        times = crowd.line_times(ears, began)
        for one in deaf:
            # Who wrote has found the end already, and may be away just now.
            reader = one if isinstance(one, Guest) else one.link
            if reader is not None:
                reader.read_again()
        # Who did not write has not looked at the socket since, and only now finds its end.
        await until(
            lambda: all(member.ends for member in members),
            lambda: f"not closed: {[member for member in members if not member.ends][:5]}",
        )
        await until(lambda: all(guest.closed for guest in guests), "a guest is not closed")
        await crowd.settle()
        figures.recovered = f"cut after {took:.0f} s; the others' lines take {spread(times)}"
        figures.note(f"{grown / (1 << 20):+.0f} MB at most")
        assert took < CUT_WITHIN
        assert nearly_all(times) < LIMIT, f"somebody else waited: {spread(times)}"
        assert grown < BOUND
        for member in members:
            assert member.ends[0].code in SLOW_CODES, member.ends
        assert all(guest.aborted for guest in guests), [one for one in guests if not one.aborted]
        names = {one.name for one in deaf}
        await crowd.judge(figures, undisturbed=listeners, unasked=lambda name: name in names)

    play(scenario, database=database, redis=redis.url)


async def slow_people(crowd, members, guests):
    """People whose kernels keep little, so that it is soon seen that they do not read."""
    servers = crowd.site.servers
    accounts = await crowd.site.accounts(members, "deaf")
    came = [
        Member(name, key, servers[n % 2 :] + servers[: n % 2], crowd._decode)
        for n, (name, key) in enumerate(accounts)
    ]
    strangers = [Guest(f"deafguest{letters(n)}", servers[n % 2]) for n in range(guests)]
    for one in came + strangers:
        one.receive_buffer = websocket.SMALL_BUFFER
    await crowd.enter(came + strangers)
    crowd.members += came
    crowd.guests += strangers
    return came, strangers


async def write_on(people):
    """Ask and say something ten times a second, without ever looking at the answers."""
    number = 0
    while True:
        number += 1
        for one in people:
            if isinstance(one, Guest):
                one.write(f"say {one.name} writes {number}")
            elif one.link is not None:
                one._send(type="look")
                one._send(type="say", text=f"{one.name} {number}", client_id=str(uuid4()))
        await asyncio.sleep(0.1)  # the rate of the load


async def highest_memory(site):
    peak = 0
    try:
        while True:
            peak = max(peak, sum(server.usage().memory for server in site.servers))
            await asyncio.sleep(0.5)  # the rate of the measurement
    except asyncio.CancelledError:
        return peak


def uncut(deaf, truth):
    """Those whose first connection the server still has. Who writes finds the end, and is back."""
    names = truth.held()
    return [one for one in deaf if one.name in names and not getattr(one, "ends", None)]


@pytest.mark.full
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "rate, pause, title",
    [
        (10, 0, ": thirty clients whose networks swallow everything"),
        (0, 0, " in a room where nobody speaks"),
        # A line that is under way when keepalive would have given up begins another 30 s.
        (0.2, KEEPALIVE_IDLE - 2, " in a room where nobody speaks until keepalive asks"),
    ],
)
def test_who_is_gone_without_a_word_is_missed_soon(
    play, database, redis, figures, rate, pause, title
):
    """F9: half-open links"""
    figures.fault = f"F9: half-open links{title}"

    async def scenario(site):
        crowd = Crowd(site)
        await crowd.gather(45, 5)
        others = crowd.everybody
        gone, gone_guests = await crowd.gather(15, 15, prefix="gone")
        await crowd.settle()
        began = time.monotonic()
        for one in gone + gone_guests:
            one.over = True
            one.cut()
        await asyncio.sleep(pause)  # the load: nobody says anything
        async with crowd.talking(rate, speakers=crowd.members[:10]):
            missed = await missed_after(gone + gone_guests, site.truth, began)
        took = max(missed.values())
        figures.recovered = f"gone from the list after {took:.0f} s"
        await asyncio.gather(*(one.vanish() for one in gone + gone_guests))
        assert took < CUT_WITHIN, {name: after for name, after in missed.items() if after > 20}
        await crowd.judge(figures, undisturbed=others)

    play(scenario, database=database, redis=redis.url)


async def missed_after(people, truth, since):
    """{name: seconds since a moment until it was not listed any more}"""
    missed = {}

    def all_are():
        here = set(truth.people())
        now = time.monotonic() - since
        missed.update({p.name: now for p in people if p.name not in here | missed.keys()})
        return len(missed) == len(people)

    await until(all_are, lambda: f"still here: {sorted(truth.people())[:5]}", CUT_WITHIN + 30)
    return missed


@pytest.mark.full
@pytest.mark.timeout(300)
def test_rubbish_on_both_ports_disturbs_nobody(play, database, redis, figures):
    """F18: rubbish on both ports, 400 connections of it."""
    chance = random.Random(18)

    async def scenario(site):
        crowd = Crowd(site)
        await crowd.gather(45, 5)
        (_, session_key), *_ = await site.accounts(1, "vandal")
        ears = crowd.listen()
        began = time.monotonic()
        async with crowd.talking(50, speakers=crowd.members[2:22]):
            for turn in range(20):
                server = site.servers[turn % 2]
                await asyncio.gather(
                    *(throw(server.web_port, rubbish(chance)) for _ in range(8)),
                    *(throw(server.legacy_port, rubbish(chance)) for _ in range(8)),
                    *(throw(server.web_port, frame(server, session_key, chance)) for _ in range(4)),
                )
            await crowd.acknowledged(50)
        await crowd.settle()
        times = crowd.line_times(ears, began)
        figures.recovered = f"the others' lines take {spread(times)}"
        assert nearly_all(times) < LIMIT, spread(times)
        await until(lambda: "vandala" not in site.truth.people(), "the vandal stays")
        names = {one.name for one in crowd.everybody}

        def also(log):
            came = [row for row in log if row.kind == "entered" and row.name == "vandala"]
            assert came, "no handshake was good: the frames after it were never read"

        await crowd.judge(
            figures,
            undisturbed=crowd.everybody,
            also=also,
            unasked=lambda name: name not in names,
        )

    play(scenario, database=database, redis=redis.url)


async def throw(port, data):
    """Send something, read what comes, and go: at once, or when the other side does."""
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        writer.write(data)
        async with asyncio.timeout(0.3):
            await writer.drain()
            while await reader.read(1 << 16):
                pass
    except (OSError, TimeoutError):
        pass
    finally:
        writer.transport.abort()


def rubbish(chance):
    noise = chance.randbytes(chance.randrange(1, 5000))
    return chance.choice(
        [
            noise,
            noise + b"\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + noise,  # the hello of TLS
            b"GET / HTTP/1.1\r\nHost: " + noise + b"\r\n\r\n",
            b"GET /ws/room/ HTTP/1.1\r\n\r\n",
            b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n" + noise,
            b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 5000,
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + noise,
            b"login \xff\xfe" + noise + b"\nsay \x00" + noise + b"\n",
            b"login " + b"x" * 20_000 + b"\n",
            b"y" * (2 << 20),
            b"\xff\xfa" * 2000 + b"\n",
            b"\n" * 5000,
            b"login \n" * 500,
            b"look\nhistory 99999999999\nhistory -1\nlogout\n",
        ]
    )


def frame(server, session_key, chance):
    """A good handshake, and then something that is no good frame."""
    noise = chance.randbytes(chance.randrange(1, 3000))
    inside = chance.choice(
        [
            noise,
            masked(1, noise),
            masked(2, noise),
            masked(1, b'{"type":' * 7000),
            masked(1, b'{"type":"say","text":"\\ud800","client_id":"x"}'),
            masked(1, b'{"type":"history","before":1e999,"limit":-1}'),
            masked(1, b'{"type":"history","before":9223372036854775808}'),
            masked(1, b'["say"]'),
            masked(1, b"null"),
            masked(1, b'{"type":{}}'),
            masked(9, b"x" * 120) * 50,
            masked(8, b"\x00"),
            masked(3, b""),
            struct.pack("!BBQ", 0x81, 0xFF, 1 << 62),
            masked(1, b"x" * 60_000) * 20,
        ]
    )
    return websocket.request(server.web_port, session_key) + inside


def masked(opcode, payload):
    if len(payload) < 126:
        head = bytes([0x80 | opcode, 0x80 | len(payload)])
    else:
        head = bytes([0x80 | opcode, 0xFE]) + len(payload).to_bytes(2, "big")
    mask = os.urandom(4)
    return head + mask + bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))


@pytest.mark.full
@pytest.mark.timeout(300)
def test_those_inside_go_on_when_the_descriptors_are_used_up(play, database, redis, figures):
    """F20: a server out of file descriptors."""

    async def scenario(site):
        (server,) = site.servers
        crowd = Crowd(site)
        await crowd.gather(20, 10)
        began = time.monotonic()
        crowding = []
        async with crowd.talking(50):
            for port in [server.web_port, server.legacy_port] * 100:
                crowding.append(await asyncio.open_connection(HOST, port))
            await crowd.acknowledged(200)
            await nobody_comes_in(server)
            for _, writer in crowding:
                writer.transport.abort()
            freed = time.monotonic()
            (late,) = await asyncio.gather(come_in(crowd))
            recovered = time.monotonic() - freed
            await crowd.acknowledged(50)
        await crowd.settle()
        took = [told.took for told in crowd.told(began)]
        figures.recovered = f"somebody new is in {recovered:.1f} s after it is over"
        figures.note(f"lines of those inside take {spread(took)}")
        assert late.connected
        assert max(took) < 2
        await crowd.judge(figures, undisturbed=crowd.everybody)

    play(scenario, database=database, redis=redis.url, servers=1, nofile=120)


async def nobody_comes_in(server):
    """Assert that the server is full: somebody new is refused, or has no answer."""
    guest = Guest("early", server)
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(NO_ANSWER):
            await guest.enter()
    assert guest.reply != Guest.WELCOME, "the server is not full"
    await guest.vanish()


async def come_in(crowd):
    """A guest who tries until there is room."""
    for number in range(100):
        guest = Guest(f"late{letters(number)}", crowd.site.servers[0])
        try:
            reply = await guest.enter()
        except OSError:
            reply = None
        if reply == Guest.WELCOME:
            crowd.guests.append(guest)
            return guest
        await asyncio.sleep(0.1)  # a person who tries again
    raise AssertionError("nobody can come in any more")

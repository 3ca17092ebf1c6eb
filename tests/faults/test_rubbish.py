"""Clients send rubbish to both ports, before and after a handshake. It disturbs nobody."""

import asyncio
import os
import random
import struct
import time
from contextlib import suppress

import pytest

from tests.faults.arrivals import line_times, listen
from tests.faults.figures import percentile_99, spread
from tests.faults.judge import Expectations
from tests.faults.waiting import until
from tests.faults.websocket import CLOSE, PING, TEXT, frame_head, handshake_request
from tests.support.ports import HOST

USUAL_LINE = 2  # seconds
READ_FOR = 0.3  # seconds that a sender of rubbish reads what comes
BINARY, RESERVED = 2, 3  # opcodes (RFC 6455, section 5.2)


@pytest.mark.full
@pytest.mark.timeout(300)
def test_rubbish_on_both_ports_disturbs_nobody(play, figures):
    """F18: rubbish on both ports, 400 connections of it."""
    chance = random.Random(18)

    async def scenario(site, crowd):
        await crowd.gather(45, 5)
        ((vandal, session_key),) = await site.accounts(1, "vandal")
        listeners = listen(crowd)
        start = time.monotonic()
        async with crowd.talking(50, speakers=crowd.members[2:22]):
            for turn in range(20):
                await throw_some(site.servers[turn % 2], session_key, chance)
            await crowd.until_acknowledged(50)
        await crowd.settle()
        times = line_times(crowd, listeners, start)
        figures.recovered = f"the others' lines take {spread(times)}"
        assert percentile_99(times) < USUAL_LINE, spread(times)
        await until(lambda: vandal not in site.database.people(), "the vandal stays")
        names = {client.name for client in crowd.everybody}

        def handshakes_were_good(log):
            entered = [line for line in log if line.kind == "entered" and line.name == vandal]
            assert entered, "no handshake was accepted, so no frame was read after it"

        return Expectations(
            undisturbed=crowd.everybody,
            also=handshakes_were_good,
            may_say_unasked=lambda name: name not in names,
        )

    play(scenario)


async def throw_some(server, session_key, chance):
    """Send rubbish to both ports of a server, on 20 connections at once."""
    await asyncio.gather(
        *(throw(server.web_port, rubbish(chance)) for _ in range(8)),
        *(throw(server.legacy_port, rubbish(chance)) for _ in range(8)),
        *(throw(server.web_port, bad_frame(server, session_key, chance)) for _ in range(4)),
    )


async def throw(port, data):
    """Send something, read for a moment, and end the connection."""
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        with suppress(OSError, TimeoutError):
            writer.write(data)
            async with asyncio.timeout(READ_FOR):
                await writer.drain()
                while await reader.read(1 << 16):
                    pass
    finally:
        writer.transport.abort()


def rubbish(chance):
    """Return bytes that are not what a port expects."""
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


def bad_frame(server, session_key, chance):
    """Return a good handshake, followed by something that is not a good frame."""
    noise = chance.randbytes(chance.randrange(1, 3000))
    frame = chance.choice(
        [
            noise,
            masked(TEXT, noise),
            masked(BINARY, noise),
            masked(TEXT, b'{"type":' * 7000),
            masked(TEXT, b'{"type":"say","text":"\\ud800","client_id":"x"}'),
            masked(TEXT, b'{"type":"history","before":1e999,"limit":-1}'),
            masked(TEXT, b'{"type":"history","before":9223372036854775808}'),
            masked(TEXT, b'["say"]'),
            masked(TEXT, b"null"),
            masked(TEXT, b'{"type":{}}'),
            masked(PING, b"x" * 120) * 50,
            masked(CLOSE, b"\x00"),
            masked(RESERVED, b""),
            struct.pack("!BBQ", 0x81, 0xFF, 1 << 62),
            masked(TEXT, b"x" * 60_000) * 20,
        ]
    )
    return handshake_request(server.web_port, session_key) + frame


def masked(opcode, payload):
    """Return a client's frame with a random mask."""
    mask = os.urandom(4)
    data = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
    return frame_head(opcode, len(payload)) + mask + data

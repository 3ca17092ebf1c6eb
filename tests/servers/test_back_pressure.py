"""Clients that do not read or that write without end disturb nobody, and memory stays bounded."""

import asyncio
import fcntl
import json
import socket
import sys
from termios import FIONREAD
from uuid import uuid4

import psutil
import pytest
from websockets.asyncio.client import connect
from websockets.frames import Frame, Opcode

from tests.support.clients import TextMember
from tests.support.delivery import web_members
from tests.support.servers import KINDS, Server
from tests.support.waiting import PATIENCE, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.same_on_every_database]

MEGABYTE = 1 << 20
SPEAKERS = 4  # who talk at the same time
ESTABLISHED = 1  # the kernel's number for this state of a TCP connection


def memory(server):
    return psutil.Process(server.process.pid).memory_info().rss


async def talk_to_members_that_do_not_read(server):
    """Return the memory that the server has grown by, in bytes."""
    speaker, *stalled = web_members(server, 11)
    guests = [TextMember(server, f"stalled-{letter}") for letter in "abcdefgh"]
    for member in (speaker, *stalled, *guests):
        await member.enter()
    for member in stalled:  # stop reading, so that the buffers of the socket fill
        member.socket.transport.pause_reading()
    for guest in guests:
        guest.writer.transport.pause_reading()
    before = memory(server)
    for number in range(1500):
        await speaker.say(f"{number} " + "x" * 3900)
    grown = memory(server) - before
    for member in (speaker, *stalled, *guests):
        (getattr(member, "socket", None) or member.writer).transport.abort()
    return grown


@pytest.mark.parametrize("kind", [*KINDS, "serve"])
def test_members_that_do_not_read_are_cut_and_take_little_memory(kind):
    with Server(kind, FLOOD_LIMIT="off") as server:
        grown = asyncio.run(talk_to_members_that_do_not_read(server))
        assert server.is_alive
        # 1500 messages of 4 kB, queued for 18 members, would take 105 MB.
        assert grown < 40 * MEGABYTE, f"{grown / MEGABYTE:.0f} MB"


async def fall_behind(server):
    """Let a member stop reading until the server closes the connection."""
    speaker, slow = web_members(server, 2)
    await speaker.enter()
    await slow.enter()
    slow.socket.transport.pause_reading()
    for number in range(1400):  # more than the tail keeps and the buffers hold
        await speaker.say(f"{number} " + "\N{GRINNING FACE}" * 3900)
    sock = slow.socket.transport.get_extra_info("socket")

    def is_open():
        return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == ESTABLISHED

    # Within 15 s: pings and the kernel would take longer to notice.
    await asyncio.to_thread(wait_until, lambda: not is_open(), "it was not closed", 15)
    slow.socket.transport.abort()
    await speaker.leave()


def test_a_member_that_lags_too_far_is_closed_although_it_does_not_read():
    with Server(FLOOD_LIMIT="off") as server:
        asyncio.run(fall_behind(server))
        server.assert_no_traceback()


async def ping_without_reading(server):
    """Return the memory that the server has grown by, in bytes."""
    other, flooder = web_members(server, 2)
    await other.enter()
    await flooder.enter()
    before = memory(server)
    flooder.socket.transport.pause_reading()
    flooder.socket.transport.set_write_buffer_limits(high=MEGABYTE)
    ping = Frame(Opcode.PING, b"x" * 125).serialize(mask=True)
    for _ in range(40):
        flooder.socket.transport.write(ping * 4000)
        await flooder.socket.drain()
    await other.say("still served")
    grown = memory(server) - before
    flooder.socket.transport.abort()
    await other.leave()
    return grown


def test_pings_of_a_member_that_never_reads_take_no_memory():
    with Server(FLOOD_LIMIT="off") as server:
        grown = asyncio.run(ping_without_reading(server))
        assert grown < 10 * MEGABYTE, f"{grown / MEGABYTE:.0f} MB after 20 MB of pings"


async def pause_and_resume(server):
    """Let two members stop reading for a while; return a speaker and these two."""
    *speakers, web = web_members(server, SPEAKERS + 1)
    guest = TextMember(server, "patient")
    for member in (*speakers, web, guest):
        await member.enter()
    web.socket.transport.pause_reading()
    guest.writer.transport.pause_reading()

    async def talk(speaker):
        for number in range(400 // SPEAKERS):  # fewer than the tail keeps, more than buffers hold
            await speaker.say(f"{number} " + "\N{GRINNING FACE}" * 3900)

    # One after the other they could take longer than a member may leave pings unanswered.
    await asyncio.gather(*map(talk, speakers))
    speaker = speakers[0]
    web.socket.transport.resume_reading()
    guest.writer.transport.resume_reading()
    await speaker.say("the end")
    await web.until_said("the end")
    await guest.until(f"{speaker.name}: the end\n")
    for member in (*speakers, web, guest):
        await member.leave()
    return speaker, web, guest


@pytest.mark.parametrize("kind", [*KINDS, "serve"])
def test_members_that_stop_reading_for_a_while_receive_every_line(kind):
    with Server(kind, FLOOD_LIMIT="off") as server:
        speaker, web, guest = asyncio.run(pause_and_resume(server))
        server.assert_no_traceback()
    said = [line for line in speaker.lines if line["kind"] == "said"]
    assert len(said) == 401
    assert [line for line in web.lines if line["kind"] == "said"] == said
    assert guest.text == "".join(f"{line['name']}: {line['text']}\n" for line in said)


async def until_buffers_are_full(transport, other):
    """Wait until no more data arrives, because the server waits for the client."""
    unread = [0]
    while unread[-1] == 0 or len(set(unread[-20:])) > 1:
        await other.say("meanwhile")
        available = fcntl.ioctl(transport.get_extra_info("socket").fileno(), FIONREAD, bytes(4))
        unread.append(int.from_bytes(available, sys.byteorder))


async def close_without_reading(server):
    """Let a member ask for a lot of history, read none of it, and close."""
    other, leaver = web_members(server, 2)
    await other.enter()
    await leaver.enter()
    for number in range(40):
        await other.say(f"{number} " + "\N{GRINNING FACE}" * 3900)
    leaver.socket.transport.pause_reading()
    for _ in range(30):  # 256 KB each, more than the buffers hold
        await leaver.send(type="history", before=1 << 40, limit=100)
    await until_buffers_are_full(leaver.socket.transport, other)
    leaver.socket.protocol.send_close(1000)
    for data in leaver.socket.protocol.data_to_send():
        leaver.socket.transport.write(data)
    await other.say("heard after the close")
    leaver.socket.transport.abort()
    await other.until_line(lambda line: (line["kind"], line["name"]) == ("left", leaver.name))
    await other.leave()


@pytest.mark.parametrize("kind", ["runserver", "serve"])
def test_a_member_that_closes_without_having_read_leaves_at_once(kind):
    with Server(kind, FLOOD_LIMIT="off") as server:
        asyncio.run(close_without_reading(server))
        assert "took too long" not in server.output
        server.assert_no_traceback()


async def write_without_end(server):
    """Return (frames sent, bytes that the server has grown by, the last line of another member)."""
    flooder, other = web_members(server, 2)
    await other.enter()
    before = memory(server)
    async with connect(
        f"ws://127.0.0.1:{server.web_port}/ws/room/",
        origin=server.url,
        additional_headers={"Cookie": f"sessionid={flooder.session_key}"},
        compression=None,
        open_timeout=PATIENCE,
    ) as connection:
        connection.transport.pause_reading()
        frame = json.dumps({"type": "say", "text": "x" * 3900, "client_id": str(uuid4())})
        sent = 0
        try:
            async with asyncio.timeout(3):
                while sent < 30_000:
                    await connection.send(frame.replace(frame[-38:-2], str(uuid4())))
                    sent += 1
        except TimeoutError:
            pass
        line = await other.say("still served")
        grown = memory(server) - before
        connection.transport.abort()
    return sent, grown, line


@pytest.mark.parametrize("kind", [*KINDS, "serve"])
def test_a_member_that_writes_and_never_reads_has_to_wait(kind):
    with Server(kind, FLOOD_LIMIT="off") as server:
        sent, grown, line = asyncio.run(write_without_end(server))
        assert line["text"] == "still served"
        assert sent < 30_000
        assert grown < 40 * MEGABYTE, f"{grown / MEGABYTE:.0f} MB after {sent} frames"

"""The server of the legacy port, on real sockets."""

import asyncio
import socket

import pytest
import uvloop

from chat.servers import sockets, tcp
from tests.support.half_open import cut
from tests.support.ports import HOST
from tests.support.waiting import PATIENCE

pytestmark = [
    pytest.mark.same_on_every_database,
    pytest.mark.skipif(
        not hasattr(socket, "TCP_USER_TIMEOUT"), reason="only Linux tells how long a peer is silent"
    ),
]


@pytest.fixture
def short_limits(monkeypatch):
    """Shorten the limits to seconds, and lengthen the kernel's limit for unacknowledged data."""
    monkeypatch.setattr(sockets, "USER_TIMEOUT", 2 * PATIENCE * 1000)
    monkeypatch.setattr(sockets, "KEEPALIVE_IDLE", 1)
    monkeypatch.setattr(sockets, "KEEPALIVE_INTERVAL", 1)
    monkeypatch.setattr(tcp, "SILENCE_LIMIT", 4)
    monkeypatch.setattr(tcp, "SILENCE_CHECK_SPREAD", 0)


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_a_client_that_vanishes_with_a_line_on_its_way_is_cut_and_a_quiet_one_is_not(
    short_limits, new_loop
):
    async def scenario():
        disconnected, senders = asyncio.Queue(), {}

        async def echo(scope, receive, send):
            senders[scope["client"]] = send
            while (event := await receive())["type"] != "tcp.disconnect":
                if event["type"] == "tcp.receive":
                    await send({"type": "tcp.send", "data": event["data"]})
            disconnected.put_nowait(scope["client"])

        server = await tcp.serve(echo, HOST, 0)
        address = server.sockets[0].getsockname()
        reader, quiet = await asyncio.open_connection(*address)  # its silence is checked first
        with socket.create_connection(address) as lost:
            name = lost.getsockname()
            lost.sendall(b"here\n")
            await asyncio.to_thread(lost.recv, 5)
            cut(lost)
            await senders[name]({"type": "tcp.send", "data": b"nobody acknowledges this\n"})
            assert await asyncio.wait_for(disconnected.get(), PATIENCE) == name
        quiet.write(b"still here\n")  # has been quiet for longer than the lost one
        assert await reader.readline() == b"still here\n"
        quiet.transport.abort()
        server.close()

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(scenario())


def test_cutting_a_silent_client_disconnects_the_application_without_an_error(monkeypatch):
    monkeypatch.setattr(tcp, "SILENCE_LIMIT", 0.1)
    monkeypatch.setattr(tcp, "SILENCE_CHECK_SPREAD", 0)
    monkeypatch.setattr(sockets, "seconds_since_last_packet", lambda sock: 100)

    async def scenario():
        disconnected, errors = asyncio.Event(), []

        async def application(scope, receive, send):
            while (await receive())["type"] != "tcp.disconnect":
                pass
            disconnected.set()

        asyncio.get_running_loop().set_exception_handler(lambda *error: errors.append(error))
        server = await tcp.serve(application, HOST, 0)
        with socket.create_connection(server.sockets[0].getsockname()):
            await asyncio.wait_for(disconnected.wait(), PATIENCE)
        server.close()
        assert errors == []

    asyncio.run(scenario())

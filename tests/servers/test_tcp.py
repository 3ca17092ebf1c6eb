"""The server under the legacy port: real sockets, and an application that echoes."""

import asyncio
import socket

import pytest
import uvloop

from chat.servers import sockets, tcp
from tests.support.half_open import cut
from tests.support.waiting import wait_until

HOST = "127.0.0.1"
PATIENCE = 20  # seconds; a kernel that is not helped takes USER_TIMEOUT, and that is more

pytestmark = pytest.mark.skipif(
    not hasattr(socket, "TCP_USER_TIMEOUT"), reason="the system does not tell of a peer's silence"
)


@pytest.fixture
def hurried(monkeypatch):
    """All takes seconds, but for what the kernel takes for a line that nobody acknowledges."""
    monkeypatch.setattr(sockets, "KEEPALIVE_IDLE", 1)
    monkeypatch.setattr(sockets, "KEEPALIVE_INTERVAL", 1)
    monkeypatch.setattr(tcp, "SILENCE_LIMIT", 4)
    monkeypatch.setattr(tcp, "SILENCE_CHECK_SPREAD", 0)
    assert sockets.USER_TIMEOUT / 1000 > PATIENCE


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_who_vanishes_with_a_line_under_way_is_missed_and_who_is_only_quiet_is_not(
    hurried, new_loop
):
    async def scenario():
        gone, senders = asyncio.Queue(), {}

        async def echo(scope, receive, send):
            senders[scope["client"]] = send
            while (event := await receive())["type"] != "tcp.disconnect":
                if event["type"] == "tcp.receive":
                    await send({"type": "tcp.send", "data": event["data"]})
            gone.put_nowait(scope["client"])

        server = await tcp.serve(echo, HOST, 0)
        address = server.sockets[0].getsockname()
        reader, quiet = await asyncio.open_connection(*address)  # it is looked at first
        with socket.create_connection(address) as lost:
            name = lost.getsockname()
            lost.sendall(b"here\n")
            await asyncio.to_thread(lost.recv, 5)
            cut(lost)
            await senders[name]({"type": "tcp.send", "data": b"nobody acknowledges this\n"})
            assert await asyncio.wait_for(gone.get(), PATIENCE) == name
        quiet.write(b"still here\n")  # has said nothing for longer
        assert await reader.readline() == b"still here\n"
        quiet.transport.abort()
        server.close()

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(scenario())


def test_who_was_accepted_too_late_is_let_go(monkeypatch):
    monkeypatch.setattr(tcp, "SILENCE_LIMIT", 0.1)
    monkeypatch.setattr(tcp, "SILENCE_CHECK_SPREAD", 0)
    monkeypatch.setattr(sockets, "seconds_since_last_packet", lambda sock: 100)

    async def scenario():
        gone, troubles = asyncio.Event(), []

        async def listen(scope, receive, send):
            while (await receive())["type"] != "tcp.disconnect":
                pass
            gone.set()

        asyncio.get_running_loop().set_exception_handler(lambda *trouble: troubles.append(trouble))
        server = await tcp.serve(listen, HOST, 0)
        with socket.create_connection(server.sockets[0].getsockname()):
            await asyncio.wait_for(gone.wait(), PATIENCE)
        server.close()
        assert troubles == []

    asyncio.run(scenario())


@pytest.mark.parametrize("data, acknowledgement", [(60_000, 1_000), (1_000, 60_000)])
def test_data_and_acknowledgements_are_signs_of_life(data, acknowledgement):
    class Peer:
        def getsockopt(self, *args):
            return sockets.TCP_INFO.pack(data, acknowledgement)

    assert sockets.seconds_since_last_packet(Peer()) == 1


def test_the_kernel_tells_how_long_a_peer_has_been_silent():
    with (
        socket.create_server((HOST, 0)) as server,
        socket.create_connection(server.getsockname()) as client,
        server.accept()[0] as peer,
    ):
        peer.sendall(b"x")
        assert client.recv(1) == b"x"
        assert sockets.seconds_since_last_packet(peer) < 1
        cut(client)
        peer.sendall(b"y")
        wait_until(lambda: sockets.seconds_since_last_packet(peer) > 1, "it does not grow")
        assert sockets.seconds_since_last_packet(peer) < 60

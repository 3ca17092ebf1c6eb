"""Listening sockets, and what the kernel tells about a connection."""

import socket
import time

import pytest

from chat.servers import sockets
from tests.support.half_open import cut
from tests.support.ports import HOST
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.same_on_every_database,
    pytest.mark.skipif(
        not hasattr(socket, "TCP_USER_TIMEOUT"), reason="only Linux tells how long a peer is silent"
    ),
]


ESTABLISHED = 1  # the state of a connection, from <linux/tcp.h>


@pytest.mark.parametrize("data, acknowledgement", [(60_000, 1_000), (1_000, 60_000)])
def test_data_and_acknowledgements_both_count_as_packets(data, acknowledgement):
    class FakeSocket:
        def getsockopt(self, *args):
            return sockets.TCP_INFO.pack(ESTABLISHED, data, acknowledgement)

    assert sockets.seconds_since_last_packet(FakeSocket()) == 1


def test_the_time_since_the_last_packet_grows_while_the_peer_is_silent():
    with (
        socket.create_server((HOST, 0)) as server,
        socket.create_connection(server.getsockname()) as client,
        server.accept()[0] as peer,
    ):
        begin = time.monotonic()
        peer.sendall(b"x")
        assert client.recv(1) == b"x"
        assert sockets.seconds_since_last_packet(peer) < 1 + time.monotonic() - begin
        cut(client)
        peer.sendall(b"y")
        wait_until(lambda: sockets.seconds_since_last_packet(peer) > 1, "it does not grow")
        assert sockets.seconds_since_last_packet(peer) < 1 + time.monotonic() - begin

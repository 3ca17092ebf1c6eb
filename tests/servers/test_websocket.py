"""uvicorn's WebSocket as we use it: what is sent at once, and what has to wait."""

import asyncio
import contextlib
import json
import socket as sockets
from itertools import pairwise
from types import SimpleNamespace

import pytest
import uvicorn
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from chat import consumers
from chat.consumers import ChatConsumer
from chat.live.member import End
from chat.models import Line
from chat.servers import websocket
from chat.servers.framing import text_frame
from chat.servers.websocket import (
    FRAMES_BEFORE_PAUSE,
    READ_CHUNK,
    READ_PAUSE,
    EventQueue,
    UvicornWebSocket,
)
from chat.wire import frames
from tests.support.fake_log import NOON


def parsed(data):
    """The one unmasked frame in some bytes, as the websockets library reads it."""
    reader = StreamReader()
    reader.feed_data(data)
    reading = Frame.parse(reader.read_exact, mask=False)
    with pytest.raises(StopIteration) as done:
        while True:
            next(reading)
    assert len(reader.buffer) == 0
    return done.value.value


@pytest.mark.parametrize("length", [0, 60, 61, 62, 1000, 4000, 30_000])
def test_a_batch_has_the_frame_that_its_text_makes(length):
    line = Line(1, "said", "alice", "x" * length, NOON, None, True, None)
    for count in (1, 2, 15):
        for event in frames.batch([frames.encode(line)] * count):
            frame = parsed(text_frame(event["text"].encode()))
            assert frame.fin
            assert frame.data.decode() == event["text"]
            assert json.loads(event["text"])["type"] == "lines"


def test_events_come_in_their_order_to_one_who_waits_or_not():
    async def journey():
        events = EventQueue()
        assert events.empty()
        taking = asyncio.ensure_future(events.get())
        await asyncio.sleep(0)
        events.put_nowait("first")
        events.put_nowait("second")
        assert await taking == "first"
        assert not events.empty()
        assert await events.get() == "second"
        assert events.empty()

    asyncio.run(journey())


class Sansio:
    """The websockets library, with a pong to send."""

    def __init__(self):
        self.pongs = [b"pong"]

    def data_to_send(self):
        pongs, self.pongs = self.pongs, []
        return pongs


class Transport:
    def __init__(self):
        self.written = []
        self.closing = False

    def is_closing(self):
        return self.closing

    def write(self, data):
        self.written.append(data)


@pytest.fixture
def socket():
    """A connection that is open, without a network."""
    socket = UvicornWebSocket.__new__(UvicornWebSocket)
    socket.transport = Transport()
    socket.writable = asyncio.Event()
    socket.writable.set()
    socket.frames_since_pause = 0
    socket.handshake_complete, socket.close_sent, socket.disconnected = True, False, False
    return socket


BATCH = [{"frame": b"one"}, {"frame": b"two"}]


def test_frames_are_written_at_once(socket):
    assert list(socket.write(BATCH)) == []
    assert socket.transport.written == [b"one", b"two"]


def test_frames_wait_for_a_client_that_takes_too_little(socket):
    write = socket.transport.write
    socket.transport.write = lambda data: (write(data), socket.writable.clear())
    assert socket.write(BATCH) == BATCH[1:]
    assert socket.write(BATCH) == BATCH
    assert socket.transport.written == [b"one"]


def test_pings_of_a_client_that_takes_nothing_are_not_answered(socket):
    socket.conn = Sansio()
    socket.writable.clear()
    socket.handle_ping()
    assert socket.conn.pongs == []
    assert socket.transport.written == []


def test_pings_are_answered(socket):
    socket.conn = Sansio()
    socket.handle_ping()
    assert socket.transport.written == [b"pong"]


def test_many_pings_rest_before_more_is_read(socket):
    rests = []
    socket.conn, socket.queue, socket.unread, socket.read_paused = (
        Sansio(),
        EventQueue(),
        b"",
        False,
    )
    socket.transport.pause_reading = lambda: rests.append("paused")
    socket.loop = SimpleNamespace(call_later=lambda seconds, function: rests.append(seconds))
    for _ in range(FRAMES_BEFORE_PAUSE):
        socket.handle_ping()
        socket.continue_reading()
    assert rests == []
    socket.handle_ping()
    socket.continue_reading()
    assert rests == ["paused", READ_PAUSE]


def test_nothing_is_written_after_our_close(socket):
    socket.close_sent = True
    assert socket.write(BATCH) == BATCH
    assert socket.transport.written == []


@pytest.mark.parametrize("gone", ["disconnected", "closing"])
def test_a_client_that_has_gone_is_an_error(socket, gone):
    socket.disconnected = gone == "disconnected"
    socket.transport.closing = gone == "closing"
    socket.close_sent = True  # as after pings that were not answered
    with pytest.raises(ClientDisconnected):
        socket.write(BATCH)


@pytest.mark.parametrize("kind", ["websocket.send", "websocket.close"])
def test_nothing_is_sent_after_our_close_and_it_is_no_fault(socket, kind):
    socket.close_sent = True
    with pytest.raises(ClientDisconnected):
        asyncio.run(socket.send({"type": kind, "text": "late"}))
    assert socket.transport.written == []


def test_what_waits_while_another_closes_is_no_fault(socket):
    async def journey():
        socket.writable.clear()
        sending = asyncio.create_task(socket.send({"type": "websocket.send", "text": "late"}))
        await asyncio.sleep(0)  # it waits now
        socket.close_sent = True
        socket.writable.set()
        with pytest.raises(ClientDisconnected):
            await sending

    asyncio.run(journey())


HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
MORE_THAN_BUFFERS_HOLD = 32 << 20  # bytes


def test_others_have_a_turn_between_the_pieces_of_what_comes_at_once(monkeypatch):
    """A hundred thousand pings in one go, and a message at the end, which is there in the end."""
    monkeypatch.setattr(websocket, "READ_PAUSE", 0)
    pings, turns, over = 0, [0], None

    class Counting(UvicornWebSocket):
        def handle_ping(self):
            nonlocal pings
            pings += 1
            self.conn.data_to_send()

    async def application(scope, receive, send):
        await receive()
        await send({"type": "websocket.accept"})
        over.set_result(await receive())

    async def journey():
        nonlocal over
        over = asyncio.get_running_loop().create_future()
        async with listening(Counting, application) as client:
            loop = asyncio.get_running_loop()
            message = Frame(Opcode.TEXT, b"the end").serialize(mask=True)
            flood = Frame(Opcode.PING, b"").serialize(mask=True) * 100_000 + message
            sending = loop.create_task(loop.sock_sendall(client, flood))
            while not over.done():
                await asyncio.sleep(0)
                turns.append(pings)
            await sending
            assert over.result()["text"] == "the end"

    asyncio.run(asyncio.wait_for(journey(), 60))
    assert pings == 100_000
    assert max(after - before for before, after in pairwise(turns)) <= READ_CHUNK // 6 + 1


def test_the_clients_close_is_found_behind_all_that_it_had_sent_before(monkeypatch):
    """An application that closes and takes nothing more; uvicorn itself would wait for 10 s."""
    closed = []

    class Closing(UvicornWebSocket):
        def handle_close(self, event):
            super().handle_close(event)
            closed.append(self.close_timer)

    async def application(scope, receive, send):
        await receive()
        await send({"type": "websocket.accept"})
        await receive()
        await send({"type": "websocket.close"})

    async def journey():
        async with listening(Closing, application) as client:
            loop = asyncio.get_running_loop()
            message = Frame(Opcode.TEXT, b"x" * 1000).serialize(mask=True)
            goodbye = Frame(Opcode.CLOSE, b"").serialize(mask=True)
            await loop.sock_sendall(client, message * 100 + goodbye)
            while await loop.sock_recv(client, 1000):
                pass
            assert closed == [None]

    asyncio.run(asyncio.wait_for(journey(), 60))


@contextlib.asynccontextmanager
async def listening(protocol, application):
    """A client's socket whose handshake is done with an application behind our UvicornWebSocket."""
    config = uvicorn.Config(application, log_config=None)
    config.load()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: protocol(config, ServerState(), {}, loop), "127.0.0.1", 0
    )
    with sockets.socket() as client:
        client.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 1024)
        client.setblocking(False)
        await loop.sock_connect(client, server.sockets[0].getsockname())
        await loop.sock_sendall(client, HANDSHAKE)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += await loop.sock_recv(client, 1)
        yield client
    server.close()


def test_who_never_reads_is_cut_when_the_goodbye_does_not_go_out(monkeypatch):
    monkeypatch.setattr(consumers, "BYE_WITHIN", 0.05)
    over = None

    async def application(scope, receive, send):
        door = ChatConsumer()
        door.scope, door.send, door.process = scope, send, SimpleNamespace(returning=1)
        await receive()
        await send({"type": "websocket.accept"})
        frame = bytes(MORE_THAN_BUFFERS_HOLD)
        assert door.write_at_once([{"frame": frame}, {"frame": frame}]), "the client takes all"
        await door.say_farewell(End.SLOW)
        over.set_result((await receive())["type"])

    async def journey():
        nonlocal over
        over = asyncio.get_running_loop().create_future()
        async with listening(UvicornWebSocket, application), asyncio.timeout(10):
            assert await over == "websocket.disconnect"

    asyncio.run(journey())


def test_uvicorn_has_what_we_use_of_it():
    config = uvicorn.Config(lambda scope: None)
    config.load()
    with contextlib.closing(asyncio.new_event_loop()) as loop:
        theirs = WebSocketsSansIOProtocol(config, ServerState(), {}, loop)
    used = {"queue", "writable", "transport", "conn", "handshake_complete", "close_sent", "loop"}
    used |= {"disconnected", "read_paused", "frames", "curr_msg_data_type"}
    assert used <= vars(theirs).keys()
    for name in ("handle_connect", "handle_ping", "handle_pong", "handle_cont", "data_received"):
        assert callable(getattr(theirs, name))
    for name in ("handle_parser_exception", "send_receive_event_to_app", "receive"):
        assert callable(getattr(theirs, name))

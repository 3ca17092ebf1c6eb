"""uvicorn's WebSocket as the site adapts it, without a network."""

import asyncio
import contextlib

import pytest
import uvicorn
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode

from chat.servers import framing
from chat.servers.framing import text_frame
from chat.servers.websocket import FRAMES_BEFORE_PAUSE, READ_PAUSE, EventQueue, UvicornWebSocket

pytestmark = pytest.mark.same_on_every_database


class FakeProtocol:
    """Stands in for the websockets library's protocol, with a pong to send."""

    def __init__(self):
        self.pongs = [b"pong"]

    def data_to_send(self):
        pongs, self.pongs = self.pongs, []
        return pongs


class FakeTransport:
    def __init__(self):
        self.written = []
        self.closing = False
        self.paused = False

    def is_closing(self):
        return self.closing

    def write(self, data):
        self.written.append(data)

    def pause_reading(self):
        self.paused = True

    def resume_reading(self):
        self.paused = False


class FakeLoop:
    """Records the delays of timers instead of starting them."""

    def __init__(self):
        self.delays = []

    def call_later(self, delay, function):
        self.delays.append(delay)


def opened(cls=UvicornWebSocket):
    """Return a connection whose handshake is complete."""
    config = uvicorn.Config(lambda scope: None, log_config=None)
    config.load()
    connection = cls(config, ServerState(), {}, FakeLoop())
    connection.transport = FakeTransport()
    connection.handshake_complete = True
    return connection


@pytest.fixture
def connection():
    return opened()


def events():
    return [{"type": "websocket.send", "text": text} for text in ("one", "two")]


FRAMES = [text_frame(b"one"), text_frame(b"two")]


def test_the_event_queue_keeps_the_order_whether_the_consumer_waits_or_not():
    async def scenario():
        queue = EventQueue()
        assert queue.empty()
        getting = asyncio.ensure_future(queue.get())
        await asyncio.sleep(0)
        queue.put_nowait("first")
        queue.put_nowait("second")
        assert await getting == "first"
        assert not queue.empty()
        assert await queue.get() == "second"
        assert queue.empty()

    asyncio.run(scenario())


def test_events_are_written_without_waiting(connection):
    assert list(connection.write(events())) == []
    assert connection.transport.written == [b"".join(FRAMES)]


def test_the_frame_of_an_event_is_made_once_for_all_recipients():
    first, second = opened(), opened()
    shared = events()
    for event in shared:
        first.write([event])
        second.write([event])
    assert second.transport.written == FRAMES
    for one, other in zip(first.transport.written, second.transport.written, strict=True):
        assert one is other


def test_events_have_to_wait_while_the_send_buffer_is_full(connection, monkeypatch):
    monkeypatch.setattr(framing, "JOINED", 0)
    write = connection.transport.write
    connection.transport.write = lambda data: (write(data), connection.writable.clear())
    batch = events()
    assert connection.write(batch) == batch[1:]
    assert connection.write(batch) == batch
    assert connection.transport.written == FRAMES[:1]


def test_pings_are_answered(connection):
    connection.conn = FakeProtocol()
    connection.handle_ping()
    assert connection.transport.written == [b"pong"]


def test_pings_of_a_client_that_does_not_read_are_not_answered(connection):
    connection.conn = FakeProtocol()
    connection.writable.clear()
    connection.handle_ping()
    assert connection.conn.pongs == []
    assert connection.transport.written == []


def test_reading_pauses_after_many_pings(connection):
    connection.conn = FakeProtocol()
    for _ in range(FRAMES_BEFORE_PAUSE):
        connection.handle_ping()
        asyncio.run(connection.receive())
    assert (connection.transport.paused, connection.loop.delays) == (False, [])
    connection.handle_ping()
    asyncio.run(connection.receive())
    assert (connection.transport.paused, connection.loop.delays) == (True, [READ_PAUSE])


def test_nothing_is_read_until_the_application_has_counted_a_ping(connection):
    connection.conn = FakeProtocol()
    connection.handle_ping()
    assert connection.transport.paused
    assert asyncio.run(connection.receive())["type"] == "chatsite.control_frame"
    assert not connection.transport.paused


def test_a_client_whose_answer_has_not_been_read_is_not_taken_for_dead(connection):
    connection.transport.pause_reading()
    connection.read_paused = True
    connection.keepalive_timeout()
    assert not connection.close_sent
    assert connection.loop.delays == [connection.ping_timeout]


@pytest.mark.parametrize(("opcode", "field"), [(Opcode.TEXT, "text"), (Opcode.BINARY, "bytes")])
def test_the_fragments_of_a_message_are_kept_as_one(connection, opcode, field):
    begin = {Opcode.TEXT: connection.handle_text, Opcode.BINARY: connection.handle_bytes}
    begin[opcode](Frame(opcode, b"a", fin=False))
    for data in (b"", b"b") * 1000:
        connection.handle_cont(Frame(Opcode.CONT, data, fin=False))
        assert len(connection.frames) == 1
    connection.handle_cont(Frame(Opcode.CONT, b"c"))
    text = "a" + "b" * 1000 + "c"
    while (event := asyncio.run(connection.queue.get()))["type"] != "websocket.receive":
        pass  # each fragment is counted
    assert event[field] == (text if field == "text" else text.encode())


def test_nothing_is_written_after_our_own_close(connection):
    connection.close_sent = True
    batch = events()
    assert connection.write(batch) == batch
    assert connection.transport.written == []


@pytest.mark.parametrize("gone", ["disconnected", "closing"])
def test_writing_to_a_client_that_has_gone_raises(connection, gone):
    connection.disconnected = gone == "disconnected"
    connection.transport.closing = gone == "closing"
    connection.close_sent = True  # as after pings that were not answered
    with pytest.raises(ClientDisconnected):
        connection.write(events())


@pytest.mark.parametrize("kind", ["websocket.send", "websocket.close"])
def test_sending_after_our_own_close_is_like_sending_to_a_client_that_has_gone(connection, kind):
    connection.close_sent = True
    with pytest.raises(ClientDisconnected):
        asyncio.run(connection.send({"type": kind, "text": "late"}))
    assert connection.transport.written == []


def test_a_send_that_waits_while_another_task_closes_raises_client_disconnected(connection):
    async def scenario():
        connection.writable.clear()
        sending = asyncio.create_task(connection.send({"type": "websocket.send", "text": "late"}))
        await asyncio.sleep(0)  # it waits now
        connection.close_sent = True
        connection.writable.set()
        with pytest.raises(ClientDisconnected):
            await sending

    asyncio.run(scenario())


def test_uvicorn_has_the_undocumented_attributes_that_we_use():
    config = uvicorn.Config(lambda scope: None)
    config.load()
    with contextlib.closing(asyncio.new_event_loop()) as loop:
        original = WebSocketsSansIOProtocol(config, ServerState(), {}, loop)
    used = {"queue", "writable", "transport", "conn", "handshake_complete", "close_sent", "loop"}
    used |= {"disconnected", "read_paused", "frames", "curr_msg_data_type"}
    used |= {"ping_timeout", "pong_timer"}
    assert used <= vars(original).keys()
    for name in ("handle_connect", "handle_ping", "handle_pong", "handle_cont", "data_received"):
        assert callable(getattr(original, name))
    for name in ("handle_parser_exception", "send_receive_event_to_app", "receive"):
        assert callable(getattr(original, name))

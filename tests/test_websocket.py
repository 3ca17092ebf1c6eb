"""uvicorn's WebSocket as we use it: what is sent at once, and what has to wait."""

import asyncio
import json

import pytest
from uvicorn.protocols.utils import ClientDisconnected
from websockets.frames import Frame
from websockets.streams import StreamReader

from chat.models import Line
from chat.wire import frames
from chat.wire.websocket import Events, WebSocket
from tests.test_tail import NOON


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
            frame = parsed(event["frame"])
            assert frame.fin
            assert frame.data.decode() == event["text"]
            assert json.loads(event["text"])["type"] == "lines"


def test_events_come_in_their_order_to_one_who_waits_or_not():
    async def journey():
        events = Events()
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
    socket = WebSocket.__new__(WebSocket)
    socket.transport = Transport()
    socket.writable = asyncio.Event()
    socket.writable.set()
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


def test_nothing_is_written_after_our_close(socket):
    socket.close_sent = True
    assert socket.write(BATCH) == BATCH
    assert socket.transport.written == []


@pytest.mark.parametrize("gone", ["disconnected", "closing"])
def test_a_client_that_has_gone_is_an_error(socket, gone):
    socket.disconnected = gone == "disconnected"
    socket.transport.closing = gone == "closing"
    with pytest.raises(ClientDisconnected):
        socket.write(BATCH)

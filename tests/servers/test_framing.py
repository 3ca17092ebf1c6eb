"""WebSocket frames of text that many connections receive."""

import json

import pytest
from websockets.frames import Frame
from websockets.streams import StreamReader

from chat.models import Line
from chat.servers.framing import text_frame
from chat.wire import frames
from tests.support.fake_log import NOON

pytestmark = pytest.mark.same_on_every_database


def read_frame(data):
    """Return the one unmasked frame in some bytes, as the websockets library reads it."""
    reader = StreamReader()
    reader.feed_data(data)
    parser = Frame.parse(reader.read_exact, mask=False)
    with pytest.raises(StopIteration) as finished:
        while True:
            next(parser)
    assert len(reader.buffer) == 0
    return finished.value.value


@pytest.mark.parametrize("length", [0, 60, 61, 62, 1000, 4000, 30_000])
def test_the_frame_of_a_batch_is_read_back_as_its_text(length):
    line = Line(
        seq=1,
        kind="said",
        name="alice",
        text="x" * length,
        at=NOON,
        client_id=None,
        guest=True,
        of=None,
    )
    for count in (1, 2, 15):
        for event in frames.batch([frames.encode(line)] * count):
            frame = read_frame(text_frame(event["text"].encode()))
            assert frame.fin
            assert frame.data.decode() == event["text"]
            assert json.loads(event["text"])["type"] == "lines"

"""The legacy door without a socket: how it shares the event loop."""

import asyncio
from types import SimpleNamespace

import pytest

from chat.consumers import PIECE, TextConsumer
from chat.wire import legacy as lines

SENT = 256 * 1024  # bytes that one read may bring


async def turns_of_others_during(data):
    """(how often somebody else had a turn until one read was dealt with, what was answered)."""
    turns, answers = 0, []
    events = iter([{"type": "tcp.connect"}, {"type": "tcp.receive", "data": data}])

    async def others():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def receive():
        return next(events, {"type": "tcp.disconnect"})

    async def send(event):
        answers.append(event.get("data"))

    door = TextConsumer()
    door.process, door.send = SimpleNamespace(stopping=False), send
    task = asyncio.create_task(others())
    await door.open(receive, True)
    task.cancel()
    return turns, answers[1:]


@pytest.mark.parametrize("bytes_sent", [b"\n", b"x\xff\xf1", b"x" * 100 + b"\xff\n"])
def test_whoever_sends_much_at_once_leaves_turns_to_others(bytes_sent):
    data = (bytes_sent * SENT)[:SENT]
    turns, _ = asyncio.run(turns_of_others_during(data))
    assert turns >= SENT // PIECE


def test_blank_lines_count_like_others():
    few, _ = asyncio.run(turns_of_others_during(b"\n" * 10))
    many, _ = asyncio.run(turns_of_others_during(b"\n" * 1000))
    assert many >= few + 49


def test_a_line_across_pieces_is_answered_once():
    word = b"x" * (2 * PIECE)
    _, answers = asyncio.run(turns_of_others_during(word + b"\n\n" + b"y\n"))
    assert answers == [lines.unknown_command(word.decode()), lines.unknown_command("y")]


def test_nothing_is_read_after_logout():
    _, answers = asyncio.run(turns_of_others_during(b"a\nlogout\n" + b"b\n" * PIECE))
    assert answers == [lines.unknown_command("a")]

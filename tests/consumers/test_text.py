"""The consumer of the legacy port without a socket: how it shares the event loop."""

import asyncio
from types import SimpleNamespace

import pytest

from chat.consumers import TextConsumer
from chat.consumers.text import BYTES_PER_TURN, COMMANDS_PER_TURN
from chat.wire import legacy

BYTES_PER_READ = 256 * 1024  # that a socket may deliver at once


async def serve(data):
    """Return how often another task had a turn while the data was handled, and the answers."""
    turns, answers = 0, []
    events = iter([{"type": "tcp.connect"}, {"type": "tcp.receive", "data": data}])

    async def count_turns():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def receive():
        return next(events, {"type": "tcp.disconnect"})

    async def send(event):
        answers.append(event.get("data"))

    consumer = TextConsumer()
    consumer.process, consumer.send = SimpleNamespace(stopping=False), send
    other_task = asyncio.create_task(count_turns())
    await consumer.serve(receive, True)
    other_task.cancel()
    return turns, answers[1:]


@pytest.mark.parametrize("data", [b"\n", b"x\xff\xf1", b"x" * 100 + b"\xff\n"])
def test_a_client_that_sends_much_at_once_leaves_turns_to_others(data):
    turns, _ = asyncio.run(serve((data * BYTES_PER_READ)[:BYTES_PER_READ]))
    assert turns >= BYTES_PER_READ // BYTES_PER_TURN


def test_blank_lines_count_like_other_lines():
    few, _ = asyncio.run(serve(b"\n" * 10))
    many, _ = asyncio.run(serve(b"\n" * 1000))
    assert many >= few + 1000 // COMMANDS_PER_TURN - 1


def test_a_line_longer_than_a_turn_is_answered_once():
    word = b"x" * (2 * BYTES_PER_TURN)
    _, answers = asyncio.run(serve(word + b"\n\n" + b"y\n"))
    assert answers == [legacy.unknown_command(word.decode()), legacy.unknown_command("y")]


def test_nothing_is_read_after_logout():
    _, answers = asyncio.run(serve(b"a\nlogout\n" + b"b\n" * BYTES_PER_TURN))
    assert answers == [legacy.unknown_command("a")]

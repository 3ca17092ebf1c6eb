"""The consumer of the legacy port without a socket."""

import asyncio
from types import SimpleNamespace

import pytest

from chat.consumers import TextConsumer
from chat.consumers.text import BYTES_PER_TURN, COMMANDS_PER_TURN, LAST_LINES_WITHIN
from chat.live.open_sockets import OpenSockets, SocketKind
from chat.wire import legacy, words
from chat.wire.telnet import WONT_TIMING_MARK

BYTES_PER_READ = 256 * 1024  # that a socket may deliver at once
REFUSED = b"login " + b"x" * legacy.MAX_LINE + b"\n"


async def serve(*reads, ended_for=lambda: None):
    """Return how often another task had a turn while the data was handled, and the answers."""
    turns, answers = 0, []
    data = [{"type": "tcp.receive", "data": read} for read in reads]
    events = iter([{"type": "tcp.connect"}, *data])

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
    consumer.scope = {"type": "tcp", "extensions": {"chatsite.ended_for": ended_for}}
    other_task = asyncio.create_task(count_turns())
    consumer.place = OpenSockets(capacity=100).open(SocketKind.LEGACY, None)
    await consumer.serve(receive)
    other_task.cancel()
    return turns, answers[1:]


def answers_to(*reads, **options):
    _, answers = asyncio.run(serve(*reads, **options))
    return answers


@pytest.mark.parametrize("data", [b"\n", b"x\xff\xf1", b"x" * 100 + b"\xff\n", b"x\x7f"])
def test_a_client_that_sends_much_at_once_leaves_turns_to_others(data):
    turns, _ = asyncio.run(serve((data * BYTES_PER_READ)[:BYTES_PER_READ]))
    assert turns >= BYTES_PER_READ // BYTES_PER_TURN


def test_blank_lines_count_like_other_lines():
    few, _ = asyncio.run(serve(b"\n" * 10))
    many, _ = asyncio.run(serve(b"\n" * 1000))
    assert many >= few + 1000 // COMMANDS_PER_TURN - 1


def test_a_line_longer_than_a_turn_is_answered_once():
    word = b"x" * (2 * BYTES_PER_TURN)
    assert answers_to(word + b"\n\n" + b"y\n") == [
        legacy.unknown_command(word.decode()),
        legacy.unknown_command("y"),
    ]


def test_nothing_is_read_after_logout():
    sent = b"a\nlogout\n" + b"\xff\xfd\x06b\n" * BYTES_PER_TURN
    assert answers_to(sent) == [legacy.unknown_command("a")]


def test_a_timing_mark_is_answered_in_its_place_and_no_other_command_of_telnet():
    sent = b"a\n\xff\xf4\xff\xfd\x06b\n\xff\xfb\x06\xff\xfd\x01\xff\xfd\x03\xff\xf6c\xff\xfd\x06\r"
    a, b, c = map(legacy.unknown_command, "abc")
    assert answers_to(sent) == [a, WONT_TIMING_MARK, b, WONT_TIMING_MARK, c]
    assert answers_to(*(bytes([byte]) for byte in sent)) == answers_to(sent)
    assert WONT_TIMING_MARK == b"\xff\xfc\x06"


def test_help_before_login_lists_the_words_that_work_there_on_lines_of_their_own():
    assert answers_to(b"help\n") == [b"\n" + words.help_outside()]
    listed = [line.split()[0].decode() for line in words.help_outside().splitlines()]
    assert listed == ["login", "logout"]


@pytest.mark.parametrize(
    ("sent", "is_open"),
    [
        (b"", True),  # after the greeting
        (REFUSED, True),
        (b"x\n", False),
        (b"x\n\xff\xfd\x06", False),
        (REFUSED + b"\xff\xfd\x06", True),
        (b"x\n" + REFUSED, True),
        (b"help\n", False),
    ],
)
def test_help_begins_on_a_new_line_only_where_the_last_text_did_not_end_one(sent, is_open):
    *_, answer = answers_to(sent + b"help\n")
    assert answer == b"\n" * is_open + words.help_outside()


def test_what_a_closed_connection_had_sent_is_handled_for_half_a_second_at_most():
    assert answers_to(b"a\nb\n", ended_for=lambda: LAST_LINES_WITHIN / 2) == [
        legacy.unknown_command("a"),
        legacy.unknown_command("b"),
    ]
    seconds = iter([None, 0.1, LAST_LINES_WITHIN + 0.01])
    handled = answers_to(b"a\nb\nc\n" + b"\n" * 1000, ended_for=lambda: next(seconds))
    assert handled == [legacy.unknown_command("a"), legacy.unknown_command("b")]
    seconds = iter([None, LAST_LINES_WITHIN + 0.01])
    assert answers_to(b"x" * BYTES_PER_TURN * 3, b"\n", ended_for=lambda: next(seconds)) == []

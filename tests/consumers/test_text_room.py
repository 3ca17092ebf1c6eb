"""The legacy consumer in the room, over real sockets: answers to telnet, new lines, and endings."""

import asyncio
import socket
import struct
from itertools import count

import pytest

from chat.wire import words
from tests.support.clients import PATIENCE, TextMember, run_journey

pytestmark = pytest.mark.slow

GONE_WITHIN = 6  # seconds of the server's processor time after the end of a connection
numbers = count(1)


def play(server, journey):
    """Run a journey, which is given a function to enter.

    All who have entered leave at its end, so that no line about it comes between those of another.
    """

    async def run():
        members = []

        async def enter(name):
            member = TextMember(server, f"{name}-{next(numbers)}")
            assert await member.enter() == "Login Success"
            members.append(member)
            return member

        await journey(enter)
        for member in members:
            member.write("logout")
            await member.until_closed()

    run_journey(run())


async def raw_answer(server, *parts):
    """Return what a client receives that sends some parts, in segments of their own, and leaves."""
    reader, writer = await asyncio.open_connection(*server.legacy_address)
    for part in parts:
        writer.write(part)
        await asyncio.sleep(0.03)  # segments of their own are made by time alone
    writer.write(b"logout\n")
    answer = await asyncio.wait_for(reader.read(), PATIENCE)
    writer.close()
    return answer


@pytest.mark.parametrize("end", [b"\r\n", b"\r\0", b"\r", b"\n"])
def test_every_line_end_works_in_one_segment_and_in_several(server, end):
    name = f"liner-{next(numbers)}".encode()
    expected = b"Connect SuccessLogin Success%b: a\n%b: b\nOnline Users:\n" % (name, name)

    async def journey():
        lines = [b"login " + name, b"say a", b"say b", b"look"]
        sent = b"".join(line + end for line in lines)
        assert (await raw_answer(server, sent)).startswith(expected)
        in_parts = [line + end[:1] for line in lines]
        if len(end) > 1:
            in_parts = [part for line in in_parts for part in (line, end[1:])]
        assert (await raw_answer(server, *in_parts)).startswith(expected)

    run_journey(journey())


def test_a_timing_mark_is_answered_in_its_place_before_and_after_the_login(server):
    async def journey():
        name = f"marker-{next(numbers)}".encode()
        ask, answer = b"\xff\xf4\xff\xfd\x06", b"\xff\xfc\x06"
        sent = b"%bx\nlogin %b\n%bsay %bone\nsay two\n%b" % (ask, name, ask, ask, ask)
        expected = b"".join(
            [
                *(b"Connect Success", answer, b"Unknown command x \n", b"Login Success", answer),
                *(answer, name, b": one\n", name, b": two\n", answer),
            ]
        )
        assert await raw_answer(server, sent) == expected

    run_journey(journey())


@pytest.mark.parametrize("word", ["help", "history"])
def test_help_and_history_begin_on_a_new_line_and_the_other_words_do_not(server, word):
    async def journey(enter):
        speaker = await enter("speaker")
        await speaker.say("so that there is a history")
        first = {"help": "say TEXT", "history": "20"}[word]
        last = {"help": "leave\n", "history": "history\n"}[word]
        member = await enter("member")
        answer = await member.ask(word, last)
        assert answer.startswith(f"\n{first}")
        assert (await member.ask(word, last)).startswith(first)
        other = await enter("other")
        assert (await other.ask("look", "Users:\n")).startswith("Online Users:\n")
        listener = await enter("listener")
        await speaker.say("a line of the room")
        await listener.until("a line of the room\n")
        assert (await listener.ask(word, last)).startswith(first)

    play(server, journey)


def test_help_begins_on_a_new_line_after_a_refused_name(server):
    async def journey(enter):
        member = await enter("taken")
        answer = await raw_answer(server, f"login {member.name}\nhelp\n".encode())
        assert answer == b"Connect SuccessUserName Exist\n" + words.help_outside()

    play(server, journey)


def reset(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def half_close(sock):
    sock.shutdown(socket.SHUT_WR)


async def send_and_end(server, name, lines, end):
    """Log in, send all lines at once, and end the connection.

    Returns the socket, and the processor time that the server had used by then.
    """

    def act():
        sock = socket.create_connection(server.legacy_address, timeout=PATIENCE)
        sock.sendall(f"login {name}\n".encode())
        received = b""
        while not received.endswith(b"Login Success"):
            received += sock.recv(100)
        sock.sendall(lines)
        end(sock)
        return sock, server.processor_time

    return await asyncio.to_thread(act)


@pytest.mark.parametrize("end", [reset, socket.socket.close, half_close])
@pytest.mark.parametrize(
    "lines",
    [
        b"say short\n" * 10_000,
        b"".join(b"say this is number %d of the lines\r\n" % number for number in range(10_000)),
        b"say short\r" * 100_000,
        b"look\nhistory 200\n" * 10_000,
        b"\n" * 1_000_000,
    ],
    ids=["short", "longer", "many", "asking", "blank"],
)
def test_a_flood_does_not_outlive_its_connection(server, lines, end):
    async def journey(enter):
        watcher = await enter("watcher")
        name = f"flooder-{next(numbers)}"
        sock, used_before = await send_and_end(server, name, lines, end)
        await watcher.until(f"{name} has left the room.\n")
        used = server.processor_time - used_before
        sock.close()
        assert used < GONE_WITHIN, f"gone after {used:.1f} s of processor time"
        assert name not in await watcher.ask("look", f"{watcher.name}\n")
        said = watcher.text.count(f"{name}: ")
        assert said < 10_000, "everything was said, so there was no flood"

    play(server, journey)


@pytest.mark.parametrize("end", [reset, socket.socket.close, half_close])
def test_a_client_that_says_something_and_closes_is_heard(server, end):
    async def journey(enter):
        watcher = await enter("watcher")
        for lines in (
            b"say last words\n",
            b"say last words\r",
            b"say one\nsay last words\nlogout\n",
        ):
            name = f"speaker-{next(numbers)}"
            sock, _ = await send_and_end(server, name, lines + b"say unfinished", end)
            await watcher.until(f"{name} has left the room.\n")
            sock.close()
            assert f"{name}: last words\n{name} has left" in watcher.text
            assert "unfinished" not in watcher.text

    play(server, journey)

"""The load counts what it must, goes on as long as it must, and keeps its members in the room."""

import os
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from tests.benchmarks import fanout, load, peers, plan
from tests.benchmarks.candidates import BareLoop
from tests.benchmarks.load_clients import LoadLink
from tests.benchmarks.load_talk import LoadTalk
from tests.benchmarks.participants import NGIRCD, WEB
from tests.benchmarks.running import LoadProcess, load_on
from tests.benchmarks.wires import IrcWire, LegacyWire
from tests.support.ports import HOST

MEMBERS = 12


class SentMessages:
    """A socket that keeps what is sent."""

    def __init__(self):
        self.sent = []

    def send(self, data):
        self.sent.append(data)


def members(wire, count):
    return [LoadLink(SentMessages(), wire(number, port=0)) for number in range(count)]


def receive(talk, link, data):
    """Let a member of a talk receive something, as the load does."""
    if link.is_listened_to:
        talk.listen(link, data)
    talk.advance(link, data.count(b"^^"))


def test_the_last_members_to_enter_speak_and_hear_themselves():
    everybody = members(LegacyWire, 8)
    talk = LoadTalk(everybody, 3, in_turn=True)
    assert list(talk.speakers.values()) == everybody[5:]
    assert talk.reached == {0: 8}
    assert [link.is_listened_to for link in everybody] == [False] * 5 + [True] * 3


def test_speakers_without_an_echo_are_heard_by_another_member():
    everybody = members(IrcWire, 8)
    talk = LoadTalk(everybody, 3, in_turn=True)
    assert talk.reached == {0: 5}
    assert [link.is_listened_to for link in everybody] == [False] * 4 + [True] + [False] * 3


def test_a_message_has_reached_everybody_when_the_slowest_has_it():
    everybody = members(LegacyWire, 3)
    talk = LoadTalk(everybody, 1, in_turn=True)
    talk.begin()
    (line,) = everybody[2].sock.sent
    assert line.startswith(b"say ^^00 ")
    for link in everybody[:2]:
        receive(talk, link, line)
    assert (talk.low, talk.heard, len(talk.done)) == (0, 2, 0)
    talk.in_turn = False
    receive(talk, everybody[2], line)
    assert (talk.low, talk.heard, len(talk.done)) == (1, 3, 1)
    assert talk.is_over
    (wait,) = talk.waits(0, 1)
    assert wait > 0


def test_a_speaker_that_hears_itself_speaks_again():
    everybody = members(LegacyWire, 2)
    talk = LoadTalk(everybody, 1, in_turn=True)
    talk.begin()
    speaker = everybody[1]
    receive(talk, speaker, b"name: ^^0")  # half of the marker
    assert len(speaker.sock.sent) == 1
    receive(talk, speaker, b"0 text\n")
    assert len(speaker.sock.sent) == talk.said == 2


def test_a_message_that_is_due_waits_for_the_one_under_way():
    everybody = members(LegacyWire, 2)
    talk = LoadTalk(everybody, 1, in_turn=False)
    for number in range(2):
        talk.say_in_turn(number, due=1.0)
    speaker = everybody[1]
    assert len(speaker.sock.sent) == talk.said == 1
    receive(talk, speaker, b"name: ^^00 text\n")
    assert len(speaker.sock.sent) == talk.said == 2


@pytest.mark.parametrize(("values", "found"), [([], 0), ([7], 7), ([1, 2, 3], 2)])
def test_a_percentile_needs_no_number_of_values(values, found):
    assert load.percentile(values, 50) == found


def test_a_phase_goes_on_until_every_speaker_can_have_been_heard_several_times():
    with BareLoop("") as candidate:
        _, (phase,) = load_on(candidate, MEMBERS, [{"in_flight": 3, "seconds": 0, "warm_up": 0}])
    assert phase["told"] >= 3 * (1 + load.TURNS)


def test_members_answer_pings_while_no_command_comes():
    listener = socket.create_server((HOST, 0))
    listener.settimeout(30)
    candidate = SimpleNamespace(
        wire="legacy",
        ports=[listener.getsockname()[1]],
        pids=[os.getpid()],
        cookies=lambda count: None,
        at_once=1,
    )

    def let_in():
        sock, _ = listener.accept()
        for greeting in (b"Connect Success", b"Login Success"):
            sock.sendall(greeting)
        return sock

    with listener, ThreadPoolExecutor() as threads:
        member = threads.submit(let_in)
        with LoadProcess(candidate, 1, pinned=False), member.result() as sock:
            sock.settimeout(30)
            assert sock.recv(100).startswith(b"login ")
            sock.sendall(b"\x89\x02hi")  # a ping
            assert sock.recv(100) == b"\x8a\x82\0\0\0\0hi"  # the pong to it


# Candidates that fail


@pytest.fixture
def smallest():
    with plan.Plan(quick=True, rounds=1, seconds=0.1) as smallest:
        yield smallest


def fail():
    raise AssertionError("it does not listen:\nand says why")


def test_a_server_of_others_that_fails_is_left_out(smallest):
    results = fanout.take_turns(smallest, {NGIRCD: (fail, [1])}, MEMBERS)
    assert results == ({}, {NGIRCD: "it does not listen:"})


def test_a_failure_of_this_site_is_raised(smallest):
    with pytest.raises(AssertionError, match="does not listen"):
        fanout.take_turns(smallest, {WEB: (fail, [1])}, MEMBERS)


def test_a_server_of_others_that_dies_later_is_left_out(smallest, monkeypatch):
    peer = peers.Original(f"{sys.executable} -m tests.benchmarks.bare {{port}}")

    class DyingAfterEntry(LoadProcess):
        def __enter__(self):
            super().__enter__()
            peer.process.kill()
            return self

    monkeypatch.setattr(fanout, "LoadProcess", DyingAfterEntry)
    results, failed = fanout.take_turns(smallest, {NGIRCD: (lambda: peer, [1])}, MEMBERS)
    assert results == {}
    assert "the load ended" in failed[NGIRCD]

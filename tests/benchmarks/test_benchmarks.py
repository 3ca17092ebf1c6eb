"""The benchmarks run, at a size that says nothing, and their tables are what README.md shows."""

import json
import os
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from uuid import uuid4

import pytest
from redis import from_url

from chat.models import Line
from chat.room import presence, transcript
from chat.room.presence import Entrant
from chat.room.transcript import Saying
from tests.benchmarks import __main__ as benchmarks
from tests.benchmarks import (
    connections,
    fanout,
    history,
    load,
    page,
    peers,
    running,
    saving,
    simulate,
    unsaved,
)
from tests.benchmarks.candidates import Bare, Site, Unsaved, Usual
from tests.benchmarks.running import loaded
from tests.support.commands import PROJECT
from tests.support.ports import HOST
from tests.support.services import PostgreSQL, missing
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow

FOLDER = PROJECT / "tests" / "benchmarks"
README = (FOLDER / "README.md").read_text()
MEMBERS = 12
PHASES = [
    {"in_flight": 3, "seconds": 0.2, "warm_up": 0.1},
    {"rate": 50, "seconds": 1, "warm_up": 0.1},
]

CANDIDATES = {
    "web": lambda: Site(),
    "legacy": lambda: Site(wire="lines"),
    "runserver": lambda: Site("runserver"),
    "unsaved": lambda: Unsaved(),
    "usual": lambda: Usual("daphne"),
    "usual under uvicorn": lambda: Usual("uvicorn"),
    "bare": lambda: Bare(""),
    "batched": lambda: Bare("--batched"),
}


def assert_all_was_heard(entry, phases, listeners=MEMBERS):
    assert entry["seconds"] > 0
    assert len(phases) == len(PHASES)
    for phase in phases:
        assert phase["messages"] > 0
        assert phase["deliveries"] > 0
        assert 0 < phase["latency_p50"] <= phase["latency_p99"]
        assert phase["told"] > 0
        # A little more or less than all: the moment falls between a message's first and last.
        assert 0.3 < phase["deliveries"] / (phase["messages"] * listeners) < 3


@pytest.mark.parametrize("name", CANDIDATES)
def test_a_candidate_is_measured(name):
    with CANDIDATES[name]() as candidate:
        entry, phases = loaded(candidate, MEMBERS, PHASES)
        assert_all_was_heard(entry, phases)
        candidate.assert_no_traceback()


@pytest.mark.parametrize("peer", [peers.Ngircd, peers.Prosody, peers.Ejabberd])
def test_a_peer_is_measured(peer):
    if not peer.available():
        missing(peer.__name__)
    with peer() as candidate:
        entry, phases = loaded(candidate, MEMBERS, PHASES)
        assert_all_was_heard(entry, phases)
        if candidate.archived is not None:
            told = sum(phase["told"] for phase in phases)
            wait_until(
                lambda: candidate.archived == told,
                lambda: f"{candidate.archived} of {told} messages are saved",
            )


def test_the_original_is_started_where_the_user_is(monkeypatch):
    monkeypatch.chdir(PROJECT)
    with peers.Original(f"{sys.executable} -m tests.benchmarks.bare {{port}}") as candidate:
        assert_all_was_heard(*loaded(candidate, MEMBERS, PHASES))


def test_a_phase_goes_on_until_every_speaker_can_have_been_heard_some_times():
    with Bare("") as candidate:
        _, (phase,) = loaded(candidate, MEMBERS, [{"in_flight": 3, "seconds": 0, "warm_up": 0}])
    assert phase["told"] >= 3 * (1 + load.TURNS)


def test_only_members_at_a_port_speak_if_that_is_asked_for():
    many = load.Load({"wire": "irc", "ports": [], "cookies": None, "pids": {}, "cores": {}})
    many.members = [load.Link(None, many.wire(number, port=number % 2)) for number in range(8)]
    many.choose_speakers(3, port=1)
    assert list(many.speakers.values()) == many.members[3::2]
    assert many.reached == {0: 5}  # who speaks does not hear it there
    many.choose_speakers(3, port=None)
    assert list(many.speakers.values()) == many.members[5:]


@pytest.mark.parametrize("name", ["web", "bare"])
def test_more_may_come_in_later(name):
    with (
        CANDIDATES[name]() as candidate,
        running.Crowd(candidate, MEMBERS, most=2 * MEMBERS) as crowd,
    ):
        before = [crowd.phase(**phase) for phase in PHASES]
        assert_all_was_heard(crowd.entry, before)
        crowd.grow(2 * MEMBERS, 5)
        assert crowd.entry["members"] == MEMBERS
        after = [crowd.phase(**phase) for phase in PHASES]
        assert_all_was_heard(crowd.entry, after, listeners=2 * MEMBERS)


def test_usual_chats_on_one_redis_do_not_hear_each_other(redis):
    places = [f"{redis.url.rpartition('/')[0]}/{number}" for number in (1, 2)]
    one, other = (Usual("uvicorn", REDIS_URL=place) for place in places)
    with one, other, running.Crowd(one, 2), running.Crowd(other, 2):
        groups = [name for name in from_url(redis.url).pubsub_channels() if b"group" in name]
    assert len(groups) == 2


def dies_later():
    """A server of others that everybody can enter, and that has ended when it is spoken to."""
    peer = peers.Original(f"{sys.executable} -m tests.benchmarks.bare {{port}}")
    enter = fanout.Crowd.__enter__

    class Dying(fanout.Crowd):
        def __enter__(self):
            enter(self)
            peer.process.kill()
            return self

    return peer, Dying


def test_another_project_s_server_that_dies_later_is_left_out(monkeypatch):
    peer, crowd = dies_later()
    monkeypatch.setattr(fanout, "Crowd", crowd)
    results, failed = fanout.take_turns(Plan(), {"ngircd": (lambda: peer, [1])}, MEMBERS)
    assert results == {}
    assert "the load ended" in failed["ngircd"]


def test_members_stay_while_nobody_asks_for_more():
    listener = socket.create_server((HOST, 0))
    listener.settimeout(30)
    door = SimpleNamespace(
        wire="lines",
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
        with running.Crowd(door, 1, pinned=False), member.result() as sock:
            sock.settimeout(30)
            assert sock.recv(100).startswith(b"login ")
            sock.sendall(b"\x89\x02hi")  # a ping, and then the pong to it
            assert sock.recv(100) == b"\x8a\x82\0\0\0\0hi"


class Plan:
    quick, rounds, seconds = True, 1, 0.1

    def say(self, text):
        pass


def test_a_quick_run_has_the_crowd_s_peers_among_the_others():
    plan = SimpleNamespace(quick=True, services=None, bus=None)
    flights = {name: flights for name, (_, flights) in fanout.field(plan).items()}
    both, only_crowd = {fanout.WEB, fanout.LEGACY}, {fanout.UNBATCHED}
    assert flights.keys() == {*fanout.QUICK} | only_crowd
    assert {name for name in flights if 1 in flights[name]} == both | only_crowd
    assert {name for name in flights if 16 in flights[name]} == {*fanout.QUICK}


def fails():
    raise AssertionError("it does not listen:\nand says why")


def test_another_project_s_server_that_fails_is_left_out():
    candidates = {"ngircd": (fails, [1])}
    assert fanout.take_turns(Plan(), candidates, MEMBERS) == ({}, {"ngircd": "it does not listen:"})


def test_this_site_may_not_fail():
    with pytest.raises(AssertionError, match="does not listen"):
        fanout.take_turns(Plan(), {fanout.WEB: (fails, [1])}, MEMBERS)


def test_what_is_said_unsaved_is_what_would_have_been_saved(lobby, alice, process):
    (stay,) = presence.enter(lobby.pk, [Entrant("alice", alice.pk, process, "web")])
    memory = unsaved.Memory(transcript, Line, lambda: [(stay.connection_id, "alice")])
    sayings = [Saying(stay.connection_id, text, uuid4()) for text in ("one", "two")]
    kept = memory.say(lobby.pk, sayings)
    assert [said.line for said in kept] == memory.after(lobby.pk, 1, 10)
    for said, saved in zip(kept, transcript.say(lobby.pk, sayings), strict=True):
        assert said == saved._replace(line=saved.line._replace(at=said.line.at))


def test_saving_is_measured(monkeypatch):
    if not PostgreSQL.available():
        missing("PostgreSQL")
    monkeypatch.setattr(saving, "SPEAKERS", (2, 8))
    monkeypatch.setattr(saving, "RATES", (50, 100))
    result = saving.measure(Plan())
    assert [row["speakers"] for row in result["saved"]] == [8, 8]
    assert all(row["ratio"] > 0 for row in result["saved"])
    assert any("SQLite" in line for line in saving.tables(result))


def test_history_is_measured(monkeypatch):
    if not PostgreSQL.available():
        missing("PostgreSQL")
    monkeypatch.setattr(history, "QUICK_SIZES", {"SQLite": (300, 600), "PostgreSQL": (300, 600)})
    result = history.measure(Plan())
    assert {(row["database"], row["lines"]) for row in result["rows"]} == {
        (database, lines) for database in ("SQLite", "PostgreSQL") for lines in (300, 600)
    }
    assert any("600 lines" in line for line in history.tables(result))


# The simulation


def costs(**changes):
    given = {
        "send": 1e-5,
        "line": 1e-7,
        "batch": 1e-3,
        "message": 1e-4,
        "hear": 1e-3,
        "ring": 1e-4,
        "store": 5e-4,
        "row": 1e-5,
        "look": 1e-4,
        "read": 5e-6,
        "count": 1e-7,
    }
    return simulate.Costs(**{**given, **changes})


def test_costs_are_found_in_figures_that_were_made_of_them():
    sends, batches = [50_000, 30_000, 10_000], [100, 60, 10]
    shares = [s * 1e-5 + b * 1e-3 for s, b in zip(sends, batches, strict=True)]
    assert simulate.fit([sends, batches], shares) == pytest.approx([1e-5, 1e-3])


def test_costs_are_found_in_what_was_measured_with_them():
    price = costs()

    def spend(batches, size, members=simulate.MEMBERS, times=1, listeners=0):
        """What the load would report of a second in which each batch was of one size."""
        messages, sends = batches * size, batches * members
        deliveries = messages * members
        fan_out = (sends * price.send + deliveries * price.line) / (1 + listeners)
        first = fan_out + batches * price.batch + messages * price.message
        heard = batches * listeners
        database = batches * price.store + messages * price.row + heard * price.look
        return {
            **{"deliveries": deliveries, "messages": messages},
            **{"told": 3 * messages, "batches": 3 * batches},
            "first": times * first,
            "server": times * (first + heard * price.hear + listeners * fan_out),
            "postgresql": times * database,
            "redis": batches * price.ring,
            "client": sends * price.read + deliveries * price.count,
        }

    found, crowding = simulate.costs(
        {
            "alone": {
                "100": {"4": [spend(200, 4, 100)], "64": [spend(80, 60, 100)]},
                str(simulate.MEMBERS): {"1": [spend(50, 1)], "64": [spend(30, 50)]},
            },
            "listening": {
                "2": {"16": [spend(30, 16, times=1.1, listeners=1)]},
                "4": {"16": [spend(20, 16, times=1.25, listeners=3)]},
            },
        }
    )
    assert found == pytest.approx(price, rel=1e-3)
    assert crowding == pytest.approx({"2": 1.1, "4": 1.25}, rel=1e-3)


def test_what_is_dearer_is_so_in_every_part():
    assert costs().times(2) == pytest.approx([2 * price for price in costs()])
    slow, fast = (
        simulate.predict(costs().times(times), processes=2, cores=2, members=500, in_flight=16)
        for times in (2, 1)
    )
    assert slow < fast


def test_no_cost_is_below_nothing():
    assert simulate.fit([[1, 2, 3], [3, 2, 1]], [1, 2, 3]) == pytest.approx([1, 0], abs=1e-9)


def test_one_speaker_in_one_process_waits_for_each_step_in_turn():
    price = costs()
    found = simulate.predict(price, processes=1, cores=4, members=500, in_flight=1)
    step = price.message + price.batch + price.store + price.row + simulate.COMMIT_WAIT
    whole = step + 500 * (price.send + price.line + price.read + price.count)
    assert 500 / whole < found < 500 / step


def test_more_processes_with_cores_of_their_own_deliver_more():
    crowd = {"cores": 64, "members": 4000, "in_flight": 64, "load_core": False}
    one, four = (simulate.predict(costs(), processes=count, **crowd) for count in (1, 4))
    assert four > 1.5 * one


# What README.md shows


def last_run():
    return json.loads((FOLDER / "results.json").read_text())


def test_the_tables_are_those_of_the_last_run():
    results = last_run()
    assert results.keys() >= set(benchmarks.MEASURES)
    written = "\n".join(benchmarks.write_up(results))
    assert (FOLDER / "results.md").read_text() == f"{written}\n"


def cut(results):
    """What a run with --quick would have measured of it."""
    fan, held, several = (results[name] for name in ("fanout", "connections", "processes"))
    return results | {
        "fanout": {
            **fan,
            "rounds": {name: {"16": fan["rounds"][name]["16"][:1]} for name in fanout.QUICK},
            "absent": {},
            "crowd_members": fanout.MEMBERS,
            "sizes": {wire: {"500": sizes["500"]} for wire, sizes in fan["sizes"].items()},
            "rates": {wire: {"500": rates["500"]} for wire, rates in fan["rates"].items()},
        },
        "connections": {
            **held,
            "idle": {name: {"1000": held["idle"][name]["1000"]} for name in connections.HELD},
        },
        "processes": {
            "rounds": {number: {"16": several["rounds"][number]["16"][:1]} for number in "12"},
            "calibration": {
                "alone": several["calibration"]["alone"],
                "listening": {"2": {"16": several["calibration"]["listening"]["2"]["16"][:1]}},
            },
        },
    }


def test_a_quick_run_is_written_up():
    written = "\n".join(benchmarks.write_up(cut(last_run())))
    assert "500 members and one message in flight" in written
    assert "cores enough for everything" in written


def test_a_part_that_is_measured_apart_joins_the_rest(tmp_path, monkeypatch):
    before = last_run()
    (tmp_path / "results.json").write_text(json.dumps(before))
    monkeypatch.setattr(page, "measure", lambda plan: {**before["page"], "other_hosts": ["x"]})
    monkeypatch.setattr(sys, "argv", ["", "--only", "page", "--out", str(tmp_path)])

    benchmarks.main()

    after = json.loads((tmp_path / "results.json").read_text())
    assert after["page"]["other_hosts"] == ["x"]
    assert after.keys() == before.keys() | {"apart"}
    assert all(after[name] == before[name] for name in before.keys() - {"page", "apart"})
    assert "Measured apart from the others" in (tmp_path / "results.md").read_text()


@pytest.mark.parametrize("title", ["How fast", "How far it goes"])
def test_every_row_in_the_readme_is_from_that_run(title):
    section = README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    known = set((FOLDER / "results.md").read_text().splitlines())
    assert len(rows) > 5
    assert [row for row in rows if row not in known] == []

"""Every candidate and every database can be measured. Runs with `--full`, before a benchmark."""

import sys

import pytest
from redis import from_url

from tests.benchmarks import history, peers, plan, saving
from tests.benchmarks.candidates import BareLoop, SiteCandidate, UnsavedSite, UsualChat
from tests.benchmarks.running import LoadProcess, load_on
from tests.support.services import PostgreSQL, missing
from tests.support.starts import PROJECT
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.full, pytest.mark.slow]

MEMBERS = 12
PHASES = [
    {"in_flight": 3, "seconds": 0.2, "warm_up": 0.1},
    {"rate": 50, "seconds": 1, "warm_up": 0.1},
]
CANDIDATES = {
    "web": lambda: SiteCandidate(),
    "legacy": lambda: SiteCandidate(wire="legacy"),
    "runserver": lambda: SiteCandidate("runserver"),
    "unsaved": lambda: UnsavedSite(),
    "usual": lambda: UsualChat("daphne"),
    "usual under uvicorn": lambda: UsualChat("uvicorn"),
    "bare": lambda: BareLoop(""),
    "batched": lambda: BareLoop("--batched"),
}


@pytest.fixture
def smallest():
    with plan.Plan(quick=True, rounds=1, seconds=0.1) as smallest:
        yield smallest


def assert_all_was_heard(entry, phases, listeners=MEMBERS):
    assert entry["seconds"] > 0
    assert len(phases) == len(PHASES)
    for phase in phases:
        assert phase["messages"] > 0
        assert phase["deliveries"] > 0
        assert 0 < phase["latency_p50"] <= phase["latency_p99"]
        assert phase["told"] > 0
        # A little more or less than all: some messages are heard by only a part of the members.
        assert 0.3 < phase["deliveries"] / (phase["messages"] * listeners) < 3


@pytest.mark.parametrize("name", CANDIDATES)
def test_a_candidate_is_measured(name):
    with CANDIDATES[name]() as candidate:
        entry, phases = load_on(candidate, MEMBERS, PHASES)
        assert_all_was_heard(entry, phases)
        candidate.assert_no_traceback()


@pytest.mark.parametrize("peer", [peers.Ngircd, peers.Prosody, peers.Ejabberd])
def test_a_peer_is_measured_and_archives_every_message(peer):
    if not peer.available():
        missing(peer.__name__)
    with peer() as candidate:
        entry, phases = load_on(candidate, MEMBERS, PHASES)
        assert_all_was_heard(entry, phases)
        if candidate.table is not None:
            said = sum(phase["told"] for phase in phases)
            wait_until(
                lambda: candidate.archive.count() == said,
                lambda: f"{candidate.archive.count()} of {said} messages are saved",
            )


def test_the_original_is_started_in_the_working_directory(monkeypatch):
    monkeypatch.chdir(PROJECT)
    with peers.Original(f"{sys.executable} -m tests.benchmarks.bare {{port}}") as candidate:
        assert_all_was_heard(*load_on(candidate, MEMBERS, PHASES))


@pytest.mark.parametrize("name", ["web", "bare"])
def test_more_members_may_enter_later(name):
    with (
        CANDIDATES[name]() as candidate,
        LoadProcess(candidate, MEMBERS, most=2 * MEMBERS) as load,
    ):
        before = [load.phase(**phase) for phase in PHASES]
        assert_all_was_heard(load.entry, before)
        load.grow(2 * MEMBERS, 5)
        assert load.entry["members"] == MEMBERS
        after = [load.phase(**phase) for phase in PHASES]
        assert_all_was_heard(load.entry, after, listeners=2 * MEMBERS)


def test_usual_chats_on_one_redis_do_not_hear_each_other(redis):
    places = [f"{redis.url.rpartition('/')[0]}/{number}" for number in (1, 2)]
    one, other = (UsualChat("uvicorn", REDIS_URL=place) for place in places)
    with one, other, LoadProcess(one, 2), LoadProcess(other, 2):
        groups = [name for name in from_url(redis.url).pubsub_channels() if b"group" in name]
    assert len(groups) == 2


def test_saving_is_measured_on_both_databases(smallest, monkeypatch):
    if not PostgreSQL.available():
        missing("PostgreSQL")
    monkeypatch.setattr(saving, "SPEAKERS", (2, 8))
    monkeypatch.setattr(saving, "RATES", (50, 100))
    result = saving.measure(smallest)
    assert [row["speakers"] for row in result["saved"]] == [8, 8]
    assert all(row["ratio"] > 0 for row in result["saved"])
    assert any("PostgreSQL" in line for line in saving.tables(result))


def test_history_is_measured_on_both_databases(smallest, monkeypatch):
    if not PostgreSQL.available():
        missing("PostgreSQL")
    monkeypatch.setattr(history, "QUICK_SIZES", {"SQLite": (300, 600), "PostgreSQL": (300, 600)})
    result = history.measure(smallest)
    assert {(row["database"], row["lines"]) for row in result["rows"]} == {
        (database, lines) for database in ("SQLite", "PostgreSQL") for lines in (300, 600)
    }
    assert any("600 lines" in line for line in history.tables(result))

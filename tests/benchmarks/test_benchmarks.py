"""Each benchmark runs at its smallest size, and its tables have figures that make sense."""

import asyncio
from contextlib import nullcontext, suppress

import pytest

from tests.benchmarks import (
    across,
    attack_clients,
    attacks,
    candidates,
    connections,
    fanout,
    history,
    indexing,
    migrating,
    moderation,
    page,
    participants,
    plan,
    processes,
    rooms,
    saving,
    scrolling,
    search,
    targets,
    versions,
)
from tests.support.services import PostgreSQL, missing
from tests.support.starts import PROJECT

pytestmark = pytest.mark.slow

MEMBERS = 12


@pytest.fixture
def smallest(monkeypatch):
    """A plan that takes as little time as possible."""
    monkeypatch.setattr(candidates, "ACCOUNTS", 2 * MEMBERS)
    with plan.Plan(quick=True, rounds=1, seconds=0.1) as smallest:
        yield smallest


@pytest.fixture(scope="module")
def site():
    with candidates.SiteCandidate(accounts=MEMBERS, EMAIL_URL=attacks.NO_MAIL_SERVER) as site:
        yield site


@pytest.fixture
def services():
    if not PostgreSQL.available():
        missing("PostgreSQL")


def assert_table(lines, *cells):
    """Assert that a table has a row with these cells, and some figures in it."""
    rows = [line for line in lines if all(cell in line for cell in cells)]
    assert rows, f"no row with {cells} in {lines}"
    assert any(character.isdigit() for character in rows[0].replace(cells[0], ""))


def test_fanout_is_measured(smallest):
    everybody = participants.all_candidates(smallest)
    some = {name: (everybody[name][0], [3]) for name in (participants.WEB, participants.BATCHED)}
    results, failed = fanout.take_turns(smallest, some, MEMBERS)
    assert failed == {}
    for name in some:
        ((report,),) = results[name].values()
        # A little more or less than all: some messages are heard by only a part of the members.
        assert 0.3 < report["deliveries"] / (report["messages"] * MEMBERS) < 3, name
        assert 0 < report["latency_p50"] <= report["latency_p99"]


def test_this_site_alone_is_measured(smallest, monkeypatch):
    monkeypatch.setattr(fanout, "QUICK_SIZES", (MEMBERS,))
    monkeypatch.setattr(fanout, "IN_FLIGHT", (3,))
    monkeypatch.setattr(fanout, "QUICK_RATE_SECONDS", 1)
    monkeypatch.setattr(fanout, "RATES", {MEMBERS: 50})
    sizes, rates = fanout.measure_alone(smallest)
    for wire in ("web", "legacy"):
        assert sizes[wire].keys() == rates[wire].keys() == {str(MEMBERS)}
        assert all(report["deliveries"] > 0 for report in sizes[wire][str(MEMBERS)].values())
        assert 0 < rates[wire][str(MEMBERS)]["messages"] < 100


def test_connections_are_measured(smallest, monkeypatch):
    monkeypatch.setattr(connections, "FULLY_MEASURED", (connections.LEGACY,))
    monkeypatch.setattr(connections, "QUICK_CONNECTIONS", MEMBERS)
    monkeypatch.setattr(connections, "QUICK_MEMBERS_AT_ONCE", MEMBERS)
    result = connections.measure(smallest)
    entry = result["idle"][connections.LEGACY][str(MEMBERS)]
    assert entry["members"] == MEMBERS // 2
    assert entry["seconds"] > 0
    assert_table(list(connections.tables(result)), connections.LEGACY)


def test_saving_is_measured(smallest, monkeypatch):
    monkeypatch.setattr(saving, "ENGINES", {"SQLite": saving.ENGINES["SQLite"]})
    monkeypatch.setattr(saving, "SPEAKERS", (2, 8))
    monkeypatch.setattr(saving, "RATES", (50, 100))
    smallest.sanctions = 20
    result = saving.measure(smallest)
    assert [row["speakers"] for row in result["saved"]] == [8]
    assert all(row["ratio"] > 0 for row in result["saved"])
    assert_table(list(saving.tables(result)), "SQLite", "| 8 |")


def test_history_is_measured(smallest, monkeypatch):
    monkeypatch.setattr(history, "QUICK_SIZES", {"SQLite": (300, 600)})
    result = history.measure(smallest)
    assert {row["lines"] for row in result["rows"]} == {300, 600}
    assert all(row["median"] > 0 for row in result["rows"])
    assert_table(list(history.tables(result)), "the newest 50 lines")


def test_rooms_are_measured(smallest, monkeypatch):
    sizes = rooms.Sizes(
        members=MEMBERS,
        rooms=6,
        rooms_each=3,
        speaking=2,
        unread_members=MEMBERS,
        unread_lines=300,
        large_rooms=8,
        large_rooms_each=4,
        visits=2,
    )
    monkeypatch.setattr(rooms, "QUICK", sizes)
    monkeypatch.setattr(rooms, "ENGINES", {"SQLite": rooms.ENGINES["SQLite"]})
    result = rooms.measure(smallest)
    for places in ("rooms", "one"):
        (report,) = result["talk"][places]
        assert report["deliveries"] > report["messages"] > 0
    assert all(rates[0] > 0 for rates in result["saved"]["SQLite"].values())
    assert result["unread"]["SQLite"]["pairs"] == MEMBERS * (1 + sizes.rooms_each)
    assert_table(list(rooms.tables(result)), "| one room |")
    assert_table(list(targets.tables({"rooms": result})), "joining a site with 8 rooms")


def test_searches_are_measured(smallest, monkeypatch):
    monkeypatch.setattr(search, "ENGINES", {"SQLite": search.ENGINES["SQLite"]})
    smallest.lines = 300
    result = search.measure(smallest)
    (row,) = result["rows"]
    assert row["indexed"]["messages"] > 100
    assert search.p95(row) > 0
    assert_table(list(search.tables(result)), "SQLite", "a rare word")
    assert_table(list(targets.tables({"search": result})), "95 % of the searches, SQLite, 300")


def test_indexing_is_measured(smallest, monkeypatch):
    monkeypatch.setattr(indexing, "ENGINES", {"SQLite": indexing.ENGINES["SQLite"]})
    monkeypatch.setattr(indexing, "SPEAKERS", (2,))
    monkeypatch.setattr(indexing, "RATE", 50)
    result = indexing.measure(smallest)
    (row,) = result["rows"]
    assert indexing.ratio(row["saved"]["2"]) > 0
    assert row["lags"][0] > 0
    assert_table(list(indexing.tables(result)), "SQLite", "| 2 |")
    assert_table(list(targets.tables({"indexing": result})), "with the index kept, SQLite")


def test_scrolling_is_measured(smallest):
    smallest.lines = 120
    result = scrolling.measure(smallest)
    for figures in result["ways"].values():
        assert figures["turns"] > 0
        assert figures["times"]["Task"] > figures["times"]["Script"] > 0
        script, forced = scrolling.longest_script(figures)
        assert script >= forced >= 0
    assert result["ways"]["first view"]["loaded"] > 0
    assert_table(list(scrolling.tables(result)), "first view")
    assert_table(list(targets.tables({"scrolling": result})), "120 lines, scrolling back")


def test_migrating_is_measured(smallest, monkeypatch):
    monkeypatch.setattr(migrating, "ENGINES", {"SQLite": migrating.ENGINES["SQLite"]})
    smallest.lines = 200
    result = migrating.measure(smallest)
    assert [row["lines"] for row in result["rows"]] == [200]
    assert_table(list(migrating.tables(result)), "SQLite", "| 200 |")
    assert_table(list(targets.tables({"migrating": result})), "200 lines, SQLite")


def test_processes_are_measured(smallest, services, monkeypatch):
    monkeypatch.setattr(processes, "MEMBERS", MEMBERS)
    monkeypatch.setattr(processes, "QUICK_IN_FLIGHT", (4,))
    monkeypatch.setattr(processes, "QUICK_PROCESSES", (2,))
    result = processes.measure(smallest)
    (report,) = result["rounds"]["2"]["4"]
    assert report["deliveries"] > 0
    assert report["statements"] > 0
    assert report["rings"] > 0


def test_the_way_across_processes_is_measured(smallest, postgresql, redis, monkeypatch):
    monkeypatch.setattr(across, "PostgreSQL", lambda: nullcontext(postgresql))
    monkeypatch.setattr(across, "Redis", lambda: nullcontext(redis))
    monkeypatch.setattr(across, "QUICK_SECONDS", 0.5)
    result = across.measure(smallest)
    for times in result.values():
        assert 0 < times["p50"] <= times["longest"] < 60_000
    assert_table(list(across.tables(result)), "another process")


def test_the_page_is_measured(smallest, monkeypatch):
    monkeypatch.setattr(page, "LOADS", 1)
    result = page.measure(smallest)
    if result["skipped"]:
        missing("Chromium")
    assert 0 < result["loads"]["first visit"]["bytes"] < 2 * page.MOST_BYTES
    assert result["other_hosts"] == []
    assert_table(list(page.tables(result)), "first visit")


def test_an_attack_is_measured(smallest, monkeypatch):
    some = {name: attack_clients.ATTACKS[name] for name in ("no attack", "pipelined requests")}
    monkeypatch.setattr(attacks, "ATTACKS", some)
    monkeypatch.setattr(attacks, "QUICK_SECONDS", 0.5)
    monkeypatch.setattr(attacks, "FIRST_SECOND", 0)
    result = attacks.measure(smallest)
    assert result["attacks"].keys() == some.keys()
    for figures in result["attacks"].values():
        assert 0 < figures["p50"] <= figures["p99"] <= figures["longest"]
        assert figures["page"] and figures["guest"]
    assert_table(list(attacks.tables(result)), "pipelined requests")
    assert_table(list(targets.tables({"attacks": result})), "a calm member during each attack")


@pytest.mark.parametrize("name", [name for name in attack_clients.ATTACKS if name != "no attack"])
def test_the_attackers_do_not_fail_by_themselves(site, name):
    target = attack_clients.target(attacks.order(site, site.cookies(2), name))

    async def attack_once():
        for attacker in attack_clients.ATTACKS[name]:
            with suppress(OSError, EOFError, asyncio.LimitOverrunError):
                await asyncio.wait_for(attacker(target), 0.5)

    asyncio.run(attack_once())
    assert site.is_alive
    site.assert_no_traceback()


def test_saving_and_fanout_with_sanctions_are_measured(smallest, monkeypatch):
    monkeypatch.setattr(moderation, "ENGINES", {"SQLite": moderation.ENGINES["SQLite"]})
    monkeypatch.setattr(moderation, "MEMBERS", MEMBERS)
    monkeypatch.setattr(versions, "MEMBERS", MEMBERS)
    monkeypatch.setattr(moderation, "WIRES", ("web",))
    monkeypatch.setattr(moderation, "QUICK", (3,))
    smallest.sanctions = 20
    result = moderation.measure(smallest)
    assert len(result["rates"]) == 2
    for ways in result["rates"].values():
        assert all(rates[0] > 0 for rates in ways.values())
    assert_table(list(moderation.tables(result)), "| web | SQLite | 3 |")
    assert_table(list(targets.tables({"moderation": result})), "with 20 sanctions")


def test_two_versions_are_measured_in_the_same_rounds(smallest, monkeypatch):
    monkeypatch.setattr(versions, "MEMBERS", MEMBERS)
    monkeypatch.setattr(versions, "ACCOUNTS", MEMBERS)
    monkeypatch.setattr(versions, "WIRES", ("web",))
    monkeypatch.setattr(versions, "QUICK_IN_FLIGHT", (3,))
    smallest.before, smallest.sanctions = PROJECT, 20
    result = versions.measure(smallest)
    assert len(result) == 2
    for flights in result.values():
        ((report,),) = flights.values()
        assert report["deliveries"] > 0
    assert_table(list(versions.tables(result)), "| web | 3 |")

"""Nobody receives a line of a room that they may not read, whatever happens in many rooms at once.

The people are random. A run prints its seed; the environment variable ROOM_SEED repeats its
decisions, though not the moments at which the servers handle them.
"""

import asyncio
import os
import random
from collections import Counter

import pytest

from tests.support.delivery import web_members
from tests.support.room_client import RoomClient
from tests.support.room_history import RoomHistory
from tests.support.room_judge import ClientJudge
from tests.support.room_play import RoomPlay, moderation
from tests.support.room_terminal import UNIQUE, RoomTerminal, TerminalJudge
from tests.support.servers import Server
from tests.support.site_database import SiteDatabase
from tests.support.stalls import measured

pytestmark = pytest.mark.slow

PEOPLE = 20
GUESTS, MEMBERS_AT_TERMINALS = 3, 3
OPEN_ROOMS, PRIVATE_ROOMS = 3, 4
KINDS = ("joined", "parted", "role", "access", "archived", "reopened")  # of lines
SECONDS = 15
MOST_TURNS = 4  # of so many seconds, until much has happened
SETTLED_WITHIN = 60  # seconds until everybody has what they must get


def clients_of(servers):
    """Return clients with new accounts, in turn on each server."""
    accounts = web_members(servers[0], PEOPLE)
    return [
        RoomClient(servers[number % len(servers)], one.name, one.session_key)
        for number, one in enumerate(accounts)
    ]


def histories_of(database, kinds):
    """Return {room id: RoomHistory} of all rooms besides the lobby."""
    people = {}
    for member in database.members():
        people.setdefault(member.room_id, []).append(member.name)
    return {
        pk: RoomHistory(
            pk, kinds.get(pk, "direct"), database.lines(pk), database.times(pk), people.get(pk, ())
        )
        for pk in database.other_rooms()
    }


async def terminals_of(servers, clients, outside):
    """Return terminals of guests, and of members who are in a browser as well."""
    terminals = [RoomTerminal(servers[n % 2], f"guest{'abc'[n]}") for n in range(GUESTS)]
    for number, client in enumerate(clients[-MEMBERS_AT_TERMINALS:]):
        key = await outside.change("create_key", client.name)
        terminals.append(RoomTerminal(servers[number % 2], client.name, key))
    return terminals


async def judge(play, database, final, stalls):
    """Judge all transcripts, once everybody has received everything."""
    for client in play.clients:
        await client.say(client.lobby, "the end")
        await client.until_heard(said_the_end)
    for terminal in play.terminals:
        await terminal.until_handled()
    deadline = asyncio.get_running_loop().time() + SETTLED_WITHIN
    while True:
        histories = await asyncio.to_thread(histories_of, database, play.kinds)
        judges, terminals = judged(play, histories, database, stalls.longest)
        missing = [gap for one in judges for gap in one.unfinished()]
        missing += [gap for one in terminals for gap in one.missing(final)]
        if not missing:
            return histories, judges, terminals
        assert asyncio.get_running_loop().time() < deadline, f"lines are missing: {missing}"
        await asyncio.sleep(0.2)  # until the next look


def said_the_end(frame):
    return any(line["text"] == "the end" for line in frame.get("lines", ()))


def judged(play, histories, database, stall):
    lobby = database.lines()
    judges = [ClientJudge(client, histories, lobby, stall) for client in play.clients]
    terminals = [TerminalJudge(terminal, histories) for terminal in play.terminals]
    for one in [*judges, *terminals]:
        one.judge()
    return judges, terminals


async def play_and_judge(servers, database, chance):
    clients = await asyncio.to_thread(clients_of, servers)
    async with measured(servers) as stalls, moderation(servers[0], stalls) as outside:
        terminals = await terminals_of(servers, clients, outside)
        for person in [*clients, *terminals]:
            await person.enter()
        play = RoomPlay(clients, terminals, outside, chance)
        await play.make_rooms(OPEN_ROOMS, PRIVATE_ROOMS)
        for _ in range(MOST_TURNS):
            await play.go_on(SECONDS)
            if await asyncio.to_thread(has_much_happened, play, database):
                break
        final = await play.say_last_words()
        outcome = await judge(play, database, final, stalls)
        for person in [*clients, *terminals]:
            await person.leave()
    histories, judges, _ = outcome
    for history in histories.values():
        history.assert_sound()
    for one in judges:
        one.judge_notices()
    return outcome


def has_much_happened(play, database):
    """Return whether there is enough to be judged, on a machine that may be slow."""
    histories = histories_of(database, play.kinds).values()
    kinds = Counter(line.kind for history in histories for line in history.lines)
    terminals = [line for one in play.terminals for _, line in one.lines if UNIQUE.match(line)]
    frames = [entry.frame for client in play.clients for entry in client.transcript]
    notices = [frame for frame in frames if frame.get("type") == "room"]
    heard = [frame for frame in frames if frame.get("type") == "lines" and "room" in frame]
    is_enough = kinds["said"] > 200 and len(terminals) > 60 and len(notices) > 200
    return is_enough and len(heard) > 1200 and all(kinds[kind] for kind in KINDS)


def assert_much_happened(histories, judges, terminals):
    """Assert that there was something to be found: lines, losses, and notices of them."""
    kinds = [line.kind for history in histories.values() for line in history.lines]
    for kind in KINDS:
        assert kinds.count(kind) > 0, f"{kind}: {kinds.count(kind)}"
    assert kinds.count("said") > 100
    assert sum(one.delivered for one in judges) > 1000
    at_terminals = [sum(map(len, one.heard.values())) for one in terminals]
    # Guests may read few rooms, so by chance nobody speaks there. tests/consumers has them too.
    assert sum(at_terminals) > 50
    delays = [delay for one in judges for delay in one.delays]
    assert len(delays) > 50
    print(
        f"{len(kinds)} lines, {sum(one.delivered for one in judges)} delivered to browsers,"
        f" {at_terminals} messages to terminals,"
        f" {len(delays)} notices within {max(delays):.2f} s"
    )


def test_nobody_receives_a_line_of_a_room_that_they_may_not_read(tmp_path):
    seed = os.environ.get("ROOM_SEED") or str(random.randrange(1 << 32))
    print(f"ROOM_SEED={seed}")
    with Server("serve", FLOOD_LIMIT="off") as first:
        shared = {name: first.environment[name] for name in ("DATABASE_URL", "REDIS_URL")}
        with Server("serve", migrated=True, FLOOD_LIMIT="off", **shared) as second:
            database = SiteDatabase(first.environment["DATABASE_URL"])
            outcome = asyncio.run(play_and_judge([first, second], database, random.Random(seed)))
            first.assert_no_traceback()
            second.assert_no_traceback()
    assert_much_happened(*outcome)

"""The judge's checks of the rooms besides the lobby find everything that must never happen."""

import asyncio
from types import SimpleNamespace

import pytest

from tests.faults import log_checks, room_checks
from tests.faults.member import ClientMember
from tests.faults.samples import acknowledge, frames, line, saved_log
from tests.support.site_database import SavedMember

ROOM = 2
LOG = saved_log(
    line(1, "created", "alice"),
    line(2, "joined", "bob"),
    line(3, "said", "alice", "one", "id-1"),
    line(4, "said", "bob", "two", "id-2"),
    line(5, "said", "bob", "three", "id-3"),
)
LOBBY = {"id": 1, "read": 0}
SUMMARY = {"id": ROOM, "read": 2, "unread": 0, "mentions": 0, "last": 2}


def alice_with(*rooms):
    """Return a connected member who has been told of rooms."""
    alice = ClientMember("alice", "key", [])
    alice.connected = True
    alice.rooms.welcome({"type": "welcome", "seq": 0, "rooms": [LOBBY, *rooms]})
    return alice


def opens(member, log, seq):
    """Let a member receive the answer to `open`, when a line of the log was the last."""
    member.receive(
        {"type": "opened", "room": ROOM, "seq": seq, "reset": True, "summary": SUMMARY}
        | {"lines": frames(log[:seq])}
    )


def hears(member, lines):
    member.receive({"type": "lines", "room": ROOM, "lines": frames(lines)})


@pytest.fixture
def alice():
    """Alice, who has opened the room and has all of its lines."""
    alice = alice_with(SUMMARY)
    opens(alice, LOG, 2)
    hears(alice, LOG[2:])
    return alice


def crowd_of(*members, kind="private", names=("alice",), read=2, counts=(("alice", 2),)):
    """Return a crowd with one room, in whose tables each name has read and has not read so much."""
    database = SimpleNamespace(
        members=lambda: [SavedMember(ROOM, name, "member", read, False) for name in names],
        query=lambda sql: [(ROOM, *row) for row in counts] if sql is room_checks.UNREAD else [],
    )
    site = SimpleNamespace(database=database)
    return SimpleNamespace(members=members, rooms=[(ROOM, kind, list(names))], site=site)


def test_a_member_with_the_log_and_the_right_position_passes(alice):
    crowd = crowd_of(alice)
    asyncio.run(room_checks.until_rooms_are_received(crowd, {ROOM: LOG}))
    room_checks.assert_member_has_the_rooms(alice, {ROOM: LOG})
    room_checks.assert_access(crowd, {ROOM: LOG})
    assert room_checks.position_problems(crowd, crowd.site.database) == []


@pytest.mark.parametrize("lines", [LOG[3:], [LOG[2], *LOG[2:]], [LOG[3], LOG[2], LOG[4]]])
def test_lines_that_are_missing_doubled_or_out_of_order_are_found(lines):
    alice = alice_with(SUMMARY)
    opens(alice, LOG, 2)
    hears(alice, lines)
    with pytest.raises(AssertionError):
        room_checks.assert_member_has_the_rooms(alice, {ROOM: LOG})


def test_lines_of_a_room_that_is_not_open_are_found():
    alice = alice_with()
    hears(alice, LOG[:1])
    with pytest.raises(AssertionError, match="a frame about room 2"):
        room_checks.assert_member_has_the_rooms(alice, {ROOM: LOG})


@pytest.mark.parametrize("names", [["bob"], ["alice", "bob"]])
def test_a_room_of_others_and_a_room_that_is_missing_are_found(names):
    alice = alice_with(SUMMARY) if names == ["bob"] else alice_with()
    alice.rooms.known[3] = {}  # so that she has some room
    with pytest.raises(AssertionError, match="knows"):
        room_checks.assert_access(crowd_of(alice, names=names), {ROOM: LOG})


def test_a_direct_room_in_which_nobody_has_said_anything_may_be_missing():
    alice = alice_with(SUMMARY | {"id": 3})
    crowd = crowd_of(alice, kind="direct", names=["alice", "bob"])
    crowd.rooms.append((3, "open", ["alice"]))
    room_checks.assert_access(crowd, {ROOM: LOG[:2], 3: []})
    with pytest.raises(AssertionError, match="knows"):
        room_checks.assert_access(crowd, {ROOM: LOG, 3: []})


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ({"type": "error", "code": "no_room", "client_id": None}, True),
        ({"type": "opened", "summary": SUMMARY}, False),
    ],
)
def test_a_stranger_who_may_open_a_private_room_is_found(answer, is_right):
    stranger = alice_with(SUMMARY | {"id": 3})
    stranger.send = lambda **frame: stranger.frames.append(answer)
    check = room_checks.assert_strangers_are_refused(crowd_of(stranger, names=["bob"]))
    if is_right:
        asyncio.run(check)
        return
    with pytest.raises(AssertionError, match="has opened"):
        asyncio.run(check)


@pytest.mark.parametrize(
    ("changed", "saved"),
    [({"read": 3}, (3, 2, 0)), ({"counts": [("alice", 1)]}, (2, 1, 0))],
)
def test_a_wrong_position_of_a_room_that_is_not_open_is_found(changed, saved):
    closed = alice_with()
    closed.rooms.known[ROOM] = SUMMARY | {"unread": 2}
    crowd = crowd_of(closed, **changed)
    problem = ("alice", ROOM, (2, 2, 0), saved)
    assert room_checks.position_problems(crowd, crowd.site.database) == [problem]


def test_a_reader_who_was_not_told_so_is_found(alice):
    assert room_checks.unsaved([alice]) == [("alice", ROOM, 2, 5)]
    alice.receive({"type": "read", "room": ROOM, "seq": 5, "unread": 0, "mentions": 0})
    assert room_checks.unsaved([alice]) == []


def test_messages_of_each_room_are_compared_with_its_own_log(alice):
    crowd = SimpleNamespace(members=[alice], guests=[])
    acknowledge(alice, "id-1", "one", 3)
    assert log_checks.lost_and_doubled(crowd, LOG, ROOM) == ([], [])
    assert log_checks.lost_and_doubled(crowd, []) == ([("alice", "one")], [])
    alice.ledger["id-1"].room = ROOM
    log_checks.assert_acknowledgements(crowd, LOG, ROOM)
    assert log_checks.lost_and_doubled(crowd, []) == ([], [])
    assert log_checks.lost_and_doubled(crowd, [], ROOM) == ([("alice", "one")], [])

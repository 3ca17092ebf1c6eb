"""The judge itself: whatever must never happen, it notices."""

import asyncio
from types import SimpleNamespace

import pytest

from tests.faults import oracle
from tests.faults.members import Guest, Member, Told
from tests.faults.site import Row

LOG = [
    Row(1, "entered", "alice", "", None, False, None),
    Row(2, "entered", "carol", "", None, True, None),
    Row(3, "said", "alice", "one", "id-1", False, None),
    Row(4, "said", "carol", "two", None, True, None),
    Row(5, "left", "carol", "", None, True, 2),
]


ALICE, CAROL = {"name": "alice", "guest": False}, {"name": "carol", "guest": True}


@pytest.fixture
def alice():
    alice = Member("alice", "key", [])
    alice.entered, alice.last = 1, 5
    alice.lines = [row._asdict() for row in LOG[1:]]
    alice.first_lines = [LOG[0]._asdict()]
    return alice


@pytest.fixture
def carol():
    carol = Guest("carol", None)
    carol.reply, carol.closed = Guest.WELCOME, True
    carol.heard += b"alice: one\ncarol: two\n"
    return carol


def crowd_of(*members, guests=(), people=(), held=(), servers=()):
    """A crowd on a site whose tables of presence and of connections name these."""
    truth = SimpleNamespace(people=lambda: list(people), held=lambda: list(held))
    site = SimpleNamespace(truth=truth, servers=servers)
    return SimpleNamespace(members=members, guests=guests, site=site)


def acknowledged(member, client_id, text, seq):
    told = Told(text, client_id if isinstance(member, Member) else None)
    told.acknowledged_at, told.seq = 1.0, seq
    member.ledger[client_id] = told


def nobody(name):
    return False


def test_what_is_right_passes(alice, carol):
    acknowledged(alice, "id-1", "one", 3)
    acknowledged(carol, "two", "two", None)
    alice.lists = [(1, [ALICE]), (3, [ALICE, CAROL]), (5, [ALICE])]
    crowd = crowd_of(alice, guests=[carol])
    oracle.numbers_have_no_gap(LOG, 5)
    oracle.member_has_the_log(alice, LOG)
    oracle.guest_has_a_run(carol, LOG)
    oracle.what_was_told_is_true(crowd, LOG)
    oracle.everything_was_asked_for(oracle.by_ledgers(crowd, LOG)[1], nobody)
    oracle.lists_are_true([alice], LOG)
    oracle.nobody_noticed([alice])
    assert oracle.stays(LOG) == ["alice"]
    assert oracle.lost_and_doubled(crowd, LOG) == ([], [])


@pytest.mark.parametrize(
    "lines",
    [
        LOG[1:3] + LOG[4:],  # one is missing
        LOG[1:3] + LOG[2:],  # one came twice
        [*LOG[1:3], LOG[4], LOG[3]],  # two changed places
        [*LOG[1:3], LOG[3]._replace(text="three"), LOG[4]],
        LOG[1:4],  # the last is missing
    ],
)
def test_a_member_must_have_the_log(alice, lines):
    alice.lines = [row._asdict() for row in lines]
    with pytest.raises(AssertionError):
        oracle.member_has_the_log(alice, LOG)


@pytest.mark.parametrize(
    "heard", [b"carol: two\n", b"alice: one\nalice: one\n", b"alice: one\ncarol: two\nalice: one\n"]
)
def test_a_guest_must_have_a_run(carol, heard):
    carol.heard[:] = heard
    with pytest.raises(AssertionError):
        oracle.guest_has_a_run(carol, LOG)


def test_who_is_still_there_must_have_all_of_it(carol):
    carol.closed = False
    with pytest.raises(AssertionError):
        oracle.guest_has_a_run(carol, LOG)


@pytest.mark.parametrize("log", [LOG[:2] + LOG[3:], [*LOG[:3], *LOG[2:]], LOG[1:]])
def test_numbers_must_have_no_gap(log):
    with pytest.raises(AssertionError):
        oracle.numbers_have_no_gap(log, 5)


def test_what_was_acknowledged_must_be_there(alice):
    acknowledged(alice, "id-2", "never saved", 6)
    assert oracle.lost_and_doubled(crowd_of(alice), LOG) == ([("alice", "never saved")], [])


def test_what_a_guest_was_told_must_be_there(carol):
    acknowledged(carol, "three", "three", None)
    assert oracle.lost_and_doubled(crowd_of(guests=[carol]), LOG) == ([("carol", "three")], [])


@pytest.mark.parametrize("client_id", ["id-1", "id-9"])
def test_nothing_may_be_there_twice(alice, client_id):
    acknowledged(alice, "id-1", "one", 3)
    log = [*LOG, Row(6, "said", "alice", "one", client_id, False, None)]
    assert oracle.lost_and_doubled(crowd_of(alice), log) == ([], [("alice", "one")])


def test_what_no_ledger_has_may_not_be_there_twice_either():
    log = [*LOG, Row(6, "said", "alice", "one, again", "id-1", False, None)]
    assert oracle.lost_and_doubled(crowd_of(), log) == ([], [("alice", "one, again")])


@pytest.mark.parametrize(("text", "seq"), [("one", 4), ("won", 3)])
def test_what_was_told_must_be_true(alice, text, seq):
    acknowledged(alice, "id-1", text, seq)
    with pytest.raises(AssertionError, match="something else"):
        oracle.what_was_told_is_true(crowd_of(alice), LOG)


def test_messages_of_one_must_be_in_the_order_of_asking(alice):
    acknowledged(alice, "id-2", "later", 6)
    acknowledged(alice, "id-1", "one", 3)
    log = [*LOG, Row(6, "said", "alice", "later", "id-2", False, None)]
    with pytest.raises(AssertionError, match="after 6"):
        oracle.what_was_told_is_true(crowd_of(alice), log)


def test_nothing_may_be_there_that_nobody_said(alice, carol):
    acknowledged(alice, "id-1", "one", 3)
    known, unknown = oracle.by_ledgers(crowd_of(alice, guests=[carol]), LOG)
    assert (known, unknown) == ([LOG[2]], [LOG[3]])
    with pytest.raises(AssertionError, match="nobody asked"):
        oracle.everything_was_asked_for(unknown, nobody)
    oracle.everything_was_asked_for(unknown, lambda name: name == "carol")


def test_what_a_guest_was_told_is_not_sent_is_counted_where_it_is_there(carol):
    carol.ledger = {text: Told(text) for text in ("two", "three")}
    assert oracle.refused_and_saved([carol], LOG) == []
    for told in carol.ledger.values():
        told.refused_at.append(1.0)
    assert oracle.refused_and_saved([carol], LOG) == [("carol", "two")]


@pytest.mark.parametrize(
    "row",
    [
        Row(6, "entered", "alice", "", None, False, None),  # is here
        Row(6, "said", "carol", "two", None, True, None),  # has left
        Row(6, "said", "dora", "two", None, True, None),  # never came
        Row(6, "left", "carol", "", None, True, 2),  # has left
        Row(6, "left", "alice", "", None, False, 2),  # another stay
        Row(6, "left", "carol", "", None, True, 1),  # somebody else's
        Row(6, "left", "alice", "", None, False, None),
    ],
)
def test_who_comes_speaks_and_goes_must_make_sense(row):
    with pytest.raises(AssertionError):
        oracle.stays([*LOG, row])


def test_who_has_left_may_come_again():
    again = Row(6, "entered", "carol", "", None, True, None)
    unknown = Row(7, "reaction", "zoe", "wave", None, False, None)
    assert oracle.stays([*LOG, again, unknown]) == ["alice", "carol"]


@pytest.mark.parametrize("people", [[CAROL, ALICE], [ALICE], [ALICE, ALICE | {"guest": True}]])
def test_a_list_must_be_that_of_the_log(alice, people):
    alice.lists = [(4, people)]
    with pytest.raises(AssertionError):
        oracle.lists_are_true([alice], LOG)


@pytest.mark.parametrize("first", [[], [LOG[1]], [LOG[0], LOG[0]]])
def test_the_first_welcome_must_show_the_newest_lines(alice, first):
    alice.first_lines = [row._asdict() for row in first]
    with pytest.raises(AssertionError, match="first lines"):
        oracle.member_has_the_log(alice, LOG)


def test_what_was_shown_again_must_be_in_the_log(alice):
    alice.seen_again = [LOG[2]._asdict(), LOG[3]._replace(text="three")._asdict()]
    with pytest.raises(AssertionError, match="was shown"):
        oracle.member_has_the_log(alice, LOG)


@pytest.mark.parametrize(("reset", "complaints"), [(False, 1), (True, 0)])
def test_lines_may_come_twice_only_when_a_welcome_begins_anew(alice, reset, complaints):
    lines = [row._asdict() for row in LOG[-2:]]
    alice._welcomed = SimpleNamespace(done=lambda: True)
    alice._welcome({"seq": 5, "people": [], "lines": lines, "reset": reset})
    assert len(alice.complaints) == complaints * 2
    assert alice.last == 5


def test_who_is_sent_away_must_be_among_those_who_had_to_be(alice):
    bob = Member("bob", "key", [])
    oracle.only_these_were_sent_away(crowd_of(alice, bob), [])
    alice._bye = {"code": "removed", "retry_in": None}
    alice._after(4403)
    crowd = crowd_of(alice, bob)
    oracle.only_these_were_sent_away(crowd, [alice])
    with pytest.raises(AssertionError, match=r"sent away: 1, .*alice.*4403"):
        oracle.only_these_were_sent_away(crowd, [])
    with pytest.raises(AssertionError, match=r"not sent away: 1, .*bob"):
        oracle.only_these_were_sent_away(crowd, [alice, bob])


def test_who_goes_by_the_own_wish_is_not_sent_away(alice):
    alice.over = True
    alice._after(1000)
    oracle.only_these_were_sent_away(crowd_of(alice), [])


def test_who_was_not_touched_must_not_notice(alice, carol):
    with pytest.raises(AssertionError, match="closed"):
        oracle.nobody_noticed([alice, carol])


# Ghosts


def test_a_table_of_exactly_those_who_are_here_is_right(alice, carol):
    alice.connected, carol.closed = True, False
    two_links = crowd_of(
        *(alice, alice),
        guests=[carol],
        people=["alice", "carol"],
        held=["alice", "alice", "carol"],
    )
    assert oracle.wrong_presence(two_links) == ""
    assert asyncio.run(oracle.presence_is_true(two_links, within=0)) < 1


@pytest.mark.parametrize(
    ("people", "held", "problem"),
    [
        (["alice", "carol"], ["alice"], "gone, and still listed: 1, ['carol']"),
        ([], ["alice"], "here, and not listed: 1, ['alice']"),
        (["alice"], ["alice", "alice"], "other numbers of connections: 1, ['alice']"),
        (["alice"], [], "other numbers of connections: 1, ['alice']"),
    ],
)
def test_the_tables_must_know_exactly_those_who_are_here(alice, carol, people, held, problem):
    alice.connected = True  # and carol has gone
    crowd = crowd_of(alice, guests=[carol], people=people, held=held)
    assert oracle.wrong_presence(crowd) == problem
    with pytest.raises(AssertionError, match="the list is wrong"):
        asyncio.run(oracle.presence_is_true(crowd, within=0))


def test_whose_link_is_cut_is_not_here(carol):
    carol.closed, carol.cut_off = False, True
    crowd = crowd_of(guests=[carol], people=["carol"], held=["carol"])
    assert "gone, and still listed: 1" in oracle.wrong_presence(crowd)


@pytest.mark.parametrize("names", [["alice", "carol"], [], ["alice", "alice"]])
def test_a_server_must_list_those_who_are_here(alice, carol, names):
    alice.connected, alice.places = True, ["a server"]
    crowd = crowd_of(alice, guests=[carol], servers=["a server"])
    alice.look = answer(["alice"])
    asyncio.run(oracle.lists_agree(crowd))
    alice.look = answer(names)
    with pytest.raises(AssertionError, match=r"look|twice"):
        asyncio.run(oracle.lists_agree(crowd))


@pytest.mark.parametrize(
    ("lines", "more"),
    [
        (LOG[1:], False),  # the first is missing
        (LOG[:2] + LOG[3:], False),
        ([*LOG[:4], LOG[4]._replace(name="alice")], False),
        (LOG, True),  # there is nothing before
    ],
)
def test_a_server_must_have_the_log_for_history(alice, lines, more):
    alice.ask = answer({"lines": [row._asdict() for row in LOG], "more": False})
    asyncio.run(oracle.history_is_the_log(alice, LOG))
    alice.ask = answer({"lines": [row._asdict() for row in lines], "more": more})
    with pytest.raises(AssertionError):
        asyncio.run(oracle.history_is_the_log(alice, LOG))


def test_nobody_may_be_left():
    asyncio.run(oracle.nobody_is_left(crowd_of().site.truth, within=0))
    with pytest.raises(AssertionError, match=r"not empty: .*carol"):
        asyncio.run(oracle.nobody_is_left(crowd_of(people=["carol"]).site.truth, within=0))


def answer(what):
    """A coroutine function that always gives the same."""

    async def give(*args, **kwargs):
        return what

    return give

"""The judge itself: whatever must never happen, it notices."""

from types import SimpleNamespace

import pytest

from tests.faults import oracle
from tests.faults.members import Guest, Member
from tests.faults.site import Row

LOG = [
    Row(1, "entered", "alice", "", None, False, None),
    Row(2, "entered", "carol", "", None, True, None),
    Row(3, "said", "alice", "one", "id-1", False, None),
    Row(4, "said", "carol", "two", None, True, None),
    Row(5, "left", "carol", "", None, True, 2),
]


@pytest.fixture
def alice():
    alice = Member("alice", "key", [])
    alice.entered, alice.last = 1, 5
    alice.lines = [row._asdict() for row in LOG[1:]]
    return alice


@pytest.fixture
def carol():
    carol = Guest("carol", None)
    carol.reply, carol.closed = Guest.WELCOME, True
    carol.heard += b"alice: one\ncarol: two\n"
    return carol


def crowd_of(*members, guests=()):
    return SimpleNamespace(members=members, guests=guests)


def acknowledged(member, client_id, text, seq):
    member.ledger[client_id] = SimpleNamespace(text=text, acknowledged_at=1.0, seq=seq)


def test_what_is_right_passes(alice, carol):
    acknowledged(alice, "id-1", "one", 3)
    acknowledged(carol, "two", "two", None)
    oracle.numbers_have_no_gap(LOG, 5)
    oracle.member_has_the_log(alice, LOG)
    oracle.guest_has_a_run(carol, LOG)
    assert oracle.what_was_said_is_there(crowd_of(alice, guests=[carol]), LOG) == (0, 0)


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
    with pytest.raises(AssertionError, match="lost"):
        oracle.what_was_said_is_there(crowd_of(alice), LOG)


def test_what_a_guest_was_told_must_be_there(carol):
    acknowledged(carol, "three", "three", None)
    with pytest.raises(AssertionError, match="lost"):
        oracle.what_was_said_is_there(crowd_of(guests=[carol]), LOG)


def test_nothing_may_be_there_twice(alice):
    acknowledged(alice, "id-1", "one", 3)
    again = Row(6, "said", "alice", "one", "id-9", False, None)
    with pytest.raises(AssertionError, match="twice"):
        oracle.what_was_said_is_there(crowd_of(alice), [*LOG, again])


def test_a_number_that_was_told_must_be_the_true_one(alice):
    acknowledged(alice, "id-1", "one", 4)
    with pytest.raises(AssertionError, match="something else"):
        oracle.what_was_said_is_there(crowd_of(alice), LOG)

"""Changes of messages by many people at once: nothing is lost, and the rows agree with the log."""

import random
from functools import reduce

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.models import MessageVersion, ModerationEntry
from chat.room import creation, log, membership, reactions
from chat.room.amending import amend
from chat.room.amendment import Amendment
from chat.room.refusal import Refused
from tests.support.amending import Kind, edit, react, remove, reply, restore
from tests.support.presence import enter, say
from tests.support.threads import together

TRANSACTION = {"BEGIN", "BEGIN IMMEDIATE", "COMMIT"}


@pytest.fixture
def stays(garden, alice, bob, process):
    membership.join(garden.pk, bob)
    return enter(None, alice, bob, process=process)


def assert_rows_agree_with_the_log(room, seq):
    """Assert that the row of a message is what the lines that change it make of it."""
    lines = log.after(room.pk, 0, 10_000)
    assert [line.seq for line in lines] == list(range(1, len(lines) + 1))
    message = lines[seq - 1]
    changes = [line for line in lines if line.of == seq and line.kind != "said"]
    toggles = [line.kind for line in changes if line.kind in ("removed", "restored")]
    assert toggles == ["removed", "restored"] * (len(toggles) // 2) + ["removed"] * (
        len(toggles) % 2
    )
    assert message.removed == bool(len(toggles) % 2)
    edits = sum(line.kind == "edited" for line in changes)
    assert MessageVersion.objects.filter(room=room, seq=seq).count() == edits
    reacted = [line for line in changes if line.kind == "reacted"]
    folded = reduce(lambda found, line: reactions.applied(found, line.name, line.text), reacted, {})
    if not message.removed:
        assert (message.reactions or {}) == folded
    return changes


def test_edits_removals_and_reactions_at_once_leave_rows_that_agree_with_the_log(garden, stays):
    alice, bob = stays
    seq = say(garden, alice, "hello").seq

    def edit_often():
        return [edit(garden, alice, seq, f"text {turn}") for turn in range(15)]

    def remove_and_restore():
        for _ in range(8):
            remove(garden, alice, seq)
            restore(garden, alice, seq)

    def react_often(stay, emoji):
        for turn in range(15):
            react(garden, stay, seq, emoji, on=turn % 2 == 0)

    together(
        edit_often,
        remove_and_restore,
        lambda: react_often(alice, "👍"),
        lambda: react_often(bob, "👍"),
        lambda: [reply(garden, bob, seq) for _ in range(5)],
    )
    changes = assert_rows_agree_with_the_log(garden, seq)
    assert sum(line.kind == "removed" for line in changes) == 8


def test_two_rooms_are_changed_at_once_in_any_order_without_a_deadlock(garden, alice, stays):
    other = creation.create(alice, "Orchard")
    seqs = {room.pk: say(room, stays[0], "hello").seq for room in (garden, other)}

    def change(order):
        for turn in range(15):
            amend(
                [
                    Amendment(pk, stays[0].connection_id, seqs[pk], Kind.EDITED, f"{order} {turn}")
                    for pk in order
                ]
            )

    rooms = [garden.pk, other.pk]
    together(lambda: change(rooms), lambda: change(rooms[::-1]))
    for room in (garden, other):
        assert_rows_agree_with_the_log(room, seqs[room.pk])
        assert MessageVersion.objects.filter(room=room).count() == 30


@pytest.mark.parametrize("seed", range(5))
def test_changes_of_one_batch_are_as_those_of_many(garden, stays, seed):
    chance = random.Random(seed)
    seqs = [say(garden, stays[0], text).seq for text in ("one", "two")]
    amendments = []
    for number in range(60):
        kind = chance.choice([Kind.EDITED, Kind.REMOVED, Kind.RESTORED, Kind.REACTED])
        stay = stays[0] if kind != Kind.REACTED else chance.choice(stays)
        text = {Kind.EDITED: f"text {number}", Kind.REACTED: chance.choice(["👍", "-👍"])}
        amendments.append(
            Amendment(garden.pk, stay.connection_id, chance.choice(seqs), kind, text.get(kind, ""))
        )
    results = amend(amendments)
    numbers = [each.seq for each in results if not isinstance(each, Refused) and each.seq]
    assert numbers == sorted(numbers)
    assert len(numbers) > 10
    for seq in seqs:
        assert_rows_agree_with_the_log(garden, seq)


def test_one_refusal_does_not_roll_back_the_other_changes(garden, stays):
    seq = say(garden, stays[0], "hello").seq
    ids = [stay.connection_id for stay in stays]
    results = amend(
        [
            Amendment(garden.pk, ids[1], seq, Kind.EDITED, "not mine"),
            Amendment(garden.pk, 10**9, seq, Kind.REACTED, "👍"),
            Amendment(10**9, ids[0], seq, Kind.REACTED, "👍"),
            Amendment(garden.pk, ids[1], seq, Kind.REACTED, "👍"),
        ]
    )
    assert [isinstance(each, Refused) for each in results] == [True, True, True, False]
    (message,) = log.after(garden.pk, seq - 1, 1)
    assert (message.text, message.reactions) == ("hello", {"👍": ["bob"]})


def test_reactions_of_many_take_as_few_statements_as_that_of_one(garden, stays):
    seq = say(garden, stays[0], "hello").seq
    taken = []
    for count in (1, 20):
        with CaptureQueriesContext(connection) as captured:
            amend(
                [
                    Amendment(
                        garden.pk,
                        stays[1].connection_id,
                        seq,
                        Kind.REACTED,
                        chr(0x1F600 + number % 10),
                    )
                    for number in range(count)
                ]
            )
        taken.append(len([each for each in captured if each["sql"] not in TRANSACTION]))
    assert taken[0] == taken[1] <= 6


def test_removals_by_a_moderator_take_as_few_statements_as_one(garden, stays):
    taken = []
    for count in (1, 20):
        seqs = [say(garden, stays[1]).seq for _ in range(count)]
        with CaptureQueriesContext(connection) as captured:
            results = amend(
                [Amendment(garden.pk, stays[0].connection_id, seq, Kind.REMOVED) for seq in seqs]
            )
        assert not [each for each in results if isinstance(each, Refused)]
        taken.append(len(captured))
    assert taken[0] == taken[1]
    entries = ModerationEntry.objects.order_by("pk").values_list("action", "by", "target", "seq")
    assert len(entries) == 21
    assert set(entries) >= {("remove", "alice", "bob", seq) for seq in seqs}

"""The newest messages in memory are those that the database would give."""

import random

import pytest

from chat.live.newest import NEWEST_MESSAGES, NewestMessages
from chat.room.excerpts import MAX_CHANGES, Run
from tests.support.fake_log import line


def test_more_than_three_comings_and_goings_become_one_run():
    newest = NewestMessages()
    newest.add([line(1, "entered"), line(2), line(3, "entered"), line(4, "left", of=3)])
    newest.add([line(5, "left", of=1)])
    excerpt = newest.excerpt()
    assert ([kept.seq for kept in excerpt.lines], excerpt.skipped) == ([1, 2, 3, 4, 5], [])
    newest.add([line(6, "entered")])
    newest.add([line(7, "left", of=6), line(8), line(9, "entered")])
    excerpt = newest.excerpt()
    assert [kept.seq for kept in excerpt.lines] == [1, 2, 8, 9]
    assert excerpt.skipped == [Run(3, 7, entered=2, left=3)]
    assert (excerpt.first, excerpt.last) == (1, 9)


def test_old_messages_are_forgotten_and_comings_never_push_messages_out():
    newest = NewestMessages()
    newest.add([line(seq) for seq in range(1, 101)])
    newest.add([line(seq, "entered") for seq in range(101, 5001)])
    excerpt = newest.excerpt()
    assert len(excerpt.lines) == NEWEST_MESSAGES
    assert (excerpt.first, excerpt.last) == (51, 5000)
    assert excerpt.skipped == [Run(101, 5000, entered=4900, left=0)]


def test_people_who_join_and_leave_a_room_for_hours_fill_no_memory():
    newest = NewestMessages()
    newest.add([line(1)])
    for seq in range(2, 2000, 2):
        newest.add([line(seq, "joined"), line(seq + 1, "parted")])
    excerpt = newest.excerpt()
    assert len(excerpt.lines) == NEWEST_MESSAGES + MAX_CHANGES
    assert (excerpt.first, excerpt.last) == (excerpt.lines[0].seq, 1999)
    newest.add([line(seq) for seq in range(2000, 2000 + NEWEST_MESSAGES)])
    assert newest.excerpt().first == newest.excerpt().lines[0].seq == 1800


def test_a_removed_message_is_a_tombstone():
    newest = NewestMessages()
    newest.add([line(1, text="regrettable"), line(2, "removed", "bob", of=1)])
    tombstone, removal = newest.excerpt().lines
    assert (tombstone.text, tombstone.removed) == ("", True)
    assert removal.kind == "removed"


def test_reactions_never_push_messages_out():
    newest = NewestMessages()
    newest.add([line(seq) for seq in range(1, 51)])
    for seq in range(51, 1001):
        newest.add([line(seq, "reacted", f"name {seq}", "👍", of=50)])
    excerpt = newest.excerpt()
    assert len(excerpt.lines) == NEWEST_MESSAGES
    assert excerpt.skipped == [Run(51, 1000, entered=0, left=0)]
    assert len(excerpt.lines[-1].reactions["👍"]) == 950


@pytest.mark.parametrize("seed", range(5))
def test_every_line_from_the_first_to_the_last_is_kept_or_counted(seed):
    chance = random.Random(seed)
    newest = NewestMessages()
    for seq in range(1, 400):
        newest.add([line(seq, chance.choice(["said", "entered", "left", "notice"]))])
        excerpt = newest.excerpt()
        covered = [kept.seq for kept in excerpt.lines]
        for run in excerpt.skipped:
            assert run.entered + run.left == run.last - run.first + 1
            covered += range(run.first, run.last + 1)
        assert sorted(covered) == list(range(excerpt.first, seq + 1))

"""The newest messages in memory are those that the database would give."""

import random

import pytest

from chat.live.newest import NEWEST_MESSAGES, NewestMessages
from chat.room.excerpts import Run
from tests.support.fake_log import line


def test_comings_and_goings_become_one_run():
    newest = NewestMessages()
    newest.add([line(1, "entered"), line(2), line(3, "entered"), line(4, "left", of=3)])
    newest.add([line(5, "left", of=1)])
    excerpt = newest.excerpt()
    assert [kept.seq for kept in excerpt.lines] == [2]
    assert excerpt.skipped == [Run(1, 1, entered=1, left=0), Run(3, 5, entered=1, left=2)]
    assert (excerpt.first, excerpt.last) == (1, 5)


def test_old_messages_are_forgotten_and_comings_never_push_messages_out():
    newest = NewestMessages()
    newest.add([line(seq) for seq in range(1, 101)])
    newest.add([line(seq, "entered") for seq in range(101, 5001)])
    excerpt = newest.excerpt()
    assert len(excerpt.lines) == NEWEST_MESSAGES
    assert (excerpt.first, excerpt.last) == (51, 5000)
    assert excerpt.skipped == [Run(101, 5000, entered=4900, left=0)]


def test_a_removed_message_is_a_tombstone():
    newest = NewestMessages()
    newest.add([line(1, text="regrettable"), line(2, "removed", "bob", of=1)])
    tombstone, removal = newest.excerpt().lines
    assert (tombstone.text, tombstone.removed) == ("", True)
    assert removal.kind == "removed"


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

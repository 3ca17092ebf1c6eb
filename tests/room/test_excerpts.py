"""Parts of the log in which only messages count."""

import random

import pytest
from django.utils import timezone

from chat.models import Line, Message, Room
from chat.room import excerpts, log
from chat.room.excerpts import Run

KINDS = {"s": "said", "e": "entered", "l": "left", "r": "removed", "n": "notice"}


@pytest.fixture
def leaves_all_runs_out(monkeypatch):
    """Let runs of any length be left out, so that short logs show them."""
    monkeypatch.setattr(excerpts, "SHORT_RUN", 0)


def write(room, kinds):
    """Write a log of these kinds of lines, one letter each."""
    now = timezone.now()
    Message.objects.bulk_create(
        Message(room=room, seq=seq, kind=KINDS[kind], name="alice", at=now)
        for seq, kind in enumerate(kinds, 1)
    )
    Room.objects.filter(pk=room.pk).update(last_seq=len(kinds))


def seqs(excerpt):
    return [line.seq for line in excerpt.lines]


def test_runs_of_comings_and_goings_are_left_out_and_counted(lobby, leaves_all_runs_out):
    write(lobby, "seelseels")
    excerpt = excerpts.before(lobby.pk, 10, 3)
    assert seqs(excerpt) == [1, 5, 9]
    assert excerpt.skipped == [Run(2, 4, entered=2, left=1), Run(6, 8, entered=2, left=1)]
    assert (excerpt.first, excerpt.last) == (1, 9)


def test_an_excerpt_begins_with_its_first_message_unless_the_log_begins_before(
    lobby, leaves_all_runs_out
):
    write(lobby, "eessees")
    assert excerpts.before(lobby.pk, 8, 2).first == 4
    assert seqs(excerpts.before(lobby.pk, 8, 2)) == [4, 7]
    whole = excerpts.before(lobby.pk, 8, 9)
    assert (whole.first, seqs(whole)) == (1, [3, 4, 7])
    assert whole.skipped == [Run(1, 2, entered=2, left=0), Run(5, 6, entered=2, left=0)]


def test_an_excerpt_names_no_line_that_was_deleted(lobby, leaves_all_runs_out):
    write(lobby, "seseseses")
    Message.objects.filter(seq__lte=4).delete()
    oldest = excerpts.before(lobby.pk, 10, 9)
    assert (oldest.first, seqs(oldest), oldest.more) == (5, [5, 7, 9], False)
    assert oldest.skipped == [Run(6, 6, entered=1, left=0), Run(8, 8, entered=1, left=0)]
    assert excerpts.before(lobby.pk, 10, 3).more is False
    assert excerpts.before(lobby.pk, 10, 2).more is True
    nothing = excerpts.before(lobby.pk, 3, 9)
    assert (seqs(nothing), nothing.skipped, nothing.more) == ([], [], False)

    later = excerpts.after(lobby.pk, 0, 9, 2)
    assert (later.first, seqs(later), later.more) == (5, [5, 7], True)
    assert later.skipped == [Run(6, 6, entered=1, left=0)]
    nothing = excerpts.after(lobby.pk, 0, 3, 2)
    assert (seqs(nothing), nothing.skipped) == ([], [])


def test_a_log_whose_lines_were_all_deleted_has_empty_excerpts(lobby):
    write(lobby, "seses")
    Message.objects.all().delete()
    for excerpt in (excerpts.before(lobby.pk, 6, 3), excerpts.after(lobby.pk, 0, 5, 3)):
        assert (seqs(excerpt), excerpt.skipped, excerpt.more) == ([], [], False)


def test_a_few_comings_and_goings_in_a_row_are_kept(lobby):
    write(lobby, "elesllleseeeel")
    backward, forward = excerpts.before(lobby.pk, 15, 9), excerpts.after(lobby.pk, 0, 14, 9)
    for excerpt in (backward, forward):
        assert seqs(excerpt) == [1, 2, 3, 4, 9]
        assert excerpt.skipped == [Run(5, 8, entered=1, left=3), Run(10, 14, entered=4, left=1)]


def test_lines_that_are_no_messages_are_kept_but_not_counted(lobby):
    write(lobby, "snrsn")
    assert seqs(excerpts.before(lobby.pk, 6, 1)) == [4, 5]
    assert seqs(excerpts.before(lobby.pk, 6, 2)) == [1, 2, 3, 4, 5]


def test_many_changes_of_messages_in_a_row_are_left_out(lobby):
    write(lobby, "srrrrrsrrs")
    excerpt = excerpts.before(lobby.pk, 11, 3)
    assert seqs(excerpt) == [1, 7, 8, 9, 10]
    assert excerpt.skipped == [Run(2, 6, entered=0, left=0)]


def test_very_many_other_lines_bound_an_excerpt(lobby, monkeypatch):
    monkeypatch.setattr(excerpts, "MAX_CHANGES", 3)
    write(lobby, "snnnnnn")
    excerpt = excerpts.before(lobby.pk, 8, 1)
    assert (excerpt.first, seqs(excerpt)) == (4, [4, 5, 6, 7])
    assert seqs(excerpts.after(lobby.pk, 0, 7, 1)) == [1]
    assert seqs(excerpts.after(lobby.pk, 1, 7, 1)) == [2, 3, 4, 5]


def test_the_messages_after_a_number_end_with_the_last_one_that_fits(lobby, leaves_all_runs_out):
    write(lobby, "seesesee")
    excerpt = excerpts.after(lobby.pk, 1, 8, 1)
    assert (excerpt.first, excerpt.last, seqs(excerpt)) == (2, 4, [4])
    assert excerpt.skipped == [Run(2, 3, entered=2, left=0)]
    rest = excerpts.after(lobby.pk, 4, 8, 9)
    assert (rest.last, seqs(rest)) == (8, [6])
    assert rest.skipped == [Run(5, 5, entered=1, left=0), Run(7, 8, entered=2, left=0)]


def test_messages_are_counted_between_two_numbers(lobby):
    write(lobby, "sesess")
    assert excerpts.count_missed(lobby.pk, 1, 6, 6) == 2


@pytest.mark.parametrize(("of", "missed"), [(1, None), (3, 2)])
def test_nothing_is_missed_alone_where_an_older_message_has_changed(lobby, of, missed):
    write(lobby, "sesrss")
    Message.objects.filter(seq=4).update(of=of)
    assert excerpts.count_missed(lobby.pk, 1, 6, 6) == missed
    assert excerpts.count_missed(lobby.pk, 4, 6, 6) == 1


@pytest.mark.parametrize("seed", range(5))
def test_pages_in_either_direction_cover_every_line_once(lobby, seed):
    chance = random.Random(seed)
    kinds = "".join(chance.choices("seeellrn", k=200))
    write(lobby, kinds)
    expected = {line.seq for line in log.after(lobby.pk, 0, 1000)}
    for pages in (pages_before(lobby, 201), pages_after(lobby, 200)):
        covered = [seq for page in pages for seq in seqs(page)]
        for page in pages:
            for run in page.skipped:
                kinds_of_run = kinds[run.first - 1 : run.last]
                assert kinds_of_run.count("e") == run.entered
                assert kinds_of_run.count("l") == run.left
                covered += range(run.first, run.last + 1)
        assert sorted(covered) == sorted(expected)


def pages_before(room, seq):
    pages = []
    while seq > 1:
        pages.append(excerpts.before(room.pk, seq, 7))
        seq = pages[-1].first
    return pages


def pages_after(room, last):
    pages, seq = [], 0
    while seq < last:
        pages.append(excerpts.after(room.pk, seq, last, 7))
        seq = pages[-1].last
    return pages


def test_a_removed_message_has_no_text(lobby):
    Message.objects.create(
        room=lobby, seq=1, kind="said", name="a", text="x", removed=True, at=timezone.now()
    )
    (line,) = excerpts.before(lobby.pk, 2, 1).lines
    assert isinstance(line, Line)
    assert (line.text, line.removed) == ("", True)

"""Items that wait together are saved in one transaction."""

import asyncio

import pytest
from django.db import OperationalError

from chat.live import group_commit
from chat.live.group_commit import GroupCommit
from chat.models.unavailable import OutcomeUnknown
from tests.support.waiting import let_others_run

pytestmark = pytest.mark.same_on_every_database


class RecordingDatabase:
    """Keeps the batches that it is given to write."""

    def __init__(self):
        self.batches = []
        self.away = False

    async def write(self, collect, function, items):
        await asyncio.sleep(0)
        if self.away:
            raise OperationalError
        self.batches.append(items)
        return collect(function, items)


def make_commit():
    """Return a database, a group commit on it, and the calls of `on_commit`."""
    kept = RecordingDatabase()
    committed = []
    commit = GroupCommit(
        kept,
        lambda items: [item.upper() for item in items],
        lambda *arguments: committed.append(arguments) or [],
    )
    return kept, commit, committed


def test_items_that_come_while_a_batch_is_saved_share_the_next_one():
    async def journey():
        kept, commit, committed = make_commit()
        first = asyncio.ensure_future(commit.submit("a"))
        while not commit.running:
            await asyncio.sleep(0)
        rest = [asyncio.ensure_future(commit.submit(letter)) for letter in "bc"]
        assert await asyncio.gather(first, *rest) == ["A", "B", "C"]
        assert [len(items) for items in kept.batches] in ([3], [1, 2])
        assert [items for items, _, _ in committed] == kept.batches

    asyncio.run(journey())


def test_a_batch_waits_for_as_many_items_as_last_time(monkeypatch):
    monkeypatch.setattr(group_commit, "GATHER_PAUSE", 30)

    async def journey():
        kept, commit, _ = make_commit()
        await asyncio.gather(*(commit.submit(letter) for letter in "abc"))
        early = asyncio.ensure_future(commit.submit("a"))
        await let_others_run()
        assert len(kept.batches) == 1
        await asyncio.gather(early, commit.submit("b"), commit.submit("c"))
        assert kept.batches[1:] == [["a", "b", "c"]]

    asyncio.run(journey())


async def submit_in_turn(commit, letters):
    """Submit one item in each wait of the gathering, and end each wait."""
    asked = [asyncio.ensure_future(commit.submit(letters[0]))]
    await let_others_run()
    for letter in letters[1:]:
        asked.append(asyncio.ensure_future(commit.submit(letter)))
        await let_others_run()
        commit.stop_gathering()
        await let_others_run()
    return asked


def test_a_batch_waits_as_long_as_items_keep_coming(monkeypatch):
    monkeypatch.setattr(group_commit, "GATHER_PAUSE", 30)

    async def journey():
        kept, commit, _ = make_commit()
        await asyncio.gather(*(commit.submit(letter) for letter in "abcdef"))
        asked = await submit_in_turn(commit, "abcd")
        assert len(kept.batches) == 1, "the batch did not wait although items came"
        commit.stop_gathering()
        await asyncio.gather(*asked)
        assert kept.batches[1:] == [["a", "b", "c", "d"]]

    asyncio.run(journey())


def test_a_batch_does_not_wait_for_ever_while_items_keep_coming(monkeypatch):
    monkeypatch.setattr(group_commit, "GATHER_PAUSE", 30)
    monkeypatch.setattr(group_commit, "GATHER_PAUSES", 2)

    async def journey():
        kept, commit, _ = make_commit()
        await asyncio.gather(*(commit.submit(letter) for letter in "abcdef"))
        asked = await submit_in_turn(commit, "abc")
        await asyncio.gather(*asked)
        assert kept.batches[1:] == [["a", "b", "c"]]

    asyncio.run(journey())


def test_gathering_begins_when_the_previous_batch_has_been_shown(monkeypatch):
    monkeypatch.setattr(group_commit, "GATHER_PAUSES", 0)
    monkeypatch.setattr(group_commit, "SHOWN_WITHIN", 30)

    async def journey():
        shown = asyncio.Event()
        kept = RecordingDatabase()
        showing = asyncio.ensure_future(shown.wait())
        commit = GroupCommit(kept, lambda items: items, lambda *arguments: [showing])
        await asyncio.gather(*(commit.submit(letter) for letter in "abc"))
        early = asyncio.ensure_future(commit.submit("a"))
        await let_others_run()
        assert len(kept.batches) == 1
        rest = asyncio.gather(commit.submit("b"), commit.submit("c"))
        shown.set()
        await asyncio.gather(early, rest)
        assert kept.batches[1:] == [["a", "b", "c"]]

    asyncio.run(journey())


def test_a_batch_that_is_shown_too_late_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(group_commit, "SHOWN_WITHIN", 0.001)

    async def journey():
        never = asyncio.get_running_loop().create_future()
        kept = RecordingDatabase()
        commit = GroupCommit(kept, lambda items: items, lambda *arguments: [never])
        await asyncio.gather(*(commit.submit(letter) for letter in "abc"))
        await commit.submit("a")
        assert [len(items) for items in kept.batches] == [3, 1]

    asyncio.run(journey())


def test_a_single_speaker_is_not_delayed_twice(monkeypatch):
    monkeypatch.setattr(group_commit, "GATHER_PAUSE", 0.001)

    async def journey():
        kept, commit, _ = make_commit()
        await asyncio.gather(*(commit.submit(letter) for letter in "abc"))
        assert await commit.submit("a") == "A"
        # Now one item is expected, so that there is no wait.
        monkeypatch.setattr(group_commit, "GATHER_PAUSE", 30)
        assert await commit.submit("a") == "A"
        assert [len(items) for items in kept.batches] == [3, 1, 1]

    asyncio.run(journey())


def test_a_batch_that_fails_fails_for_all_its_items():
    async def journey():
        kept, commit, committed = make_commit()
        kept.away = True
        asked = [asyncio.ensure_future(commit.submit(letter)) for letter in "abc"]
        for each in asked:
            with pytest.raises(OperationalError):
                await each
        kept.away = False
        assert await commit.submit("d") == "D"
        assert len(committed) == 1

    asyncio.run(journey())


def test_items_that_waited_behind_a_batch_of_unknown_outcome_are_not_saved():
    async def journey():
        kept, commit, _ = make_commit()
        waiting = []

        async def write(*arguments):
            waiting.append(asyncio.ensure_future(commit.submit("b")))
            await let_others_run()
            raise OutcomeUnknown

        kept.write = write
        with pytest.raises(OutcomeUnknown):
            await commit.submit("a")
        with pytest.raises(OperationalError) as refused:
            await waiting[0]
        assert refused.type is OperationalError

    asyncio.run(journey())


def test_a_saved_batch_is_acknowledged_even_if_it_cannot_be_shown(caplog):
    async def journey():
        def fail(room_id, results):
            raise ZeroDivisionError

        kept = RecordingDatabase()
        commit = GroupCommit(kept, lambda items: items, fail)
        assert await asyncio.gather(commit.submit("a"), commit.submit("b")) == ["a", "b"]
        assert await commit.submit("c") == "c"

    with caplog.at_level("CRITICAL"):
        asyncio.run(journey())

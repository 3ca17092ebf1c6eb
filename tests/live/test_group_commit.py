"""What waits together is saved together, and looked up together."""

import asyncio

import pytest
from django.db import OperationalError

from chat.live import database
from chat.live.database import GroupCommit, GroupRead


class Database:
    """Keeps what it is given to write, batch by batch."""

    def __init__(self):
        self.batches = []
        self.away = False

    async def write(self, function, room_id, items):
        await asyncio.sleep(0)
        if self.away:
            raise OperationalError
        self.batches.append(items)
        return function(room_id, items)


def made():
    kept = Database()
    committed = []
    commit = GroupCommit(
        kept,
        lambda _, items: [item.upper() for item in items],
        1,
        lambda *told: committed.append(told),
    )
    return kept, commit, committed


def test_what_comes_while_a_batch_is_saved_shares_the_next_one():
    async def journey():
        kept, commit, committed = made()
        first = asyncio.ensure_future(commit.submit("a"))
        while not commit.running:
            await asyncio.sleep(0)
        rest = [asyncio.ensure_future(commit.submit(letter)) for letter in "bc"]
        assert await asyncio.gather(first, *rest) == ["A", "B", "C"]
        assert [len(items) for items in kept.batches] in ([3], [1, 2])
        assert [room_id for room_id, _ in committed] == [1] * len(kept.batches)

    asyncio.run(journey())


def test_those_who_spoke_together_are_waited_for(monkeypatch):
    monkeypatch.setattr(database, "GATHER", 30)

    async def journey():
        kept, commit, _ = made()
        await asyncio.gather(*(commit.submit(letter) for letter in "abc"))
        early = asyncio.ensure_future(commit.submit("a"))
        await let_others_run()
        assert len(kept.batches) == 1
        await asyncio.gather(early, commit.submit("b"), commit.submit("c"))
        assert kept.batches[1:] == [["a", "b", "c"]]

    asyncio.run(journey())


async def let_others_run():
    for _ in range(20):
        await asyncio.sleep(0)


async def speak_one_after_the_other(commit, letters):
    """Each but the first comes while the batch is gathered, and then the time is over."""
    asked = [asyncio.ensure_future(commit.submit(letters[0]))]
    await let_others_run()
    for letter in letters[1:]:
        asked.append(asyncio.ensure_future(commit.submit(letter)))
        await let_others_run()
        commit._go_on()
        await let_others_run()
    return asked


def test_while_one_after_the_other_comes_the_rest_is_waited_for(monkeypatch):
    monkeypatch.setattr(database, "GATHER", 30)

    async def journey():
        kept, commit, _ = made()
        await asyncio.gather(*(commit.submit(letter) for letter in "abcdef"))
        asked = await speak_one_after_the_other(commit, "abcd")
        assert len(kept.batches) == 1, "somebody had come each time"
        commit._go_on()
        await asyncio.gather(*asked)
        assert kept.batches[1:] == [["a", "b", "c", "d"]]

    asyncio.run(journey())


def test_whoever_comes_one_after_the_other_is_not_waited_for_without_end(monkeypatch):
    monkeypatch.setattr(database, "GATHER", 30)
    monkeypatch.setattr(database, "GATHER_AGAIN", 2)

    async def journey():
        kept, commit, _ = made()
        await asyncio.gather(*(commit.submit(letter) for letter in "abcdef"))
        asked = await speak_one_after_the_other(commit, "abc")
        await asyncio.gather(*asked)
        assert kept.batches[1:] == [["a", "b", "c"]]

    asyncio.run(journey())


def test_those_who_have_not_been_told_yet_are_waited_for(monkeypatch):
    """The gathering begins when they could hear what they said, not before."""
    monkeypatch.setattr(database, "GATHER_AGAIN", 0)
    monkeypatch.setattr(database, "TOLD_WITHIN", 30)

    async def journey():
        heard = asyncio.Event()
        kept = Database()
        telling = asyncio.ensure_future(heard.wait())
        commit = GroupCommit(kept, lambda _, items: items, 1, lambda *told: telling)
        await asyncio.gather(*(commit.submit(letter) for letter in "abc"))
        early = asyncio.ensure_future(commit.submit("a"))
        await let_others_run()
        assert len(kept.batches) == 1
        rest = asyncio.gather(commit.submit("b"), commit.submit("c"))
        heard.set()
        await asyncio.gather(early, rest)
        assert kept.batches[1:] == [["a", "b", "c"]]

    asyncio.run(journey())


def test_who_is_told_too_late_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(database, "TOLD_WITHIN", 0.001)

    async def journey():
        never = asyncio.get_running_loop().create_future()
        kept = Database()
        commit = GroupCommit(kept, lambda _, items: items, 1, lambda *told: never)
        await asyncio.gather(*(commit.submit(letter) for letter in "abc"))
        await commit.submit("a")
        assert [len(items) for items in kept.batches] == [3, 1]

    asyncio.run(journey())


def test_nobody_is_waited_for_in_vain(monkeypatch):
    monkeypatch.setattr(database, "GATHER", 0.001)

    async def journey():
        kept, commit, _ = made()
        await asyncio.gather(*(commit.submit(letter) for letter in "abc"))
        assert await commit.submit("a") == "A"
        # Now one is expected, so that it is not waited for at all.
        monkeypatch.setattr(database, "GATHER", 30)
        assert await commit.submit("a") == "A"
        assert [len(items) for items in kept.batches] == [3, 1, 1]

    asyncio.run(journey())


def test_a_batch_that_fails_fails_for_all_who_wait():
    async def journey():
        kept, commit, committed = made()
        kept.away = True
        asked = [asyncio.ensure_future(commit.submit(letter)) for letter in "abc"]
        for each in asked:
            with pytest.raises(OperationalError):
                await each
        kept.away = False
        assert await commit.submit("d") == "D"
        assert len(committed) == 1

    asyncio.run(journey())


def test_what_is_saved_is_acknowledged_even_if_it_cannot_be_shown(caplog):
    async def journey():
        def fail(room_id, results):
            raise ZeroDivisionError

        kept = Database()
        commit = GroupCommit(kept, lambda _, items: items, 1, fail)
        assert await asyncio.gather(commit.submit("a"), commit.submit("b")) == ["a", "b"]
        assert await commit.submit("c") == "c"

    with caplog.at_level("CRITICAL"):
        asyncio.run(journey())


class Lookup:
    """Answers when it is told to; keeps what it was asked, query by query."""

    def __init__(self):
        self.queries = []
        self.answer = asyncio.Event()
        self.trouble = None

    async def read(self, function, keys):
        self.queries.append(sorted(keys))
        await self.answer.wait()
        if self.trouble:
            raise self.trouble
        return function(keys)


def looked_up(most=10):
    lookup = Lookup()
    return lookup, GroupRead(
        lookup, lambda keys: {key: key.upper() for key in keys if key != "x"}, most
    )


def test_what_is_asked_while_a_query_runs_shares_the_next_one():
    async def journey():
        lookup, users = looked_up(most=3)
        first = asyncio.ensure_future(users.ask("a"))
        await let_others_run()
        rest = [asyncio.ensure_future(users.ask(key)) for key in "aabxc"]
        await let_others_run()
        assert lookup.queries == [["a"]]
        lookup.answer.set()
        assert await asyncio.gather(first, *rest) == ["A", "A", "A", "B", None, "C"]
        assert lookup.queries == [["a"], ["a", "b"], ["c", "x"]]
        assert await users.ask("b") == "B"  # and once more, when all is over

    asyncio.run(journey())


def test_who_does_not_wait_any_more_is_no_trouble_to_the_others():
    async def journey():
        lookup, users = looked_up()
        asked = [asyncio.ensure_future(users.ask(key)) for key in "aa"]
        await let_others_run()
        asked[0].cancel()
        lookup.answer.set()
        assert await asked[1] == "A"

    asyncio.run(journey())


def test_all_who_wait_are_told_that_nothing_can_be_read():
    async def journey():
        lookup, users = looked_up()
        first = asyncio.ensure_future(users.ask("a"))
        await let_others_run()
        second = asyncio.ensure_future(users.ask("b"))
        await let_others_run()
        lookup.trouble = OperationalError()
        lookup.answer.set()
        for asked in (first, second):
            with pytest.raises(OperationalError):
                await asked
        lookup.trouble = None
        assert await users.ask("c") == "C"
        assert lookup.queries == [["a"], ["c"]]

    asyncio.run(journey())

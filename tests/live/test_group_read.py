"""Keys that are asked for together are looked up with one query."""

import asyncio

import pytest
from django.db import OperationalError

from chat.live.group_read import GroupRead
from tests.support.waiting import let_others_run


class PausedDatabase:
    """Keeps the keys of each query, and answers when `answer` is set."""

    def __init__(self):
        self.queries = []
        self.answer = asyncio.Event()
        self.error = None

    async def read(self, function, keys):
        self.queries.append(sorted(keys))
        await self.answer.wait()
        if self.error:
            raise self.error
        return function(keys)


def make_read(limit=10):
    """Return a database, and a group read on it that finds every key but "x"."""
    database = PausedDatabase()
    return database, GroupRead(
        database, lambda keys: {key: key.upper() for key in keys if key != "x"}, limit
    )


def test_keys_that_are_asked_for_while_a_query_runs_share_the_next_one():
    async def journey():
        database, users = make_read(limit=3)
        first = asyncio.ensure_future(users.get("a"))
        await let_others_run()
        rest = [asyncio.ensure_future(users.get(key)) for key in "aabxc"]
        await let_others_run()
        assert database.queries == [["a"]]
        database.answer.set()
        assert await asyncio.gather(first, *rest) == ["A", "A", "A", "B", None, "C"]
        assert database.queries == [["a"], ["a", "b"], ["c", "x"]]
        assert await users.get("b") == "B"

    asyncio.run(journey())


def test_a_cancelled_question_does_not_disturb_the_others():
    async def journey():
        database, users = make_read()
        asked = [asyncio.ensure_future(users.get(key)) for key in "aa"]
        await let_others_run()
        asked[0].cancel()
        database.answer.set()
        assert await asked[1] == "A"

    asyncio.run(journey())


def test_a_failed_query_fails_for_all_who_wait():
    async def journey():
        database, users = make_read()
        first = asyncio.ensure_future(users.get("a"))
        await let_others_run()
        second = asyncio.ensure_future(users.get("b"))
        await let_others_run()
        database.error = OperationalError()
        database.answer.set()
        for asked in (first, second):
            with pytest.raises(OperationalError):
                await asked
        database.error = None
        assert await users.get("c") == "C"
        assert database.queries == [["a"], ["c"]]

    asyncio.run(journey())

"""Coroutines that run at once and become a task only if they wait."""

import asyncio

import pytest

from chat.live import eager

pytestmark = pytest.mark.same_on_every_database


def test_a_coroutine_that_does_not_wait_is_done_at_once():
    done = []

    async def work():
        done.append(1)

    async def journey():
        assert eager.start(work()) is None
        assert done == [1]

    asyncio.run(journey())


def test_a_coroutine_that_waits_goes_on_as_a_task():
    steps = []

    async def work(first, second):
        steps.append("begun")
        steps.append(await first)
        steps.append(await second)
        return "result"

    async def journey():
        loop = asyncio.get_running_loop()
        first, second = loop.create_future(), loop.create_future()
        task = eager.start(work(first, second))
        assert steps == ["begun"]
        first.set_result("first")
        second.set_result("second")
        assert await task == "result"
        assert steps == ["begun", "first", "second"]

    asyncio.run(journey())


def test_errors_before_the_first_wait_reach_the_caller_and_later_ones_the_task():
    async def at_once():
        raise KeyError

    async def later():
        await asyncio.sleep(0)
        raise ValueError

    async def journey():
        with pytest.raises(KeyError):
            eager.start(at_once())
        with pytest.raises(ValueError):
            await eager.start(later())

    asyncio.run(journey())


def test_cancelling_the_task_reaches_the_coroutine():
    seen = []

    async def work():
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    async def journey():
        task = eager.start(work())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(journey())
    assert seen == ["cancelled"]

"""The gate that holds a connection while its allowance is used up."""

import asyncio

import pytest

from chat.consumers import input_gate
from chat.consumers.input_gate import ClientGone, InputGate
from chat.live.flood_limits import Allowance, Budget, Limit
from chat.live.token_bucket import Rate
from tests.support.live import PATIENCE

pytestmark = pytest.mark.same_on_every_database

LINES_A_SECOND = 10


class Clock:
    """Stands in for the modules `time` and `asyncio`: a sleep moves the clock."""

    now = 100.0

    def monotonic(self):
        return self.now

    async def sleep(self, seconds):
        self.now += seconds
        await asyncio.sleep(0)


class Client:
    """A connection with one line left, and then ten a second."""

    ignores_input = has_gone = False

    def __init__(self, clock):
        limit = Limit(lines=Rate(1, LINES_A_SECOND), bytes=Rate(1000, 1000))
        self.clock = clock
        self.allowance = Allowance(clock.monotonic, Budget(limit))
        self.gate = InputGate(
            self.allowance,
            ignores_input=lambda: self.ignores_input,
            has_gone=lambda wait: self.has_gone,
        )

    async def spend(self, lines):
        """Return the seconds that it takes to spend some lines."""
        begin = self.clock.now
        await self.gate.spend(lines, 0)
        return self.clock.now - begin


@pytest.fixture
def client(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(input_gate, "time", clock)
    monkeypatch.setattr(input_gate, "asyncio", clock)
    return Client(clock)


def test_lines_wait_for_their_turn(client):
    async def scenario():
        assert await client.spend(1) == 0
        assert await client.spend(3) == pytest.approx(3 / LINES_A_SECOND)

    asyncio.run(scenario())


def test_a_client_that_has_gone_is_not_waited_for_and_gets_back_what_it_had_taken(client):
    async def scenario():
        client.has_gone = True
        with pytest.raises(ClientGone):
            await client.spend(1000)
        client.has_gone = False
        assert await client.spend(1) == 0

    asyncio.run(scenario())


def test_a_client_that_goes_is_noticed_while_it_is_held(client):
    async def scenario():
        waiting = asyncio.create_task(client.spend(1000))
        await asyncio.sleep(0)
        assert not waiting.done()
        client.has_gone = True
        with pytest.raises(ClientGone):
            await asyncio.wait_for(waiting, PATIENCE)
        assert client.clock.now < 100 + 1000 / LINES_A_SECOND

    asyncio.run(scenario())


def test_a_connection_that_is_ending_is_held_no_longer(client):
    async def scenario():
        waiting = asyncio.create_task(client.spend(1000))
        await asyncio.sleep(0)
        client.ignores_input = True
        await asyncio.wait_for(waiting, PATIENCE)
        assert client.clock.now < 100 + 1000 / LINES_A_SECOND

    asyncio.run(scenario())


def test_a_client_waits_to_enter_for_a_short_time_only(client):
    async def scenario():
        assert not await client.gate.spend_soon(1 + 10 * LINES_A_SECOND, 0)
        assert await client.gate.spend_soon(2, 0)

    asyncio.run(scenario())

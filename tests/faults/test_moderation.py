"""A moderator's actions while servers are killed and Redis is away: whole, and in time."""

import asyncio
import time
from itertools import count, cycle

import pytest

from tests.faults.figures import allowed
from tests.faults.judge import Expectations
from tests.faults.member import ClientMember
from tests.faults.waiting import until
from tests.support.whole_actions import assert_whole

pytestmark = pytest.mark.slow

PEOPLE = 6
KILLS = 4  # in each, one more is kicked and one banned
DONE_BEFORE_KILL = 15  # actions, and one more in each round
ORDERED = 200  # actions, more than a server takes until it is killed
HOLDS_WITHIN = 2  # seconds until another process knows, without the bus


class ClientModerator(ClientMember):
    """An administrator that sends orders without waiting for the answers."""

    purges = True

    def order(self, action, target="", **fields):
        self.send(type="moderate", action=action, target=target, **fields)

    @property
    def done(self):
        """The answers to orders that were carried out."""
        return [each for each in self.frames if each.get("answer") == "moderate"]

    async def carry_out(self, action, target="", **fields):
        """Give an order, and wait until it is carried out."""
        known = len(self.done)
        self.order(action, target, **fields)
        await until(lambda: len(self.done) > known, lambda: f"{action}: {self.frames[-1:]}")


async def enter_moderator(site, crowd):
    """Let a moderator enter on the first server, and return it."""
    ((name, session_key),) = await site.accounts(1, "moderator")
    site.database.write(f"UPDATE chat_user SET is_superuser = true WHERE username = '{name}'")
    moderator = ClientModerator(name, session_key, site.servers[:1])
    await crowd.enter([moderator])
    return moderator


def give_orders(moderator, targets, kicked, banned, turn):
    """Order many actions: one kick and one ban of people who are there, and others in turn."""
    moderator.order("kick", kicked.name, reason=f"kick {turn}")
    moderator.order("ban", banned.name, reason=f"ban {turn}")
    names, numbers = cycle(targets), count()
    while (number := next(numbers)) < ORDERED:
        name = next(names).name
        moderator.order("mute", name, reason=f"mute {turn} {number}")
        moderator.order("lock")
        moderator.order("purge", name, duration="10m", reason=f"purge {turn} {number}")
        moderator.order("unlock")
        moderator.order("ban", f"absent-{name}", reason=f"absent {turn} {number}")


@pytest.mark.full
@pytest.mark.timeout(300)
def test_what_a_killed_server_did_for_a_moderator_is_whole_and_holds(play, figures):
    """F22: kill -9 of the server of a busy moderator, four times."""

    async def scenario(site, crowd):
        first, second = site.servers
        people, _ = await crowd.gather(PEOPLE + 2 * KILLS, servers=[second])
        moderator = await enter_moderator(site, crowd)
        targets, put_out = people[:PEOPLE], people[PEOPLE:]
        async with crowd.talking(40, speakers=people):
            for turn in range(KILLS):
                await crowd.until_acknowledged(20)
                known = len(moderator.done)
                give_orders(moderator, targets[: PEOPLE // 2], *put_out[2 * turn :][:2], turn)
                wanted = known + DONE_BEFORE_KILL + turn
                await until(lambda n=wanted: len(moderator.done) >= n, "nothing is done")
                first.kill()
                await site.start(first)
                await crowd.until_back()
                await moderator.carry_out("unlock")
                assert_whole(site.database)
        assert_nothing_done_is_lost(site.database, moderator)
        await assert_sanctions_hold(site, crowd, targets, put_out)
        figures.recovered = f"{len(moderator.done)} actions were done and answered, none by half"
        return Expectations(undisturbed=targets, sent_away=put_out)

    play(scenario)


def assert_nothing_done_is_lost(database, moderator):
    """Assert that the database has each sanction about which the moderator had an answer."""
    saved = {pk for (pk,) in database.query("SELECT id FROM chat_sanction")}
    answered = {each["entry"] for each in moderator.done if each["action"] in ("mute", "ban")}
    assert answered, "nobody was muted"
    assert answered <= saved, f"answered and lost: {answered - saved}"


async def assert_sanctions_hold(site, crowd, targets, put_out):
    """Assert that nobody whom a sanction concerns speaks or comes back, on any server."""
    active = "SELECT name FROM chat_sanction WHERE kind = 'mute' AND lifted IS NULL"
    names = {name for (name,) in site.database.query(active)}
    muted = [member for member in targets if member.name in names]
    assert muted, "nobody is muted"
    messages = [member.say("may I?") for member in muted]
    await until(lambda: all(each.refused == "muted" for each in messages), f"not refused: {muted}")
    for number, member in enumerate(put_out):
        await until(lambda each=member: each.over, f"not put out: {member}")
        again = ClientMember(member.name, member.session_key, [site.servers[number % 2]])
        again.start()
        await until(lambda each=again: each.over, f"came back: {again}")
        assert again.sent_away == "banned, 4406"


def test_a_moderators_actions_hold_on_other_servers_while_redis_is_away(
    play, own_redis, figures, full
):
    """F23: Redis away while a moderator acts on people of another server."""

    async def scenario(site, crowd):
        people, _ = await crowd.gather(4, servers=site.servers[1:])
        muted, kicked, banned, witness = people
        moderator = await enter_moderator(site, crowd)
        message = muted.say("buy this")
        await until(lambda: message.acknowledged_at, "it was not said")
        await asyncio.to_thread(own_redis.kill)
        took = {}

        async def act(action, target, holds, **fields):
            await moderator.carry_out(action, target, **fields)
            start = time.monotonic()
            await until(holds, f"{action} does not hold")
            took[action] = time.monotonic() - start

        await act("kick", kicked.name, lambda: kicked.over, reason="spam")
        await act("ban", banned.name, lambda: banned.over, reason="spam")
        await act("mute", muted.name, lambda: has_heard(witness, "notice", "was muted"))
        await act("purge", muted.name, lambda: has_heard(witness, "removed", ""), duration="10m")
        await act("lock", "", lambda: has_heard(witness, "rules", "locked"))
        refused = muted.say("and this"), witness.say("hello?")
        await until(lambda: all(each.refused for each in refused), "they may speak")
        assert [each.refused for each in refused] == ["muted", "locked"]
        assert max(took.values()) < allowed(HOLDS_WITHIN, full), took
        figures.recovered = "holds elsewhere after " + ", ".join(
            f"{seconds:.1f} s ({action})" for action, seconds in took.items()
        )
        await asyncio.to_thread(own_redis.start)
        return Expectations(undisturbed=[muted, witness, moderator], sent_away=[kicked, banned])

    play(scenario, redis=own_redis.url)


def has_heard(member, kind, text):
    """Return whether a member has received a line of a kind with a text in it."""
    return any(line["kind"] == kind and text in line["text"] for line in member.received.lines)

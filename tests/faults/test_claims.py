"""Many who want the same thing in the same moment, on two processes: one gets it."""

import asyncio
import time
from uuid import uuid4

import uvloop

from tests.faults.browsing import sign_up, sign_up_form
from tests.faults.crowd import Crowd
from tests.faults.members import Guest, Member, until
from tests.faults.site import Site
from tests.make_members import letters

PASSWORD = "a long enough phrase"
HASHING = 0.4  # seconds, about what it takes for one password


def test_one_of_all_who_claim_a_name_has_it(database, redis, figures, full):
    """F17: many claims of one name at once, over both doors and both processes."""
    rounds, guests = (20, 196) if full else (5, 56)

    async def scenario(site):
        winners = []
        for turn in range(rounds):
            name = f"wanted{letters(turn)}"
            strangers = [Guest(name, site.servers[n % 2]) for n in range(guests)]
            forms = [await asyncio.to_thread(sign_up_form, site.servers[n % 2]) for n in range(4)]
            replies, browsers = await asyncio.gather(
                asyncio.gather(*(enter_after(turn % 4 * HASHING, one) for one in strangers)),
                asyncio.gather(
                    *(asyncio.to_thread(sign_up, *form, name, PASSWORD) for form in forms)
                ),
            )
            accounts = [browser for browser in browsers if browser]
            inside = [stranger for stranger in strangers if stranger.connected]
            assert set(replies) <= {Guest.WELCOME, b"UserName Exist"}, set(replies)
            assert len(inside) + len(accounts) == 1, (
                f"round {turn}: {len(inside)} guests, {len(accounts)} accounts"
            )
            assert site.truth.people().count(name) == len(inside)
            winners += ["account" for _ in accounts]
            figures.clients += len(strangers) + len(forms)
            await asyncio.gather(*(stranger.vanish() for stranger in strangers))
            await until(lambda name=name: name not in site.truth.people(), "the name is not free")
        figures.recovered = f"one winner in each of {rounds} rounds"
        figures.note(f"{len(winners)} times an account")

    with Site(database=database, redis=redis.url) as site:
        uvloop.run(scenario(site))
        assert "Traceback" not in site.output


async def enter_after(seconds, guest):
    """Come a little later: a sign-up spends most of its time on hashing the password."""
    await asyncio.sleep(seconds)  # part of the load
    return await guest.enter()


def test_a_message_said_on_two_processes_at_once_is_there_once(database, redis, figures, full):
    """F21: the same client_id twice in parallel, on two processes."""
    people, turns = (20, 50) if full else (20, 10)

    async def scenario(site):
        crowd = Crowd(site)
        accounts = await site.accounts(people)
        pairs = [
            [Member(name, session_key, [server], crowd._decode) for server in site.servers]
            for name, session_key in accounts
        ]
        crowd.members += [member for pair in pairs for member in pair]
        await crowd.enter(crowd.members)
        begun = time.monotonic()
        await asyncio.gather(*(speak_twice(pair, turns) for pair in pairs))
        figures.recovered = f"{people * turns:,} pairs in {time.monotonic() - begun:.1f} s"
        await crowd.judge(figures)
        assert figures.messages == people * turns

    with Site(database=database, redis=redis.url) as site:
        uvloop.run(scenario(site))


async def speak_twice(pair, turns):
    for turn in range(turns):
        client_id = str(uuid4())
        told = [member.say(f"{member.name} {turn}", client_id) for member in pair]
        await until(
            lambda told=told: all(one.acknowledged_at for one in told),
            lambda: f"not acknowledged: {pair}",
        )
        assert told[0].seq == told[1].seq

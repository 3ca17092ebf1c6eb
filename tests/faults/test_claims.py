"""Many who want the same thing in the same moment, on two processes: one gets it."""

import asyncio
import time
from collections import Counter
from uuid import uuid4

import pytest

from tests.faults.browsing import sign_up, sign_up_form
from tests.faults.crowd import Crowd
from tests.faults.members import Guest, Member, until
from tests.support.make_members import letters

PASSWORD = "a long enough phrase"
FORMS = 4  # who want the name for an account


@pytest.mark.timeout(300)
def test_one_of_all_who_claim_a_name_has_it(play, database, redis, figures, full):
    """F17: many claims of one name at once, over both doors and both processes."""
    rounds, guests = (20, 196) if full else (5, 56)

    async def scenario(site):
        crowd = Crowd(site)
        winners = Counter()
        _, usual = await sign_up_all(site, [f"early{letters(n)}" for n in range(FORMS)])
        for turn in range(rounds):
            name = f"wanted{letters(turn)}"
            # A sign-up spends its time on hashing the password: guests come before or after that.
            pause = usual * (0, 0.5, 1, 2)[turn % 4]
            strangers = [Guest(name, site.servers[n % 2]) for n in range(guests)]
            replies, (accounts, _) = await asyncio.gather(
                asyncio.gather(*(enter_after(pause, one) for one in strangers)),
                sign_up_all(site, [name] * FORMS),
            )
            inside = [stranger for stranger in strangers if stranger.connected]
            assert set(replies) <= {Guest.WELCOME, b"UserName Exist"}, set(replies)
            assert len(inside) + len(accounts) == 1, (
                f"round {turn}: {len(inside)} guests, {len(accounts)} accounts"
            )
            assert site.truth.people().count(name) == len(inside)
            await asyncio.gather(*(one.vanish() for one in strangers if one not in inside))
            members = [Member(name, browser.session_key, site.servers) for browser in accounts]
            await crowd.enter(members)
            crowd.members += members
            crowd.guests += inside
            winners.update(guests=len(inside), accounts=len(accounts))
        figures.recovered = f"one winner in each of {rounds} rounds"
        figures.note(f"{winners['accounts']} times an account")
        assert winners["accounts"], "nobody could sign up"
        assert winners["guests"], "no guest was faster"
        await crowd.judge(figures, undisturbed=crowd.everybody)
        figures.clients = rounds * (guests + FORMS)

    play(scenario, database=database, redis=redis.url)


async def sign_up_all(site, names):
    """(browsers, seconds): who has got an account by that, and how long all of it took."""
    places = [site.servers[number % 2] for number in range(len(names))]
    forms = [await asyncio.to_thread(sign_up_form, place) for place in places]
    begun = time.monotonic()
    browsers = await asyncio.gather(
        *(
            asyncio.to_thread(sign_up, *form, name, PASSWORD)
            for form, name in zip(forms, names, strict=True)
        )
    )
    return [browser for browser in browsers if browser], time.monotonic() - begun


async def enter_after(seconds, guest):
    await asyncio.sleep(seconds)  # part of the load
    return await guest.enter()


def test_a_message_said_on_two_processes_at_once_is_there_once(
    play, database, redis, figures, full
):
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
        await crowd.judge(figures, undisturbed=crowd.everybody)
        assert figures.messages == people * turns

    play(scenario, database=database, redis=redis.url)


async def speak_twice(pair, turns):
    for turn in range(turns):
        client_id = str(uuid4())
        told = [member.say(f"{member.name} {turn}", client_id) for member in pair]
        await until(
            lambda told=told: all(one.acknowledged_at for one in told),
            lambda: f"not acknowledged: {pair}",
        )
        assert told[0].seq == told[1].seq

"""Many people claim the same thing at the same moment on two servers, and one of them gets it."""

import asyncio
import time
from collections import Counter
from uuid import uuid4

import pytest

from tests.faults.guest import LOGGED_IN, ClientGuest
from tests.faults.judge import Expectations
from tests.faults.waiting import until
from tests.support.form_browser import open_sign_up, sign_up
from tests.support.make_members import letters

pytestmark = pytest.mark.slow

PASSWORD = "a long enough phrase"
SIGN_UPS = 4  # people who want the name for an account, in each round
START_OF_GUESTS = (0, 0.5, 1, 2)  # in the time of a sign-up, in turn


@pytest.mark.timeout(300)
def test_one_of_many_claims_of_a_name_succeeds(play, figures, full):
    """F17: many claims of one name at once, over both doors and both processes."""
    rounds, guest_count = (20, 196) if full else (5, 56)
    most_rounds = 20  # until each kind has won once, however the machine is busy

    async def scenario(site, crowd):
        winners = Counter()
        _, sign_up_time = await sign_up_all(site, [f"early{letters(n)}" for n in range(SIGN_UPS)])
        turn = 0
        while turn < rounds or (turn < most_rounds and len(+winners) < 2):
            name = f"wanted{letters(turn)}"
            # A sign-up spends its time on hashing the password: guests come before or after that.
            pause = sign_up_time * START_OF_GUESTS[turn % len(START_OF_GUESTS)]
            guests = [ClientGuest(name, site.servers[n % 2]) for n in range(guest_count)]
            replies, (browsers, took) = await asyncio.gather(
                asyncio.gather(*(enter_after(pause, guest) for guest in guests)),
                sign_up_all(site, [name] * SIGN_UPS),
            )
            sign_up_time = max(sign_up_time, took)  # it is short when a guest was faster
            inside = [guest for guest in guests if guest.connected]
            assert set(replies) <= {LOGGED_IN, b"UserName Exist"}, set(replies)
            assert len(inside) + len(browsers) == 1, (
                f"round {turn}: {len(inside)} guests, {len(browsers)} accounts"
            )
            assert site.database.people().count(name) == len(inside)
            await asyncio.gather(*(guest.vanish() for guest in guests if guest not in inside))
            crowd.guests += inside
            await crowd.enter(
                [crowd.member(name, browser.session_key, site.servers) for browser in browsers]
            )
            winners.update(guests=len(inside), accounts=len(browsers))
            turn += 1
        figures.recovered = f"one winner in each of {turn} rounds"
        figures.note(f"{winners['accounts']} times an account")
        assert winners["accounts"], "nobody could sign up"
        assert winners["guests"], "no guest was faster"
        return Expectations(undisturbed=crowd.everybody, clients=turn * (guest_count + SIGN_UPS))

    play(scenario)


async def sign_up_all(site, names):
    """Sign up under all names at once. Return (browsers with an account, seconds it took)."""
    servers = [site.servers[number % 2] for number in range(len(names))]
    forms = [await asyncio.to_thread(open_sign_up, server) for server in servers]
    start = time.monotonic()
    succeeded = await asyncio.gather(
        *(
            asyncio.to_thread(sign_up, *form, name, PASSWORD)
            for form, name in zip(forms, names, strict=True)
        )
    )
    took = time.monotonic() - start
    return [browser for (browser, _), ok in zip(forms, succeeded, strict=True) if ok], took


async def enter_after(seconds, guest):
    await asyncio.sleep(seconds)  # part of the load
    return await guest.enter()


def test_a_message_said_on_two_servers_at_once_is_saved_once(play, figures, full):
    """F21: the same client_id twice in parallel, on two processes."""
    people, turns = (20, 50) if full else (20, 10)

    async def scenario(site, crowd):
        accounts = await site.accounts(people)
        pairs = [
            [crowd.member(name, session_key, [server]) for server in site.servers]
            for name, session_key in accounts
        ]
        await crowd.enter([member for pair in pairs for member in pair])
        start = time.monotonic()
        await asyncio.gather(*(say_everything_twice(pair, turns) for pair in pairs))
        figures.recovered = f"{people * turns:,} pairs in {time.monotonic() - start:.1f} s"
        return Expectations(undisturbed=crowd.everybody, messages=people * turns)

    play(scenario)


async def say_everything_twice(pair, turns):
    """Let two connections of one person say the same messages under the same ids."""
    for turn in range(turns):
        client_id = str(uuid4())
        messages = [member.say(f"{member.name} {turn}", client_id) for member in pair]
        await until(
            lambda messages=messages: all(message.acknowledged_at for message in messages),
            lambda: f"not acknowledged: {pair}",
        )
        assert messages[0].seq == messages[1].seq

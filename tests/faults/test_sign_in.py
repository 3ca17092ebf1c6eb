"""Sign-ins that end, or outlive a new key, while sockets are open on several processes."""

import asyncio
import time

import pytest

from tests.faults.browsing import Browser, signed_up
from tests.faults.crowd import Crowd
from tests.faults.members import Member, until
from tests.support.services import Redis

PASSWORD, NEW_PASSWORD = "a long enough phrase", "quite another phrase"
WITH_BUS, WITHOUT = 2, 30  # seconds until a socket is closed
SIGN_IN = 4401  # for all three: none leaves a session that is good, with which it would be 4403


@pytest.mark.full
@pytest.mark.timeout(300)
@pytest.mark.parametrize("away", [False, True], ids=["redis", "no redis"])
def test_what_ends_a_sign_in_closes_its_sockets_everywhere(play, database, figures, away):
    """F15: sign-out, password change, deactivation."""
    where = "Redis is down" if away else "three processes"
    within = WITHOUT if away else WITH_BUS
    figures.fault = f"F15: sign-out, new password, deactivation; {where}"

    async def scenario(site):
        crowd = Crowd(site)
        bystanders, _ = await crowd.gather(12)
        took, ended = {}, []
        if away:
            own_redis.kill()
        for name, end in (
            ("sign-out", sign_out),
            ("new password", change_password),
            ("deactivation", deactivate),
        ):
            person = name.replace(" ", "-")
            browser = await asyncio.to_thread(signed_up, site.servers[0], person, PASSWORD)
            members = await three_sockets(crowd, browser, person)
            keeps = set()
            if end is change_password:  # the browser that changes it stays
                other = Browser(site.servers[1])
                await asyncio.to_thread(
                    other.post, "/accounts/login/", username=person, password=PASSWORD
                )
                keeps = set(members)
                members = await three_sockets(crowd, other, person)
            began = await end(site, browser, person)
            await until(
                lambda those=members: all(member.over for member in those),
                lambda those=members: f"still open: {those}",
                within + 10,
            )
            ended += members
            took[name] = max(0, *(member.ends[-1].at - began for member in members))
            codes = {member.ends[-1].code for member in members}
            assert codes == {SIGN_IN}, f"{name} closed with {codes}"
            if end is change_password:
                await asyncio.gather(*(member.look() for member in keeps))
                assert not any(member.ends for member in keeps), "the own browser was closed"
        figures.recovered = "closed after " + ", ".join(
            f"{seconds:.1f} s ({name})" for name, seconds in took.items()
        )
        assert max(took.values()) < within
        if away:
            await asyncio.to_thread(own_redis.start)
        await crowd.judge(figures, undisturbed=bystanders, sent_away=ended)

    with Redis() as own_redis:
        play(scenario, database=database, redis=own_redis.url, servers=3)


async def three_sockets(crowd, browser, name):
    members = [
        Member(name, browser.session_key, [server], crowd._decode) for server in crowd.site.servers
    ]
    await crowd.enter(members)
    crowd.members += members
    return members


async def sign_out(site, browser, name):
    began = time.monotonic()
    status, _ = await asyncio.to_thread(browser.post, "/accounts/logout/", "/")
    assert status == 302
    return began


async def change_password(site, browser, name):
    token = await asyncio.to_thread(browser.token, "/accounts/password/")
    status, _ = await asyncio.to_thread(
        browser.send,
        "/accounts/password/",
        token,
        password=PASSWORD,
        password1=NEW_PASSWORD,
        password2=NEW_PASSWORD,
    )
    assert status == 302
    return time.monotonic()  # two passwords were hashed before there was a new one


async def deactivate(site, browser, name):
    """As another program would: nobody's socket process hears of it but from the database."""
    code = (
        "import time; from chat.models import User; from chat.accounts import lifecycle;"
        f"user = User.objects.get(username={name!r});"
        "print(time.monotonic());"
        "lifecycle.deactivate(user)"
    )
    printed = await asyncio.to_thread(site.servers[0].manage, "shell", "-c", code)
    return float(printed.split()[-1])  # Linux has one monotonic clock for all processes


@pytest.mark.full
@pytest.mark.timeout(300)
def test_a_new_key_signs_nobody_out(play, database, redis, figures):
    """F16: SECRET_KEY replaced in a rolling restart, the old one a fallback."""
    old, new = "the old key of the faults", "the new key of the faults"

    async def scenario(site):
        crowd = Crowd(site)
        await crowd.gather(45, 5)
        begun = time.monotonic()
        async with crowd.talking(50):
            for server in site.servers:
                await crowd.acknowledged(100)
                await asyncio.to_thread(server.stop)
                server.environment |= {"SECRET_KEY": new, "SECRET_KEY_FALLBACKS": old}
                await site.start(server)
            await crowd.acknowledged(100)
        await crowd.settle()
        assert not any(member.over for member in crowd.members), "somebody was signed out"
        member = crowd.members[0]
        browser = Browser(site.servers[0], member.session_key)
        status, text = await asyncio.to_thread(browser.get, "/accounts/")
        assert status == 200
        assert member.name in text
        assert not member.over, "the page ended its own socket"
        member.session_key = browser.session_key  # the page has renewed it under the new key
        known = len(member.welcomes)
        member.hang_up()
        await until(lambda: len(member.welcomes) > known, "the new session does not let in")
        await crowd.settle()
        figures.recovered = f"back after {max(crowd.back_after(begun)):.1f} s at most"
        await crowd.judge(figures)

    play(scenario, database=database, redis=redis.url, SECRET_KEY=old)

"""Sign-ins end, or outlive a new key, while sockets are open on several servers."""

import asyncio
import re
import time

import pytest

from chat.accounts import lifecycle
from tests.faults.judge import Expectations
from tests.faults.waiting import until
from tests.support.form_browser import FormBrowser, open_sign_up, sign_up
from tests.support.services import Redis

pytestmark = pytest.mark.slow

PASSWORD, NEW_PASSWORD = "a long enough phrase", "quite another phrase"
WITH_BUS, WITHOUT_BUS = 2, 30  # seconds until a socket is closed
SIGN_IN_CODE = 4401  # 4403 would mean that the session is still good


@pytest.mark.full
@pytest.mark.timeout(300)
@pytest.mark.parametrize("away", [False, True], ids=["redis", "no redis"])
def test_the_end_of_a_sign_in_closes_its_sockets_on_all_servers(play, figures, away):
    """F15: sign-out, password change, deactivation."""
    where = "Redis is down" if away else "three processes"
    within = WITHOUT_BUS if away else WITH_BUS
    figures.fault = f"F15: sign-out, new password, deactivation; {where}"

    async def scenario(site, crowd):
        bystanders, _ = await crowd.gather(12)
        if away:
            own_redis.kill()
        ended, durations = [], {}
        for way, end in WAYS_TO_END.items():
            name = way.replace(" ", "-")
            browser = await signed_up(site.servers[0], name)
            members = await connect_everywhere(crowd, browser, name)
            members, moment = await end(crowd, browser, members)
            await until_ended(members, within + 10)
            durations[way] = max(0, *(member.ends[-1].at - moment for member in members))
            ended += members
        figures.recovered = "closed after " + ", ".join(
            f"{seconds:.1f} s ({way})" for way, seconds in durations.items()
        )
        assert max(durations.values()) < within
        if away:
            await asyncio.to_thread(own_redis.start)
        return Expectations(
            undisturbed=[*bystanders, *members_that_stay(crowd, ended)], sent_away=ended
        )

    with Redis() as own_redis:
        play(scenario, redis=own_redis.url, servers=3)


async def signed_up(server, name):
    """Return the browser of somebody who has made an account."""
    browser, token = await asyncio.to_thread(open_sign_up, server)
    assert await asyncio.to_thread(sign_up, browser, token, name, PASSWORD)
    return browser


async def connect_everywhere(crowd, browser, name):
    """Let the person of a browser enter on each server."""
    members = [crowd.member(name, browser.session_key, [server]) for server in crowd.site.servers]
    await crowd.enter(members)
    return members


async def until_ended(members, patience):
    await until(
        lambda: all(member.over for member in members), lambda: f"still open: {members}", patience
    )
    codes = {member.ends[-1].code for member in members}
    assert codes == {SIGN_IN_CODE}, f"closed with {codes}"


def members_that_stay(crowd, ended):
    return [member for member in crowd.members if member not in ended]


# Each way ends a sign-in, and returns (the members that must be closed, the moment).


async def sign_out(crowd, browser, members):
    moment = time.monotonic()
    status, _ = await asyncio.to_thread(browser.post, "/accounts/logout/", "/r/lobby/")
    assert status == 302
    return members, moment


async def change_password(crowd, browser, members):
    """Change it in one browser while another one is signed in; the first one stays signed in."""
    name = members[0].name
    other = FormBrowser(crowd.site.servers[1])
    await asyncio.to_thread(other.post, "/accounts/login/", username=name, password=PASSWORD)
    others = await connect_everywhere(crowd, other, name)
    path = "/accounts/password/"
    token = await asyncio.to_thread(browser.token, path)
    fields = {"password": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    status, _ = await asyncio.to_thread(browser.send, path, token, **fields)
    assert status == 302
    return others, time.monotonic()  # hashing took its time before there was a new password


async def deactivate_account(crowd, browser, members):
    """Deactivate the account in another process, of which the servers hear by the database alone.

    Linux has one monotonic clock for all processes.
    """
    deactivate = lifecycle.deactivate
    code = (
        "import time; from chat.models import User;"
        f"from {deactivate.__module__} import {deactivate.__name__};"
        f"user = User.objects.get(username={members[0].name!r});"
        "print(time.monotonic());"
        f"{deactivate.__name__}(user)"
    )
    printed = await asyncio.to_thread(crowd.site.servers[0].manage, "shell", "-c", code)
    # The command also logs the security event.
    (moment,) = [line for line in printed.splitlines() if re.fullmatch(r"\d+\.\d+", line)]
    return members, float(moment)


WAYS_TO_END = {
    "sign-out": sign_out,
    "new password": change_password,
    "deactivation": deactivate_account,
}


@pytest.mark.full
@pytest.mark.timeout(300)
def test_a_new_secret_key_signs_nobody_out(play, figures):
    """F16: SECRET_KEY replaced in a rolling restart, the old one a fallback."""
    # Without commas, which separate the keys of SECRET_KEY_FALLBACKS.
    old, new = (
        f"the {age} key of the faults that is as long as it must be" for age in ("old", "new")
    )

    async def scenario(site, crowd):
        await crowd.gather(45, 5)
        start = time.monotonic()
        async with crowd.talking(50):
            for server in site.servers:
                await crowd.until_acknowledged(100)
                await asyncio.to_thread(server.stop)
                server.environment |= {"SECRET_KEY": new, "SECRET_KEY_FALLBACKS": old}
                await site.start(server)
            await crowd.until_acknowledged(100)
        await crowd.settle()
        assert not any(member.over for member in crowd.members), "somebody was signed out"
        await renew_session(site.servers[0], crowd.members[0])
        await crowd.settle()
        figures.recovered = f"back after {max(crowd.back_after(start)):.1f} s at most"
        return Expectations()

    play(scenario, SECRET_KEY=old)


async def renew_session(server, member):
    """Open a page, which renews the session under the new key, and reconnect with it."""
    browser = FormBrowser(server, member.session_key)
    status, text = await asyncio.to_thread(browser.get, "/accounts/")
    assert status == 200
    assert member.name in text
    assert not member.over, "the page has ended its own socket"
    member.session_key = browser.session_key
    known = len(member.welcomes)
    member.drop_connection()
    await until(lambda: len(member.welcomes) > known, "the new session is not let in")

"""Members who log in on the legacy port with an access key."""

import asyncio
import logging

import pytest

from chat.accounts import access_keys, throttling
from chat.models import AccessKey, Connection, Presence
from chat.room import log
from tests.support.live import PATIENCE
from tests.support.live_members import LiveMember
from tests.support.text_clients import TextClient, current_process, on_site

pytestmark = pytest.mark.django_db(transaction=True)

REFUSED = "UserName Exist"


@pytest.fixture
def key(lobby, alice):
    """An access key of alice."""
    return access_keys.create(alice, "terminal")


def play(journey):
    """Run a journey with a server process."""

    async def run():
        async with current_process() as server:
            await journey(server)

    asyncio.run(run())


async def refused(login):
    """Return whether a login is refused."""
    client = await TextClient("nobody").connect()
    answer = await client.answer(login)
    await client.leave()
    return answer == REFUSED


def lines_of(lobby, name):
    return [line.kind for line in log.after(lobby.pk, 0, 1000) if line.name == name]


def test_a_member_with_a_key_is_the_account(lobby, alice, key):
    async def journey(server):
        carol = await TextClient("carol").enter()
        ann = await TextClient("ALICE", key).enter()
        await carol.until("alice has entered the room.\n")
        await ann.ask("say hello", "alice: hello\n")
        await carol.until("alice: hello\n")
        await ann.leave()
        await carol.until("alice has left the room.\n")

    play(journey)
    said = [line for line in log.after(lobby.pk, 0, 1000) if line.kind == "said"]
    assert [(line.author_id, line.guest) for line in said] == [(alice.pk, False)]


def test_a_member_who_is_there_already_is_not_announced_and_stays_with_the_others(
    lobby, alice, key
):
    async def journey(server):
        web = await LiveMember().enter(server, alice)
        first = await TextClient("alice", key).enter()
        second = await TextClient("alice", key).enter()
        assert "Online Users:\nalice\n" in await second.answer("look")
        await first.ask("say from the first", "alice: from the first\n")
        await second.until("alice: from the first\n")
        await first.leave()
        await second.log_out()
        assert await on_site(lines_of, lobby, "alice") == ["entered", "said"]
        assert await on_site(Connection.objects.count) == 1
        await server.members.linger(web.member)
        third = await TextClient("alice", key).enter()
        await third.leave()
        assert (await on_site(lines_of, lobby, "alice"))[-1] == "left"

    play(journey)


def test_the_end_of_a_terminal_keeps_the_place_of_a_browser_that_is_reloading(lobby, alice, key):
    async def journey(server):
        web = await LiveMember().enter(server, alice)
        terminal = await TextClient("alice", key).enter()
        await server.members.linger(web.member)
        await terminal.leave()
        assert await on_site(Presence.objects.count) == 1
        assert "left" not in await on_site(lines_of, lobby, "alice")

    play(journey)


def test_wrong_keys_and_names_are_refused_like_taken_names(lobby, alice, bob, key):
    wrong = f"{key[:-1]}{'2' if key[-1] != '2' else '3'}"

    async def journey(server):
        for login in (
            "login alice",
            f"login alice {wrong}",
            f"login bob {key}",
            f"login carol {key}",
            f"login {key}",
            f"login alice{key}",
            f"login {key} alice",
            f"login alice {key.upper()}",
            f"login alice {key} x",
            "login alice cs_",
        ):
            assert await refused(login), login
        assert not await refused(f"login alice  {key}")

    play(journey)


def test_keys_are_not_checked_after_many_wrong_ones_from_an_address(
    lobby, alice, key, monkeypatch, one_window
):
    limit = throttling.WRONG_KEYS_FROM_ADDRESS._replace(most=3)
    monkeypatch.setattr(throttling, "WRONG_KEYS_FROM_ADDRESS", limit)

    async def journey(server):
        for _ in range(3):
            assert await refused("login alice cs_wrong")
        assert await refused(f"login alice {key}")

    play(journey)


def test_a_revoked_key_ends_its_connection_and_no_other(lobby, alice, key):
    other_key = access_keys.create(alice, "another")
    made = AccessKey.objects.get(name="terminal")

    async def journey(server):
        one = await TextClient("alice", key).enter()
        other = await TextClient("alice", other_key).enter()
        await on_site(access_keys.revoke, alice, made.pk)
        async with asyncio.timeout(PATIENCE):
            await one.closed.wait()
        await other.ask("say still here", "alice: still here\n")
        assert await refused(f"login alice {key}")

    play(journey)


def test_no_key_is_ever_repeated_or_logged(lobby, alice, key, caplog):
    async def journey(server):
        client = await TextClient("nobody").connect()
        for line in (key, f"x\t{key}", f"login bob {key}", f"login {key}", f"help {key}"):
            await client.answer(line)
        await client.ask(f"login alice {key}", "Login Success")
        for line in (key, f"login alice {key}", f"join {key}", f"msg {key} x", f"go {key}"):
            await client.answer(line)
        assert key not in client.text
        assert "Unknown command cs_... \n" in client.text

    with caplog.at_level(logging.DEBUG):
        play(journey)
    assert key not in caplog.text
    assert key[3:] not in caplog.text

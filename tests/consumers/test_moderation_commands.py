"""Moderation over the WebSocket, by the frames that chat/wire/README.md describes."""

from uuid import uuid4

import pytest

from tests.support.clients import run_journey
from tests.support.room_setup import make_room, manage

pytestmark = pytest.mark.slow


async def moderate(member, action, **fields):
    """Do something as a moderator, and return the answer."""
    known = len(member.frames)
    await member.send(type="moderate", action=action, **fields)
    return await answer(member, "moderate", known)


async def answer(member, kind, known):
    return await member.until_frame(lambda frame: frame.get("answer") == kind, known)


async def refusal(member, room, text):
    """Say something that is refused, and return the error."""
    known, client_id = len(member.frames), str(uuid4())
    await member.send(type="say", text=text, client_id=client_id, room=room)
    return await member.until_frame(lambda frame: frame.get("client_id") == client_id, known)


async def until_room(member, wanted, known):
    """Wait for the frame about a room whose summary is as wanted, and return the summary."""
    frame = await member.until_frame(
        lambda frame: frame["type"] == "room" and wanted(frame["room"]), known
    )
    return frame["room"]


def restores(frame, text):
    """Return whether a frame brings the line that restores a message."""
    lines = frame["lines"] if frame["type"] == "lines" else ()
    return any((line["kind"], line["text"]) == ("restored", text) for line in lines)


async def begin(server, alice, bob):
    """Let alice, who owns a room, and bob come into it, and return its id."""
    room = await make_room(server, alice, f"Moderated by {alice.name}")
    await alice.enter()
    await bob.enter()
    assert (await bob.ask("join", room=room))["change"] == "joined"
    for member in (alice, bob):
        await member.ask("open", room=room)
    return room


def test_somebody_who_is_muted_learns_until_when_and_why_and_speaks_again_after_it(server, members):
    async def journey(alice, bob):
        room = await begin(server, alice, bob)
        known = len(bob.frames)
        made = await moderate(
            alice, "mute", target=bob.name, duration="10m", reason="too much", room=room
        )
        assert (made["type"], made["action"], made["room"]) == ("done", "mute", room)
        summary = await until_room(bob, lambda changed: changed.get("muted"), known)
        assert summary["muted"] == {"until": made["until"], "reason": "too much"}
        error = await refusal(bob, room, "hello")
        assert (error["code"], error["until"], error["reason"]) == (
            *("muted", made["until"]),
            "too much",
        )
        known = len(bob.frames)
        assert (await moderate(alice, "lift", entry=made["entry"], room=room))["type"] == "done"
        await until_room(bob, lambda changed: changed["muted"] is None, known)
        await bob.send(type="say", text="thanks", client_id=str(uuid4()), room=room)
        await alice.until_said_in(room, "thanks")
        again = await moderate(alice, "lift", entry=made["entry"], room=room)
        assert (again["type"], again["code"]) == ("error", "decided")

    run_journey(journey(*members(2)))


def test_moderators_see_what_holds_for_somebody_and_others_see_nothing(server, members):
    async def journey(alice, bob):
        room = await begin(server, alice, bob)

        async def seen(member, **fields):
            asked = {"target": bob.name, "room": room, **fields}
            return (await moderate(member, "sanctions", **asked))["sanctions"]

        assert await seen(alice) == []
        for action in ("mute", "ban"):
            await moderate(alice, action, target=bob.name, duration="10m", room=room)
        found = [{"kind": kind, "room": room, "lift": True} for kind in ("ban", "mute")]
        assert await seen(alice) == found
        assert await seen(alice, room=None) == []
        assert await seen(bob) == []
        code = f"User.objects.filter(username={alice.name!r}).update(is_staff=True)"
        await manage(server, code)
        await moderate(alice, "mute", target=bob.name, room=None)
        assert await seen(alice) == [{"kind": "mute", "room": None, "lift": True}, *found]

    run_journey(journey(*members(2)))


def test_the_rules_of_a_room_are_changed_and_hold_for_others_than_its_moderators(server, members):
    async def journey(alice, bob):
        room = await begin(server, alice, bob)
        known = len(bob.frames)
        assert (await moderate(alice, "slow", duration="60s", room=room))["type"] == "done"
        assert (await until_room(bob, lambda changed: changed["slow"], known))["slow"] == 60
        for member in (bob, alice, alice):
            client_id = str(uuid4())
            await member.send(type="say", text=client_id, client_id=client_id, room=room)
            await member.until_said_in(room, client_id)
        error = await refusal(bob, room, "again")
        assert error["code"] == "too_soon"
        assert 0 < error["wait"] <= 60
        known = len(bob.frames)
        assert (await moderate(alice, "lock", room=room))["type"] == "done"
        assert (await until_room(bob, lambda changed: changed["locked"], known))["moderate"] == []
        assert (await refusal(bob, room, "hello"))["code"] == "locked"
        assert (await moderate(alice, "by_request", room=room))["type"] == "done"
        opened = await bob.ask("open", room=room)
        assert opened["summary"]["by_request"] is True

    run_journey(journey(*members(2)))


def test_messages_are_purged_and_come_back(server, members):
    async def journey(alice, bob):
        room = await begin(server, alice, bob)
        for text in ("one", "two"):
            await bob.send(type="say", text=text, client_id=str(uuid4()), room=room)
            await alice.until_said_in(room, text)
        purged = await moderate(alice, "purge", target=bob.name, duration="10m", room=room)
        assert (purged["type"], purged["count"]) == ("done", 2)
        undone = await moderate(alice, "unpurge", entry=purged["entry"], room=room)
        assert (undone["type"], undone["count"]) == ("done", 2)
        for text in ("one", "two"):
            restored = await alice.until_frame(lambda frame, text=text: restores(frame, text))
            assert restored["room"] == room

    run_journey(journey(*members(2)))


def test_the_answer_to_unmute_says_what_still_holds(server, members):
    async def journey(alice, bob):
        room = await begin(server, alice, bob)
        await manage(server, f"User.objects.filter(username={alice.name!r}).update(is_staff=True)")
        for fields in ({}, {"room": room}):
            await moderate(alice, "mute", target=bob.name, **fields)
        undone = await moderate(alice, "unmute", target=bob.name, room=room)
        assert undone["remaining"] == [{"kind": "mute", "room": None}]
        undone = await moderate(alice, "unmute", target=bob.name)
        assert undone["remaining"] == []

    run_journey(journey(*members(2)))


def test_what_makes_no_sense_or_is_not_allowed_is_refused_with_a_code(server, members):
    async def journey(alice, bob):
        room = await begin(server, alice, bob)

        async def code(member, action, **fields):
            return (await moderate(member, action, **{"room": room, **fields}))["code"]

        assert await code(bob, "mute", target=alice.name) == "not_allowed"
        assert await code(alice, "mute", target=alice.name) == "not_allowed"
        assert await code(alice, "ban", target=bob.name, room=None) == "not_allowed"
        assert await code(alice, "mute", target="address:nowhere") == "bad_target"
        assert await code(alice, "ban", target="address:203.0.113.7") == "not_allowed"
        assert await code(alice, "mute", target=bob.name, duration="soon") == "bad_duration"
        assert await code(alice, "unmute", target=bob.name) == "no_entry"
        assert await code(alice, "unpurge") == "no_entry"
        assert await code(alice, "lock", room=10**9) == "no_room"

    run_journey(journey(*members(2)))


def test_a_message_and_a_person_are_reported(server, members):
    async def journey(alice, bob):
        room = await begin(server, alice, bob)
        await alice.send(type="say", text="spam", client_id=str(uuid4()), room=room)
        await bob.until_said_in(room, "spam")
        seq = next(line["seq"] for line in bob.room_lines(room) if line["text"] == "spam")
        for about in ({"seq": seq}, {"name": alice.name}):
            known = len(bob.frames)
            await bob.send(type="report", room=room, why="it is spam", **about)
            told = await answer(bob, "report", known)
            assert (told["type"], told["room"]) == ("done", room)
        known = len(bob.frames)
        await bob.send(type="report", room=room, why="it is spam", name="nobody here")
        assert (await answer(bob, "report", known))["type"] == "error"
        code = f"print(Report.objects.filter(reporter_name={bob.name!r}).count())"
        assert int((await manage(server, code)).splitlines()[-1]) == 2

    run_journey(journey(*members(2)))


def test_a_ban_from_the_site_ends_the_connection_with_its_reason(server, members):
    async def journey(root, bob):
        await manage(
            server, f"User.objects.filter(username={root.name!r}).update(is_superuser=True)"
        )
        welcome = await root.enter()
        assert "ban" in welcome["rooms"][0]["moderate"]
        await bob.enter()
        made = await moderate(root, "ban", target=bob.name, duration="1h", reason="spam")
        bye = await bob.until_frame(lambda frame: frame["type"] == "bye")
        assert bye == {
            "type": "bye",
            "code": "banned",
            "retry_in": None,
            "until": made["until"],
            "reason": "spam",
        }
        await bob.until_closed()
        assert await bob.enter() == bye
        assert (await moderate(root, "lift", entry=made["entry"]))["type"] == "done"
        assert (await bob.enter())["type"] == "welcome"

    run_journey(journey(*members(2)))

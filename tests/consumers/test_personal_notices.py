"""A reporter hears that somebody has looked at the report, at both doors."""

import asyncio

import pytest

from chat.room import reporting, reports, targets
from chat.room.moderation_log import Door, Moderator
from chat.room.reporting import Reporter
from tests.support.clients import run_journey
from tests.support.room_setup import make_room, manage, run_code
from tests.support.text_clients import enter, on_site, play

pytestmark = pytest.mark.django_db(transaction=True)

LOOKED_AT = "* Your report was looked at. Thank you.\n"


def decide(room, reporter, person):
    """Let somebody report a person of a room, and the operator look at it."""
    by = Reporter(reporter, reporter.username, Door.PAGE)
    found = reporting.report(by, room.pk, None, targets.of_account(person), "rude")
    reports.dismiss(Moderator(None, Door.COMMAND), found.pk)


def decide_about_the_only_report(room):
    reports.dismiss(Moderator(None, Door.COMMAND), room.report_set.get().pk)


def test_a_member_at_a_terminal_is_told_at_once_and_no_more_at_the_next_login(
    garden, keys, alice, bob
):
    async def journey():
        (ben,) = await enter(keys, "bob")
        await on_site(decide, garden, bob, alice)
        await ben.until(LOOKED_AT)
        await ben.leave()
        (ben,) = await enter(keys, "bob")
        assert LOOKED_AT not in await ben.answer("look")

    play(journey)


def test_a_member_who_was_away_is_told_at_the_next_login(garden, keys, alice, bob):
    decide(garden, bob, alice)

    async def journey():
        (ben,) = await enter(keys, "bob")
        await ben.until(LOOKED_AT)

    play(journey)


def test_a_guest_is_told_at_once(lobby, keys):
    async def journey():
        _, dave = await enter(keys, "alice", "dave")
        await dave.answer("report alice is rude")
        await on_site(decide_about_the_only_report, lobby)
        await dave.until(LOOKED_AT)

    play(journey)


DISMISS = """
from chat.models import Report
from chat.room import reports
from chat.room.moderation_log import Door, Moderator
reports.dismiss(Moderator(None, Door.COMMAND), Report.objects.get(state="open").pk)
"""

PROMOTE = """
person = User.objects.get(username={name!r})
membership.join({room}, person)
Membership.objects.filter(room={room}, user=person).update(role="moderator")
"""


def test_a_web_member_reports_somebody_and_is_told_when_they_come_back(server, members):
    async def journey(alice, bob):
        await alice.enter()
        lobby = (await bob.enter())["rooms"][0]["id"]
        await bob.send(type="report", room=lobby, name=alice.name, why="rude")
        await bob.until_frame(lambda frame: frame["type"] == "done")
        await bob.leave()
        await asyncio.to_thread(run_code, server, DISMISS)
        await bob.enter()
        await bob.ask("open", room=lobby)
        told = await bob.until_frame(lambda frame: frame["type"] == "told")
        assert told == {"type": "told", "about": "report"}
        for member in (alice, bob):
            await member.leave()

    run_journey(journey(*members(2)))


def test_a_moderator_is_told_how_many_decisions_wait_and_others_are_not(server, members):
    def waits(count):
        return lambda frame: frame == {"type": "told", "about": "waiting", "count": count}

    async def journey(alice, bob, carol):
        room = await make_room(server, alice, f"Watched by {alice.name}")
        for member in (alice, bob):
            await member.enter()
            await member.ask("open", room=room)
        await alice.until_frame(waits(0))
        await bob.send(type="report", room=room, name=carol.name, why="rude")
        await alice.until_frame(waits(1))
        known = len(alice.frames)
        await asyncio.to_thread(run_code, server, DISMISS)
        await alice.until_frame(waits(0), known)
        await bob.ask("open", room=room)
        assert not [frame for frame in bob.frames if frame.get("about") == "waiting"]
        await alice.send(type="report", room=room, name=carol.name, why="rude")
        await manage(server, PROMOTE.format(room=room, name=bob.name))
        await bob.until_frame(waits(1))
        known = len(bob.frames)
        await asyncio.to_thread(run_code, server, DISMISS)
        await bob.until_frame(waits(0), known)
        for member in (alice, bob):
            await member.leave()

    run_journey(journey(*members(3)))

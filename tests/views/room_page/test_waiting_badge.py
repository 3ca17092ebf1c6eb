"""The number of decisions that wait for a moderator, on an open page."""

import pytest
from playwright.sync_api import expect

from tests.support.accessibility import assert_accessible
from tests.support.browser import connected, field, open_menu
from tests.support.room_setup import create_room, run_code
from tests.support.scripted_rooms import ScriptedRooms, a_summary

DISMISS = """
from chat.room import reports
from chat.room.moderation_log import Door, Moderator
reports.dismiss(Moderator(None, Door.COMMAND), Report.objects.get(name={name!r}).pk)
"""

JOIN_AND_REPORT = """
from chat.room import reporting, targets
from chat.room.reporting import Reporter
person, other = (User.objects.get(username=name) for name in ({name!r}, {other!r}))
membership.join({room}, person)
reporter = Reporter(person, person.username, ModerationEntry.Door.PAGE)
reporting.report(reporter, {room}, None, targets.of_account(other), "rude")
"""
# Statements of another program, by which somebody begins to moderate something, and stops.
SITE = (
    """
from django.contrib.auth.models import Group
User.objects.get(username={name!r}).groups.add(Group.objects.get(name="Site moderators"))
""",
    "User.objects.get(username={name!r}).groups.clear()",
)
SET_ROLE = """
person, other = (User.objects.get(username=name) for name in ({name!r}, {other!r}))
membership.set_role({room}, person, "{role}", other)
"""
ROOM = tuple(SET_ROLE.replace("{role}", role) for role in ("moderator", "member"))
LAST_OWNER = (
    """
from chat.room import succession
succession.leave_all(User.objects.get(username={other!r}))
""",
    "membership.part({room}, User.objects.get(username={name!r}))",
)


def test_the_badge_follows_what_waits_while_the_page_is_open(person, server):
    alice, owner = person()
    bob, _ = person()
    _, spammer = person(opened=False)
    create_room(server, owner, f"Watched by {owner}")
    for page in (alice, bob):
        page.goto(f"{server.url}/r/watched-by-{owner}/")
        connected(page)
    badge = alice.locator("[data-menu] > summary [data-waiting]")
    expect(badge).to_be_hidden()
    field(bob).fill(f"/report {spammer} sends spam")
    field(bob).press("Enter")
    expect(badge).to_have_text("1, 1 decision waits for you")
    expect(badge).to_be_visible()
    open_menu(alice)
    expect(alice.get_by_role("link", name="Moderation 1 waiting")).to_be_visible()
    assert_accessible(alice)
    run_code(server, DISMISS.format(name=spammer))
    expect(alice.get_by_role("link", name="Moderation", exact=True)).to_be_visible()
    expect(badge).to_be_hidden()
    expect(bob.locator("[data-waiting]:visible")).to_have_count(0)


@pytest.mark.parametrize(("rise", "fall"), [SITE, ROOM, LAST_OWNER], ids=["site", "role", "owner"])
def test_the_link_and_the_badge_come_and_go_with_the_rank(person, server, rise, fall):
    page, name = person()
    _, other = person(opened=False)
    room = create_room(server, other, f"Watched by {other}")
    run_code(server, JOIN_AND_REPORT.format(room=room, name=name, other=other))
    badge = page.locator("[data-menu] > summary [data-waiting]")
    link = page.locator("[data-moderation]")
    open_menu(page)
    expect(page.get_by_role("link", name="Your account")).to_be_visible()
    expect(link).to_be_hidden()
    run_code(server, rise.format(room=room, name=name, other=other))
    expect(link).to_be_visible()
    expect(badge).to_be_visible()
    run_code(server, fall.format(room=room, name=name, other=other))
    expect(link).to_be_hidden()
    expect(badge).to_be_hidden()
    run_code(server, DISMISS.format(name=other))


@pytest.mark.scripted
def test_the_badge_is_hidden_from_somebody_who_moderates_nothing_any_more(page):
    socket = ScriptedRooms(page, [a_summary(2, role="moderator", moderate=["mute"])])
    connected(page)
    socket.send("told", about="waiting", count=1)
    badge = page.locator("[data-menu] > summary [data-waiting]")
    expect(badge).to_be_visible()
    socket.send("room", change="changed", room=a_summary(2))
    expect(badge).to_be_hidden()


@pytest.mark.scripted
def test_the_badge_of_a_new_moderator_stays_when_the_number_comes_before_the_rank(page):
    socket = ScriptedRooms(page, [a_summary(2)])
    connected(page)
    badge = page.locator("[data-menu] > summary [data-waiting]")
    socket.send("told", about="waiting", count=1)
    expect(badge).to_be_visible()
    socket.send("room", change="changed", room=a_summary(2, topic="Roses"))
    expect(page.get_by_role("link", name="Moderation")).to_be_hidden()
    socket.send("room", change="changed", room=a_summary(2, role="moderator", moderate=["mute"]))
    open_menu(page)
    expect(page.get_by_role("link", name="Moderation")).to_be_visible()
    expect(badge).to_be_visible()

"""The number of decisions that wait for a moderator, on an open page."""

from playwright.sync_api import expect

from tests.support.accessibility import assert_accessible
from tests.support.browser import connected, field, open_menu
from tests.support.room_setup import create_room, run_code

DISMISS = """
from chat.room import reports
from chat.room.moderation_log import Door, Moderator
reports.dismiss(Moderator(None, Door.COMMAND), Report.objects.get(name={name!r}).pk)
"""


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
    expect(bob.locator("[data-waiting]")).to_have_count(0)

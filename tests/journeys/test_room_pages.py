"""Rooms without JavaScript: found, created, joined, changed and left by plain forms."""

import pytest
from playwright.sync_api import expect

from tests.support.browser import PASSWORD, new_name

pytestmark = pytest.mark.same_on_every_database


@pytest.fixture
def plain(browser, server):
    """A function that makes somebody with an account whose browser has no JavaScript."""
    contexts = []

    def make(prefix):
        context = browser.new_context(java_script_enabled=False)
        contexts.append(context)
        page = context.new_page()
        name = new_name(prefix)
        page.goto(f"{server.url}/accounts/signup/")
        page.fill("[name=username]", name)
        page.fill("[name=password1]", PASSWORD)
        page.fill("[name=password2]", PASSWORD)
        page.get_by_role("button", name="Sign up").click()
        expect(page).to_have_url(f"{server.url}/r/lobby/")
        return page, name

    yield make
    for context in contexts:
        context.close()


def test_a_room_is_created_joined_changed_and_left_without_javascript(server, plain):
    owner, _ = plain("owner")
    guest, name = plain("visitor")
    room = new_name("garden")

    owner.get_by_role("link", name="Rooms").click()
    owner.get_by_role("link", name="New room").click()
    owner.get_by_label("Name").fill(room)
    owner.get_by_role("button", name="Create the room").click()
    expect(owner.get_by_role("heading", name=room)).to_be_visible()

    guest.goto(f"{server.url}/rooms/?q={room}")
    guest.get_by_role("button", name=f"Join {room}").click()
    expect(guest.get_by_role("heading", name=room)).to_be_visible()

    owner.get_by_role("link", name="Settings").click()
    member = owner.get_by_role("listitem").filter(has_text=name)
    member.get_by_text("Change").click()
    member.get_by_label("Role").select_option("owner")
    member.get_by_role("button", name="Save the role").click()
    expect(owner.get_by_role("status")).to_have_text(f"{name} is owner now.")
    owner.get_by_label("Private").check()
    owner.locator("button[value=access]").click()
    expect(owner.get_by_role("status")).to_have_text("The access to the room is changed.")
    owner.get_by_role("button", name="Leave the room").click()
    expect(owner.get_by_role("heading", name="Rooms")).to_be_visible()

    assert owner.goto(f"{guest.url}settings/").status == 404
    guest.reload()
    expect(guest.get_by_role("heading", name=room)).to_be_visible()


def test_a_direct_message_is_opened_from_a_plain_form(server, plain):
    ann, _ = plain("ann")
    _, name = plain("ben")
    ann.goto(f"{server.url}/rooms/direct/")
    ann.get_by_label("People").fill(name)
    ann.get_by_role("button", name="Open the conversation").click()
    expect(ann.get_by_role("heading", name=name)).to_be_visible()

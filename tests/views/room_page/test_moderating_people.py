"""A moderator and a spammer in two browsers, with the rules of the server."""

from playwright.sync_api import expect

from tests.support.browser import connected, field, message, say
from tests.support.message_menu import menu, open_menu_by_keyboard
from tests.support.room_setup import create_room


def test_a_spammer_is_muted_and_their_messages_go_and_come_back(person, server):
    alice, owner = person()
    bob, spammer = person()
    create_room(server, owner, f"Garden of {owner}")
    for page in (alice, bob):
        page.goto(f"{server.url}/r/garden-of-{owner}/")
        connected(page)
    bob.get_by_role("button", name="Join").click()
    say(bob, "buy my watches")
    expect(message(alice, "buy my watches")).to_be_visible()
    flash = alice.locator("[data-flash]")

    open_menu_by_keyboard(alice, "buy my watches")
    menu(alice).get_by_role("button", name="Mute…").click()
    expect(alice.get_by_role("radio", name="10 minutes")).to_be_focused()
    alice.keyboard.press("Tab")
    alice.keyboard.type("spam")
    alice.keyboard.press("Enter")
    expect(flash).to_contain_text(f"{spammer} is muted until ")
    restraint = bob.locator("[data-restraint]")
    expect(restraint).to_contain_text("You cannot speak here until ")
    expect(restraint).to_contain_text(": spam")
    expect(field(bob)).not_to_be_editable()
    flash.get_by_role("button", name="Undo").click()
    expect(field(bob)).to_be_editable()
    expect(restraint).to_be_hidden()

    field(alice).fill(f"/mute {spammer} 10m")
    field(alice).press("Enter")
    expect(field(bob)).not_to_be_editable()
    open_menu_by_keyboard(alice, "buy my watches")
    menu(alice).get_by_role("button", name="Unmute").click()
    expect(flash).to_have_text(f"{spammer} may speak again.")
    expect(field(bob)).to_be_editable()

    open_menu_by_keyboard(alice, "buy my watches")
    menu(alice).get_by_role("button", name="Remove messages…").click()
    alice.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(flash).to_contain_text(f"1 message of {spammer} removed.")
    expect(message(bob, "buy my watches")).to_have_count(0)
    flash.get_by_role("button", name="Undo").click()
    expect(message(bob, "buy my watches")).to_be_visible()
    expect(flash).to_contain_text("1 message is there again.")

    field(alice).fill(f"/kick {spammer} 10m enough")
    field(alice).press("Enter")
    expect(flash).to_contain_text(f"{spammer} is out until ")
    # "You are not in … any more." may come first, for the moment until the reason is known.
    expect(bob.locator("[data-flash]")).to_contain_text(
        f"You are banned from Garden of {owner} until"
    )

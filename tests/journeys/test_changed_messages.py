"""Messages that are edited, answered, reacted to, removed and restored, in two browsers."""

import re

from playwright.sync_api import expect

from tests.support.browser import connected, message, say
from tests.support.message_menu import context


def open_menu(page, text):
    own_text = page.locator("[data-part=text]", has_text=text)  # another may quote it
    page.locator("[data-lines] > li", has=own_text).last.focus()
    page.keyboard.press("Enter")
    menu = page.locator("dialog.popup")
    expect(menu).to_be_visible()
    return menu


def test_what_one_changes_the_other_sees_at_once_and_after_a_reload(server, alice, bob):
    (a, _), (b, bob) = alice, bob
    say(a, "the meeting is at *three*")
    expect(message(b, "the meeting is at three")).to_be_visible()

    field = a.get_by_label("Message", exact=True)
    expect(a.locator("[data-state=sent]", has_text="the meeting")).to_have_count(1)
    field.press("ArrowUp")
    expect(field).to_have_value("the meeting is at *three*")
    field.fill("the meeting is at *four*")
    field.press("Enter")
    for page in (a, b):
        expect(message(page, "the meeting is at four")).to_have_attribute("data-edited")
        expect(page.locator("em", has_text="four")).to_have_count(1)

    open_menu(b, "the meeting is at four").get_by_role("button", name="thumbs up").click()
    chip = a.locator(".reaction")
    expect(chip).to_have_accessible_name(f"👍 1: {bob}")
    chip.click()
    expect(b.locator(".reaction")).to_have_accessible_name(
        f"👍 2: {a.locator('.menu-name').inner_text()} and you"
    )

    open_menu(b, "the meeting is at four").get_by_role("button", name="Reply").click()
    expect(context(b)).to_be_visible()
    say(b, "I shall come")
    expect(a.locator("[data-mentioned=true]")).to_contain_text("I shall come")
    expect(a.locator("[data-part=quote]")).to_contain_text("the meeting is at four")

    open_menu(a, "the meeting is at four").get_by_role("button", name="Remove").click()
    a.get_by_role("dialog").get_by_role("button", name="Remove").click()
    undo = a.get_by_role("button", name="Undo")
    undo.focus()  # it stays for ten seconds, or while it is in use
    expect(message(b, "This message was removed")).to_be_visible()
    expect(b.locator("[data-part=quote]")).to_contain_text("This message was removed")
    undo.click()
    for page in (a, b):
        expect(message(page, "the meeting is at four")).to_be_visible()
        expect(page.locator(".reaction")).to_have_text("👍 2")
        page.reload()
        connected(page)
        expect(message(page, "the meeting is at four")).to_have_attribute("data-edited")
        expect(page.locator(".reaction")).to_have_text("👍 2")
        expect(page.locator("[data-part=quote]")).to_contain_text("the meeting is at four")

    expect(open_menu(b, "the meeting is at four").get_by_text("versions")).to_be_hidden()
    b.keyboard.press("Escape")
    open_menu(a, "the meeting is at four").get_by_role("button", name="versions").click()
    expect(a.locator(".listing-said")).to_have_text(
        ["the meeting is at *four*", "the meeting is at *three*"]
    )
    a.get_by_role("link", name="Back to").click()
    expect(message(a, "the meeting is at four")).to_be_visible()


def test_the_link_of_a_message_leads_another_member_to_its_place(server, alice, bob):
    (a, _), (b, _) = alice, bob
    for number in range(1, 4):
        say(a, f"number {number}")
    expect(message(b, "number 3")).to_be_visible()
    link = b.locator("[data-lines] > li", has_text="number 2").locator("[data-part=link]")
    b.goto(server.url + link.get_attribute("href"))
    connected(b)
    expect(b.locator("[data-sought]")).to_contain_text("number 2")
    b.locator(".day button").first.click()  # after midnight the last may have none
    calendar = b.get_by_role("dialog", name="Go to a day")
    calendar.get_by_role("button", name="Go").click()
    expect(calendar).to_have_count(0)
    expect(b.locator("[data-sought]")).to_have_count(1)
    expect(b).to_have_url(re.compile(r"/r/lobby/\d+/$"))

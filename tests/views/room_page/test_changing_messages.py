"""Editing and removing messages on the page, and undoing that."""

import re

from playwright.sync_api import expect

from tests.support.browser import connected, field, message
from tests.support.message_menu import LINES, context, edit_last, item, menu, open_menu_by_keyboard
from tests.support.scripted_changes import ScriptedChanges, refuse
from tests.support.scripted_socket import a_line, until

DAY = 86_400  # seconds; the page would not try by itself during a test


def sent(page, socket, frame_type, count=1):
    """Return the frames of a type, when so many have come."""
    until(page, lambda: len(socket.received_of(frame_type)) >= count)
    return socket.received_of(frame_type)


def run_until_visible(page, locator):
    """Let the paused clock of a page run. It stands still whenever the test does."""
    until(page, lambda: page.clock.run_for(50) or locator.is_visible())


def test_an_edit_begins_with_the_text_and_keeps_what_was_being_written(page, socket):
    field(page).fill("begun")
    open_menu_by_keyboard(page, "my first")
    menu(page).get_by_role("button", name="Edit").click()
    expect(field(page)).to_be_focused()
    expect(field(page)).to_have_value("my first")
    expect(field(page)).to_have_accessible_description("Editing my first")
    field(page).fill("my first, better")
    page.keyboard.press("Enter")
    assert sent(page, socket, "edit") == [{"type": "edit", "seq": 2, "text": "my first, better"}]
    expect(message(page, "my first, better")).to_be_visible()
    expect(message(page, "my first, better")).to_have_attribute("data-edited")
    expect(field(page)).to_have_value("begun")
    expect(context(page)).to_be_hidden()


def test_up_in_an_empty_composer_edits_the_last_own_message_and_escape_leaves(page, socket):
    edit_last(page)
    expect(field(page)).to_have_value("my second")
    expect(page.get_by_role("button", name="Save")).to_be_visible()
    field(page).press("End")
    field(page).press("x")
    field(page).press("Escape")
    expect(field(page)).to_have_value("")
    expect(page.get_by_role("button", name="Send")).to_be_visible()
    field(page).fill("words")
    field(page).press("ArrowUp")
    expect(field(page)).to_have_value("words")
    assert socket.received_of("edit") == []


def test_an_edit_survives_a_reload(page, socket):
    field(page).fill("begun")
    open_menu_by_keyboard(page, "my first")
    menu(page).get_by_role("button", name="Edit").click()
    expect(field(page)).to_have_value("my first")
    field(page).fill("half done")
    page.reload()
    connected(page)
    expect(field(page)).to_have_value("half done")
    expect(context(page)).to_contain_text("my first")
    page.get_by_role("button", name="Cancel").click()
    expect(field(page)).to_have_value("begun")


def test_an_edit_that_changes_nothing_is_not_sent(page, socket):
    edit_last(page)
    field(page).press("Enter")
    expect(field(page)).to_have_value("")
    edit_last(page)
    field(page).fill("my second!")
    field(page).press("Enter")
    assert [frame["text"] for frame in sent(page, socket, "edit")] == ["my second!"]


def test_an_edit_that_is_refused_returns_with_the_reason(page):
    socket = ScriptedChanges(page, LINES, edit=refuse("It is too late."))
    connected(page)
    edit_last(page)
    field(page).fill("too late")
    field(page).press("Enter")
    expect(page.locator("[data-flash]")).to_have_text("It is too late.")
    expect(field(page)).to_have_value("too late")
    expect(context(page)).to_contain_text("Editing")
    assert len(socket.received_of("edit")) == 1


def test_an_edit_while_away_is_shown_as_waiting_and_sent_later(page, socket):
    socket.send("bye", code="restart", text="", retry_in=DAY)
    socket.close(4012)
    expect(page.locator("[data-status-label]")).to_have_text("Reconnecting")
    edit_last(page)
    field(page).fill("from the train")
    field(page).press("Enter")
    note = item(page, "my second").locator("[data-part=note]")
    expect(note).to_have_text("Will be changed when you are connected")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(message(page, "from the train")).to_be_visible()
    expect(item(page, "from the train")).to_have_attribute("data-state", "sent")


def test_an_edit_by_somebody_else_is_shown_with_its_time_and_updates_what_quotes_it(page, socket):
    quote = {"name": "bob", "text": "hello from bob"}
    socket.send("lines", lines=[a_line(4, "welcome", name="ann", of=1, quote=quote)])
    socket.lines[4] = {}
    socket.change("edited", 1, "hello from bob, again", name="bob")
    edited = page.locator("[data-seq='1'] [data-part=text]")
    expect(edited).to_have_text("hello from bob, again")
    mark = edited.evaluate("node => getComputedStyle(node, '::after').content")
    assert re.fullmatch(r'" \(edited .*\d:30.*\)"', mark)
    expect(page.locator("[data-part=quote]")).to_contain_text("hello from bob, again")
    socket.change("removed", 1, name="bob")
    expect(page.locator("[data-part=quote]")).to_contain_text("This message was removed")
    expect(edited).not_to_have_attribute("data-edited")


def test_removing_asks_once_and_can_be_undone(page, socket):
    open_menu_by_keyboard(page, "my first")
    menu(page).get_by_role("button", name="Remove").click()
    question = page.get_by_role("dialog", name="Remove this message?")
    question.get_by_role("button", name="Cancel").click()
    expect(question).to_have_count(0)
    expect(message(page, "my first")).to_be_visible()
    assert socket.received_of("remove") == []

    open_menu_by_keyboard(page, "my first")
    menu(page).get_by_role("button", name="Remove").click()
    question.get_by_role("button", name="Remove").click()
    expect(message(page, "This message was removed")).to_be_visible()
    assert socket.received_of("remove") == [{"type": "remove", "seq": 2}]
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    page.keyboard.press("Tab")  # the message has the focus again
    expect(undo).to_be_focused()
    page.keyboard.press("Enter")
    expect(message(page, "my first")).to_be_visible()
    expect(undo).to_have_count(0)
    assert socket.received_of("restore") == [{"type": "restore", "seq": 2}]


def test_undoing_is_offered_for_ten_seconds_and_longer_while_the_button_is_in_use(page):
    page.clock.install(time="2026-05-05T14:00:00Z")
    page.clock.pause_at("2026-05-05T15:00:00Z")
    ScriptedChanges(page, LINES)
    run_until_visible(page, page.get_by_text("Connected", exact=True))
    open_menu_by_keyboard(page, "my first")
    menu(page).get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    undo = page.get_by_role("button", name="Undo")
    run_until_visible(page, undo)
    page.clock.run_for(9_000)
    undo.focus()
    page.clock.run_for(7_000)
    expect(undo).to_be_visible()
    field(page).focus()
    page.clock.run_for(2_000)
    expect(undo).to_have_count(0)
    expect(message(page, "This message was removed")).to_be_visible()


def test_an_edit_to_nothing_asks_whether_to_remove(page, socket):
    edit_last(page)
    field(page).fill("  ")
    field(page).press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(message(page, "This message was removed")).to_be_visible()
    assert socket.received_of("edit") == []

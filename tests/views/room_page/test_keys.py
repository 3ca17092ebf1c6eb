"""The keyboard: the quick switcher, moving between rooms, and the sheet of shortcuts."""

import pytest
from playwright.sync_api import expect

from tests.support.browser import connected
from tests.support.scripted_rooms import ScriptedRooms, a_summary
from tests.support.scripted_socket import until

pytestmark = pytest.mark.scripted

ROOMS = [
    a_summary(2, name="Attic"),
    a_summary(3, name="Garden", unread=2, last=2),
    a_summary(4, name="Old garden"),
]


@pytest.fixture
def socket(page):
    socket = ScriptedRooms(page, ROOMS, people=["me", "gary"])
    connected(page)
    return socket


def heading(page):
    return page.locator("h1[data-title]")


def switcher(page):
    return page.get_by_role("dialog", name="Go to a room or a person")


def test_a_room_is_found_by_a_part_of_its_name(page, socket):
    page.keyboard.press("Control+k")
    options = switcher(page).get_by_role("option")
    expect(options.first).to_contain_text("Garden")  # it has unread messages
    page.keyboard.type("old")
    expect(options).to_have_text(["Old garden", "oldSearch messages"])
    page.keyboard.press("Enter")
    expect(heading(page)).to_have_text("Old garden")
    expect(switcher(page)).to_have_count(0)
    expect(page.get_by_label("Message", exact=True)).to_be_focused()


def test_the_arrow_keys_choose_and_escape_closes(page, socket):
    page.keyboard.press("Control+k")
    options = switcher(page).get_by_role("option")
    expect(options.first).to_be_visible()  # its script is loaded
    page.keyboard.type("gar")
    expect(options).to_have_text(
        ["Garden2 unread", "garyMessage", "Old garden", "garSearch messages"]
    )
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(switcher(page).get_by_role("combobox")).to_have_attribute(
        "aria-activedescendant", "switcher-1"
    )
    page.keyboard.press("Escape")
    expect(switcher(page)).to_have_count(0)
    assert socket.fields_of("read") == [(1, {"seq": 0})], "Escape has marked nothing as read"


def test_one_writes_on_after_a_dialog_is_closed(page, socket):
    field = page.get_by_label("Message", exact=True)
    field.focus()
    page.keyboard.press("Control+k")
    expect(switcher(page).get_by_role("combobox")).to_be_focused()
    page.keyboard.press("Escape")
    expect(switcher(page)).to_have_count(0)
    expect(field).to_be_focused()
    page.keyboard.type("hello")
    expect(field).to_have_value("hello")


def test_a_person_is_written_to(page, socket):
    page.get_by_role("button", name="Go to a room").click()
    page.keyboard.type("gary")
    expect(switcher(page).get_by_role("option")).to_have_count(2)
    page.keyboard.press("Enter")
    until(page, lambda: socket.fields_of("direct") == [(None, {"names": ["gary"]})])
    direct = a_summary(9, name="", kind="direct", people=["gary"])
    socket.send("room", change="joined", answer="direct", room=direct)
    expect(heading(page)).to_have_text("gary")


def test_words_that_name_nothing_are_searched_for_in_messages(page, socket):
    page.keyboard.press("Control+k")
    page.keyboard.type("red roses & tea")
    expect(switcher(page)).to_contain_text("No room and nobody has that name.")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=red+roses+%26+tea")


def test_the_header_leads_to_a_search_in_the_room_that_is_shown(page, socket):
    link = page.locator(".bar").get_by_role("link", name="Search messages")
    expect(link).to_have_attribute("href", "/search/?in=lobby")
    page.keyboard.press("Control+k")
    options = switcher(page).get_by_role("option")
    expect(options.first).to_be_visible()  # its script is loaded
    page.keyboard.type("old")
    expect(options.first).to_have_text("Old garden")
    page.keyboard.press("Enter")
    expect(link).to_have_attribute("href", "/search/?in=room-4")


def test_a_person_is_ignored_on_their_card(page, socket):
    page.locator("[data-people-list]").get_by_role("button", name="gary").click()
    page.get_by_role("button", name="Ignore", exact=True).click()
    until(page, lambda: socket.fields_of("ignore") == [(None, {"name": "gary"})])
    with page.expect_event("load"):  # so that all that they have said is hidden
        socket.send("ignored", names=["gary"], answer="ignore")


def test_the_rooms_are_walked_with_alt_and_the_arrow_keys(page, socket):
    page.get_by_label("Message", exact=True).focus()
    for key, title in (
        ("Alt+ArrowDown", "Attic"),
        ("Alt+ArrowDown", "Garden"),
        ("Alt+ArrowUp", "Attic"),
        ("Alt+ArrowUp", "Lobby"),
        ("Alt+ArrowUp", "Old garden"),
    ):
        page.keyboard.press(key)
        expect(heading(page)).to_have_text(title)


def test_the_next_room_with_something_unread_is_reached_at_once(page, socket):
    page.keyboard.press("Alt+Shift+ArrowUp")
    expect(heading(page)).to_have_text("Garden")
    until(page, lambda: socket.fields_of("read")[-1:] == [(3, {"seq": 2})])
    page.keyboard.press("Alt+Shift+ArrowUp")
    expect(heading(page)).to_have_text("Garden")  # there is no other


def test_a_question_mark_shows_the_shortcuts_where_nothing_is_written(page, socket):
    page.keyboard.type("really?")
    expect(page.get_by_label("Message", exact=True)).to_have_value("really?")
    page.locator("[data-log]").focus()
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet).to_be_visible()
    sheet.get_by_role("button", name="Close").click()
    expect(sheet).to_have_count(0)

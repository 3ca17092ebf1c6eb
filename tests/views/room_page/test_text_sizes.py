"""Large text and narrow windows (WCAG 1.4.4 and 1.4.10): nothing overlaps and nothing is cut off.

A window of 1280 by 1024 pixels that is zoomed to 400 % is 320 by 256 pixels large.
"""

import re

import pytest
from playwright.sync_api import expect

from tests.support.browser import connected, new_name, open_menu
from tests.support.formatted import a_formatted_line
from tests.support.reflow import problems, set_text_size
from tests.support.scripted_socket import ScriptedSocket, a_line, a_welcome

SIZES = [(390, 844, 200), (320, 256, 100), (320, 640, 100), (844, 390, 200)]
FOUR_LINES = "one\ntwo\nthree\nfour"
LINES = [
    a_line(1, "hello " * 30),
    a_line(2, "W" * 200),
    a_line(3, kind="entered", name="a-name-of-thirty-characters-ab"),
    a_line(4, "from him", name="a-name-of-thirty-characters-ab", guest=True),
    a_formatted_line(
        5, f"> - **quote** `{'W' * 50}`\n\n12. {'list ' * 9}\n\n```\n{'code ' * 40}\n```"
    ),
]


@pytest.fixture(params=SIZES, ids="{0[0]}x{0[1]} at {0[2]} %".format)
def sized(person, request):
    width, height, percent = request.param
    page, _ = person(viewport={"width": width, "height": height}, reduced_motion="reduce")
    set_text_size(page, percent)
    return page


def test_the_room_can_be_used_while_four_lines_are_written(sized):
    socket = ScriptedSocket(sized, a_welcome(LINES, people=["me", LINES[2]["name"]]))
    connected(sized)
    own_name = sized.locator(".menu-name")
    own_name.evaluate("(name, text) => { name.textContent = text }", LINES[2]["name"])
    sized.get_by_label("Message", exact=True).fill(FOUR_LINES)
    send = sized.get_by_role("button", name="Send")
    assert problems(sized) == []
    expect(send).to_be_in_viewport(ratio=0.95)  # a long name may make the bar a little higher

    sized.get_by_role("button", name=re.compile("^(Users|People)")).click()
    assert problems(sized) == []
    sized.keyboard.press("Escape")
    sized.wait_for_function("!history.state?.drawer")  # the browser goes back in its own time
    open_menu(sized)
    assert problems(sized, "[data-menu]") == []
    sized.keyboard.press("Escape")  # the menu
    assert problems(sized, "[data-sidebar]") == []
    sized.keyboard.press("Escape")  # the drawer

    socket.send("bye", code="restart", text="", retry_in=600)
    socket.close(4012)
    expect(sized.get_by_role("button", name="Try now")).to_be_visible()
    assert problems(sized) == []
    send.scroll_into_view_if_needed()
    expect(send).to_be_in_viewport(ratio=0.98)  # the height of the page may have parts of pixels


def test_the_other_pages_can_be_read_and_used(sized, server):
    for path in ("", "password/", "email/", "delete/", "../nowhere/"):
        sized.goto(f"{server.url}/accounts/{path}")
        assert problems(sized) == [], path
    sized.context.clear_cookies()
    for path in ("login/", "signup/", "reset/", "reset/sent/"):
        sized.goto(f"{server.url}/accounts/{path}")
        assert problems(sized) == [], path


def test_the_pages_about_rooms_can_be_read_and_used(sized, server):
    sized.goto(f"{server.url}/rooms/new/")
    sized.get_by_role("button", name="Create the room").click()  # without a name
    expect(sized.locator(".field-error")).to_be_visible()
    assert problems(sized) == []
    sized.get_by_label("Name").fill(new_name("www"))
    sized.get_by_role("button", name="Create the room").click()
    expect(sized).to_have_url(re.compile("/r/w"))
    sized.goto(f"{sized.url}settings/")
    sized.locator("summary").click()
    assert problems(sized) == []
    for path in ("rooms/", "rooms/direct/", "mentions/"):
        sized.goto(f"{server.url}/{path}")
        assert problems(sized) == [], path


def test_zooming_while_four_lines_are_written_keeps_them_and_the_button_in_view(person):
    page, _ = person(viewport={"width": 1280, "height": 1024})
    field = page.get_by_label("Message", exact=True)
    field.fill(FOUR_LINES)
    page.set_viewport_size({"width": 320, "height": 256})
    expect(page.get_by_role("button", name="Send")).to_be_in_viewport(ratio=1)
    expect(field).to_be_in_viewport(ratio=1)
    page.set_viewport_size({"width": 390, "height": 844})
    set_text_size(page, 200)
    page.wait_for_function(
        "field => field.scrollHeight <= field.clientHeight", arg=field.element_handle()
    )
    expect(page.get_by_role("button", name="Send")).to_be_in_viewport(ratio=1)
    assert problems(page) == []


def test_the_size_of_the_root_alone_is_followed_too(person):
    page, _ = person(viewport={"width": 390, "height": 844})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.get_by_label("Message", exact=True).fill(FOUR_LINES)
    assert problems(page) == []
    expect(page.get_by_role("button", name="Send")).to_be_in_viewport(ratio=1)

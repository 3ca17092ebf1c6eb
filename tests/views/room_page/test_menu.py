"""The account menu at the foot of the list of rooms, which is there at every width."""

import pytest
from playwright.sync_api import expect

from tests.support.browser import connected, open_menu
from tests.support.scripted_socket import ScriptedSocket, a_welcome

ITEMS = ["Your account", "Leave", "Sign out"]
PHONE, DESKTOP = (390, 844), (1280, 800)


@pytest.fixture(params=[PHONE, DESKTOP], ids=["phone", "desktop"])
def member(request, person):
    """(page, name) of somebody on a phone and on a desktop."""
    width, height = request.param
    return person(viewport={"width": width, "height": height})


def menu_of(page):
    return page.locator("[data-menu] .menu-panel")


def summary_of(page):
    return page.locator("[data-menu] > summary")


def test_the_menu_shows_the_name_and_everything_about_the_account(member):
    page, name = member
    open_menu(page)
    for item in (name, *ITEMS, "Theme", "Messages"):
        expect(menu_of(page).get_by_text(item, exact=True)).to_be_in_viewport(ratio=1)
    expect(menu_of(page)).to_contain_text("Chatsite 0.")


def test_the_menu_is_there_while_the_people_list_is_closed(person):
    page, _ = person(viewport={"width": 1280, "height": 800})
    page.get_by_role("button", name="People").click()
    expect(page.locator("[data-people]")).to_be_hidden()
    open_menu(page)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_the_menu_is_used_by_keyboard(page):
    connected(page)
    summary_of(page).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Your account")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu_of(page)).to_be_hidden()
    expect(summary_of(page)).to_be_focused()


def test_the_menu_closes_when_the_focus_leaves_it(page):
    open_menu(page)
    page.get_by_role("button", name="Sign out").focus()
    page.keyboard.press("Tab")
    expect(menu_of(page)).to_be_hidden()
    assert page.evaluate("document.activeElement !== document.body")


def test_the_menu_closes_when_something_else_is_pressed(page):
    open_menu(page)
    page.locator("[data-log]").click(position={"x": 5, "y": 5})
    expect(menu_of(page)).to_be_hidden()


def test_leaving_closes_the_menu_and_leads_to_the_way_back(page):
    ScriptedSocket(page, a_welcome())
    connected(page)
    open_menu(page)
    page.get_by_role("button", name="Leave").click()
    expect(menu_of(page)).to_be_hidden()
    expect(page.get_by_role("button", name="Rejoin")).to_be_focused()
    open_menu(page)
    expect(page.get_by_role("button", name="Leave")).to_be_disabled()
    expect(page.get_by_role("button", name="Sign out")).to_be_enabled()


@pytest.mark.parametrize("width", [320, 390])
def test_a_long_name_does_not_widen_the_bar_of_a_phone(person, width):
    page, _ = person(viewport={"width": width, "height": 640})
    page.evaluate(
        "document.querySelector('[data-menu] .menu-name').textContent = 'wwwwwwwwwwww'.repeat(4)"
    )
    open_menu(page)
    expect(summary_of(page)).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_is_touched_is_at_least_44_pixels_high(browser, person):
    page, _ = person(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    open_menu(page)
    heights = page.locator(
        ".button:visible, .menu-item:visible, .appearance span:visible"
    ).evaluate_all("nodes => nodes.map(node => node.getBoundingClientRect().height)")
    assert len(heights) > 8
    assert min(heights) >= 44


@pytest.mark.parametrize(("width", "height"), [PHONE, DESKTOP])
def test_nothing_in_the_bar_overlaps_with_text_of_twice_the_size(person, width, height):
    page, _ = person(viewport={"width": width, "height": height})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    boxes = page.locator(".bar > :visible").evaluate_all(
        "nodes => nodes.map(node => node.getBoundingClientRect().toJSON())"
    )
    assert len(boxes) >= 2
    assert max(box["right"] for box in boxes) <= width
    for number, one in enumerate(boxes):
        for other in boxes[number + 1 :]:
            is_beside = one["right"] <= other["left"] + 1
            assert is_beside or one["bottom"] <= other["top"] + 1
    title = page.locator(".bar-title").bounding_box()
    status = page.locator("[data-status-label]").bounding_box()
    assert status["x"] + status["width"] <= title["x"] + title["width"] + 1

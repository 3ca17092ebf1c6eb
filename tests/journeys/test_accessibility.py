"""The pages are accessible, as far as axe can tell."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.accessibility import assert_accessible
from tests.support.browser import message, new_name, open_menu, say


@pytest.mark.same_on_every_database
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(390, 844), (1280, 800)], ids=["phone", "desktop"])
def test_axe_finds_no_barrier_on_any_page(server, person, scheme, size):
    width, height = size
    page, _ = person("axel", color_scheme=scheme, viewport={"width": width, "height": height})
    say(page, f"to read at {width} in {scheme}: https://example.org/")
    expect(message(page, f"to read at {width} in {scheme}")).to_be_visible()
    assert_accessible(page)
    open_menu(page)
    assert_accessible(page)
    page.get_by_role("radio", name="Roomy").check(force=True)
    for _ in range(2):  # the menu, and the drawer of a phone
        page.keyboard.press("Escape")
    assert_accessible(page)
    page.get_by_role("button", name=re.compile("^People")).click()
    assert_accessible(page)
    for path in (
        "accounts/",
        "accounts/password/",
        "accounts/email/",
        "accounts/delete/",
        "nowhere/",
    ):
        page.goto(f"{server.url}/{path}")
        assert_accessible(page)
    page.context.clear_cookies()
    for path in (
        "accounts/login/",
        "accounts/signup/",
        "accounts/signup/sent/",
        "accounts/reset/",
        "join/nothing/",
    ):
        page.goto(f"{server.url}/{path}")
        assert_accessible(page)
    page.goto(f"{server.url}/accounts/signup/")
    page.fill("[name=username]", "not: allowed")
    page.fill("[name=password1]", "short")
    page.fill("[name=password2]", "other")
    page.locator("main form button").last.click()
    assert_accessible(page)


@pytest.mark.same_on_every_database
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(390, 844), (1280, 800)], ids=["phone", "desktop"])
def test_axe_finds_no_barrier_on_the_pages_about_rooms(server, person, scheme, size):
    width, height = size
    page, _ = person("axel", color_scheme=scheme, viewport={"width": width, "height": height})
    name = new_name("garden")
    page.goto(f"{server.url}/rooms/new/")
    page.get_by_role("button", name="Create").click()  # without a name
    assert_accessible(page)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Topic").fill("Roses")
    page.get_by_role("button", name="Create").click()
    expect(page).to_have_url(re.compile("/r/garden"))
    room = page.url
    page.goto(f"{room}settings/")
    page.locator("summary").first.click()
    page.get_by_label("Role").select_option("member")
    page.get_by_role("button", name="Save the role").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    assert_accessible(page)
    for path in (
        "rooms/",
        "rooms/?q=nothing+at+all",
        "rooms/direct/",
        "r/lobby/settings/",
        "mentions/",
    ):
        page.goto(f"{server.url}/{path}")
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

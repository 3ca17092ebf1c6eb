"""The pages are accessible, as far as axe can tell."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.accessibility import assert_accessible
from tests.support.browser import message, new_name, open_menu, say
from tests.support.moderation_rows import WAITING
from tests.support.room_setup import run_code


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
    expect(page.locator(".field-error").first).to_be_visible()
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
    expect(page.locator(".field-error")).to_be_visible()
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
    expect(page.get_by_role("status")).to_contain_text("is member now.")
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


@pytest.mark.same_on_every_database
@pytest.mark.parametrize(
    ("scheme", "size"),
    [("dark", (390, 844)), ("light", (1280, 800))],
    ids=["dark phone", "light desktop"],
)
def test_axe_finds_no_barrier_on_the_pages_for_moderators(server, person, scheme, size):
    width, height = size
    page, name = person("warden", color_scheme=scheme, viewport={"width": width, "height": height})
    run_code(server, WAITING.format(warden=name, other=new_name("other")))
    for section in ("reports", "held", "sanctions", "requests", "invitations", "log"):
        page.goto(f"{server.url}/moderation/{section}/")
        for summary in page.locator("main summary").all():
            summary.click()
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(f"{server.url}/moderation/sanctions/")
    page.locator("main summary").first.click()
    page.get_by_label("Whom").fill("network:10.0.0.0/2")
    page.get_by_role("button", name="Do it").click()
    expect(page.get_by_text("A target is a name")).to_be_visible()
    assert_accessible(page)
    page.goto(f"{server.url}/r/lobby/report/")
    page.get_by_role("button", name="Report").click()
    expect(page.locator(".field-error").first).to_be_visible()
    assert_accessible(page)


@pytest.mark.same_on_every_database
def test_a_moderator_handles_a_report_with_the_keyboard_alone(server, person):
    page, name = person("warden")
    run_code(server, WAITING.format(warden=name, other=new_name("other")))
    page.goto(f"{server.url}/moderation/reports/")
    page.locator("main summary").last.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("What to do").last).to_be_focused()
    page.keyboard.type("Mute")
    for _ in range(2):  # to the reason
        page.keyboard.press("Tab")
    page.keyboard.type("rude")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("The report is handled")

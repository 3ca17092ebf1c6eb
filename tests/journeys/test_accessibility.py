"""The pages are accessible, as far as axe can tell."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.support.browser import message, open_menu, say


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
    for path in ("accounts/login/", "accounts/signup/", "accounts/reset/"):
        page.goto(f"{server.url}/{path}")
        assert_accessible(page)
    page.goto(f"{server.url}/accounts/signup/")
    page.fill("[name=username]", "not: allowed")
    page.fill("[name=password1]", "short")
    page.fill("[name=password2]", "other")
    page.locator("main form button").last.click()
    assert_accessible(page)


def assert_accessible(page):
    # Colours in the middle of a transition have other contrasts.
    page.wait_for_function(
        "() => document.getAnimations().every(({ playState }) => playState !== 'running')"
    )
    results = Axe().run(page)
    assert results.violations_count == 0, f"{page.url}: {results.generate_report()}"

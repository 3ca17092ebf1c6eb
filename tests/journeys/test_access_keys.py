"""Access keys on the account page, as a member uses them in a browser."""

import pytest
from playwright.sync_api import expect

from tests.support.accessibility import assert_accessible
from tests.support.browser import PASSWORD


@pytest.mark.same_on_every_database
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(320, 640), (1280, 800)], ids=["phone", "desktop"])
def test_a_member_creates_a_key_sees_it_once_and_revokes_it(server, person, scheme, size):
    width, height = size
    page, name = person("kim", color_scheme=scheme, viewport={"width": width, "height": height})
    page.goto(f"{server.url}/accounts/")
    assert_accessible(page)
    page.get_by_role("link", name="Create an access key").click()
    page.get_by_label("Name of the key").fill("My laptop at home")
    page.get_by_label("Your password").fill(PASSWORD)
    assert_accessible(page)
    page.get_by_role("button", name="Create the key").click()
    expect(page.get_by_text(f"login {name} cs_")).to_be_visible()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name="I have copied it").click()
    expect(page.get_by_text("Never used")).to_be_visible()
    assert "cs_" not in page.content()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Revoke My laptop at home").click()
    expect(page.get_by_text("The access key is revoked.")).to_be_visible()
    expect(page.get_by_text("Never used")).to_have_count(0)

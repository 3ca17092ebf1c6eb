"""The pages of moderation in the admin site are accessible, as far as axe can tell."""

import re
from itertools import product

import pytest
from playwright.sync_api import expect

from tests.support.accessibility import assert_accessible
from tests.support.browser import new_name
from tests.support.moderation_rows import WAITING
from tests.support.room_setup import run_code

LISTS = [
    *("sanction", "report", "heldmessage", "moderationentry", "invitation", "application"),
    *("joinrequest", "seenaddress"),
]
ADDED = ["sanction", "invitation"]
SIZES = [(390, 844), (1280, 800)]
# The label of Django's field of the search contains an image alone. Its name is the text of that
# image, which browsers read out and this rule does not count.
OF_DJANGO = ["label-title-only"]


def assert_accessible_in_all_forms(page):
    for scheme, (width, height) in product(("light", "dark"), SIZES):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": height})
        assert_accessible(page, known=OF_DJANGO)


@pytest.mark.same_on_every_database
@pytest.mark.parametrize("name", LISTS)
def test_axe_finds_no_barrier_on_the_lists_of_moderation(server, person, name):
    page, warden = person("warden")
    run_code(server, WAITING.format(warden=warden, other=new_name("other")))
    page.goto(f"{server.url}/admin/chat/{name}/")
    assert_accessible_in_all_forms(page)
    page.goto(page.locator("#result_list a[href$='/change/']").first.evaluate("({ href }) => href"))
    expect(page).to_have_title(re.compile("View"))
    assert_accessible_in_all_forms(page)


@pytest.mark.same_on_every_database
@pytest.mark.parametrize("name", ADDED)
def test_axe_finds_no_barrier_where_staff_add_something(server, person, name):
    page, warden = person("warden")
    run_code(server, WAITING.format(warden=warden, other=new_name("other")))
    page.goto(f"{server.url}/admin/chat/{name}/add/")
    assert_accessible_in_all_forms(page)
    page.locator("[name=duration]").fill("soon")
    page.locator("[name=_save]").click()
    expect(page.locator(".errornote")).to_be_visible()
    assert_accessible_in_all_forms(page)

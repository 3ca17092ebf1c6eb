"""The composer: how it announces its limit, and that it can be reached and seen."""

import pytest
from playwright.sync_api import expect

from tests.support.scripted_socket import ScriptedSocket


def test_a_text_that_is_too_long_is_announced_once(page):
    field, announcement = page.get_by_label("Message", exact=True), page.locator("[data-too-long]")
    field.fill("x" * 4_000)
    expect(announcement).to_have_text("")
    expect(field).to_have_accessible_description("0 left")
    page.evaluate(
        """() => {
            window.announcements = 0;
            new MutationObserver(() => { window.announcements += 1; }).observe(
                document.querySelector("[data-too-long]"), { childList: true });
        }"""
    )
    field.press_sequentially("yz")
    expect(announcement).to_have_text("This is too long")
    expect(field).to_have_accessible_description("2 too many")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert page.evaluate("window.announcements") == 1

    field.fill("short")
    expect(announcement).to_have_text("")
    expect(field).to_have_accessible_description("")
    expect(field).not_to_have_attribute("aria-invalid", "true")


def test_the_lines_are_counted_while_one_writes(page):
    field, announcement = page.get_by_label("Message", exact=True), page.locator("[data-too-long]")
    field.fill("\n".join("x" * 89))
    expect(field).to_have_accessible_description("")
    field.press("Shift+Enter")
    field.press("x")
    expect(field).to_have_accessible_description("10 lines left")
    field.fill("\n".join("x" * 100))
    expect(field).to_have_accessible_description("0 lines left")
    expect(announcement).to_have_text("")
    field.fill("\n".join("x" * 101))
    expect(field).to_have_accessible_description("1 line too many")
    expect(announcement).to_have_text("This has too many lines")
    expect(announcement).to_be_visible()
    expect(field).to_have_attribute("aria-invalid", "true")


@pytest.mark.parametrize("way", ["the button", "Enter"])
@pytest.mark.parametrize("text", ["\n".join("x" * 101), "x" * 4_001], ids=["lines", "characters"])
def test_sending_a_text_that_is_too_long_says_why_it_is_not_sent(page, text, way):
    field, send = page.get_by_label("Message", exact=True), page.get_by_role("button", name="Send")
    field.fill(text)
    expect(send).to_have_attribute("aria-disabled", "true")
    if way == "Enter":
        field.press("Enter")
    else:
        send.click(force=True)
    expect(page.get_by_text("at most 4000 characters and 100 lines")).to_be_visible()
    expect(field).to_have_value(text)
    expect(field).to_be_focused()
    assert page.locator(":is([data-state=sending], [data-state=refused])").count() == 0

    field.fill("short enough")
    expect(page.get_by_text("at most 4000 characters and 100 lines")).to_have_count(0)
    send.click()
    expect(field).to_have_value("")


def test_the_composer_can_be_reached_on_a_low_screen(person):
    page, _ = person(viewport={"width": 320, "height": 256})
    ScriptedSocket(page).close(4029)
    expect(page.get_by_role("button", name="Try now")).to_be_visible()
    page.get_by_label("Message", exact=True).fill("one\ntwo\nthree")
    page.mouse.move(160, 200)  # over the banner, which has no scroll bar of its own
    page.mouse.wheel(0, 1_000)
    expect(page.get_by_role("button", name="Send")).to_be_in_viewport(ratio=1)
    assert page.locator("[data-log]").bounding_box()["height"] >= 64


def test_the_number_of_characters_does_not_narrow_the_text_field(person):
    page, _ = person(viewport={"width": 320, "height": 640})
    field = page.get_by_label("Message", exact=True)
    field.fill("x" * 4_001)
    expect(page.locator("[data-characters-left]")).to_be_visible()
    send = page.get_by_role("button", name="Send").bounding_box()
    available = send["x"] - field.bounding_box()["x"]
    assert field.bounding_box()["width"] > available - 32


def test_with_forced_colours_the_composer_shows_that_it_has_the_focus(person):
    page, _ = person(forced_colors="active")
    outline = "form => getComputedStyle(form).outlineStyle"
    composer = page.locator("[data-composer]")
    page.locator("[data-log]").focus()
    assert composer.evaluate(outline) == "none"
    page.get_by_label("Message", exact=True).focus()
    assert composer.evaluate(outline) == "solid"

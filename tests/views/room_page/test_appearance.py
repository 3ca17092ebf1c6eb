"""The theme and the layout: they are kept in the browser, and the page is first drawn in them."""

import pytest
from playwright.sync_api import expect

from tests.support.browser import connected, open_menu
from tests.support.scripted_socket import ScriptedSocket, a_line, a_welcome

LIGHT, DARK = "rgb(251, 253, 252)", "rgb(19, 25, 23)"
NAMES = ["ann", "anna", "bob", "carol", "dave"]


def background(page):
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


def choose(page, label):
    open_menu(page)
    page.locator(".appearance").get_by_text(label, exact=True).click()
    page.keyboard.press("Escape")


@pytest.mark.parametrize(
    ("system", "chosen", "shown"),
    [("light", "Dark", DARK), ("dark", "Light", LIGHT), ("dark", "System", DARK)],
)
def test_a_chosen_theme_holds_on_every_page_and_after_a_reload(
    server, person, system, chosen, shown
):
    page, _ = person(color_scheme=system)
    choose(page, "Light" if chosen == "System" else "System")
    choose(page, chosen)
    assert background(page) == shown
    page.reload()
    connected(page)
    assert background(page) == shown
    scheme = "dark" if shown == DARK else "light"
    for path in ("accounts/", "accounts/password/", "nowhere/"):
        page.goto(f"{server.url}/{path}")
        assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == scheme


def test_the_first_frame_has_the_chosen_theme(person):
    page, _ = person(color_scheme="light")
    choose(page, "Dark")
    page.add_init_script(
        """new MutationObserver((_, observer) => {
            if (!document.body) return;
            window.firstTheme = document.documentElement.dataset.theme;
            observer.disconnect();
        }).observe(document, { childList: true, subtree: true });"""
    )
    page.reload()
    connected(page)
    assert page.evaluate("window.firstTheme") == "dark"


def test_other_tabs_follow_a_choice(page, server):
    other = page.context.new_page()
    other.goto(f"{server.url}/accounts/")
    choose(page, "Dark")
    expect(other.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_account_page_offers_the_same_choices(page, server):
    choose(page, "Dark")
    page.goto(f"{server.url}/accounts/")
    expect(page.get_by_role("radio", name="Dark")).to_be_checked()
    page.get_by_text("Light", exact=True).click()
    assert page.evaluate("localStorage.theme") == "light"  # which the admin site reads as well
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


def test_a_stored_value_that_makes_no_sense_is_ignored(page):
    page.evaluate("localStorage.theme = 'x'; localStorage['chatsite.layout'] = '[]'")
    page.reload()
    connected(page)
    expect(page.locator("html")).to_have_attribute("data-theme", "auto")
    expect(page.locator("html")).to_have_attribute("data-layout", "compact")


def test_without_storage_a_choice_holds_until_the_page_is_left(page):
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('forbidden') } })"
    )
    page.reload()
    connected(page)
    choose(page, "Dark")
    assert background(page) == DARK


def conversation(count):
    """Lines of people who take turns."""
    return [
        a_line(seq, f"number {seq}", name=NAMES[seq % len(NAMES)]) for seq in range(1, count + 1)
    ]


def test_at_least_20_messages_of_different_people_fit_on_a_desktop(person):
    page, _ = person(viewport={"width": 1440, "height": 900})
    ScriptedSocket(page, a_welcome(conversation(50)))
    expect(page.locator("[data-lines] .message")).to_have_count(50)
    visible = page.locator("[data-lines] .message").evaluate_all(
        """nodes => {
            const log = document.querySelector("[data-log]").getBoundingClientRect();
            return nodes.map(node => node.getBoundingClientRect())
                .filter(({ top, bottom }) => top >= log.top && bottom <= log.bottom).length;
        }"""
    )
    assert visible >= 20


@pytest.mark.parametrize("width", [390, 1440])
def test_in_the_compact_layout_all_texts_begin_at_the_same_edge(person, width):
    page, _ = person(viewport={"width": width, "height": 900})
    ScriptedSocket(page, a_welcome([*conversation(5), a_line(6, "mine", name="me")]))
    texts = page.locator("[data-lines] [data-part=text]")
    expect(texts).to_have_count(6)
    edges = texts.evaluate_all("nodes => nodes.map(node => node.getBoundingClientRect().left)")
    assert max(edges) - min(edges) < 1


def test_in_the_roomy_layout_ones_own_messages_are_on_the_other_side_also_after_a_reload(page):
    choose(page, "Roomy")
    ScriptedSocket(page, a_welcome([a_line(1, "theirs"), a_line(2, "mine", name="me")]))
    texts = page.locator("[data-lines] [data-part=text]")
    expect(texts).to_have_count(2)
    theirs, own = texts.evaluate_all("nodes => nodes.map(node => node.getBoundingClientRect().x)")
    assert own > theirs + 100


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_bubbles_can_be_told_from_the_page(person, scheme):
    page, _ = person(color_scheme=scheme)
    choose(page, "Roomy")
    ScriptedSocket(page, a_welcome([a_line(1, "theirs")]))
    text = page.locator("[data-lines] [data-part=text]")
    expect(text).to_have_count(1)
    bubble = text.evaluate("node => getComputedStyle(node).backgroundColor")
    assert contrast(bubble, background(page)) >= 1.2


def contrast(one, other):
    """Return the contrast of two colours such as "rgb(1, 2, 3)", by WCAG 2."""
    darker, lighter = sorted(luminance(colour) for colour in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour):
    parts = [int(part) / 255 for part in colour.removeprefix("rgb(").rstrip(")").split(",")]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))

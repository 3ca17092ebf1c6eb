"""The room in a browser without JavaScript: the newest messages, to be read only."""

import pytest
from playwright.sync_api import expect

from tests.support.browser import message, say
from tests.support.ports import HOST


@pytest.fixture
def plain(browser, server, person):
    """A function that says texts and opens the room of their author without JavaScript."""
    contexts = []

    def open_room(*texts, **options):
        page, name = person()
        for text in texts:
            say(page, text)
        expect(page.locator("[data-state=sent]", has_text=texts[-1])).to_have_count(1)
        context = browser.new_context(java_script_enabled=False, **options)
        contexts.append(context)
        context.add_cookies(page.context.cookies())
        plain_page = context.new_page()
        plain_page.goto(server.url)
        return plain_page, name

    yield open_room
    for context in contexts:
        context.close()


def test_without_javascript_the_newest_messages_can_be_read(plain):
    attack = "<script>document.title = 'owned'</script></noscript><img src=x>"
    page, name = plain("the first one", attack, "the last one")
    for text in ("the first one", attack, "the last one"):
        expect(page.get_by_text(text, exact=True)).to_have_count(1)
    last = page.get_by_text("the last one", exact=True)
    expect(last).to_be_in_viewport(ratio=1)
    expect(page.locator("main:visible li", has=last)).to_contain_text(name)
    assert page.locator("main:visible .plain-text :is(img, script)").count() == 0


def test_without_javascript_the_page_offers_only_what_works(plain, server):
    page, _ = plain("worth reading")
    expect(page.get_by_text("Connecting")).to_be_hidden()
    expect(page.get_by_role("textbox")).to_have_count(1)  # of the day to go to
    expect(page.get_by_role("button")).to_have_text(["Sign out", "Go"])
    expect(page.locator("kbd:visible")).to_have_text(f"telnet {HOST} {server.legacy_port}")

    page.get_by_role("link", name="Reload").click()
    expect(page.get_by_text("worth reading", exact=True)).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_with_javascript_nothing_of_it_is_shown_or_loaded(page):
    say(page, "only once")
    expect(page.locator("[data-state=sent]", has_text="only once")).to_have_count(1)
    page.reload()
    expect(message(page, "only once")).to_be_visible()
    expect(page.get_by_text("only once", exact=True)).to_have_count(1)
    expect(page.locator(".plain")).to_have_count(0)
    loaded = page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")
    assert len(loaded) > 5
    assert not [url for url in loaded if "without-scripts" in url]

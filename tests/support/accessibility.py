"""The check with axe that a page has no barrier."""

from axe_playwright_python.sync_playwright import Axe


def assert_accessible(page):
    """Fail with a report if axe finds a barrier on a page."""
    page.wait_for_load_state()
    # Colours in the middle of a transition have other contrasts.
    page.wait_for_function(
        "() => document.getAnimations().every(({ playState }) => playState !== 'running')"
    )
    results = Axe().run(page)
    assert results.violations_count == 0, f"{page.url}: {results.generate_report()}"

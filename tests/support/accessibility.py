"""The check with axe that a page has no barrier."""

from axe_playwright_python.sync_playwright import Axe


def assert_accessible(page, known=()):
    """Fail with a report if axe finds a barrier on a page, besides those of the rules `known`."""
    page.wait_for_load_state()
    # Colours in the middle of a transition have other contrasts.
    page.wait_for_function(
        "() => document.getAnimations().every(({ playState }) => playState !== 'running')"
    )
    rules = {rule: {"enabled": False} for rule in known}
    results = Axe().run(page, options={"rules": rules})
    assert results.violations_count == 0, f"{page.url}: {results.generate_report()}"

"""The browser of many tests."""

import pytest
from playwright.sync_api import Error

from tests.support.browser import lasting_chromium

pytestmark = [pytest.mark.slow, pytest.mark.same_on_every_database]


def test_a_browser_that_has_crashed_is_started_again():
    with lasting_chromium() as running:
        browser = running()
        assert running() is browser
        session = browser.new_browser_cdp_session()
        with pytest.raises(Error):
            session.send("Browser.crash")
        assert running() is not browser
        assert running().is_connected()

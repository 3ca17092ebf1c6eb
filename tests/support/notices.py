"""Notifications of the desktop, which browsers without a screen do not show, and hidden pages."""

from tests.support.browser import open_menu

# Stands in for the browser's notifications, and lets a test hide the page.
STUB = """() => {
    window.asked = 0;
    window.notices = [];
    window.Notification = class {
        static permission = "granted";
        static async requestPermission() {
            window.asked += 1;
            return window.answer ?? "granted";
        }
        constructor(title, { body, tag }) {
            this.tag = tag;
            window.notices.push([title, body]);
            window.lastNotice = this;
        }
        close() {}
    };
    let hidden = false;
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    window.hide = (isHidden) => {
        hidden = isHidden;
        document.dispatchEvent(new Event("visibilitychange"));
    };
}"""


def stub_notices(page):
    """Collect the notifications of a page that is loaded after this."""
    page.add_init_script(f"({STUB})()")


def hide(page, is_hidden=True):
    page.evaluate("isHidden => window.hide(isHidden)", is_hidden)


def until_no_tab_is_visible(page):
    """Wait until the only lock is that of the tab which shows the notices of all.

    Browsers grant and release locks in their own time. While a tab has that of the visible ones, a
    notice is not shown, and not later either.
    """
    page.wait_for_function("async () => (await navigator.locks.query()).held.length === 1")


def notices(page):
    """Return the notifications so far: [[title, text]]."""
    return page.evaluate("window.notices")


def wait_for_notices(page, count):
    page.wait_for_function("count => window.notices.length === count", arg=count)


def choose(page, label):
    """Change a choice about notifications in the account menu."""
    open_menu(page)
    page.get_by_role("checkbox", name=label).click()
    page.keyboard.press("Escape")

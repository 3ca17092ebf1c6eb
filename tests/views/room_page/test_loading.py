"""The page while its scripts are loading, and when one of them cannot be loaded."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.browser import connected, field, message, open_menu
from tests.support.delivery import web_members
from tests.support.servers import Server

NOTICE = "This page has not loaded completely"


@pytest.fixture(scope="module")
def server():
    """A server whose pages load each module of the scripts by itself."""
    with Server("runserver") as server:
        yield server
        server.assert_no_traceback()


@pytest.fixture(scope="module")
def accounts(server):
    return iter([(member.name, member.session_key) for member in web_members(server, 40)])


class Held:
    """The requests for a file, held back until `release`."""

    def __init__(self, page, file):
        self.requests = []
        self.page, self.pattern = page, re.compile(re.escape(file))
        page.route(self.pattern, lambda request: self.requests.append(request))

    def release(self):
        for request in self.requests:
            request.continue_()
        self.page.unroute(self.pattern)


def answer(page, file, how):
    """Answer requests for a file with a status or a text, or not at all (None)."""

    def respond(request):
        if how is None:
            request.abort()
        elif isinstance(how, int):
            request.fulfill(status=how)
        else:
            request.fulfill(body=how, content_type="text/javascript")

    page.route(re.compile(re.escape(file)), respond)


def send_button(page):
    return page.get_by_role("button", name="Send")


@pytest.fixture
def tab(page, server):
    """Another tab of the same person, in which errors of scripts are expected."""
    tab = page.context.new_page()
    tab.goto(f"{server.url}/ready/")
    return tab


@pytest.mark.parametrize("draft", ["", "an earlier draft"])
def test_what_is_written_while_the_scripts_load_is_kept(page, draft):
    field(page).fill(draft)
    held = Held(page, "room/composer.js")
    page.reload(wait_until="commit")
    expect(page.locator("[data-status-label]")).to_have_text("Loading…")
    expect(send_button(page)).to_be_disabled()
    field(page).press_sequentially("written early")
    field(page).press("Home")
    held.release()
    connected(page)
    expect(field(page)).to_have_value("\n".join(filter(None, [draft, "written early"])))
    if not draft:
        assert field(page).evaluate("field => field.selectionStart") == 0, "the caret was moved"
    send_button(page).click()
    expect(message(page, "written early").last).to_be_visible()
    expect(field(page)).to_have_value("")


@pytest.fixture
def held(page):
    """A module without which the page, which is loaded again, does not start."""
    return hold(page)


def hold(page):
    held = Held(page, "room/composer.js")
    page.reload(wait_until="commit")
    expect(field(page)).to_be_visible()
    return held


@pytest.mark.parametrize(("name", "panel"), [("Rooms", "sidebar"), ("People", "people")])
def test_a_panel_that_is_asked_for_early_opens_when_the_scripts_run(person, name, panel):
    page, _ = person(viewport={"width": 390, "height": 844})
    held = hold(page)
    page.get_by_role("button", name=name, exact=True).click()
    expect(page.locator(f"[data-{panel}]")).to_be_hidden()
    held.release()
    expect(page.get_by_role("dialog", name=name)).to_be_visible()


def test_a_panel_that_opens_by_itself_is_not_closed_by_an_early_click(page, held):
    page.get_by_role("button", name="People", exact=True).click()
    held.release()
    connected(page)
    expect(page.get_by_role("complementary", name="People")).to_be_visible()


def test_an_early_click_is_forgotten_when_another_place_is_clicked(page, held):
    page.get_by_role("button", name="Go to a room").click()
    field(page).click()
    held.release()
    connected(page)
    shortcuts = page.get_by_role("button", name="Keyboard shortcuts")
    open_menu(page)
    shortcuts.click()
    expect(page.get_by_role("dialog")).to_have_count(1)


def test_somebody_who_leaves_early_has_left_when_the_scripts_run(page, held):
    open_menu(page)
    page.get_by_role("button", name="Leave").click()
    held.release()
    expect(page.get_by_role("button", name="Rejoin")).to_be_focused()


def test_a_menu_that_is_opened_early_stays_open_and_can_be_used(page, held):
    open_menu(page)
    held.release()
    connected(page)
    page.get_by_label("Play a sound").check()


@pytest.mark.parametrize(
    ("module", "how"),
    [
        ("room/room.js", None),
        ("core/timing.js", 503),
        ("pages/sign-out.js", 404),
        ("room/composer.js", "this is no script"),
        ("core/dates.js", "throw new Error('on purpose')"),
    ],
)
def test_a_module_that_fails_is_noticed_and_nothing_is_lost(tab, server, module, how):
    answer(tab, module, how)
    tab.goto(server.url)
    expect(tab.get_by_text(NOTICE)).to_be_visible()
    expect(tab.locator("[data-status]")).to_be_hidden()
    expect(send_button(tab)).to_be_disabled()
    field(tab).fill("written all the same")
    tab.unroute_all()
    tab.get_by_role("button", name="Reload").click()
    connected(tab)
    expect(tab.get_by_text(NOTICE)).to_be_hidden()
    expect(tab).to_have_url(f"{server.url}/r/lobby/")
    expect(field(tab)).to_have_value("written all the same")


# Keeps the notice from appearing before the test asks for it, however long that takes.
PAUSE_NOTICE = """
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(".loading-problem { animation-play-state: paused }");
    document.adoptedStyleSheets = [sheet];
"""


def test_a_part_that_never_arrives_is_noticed_without_any_script(tab, server):
    tab.add_init_script(PAUSE_NOTICE)
    answer(tab, "room/loading.js", None)
    held = Held(tab, "core/timing.js")
    tab.goto(server.url, wait_until="commit")
    expect(tab.locator("[data-status-label]")).to_have_text("Loading…")
    expect(tab.get_by_text(NOTICE)).to_be_hidden()
    field(tab).fill("written all the same")
    tab.wait_for_function(
        """() => {
            const isNotice = ({ animationName }) => animationName === "appear";
            const notice = document.getAnimations().find(isNotice);
            if (notice) notice.currentTime = 10_000;
            return notice;
        }"""
    )
    expect(tab.get_by_role("button", name="Reload")).to_be_in_viewport(ratio=1)
    held.release()
    connected(tab)
    expect(tab.get_by_text(NOTICE)).to_be_hidden()
    expect(field(tab)).to_have_value("written all the same")


def test_a_style_sheet_that_fails_is_noticed_although_the_room_works(tab, server):
    answer(tab, "room/room.css", 503)
    tab.goto(server.url)
    connected(tab)
    expect(tab.get_by_text(NOTICE)).to_be_visible()
    expect(send_button(tab)).to_be_enabled()


def test_a_dialog_that_fails_is_told_of_once_and_can_be_tried_again(tab, server):
    tab.goto(server.url)
    connected(tab)
    answer(tab, "extras/dialogs.css", None)
    shortcuts = tab.get_by_role("button", name="Keyboard shortcuts")
    with tab.expect_event("requestfailed"):  # the menu itself needs a part of the page
        open_menu(tab)
    with tab.expect_event("requestfailed"):
        shortcuts.click()
    expect(tab.locator("[data-flash]")).to_contain_text("could not be loaded")
    expect(tab.get_by_text(NOTICE)).to_be_hidden()
    tab.unroute_all()
    open_menu(tab)
    shortcuts.click()
    expect(tab.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


def test_people_who_want_no_motion_get_the_notice_too(person, server):
    page, _ = person(reduced_motion="reduce")
    tab = page.context.new_page()
    answer(tab, "room/loading.js", None)
    answer(tab, "core/timing.js", None)
    tab.goto(server.url)
    names = "document.getAnimations().map(({ animationName }) => animationName)"
    assert tab.evaluate(names) == ["appear"]

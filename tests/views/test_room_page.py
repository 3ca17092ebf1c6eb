"""The room's page, where it needs a browser: what it shows, says aloud, and keeps."""

import json

import pytest
from playwright.sync_api import expect

from tests.support.browser import connected, members, message, say
from tests.support.scripted_socket import ScriptedSocket, a_line, a_welcome, until
from tests.support.servers import Server

ACCOUNTS = 100  # more than there are tests


@pytest.fixture(scope="module")
def server():
    with Server() as server:
        yield server
        server.assert_no_traceback()


@pytest.fixture(scope="module")
def accounts(server):
    """They are made together: to sign up by the form would take as long as most tests here."""
    return iter(json.loads(server.python("-m", "tests.support.make_members", str(ACCOUNTS))))


@pytest.fixture
def person(browser, server, accounts):
    with members(browser, server, accounts) as make:
        yield make


@pytest.fixture
def page(person):
    return person()[0]


def test_a_new_room_is_read_out_from_its_first_message_on(page):
    socket = ScriptedSocket(page, a_welcome())
    connected(page)
    log = page.locator("[data-log]")
    expect(log).to_have_attribute("aria-live", "polite")
    socket.send("lines", lines=[a_line(1, "the first")])
    expect(message(page, "the first")).to_be_visible()
    expect(log).to_have_attribute("aria-live", "polite")


def test_a_room_of_comings_and_goings_does_not_load_all_of_them_by_itself(page):
    def comings(first, last):
        kinds = ("left", "entered")
        return [a_line(seq, kind=kinds[seq % 2], name="bob") for seq in range(first, last + 1)]

    def history(ask):
        before = ask["before"]
        return {"type": "history", "lines": comings(before - 50, before - 1), "more": True}

    socket = ScriptedSocket(page, a_welcome(comings(1951, 2000)), history=history)
    connected(page)
    older = page.get_by_role("button", name="Earlier messages")
    until(page, lambda: len(socket.received_of("history")) >= 19)
    socket.send("lines", lines=[a_line(2001, "still here")])
    expect(message(page, "still here")).to_be_visible()
    assert len(socket.received_of("history")) == 19

    older.click()
    until(page, lambda: len(socket.received_of("history")) == 20)


def test_who_scrolls_up_is_offered_the_way_back_at_once(page):
    ScriptedSocket(page, a_welcome([a_line(seq, f"number {seq}") for seq in range(1, 51)]))
    connected(page)
    expect(message(page, "number 50")).to_be_visible()
    newest = page.get_by_role("button", name="Newest messages")
    expect(newest).to_be_hidden()
    page.locator("[data-log]").evaluate("log => { log.scrollTop = 0 }")
    expect(newest).to_be_visible()
    newest.click()
    expect(newest).to_be_hidden()


def test_after_midnight_today_is_called_yesterday(person):
    page, _ = person(timezone_id="Europe/Berlin")
    page.clock.install(time="2026-05-05T23:59:40+02:00")
    ScriptedSocket(page, a_welcome([a_line(1, "late", at="2026-05-05T21:58:00Z")]))
    day = page.locator(".day time")
    expect(day).to_have_text("Today")
    page.clock.fast_forward("00:22")  # too soon for the page to ask whether anybody is there
    expect(day).to_have_text("Yesterday")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("try_again", "Not saved yet, trying again"),
        ("too_fast", "Slowed down, will be sent soon"),
    ],
)
def test_a_text_that_is_sent_again_later_says_why(page, code, words):
    def refused(say):
        return {"type": "error", "code": code, "text": "", "client_id": say["client_id"]}

    socket = ScriptedSocket(page, a_welcome(), say=refused)
    connected(page)
    say(page, "one")
    say(page, "two")
    notes = page.locator("[data-lines] [data-part=note]:visible")
    expect(notes).to_have_text([words])
    socket.answers.clear()
    socket.send("said", client_id=socket.received_of("say")[0]["client_id"], seq=1)
    expect(notes).to_have_count(0)


def test_an_own_message_is_read_out_once(page):
    socket = ScriptedSocket(page, a_welcome())
    connected(page)
    say(page, "hello")
    expect(page.locator("[data-state=sending]")).to_have_count(1)
    page.evaluate(
        """() => {
            window.written = [];
            const tell = ({ target, addedNodes }) =>
                addedNodes.length && window.written.push(target.textContent);
            new MutationObserver((changes) => changes.forEach(tell)).observe(
                document.querySelector("[data-lines]"), { childList: true, subtree: true });
        }"""
    )
    sent = socket.received_of("say")[0]
    at = page.locator(".message time").get_attribute("datetime")
    own = a_line(1, "hello", name="me", at=at, client_id=sent["client_id"])
    socket.send("lines", lines=[own])
    expect(page.locator("[data-state=sent]")).to_have_count(1)
    assert page.evaluate("window.written") == []

    socket.send("lines", lines=[a_line(2, "", kind="removed", of=1)])
    expect(message(page, "This message was removed")).to_be_visible()
    assert page.evaluate("window.written") == ["This message was removed"]


class Dialogs:
    """The questions that a page asks, and how they are answered."""

    def __init__(self, page):
        self.asked = []
        self.accept = True
        page.on("dialog", self._answer)

    def _answer(self, dialog):
        self.asked.append(dialog.type)
        if self.accept:
            dialog.accept()
        else:
            dialog.dismiss()


def sign_out(page):
    page.get_by_role("button", name="Sign out").click()


def kept(page):
    """What this tab keeps, all in one text."""
    return page.evaluate("JSON.stringify(sessionStorage)")


def test_what_waits_is_not_lost_by_signing_out_unasked_or_in_vain(page, server):
    dialogs = Dialogs(page)
    page.context.set_offline(True)
    say(page, "typed while away")
    expect(page.locator("[data-state=waiting]")).to_have_count(1)
    dialogs.accept = False
    sign_out(page)
    assert dialogs.asked == ["confirm"]
    expect(page).to_have_url(f"{server.url}/")
    assert "typed while away" in kept(page)

    dialogs.accept = True
    sign_out(page)
    page.wait_for_url("chrome-error://**")  # it could not be asked of the server
    assert dialogs.asked == ["confirm", "confirm"]

    page.context.set_offline(False)
    page.goto(server.url)
    connected(page)
    expect(page.locator("[data-state=sent]", has_text="typed while away")).to_have_count(1)
    assert dialogs.asked == ["confirm", "confirm"]
    assert json.loads(kept(page))["chatsite.signing-out"] == "null"


def test_who_has_signed_out_leaves_nothing_behind(page):
    dialogs = Dialogs(page)
    page.get_by_label("Message", exact=True).fill("a draft")
    assert "a draft" in kept(page)
    sign_out(page)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.wait_for_function("sessionStorage.length === 0")  # a script of this page empties it
    assert dialogs.asked == []


def test_what_was_written_outlives_a_session_that_has_expired(page, server):
    page.get_by_label("Message", exact=True).fill("a draft")
    page.context.clear_cookies()
    page.goto(server.url)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert "a draft" in kept(page)


def test_a_page_asks_before_it_goes_with_what_waits(page):
    dialogs = Dialogs(page)
    say(page, "said and saved")
    expect(page.locator("[data-state=sent]", has_text="said and saved")).to_have_count(1)
    page.reload()
    connected(page)
    assert dialogs.asked == []

    ScriptedSocket(page)
    say(page, "typed while away")
    page.reload()
    assert dialogs.asked == ["beforeunload"]


@pytest.mark.parametrize(("button", "left"), [("Discard", 0), ("Try again", 1)])
def test_the_focus_stays_in_the_log_when_its_button_goes(page, button, left):
    def refused(say):
        return {"type": "error", "code": "muted", "text": "", "client_id": say["client_id"]}

    socket = ScriptedSocket(page, a_welcome(), say=refused)
    connected(page)
    say(page, "one")
    expect(page.locator("[data-state=refused]")).to_have_count(1)
    socket.answers.clear()
    page.get_by_role("button", name=button).click()
    expect(page.locator("[data-state=sending]")).to_have_count(left)
    expect(page.locator("[data-log]")).to_be_focused()


def test_the_focus_stays_in_the_log_when_one_is_back_at_its_end(page):
    ScriptedSocket(page, a_welcome([a_line(seq, f"number {seq}") for seq in range(1, 51)]))
    expect(message(page, "number 50")).to_be_visible()
    page.locator("[data-log]").evaluate("log => { log.scrollTop = 0 }")
    page.get_by_role("button", name="Newest messages").click()
    expect(page.locator("[data-log]")).to_be_focused()


@pytest.mark.parametrize(
    ("code", "role", "name"), [(4403, "button", "Rejoin"), (4401, "link", "Sign in")]
)
def test_who_was_writing_when_it_is_over_stands_at_the_way_back(page, code, role, name):
    socket = ScriptedSocket(page, a_welcome())
    connected(page)
    page.get_by_label("Message", exact=True).fill("I was just")
    socket.close(code)
    expect(page.get_by_role(role, name=name)).to_be_focused()


def test_too_long_a_text_says_so_once(page):
    field, spoken = page.get_by_label("Message", exact=True), page.locator("[data-too-long]")
    field.fill("x" * 4_000)
    expect(spoken).to_have_text("")
    expect(field).to_have_accessible_description("0 left")
    page.evaluate(
        """() => {
            window.spoken = 0;
            new MutationObserver(() => { window.spoken += 1; }).observe(
                document.querySelector("[data-too-long]"), { childList: true });
        }"""
    )
    field.press_sequentially("yz")
    expect(spoken).to_have_text("This is too long")
    expect(field).to_have_accessible_description("2 too many")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert page.evaluate("window.spoken") == 1

    field.fill("short")
    expect(spoken).to_have_text("")
    expect(field).to_have_accessible_description("")
    expect(field).not_to_have_attribute("aria-invalid", "true")


@pytest.mark.parametrize("code", [4029, 1006], ids=["full", "reconnecting"])
@pytest.mark.parametrize("width", [320, 390])
def test_the_state_of_the_connection_has_room(person, width, code):
    page, _ = person(viewport={"width": width, "height": 640})
    ScriptedSocket(page).close(code)
    expect(page.locator("[data-status-seconds]")).to_contain_text("s")
    ends = page.locator("[data-status-label], [data-status-seconds]").evaluate_all(
        "nodes => nodes.map(node => node.getBoundingClientRect().right)"
    )
    assert max(ends) <= page.locator("[data-users]").bounding_box()["x"]
    seconds = page.locator("[data-status-seconds]")
    assert seconds.evaluate("node => node.getClientRects().length") == 1


def test_the_composer_can_be_reached_on_a_low_screen(person):
    page, _ = person(viewport={"width": 320, "height": 256})
    ScriptedSocket(page).close(4029)
    expect(page.get_by_role("button", name="Try now")).to_be_visible()
    page.get_by_label("Message", exact=True).fill("one\ntwo\nthree")
    page.mouse.move(160, 200)  # over the banner, which does not scroll by itself
    page.mouse.wheel(0, 1_000)
    expect(page.get_by_role("button", name="Send")).to_be_in_viewport(ratio=1)
    assert page.locator("[data-log]").bounding_box()["height"] >= 64


def test_the_count_of_characters_takes_no_room_from_the_text(person):
    page, _ = person(viewport={"width": 320, "height": 640})
    field = page.get_by_label("Message", exact=True)
    field.fill("x" * 4_001)
    expect(page.locator("[data-counter]")).to_be_visible()
    send = page.get_by_role("button", name="Send").bounding_box()
    room = send["x"] - field.bounding_box()["x"]
    assert field.bounding_box()["width"] > room - 32


def test_who_stays_is_not_drawn_anew_when_others_come_and_go(page):
    socket = ScriptedSocket(page, a_welcome(people=["me", "ann", "bob", "carol"]))
    people = page.locator("[data-list] .person")
    names = people.locator("[data-part=name]")
    expect(names).to_have_text(["me", "ann", "bob", "carol"])
    page.evaluate(
        """() => {
            window.touched = [];
            const name = (node) => node.querySelector("[data-part=name]").textContent;
            const tell = ({ addedNodes }) => window.touched.push(...[...addedNodes].map(name));
            new MutationObserver((changes) => changes.forEach(tell)).observe(
                document.querySelector("[data-list]"), { childList: true });
        }"""
    )
    comings = [
        a_line(1, kind="left", name="ann"),
        a_line(2, kind="entered", name="dave"),
        a_line(3, kind="left", name="bob"),
        a_line(4, kind="entered", name="bob"),
    ]
    socket.send("lines", lines=comings)
    expect(names).to_have_text(["me", "carol", "dave", "bob"])
    assert page.evaluate("window.touched") == ["dave", "bob"]


def test_a_hidden_list_of_people_is_counted_and_drawn_when_it_is_opened(person):
    page, _ = person(viewport={"width": 390, "height": 844})
    socket = ScriptedSocket(page, a_welcome(people=["me"]))
    users = page.get_by_role("button", name="Users")
    expect(users.locator("[data-count]")).to_have_text("1")
    socket.send("lines", lines=[a_line(1, kind="entered", name="ann")])
    expect(users.locator("[data-count]")).to_have_text("2")
    names = page.locator("[data-list] [data-part=name]")
    expect(names).to_have_count(0)
    users.click()
    expect(names).to_have_text(["me", "ann"])


def test_who_reads_further_up_keeps_the_place_when_the_column_changes_its_width(person):
    page, _ = person(viewport={"width": 390, "height": 844})
    page.clock.install()
    ScriptedSocket(page, a_welcome([a_line(seq, f"number {seq} " * 15) for seq in range(1, 51)]))
    read = message(page, "number 20 ")
    expect(read).to_have_count(1)
    top = read.evaluate(
        """(node) => new Promise((done) => {
            const log = document.querySelector("[data-log]");
            log.addEventListener("scroll", () => done(node.getBoundingClientRect().top));
            log.scrollTop += node.getBoundingClientRect().top - log.getBoundingClientRect().top;
        })"""
    )
    page.clock.run_for(200)
    for width in (844, 390):
        page.set_viewport_size({"width": width, "height": 1_234 - width})
        page.wait_for_function("width => innerWidth === width", arg=width)
        page.clock.run_for(200)
        now = read.evaluate(
            """(node) => new Promise((done) => requestAnimationFrame(() =>
                done(node.getBoundingClientRect().top)))"""
        )
        assert abs(now - top) <= 2


def test_with_forced_colours_one_sees_where_one_writes(person):
    page, _ = person(forced_colors="active")
    outline = "form => getComputedStyle(form).outlineStyle"
    composer = page.locator("[data-composer]")
    page.locator("[data-log]").focus()
    assert composer.evaluate(outline) == "none"
    page.get_by_label("Message", exact=True).focus()
    assert composer.evaluate(outline) == "solid"

"""The list of the people who are here, and the status beside its button."""

import pytest
from playwright.sync_api import expect

from tests.support.scripted_socket import ScriptedSocket, a_line, a_welcome

pytestmark = pytest.mark.scripted


@pytest.mark.parametrize("code", [4029, 4012], ids=["full", "reconnecting"])
@pytest.mark.parametrize("width", [320, 390])
def test_the_status_fits_beside_the_buttons_on_a_phone(person, width, code):
    page, _ = person(viewport={"width": width, "height": 640})
    socket = ScriptedSocket(page)
    if code == 4012:
        socket.send("bye", code="restart", text="", retry_in=60)  # it shows seconds all the time
    socket.close(code)
    expect(page.locator("[data-status-seconds]")).to_contain_text("s")
    ends = page.locator("[data-status-label], [data-status-seconds]").evaluate_all(
        "nodes => nodes.map(node => node.getBoundingClientRect().right)"
    )
    assert max(ends) <= page.locator("[data-people-toggle]").bounding_box()["x"]
    seconds = page.locator("[data-status-seconds]")
    assert seconds.evaluate("node => node.getClientRects().length") == 1


def test_people_who_stay_keep_their_elements_when_others_enter_and_leave(page):
    socket = ScriptedSocket(page, a_welcome(people=["me", "ann", "bob", "carol"]))
    people = page.locator("[data-people-list] .person")
    names = people.locator("[data-part=name]")
    expect(names).to_have_text(["me", "ann", "bob", "carol"])
    page.evaluate(
        """() => {
            window.added = [];
            const name = (node) => node.querySelector("[data-part=name]").textContent;
            const record = ({ addedNodes }) => window.added.push(...[...addedNodes].map(name));
            new MutationObserver((changes) => changes.forEach(record)).observe(
                document.querySelector("[data-people-list]"), { childList: true });
        }"""
    )
    lines = [
        a_line(1, kind="left", name="ann"),
        a_line(2, kind="entered", name="dave"),
        a_line(3, kind="left", name="bob"),
        a_line(4, kind="entered", name="bob"),
    ]
    socket.send("lines", lines=lines)
    expect(names).to_have_text(["me", "bob", "carol", "dave"])
    assert page.evaluate("window.added") == ["dave"]


def test_a_closed_people_list_shows_its_number_and_is_filled_when_it_is_opened(person):
    page, _ = person(viewport={"width": 390, "height": 844})
    socket = ScriptedSocket(page, a_welcome(people=["me"]))
    toggle = page.get_by_role("button", name="People")
    expect(toggle.locator("[data-people-count]")).to_have_text("1")
    socket.send("lines", lines=[a_line(1, kind="entered", name="ann")])
    expect(toggle.locator("[data-people-count]")).to_have_text("2")
    names = page.locator("[data-people-list] [data-part=name]")
    expect(names).to_have_count(0)
    toggle.click()
    expect(names).to_have_text(["me", "ann"])


def many(count):
    """The names of `count` people, in no order, and of oneself."""
    return [f"person {number * 7 % count}" for number in range(count)] + ["me"]


def open_people(person, names, **viewport):
    page, _ = person(viewport=viewport or {"width": 1280, "height": 800})
    socket = ScriptedSocket(page, a_welcome(people=names))
    expect(page.locator("[data-people-count]").first).to_have_text(str(len(names)))
    return page, socket


def test_people_are_sorted_by_name_and_oneself_comes_first(person):
    page, _ = open_people(person, ["tim", "Ann", "me", "bob"])
    names = page.locator("[data-people-list] [data-part=name]")
    expect(names).to_have_text(["me", "Ann", "bob", "tim"])


def test_a_guest_is_marked(person):
    page, socket = open_people(person, ["me"])
    socket.send("lines", lines=[a_line(1, kind="entered", name="tim", guest=True)])
    expect(page.locator(".person", has_text="tim").locator(".badge")).to_be_visible()
    expect(page.locator(".person", has_text="me").locator(".badge")).to_be_hidden()


def test_the_filter_is_there_above_20_people(person):
    page, socket = open_people(person, many(19))
    field = page.get_by_label("Find people")
    expect(field).to_be_hidden()
    socket.send("lines", lines=[a_line(1, kind="entered", name="ann")])
    expect(field).to_be_visible()


def test_the_filter_shows_who_is_meant_and_says_how_many(person):
    page, socket = open_people(person, many(300))
    page.get_by_label("Find people").fill("PERSON 29")
    names = page.locator("[data-people-list] [data-part=name]")
    expect(names).to_have_text([f"person {n}" for n in (29, *range(290, 300))])
    expect(page.locator("[data-people-found]")).to_have_text("11 of 301")
    socket.send("lines", lines=[a_line(1, kind="left", name="person 29")])
    expect(names).to_have_count(10)

    page.keyboard.press("Escape")
    expect(page.get_by_label("Find people")).to_have_value("")
    expect(names.first).to_have_text("me")


def test_a_long_list_is_drawn_as_far_as_it_is_read(person):
    page, _ = open_people(person, many(1_000))
    people = page.locator("[data-people-list] .person")
    expect(people.first).to_be_visible()
    assert people.count() <= 200
    while (drawn := people.count()) < 1_001:
        page.locator("[data-people-scroller]").evaluate("node => { node.scrollTop = 1e6 }")
        expect(people.nth(drawn)).to_be_attached()  # more than before are drawn
    expect(people).to_have_count(1_001)
    assert page.evaluate("document.documentElement.scrollHeight - innerHeight") == 0


PHONE = {"width": 390, "height": 844}


def test_back_closes_the_drawer_and_stays_in_the_room(person, server):
    page, _ = open_people(person, ["me"], **PHONE)
    page.get_by_role("button", name="People").click()
    expect(page.get_by_role("dialog", name="People")).to_be_visible()
    page.go_back()
    expect(page.locator("[data-people]")).to_be_hidden()
    expect(page).to_have_url(f"{server.url}/r/lobby/")
    expect(page.get_by_role("button", name="People")).to_be_focused()
    page.go_forward()
    expect(page.get_by_role("dialog", name="People")).to_be_visible()


@pytest.mark.parametrize("close", ["button", "Escape", "backdrop"])
def test_closing_the_drawer_leaves_no_entry_in_the_history(person, close):
    page, _ = open_people(person, ["me"], **PHONE)
    page.evaluate("history.replaceState('the room', '')")
    for _ in range(2):
        page.get_by_role("button", name="People").click()
        expect(page.get_by_role("dialog", name="People")).to_be_visible()
        if close == "button":
            page.get_by_role("button", name="Back").click()
        elif close == "Escape":
            page.keyboard.press("Escape")
        else:
            page.mouse.click(10, 400)
        expect(page.locator("[data-people]")).to_be_hidden()
        page.wait_for_function("history.state === 'the room'")


def test_a_drawer_that_is_opened_again_at_once_stays_open(person, server):
    page, _ = open_people(person, ["me"], **PHONE)
    page.get_by_role("button", name="People").click()
    expect(page.get_by_role("dialog", name="People")).to_be_visible()
    # The browser goes back in its own time, here after the second press.
    page.evaluate(
        """() => {
            document.querySelector("[data-people-close]").click();
            document.querySelector("[data-people-toggle]").click();
            return new Promise((done) => addEventListener("popstate", () => done()));
        }"""
    )
    expect(page.get_by_role("dialog", name="People")).to_be_visible()
    page.go_back()
    expect(page.locator("[data-people]")).to_be_hidden()
    expect(page).to_have_url(f"{server.url}/r/lobby/")


def test_a_drawer_that_was_open_is_open_after_a_reload(person):
    page, _ = open_people(person, ["me"], **PHONE)
    page.get_by_role("button", name="People").click()
    page.reload()
    expect(page.get_by_role("dialog", name="People")).to_be_visible()
    page.go_back()
    expect(page.locator("[data-people]")).to_be_hidden()


def test_people_are_told_apart_by_two_letters_and_colours(person):
    page, _ = open_people(person, ["me", "ann", "anna"])
    avatars = page.locator("[data-people-list] .avatar")
    expect(avatars).to_have_text(["Me", "An", "An"])
    colours = avatars.evaluate_all("nodes => nodes.map(n => getComputedStyle(n).backgroundColor)")
    assert len(set(colours)) == 3

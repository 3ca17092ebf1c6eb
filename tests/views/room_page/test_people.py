"""The list of the people who are here, and the status beside its button."""

import pytest
from playwright.sync_api import expect

from tests.support.scripted_socket import ScriptedSocket, a_line, a_welcome


@pytest.mark.parametrize("code", [4029, 1006], ids=["full", "reconnecting"])
@pytest.mark.parametrize("width", [320, 390])
def test_the_status_fits_beside_the_buttons_on_a_phone(person, width, code):
    page, _ = person(viewport={"width": width, "height": 640})
    ScriptedSocket(page).close(code)
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
    expect(names).to_have_text(["me", "carol", "dave", "bob"])
    assert page.evaluate("window.added") == ["dave", "bob"]


def test_a_closed_people_list_shows_its_number_and_is_filled_when_it_is_opened(person):
    page, _ = person(viewport={"width": 390, "height": 844})
    socket = ScriptedSocket(page, a_welcome(people=["me"]))
    toggle = page.get_by_role("button", name="Users")
    expect(toggle.locator("[data-people-count]")).to_have_text("1")
    socket.send("lines", lines=[a_line(1, kind="entered", name="ann")])
    expect(toggle.locator("[data-people-count]")).to_have_text("2")
    names = page.locator("[data-people-list] [data-part=name]")
    expect(names).to_have_count(0)
    toggle.click()
    expect(names).to_have_text(["me", "ann"])

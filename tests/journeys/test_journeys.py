"""Whole journeys: browsers and telnet in one room."""

import json

import pytest
from playwright.sync_api import expect

from tests.support.browser import (
    PASSWORD,
    connected,
    message,
    new_name,
    open_menu,
    said,
    say,
    sign_up,
)
from tests.support.servers import PATIENTLY, Server
from tests.support.telnet import Telnet


@pytest.fixture(scope="module")
def server():
    """A server that all tests of this file share, and to which pages may return late."""
    with Server(**PATIENTLY) as server:
        yield server
        server.assert_no_traceback()


def rows_of_log(server):
    """Return the rows of the log in the database: [(seq, kind, name, text)]."""
    code = (
        "import json\nfrom chat.models import Message\n"
        "rows = Message.objects.order_by('seq').values_list('seq', 'kind', 'name', 'text')\n"
        "print('LOG' + json.dumps(list(rows)))"
    )
    return json.loads(server.manage("shell", "-v0", "-c", code).partition("LOG")[2])


def test_two_browsers_and_two_telnet_guests_hold_a_conversation(server, alice, bob):
    (a, alice), (b, bob) = alice, bob
    carol, dave = Telnet(server, "carol"), Telnet(server, "dave")
    say(a, "hello from alice")
    carol.until("hello from alice")
    carol.type("say hello from carol")
    expect(message(b, "hello from carol")).to_be_visible()
    say(b, "hello from bob")
    dave.until("hello from bob")
    dave.type("say hello from dave")
    expected = [f"hello from {who}" for who in ("alice", "carol", "bob", "dave")]
    for page in (a, b):
        expect(message(page, "hello from dave")).to_be_visible()
        assert said(page)[-4:] == expected
        for text in expected:  # the author's own copy was replaced by the line
            expect(message(page, text)).to_have_count(1)
    names = [alice, "carol", bob, "dave"]
    lines = [f"{name}: {text}" for name, text in zip(names, expected, strict=True)]
    for guest in (carol, dave):
        guest.until(f"{lines[-1]}\n")
        # People of an earlier test may still be leaving, between these lines.
        heard = [line for line in guest.screen.splitlines() if ": hello from " in line]
        assert [line.rpartition("Success")[2] for line in heard] == lines
    in_history = [row[3] for row in rows_of_log(server) if row[1] == "said"]
    assert in_history[-4:] == expected
    carol.type("look")
    carol.until(f"{bob}\n")
    carol_in_list = a.locator("[data-people-list] .person", has_text="carol")
    expect(carol_in_list.locator(".badge")).to_be_visible()
    carol.leave()
    expect(carol_in_list).to_have_count(0)
    dave.leave()


@pytest.mark.same_on_every_database
def test_a_reload_is_not_announced_and_keeps_the_messages(server, alice, bob):
    (a, alice), (b, bob) = alice, bob
    say(a, "before the reload")
    expect(message(b, "before the reload")).to_be_visible()
    before = len(rows_of_log(server))
    b.reload()
    connected(b)
    expect(message(b, "before the reload")).to_have_count(1)
    say(a, "after the reload")
    expect(message(b, "after the reload")).to_be_visible()
    since = rows_of_log(server)[before:]
    # People of an earlier test may still be leaving.
    assert [row[1] for row in since if row[2] in (alice, bob)] == ["said"]


def test_a_page_resumes_after_a_killed_server_and_sends_what_was_typed_meanwhile(browser, person):
    with Server(**PATIENTLY) as server:
        (a, _), (b, bob) = person("alice", server), person("bob", server)
        guest = Telnet(server, "carol")
        say(a, "before the kill")
        guest.until("before the kill")
        expect(message(b, "before the kill")).to_be_visible()
        server.kill()
        expect(b.locator("[data-status-label]")).not_to_have_text("Connected")
        say(b, "typed while away")
        expect(message(b, "typed while away")).to_be_visible()
        server.start()
        connected(a)
        connected(b)
        expect(message(a, "typed while away")).to_have_count(1)
        expect(message(b, "typed while away")).to_have_count(1)
        say(a, "and on")
        expect(message(b, "and on")).to_be_visible()
        assert said(a) == said(b) == ["before the kill", "typed while away", "and on"]
        log = rows_of_log(server)
        assert [row[3] for row in log if row[1] == "said"] == said(a)
        assert [row[0] for row in log] == list(range(1, len(log) + 1))
        assert [row[2] for row in log if row[1] == "left"] == ["carol"], "only the guest has left"
        assert len([row for row in log if row[1] == "entered" and row[2] == bob]) == 1


def test_a_member_who_leaves_is_gone_at_once_and_can_rejoin(server, alice, bob):
    (a, alice), (b, _) = alice, bob
    open_menu(a)
    a.get_by_role("button", name="Leave").click()
    expect(b.locator("[data-people-list] .person", has_text=alice)).to_have_count(0)
    a.get_by_role("button", name="Rejoin").click()
    connected(a)
    expect(b.locator("[data-people-list] .person", has_text=alice)).to_have_count(1)


@pytest.mark.same_on_every_database
def test_messages_are_shown_as_text_never_as_markup(server, alice, bob):
    (a, _), (b, _) = alice, bob
    attack = "<img src=x onerror=\"document.title='owned'\"><script>alert(1)</script>"
    say(a, attack)
    expect(message(b, "<img src=x")).to_have_text(attack)
    assert b.locator("[data-lines] img, [data-lines] script").count() == 0
    say(a, "see https://example.org/a_(b)?q=1, and javascript:alert(1)")
    link = message(b, "see https").get_by_role("link")
    expect(link).to_have_count(1)
    assert link.get_attribute("href") == "https://example.org/a_(b)?q=1"
    assert "noopener" in link.get_attribute("rel")


@pytest.mark.same_on_every_database
def test_enter_sends_and_shift_enter_starts_a_new_line(server, alice):
    page, _ = alice
    box = page.get_by_label("Message", exact=True)
    box.click()
    page.keyboard.type("one")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("two")
    page.keyboard.press("Enter")
    expect(message(page, "two")).to_be_visible()
    assert said(page)[-1] == "one\ntwo"
    expect(box).to_have_value("")


def test_signing_out_in_one_tab_disconnects_the_others(server, alice):
    page, _ = alice
    other = page.context.new_page()
    other.goto(f"{server.url}/accounts/")
    other.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()


def test_a_password_change_signs_out_all_other_browsers(browser, server, person):
    page, name = person("erin")
    elsewhere = browser.new_context().new_page()
    elsewhere.goto(f"{server.url}/accounts/login/")
    elsewhere.fill("[name=username]", name.upper())
    elsewhere.fill("[name=password]", PASSWORD)
    elsewhere.click("main form button")
    connected(elsewhere)
    form = page.context.new_page()
    form.goto(f"{server.url}/accounts/password/")
    for field in form.locator("main input[type=password]").all():
        field.fill("a new one, longer 9")
    form.locator("main input[type=password]").first.fill(PASSWORD)
    form.click("main form button")
    expect(elsewhere.get_by_role("link", name="Sign in")).to_be_visible()
    say(page, "still here after the change")
    expect(message(page, "still here after the change")).to_be_visible()
    elsewhere.context.close()


@pytest.mark.same_on_every_database
def test_no_page_requests_anything_from_another_host(server, browser):
    context = browser.new_context()
    page = context.new_page()
    requested = []
    page.on("request", lambda request: requested.append(request.url))
    sign_up(page, server, new_name("frank"))
    page.goto(f"{server.url}/accounts/")
    assert len(requested) > 5
    assert [url for url in requested if not url.startswith(server.url)] == []
    context.close()

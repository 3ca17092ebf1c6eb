"""Whole journeys: browsers and telnet in one room, as people go them."""

import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.support.browser import PASSWORD, connected, message, new_name, said, say, sign_up
from tests.support.servers import Server
from tests.support.telnet import Telnet

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server():
    with Server() as server:
        yield server
        server.assert_no_traceback()


@pytest.fixture
def alice(person):
    return person("alice")


@pytest.fixture
def bob(person):
    return person("bob")


def history(server):
    """The log as the database has it: [(seq, kind, name, text)]."""
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
        for text in expected:  # its author's own copy has become the line
            expect(message(page, text)).to_have_count(1)
    names = [alice, "carol", bob, "dave"]
    lines = "".join(f"{name}: {text}\n" for name, text in zip(names, expected, strict=True))
    for guest in (carol, dave):
        guest.until(lines)
    in_history = [row[3] for row in history(server) if row[1] == "said"]
    assert in_history[-4:] == expected
    carol.type("look")
    carol.until(f"{bob}\n")
    carol_in_list = a.locator("[data-people-list] .person", has_text="carol")
    expect(carol_in_list.locator(".badge")).to_be_visible()
    carol.leave()
    expect(carol_in_list).to_have_count(0)
    dave.leave()


def test_a_reload_is_not_announced_and_keeps_what_was_said(server, alice, bob):
    (a, alice), (b, bob) = alice, bob
    say(a, "before the reload")
    expect(message(b, "before the reload")).to_be_visible()
    before = len(history(server))
    b.reload()
    connected(b)
    expect(message(b, "before the reload")).to_have_count(1)
    say(a, "after the reload")
    expect(message(b, "after the reload")).to_be_visible()
    since = history(server)[before:]
    # Those of an earlier test may leave just now.
    assert [row[1] for row in since if row[2] in (alice, bob)] == ["said"]


def test_after_a_killed_server_the_page_resumes_and_sends_what_was_typed_meanwhile(browser, person):
    with Server() as server:
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
        log = history(server)
        assert [row[3] for row in log if row[1] == "said"] == said(a)
        assert [row[0] for row in log] == list(range(1, len(log) + 1))
        assert [row[2] for row in log if row[1] == "left"] == ["carol"], "the ghost has gone"
        assert len([row for row in log if row[1] == "entered" and row[2] == bob]) == 1


def fill(server, page, count):
    """Let the one who is here have said `count` messages, and load the page anew."""
    code = (
        "from chat.models import *\nfrom chat.room import transcript\n"
        "seat = Connection.objects.get().pk\n"
        f"numbers = [transcript.Saying(seat, f'number {{n}}') for n in range({count})]\n"
        "transcript.say(Room.first().pk, numbers)"
    )
    server.manage("shell", "-v0", "-c", code)
    page.reload()
    connected(page)


def test_five_hundred_messages_can_be_scrolled_back_through_in_order(browser, person):
    with Server() as server:
        page, _ = person("alice", server)
        fill(server, page, 500)
        expect(message(page, "number 499")).to_be_visible()
        log = page.locator("[data-log]")
        for _ in range(60):
            if message(page, re.compile("^number 0$")).count():
                break
            shown = page.locator("[data-lines] [data-part=text]").count()
            log.evaluate("log => { log.scrollTop = 0 }")
            page.wait_for_function(
                "n => document.querySelectorAll('[data-lines] [data-part=text]').length > n",
                arg=shown,
            )
        assert said(page) == [f"number {n}" for n in range(500)]


def test_the_page_does_not_jump_when_older_messages_come(browser, person):
    with Server() as server:
        page, _ = person("alice", server)
        fill(server, page, 200)
        log = page.locator("[data-log]")
        expect(message(page, "number 199")).to_be_visible()
        anchor = message(page, re.compile("^number 155$"))
        shown = page.locator("[data-lines] [data-part=text]").count()
        before = anchor.evaluate(
            """node => {
                const log = document.querySelector("[data-log]");
                log.scrollTop += node.getBoundingClientRect().top - log.getBoundingClientRect().top;
                return node.getBoundingClientRect().top;
            }"""
        )
        page.wait_for_function(
            "n => document.querySelectorAll('[data-lines] [data-part=text]').length > n", arg=shown
        )
        after = anchor.evaluate("node => node.getBoundingClientRect().top")
        assert abs(after - before) <= 2
        assert log.evaluate("log => log.scrollTop") > 100


def test_who_closes_leaves_at_once_and_may_rejoin(server, alice, bob):
    (a, alice), (b, _) = alice, bob
    a.get_by_role("button", name="Close").click()
    expect(b.locator("[data-people-list] .person", has_text=alice)).to_have_count(0)
    a.get_by_role("button", name="Rejoin").click()
    connected(a)
    expect(b.locator("[data-people-list] .person", has_text=alice)).to_have_count(1)


def test_what_is_typed_is_text_never_markup(server, alice, bob):
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


def test_enter_sends_and_shift_enter_makes_a_line(server, alice):
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


def test_signing_out_in_one_tab_closes_the_other(server, alice):
    page, _ = alice
    other = page.context.new_page()
    other.goto(f"{server.url}/accounts/")
    other.get_by_role("button", name="Sign out").first.click()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()


def test_a_changed_password_keeps_this_browser_in_the_room(browser, server, person):
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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(390, 844), (1280, 800)], ids=["phone", "desktop"])
def test_no_page_has_a_barrier_that_axe_can_find(server, person, scheme, size):
    width, height = size
    page, _ = person("axel", color_scheme=scheme, viewport={"width": width, "height": height})
    say(page, f"to read at {width} in {scheme}: https://example.org/")
    expect(message(page, f"to read at {width} in {scheme}")).to_be_visible()
    check(page)
    page.get_by_role("button", name=re.compile("^Users")).click()
    check(page)
    for path in (
        "accounts/",
        "accounts/password/",
        "accounts/email/",
        "accounts/delete/",
        "nowhere/",
    ):
        page.goto(f"{server.url}/{path}")
        check(page)
    page.context.clear_cookies()
    for path in ("accounts/login/", "accounts/signup/", "accounts/reset/"):
        page.goto(f"{server.url}/{path}")
        check(page)
    page.goto(f"{server.url}/accounts/signup/")
    page.fill("[name=username]", "not: allowed")
    page.fill("[name=password1]", "short")
    page.fill("[name=password2]", "other")
    page.locator("main form button").last.click()
    check(page)


def check(page):
    # A colour on its way from one to another is neither.
    page.wait_for_function(
        "() => document.getAnimations().every(({ playState }) => playState !== 'running')"
    )
    results = Axe().run(page)
    assert results.violations_count == 0, f"{page.url}: {results.generate_report()}"


def test_no_page_asks_another_host_for_anything(server, browser):
    context = browser.new_context()
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    sign_up(page, server, new_name("frank"))
    page.goto(f"{server.url}/accounts/")
    assert len(asked) > 5
    assert [url for url in asked if not url.startswith(server.url)] == []
    context.close()

"""A log of which only a part is on the page: what is loaded, dropped and kept in its place."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.browser import connected, message, say
from tests.support.scripted_log import ScriptedLog, messages
from tests.support.scripted_socket import ScriptedSocket, a_line, until

MOST_ITEMS = 800  # in the document
# Some frames have to pass as well as time, because a busy machine draws few of them.
UNTIL_NOTHING_CHANGES = """
    async () => {
        const frame = () => new Promise((done) => requestAnimationFrame(done));
        let changed = performance.now();
        let frames = 0;
        const observer = new MutationObserver(() => {
            changed = performance.now();
            frames = 0;
        });
        observer.observe(document.querySelector("[data-lines]"), { childList: true });
        for (; performance.now() - changed < 100 || frames < 5; frames++) await frame();
        observer.disconnect();
    }
"""


class Room:
    """The room page of somebody, with a long log on the server's side."""

    def __init__(self, page, lines):
        self.page = page
        self.log = ScriptedLog(lines)
        self.socket = ScriptedSocket(page, self.log.welcome(), history=self.log.history)
        self.scroller = page.locator("[data-log]")
        connected(page)

    @property
    def items(self):
        return self.page.locator("[data-lines] > li").count()

    def numbers(self):
        """Return the numbers of the messages on the page."""
        texts = self.page.locator("[data-lines] [data-part=text]").all_inner_texts()
        return [int(text.split()[1]) for text in texts if text.startswith("number ")]

    def scroll(self, to):
        """Scroll to the top or the bottom of what is loaded."""
        position = {"top": "0", "bottom": "log.scrollHeight"}[to]
        self.scroller.evaluate(f"log => {{ log.scrollTop = {position} }}")

    def scroll_up_to(self, number):
        """Scroll up until a message is loaded, then to it."""
        while min(self.numbers()) > number:
            asked = len(self.socket.received_of("history"))
            self.scroll("top")
            until(self.page, lambda asked=asked: len(self.socket.received_of("history")) > asked)
            self.settle()
        self.scroller.evaluate(
            """(log, number) => {
                const isIt = (text) => text.textContent === `number ${number}`;
                const text = [...log.querySelectorAll("[data-part=text]")].find(isIt);
                log.scrollTop += text.getBoundingClientRect().top - 300;
            }""",
            number,
        )
        self.settle()

    def scroll_to_gap(self, share):
        """Scroll so that the one gap between messages is at a share of the height."""
        self.scroller.evaluate(
            """(log, share) => {
                const between = "[data-gap]:not(:first-child, :last-child)";
                const gap = log.querySelector(between).getBoundingClientRect();
                const { top } = log.getBoundingClientRect();
                log.scrollTop += gap.top - top - share * log.clientHeight;
            }""",
            share,
        )

    def settle(self):
        """Wait until the page has nothing to load and nothing to show."""
        asked = None
        while asked != len(self.socket.received_of("history")):
            asked = len(self.socket.received_of("history"))
            self.page.evaluate(UNTIL_NOTHING_CHANGES)

    def tops(self):
        """Return where the visible messages are, by their texts."""
        return self.page.evaluate(
            """() => {
                const log = document.querySelector("[data-log]").getBoundingClientRect();
                return Object.fromEntries(
                    [...document.querySelectorAll("[data-lines] [data-part=text]")]
                        .map((text) => [text.textContent, text.getBoundingClientRect()])
                        .filter(([, box]) => box.bottom > log.top && box.top < log.bottom)
                        .map(([text, box]) => [text, box.top]));
            }"""
        )

    def reconnect(self, missed):
        """Lose the connection. The page returns when `missed` was said."""
        last = self.log.last
        for text in missed:
            self.log.say(text)
        self.socket.welcome = self.log.welcome(after=last)
        count = len(self.socket.sockets)
        self.socket.close(4012)
        until(self.page, lambda: len(self.socket.sockets) > count)
        connected(self.page)
        self.settle()


@pytest.fixture
def room(page):
    return lambda lines: Room(page, lines)


def test_thousands_who_came_and_went_are_one_item_among_the_messages(page, room):
    passing = [a_line(61 + n, kind=("entered", "left")[n % 2]) for n in range(3_000)]
    here = room([*messages(60), *passing])

    assert "count=messages" in here.socket.sockets[-1].url
    expect(page.locator(".presence")).to_have_text("1,500 people came and went")
    expect(message(page, "number 60")).to_be_visible()
    here.scroll("top")
    expect(message(page, re.compile("^number 1$"))).to_have_count(1)
    asked = here.socket.received_of("history")
    assert [(frame["count"], frame["limit"]) for frame in asked] == [("messages", 50)]


def test_people_who_come_and_go_for_hours_do_not_push_the_messages_out(page, room):
    here = room(messages(60))
    for begin in range(61, 4_061, 400):
        lines = [a_line(begin + n, kind=("entered", "left")[n % 2]) for n in range(400)]
        here.socket.send("lines", lines=lines)
    expect(page.locator(".presence")).to_contain_text("people came and went")
    expect(message(page, "number 60")).to_be_visible()
    assert here.items < 100


def test_a_reader_thousands_of_lines_up_is_not_moved_and_scrolls_back_to_the_end(page, room):
    here = room(messages(1_800))
    here.scroll_up_to(150)
    assert here.items <= MOST_ITEMS
    assert max(here.numbers()) < 1_800
    before, shown = here.tops(), here.numbers()
    assert len(before) > 5
    here.socket.send("lines", **here.log.say("number 1801"))
    expect(page.locator("[data-newest]")).to_contain_text("1 new since")
    here.settle()
    assert here.tops() == before
    assert here.numbers() == shown

    for _ in range(100):
        if 1_801 in here.numbers():
            break
        here.scroll("bottom")
        here.settle()
        assert here.items <= MOST_ITEMS
        numbers = here.numbers()
        assert numbers == list(range(numbers[0], numbers[-1] + 1))
    here.scroll("bottom")
    expect(page.locator("[data-newest]")).to_be_hidden()
    here.socket.send("lines", **here.log.say("number 1802"))
    expect(message(page, "number 1802")).to_be_in_viewport()


@pytest.mark.parametrize("way", ["pill", "say"])
def test_from_far_up_one_goes_straight_to_the_newest_messages(page, room, way):
    here = room(messages(1_800))
    here.scroll_up_to(100)
    here.socket.send("lines", **here.log.say("number 1801"))
    asked = len(here.socket.received_of("history"))
    if way == "pill":
        page.locator("[data-newest]").click()
    else:
        say(page, "my own")
    expect(message(page, "number 1801")).to_be_in_viewport()
    expect(page.locator("[data-newest]")).to_be_hidden()
    assert len(here.socket.received_of("history")) == asked + 1
    if way == "say":
        expect(message(page, "my own")).to_be_in_viewport()

    here.scroll_to_gap(0.1)
    until(page, lambda: here.numbers()[-60:] == list(range(1_742, 1_802)))


def test_what_was_missed_is_a_gap_that_loads_when_it_is_reached(page, room):
    here = room(messages(100, at="2026-05-05T12:02:00Z"))
    here.scroll_up_to(40)
    here.scroller.evaluate("log => { log.scrollTop -= 1 }")
    before = here.tops()
    here.reconnect([f"number {n}" for n in range(101, 701)])

    expect(page.locator("[data-newest]")).to_contain_text("600 new since ")
    # If it took long, a notice has made the log lower meanwhile, and positions are rounded.
    assert here.tops() == pytest.approx(before, abs=1)
    assert here.numbers() == [*range(1, 101), *range(651, 701)]
    gap = page.get_by_role("button", name="Messages in between")
    expect(gap).to_have_count(1)

    # From above it is loaded forward, from below backward. Nothing that is read moves.
    here.scroll_to_gap(1.5)
    until(page, lambda: 100 in [frame.get("after") for frame in here.socket.received])
    here.settle()
    assert 150 in here.numbers()
    page.locator("[data-newest]").click()
    expect(message(page, "number 700")).to_be_in_viewport()
    here.scroll_up_to(652)
    until(page, lambda: 651 in [frame.get("before") for frame in here.socket.received])
    here.settle()
    assert 601 in here.numbers()

    while gap.count():
        here.scroll_to_gap(0.6)
        here.settle()
    assert here.numbers() == list(range(1, 701))


def test_a_gap_in_sight_is_loaded_without_moving_what_the_reader_looks_at(page, room):
    here = room(messages(60))
    here.reconnect([f"number {n}" for n in range(61, 661)])
    gap = page.get_by_role("button", name="Messages in between")
    for share in (0.2, 0.8):  # of the height
        here.socket.answers.clear()
        here.socket.received.clear()
        here.scroll_to_gap(share)
        until(page, lambda: here.socket.received_of("history"))
        before = here.tops()
        here.socket.answers["history"] = here.log.history
        answer = here.log.history(here.socket.received_of("history")[-1])
        here.socket.send(answer.pop("type"), **answer)
        here.settle()
        now = here.tops()
        kept = [text for text in before if text in now and abs(now[text] - before[text]) <= 1]
        assert len(kept) >= 0.5 * len(before), share
        expect(gap).to_have_count(1)


def test_the_place_is_kept_when_the_layout_changes(page, room):
    here = room(messages(100))
    here.scroll_up_to(60)
    # When the reader has come to rest, the page notes the place, and Tab leads to what is visible.
    expect(page.locator("[data-lines] [tabindex='0']")).to_be_in_viewport()
    before = here.tops()
    page.evaluate("document.documentElement.dataset.layout = 'roomy'")
    here.settle()
    after = here.tops()
    assert len(after) < len(before)  # they are higher now
    first = min(before, key=before.get)
    assert abs(after[first] - before[first]) <= 12  # the text stands elsewhere in its message


def test_the_place_is_kept_while_the_window_is_dropped_and_filled_around_it(page, room):
    here = room(messages(1_700))
    here.scroll_up_to(900)
    for number in (700, 400, 100):
        here.scroll_up_to(number)
        before = here.tops()
        here.scroll("top")
        here.scroll_up_to(number)
        after = here.tops()
        assert set(before) & set(after)
        assert here.items <= MOST_ITEMS

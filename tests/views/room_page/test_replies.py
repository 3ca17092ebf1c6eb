"""Answers to messages: the quote in the composer and in the list, and the way to it and back."""

import re

from playwright.sync_api import expect

from tests.support.browser import connected, field, message, say
from tests.support.formatted import a_formatted_line
from tests.support.message_menu import context, edit_last
from tests.support.scripted_log import ScriptedLog, messages
from tests.support.scripted_socket import ScriptedSocket, a_line, until

LONG = "first words\nand  more " + "x" * 200
LINES = [a_line(1, LONG), a_line(2, "something else", name="ann")]


def quote(page):
    return page.locator("[data-part=quote]")


def begin_reply(page, text):
    message(page, text).hover()
    page.get_by_role("group", name="This message").get_by_role("button", name="Reply").click()
    expect(context(page)).to_contain_text("Replying to")  # its script is loaded


def test_an_answer_names_its_message_and_shows_it(page, socket):
    begin_reply(page, "first words")
    expect(field(page)).to_be_focused()
    description = f"Replying to bob {LONG[:11]} and more {'x' * 79}"
    expect(field(page)).to_have_accessible_description(description)
    say(page, "well said")
    until(page, lambda: socket.received_of("say"))
    [frame] = socket.received_of("say")
    assert (frame["reply"], frame["text"]) == (1, "well said")
    expect(context(page)).to_be_hidden()
    expect(quote(page)).to_contain_text("bob first words and more")
    say(page, "and another thing")
    socket.send("said", client_id=frame["client_id"], seq=3)
    until(page, lambda: len(socket.received_of("say")) == 2)
    assert "reply" not in socket.received_of("say")[1]


def test_an_answer_can_be_given_up_and_survives_a_reload(page, socket):
    begin_reply(page, "something else")
    field(page).press_sequentially("hm")
    page.reload()
    connected(page)
    expect(context(page)).to_contain_text("Replying to ann")
    expect(field(page)).to_have_value("hm")
    field(page).press("Escape")
    expect(context(page)).to_be_hidden()
    expect(field(page)).to_have_value("hm")
    expect(field(page)).to_have_accessible_description("")


def test_an_answer_that_is_not_sent_can_be_edited_and_stays_an_answer(page, socket):
    def refuse(frame):
        fields = {"code": "empty", "text": "", "client_id": frame["client_id"]}
        return {"type": "error", **fields}

    socket.answers["say"] = refuse
    begin_reply(page, "something else")
    say(page, "my answer")
    page.get_by_role("button", name="Edit", exact=True).click()
    expect(context(page)).to_contain_text("Replying to ann")
    expect(field(page)).to_have_value("my answer")


def test_the_bar_of_the_composer_shows_no_marks_of_formatting(page, socket):
    socket.lines[3] = a_formatted_line(3, "some **bold** words", name="me")
    socket.send("lines", lines=[socket.lines[3]])
    begin_reply(page, "some bold words")
    expect(context(page)).to_contain_text("Replying to me some bold words")
    field(page).press("Escape")
    expect(context(page)).to_be_hidden()
    edit_last(page)
    expect(context(page)).to_contain_text("Editing some bold words")
    expect(field(page)).to_have_value("some **bold** words")


def test_an_answer_to_me_is_marked_as_a_mention(page, socket):
    answers = [
        a_line(3, "for me", of=1, quote={"name": "me", "text": "mine"}),
        a_line(4, "for ann", of=2, quote={"name": "ann", "text": "hers"}),
    ]
    socket.send("lines", lines=answers)
    expect(message(page, "for ann")).to_be_visible()
    expect(page.locator("[data-mentioned=true]")).to_have_count(1)
    expect(page.locator("[data-mentioned=true]")).to_contain_text("for me")


def test_the_quote_leads_to_its_message_and_a_button_leads_back(page):
    lines = messages(2_000)
    lines[1_989] = a_line(1_990, "the answer", of=700, quote={"name": "bob", "text": "number 700"})
    log = ScriptedLog(lines)
    ScriptedSocket(page, log.welcome(), history=log.history)
    connected(page)
    back = page.get_by_role("button", name="Back to the reply")
    expect(back).to_be_hidden()
    expect(message(page, "the answer")).to_be_in_viewport()
    quote(page).click()
    expect(message(page, re.compile("^number 700$"))).to_be_in_viewport()
    expect(page.locator("[data-sought]")).to_be_focused()
    expect(page).to_have_url(re.compile("/r/lobby/$"))
    back.click()
    expect(message(page, "the answer")).to_be_in_viewport()
    expect(page.locator("[data-sought]")).to_contain_text("the answer")
    expect(back).to_be_hidden()


def test_an_answer_to_a_message_that_is_gone_says_so(page, socket):
    gone = {"name": "bob", "text": "", "removed": True}
    socket.send("lines", lines=[a_line(3, "<b>text</b>", of=1, quote=gone), a_line(4, "x", of=1)])
    expect(quote(page)).to_have_count(1)
    expect(quote(page)).to_have_text("bob This message was removed")

"""The actions of moderators on the page: their menus and dialogs, their undo, and reports."""

import pytest
from playwright.sync_api import expect

from tests.support.accessibility import assert_accessible
from tests.support.browser import connected, field
from tests.support.message_menu import menu, open_menu_by_keyboard
from tests.support.reflow import problems, set_text_size
from tests.support.scripted_rooms import ScriptedRooms, a_summary
from tests.support.scripted_socket import a_line, until

pytestmark = pytest.mark.scripted

ACTIONS = ["mute", "unmute", "kick", "ban", "unban", "purge", "unpurge", "slow", "lock", "unlock"]
ON_PEOPLE = ["Mute…", "Kick…", "Ban…", "Remove messages…"]
MUTED = {"kind": "mute", "room": 2, "lift": True}


class ScriptedModeration(ScriptedRooms):
    """The WebSocket of a moderator of the room 2, and perhaps of the site, who reads a spammer."""

    def __init__(self, page, *, actions=ACTIONS, on_site=(), **answers):
        garden = a_summary(2, role="moderator" if actions else "member", moderate=list(actions))
        self.lobby = a_summary(1, moderate=list(on_site))
        super().__init__(
            page,
            [garden],
            {2: [a_line(1, "hello"), a_line(2, "buy!", name="spammer")]},
            people=["me", "spammer"],
            moderate=self.moderate,
            report=self.report,
            **answers,
        )
        connected(page)
        if on_site:
            self.send("room", change="changed", room=self.lobby)
        page.get_by_role("navigation", name="Rooms").get_by_role("link", name="Room 2").click()
        expect(page.get_by_role("heading", name="Room 2")).to_be_visible()
        self.problem = None
        self.sanctions = []  # of the spammer
        self.remaining = []  # those that nothing ends
        self.answers_at_once = True

    def received_of(self, frame_type):
        """Leave out what the page asks about people to whom it offers something."""
        frames = super().received_of(frame_type)
        return [frame for frame in frames if frame.get("action") != "sanctions"]

    def moderate(self, frame):
        if frame["action"] == "sanctions":
            return {"type": "done" if self.answers_at_once else "unknown", **self.known()}
        if self.problem:
            code, text = self.problem
            return {"type": "error", "code": code, "text": text, "answer": "moderate"}
        fields = {"action": frame["action"], "room": frame.get("room")}
        made = {"entry": 7, "until": None, "count": 3, "remaining": self.remaining}
        return {"type": "done", "answer": "moderate", **fields, **made}

    def known(self):
        return {"answer": "moderate", "action": "sanctions", "sanctions": self.sanctions}

    def report(self, frame):
        return {"type": "done", "answer": "report", "room": frame["room"]}

    def asked(self, frame_type="moderate"):
        (frame,) = self.received_of(frame_type)[-1:]
        return {name: value for name, value in frame.items() if name != "type"}


def dialog(page, name):
    return page.get_by_role("dialog", name=name)


def flash(page):
    return page.locator("[data-flash]")


def begin(page, action):
    open_menu_by_keyboard(page, "buy!")
    menu(page).get_by_role("button", name=action, exact=True).click()


def test_the_menu_of_a_message_offers_what_this_moderator_may_do_to_its_author(page):
    ScriptedModeration(page)
    open_menu_by_keyboard(page, "buy!")
    group = menu(page).get_by_role("group", name="Moderation")
    assert group.get_by_role("button").all_inner_texts() == ON_PEOPLE
    expect(menu(page).get_by_role("button", name="Report…")).to_be_visible()
    assert_accessible(page)


def test_others_are_offered_to_report_and_nothing_more(page):
    ScriptedModeration(page, actions=())
    open_menu_by_keyboard(page, "buy!")
    expect(menu(page).get_by_role("button", name="Report…")).to_be_visible()
    expect(menu(page).get_by_role("group", name="Moderation")).to_be_hidden()


def test_a_mute_has_a_time_and_a_reason_and_is_undone_by_one_button(page):
    socket = ScriptedModeration(page)
    begin(page, "Mute…")
    expect(page.get_by_role("radio", name="10 minutes")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("too much")
    assert_accessible(page)
    page.keyboard.press("Enter")
    expect(dialog(page, "Mute spammer")).to_have_count(0)
    mute = {"action": "mute", "target": "spammer", "duration": "1h", "reason": "too much"}
    assert socket.asked() == {**mute, "room": 2}
    expect(flash(page)).to_contain_text("spammer is muted for good.")
    flash(page).get_by_role("button", name="Undo").click()
    until(page, lambda: len(socket.received_of("moderate")) == 2)
    assert socket.asked() == {"action": "lift", "target": "spammer", "entry": 7, "room": 2}
    expect(flash(page)).to_contain_text("undone")


def test_a_dialog_is_left_with_escape_and_a_refusal_keeps_what_was_typed(page):
    socket = ScriptedModeration(page)
    begin(page, "Ban…")
    expect(dialog(page, "Ban spammer")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog(page, "Ban spammer")).to_have_count(0)
    assert socket.received_of("moderate") == []
    socket.problem = "not_allowed", "You may not do that."
    begin(page, "Ban…")
    page.get_by_role("radio", name="For good").check()
    page.get_by_label("Reason").fill("spam")
    dialog(page, "Ban spammer").get_by_role("button", name="Ban").click()
    expect(page.get_by_role("alert")).to_have_text("You may not do that.")
    expect(page.get_by_label("Reason")).to_have_value("spam")
    assert socket.asked() == {"action": "ban", "target": "spammer", "reason": "spam", "room": 2}


def test_site_moderators_choose_between_the_room_and_the_site(page):
    socket = ScriptedModeration(page, on_site=ACTIONS)
    begin(page, "Kick…")
    expect(page.get_by_role("radio", name="For good")).to_have_count(0)
    page.get_by_role("radio", name="The whole site").check()
    dialog(page, "Kick spammer").get_by_role("button", name="Kick").click()
    expect(flash(page)).to_contain_text("spammer is out")
    assert socket.asked() == {"action": "kick", "target": "spammer", "duration": "10m"}


def test_messages_are_removed_and_come_back(page):
    socket = ScriptedModeration(page)
    begin(page, "Remove messages…")
    dialog(page, "Remove the messages").get_by_role("button", name="Remove").click()
    expect(flash(page)).to_contain_text("3 messages of spammer removed.")
    flash(page).get_by_role("button", name="Undo").click()
    expect(flash(page)).to_contain_text("3 messages are there again.")
    assert socket.asked() == {"action": "unpurge", "target": "spammer", "entry": 7, "room": 2}


def test_somebody_who_is_not_muted_cannot_be_unmuted(page):
    socket = ScriptedModeration(page)
    socket.sanctions = [MUTED]
    socket.problem = "no_entry", "There is nothing of that kind."
    begin(page, "Unmute")
    expect(flash(page)).to_have_text("spammer is not muted here.")


def open_card(page):
    page.locator(".message-name", has_text="spammer").click()
    card = page.get_by_role("dialog", name="spammer", exact=True)
    expect(card).to_be_visible()
    return card.get_by_role("group", name="Moderation").get_by_role("button")


def test_what_ends_a_mute_or_a_ban_is_offered_while_it_holds(page):
    socket = ScriptedModeration(page, on_site=ACTIONS)
    socket.sanctions = [MUTED, {**MUTED, "room": None}, {**MUTED, "kind": "ban", "lift": False}]
    open_menu_by_keyboard(page, "buy!")
    group = menu(page).get_by_role("group", name="Moderation")
    unmute = group.get_by_role("button", name="Unmute")
    expect(unmute).to_be_enabled()
    shown = ["Unmute", "Change…Change the mute…", "Kick…", "Ban…", ON_PEOPLE[-1]]
    expect(group.get_by_role("button")).to_have_text(shown)
    for _ in range(4):
        page.keyboard.press("ArrowUp")
    expect(group.get_by_role("button", name="Change the mute…")).to_be_focused()
    assert_accessible(page)
    unmute.click()
    until(page, lambda: len(socket.received_of("moderate")) == 2)
    asked = [frame.get("room") for frame in socket.received_of("moderate")]
    assert asked == [None, 2]
    assert socket.asked() == {"action": "unmute", "target": "spammer", "room": 2}
    expect(flash(page)).to_have_text("spammer may speak again.")


def test_what_nobody_may_lift_here_is_shown_and_not_offered(page):
    socket = ScriptedModeration(page)
    socket.sanctions = [{**MUTED, "lift": False}]
    open_menu_by_keyboard(page, "buy!")
    unmute = menu(page).get_by_role("button", name="Unmute")
    expect(unmute).to_be_disabled()
    expect(menu(page).get_by_role("button", name="Mute…")).to_have_count(0)


def test_a_mute_is_replaced_by_another_one_where_the_one_that_holds_may_be_lifted(page):
    socket = ScriptedModeration(page, on_site=ACTIONS)
    socket.sanctions = [MUTED]
    begin(page, "Change the mute…")
    page.get_by_role("radio", name="For good").check()
    page.get_by_role("radio", name="The whole site").check()
    page.keyboard.press("Enter")
    expect(flash(page)).to_contain_text("spammer is muted for good.")
    assert socket.asked() == {"action": "mute", "target": "spammer"}
    socket.sanctions = [MUTED, {**MUTED, "room": None, "lift": False}]
    begin(page, "Change the mute…")
    expect(page.get_by_role("radio", name="The whole site")).to_have_count(0)
    page.get_by_role("radio", name="1 hour").check()
    page.keyboard.press("Enter")
    until(page, lambda: len(socket.received_of("moderate")) == 2)
    asked = {"action": "mute", "target": "spammer", "duration": "1h", "room": 2}
    assert socket.asked() == asked


def test_the_page_says_what_still_holds(page):
    socket = ScriptedModeration(page)
    socket.sanctions = [MUTED]
    socket.remaining = [{"kind": "mute", "room": None}]
    begin(page, "Unmute")
    expect(flash(page)).to_have_text("spammer is still muted on the whole site.")
    socket.remaining = [{"kind": "mute", "room": 2}]
    begin(page, "Unmute")
    expect(flash(page)).to_have_text("spammer is still muted here.")
    socket.remaining = [{"kind": "mute", "room": 99}]
    begin(page, "Unmute")
    expect(flash(page)).to_have_text("spammer is still muted in another room.")


def test_nothing_moves_when_it_becomes_known_what_fits(page):
    socket = ScriptedModeration(page)
    socket.answers_at_once = False
    buttons = open_card(page)
    expect(buttons).to_have_text(ON_PEOPLE)
    expect(buttons.first).to_be_disabled()
    expect(buttons.last).to_be_enabled()
    places = page.locator(".moderation-buttons")
    boxes = "nodes => nodes.map((node) => JSON.stringify(node.getBoundingClientRect()))"
    before = places.evaluate_all(boxes)
    socket.sanctions = [MUTED, {**MUTED, "kind": "ban"}]
    socket.send("done", **socket.known())
    muted, banned = ["Unmute", "Change…Change the mute…"], ["Unban", "Change…Change the ban…"]
    expect(buttons).to_have_text([*muted, "Kick…", *banned, ON_PEOPLE[-1]])
    expect(buttons.first).to_be_enabled()
    assert places.evaluate_all(boxes) == before


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_card_of_a_person_offers_the_same(person, scheme):
    page, _ = person(opened=False, color_scheme=scheme)
    socket = ScriptedModeration(page)
    expect(open_card(page)).to_have_text(ON_PEOPLE)
    assert_accessible(page)
    card = page.get_by_role("dialog", name="spammer", exact=True)
    card.get_by_role("button", name="Report…").click()
    expect(dialog(page, "Report spammer")).to_be_visible()
    assert_accessible(page)
    page.keyboard.press("Enter")  # a report needs a reason
    expect(dialog(page, "Report spammer")).to_be_visible()
    page.keyboard.type("it is spam")
    page.keyboard.press("Enter")
    expect(flash(page)).to_have_text("Thank you. Moderators will look at it.")
    assert socket.asked("report") == {"name": "spammer", "why": "it is spam", "room": 2}


def test_a_message_is_reported_with_its_number(page):
    socket = ScriptedModeration(page, actions=())
    begin(page, "Report…")
    page.get_by_label("Why").fill("spam")
    page.keyboard.press("Enter")
    expect(flash(page)).to_have_text("Thank you. Moderators will look at it.")
    assert socket.asked("report") == {"seq": 2, "why": "spam", "room": 2}
    socket.send("told", about="report")
    expect(flash(page)).to_have_text("Moderators have looked at your report. Thank you.")


def test_moderators_change_the_rules_in_the_menu_of_the_room(page):
    socket = ScriptedModeration(page)
    page.locator("[data-room-menu] > summary").click()
    rules = page.get_by_role("group", name="Moderation")
    expect(rules.get_by_label("Moderators decide who may join")).to_be_hidden()
    assert_accessible(page)
    rules.get_by_label("Slow mode").select_option("1 minute")
    until(page, lambda: socket.received_of("moderate"))
    assert socket.asked() == {"action": "slow", "duration": "60s", "room": 2}
    rules.get_by_label("Only moderators may speak").click()
    until(page, lambda: len(socket.received_of("moderate")) == 2)
    assert socket.asked() == {"action": "lock", "room": 2}
    garden = a_summary(2, role="moderator", moderate=ACTIONS, slow=45, locked=True)
    socket.send("room", change="changed", room=garden)
    expect(rules.get_by_label("Slow mode")).to_have_value("45")
    expect(rules.get_by_label("Only moderators may speak")).to_be_checked()


def test_owners_let_moderators_decide_who_may_join(page):
    socket = ScriptedModeration(page, actions=[*ACTIONS, "rules"])
    page.locator("[data-room-menu] > summary").click()
    page.get_by_label("Moderators decide who may join").click()
    until(page, lambda: socket.received_of("moderate"))
    assert socket.asked() == {"action": "by_request", "room": 2}


def test_commands_do_the_same_for_moderators_alone(page):
    socket = ScriptedModeration(page)
    field(page).fill("/mute spammer 10m too much")
    field(page).press("Enter")
    expect(flash(page)).to_contain_text("spammer is muted")
    mute = {"action": "mute", "target": "spammer", "duration": "10m", "reason": "too much"}
    assert socket.asked() == {**mute, "room": 2}
    garden = a_summary(2, moderate=[])
    socket.send("room", change="changed", room=garden)
    expect(page.locator("[data-room-rules]")).to_have_attribute("hidden", "")
    field(page).fill("/mute spammer")
    field(page).press("Enter")
    expect(page.locator("[data-too-long]")).to_contain_text("There is no command /mute")
    expect(field(page)).to_have_value("/mute spammer")


@pytest.mark.parametrize(("width", "height", "percent"), [(390, 844, 200), (320, 480, 100)])
def test_large_text_and_small_windows_show_all_of_it(person, width, height, percent):
    page, _ = person(
        opened=False, viewport={"width": width, "height": height}, reduced_motion="reduce"
    )
    set_text_size(page, percent)
    known = {"type": "done", "answer": "moderate", "sanctions": []}
    socket = ScriptedRooms(page, [], people=["me"], moderate=lambda frame: known)
    connected(page)
    lobby = a_summary(1, moderate=ACTIONS)
    socket.send("room", change="changed", room=lobby)
    socket.send("lines", lines=[a_line(1, "buy!", name="a-name-of-thirty-characters-ab")])
    begin(page, "Ban…")
    expect(page.get_by_role("radio", name="For good")).to_be_visible()
    behind = "cannot be reached"  # what the dialog covers
    assert [each for each in problems(page) if not each.startswith(behind)] == []

"""Reactions: those at hand, the picker of all emoji, and who has given them."""

from playwright.sync_api import expect

from tests.support.browser import message
from tests.support.scripted_changes import refuse
from tests.support.scripted_socket import a_line, until

LINES = [
    a_line(1, "hello", reactions={"👍": ["ann", "bob"], "🎉": ["me"]}),
    a_line(2, "nothing here yet"),
]


def chips(page, seq=1):
    return page.locator(f"[data-seq='{seq}'] .reaction")


def people_shown(page):
    """Return the people whom the first reaction shows beside it."""
    return chips(page).first.evaluate("node => getComputedStyle(node, '::after').content")


def picker(page):
    return page.get_by_role("dialog", name="React with an emoji")


def open_picker(page, text):
    message(page, text).hover()
    page.get_by_role("group", name="This message").get_by_role("button", name="React").click()
    expect(picker(page)).to_be_visible()


def reactions(page, socket, count):
    """Return what was asked, when there are so many requests."""
    until(page, lambda: len(socket.received_of("react")) >= count)
    return [(one["seq"], one["emoji"], one["on"]) for one in socket.received_of("react")]


def test_reactions_are_counted_and_name_their_people(page, socket):
    expect(chips(page)).to_have_text(["👍 2", "🎉 1"])
    expect(chips(page).first).to_have_accessible_name("👍 2: ann and bob")
    expect(chips(page).first).to_have_attribute("aria-pressed", "false")
    expect(chips(page).last).to_have_attribute("aria-pressed", "true")
    until(page, lambda: people_shown(page) == "none")
    chips(page).first.hover()
    until(page, lambda: people_shown(page) == '"ann and bob"')
    page.mouse.move(5, 5)
    page.locator("[data-seq='1']").focus()
    page.keyboard.press("Tab")
    expect(chips(page).first).to_be_focused()
    until(page, lambda: people_shown(page) == '"ann and bob"')


def test_a_reaction_is_toggled_and_keeps_the_focus(page, socket):
    chips(page).first.focus()
    page.keyboard.press("Enter")
    expect(chips(page)).to_have_text(["👍 3", "🎉 1"])
    expect(chips(page).first).to_be_focused()
    page.keyboard.press("Enter")
    expect(chips(page)).to_have_text(["👍 2", "🎉 1"])
    chips(page).last.click()
    expect(chips(page)).to_have_text(["👍 2"])
    assert reactions(page, socket, 3) == [(1, "👍", True), (1, "👍", False), (1, "🎉", False)]


def test_the_reactions_of_others_come_and_go_and_are_not_announced(page, socket):
    socket.change("reacted", 2, "😮", name="bob")
    expect(chips(page, 2)).to_have_text(["😮 1"])
    expect(page.locator("[data-seq='2'] .reactions")).to_have_attribute("aria-live", "off")
    socket.change("reacted", 2, "-😮", name="bob")
    expect(chips(page, 2)).to_have_count(0)
    expect(page.locator("[data-seq='2'] .reactions")).to_have_count(0)


def test_one_at_hand_is_given_from_the_menu(page, socket):
    menu = page.locator("dialog.popup")
    page.locator("[data-seq='2']").focus()
    page.keyboard.press("Enter")
    expect(menu.get_by_role("button", name="thumbs up")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(chips(page, 2)).to_have_text(["❤️ 1"])
    page.locator("[data-seq='2']").focus()
    page.keyboard.press("Enter")
    expect(menu.get_by_role("button", name="heart")).to_have_attribute("aria-pressed", "true")
    expect(menu.get_by_role("list", name="Reactions")).to_have_text("❤️ you")


def test_all_emoji_are_loaded_when_the_picker_is_opened_and_found_by_words(page, socket):
    loaded = (
        "performance.getEntriesByType('resource').filter(({name}) => /emoji/.test(name)).length"
    )
    assert page.evaluate(loaded) == 0
    open_picker(page, "nothing here yet")
    field = picker(page).get_by_role("searchbox")
    expect(field).to_be_focused()
    grid = picker(page).get_by_role("group", name="Emoji", exact=True).get_by_role("button")
    expect(grid.first).to_have_accessible_name("grinning face")
    field.fill("lobster")
    expect(grid).to_have_count(1)
    expect(picker(page).get_by_role("status")).to_have_text("1 emoji")
    page.keyboard.press("Enter")
    expect(chips(page, 2)).to_have_text(["🦞 1"])
    expect(picker(page)).to_have_count(0)


def test_the_picker_is_walked_with_the_arrow_keys(page, socket):
    open_picker(page, "nothing here yet")
    grid = picker(page).get_by_role("group", name="Emoji", exact=True).get_by_role("button")
    expect(grid.first).to_be_attached()
    page.keyboard.press("ArrowDown")
    expect(grid.first).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(grid.nth(1)).to_be_focused()
    columns = grid.evaluate_all(
        "nodes => nodes.filter((node) => node.offsetTop === nodes[0].offsetTop).length"
    )
    page.keyboard.press("ArrowDown")
    expect(grid.nth(1 + columns)).to_be_focused()
    for _ in range(2):
        page.keyboard.press("ArrowUp")
    expect(picker(page).get_by_role("searchbox")).to_be_focused()
    picker(page).get_by_role("button", name="Flags").click()
    expect(grid.first).to_have_accessible_name("chequered flag")
    page.keyboard.press("Escape")
    expect(picker(page)).to_have_count(0)
    assert socket.received_of("react") == []


def test_what_is_typed_while_the_emoji_load_is_found_then(page, socket):
    held = []
    page.route("**/emoji*.json", lambda request: held.append(request))
    open_picker(page, "nothing here yet")
    field = picker(page).get_by_role("searchbox")
    for typed in ("x", "", "lobster"):
        field.fill(typed)
        expect(picker(page).get_by_role("status")).to_have_text("")
    until(page, lambda: held)
    held[0].continue_()
    expect(picker(page).get_by_role("status")).to_have_text("1 emoji")
    page.keyboard.press("Enter")
    expect(chips(page, 2)).to_have_text(["🦞 1"])


def test_a_search_without_a_result_says_so(page, socket):
    open_picker(page, "nothing here yet")
    picker(page).get_by_role("searchbox").fill("qqqq")
    expect(picker(page).get_by_role("status")).to_have_text("No emoji is called that.")
    page.keyboard.press("Enter")
    expect(picker(page)).to_be_visible()


def test_a_refused_reaction_gives_the_reason(page, socket):
    socket.answers["react"] = refuse("A message can have 20 kinds of reactions.")
    chips(page).first.click()
    expect(page.locator("[data-flash]")).to_have_text("A message can have 20 kinds of reactions.")
    expect(chips(page)).to_have_text(["👍 2", "🎉 1"])


def test_an_emoji_that_cannot_be_loaded_is_explained(page, socket):
    page.route("**/emoji*.json", lambda request: request.abort())
    open_picker_fails(page)
    expect(page.locator("[data-flash]")).to_contain_text("could not be loaded")
    expect(picker(page)).to_have_count(0)


def open_picker_fails(page):
    message(page, "nothing here yet").hover()
    page.get_by_role("group", name="This message").get_by_role("button", name="React").click()


def test_an_emoji_is_completed_while_one_writes(page, socket):
    field = page.get_by_label("Message", exact=True)
    options = page.get_by_role("listbox", name="Completions").get_by_role("option")
    field.press_sequentially("party :tad")
    expect(options.first).to_have_text("🎉:tada:")
    page.keyboard.press("Enter")
    expect(field).to_have_value("party 🎉 ")


def test_a_command_is_completed_at_the_beginning(page, socket):
    field = page.get_by_label("Message", exact=True)
    options = page.get_by_role("listbox", name="Completions").get_by_role("option")
    field.press_sequentially("/t")
    expect(options).to_have_text(["/topic[TEXT]"])
    page.keyboard.press("Tab")
    expect(field).to_have_value("/topic ")

"""The room on paper: all messages that are loaded, black on white."""

import re

from playwright.sync_api import expect

from tests.support.scripted_socket import ScriptedSocket, a_line, a_welcome

BLACK, NO_COLOUR = "rgb(0, 0, 0)", "rgba(0, 0, 0, 0)"
LINES = [a_line(seq, f"message {seq}", name="me" if seq % 3 else "bob") for seq in range(1, 101)]
COLOURS = """
() => {
  const nodes = [...document.body.querySelectorAll("*")];
  const shown = nodes.filter((node) => node.checkVisibility() && !node.closest("svg"));
  const styles = shown.map((node) => getComputedStyle(node));
  const values = (name) => [...new Set(styles.map((style) => style[name]))];
  return [values("color"), values("backgroundColor"), values("backgroundImage")];
}
"""


def test_all_messages_are_printed_black_on_white_without_the_parts_of_the_page(person):
    page, _ = person(viewport={"width": 1280, "height": 800}, color_scheme="dark")
    socket = ScriptedSocket(page, a_welcome(LINES, people=["me", "bob"]))
    expect(page.locator("[data-lines] .message")).to_have_count(100)
    socket.send("lines", lines=[a_line(101, "", kind="removed", of=100)])
    expect(page.locator("[data-removed=true]")).to_have_count(1)
    page.get_by_label("Message", exact=True).fill("not said yet")
    page.emulate_media(media="print")

    log = page.locator("[data-log]")
    assert log.evaluate("log => getComputedStyle(log).overflowY") == "visible"
    assert log.evaluate("log => log.clientHeight") > 100 * 20
    assert page.evaluate("document.documentElement.scrollHeight") > 100 * 20
    assert page.evaluate(COLOURS) == [[BLACK], [NO_COLOUR], ["none"]]
    root = "getComputedStyle(document.documentElement)"
    assert page.evaluate(f"[{root}.colorScheme, {root}.backgroundColor]") == ["light", NO_COLOUR]
    for part in ("textarea", "button:not(.day *)", "[data-people]", "[data-status]", ".mark"):
        assert page.locator(f"{part}:visible").count() == 0, part
    expect(page.get_by_role("heading", name="Lobby")).to_be_visible()
    expect(page.locator(".message:not([data-continued=true]) .message-name").first).to_be_visible()

    pages = len(re.findall(rb"/Type /Page\b", page.pdf()))
    assert 3 <= pages <= 20

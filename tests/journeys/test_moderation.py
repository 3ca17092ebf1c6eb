"""A story of moderation: a moderator in a browser, and the people concerned at terminals."""

import pytest
from playwright.sync_api import expect

from tests.support.browser import connected, message, say
from tests.support.message_menu import menu, open_menu_by_keyboard
from tests.support.room_setup import run_code
from tests.support.servers import Server
from tests.support.telnet import TerminalTelnet, answer_to_login
from tests.support.waiting import wait_until

SPAM = "buy my watches"
SIGHTS = "which sights are near the station"
EVERYTHING = [  # from the beginning of the story to its end
    "Report: spammer",
    "Mute: spammer",
    "Handle a report: spammer",
    "Ban: address:127.0.0.1",
    "Remove all messages: spammer",
    "Restore all messages: spammer",
    "Remove all messages: spammer",
    "Unban: address:127.0.0.1",
    "Release a message: {newcomer}",
]


@pytest.fixture(scope="module")
def server():
    """A server that takes the address of a connection from this host for that of the client."""
    with Server(TRUSTED_PROXIES="192.0.2.1") as server:
        yield server
        server.assert_no_traceback()


@pytest.fixture
def warden(server, person):
    """The page of an administrator."""
    page, name = person("warden")
    run_code(server, f"User.objects.filter(username={name!r}).update(is_superuser=True)")
    page.goto(server.url)
    connected(page)
    return page


def open_section(page, server, section):
    page.goto(f"{server.url}/moderation/{section}/")


def return_to_the_room(page, server):
    page.goto(server.url)
    connected(page)


def test_a_spammer_is_sent_away_and_a_newcomer_is_let_in(server, person, warden):
    spammer, witness = TerminalTelnet(server, "spammer"), TerminalTelnet(server, "witness")
    spammer.ask(f"say {SPAM}", f"spammer: {SPAM}\n")
    mute_by_report(server, warden, spammer, witness)
    ban_by_address(server, warden, spammer)
    purge_and_undo(server, warden)
    start_to_hold_messages(server)
    end_ban(server, warden)
    newcomer = release_message(server, person, warden)
    open_section(warden, server, "log")
    told = [text.format(newcomer=newcomer) for text in EVERYTHING]
    entries = warden.locator(".listing .listing-text > p:first-child").all_inner_texts()
    assert [entry.partition(" (")[0].partition(" in ")[0] for entry in reversed(entries)] == told


def mute_by_report(server, page, spammer, witness):
    """Let the witness report the spammer, and the moderator handle the report by a mute."""
    witness.ask("report spammer sells things", "Thank you, the moderators have your report \n")
    open_section(page, server, "reports")
    report = page.get_by_role("listitem").filter(has_text="“sells things”")
    report.get_by_text("Decide").click()
    report.get_by_label("What to do").select_option("Mute on the whole site")
    report.get_by_label("How long").select_option("1 hour")
    report.get_by_label("Reason").fill("spam")
    report.get_by_role("button", name="Do it").click()
    expect(page.get_by_text("The report is handled")).to_be_visible()
    for terminal in (spammer, witness):
        terminal.until("* spammer was muted for 1 hour: spam\n")
    witness.until("* Your report was looked at. Thank you.\n")
    witness.leave()
    spammer.ask("say buy more", "You are muted until ")
    spammer.until(": spam \n")
    spammer.leave()


def ban_by_address(server, page, spammer):
    """Let the spammer come back under a similar name, and the moderator ban the address."""
    lookalike = TerminalTelnet(server, "sparnmer")
    lookalike.ask("say buy more", "You are muted until ")
    lookalike.until(": spam \n")
    open_section(page, server, "sanctions")
    page.get_by_role("searchbox").fill("spammer")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url("**/?q=spammer")  # a page that is being left cannot be reloaded
    address = page.get_by_text("address:127.0.0.1").first
    # Addresses are stored in the background.
    wait_until(lambda: page.reload() and address.is_visible(), "the address is not known")
    page.get_by_text("Mute, kick or ban somebody").click()
    page.get_by_label("Whom").fill("address:127.0.0.1")
    page.get_by_label("What", exact=True).select_option("ban")
    page.get_by_label("How long").select_option("1 hour")
    page.get_by_label("Reason").fill("spam")
    page.get_by_role("button", name="Do it").click()
    lookalike.until("* You are banned until ")
    lookalike.until("Connection closed by foreign host")
    assert answer_to_login(server, "other") == "Connect SuccessUserName Exist"


def purge_and_undo(server, page):
    """Remove what the spammer has said in the last hour, restore it, and remove it again."""
    return_to_the_room(page, server)
    flash = page.locator("[data-flash]")
    for is_undone in (True, False):
        open_menu_by_keyboard(page, SPAM)
        menu(page).get_by_role("button", name="Remove messages…").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("1 hour").check()
        dialog.get_by_role("button", name="Remove").click()
        undo = flash.get_by_role("button", name="Undo")
        undo.focus()  # it stays for some seconds, or while it is in use
        expect(flash).to_contain_text("1 message of spammer removed.")
        expect(message(page, SPAM)).to_have_count(0)
        if is_undone:
            undo.click()
            expect(message(page, SPAM)).to_be_visible()


def start_to_hold_messages(server):
    """Start the server again with other settings. The sanctions hold as before."""
    server.stop()
    server.environment["HOLD_FIRST"] = "1"
    server.start()
    assert answer_to_login(server, "other") == "Connect SuccessUserName Exist"


def end_ban(server, page):
    open_section(page, server, "sanctions")
    page.get_by_role("button", name="Lift the Ban of address:127.0.0.1").click()
    expect(page.get_by_role("button", name="Lift the Ban of address:127.0.0.1")).to_have_count(0)
    assert answer_to_login(server, "other") == "Connect SuccessLogin Success"


def release_message(server, person, page):
    """Let a newcomer say something, and the moderator release it. Return the newcomer's name."""
    reader = TerminalTelnet(server, "reader")
    newcomer, name = person("newcomer")
    say(newcomer, SIGHTS)
    held = newcomer.locator("[data-state=held]", has_text=SIGHTS)
    expect(held).to_contain_text("Waiting for approval")
    open_section(page, server, "held")
    waiting = page.get_by_role("listitem").filter(has_text=SIGHTS)
    waiting.get_by_role("button", name=f"Release {name}").click()
    expect(page.get_by_text("No message waits for approval.")).to_be_visible()
    reader.until(f"{name}: {SIGHTS}\n")
    expect(newcomer.locator("[data-state=sent]", has_text=SIGHTS)).to_be_visible()
    say(newcomer, "thank you")
    reader.until(f"{name}: thank you\n")
    reader.leave()
    return name

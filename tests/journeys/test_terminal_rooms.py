"""Journeys at a terminal in several rooms: real telnet, as a guest and as a member."""

import pytest
from playwright.sync_api import expect

from tests.support.browser import message, say
from tests.support.delivery import web_members
from tests.support.room_setup import create_key, create_room, run_code
from tests.support.telnet import CharacterTelnet, TerminalTelnet

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ann(server):
    """The name of a member, who has an open room for guests and a private one."""
    (member,) = web_members(server, 1, "ann")
    tea = create_room(server, member.name, "Tea Room", topic="All about tea")
    run_code(server, f"Room.objects.filter(pk={tea}).update(guests_allowed=True)")
    create_room(server, member.name, "Cellar", private=True)
    return member.name


class KeyTelnet(TerminalTelnet):
    """A member at a terminal."""

    def __init__(self, server, name):
        super().__init__(server, f"{name} {create_key(server, name)}")
        self.name = name


@pytest.mark.parametrize("program", [TerminalTelnet, CharacterTelnet])
def test_a_guest_talks_in_two_rooms(server, ann, program):
    member = KeyTelnet(server, ann)
    guest = program(server, program.__name__.lower())
    guest.ask("rooms", "Other Rooms:\n#tea-room (Tea Room) All about tea\n")
    guest.ask("join tea room", "You have joined #tea-room \n")
    member.until(f"#tea-room * {guest.name} has joined the room.\n")
    guest.ask("to tea-room a cup, please", f"#tea-room {guest.name}: a cup, please\n")
    guest.ask("say hello everybody", f"{guest.name}: hello everybody\n")
    member.until(f"{guest.name}: hello everybody\n")
    member.ask("go tea-room", "You speak to #tea-room \n")
    member.ask("say here you are", f"#tea-room {member.name}: here you are\n")
    guest.until(f"#tea-room {member.name}: here you are\n")
    guest.ask("go tea-room", "You speak to #tea-room \n")
    guest.ask("look", f"Online Users:\n{member.name}\n{guest.name}\n")
    guest.ask("history", f"{member.name}: here you are\n")
    guest.ask("leave", "You have left #tea-room \n")
    guest.ask("say bye", f"{guest.name}: bye\n")
    member.ask("to cellar alone", f" {member.name}: alone\n")
    guest.leave()
    member.until(f"{guest.name} has left the room.\n")
    member.leave()
    assert "alone" not in guest.screen
    assert "Unknown" not in guest.screen + member.screen


def test_a_member_at_a_terminal_and_one_in_a_browser_write_to_each_other(server, ann, person):
    page, bob = person("terry")
    member = KeyTelnet(server, ann)
    member.ask(f"msg {bob} hello terry", f"@{ann}: hello terry\n")
    page.get_by_role("link", name=ann).first.click()
    expect(message(page, "hello terry")).to_be_visible()
    say(page, "hello terminal")
    member.until(f"@{bob}: hello terminal\n")
    member.leave()

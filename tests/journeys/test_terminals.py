"""Journeys at terminals: real telnet in line and in character mode, netcat, and a bare CR."""

import socket

import pytest

from tests.support.clients import PATIENCE
from tests.support.telnet import (
    BACKSPACE,
    CTRL_BACKSLASH,
    CTRL_C,
    CTRL_CLOSING_BRACKET,
    CharacterTelnet,
    Netcat,
    Telnet,
    TerminalTelnet,
)

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("program", [Telnet, Netcat, TerminalTelnet, CharacterTelnet])
def test_a_guest_of_any_program_talks_looks_and_leaves(server, program):
    name = f"{program.__name__.lower()}-one"
    listener = Telnet(server, f"{name}-listener")
    guest = program(server, name)
    listener.until(f"{name} has entered the room.\n")
    guest.ask("help", "logout - leave\n")
    assert "\nsay TEXT - speak to the room\n" in guest.screen
    guest.type("say hello from a terminal")
    listener.until(f"{name}: hello from a terminal\n")
    guest.ask("look", f"Online Users:\n{listener.name}\n{name}\n")
    listener.type("say welcome")
    guest.until(f"{listener.name}: welcome\n")
    guest.leave()
    listener.until(f"{name} has left the room.\n")
    assert "Unknown" not in guest.screen
    listener.leave()


@pytest.mark.parametrize("key", [CTRL_C, CTRL_BACKSLASH], ids=["ctrl-c", "ctrl-backslash"])
def test_output_goes_on_after_a_key_that_interrupts_in_line_mode(server, key):
    guest = TerminalTelnet(server, f"interrupter-{ord(key)}")
    for _ in range(2):
        guest.press(key)
        guest.ask("look", f"Online Users:\n{guest.name}\n")
    guest.ask("say still here", f"{guest.name}: still here\n")
    guest.leave()


def test_output_goes_on_after_a_key_that_interrupts_before_the_login(server):
    class Impatient(TerminalTelnet):
        def prepare(self):
            self.press(CTRL_C)
            self.press(CTRL_BACKSLASH)

    guest = Impatient(server, "impatient")
    guest.ask("look", "Online Users:\nimpatient\n")
    guest.leave()


def test_lines_are_understood_after_a_synch(server):
    """With this setting the keys that interrupt also send urgent data."""

    class Synchronising(TerminalTelnet):
        def prepare(self):
            self.press(CTRL_CLOSING_BRACKET)
            self.until("telnet> ")
            self.type("toggle autosynch")
            self.until("urgent mode.\n")

    guest = Synchronising(server, "synch")
    for key in (CTRL_C, CTRL_BACKSLASH):
        guest.press(key)
        guest.ask("look", "Online Users:\nsynch\n")
    guest.leave()


def test_output_goes_on_after_keys_that_interrupt_in_character_mode(server):
    guest = CharacterTelnet(server, "presser")
    guest.press(CTRL_C)
    guest.press(CTRL_BACKSLASH)
    guest.ask("look", "Unknown command \x03\x1clook \n")  # here they are characters of the line
    guest.ask("look", "Online Users:\npresser\n")
    guest.press(CTRL_C)
    guest.press(BACKSPACE)
    guest.ask("look", "Online Users:\npresser\n")
    guest.leave()


def test_backspace_edits_a_line_in_character_mode(server):
    guest = CharacterTelnet(server, f"typist-x{BACKSPACE}one")
    guest.ask(f"say helo{BACKSPACE}lo", "typist-one: hello\n")
    guest.ask(f"say añ{BACKSPACE}nd e\u0301{BACKSPACE}é", "typist-one: and é\n")
    guest.ask(f"{BACKSPACE * 9}lokk{BACKSPACE * 2}ok", "Online Users:\ntypist-one\n")
    guest.leave()


def test_a_client_that_sends_only_cr_talks_looks_and_leaves(server):
    with socket.create_connection(server.legacy_address, timeout=PATIENCE) as client:
        answers = (
            ("", "Connect Success"),
            ("login bare\r", "Login Success"),
            ("say one\rsay two\r", "bare: one\nbare: two\n"),
            ("look\r", "Online Users:\nbare\n"),
            ("logout\r", ""),
        )
        for sent, answer in answers:
            client.sendall(sent.encode())
            received = b""
            while len(received) < len(answer):
                received += client.recv(1000)
            assert received.decode() == answer
        assert client.recv(1) == b""

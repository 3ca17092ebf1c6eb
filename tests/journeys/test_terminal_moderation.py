"""A story of moderation at terminals, with real telnet in pseudo-terminals."""

import pytest

from tests.support.room_setup import create_key, run_code
from tests.support.servers import Server
from tests.support.telnet import CharacterTelnet, Telnet, TerminalTelnet, answer_to_login

pytestmark = pytest.mark.slow


@pytest.fixture
def server():
    """A server that takes the address of a connection from this host for that of the client."""
    with Server(TRUSTED_PROXIES="192.0.2.1") as server:
        yield server
        server.assert_no_traceback()


@pytest.fixture
def warden(server):
    """An administrator at a terminal."""
    run_code(server, "User.objects.create_superuser('warden')")
    warden = TerminalTelnet(server, f"warden {create_key(server, 'warden')}")
    yield warden
    warden.leave()


def test_a_spammer_is_reported_muted_banned_by_address_and_loses_what_was_said(server, warden):
    spammer = TerminalTelnet(server, "spammer")
    spammer.ask("mute warden", "Unknown command mute \n")
    spammer.ask("say buy now", "spammer: buy now\n")
    guest = Telnet(server, "guest")
    guest.ask("report spammer sells things", "Thank you, the moderators have your report \n")
    warden.ask("reports", " #lobby spammer, reported by guest: sells things\n")
    warden.ask("mute spammer 10m spam", "Muted spammer on the site for 10 minutes \n")
    spammer.until("* spammer was muted for 10 minutes: spam\n")
    spammer.ask("say buy more", "You are muted until ")
    spammer.until(": spam \n")
    spammer.leave()
    warden.ask("handle 1", "Handled 1 \n")
    guest.until("* Your report was looked at. Thank you.\n")
    guest.leave()

    lookalike = TerminalTelnet(server, "sparnmer")  # the same name by its key
    lookalike.ask("say buy more", "You are muted until ")
    warden.ask(
        "ban address:127.0.0.1 1h spam", "Banned address:127.0.0.1 from the site for 1 hour \n"
    )
    lookalike.until("* You are banned until ")
    lookalike.until("Connection closed by foreign host")
    assert answer_to_login(server, "other") == "Connect SuccessUserName Exist"

    removed = "Removed 1 message of spammer, unpurge restores them within 10 minutes \n"
    warden.ask("purge spammer 60 spam", removed)
    warden.ask("unpurge", "Restored 1 message \n")
    warden.ask("history", "spammer: buy now\n")
    warden.ask("purge spammer 60 spam", removed)
    warden.ask("unban address:127.0.0.1", "address:127.0.0.1 may come back \n")
    assert answer_to_login(server, "other") == "Connect SuccessLogin Success"
    actions = "print(list(ModerationEntry.objects.order_by('pk').values_list('action', 'door')))"
    assert run_code(server, actions).splitlines()[-1] == str(
        [
            (action, "text")
            for action in ("report", "mute", "handle", "ban", "purge", "unpurge", "purge", "unban")
        ]
    )


def test_what_the_operator_does_at_the_command_line_reaches_the_people_who_are_here(server):
    guest, listener = Telnet(server, "spammer"), Telnet(server, "listener")
    server.manage("moderate", "mute", "spammer", "--for", "10m", "--reason", "spam")
    listener.until("* spammer was muted for 10 minutes: spam\n")
    guest.ask("say buy", "You are muted until ")
    server.manage("moderate", "lock", "--room", "lobby")
    listener.until("* Moderator has locked the room: only moderators speak.\n")
    listener.ask("say hello", "Only moderators may speak there now \n")
    server.manage("moderate", "kick", "spammer")
    guest.until("* You are banned until ")
    guest.until("Connection closed by foreign host")
    assert answer_to_login(server, "spammer") == "Connect SuccessUserName Exist"
    listener.leave()


@pytest.mark.parametrize("program", [TerminalTelnet, CharacterTelnet])
def test_somebody_who_waits_in_slow_mode_leaves_at_once(server, warden, program):
    warden.ask("slow 600", "Slow mode: one message in 600 seconds \n")
    guest, gone = program(server, "guest"), program(server, "gone")
    for waiting in (guest, gone):
        waiting.ask("say one", f"{waiting.name}: one\n")
        waiting.ask("say two", "Slow mode: your message will be said in 10 minutes \n")
    guest.leave()
    gone.process.kill()
    gone.process.wait()
    for waiting in (guest, gone):
        warden.until(f"{waiting.name} has left the room.\n")
    assert ": two\n" not in warden.screen

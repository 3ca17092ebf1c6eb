"""A story of moderation at terminals, with real telnet in pseudo-terminals."""

import socket

import pytest

from tests.support.clients import PATIENCE
from tests.support.room_setup import create_key, run_code
from tests.support.telnet import TerminalTelnet

pytestmark = pytest.mark.slow


@pytest.fixture
def warden(server):
    """An administrator at a terminal."""
    run_code(server, "User.objects.create_superuser('warden')")
    warden = TerminalTelnet(server, f"warden {create_key(server, 'warden')}")
    yield warden
    warden.leave()


def answer_to_login(server, name):
    """Return what a new connection is sent until it has an answer to its login."""
    with socket.create_connection(server.legacy_address, timeout=PATIENCE) as client:
        received = client.recv(100)
        client.sendall(f"login {name}\n".encode())
        return (received + client.recv(100)).decode()


def test_a_spammer_is_muted_banned_by_address_and_loses_what_was_said(server, warden):
    spammer = TerminalTelnet(server, "spammer")
    spammer.ask("mute warden", "Unknown command mute \n")
    spammer.ask("say buy now", "spammer: buy now\n")
    warden.until("spammer: buy now\n")
    warden.ask("mute spammer 10m spam", "Muted spammer on the site for 10 minutes \n")
    spammer.until("* spammer was muted for 10 minutes: spam\n")
    spammer.ask("say buy more", "You are muted until ")
    spammer.until(": spam \n")
    spammer.leave()

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
        [(action, "text") for action in ("mute", "ban", "purge", "unpurge", "purge", "unban")]
    )

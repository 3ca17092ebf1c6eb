"""`manage.py moderate` and `manage.py invite`: the operator moderates from the command line."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from chat.accounts import applications, invitations
from chat.management.moderating import ACTIONS
from chat.models import (
    HeldMessage,
    Invitation,
    JoinRequest,
    Membership,
    Message,
    Presence,
    Report,
    Room,
    Sanction,
    SeenAddress,
    User,
)
from chat.room import creation
from tests.support.accounts import PASSWORD
from tests.support.log import say
from tests.support.moderation_entries import entries, new_entries
from tests.support.presence import enter


@pytest.fixture
def garden(lobby, alice):
    return creation.create(alice, "Garden")


@pytest.fixture
def run(capsys):
    """A function that runs a command and returns the lines that it prints."""

    def run_and_read(*words):
        call_command(*words)
        return capsys.readouterr().out.splitlines()

    return run_and_read


@pytest.fixture
def moderate(run):
    return lambda *words: run("moderate", *words)


@pytest.fixture
def refused(capsys):
    """A function that runs a command that fails, and returns its sentence."""

    def run_and_fail(*words):
        with pytest.raises(SystemExit) as ended:
            call_command(*words)
        assert ended.value.code == 1
        (sentence,) = capsys.readouterr().err.splitlines()
        return sentence.removeprefix("chatsite: ")

    return run_and_fail


def conversation(lobby, *people, process):
    """Let people enter and say something in the lobby; return their stays."""
    stays = enter(lobby, *people, process=process)
    for number, stay in enumerate(stays):
        say(lobby, stay, f"text {number}")
    return stays


# Sanctions


def test_the_operator_mutes_and_unmutes_at_the_command_line(moderate, garden, alice):
    done, undo = moderate("mute", "alice", "--for", "10m", "--reason", "noise", "--room", "garden")
    sanction = Sanction.objects.get()
    assert done.startswith("alice is muted in Garden, until ")
    assert undo == f"To undo it: manage.py moderate lift {sanction.pk}"
    assert sanction.until - sanction.since == timedelta(minutes=10)
    assert (sanction.reason, sanction.by) == ("noise", "")
    assert moderate("unmute", "alice", "--room", "garden") == ["Lifted: mute of alice, Garden."]
    found = [entry for entry in new_entries() if entry[3] == "command"]
    assert found == [("mute", "", "alice", "command"), ("unmute", "", "alice", "command")]


def test_the_operator_is_told_what_still_holds_after_an_unmute(moderate, garden, alice):
    moderate("mute", "alice")
    moderate("mute", "alice", "--room", "garden")
    on_site = Sanction.objects.get(room=None)
    assert moderate("unmute", "alice", "--room", "garden") == [
        "Lifted: mute of alice, Garden.",
        "Still holds: mute of alice, the whole site. "
        f"Lift it by: manage.py moderate lift {on_site.pk}",
    ]


def test_the_operator_kicks_and_bans_at_the_command_line_also_administrators(
    moderate, lobby, alice, process
):
    User.objects.filter(pk=alice.pk).update(is_superuser=True)
    enter(lobby, alice, process=process)
    moderate("kick", "alice")
    assert not Presence.objects.exists()
    moderate("ban", "Eve")
    moderate("ban", "address:203.0.113.7")
    assert [line.split("  ")[1:5] for line in moderate("sanctions")] == [
        ["ban", "address:203.0.113.7", "the whole site", "for good"],
        ["ban", "Eve", "the whole site", "for good"],
        ["kick", "alice", "the whole site", moderate("sanctions", "alice")[0].split("  ")[4]],
    ]
    assert moderate("unban", "еve") == ["Lifted: ban of Eve, the whole site."]
    assert len(moderate("unban", "alice")) == 1
    number = Sanction.objects.get(network="203.0.113.7/32").pk
    assert len(moderate("lift", str(number))) == 1
    assert moderate("sanctions") == []


# Messages


def test_the_operator_removes_a_message_at_the_command_line(moderate, lobby, alice, process):
    conversation(lobby, alice, process=process)
    assert moderate("remove", "2", "--room", "lobby") == ["The message is removed."]
    assert Message.objects.get(seq=2).removed
    assert [action for action, *_, door in entries("action", "door") if door == "command"] == [
        "remove"
    ]


def test_the_operator_purges_and_undoes_it_at_the_command_line(moderate, lobby, alice, process):
    conversation(lobby, alice, "eve", process=process)
    done, undo = moderate("purge", "eve", "--for", "1h", "--reason", "spam")
    assert done == "Removed messages of eve: 1."
    assert list(Message.objects.filter(removed=True).values_list("text", flat=True)) == ["text 1"]
    assert moderate(*undo.split()[-2:]) == ["Restored messages: 1."]
    assert not Message.objects.filter(removed=True).exists()


# Rooms


def test_the_operator_changes_the_rules_of_a_room_at_the_command_line(moderate, garden):
    in_garden = ("--room", "garden")
    assert moderate("slow", "30", *in_garden) == ["Slow mode in Garden: 30 seconds."]
    assert moderate("lock", *in_garden) == ["Garden is locked."]
    moderate("by-request", "on", *in_garden)
    assert moderate("notices", "off", *in_garden) == ["No line tells Garden what moderators do."]
    room = Room.objects.get(pk=garden.pk)
    assert (room.slow_seconds, room.locked, room.by_request) == (30, True, True)
    assert not room.tells_moderation
    moderate("slow", "off", *in_garden)
    moderate("unlock", *in_garden)
    moderate("by-request", "off", *in_garden)
    room.refresh_from_db()
    assert (room.slow_seconds, room.locked, room.by_request) == (0, False, False)
    lines = Message.objects.filter(room=garden, kind="rules")
    assert lines.count() == 6
    assert len([door for (door,) in entries("door") if door == "command"]) == 7


# Decisions


def test_the_operator_decides_about_reports_at_the_command_line(moderate, garden):
    for name in ("eve", "mallory"):
        Report.objects.create(
            room=garden,
            name=name,
            key=name,
            reporter_name="bob",
            reporter_key="bob",
            why="rude",
            at=timezone.now(),
        )
    first, second = (line.split("  ")[0] for line in moderate("reports"))
    moderate("handle", first, "--reason", "muted")
    moderate("dismiss", second)
    assert list(Report.objects.order_by("pk").values_list("state", flat=True)) == [
        "handled",
        "dismissed",
    ]
    assert moderate("reports") == []


def test_the_operator_decides_about_held_messages_at_the_command_line(moderate, garden, bob):
    for text in ("hello", "buy"):
        HeldMessage.objects.create(
            room=garden, user=bob, name="bob", key=bob.key, text=text, at=timezone.now()
        )
    first, second = moderate("held")
    assert first.endswith("Garden  bob: hello")
    moderate("release", first.split("  ")[0])
    moderate("refuse", second.split("  ")[0], "--reason", "advertising")
    said = Message.objects.filter(room=garden, kind="said").values_list("text", flat=True)
    assert list(said) == ["hello"]
    assert moderate("held") == []


def test_the_operator_lets_people_in_at_the_command_line(moderate, garden, bob):
    request = JoinRequest.objects.create(room=garden, user=bob, at=timezone.now())
    assert [line.split("  ")[-2:] for line in moderate("requests")] == [["Garden", "bob"]]
    moderate("admit", str(request.pk))
    assert Membership.objects.filter(room=garden, user=bob).exists()
    Membership.objects.filter(room=garden, user=bob).delete()
    request = JoinRequest.objects.create(room=garden, user=bob, at=timezone.now())
    moderate("decline", str(request.pk), "--reason", "full")
    assert not Membership.objects.filter(room=garden, user=bob).exists()
    assert moderate("requests") == []


def test_the_operator_approves_accounts_at_the_command_line(moderate, lobby):
    dora, eve = (applications.apply(name, PASSWORD, "", "please") for name in ("dora", "eve"))
    assert [line.split("  ")[-1] for line in moderate("applications")] == [
        "dora: please",
        "eve: please",
    ]
    moderate("approve", str(dora.pk))
    moderate("reject", str(eve.pk), "--reason", "no")
    assert User.objects.get(username="dora").is_active
    assert not User.objects.get(username="eve").is_active


# Lists


def test_the_log_of_moderation_is_listed_at_the_command_line(moderate, garden, alice):
    moderate("mute", "alice", "--reason", "noise")
    moderate("lock", "--room", "garden")
    newest, *_ = moderate("log")
    assert newest.endswith("the operator  lock  Garden  locked  (command line)")
    assert [line.split("  ")[3] for line in moderate("log", "alice")] == ["mute"]
    assert "lock" in moderate("log", "--room", "garden")[0]


def test_addresses_are_listed_at_the_command_line(moderate, lobby):
    at = timezone.now()
    SeenAddress.objects.create(key="eve", name="Eve", address="203.0.113.7", at=at)
    for target in ("еve", "address:203.0.113.7", "network:203.0.113.0/24"):
        assert [line.split("  ")[1:] for line in moderate("addresses", target)] == [
            ["Eve", "203.0.113.7"]
        ]
    assert moderate("addresses", "nobody") == []


def test_what_concerns_a_larger_network_is_listed_for_an_address_in_it(moderate, lobby):
    moderate("ban", "network:2001:db8::/48")
    for shown in ("sanctions", "log"):
        (line,) = moderate(shown, "address:2001:0DB8:0:7::1")
        assert "network:2001:db8::/48" in line
        assert moderate(shown, "address:2001:db8:1::1") == []


def test_lists_contain_no_control_characters_of_strangers(moderate, garden, bob):
    HeldMessage.objects.create(
        room=garden, user=bob, name="bob", key="bob", text="\x1b[2Jgone\nline", at=timezone.now()
    )
    (line,) = moderate("held")
    assert line.endswith("bob: [2Jgone line")


# Errors


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["mute"],
            "write it as: manage.py moderate mute TARGET [--room ROOM] [--for DURATION] "
            "[--reason TEXT]",
        ),
        (["lock"], "write it as: manage.py moderate lock --room ROOM"),
        (["lock", "eve", "--room", "lobby"], "write it as: manage.py moderate lock --room ROOM"),
        (
            ["purge", "eve"],
            "write it as: manage.py moderate purge TARGET [--room ROOM] "
            "--for DURATION [--reason TEXT]",
        ),
        (
            ["unmute", "eve", "--for", "5m"],
            "write it as: manage.py moderate unmute TARGET [--room ROOM]",
        ),
        (["lift", "x"], "'x' is no number; the lists begin each line with one"),
        (["lift", "9" * 30], f"'{'9' * 30}' is no number; the lists begin each line with one"),
        (["lift", "7"], "There is nothing like that, or not any more."),
        (
            ["slow", "soon", "--room", "lobby"],
            "'soon' is no number; the lists begin each line with one",
        ),
        (["by-request", "maybe", "--room", "lobby"], "'maybe' is neither on nor off"),
        (["smite", "eve"], "there is no action 'smite'; manage.py moderate --help lists them"),
        (
            ["mute", "eve", "--for", "soon"],
            "A duration looks like 30s, 10m, 2h, 7d or 4w, and is at most ten years.",
        ),
        (["mute", "eve", "--room", "nowhere"], "There is no such room."),
        (["mute", "eve", "--reason", "x" * 301], "A reason has at most 300 characters."),
        (
            ["ban", "network:0.0.0.0/0"],
            "A target is a name, an address such as address:203.0.113.7, or a network such as "
            "network:2001:db8::/64, which must not be too large.",
        ),
        (["unmute", "eve"], "There is nothing like that, or not any more."),
        (["remove", "7", "--room", "lobby"], "There is no such message, or it is removed already."),
    ],
)
def test_a_command_that_cannot_be_meant_is_answered_by_one_sentence(
    refused, lobby, words, sentence
):
    assert refused("moderate", *words) == sentence
    assert not Sanction.objects.exists()


def test_the_help_shows_how_each_action_is_written(capsys):
    with pytest.raises(SystemExit):
        call_command("moderate", "--help")
    shown = capsys.readouterr().out
    for name in ACTIONS:
        assert f"\n  {name}" in shown


# Invitations


def test_the_operator_makes_lists_and_revokes_invitations(run, garden):
    (link,) = run("invite", "--room", "garden", "--uses", "2", "--for", "7d")
    created = Invitation.objects.get()
    assert link.endswith(invitations.path(created))
    assert (created.room, created.max_uses, created.by) == (garden, 2, "")
    (line,) = run("invite", "--list")
    assert line.startswith(f"{created.pk}  ")
    assert "Garden  used 0 of 2" in line
    assert created.token not in line
    run("invite", "--revoke", str(created.pk))
    assert run("invite", "--list")[0].endswith("revoked")
    found = [entry for entry in entries("action", "door") if entry[1] == "command"]
    assert found == [("invite", "command"), ("revoke", "command")]


@pytest.mark.parametrize(
    ("site_url", "hosts", "begin", "assumed"),
    [
        ("https://chat.example", ["chat.example"], "https://chat.example/join/", ""),
        ("", ["chat.example"], "http://chat.example/join/", "the only host of ALLOWED_HOSTS"),
        ("", ["a.example", "b.example"], "/join/", "write the address of the site before"),
    ],
)
def test_a_link_of_the_command_line_says_what_it_assumes(
    lobby, settings, capsys, site_url, hosts, begin, assumed
):
    settings.SITE_URL, settings.ALLOWED_HOSTS = site_url, hosts
    call_command("invite")
    shown = capsys.readouterr()
    assert shown.out.startswith(begin)
    assert assumed in shown.err
    assert bool(shown.err) == bool(assumed)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--uses", "0"], "--uses must be a number from 1 to 10000"),
        (["--room", "nowhere"], "There is no such room."),
        (
            ["--for", "0m"],
            "A duration looks like 30s, 10m, 2h, 7d or 4w, and is at most ten years.",
        ),
        (["--revoke", "7"], "There is nothing like that, or not any more."),
    ],
)
def test_an_invitation_that_cannot_be_meant_is_answered_by_one_sentence(
    refused, lobby, words, sentence
):
    assert refused("invite", *words) == sentence
    assert not Invitation.objects.exists()

"""The words of moderation on the legacy port."""

import pytest
from django.utils import timezone

from chat.accounts import access_keys, lifecycle
from chat.models import Message, ModerationEntry, Room, User
from chat.room import membership, seen_addresses
from chat.room.seen_addresses import Sighting
from tests.support.text_clients import NO_PERSON, enter, on_site, play

pytestmark = pytest.mark.django_db(transaction=True)

MODERATOR_LINES = [
    "mute dave 10m",
    "unmute dave",
    "kick dave",
    "ban dave",
    "unban dave",
    "purge dave 10",
    "unpurge",
    "slow 30",
    "lock",
    "unlock",
    "reports",
    "handle 1",
    "dismiss 1",
    "release 1",
    "refuse 1 no",
]


MISTAKES = [
    ("mute", "Usage: mute TARGET [DURATION] [REASON] \n"),
    ("unmute dave now", "Usage: unmute TARGET \n"),
    ("purge dave", "Usage: purge TARGET MINUTES [REASON] \n"),
    ("purge dave 0", "Usage: purge TARGET MINUTES [REASON] \n"),
    ("purge dave 99999999999999999999", "Usage: purge TARGET MINUTES [REASON] \n"),
    ("slow", "Usage: slow SECONDS|off \n"),
    ("slow soon", "Usage: slow SECONDS|off \n"),
    ("purge dave 10081", "That time is too long \n"),
    ("slow 21601", "That time is too long \n"),
    ("release", "Usage: release N \n"),
    ("release ٣", "Usage: release N \n"),
    ("release 999999999999999999", "Nothing with that number waits for you \n"),
    ("report", "Usage: report NAME WHY \n"),
    ("report dave", "Usage: report NAME WHY \n"),
    (f"report dave {'x' * 301}", "Reason too long (300 characters at most) \n"),
    ("report alice me", "You may not do that \n"),
    ("mute dave 0m", "A duration is a number with s, m, h, d or w, such as 10m \n"),
    ("ban network:0.0.0.0/0", "That is neither a name nor an address or a network \n"),
    ("mute #dave", NO_PERSON),
    ("mute alice", "You may not do that \n"),
    (f"mute dave {'x' * 301}", "Reason too long (300 characters at most) \n"),
]


@pytest.fixture
def keys(keys):
    """The access keys, with one of erin, who moderates the site."""
    erin = User.objects.create_user("erin", is_staff=True)
    return keys | {"erin": access_keys.create(erin, "terminal")}


def entries():
    """Return the log of moderation as (action, by, target, room, reason)."""
    fields = ("action", "by", "target", "room", "reason")
    return list(ModerationEntry.objects.order_by("pk").values_list(*fields))


def test_the_words_for_moderators_are_unknown_to_others(garden, bob, keys):
    membership.join(garden.pk, bob)

    async def journey():
        _, ben, dave = await enter(keys, "alice", "bob", "dave")
        for client in (ben, dave):
            await client.answer("join rose-garden")
            for _ in range(2):  # in the lobby, and in the room
                shown = await client.answer("help")
                for line in MODERATOR_LINES:
                    word = line.split()[0]
                    assert await client.answer(line) == f"Unknown command {word} \n"
                    assert f"\n{word} " not in shown
                await client.answer("go rose-garden")

    play(journey)
    assert not ModerationEntry.objects.exists()


def test_addresses_are_shown_to_those_who_may_see_them_and_unknown_to_others(garden, keys):
    User.objects.filter(username="bob").update(is_superuser=True)

    async def journey():
        boss, erin, dave = await enter(keys, "bob", "erin", "dave")
        assert "No addresses are known \n" in await boss.answer("addresses nobody")
        await on_site(seen_addresses.store, [Sighting("dave", None, "203.0.113.7", timezone.now())])
        shown = await boss.answer("addresses dave")
        assert shown.endswith(" dave 203.0.113.7\n")
        for target in ("address:203.0.113.7", "Network:203.0.113.0/24"):
            assert " dave 203.0.113.7\n" in await boss.answer(f"addresses {target}")
        assert "Usage: addresses TARGET \n" in await boss.answer("addresses dave now")
        for other in (erin, dave):
            assert await other.answer("addresses dave") == "Unknown command addresses \n"
            assert "addresses" not in await other.answer("help")
        assert "\naddresses TARGET - " in await boss.answer("help")

    play(journey)


def test_the_words_are_known_in_the_rooms_that_one_moderates(garden, keys):
    async def journey():
        ann, erin, _ = await enter(keys, "alice", "erin", "dave")
        assert await ann.answer("kick dave") == "Unknown command kick \n"
        await ann.answer("go rose-garden")
        for client in (ann, erin):
            shown = await client.answer("help")
            for line in MODERATOR_LINES:
                assert f"\n{line.split()[0]} " in shown
                assert "Unknown command" not in await client.answer(line.split()[0])

    play(journey)


def test_somebody_is_muted_for_a_time_and_speaks_again_after_unmute(garden, keys):
    async def journey():
        ann, dave = await enter(keys, "alice", "dave")
        await ann.answer("go rose-garden")
        await dave.answer("join rose-garden")
        answer = await ann.answer("mute DAVE 10m too  loud")
        assert "Muted dave in #rose-garden for 10 minutes \n" in answer
        await dave.until("#rose-garden * dave was muted for 10 minutes: too loud\n")
        told = await dave.answer("to rose-garden hello")
        assert told.startswith("You are muted until ")
        assert told.endswith(": too loud \n")
        assert "dave: here\n" in await dave.answer("say here")  # in the lobby
        assert "dave may speak again \n" in await ann.answer("unmute dave")
        assert "#rose-garden dave: hello\n" in await dave.answer("to rose-garden hello")
        assert "There is nothing to undo \n" in await ann.answer("unmute dave")

    play(journey)
    assert entries() == [
        ("mute", "alice", "dave", "Rose Garden", "too loud"),
        ("unmute", "alice", "dave", "Rose Garden", ""),
    ]


def test_somebody_who_was_kicked_out_of_a_room_may_not_come_back_until_unban(garden, keys):
    async def journey():
        ann, dave = await enter(keys, "alice", "dave")
        await ann.answer("go rose-garden")
        await dave.answer("join rose-garden")
        kicked = await ann.answer("kick dave 10m too loud")
        assert "Kicked dave from #rose-garden for 10 minutes \n" in kicked
        await dave.until("#rose-garden * dave has left the room.\n")
        await dave.until("* You are banned from #rose-garden until ")
        await dave.until(": too loud\n")
        told = await dave.answer("join rose-garden")
        assert told.startswith("You are banned from that room until ")
        assert "dave may come back \n" in await ann.answer("unban dave")
        assert "You have joined #rose-garden \n" in await dave.answer("join rose-garden")

    play(journey)


def test_somebody_who_is_banned_from_the_site_is_told_why_and_cannot_log_in(garden, keys):
    async def journey():
        erin, dave = await enter(keys, "erin", "dave")
        assert "Banned dave from the site for 2 hours \n" in await erin.answer("ban dave 2h spam")
        await dave.until("* You are banned until ")
        await dave.until(": spam.\n")
        await dave.closed.wait()
        again = await type(dave)("dave").connect()
        await again.ask("login dave", "UserName Exist")
        assert again.text == "Connect SuccessUserName Exist"
        await again.leave()
        assert "dave may come back \n" in await erin.answer("unban dave")
        await type(dave)("dave").enter()

    play(journey)


def test_what_somebody_said_is_removed_and_restored(garden, keys):
    async def journey():
        ann, dave = await enter(keys, "alice", "dave")
        await ann.answer("go rose-garden")
        await dave.answer("join rose-garden")
        await dave.answer("to rose-garden buy")
        await dave.answer("to rose-garden now")
        removed = "Removed 2 messages of dave, unpurge restores them within 10 minutes \n"
        assert removed in await ann.answer("purge dave 60 spam")
        assert "buy" not in await ann.answer("history")
        assert "Restored 2 messages \n" in await ann.answer("unpurge")
        assert "dave: buy\n" in await ann.answer("history")
        assert "There is nothing to undo \n" in await ann.answer("unpurge")

    play(journey)
    assert [entry[0] for entry in entries()] == ["purge", "unpurge"]
    assert not Message.objects.filter(removed=True).exists()


def test_a_room_is_locked_and_unlocked(garden, keys):
    async def journey():
        ann, dave = await enter(keys, "alice", "dave")
        await ann.answer("go rose-garden")
        await dave.answer("join rose-garden")
        assert "Only moderators speak there now \n" in await ann.answer("lock")
        await dave.until("#rose-garden * alice has locked the room: only moderators speak.\n")
        assert "Only moderators may speak there now \n" in await dave.answer("to rose-garden hi")
        assert "#rose-garden alice: hi\n" in await ann.answer("say hi")
        assert "Everybody may speak there again \n" in await ann.answer("unlock")
        assert "#rose-garden dave: hi\n" in await dave.answer("to rose-garden hi")

    play(journey)


def test_a_guest_reports_somebody_and_a_moderator_closes_it(garden, keys):
    async def journey():
        ann, dave, mary = await enter(keys, "alice", "dave", "big mary")
        for guest in (dave, mary):
            await guest.answer("join rose-garden")
        await dave.answer("go rose-garden")
        thanks = "Thank you, the moderators have your report \n"
        assert thanks in await dave.answer("report big mary is too loud")
        assert NO_PERSON in await dave.answer("report nobody is too loud")
        await ann.answer("go rose-garden")
        listed = await ann.answer("reports")
        assert " #rose-garden big mary, reported by dave: is too loud\n" in listed
        number = listed.split("Reports:\n")[1].split()[0]
        assert f"Handled {number} \n" in await ann.answer(f"handle {number}")
        assert "That has been decided already \n" in await ann.answer(f"dismiss {number}")
        assert "Nothing waits for you \n" in await ann.answer("reports")
        assert "Nothing with that number waits for you \n" in await ann.answer("dismiss 999")

    play(journey)


def test_held_messages_are_released_and_refused(garden, keys, settings):
    settings.HOLD_FIRST = 1

    async def journey():
        ann, dave = await enter(keys, "alice", "dave")
        await ann.answer("go rose-garden")
        await dave.answer("join rose-garden")
        for text in ("hello", "spam"):
            assert "Held for approval \n" in await dave.answer(f"to rose-garden {text}")
        listed = (await ann.answer("reports")).split("Held Messages:\n")[1].splitlines()
        first, second = (line.split()[0] for line in listed[:2])
        assert f"Released {first} \n" in await ann.answer(f"release {first}")
        await dave.until("#rose-garden dave: hello\n")
        assert f"Refused {second} \n" in await ann.answer(f"refuse {second} no spam")
        assert "That has been decided already \n" in await ann.answer(f"release {second}")
        assert "spam" not in await ann.answer("history")

    play(journey)


def test_what_cannot_be_done_is_explained(garden, keys):
    async def journey():
        ann, _ = await enter(keys, "alice", "dave")
        await ann.answer("go rose-garden")
        for line, answer in MISTAKES:
            assert answer in await ann.answer(line)

    play(journey)
    assert not ModerationEntry.objects.exists()


def test_the_words_mean_the_whole_site_in_the_lobby_for_site_moderators(garden, keys):
    async def journey():
        erin, dave = await enter(keys, "erin", "dave")
        assert "Muted dave on the site for good \n" in await erin.answer("mute dave")
        await dave.answer("join rose-garden")
        for line in ("say hello", "to rose-garden hello"):
            assert "You are muted \n" in await dave.answer(line)

    play(journey)


def test_a_room_that_was_lost_after_go_is_not_moderated_any_more(garden, bob, keys):
    membership.join(garden.pk, bob)
    membership.set_role(garden.pk, bob, "moderator", User.objects.get(username="alice"))

    async def journey():
        (ben,) = await enter(keys, "bob")
        await ben.answer("go rose-garden")
        assert "Unknown" not in await ben.answer("reports")
        await on_site(membership.part, garden.pk, bob)
        assert "Unknown command reports \n" in await ben.answer("reports")

    play(journey)
    assert not Room.objects.filter(locked=True).exists()


def test_somebody_whose_account_is_deactivated_is_told(garden, bob, keys):
    async def journey():
        (ben,) = await enter(keys, "bob")
        await on_site(lifecycle.deactivate, bob)
        await ben.until("* Your account is deactivated.\n")
        await ben.closed.wait()

    play(journey)

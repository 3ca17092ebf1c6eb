"""Slow mode on the legacy port: a message that comes too soon waits, and its client with it."""

from datetime import timedelta

import pytest

from chat.consumers.input_gate import InputGate
from chat.models import Message, Room
from tests.support.text_clients import enter, on_site, play

pytestmark = pytest.mark.django_db(transaction=True)

LONG = 3600  # seconds


def said():
    return list(Message.objects.filter(kind="said").order_by("pk").values_list("text", flat=True))


def slow(room, seconds):
    Room.objects.filter(pk=room.pk).update(slow_seconds=seconds)


def seconds_of(room):
    return Room.objects.get(pk=room.pk).slow_seconds


def let_pass(seconds):
    """Let all messages be some seconds older."""
    for message in Message.objects.all():
        message.at -= timedelta(seconds=seconds)
        message.save(update_fields=["at"])


@pytest.fixture
def quick_waiting(monkeypatch):
    """Let the time pass at once for which a client is held; return the list of these times."""
    waits = []

    async def hold(gate, wait, *args, **options):
        waits.append(wait)
        await on_site(let_pass, wait)

    monkeypatch.setattr(InputGate, "hold", hold)
    return waits


async def enter_garden(keys):
    alice, carol = await enter(keys, "alice", "carol")
    await carol.answer("join rose-garden")
    await carol.answer("go rose-garden")
    return alice, carol


def test_a_message_that_comes_too_soon_is_said_by_itself_and_before_what_follows(
    garden, keys, quick_waiting
):
    slow(garden, LONG)

    async def journey():
        _, carol = await enter_garden(keys)
        await carol.ask("say one", "#rose-garden carol: one\n")
        shown = await carol.ask("say two\nlook", "Online Users:\nalice\ncarol\n")
        assert shown == (
            "Slow mode: your message will be said in 60 minutes \n"
            "#rose-garden carol: two\nOnline Users:\nalice\ncarol\n"
        )

    play(journey)
    assert said() == ["one", "two"]
    (waited,) = quick_waiting
    assert LONG - 100 < waited <= LONG


def test_a_moderator_sets_slow_mode_and_ends_it(garden, keys):
    async def journey():
        alice, carol = await enter_garden(keys)
        await alice.answer("go rose-garden")
        assert "30 seconds" in await alice.answer("slow 30")
        await carol.until("alice has set slow mode: one message in 30 seconds.\n")
        assert await on_site(seconds_of, garden) == 30
        await alice.answer("slow off")
        assert await on_site(seconds_of, garden) == 0

    play(journey)


def test_moderators_do_not_wait(garden, keys):
    slow(garden, LONG)

    async def journey():
        alice, _ = await enter_garden(keys)
        for text in ("one", "two"):
            await alice.ask(f"to rose-garden {text}", f"#rose-garden alice: {text}\n")

    play(journey)


def test_a_logout_ends_the_waiting(garden, keys):
    slow(garden, LONG)

    async def journey():
        alice, carol = await enter_garden(keys)
        await carol.ask("say one", "#rose-garden carol: one\n")
        await carol.ask("say two", "Slow mode: your message will be said in 60 minutes \n")
        carol.write("look")
        await carol.log_out()
        assert carol.text.count("Too soon, please try again in 60 minutes \n") == 1
        assert carol.text.endswith("Online Users:\nalice\ncarol\n")  # what came before the logout
        await alice.until("carol has left the room.\n")

    play(journey)
    assert said() == ["one"]


def test_the_end_of_the_connection_ends_the_waiting(garden, keys):
    slow(garden, LONG)

    async def journey():
        alice, carol = await enter_garden(keys)
        await carol.ask("say one", "#rose-garden carol: one\n")
        await carol.ask("say two", "Slow mode: ")
        await carol.leave()
        await alice.until("carol has left the room.\n")

    play(journey)
    assert said() == ["one"]

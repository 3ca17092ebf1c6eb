"""Numbers on the legacy port, and the words about messages with a number."""

import re

import pytest
from django.db import OperationalError

from chat.consumers import text_numbers
from chat.live.member import Member
from chat.models import Message, ModerationEntry
from chat.room import membership
from tests.support.text_clients import NO_ROOM, enter, on_site, play

pytestmark = pytest.mark.django_db(transaction=True)


async def say(client, text):
    """Let a client with numbers say something, and return the number."""
    heard = await client.ask(f"say {text}", f"{client.name}: {text}\n")
    return int(re.search(rf"^(\d+) {client.name}: ", heard, re.MULTILINE)[1])


async def with_numbers(keys, *names):
    clients = await enter(keys, *names)
    for client in clients:
        await client.ask("numbers", "Lines have numbers now \n")
    return clients


def test_numbers_stand_before_the_lines_of_one_connection_until_they_are_turned_off(keys):
    async def journey():
        ann, carol = await enter(keys, "alice", "carol")
        await ann.ask("numbers", "Lines have numbers now \n")
        number = await say(ann, "one")
        assert (await carol.until("alice: one\n")).endswith("\nalice: one\n")
        await carol.ask("say two", "carol: two\n")
        await ann.until(f"{number + 1} carol: two\n")
        assert f"{number + 1} 20" in await ann.answer("history 1")
        await ann.ask("numbers", "Lines have no numbers now \n")
        assert await ann.answer("say three") == "alice: three\n"
        assert (await ann.answer("history 1"))[:2] == "20"

    play(journey)


def test_numbers_stand_before_the_lines_of_rooms_that_are_joined_later(garden, keys):
    async def journey():
        alice, carol = await enter(keys, "alice", "carol")
        await carol.ask("numbers", "Lines have numbers now \n")
        await carol.ask("join rose-garden", "You have joined #rose-garden \n")
        await alice.answer("to rose-garden hello")
        heard = await carol.until("#rose-garden alice: hello\n")
        number = Message.objects.filter(room=garden, kind="said").values_list("seq", flat=True)
        assert heard.endswith(f"\n{await on_site(number.get)} #rose-garden alice: hello\n")

    play(journey)


def test_the_words_with_numbers_are_unknown_without_them(keys):
    async def journey():
        (carol,) = await enter(keys, "carol")
        for word in text_numbers.HANDLERS:
            assert await carol.answer(f"{word} 1 x") == f"Unknown command {word} \n"
            assert f"\n{word} N" not in await carol.answer("help")
        await carol.answer("numbers")
        for word in text_numbers.HANDLERS:
            assert f"\n{word} N" in await carol.answer("help")

    play(journey)


def test_a_guest_replies_edits_reacts_and_removes(keys):
    async def journey():
        carol, dave = await with_numbers(keys, "carol", "dave")
        number = await say(carol, "hello")
        reply = await dave.ask(f"reply {number} welcome", "dave: welcome\n")
        assert reply.endswith(f"{number + 1} dave: > carol: hello\n{number + 1} dave: welcome\n")
        await carol.ask(f"edit {number} good morning", f"{number} * carol edited: good morning\n")
        await dave.until(f"{number} * carol edited: good morning\n")
        assert "Nothing has changed" in await carol.answer(f"edit {number} good morning")
        assert "dave: > carol: good morning\n" in await carol.answer("history 2")
        assert "You may not do that" in await dave.answer(f"edit {number} mine")
        assert await dave.answer(f"react {number} 👍") == f"You have reacted to {number} with 👍 \n"
        assert "You react to" in await dave.answer(f"react {number} 👍")
        assert await carol.answer(f"remove {number}") == f"You have removed {number} \n"
        assert "Nothing has changed" in await carol.answer(f"remove {number}")
        assert "dave: > carol: (removed)\n" in await dave.answer("history 1")
        assert "There is no such message" in await dave.answer(f"react {number} 👍")

    play(journey)


def test_a_moderator_removes_the_message_of_another_by_its_number(garden, keys):
    async def journey():
        alice, carol = await enter(keys, "alice", "carol")
        await carol.answer("join rose-garden")
        await alice.ask("numbers", "Lines have numbers now \n")
        await alice.answer("go rose-garden")
        await carol.answer("to rose-garden buy now")
        heard = await alice.until("#rose-garden carol: buy now\n")
        number = re.search(r"^(\d+) #rose-garden carol: buy", heard, re.MULTILINE)[1]
        assert await alice.answer(f"remove {number}") == f"You have removed {number} \n"

    play(journey)
    assert Message.objects.get(text="buy now").removed
    entry = ModerationEntry.objects.get()
    assert (entry.action, entry.target, entry.door) == ("remove", "carol", "text")


def test_the_words_mean_the_room_of_go(garden, keys):
    async def journey():
        alice, _ = await with_numbers(keys, "alice", "bob")
        lobby = await say(alice, "in the lobby")
        await alice.ask("go rose-garden", "You speak to #rose-garden \n")
        heard = await alice.ask("say here", "#rose-garden alice: here\n")
        number = re.search(r"^(\d+) #rose-garden alice: here", heard, re.MULTILINE)[1]
        await alice.ask(f"edit {number} there", f"{number} #rose-garden * alice edited: there\n")
        await alice.ask("go", "You speak to #lobby \n")
        await alice.ask(f"edit {lobby} still", f"{lobby} * alice edited: still\n")

    play(journey)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("reply", "Usage: reply N TEXT"),
        ("reply x hello", "Usage: reply N TEXT"),
        ("reply 1", "Usage: reply N TEXT"),
        ("edit 1", "Usage: edit N TEXT"),
        ("edit ١ x", "Usage: edit N TEXT"),
        ("edit -1 x", "Usage: edit N TEXT"),
        ("edit 1 \u200b", "Usage: edit N TEXT"),
        ("remove", "Usage: remove N"),
        ("remove " + "9" * 5000, "Usage: remove N"),
        ("react 1", "Usage: react N EMOJI"),
        ("react 1 :+1:", "That is not an emoji"),
        ("react 1 👍👍", "That is not an emoji"),
        ("react 1 👍", "There is no such message"),
        ("reply 999999999999999999 x", "There is no such message"),
        ("edit 1 " + "x" * 4001, "Message too long (4000 characters at most)"),
        ("reply 1 " + "x" * 4001, "Message too long (4000 characters at most)"),
    ],
)
def test_a_word_that_makes_no_sense_is_answered(keys, line, answer):
    async def journey():
        (carol,) = await with_numbers(keys, "carol")
        assert await carol.answer(line) == f"{answer} \n"

    play(journey)


def test_an_outage_is_answered_by_what_was_not_done(keys, monkeypatch):
    async def fail(*arguments):
        raise OperationalError

    async def journey():
        (carol,) = await with_numbers(keys, "carol")
        number = await say(carol, "hello")
        monkeypatch.setattr(Member, "amend", fail)
        monkeypatch.setattr(Member, "say", fail)
        assert "Not done, please try again" in await carol.answer(f"edit {number} x")
        assert "Not sent, please try again" in await carol.answer(f"reply {number} x")

    play(journey)


def test_the_words_find_nothing_in_a_room_that_was_lost(garden, cellar, alice, bob, keys):
    membership.invite(cellar.pk, bob, alice)

    async def journey():
        ben, _ = await with_numbers(keys, "bob", "alice")
        await ben.ask(f"go #{cellar.slug}", f"You speak to #{cellar.slug} \n")
        await on_site(membership.remove, cellar.pk, bob, alice)
        await ben.until(f"* You are no longer in #{cellar.slug}\n")
        assert await ben.answer("remove 1") == NO_ROOM

    play(journey)

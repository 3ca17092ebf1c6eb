"""Ignoring people on the legacy port: guests and members see nothing more of somebody."""

import re

import pytest

from tests.support.text_clients import NO_PERSON, NOT_ALLOWED, enter, play

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_guest_ignores_people_while_they_stay(keys):
    async def journey():
        alice, carol, dave = await enter(keys, "alice", "carol", "dave")
        assert "You ignore nobody \n" in await carol.answer("ignore")
        assert "You see nothing more of dave \n" in await carol.answer("ignore dave")
        assert "You see nothing more of alice \n" in await carol.answer("ignore ALICE")
        assert "You ignore: alice, dave \n" in await carol.answer("ignore")
        await dave.ask("say hidden", "dave: hidden\n")
        await alice.until("dave: hidden\n")
        await carol.ask("say mine", "carol: mine\n")
        assert "hidden" not in carol.text + await carol.answer("history")
        assert "You see again what dave says \n" in await carol.answer("unignore dave")
        await dave.ask("say shown", "dave: shown\n")
        await carol.until("dave: shown\n")
        assert "dave: hidden\n" in await carol.answer("history")

        await carol.leave()
        (carol,) = await enter(keys, "carol")
        assert "You ignore nobody \n" in await carol.answer("ignore")

    play(journey)


def test_the_list_of_a_member_stays(keys):
    async def journey():
        alice, dave = await enter(keys, "alice", "dave")
        await alice.answer("ignore dave")
        await alice.leave()
        (alice,) = await enter(keys, "alice")
        assert "You ignore: dave \n" in await alice.answer("ignore")
        await dave.ask("say hidden", "dave: hidden\n")
        await alice.ask("say mine", "alice: mine\n")
        assert "hidden" not in alice.text

    play(journey)


def test_what_a_reply_quotes_of_somebody_who_is_ignored_is_not_shown(keys):
    async def journey():
        alice, carol, dave = await enter(keys, "alice", "carol", "dave")
        await carol.answer("ignore dave")
        await alice.answer("numbers")
        await dave.ask("say hidden", "dave: hidden\n")
        await alice.until("dave: hidden\n")
        number = re.search(r"(\d+) dave: hidden", alice.text)[1]
        await alice.answer(f"reply {number} shown")
        await carol.until("alice: shown\n")
        history = await carol.answer("history")
        assert "alice: shown\n" in history
        assert "hidden" not in carol.text

    play(journey)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("ignore nobody", NO_PERSON),
        ("ignore carol", NOT_ALLOWED),
        ("unignore dave", NO_PERSON),
        ("unignore", "Usage: unignore NAME \n"),
        ('ignore "', NO_PERSON),
        (f"ignore {'x' * 4000}", NO_PERSON),
    ],
)
def test_what_cannot_be_done_is_explained(keys, line, answer):
    async def journey():
        (carol,) = await enter(keys, "carol")
        assert answer in await carol.answer(line)

    play(journey)

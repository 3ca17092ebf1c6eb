"""The search on the legacy port: members and guests find what they may read."""

import re

import pytest

from chat.room import creation, transcript
from chat.room.transcript import Saying
from tests.support.presence import enter as enter_site
from tests.support.search import index
from tests.support.text_clients import enter, play

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def talk(lobby, garden, cellar, alice, bob, process):
    """Messages of alice in four rooms."""
    stay = enter_site(None, alice, process=process)[0]
    direct = creation.open_direct(alice, [bob])
    for room, text in (
        (lobby, "a rose\nof two lines"),
        (garden, "a rose for guests"),
        (cellar, "a hidden rose"),
        (direct, "a rose for bob"),
    ):
        transcript.say([Saying(room.pk, stay.connection_id, text)])
    index()


def without_times(answer):
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d ", "", answer)


def test_everybody_finds_what_they_may_read_the_newest_last(talk, keys):
    async def journey():
        ben, carol = await enter(keys, "bob", "carol")
        both = "#lobby alice: a rose of two lines\n#rose-garden alice: a rose for guests\n"
        assert without_times(await carol.answer("search ROSE")) == both
        assert without_times(await ben.answer("search rose")) == (
            f"{both}@alice alice: a rose for bob\n"
        )
        assert without_times(await ben.answer('search "rose for" in:@alice')) == (
            "@alice alice: a rose for bob\n"
        )
        assert await carol.answer("search hidden") == "Nothing was found \n"

    play(journey)


def test_ten_messages_are_shown_and_older_ones_hinted_at(lobby, alice, keys, process):
    stay = enter_site(None, alice, process=process)[0]
    transcript.say([Saying(lobby.pk, stay.connection_id, f"rose {n}") for n in range(12)])
    index()

    async def journey():
        (carol,) = await enter(keys, "carol")
        *lines, hint = without_times(await carol.answer("search rose")).splitlines()
        assert lines == [f"#lobby alice: rose {n}" for n in range(2, 12)]
        assert re.fullmatch(r"Older ones: add before:\d{4}-\d\d-\d\d or more words ", hint)

    play(journey)


def test_people_who_are_ignored_are_not_found(talk, keys):
    async def journey():
        (carol,) = await enter(keys, "carol")
        await carol.answer("ignore alice")
        assert await carol.answer("search rose") == "Nothing was found \n"

    play(journey)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("search", "Usage: search WORDS \n"),
        ("search ?!", "Type a word to search for."),
        ("search rose in:cellar", "There is no room “cellar” that you may read. \n"),
        ('search "rose', "A quotation mark is missing"),
        (f"search {'x' * 4000}", "A search has at most 500 characters. \n"),
    ],
)
def test_what_makes_no_sense_is_explained(talk, keys, line, answer):
    async def journey():
        (carol,) = await enter(keys, "carol")
        assert answer in await carol.answer(line)

    play(journey)

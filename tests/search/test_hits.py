"""Hits of a search: by words, people, rooms, days and contents, and only what one may read."""

from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from chat.models import Access, Message, User
from chat.room import alteration, creation, forgetting, membership
from chat.room.access import Reader
from chat.search import hits, statements, time_limit
from chat.search.query import Mistaken
from tests.support.log import say
from tests.support.search import found, index

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def talk(lobby, garden, stays, alice, bob):
    """Some messages in the lobby and the garden."""
    membership.join(garden.pk, bob)
    say(lobby, stays[0], "A red rose", "Roses are red")
    say(lobby, stays[1], "red as a crème brûlée")
    say(garden, stays[1], "the rose is red")
    say(lobby, stays[2], "rose, said the guest")
    index()


def set_day(text, day):
    Message.objects.filter(text=text).update(at=datetime.fromisoformat(day).replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        ("rose", ["rose, said the guest", "the rose is red", "A red rose"]),
        ("RED rose", ["the rose is red", "A red rose"]),
        ('"red rose"', ["A red rose"]),
        ("creme", ["red as a crème brûlée"]),
        ("rose from:bob", ["the rose is red"]),
        ("rose from:B0B from:carol", ["rose, said the guest", "the rose is red"]),
        ("rose in:lobby", ["rose, said the guest", "A red rose"]),
        ('rose in:"the garden" in:#lobby from:alice', ["A red rose"]),
        ("in:the-garden", ["the rose is red"]),
        ("from:carol", ["rose, said the guest"]),
        ("rose tulip", []),
        ("from:nobody", []),
    ],
)
def test_all_that_a_query_says_must_be_true(talk, alice, query, texts):
    assert found(alice, query) == texts


def test_days_are_in_utc_and_the_first_one_counts(talk, alice):
    set_day("A red rose", "2020-05-01T23:59:59")
    set_day("Roses are red", "2020-05-02T00:00:00")
    assert found(alice, "red after:2020-05-02 before:2020-05-03") == ["Roses are red"]
    assert found(alice, "red before:2020-05-02") == ["A red rose"]
    assert found(alice, "before:2020-05-03 after:2020-05-01") == ["Roses are red", "A red rose"]
    assert found(alice, "red before:2001-01-01") == []
    assert found(alice, "red after:2990-01-01") == []


def test_contents_are_found(lobby, stays, alice):
    say(lobby, stays[0], "see https://example.org/x", "plain", "use len(x)", "a photo")
    Message.objects.filter(text="use len(x)").update(spans=[[4, 6, "code"]])
    Message.objects.filter(text="a photo").update(files=[{"name": "photo.jpg"}])
    index()
    assert found(alice, "has:link") == ["see https://example.org/x"]
    assert found(alice, "has:code len") == ["use len(x)"]
    assert found(alice, "has:file") == ["a photo"]
    assert found(alice, "has:file has:link") == []


def test_only_rooms_that_somebody_may_read_are_searched(cellar, lobby, stays, alice, bob):
    say(cellar, stays[0], "a hidden rose")
    index()
    for query in ("rose", f"rose in:{cellar.slug}"):
        assert found(alice, query) == ["a hidden rose"]
    assert found(bob, "rose") == []
    with pytest.raises(Mistaken, match="There is no room"):
        found(bob, f"rose in:{cellar.slug}")
    membership.invite(cellar.pk, bob, alice)
    assert found(bob, "rose") == ["a hidden rose"]
    membership.part(cellar.pk, bob)
    assert found(bob, "rose") == []


def test_access_is_checked_also_where_somebody_reads_many_rooms(
    cellar, garden, stays, alice, bob, monkeypatch
):
    monkeypatch.setattr(hits, "FEW_ROOMS", 0)
    say(cellar, stays[0], "a hidden rose")
    say(garden, stays[0], "an open rose")
    index()
    for search in (hits.newest, hits.best):
        assert found(bob, "rose", search) == ["an open rose"]
        assert sorted(found(alice, "rose", search)) == ["a hidden rose", "an open rose"]
        assert found(None, "rose", search) == []


def test_messages_that_may_not_be_read_take_no_place_among_the_hits(
    cellar, garden, stays, bob, monkeypatch
):
    monkeypatch.setattr(hits, "FEW_ROOMS", 0)
    say(garden, stays[0], "an open rose")
    say(cellar, stays[0], *["a hidden rose"] * 3)
    index()
    for search in (hits.newest, hits.best):
        page = search("rose", Reader(bob.pk), limit=2)
        assert [hit.line.text for hit in page.hits] == ["an open rose"]
        assert page.following is None


def test_guests_search_rooms_that_allow_guests(garden, lobby, stays, alice):
    say(garden, stays[0], "a rose in the garden")
    say(lobby, stays[0], "a rose in the lobby")
    index()
    assert found(None, "rose") == ["a rose in the lobby"]
    alteration.set_access(garden.pk, Access.GUESTS, alice)
    assert found(None, "rose") == ["a rose in the lobby", "a rose in the garden"]


def test_a_direct_room_is_searched_by_its_people_alone(lobby, stays, alice, bob):
    room = creation.open_direct(alice, [bob])
    say(room, stays[0], "a rose for bob")
    index()
    dora = User.objects.create_user("dora")
    for query in ("rose in:@bob", f"rose in:{room.slug}"):
        assert found(alice, query) == ["a rose for bob"]
        with pytest.raises(Mistaken):
            found(dora, query)
    assert found(dora, "rose") == []
    assert hits.newest("rose", Reader(alice.pk)).titles == {room.pk: "bob"}


def test_access_that_is_lost_while_the_rows_are_read_hides_them(cellar, stays, alice, monkeypatch):
    say(cellar, stays[0], "a hidden rose")
    index()

    @contextmanager
    def limited():
        yield
        cellar.membership_set.all().delete()

    monkeypatch.setattr(time_limit, "limited", limited)
    assert found(alice, "rose") == []


def test_messages_of_a_deleted_account_are_not_found_by_its_name(talk, alice, bob):
    forgetting.forget_author(bob)
    assert found(alice, "rose from:bob") == []
    assert "the rose is red" in found(alice, "rose")


def test_pages_follow_each_other_without_a_gap(lobby, stays, alice):
    say(lobby, stays[0], *(f"rose {number}" for number in range(7)))
    index()
    for search in (hits.newest, hits.best):
        texts, place = [], None
        while True:
            page = search("rose", Reader(alice.pk), place, limit=3)
            texts += [hit.line.text for hit in page.hits]
            place = page.following
            if place is None:
                break
        assert texts == [f"rose {number}" for number in reversed(range(7))]


def test_the_best_hits_are_those_in_which_the_words_matter_most(lobby, stays, alice):
    say(lobby, stays[0], "rose rose rose", "a rose", "one rose among many other words " * 3, "red")
    index()
    assert found(alice, "rose", hits.best)[0] == "rose rose rose"
    assert found(alice, "rose")[0].startswith("one rose among")
    assert sorted(found(alice, "rose", hits.best)) == sorted(found(alice, "rose"))


def test_only_the_newest_are_ranked(lobby, stays, alice, monkeypatch):
    monkeypatch.setattr(statements, "RANKED", 2)
    say(lobby, stays[0], "rose rose rose", "a rose", "one more rose")
    index()
    assert sorted(found(alice, "rose", hits.best)) == ["a rose", "one more rose"]


@pytest.mark.parametrize("search", [hits.newest, hits.best])
def test_a_search_that_takes_too_long_is_ended_and_explained(
    lobby, stays, alice, monkeypatch, search
):
    monkeypatch.setattr(time_limit, "LONGEST", 0.001)
    monkeypatch.setattr(time_limit, "STEPS_PER_LOOK", 1)
    say(lobby, stays[0], *(f"rose {number}" for number in range(400)))
    index()
    slow = statements.Statement(
        "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 100000000)"
        " SELECT count(*) FROM n",
        [],
    )
    monkeypatch.setattr(statements, search.__name__, lambda *args: slow)
    with pytest.raises(Mistaken, match="too long"):
        found(alice, "rose", search)
    monkeypatch.undo()
    assert len(found(alice, "rose")) == hits.PER_PAGE  # the connection works as before

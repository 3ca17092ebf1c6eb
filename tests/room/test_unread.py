"""Counts of what members have not read, and the news from which processes keep them."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.live.room_counts import Talk
from chat.models import Ignored, Line, Mention, Message
from chat.names.keys import key_of
from chat.room import creation, ignoring, log, membership, removing, summaries, unread
from chat.room.ignoring import Ignorer
from chat.room.unread import MAX_UNREAD, News
from tests.support.presence import enter, say


@pytest.fixture
def stays(garden, alice, bob, process):
    """The stays of alice and bob, who are members of the garden."""
    membership.join(garden.pk, bob)
    return enter(None, alice, bob, process=process)


def count(user, room):
    return unread.of_pairs([(user.pk, room.pk)])[user.pk, room.pk].unread


def test_messages_of_others_are_unread_and_nothing_else(garden, alice, bob, stays):
    mine, yours = stays
    assert count(bob, garden) == 0
    first = say(garden, mine)
    say(garden, yours, "one", "two")
    say(garden, mine)
    assert (count(alice, garden), count(bob, garden)) == (2, 2)
    removing.remove(garden.pk, [first.seq], alice)
    assert (count(alice, garden), count(bob, garden)) == (2, 1)


def test_messages_of_guests_are_unread(lobby, alice, process):
    _, stay = enter(None, alice, "gus", process=process)
    say(lobby, stay)
    assert count(alice, lobby) == 1


def test_messages_of_ignored_people_are_read(lobby, alice, bob, process):
    mine, yours, guests = enter(None, alice, bob, "Gus", process=process)
    for stay in (mine, yours, guests):
        say(lobby, stay, "hello", "hello @bob")
    Mention.objects.create(room=lobby, seq=log.counters()[lobby.pk].last_seq - 1)  # all members
    ignorer = Ignorer(bob.pk, bob.username)
    assert unread.of_pairs([(bob.pk, lobby.pk)])[bob.pk, lobby.pk][1:] == (4, 3)
    ignoring.ignore(ignorer, "ALICE")
    assert unread.of_pairs([(bob.pk, lobby.pk)])[bob.pk, lobby.pk][1:] == (2, 2)
    ignoring.ignore(ignorer, "gus")
    assert unread.of_pairs([(bob.pk, lobby.pk)])[bob.pk, lobby.pk][1:] == (0, 0)
    (shown,) = summaries.of_members([bob.pk])[bob.pk]
    assert (shown.unread, shown.mentions) == (0, 0)
    assert count(alice, lobby) == 4
    ignoring.stop_ignoring(bob.pk, "alice")
    assert unread.of_pairs([(bob.pk, lobby.pk)])[bob.pk, lobby.pk][1:] == (2, 1)


def test_guests_count_as_read_whose_names_look_like_that_of_somebody_ignored(lobby, alice, process):
    enter(None, alice, process=process)
    Ignored.objects.create(user=alice, key=key_of("telly"), name="telly")
    for name in ("Te1ly", "gus"):
        (guest,) = enter(None, name, process=process)
        say(lobby, guest, "hello", "hello @alice")
    assert unread.of_pairs([(alice.pk, lobby.pk)])[alice.pk, lobby.pk][1:] == (2, 1)
    (shown,) = summaries.of_members([alice.pk])[alice.pk]
    assert (shown.unread, shown.mentions) == (2, 1)


def test_nobody_but_members_has_counts(garden, carol):
    assert unread.of_pairs([(carol.pk, garden.pk)]) == {}


def test_counts_end_at_a_hundred(garden, alice, bob, stays):
    fill(garden, alice, MAX_UNREAD)
    assert count(bob, garden) == MAX_UNREAD
    fill(garden, alice, 1)
    assert count(bob, garden) == MAX_UNREAD


def test_messages_before_many_of_my_own_count_as_read(garden, alice, bob, stays):
    """The work for somebody who has said thousands of messages is bounded."""
    fill(garden, alice, 1)
    fill(garden, bob, unread.MAX_SEEN - 1)
    assert count(bob, garden) == 1
    fill(garden, bob, 1)
    assert count(bob, garden) == 0


def fill(room, user, count):
    line = Line(
        kind=Message.Kind.SAID.value, name=user.username, author_id=user.pk, at=timezone.now()
    )
    with transaction.atomic():
        log.append(log.lock(room.pk), [line] * count)


def test_one_statement_counts_for_many_members(garden, cellar, alice, bob, stays):
    say(garden, stays[0])
    pairs = [(alice.pk, garden.pk), (bob.pk, garden.pk), (alice.pk, cellar.pk)]
    ignoring.ignore(Ignorer(bob.pk, bob.username), "alice")
    with CaptureQueriesContext(connection) as statements:
        found = unread.of_pairs(pairs)
    assert len(statements) == 1
    assert set(found) == set(pairs)


# News


def test_news_are_the_messages_after_a_known_number(garden, alice, bob, stays):
    mine, yours = stays
    known = say(garden, mine, "old").seq
    removed = say(garden, mine, "removed").seq
    said = say(garden, yours, "new")
    removing.remove(garden.pk, [removed], alice)
    assert unread.news({garden.pk: known}) == {
        garden.pk: News(said=[(said.seq, bob.pk, "bob")], mentions=[], lines=[said.line])
    }
    assert unread.news({garden.pk: said.seq}) == {}


def test_news_end_at_a_number(garden, alice, stays):
    first, second = (say(garden, stays[0]) for _ in range(2))
    news = unread.news({garden.pk: 0}, {garden.pk: first.seq})[garden.pk]
    assert (news.said, news.lines) == ([(first.seq, alice.pk, "alice")], [first.line])
    assert unread.news({garden.pk: first.seq}, {garden.pk: first.seq}) == {}
    assert unread.news({garden.pk: first.seq})[garden.pk].lines == [second.line]


def test_news_of_several_rooms_are_read_in_a_few_statements(garden, cellar, alice, stays):
    rooms = [garden, cellar, creation.create(alice, "Attic")]
    for room in rooms:
        say(room, stays[0])
    with CaptureQueriesContext(connection) as statements:
        found = unread.news(dict.fromkeys((room.pk for room in rooms), 1))
    assert len(statements) == 3
    assert {pk: len(news.said) for pk, news in found.items()} == {room.pk: 1 for room in rooms}


def test_news_have_the_mentions_of_their_messages(garden, alice, bob, stays):
    first, second = (say(garden, stays[0]).seq for _ in range(2))
    Mention.objects.create(room=garden, seq=first, user=bob)
    Mention.objects.create(room=garden, seq=first, user=alice)
    Mention.objects.create(room=garden, seq=second)
    news = unread.news({garden.pk: 2})[garden.pk]
    assert [seq for seq, *_ in news.said] == [first, second]
    assert sorted(news.mentions[:2]) == sorted([(first, bob.pk), (first, alice.pk)])
    assert news.mentions[2:] == [(second, None)]


def test_news_have_the_newest_message_that_mentions_an_account(garden, alice, bob, stays):
    mine, yours = stays
    first, mention, own, newest = (say(garden, stay) for stay in (mine, mine, yours, mine))
    for said in (first, mention, own):
        Mention.objects.create(room=garden, seq=said.seq, user=bob)
    news = unread.news({garden.pk: first.seq - 1})[garden.pk]
    assert news.lines == [newest.line, mention.line]
    ignored = {key_of("alice")}  # by somebody, so their messages do not stand for all others
    news = unread.news({garden.pk: first.seq - 1}, ignored=ignored)[garden.pk]
    assert news.lines == [newest.line, own.line, mention.line]


def test_somebody_who_mentions_everybody_is_told_of_others_who_do(garden, alice, bob, stays):
    mine, yours = stays
    first, other, own, newest = (say(garden, stay) for stay in (mine, mine, yours, mine))
    for said in (first, other, own):
        Mention.objects.create(room=garden, seq=said.seq)
    news = unread.news({garden.pk: first.seq - 1})[garden.pk]
    assert news.lines == [newest.line, own.line, other.line]
    talk = Talk(garden.pk, newest.seq, news)
    assert talk.told(bob.pk, 0) == (other.line, True)
    assert talk.told(alice.pk, 0) == (own.line, True)


def test_news_are_the_newest_hundred_messages(garden, alice, bob, stays):
    fill(garden, alice, MAX_UNREAD + 5)
    news = unread.news({garden.pk: 0})[garden.pk]
    assert len(news.said) == MAX_UNREAD
    assert news.said[-1][0] == news.lines[0].seq == log.counters()[garden.pk].last_seq

"""The spans that a message gets when it is said, and the people and rooms that it names."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from chat.markup import marks
from chat.markup.parsing import parse
from chat.models import Mention, Message, Room
from chat.room import creation, formatting, log, membership, transcript
from chat.room.mentions import Writing
from chat.room.transcript import Saying
from tests.support.presence import enter, say


@pytest.fixture
def stays(garden, alice, bob, carol, process):
    """The stays of alice, who owns the garden, of bob, a member of it, and of gus, a guest."""
    membership.join(garden.pk, bob)
    return enter(None, alice, bob, "gus", process=process)


def spans(room, stay, text):
    """Return the spans of a text that somebody says, which are in the log too."""
    said = say(room, stay, text)
    assert log.after(room.pk, said.seq - 1, 1) == [said.line]
    return said.line.spans


def test_a_message_is_saved_with_its_formatting(lobby, stays):
    assert spans(lobby, stays[0], "🙂 **hi**") == [
        [3, 2, "escape"],
        [5, 2, "bold"],
        [7, 2, "escape"],
    ]
    assert Message.objects.get(room=lobby, text="🙂 **hi**").spans[1] == [5, 2, "bold"]


def test_a_message_without_formatting_has_no_spans(lobby, stays):
    assert spans(lobby, stays[0], "hello - it is 2*3*4 now") is None


def test_the_markup_is_found_before_a_room_is_locked(lobby, stays, monkeypatch):
    was_locked = []

    def watched(text):
        was_locked.append(connection.in_atomic_block)
        return parse(text)

    monkeypatch.setattr(transcript, "parse", watched)
    say(lobby, stays[0], "*a*", "*b*")
    assert was_locked == [False, False]


def test_markup_that_was_found_earlier_is_not_looked_for_again(lobby, stays, monkeypatch):
    saying = Saying(lobby.pk, stays[0].connection_id, "*a*").parsed()
    monkeypatch.setattr(marks, "find", None)  # a call would fail
    assert transcript.say([saying])[0].line.spans[1] == [1, 1, "italic"]


def test_plain_messages_cost_no_statement_for_names(garden, stays):
    def statements(text):
        with CaptureQueriesContext(connection) as captured:
            say(garden, stays[0], text)
        return len(captured)

    plain = statements("hello")
    assert statements("**hello** `@bob` https://a.b/@bob") == plain
    assert statements("@bob") > plain
    assert statements("#garden") > plain


def test_names_are_spans_with_the_account_that_they_mean(garden, stays):
    assert spans(garden, stays[0], "hi @B0B, @nobody and @room") == [
        [3, 4, "mention", "bob"],
        [21, 5, "mention", "room"],
    ]
    assert spans(garden, stays[1], "@room") is None  # bob may not call all of them
    assert spans(garden, stays[0], "*@bob*")[1:3] == [[1, 4, "italic"], [1, 4, "mention", "bob"]]


def test_rooms_are_spans_with_their_address(garden, lobby, stays):
    address = Room.objects.get(pk=garden.pk).slug
    assert spans(lobby, stays[0], f"see #{address.upper()}.") == [
        [4, len(address) + 1, "room", address]
    ]
    assert spans(lobby, stays[0], "#nowhere") is None


def test_only_rooms_that_the_author_may_read_are_named(cellar, garden, lobby, stays):
    secret = f"#{cellar.slug} #{garden.slug}"
    kinds = [
        [text for *_, text in spans(lobby, stay, secret) or []]
        for stay in stays  # the guest may read neither
    ]
    assert kinds == [[cellar.slug, garden.slug], [garden.slug], []]


def test_direct_rooms_are_not_named(lobby, alice, bob, stays):
    direct = creation.open_direct(alice, [bob])
    assert spans(lobby, stays[0], f"#{direct.slug}") is None


def test_somebody_who_joins_with_the_batch_is_told_once(garden, carol, stays, process):
    (stay,) = enter(None, carol, process=process)
    transcript.say(
        [
            Saying(garden.pk, stay.connection_id, "hello"),
            Saying(garden.pk, stays[0].connection_id, "@room @carol"),
        ]
    )
    assert Message.objects.filter(room=garden, kind="joined", name="carol").exists()
    told = Mention.objects.filter(room=garden).values_list("user__username", flat=True)
    assert list(told) == [None]  # as one of all members


def test_a_text_is_resolved_for_the_room_and_author_that_it_has(garden, cellar, alice, bob):
    def named(room, author, text):
        (written,) = formatting.resolve([Writing(room.pk, author.pk, parse(text))])
        return {account.user_id for account in written.accounts}

    with transaction.atomic():
        assert named(garden, alice, "@bob") == {bob.pk}
        assert named(cellar, alice, "@bob") == set()  # he may not read it

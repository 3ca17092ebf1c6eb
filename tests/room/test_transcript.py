"""The log of a room: numbered without a gap, each message once, in the order of commits."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import DataError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.models import Line, Message, Room
from chat.names.keys import MAX_NAME
from chat.room import connections, forgetting, formatting, log, presence, removing, transcript
from chat.room.mentions import Writing
from chat.room.presence import Entrant
from chat.room.refusal import Refused
from chat.room.speakers import Speaker
from chat.room.transcript import Batch, Said, Saying

TRANSACTION = {"BEGIN", "BEGIN IMMEDIATE", "COMMIT"}


def said(room):
    return [line.text for line in log.after(room.pk, 0, 10_000) if line.kind == "said"]


def numbers(room):
    return list(Message.objects.filter(room=room).order_by("seq").values_list("seq", flat=True))


def outcome(results):
    """Return the results without their lines."""
    return [result._replace(line=None) for result in results]


def test_saying_returns_the_lines_that_are_read_later(lobby, seat):
    results = transcript.say(
        [Saying(lobby.pk, seat, "one", uuid4()), Saying(lobby.pk, seat, "two\nlines")]
    )
    assert [result.line for result in results] == log.after(lobby.pk, 1, 10)


def test_sayings_of_one_batch_are_numbered_in_their_order(lobby, seat):
    results = transcript.say([Saying(lobby.pk, seat, "one"), Saying(lobby.pk, seat, "two")])
    assert outcome(results) == [Said(2), Said(3)]
    assert said(lobby) == ["one", "two"]
    assert Room.objects.get(pk=lobby.pk).last_seq == 3


def test_a_retry_keeps_its_number_and_makes_no_second_row(lobby, seat):
    mine, other = uuid4(), uuid4()
    assert outcome(transcript.say([Saying(lobby.pk, seat, "once", mine)])) == [Said(2)]
    results = transcript.say(
        [
            Saying(lobby.pk, seat, "once", mine),
            Saying(lobby.pk, seat, "x", other),
            Saying(lobby.pk, seat, "x", other),
        ]
    )
    assert outcome(results) == [Said(2, again=True), Said(3), Said(3, again=True)]
    assert said(lobby) == ["once", "x"]


def test_two_people_may_use_the_same_client_id(lobby, seat, bob, process):
    (stay,) = presence.enter([Entrant("bob", bob.pk, process, "web")])
    same = uuid4()
    results = transcript.say(
        [
            Saying(lobby.pk, seat, "a", same),
            Saying(lobby.pk, stay.connection_id, "b", same),
        ]
    )
    assert [result.again for result in results] == [False, False]


def test_a_connection_that_has_just_been_ended_cannot_speak(lobby, seat, alice):
    connections.disconnect(user_id=alice.pk)
    (refused,) = transcript.say([Saying(lobby.pk, seat, "last words")])
    assert isinstance(refused, Refused)
    assert said(lobby) == []


def test_one_refusal_does_not_roll_back_the_other_sayings(lobby, seat):
    results = transcript.say(
        [Saying(lobby.pk, seat, "a"), Saying(lobby.pk, 999_999, "b"), Saying(lobby.pk, seat, "c")]
    )
    assert [type(result) for result in results] == [Said, Refused, Said]
    assert said(lobby) == ["a", "c"]
    assert numbers(lobby) == [1, 2, 3]


def test_a_rollback_leaves_no_gap(lobby, seat):
    with pytest.raises(RuntimeError), transaction.atomic():
        transcript.say([Saying(lobby.pk, seat, "unsaid")])
        raise RuntimeError
    transcript.say([Saying(lobby.pk, seat, "said")])
    assert numbers(lobby) == [1, 2]
    assert said(lobby) == ["said"]


def test_a_room_that_does_not_exist_cannot_be_locked(lobby):
    with pytest.raises(Room.DoesNotExist), transaction.atomic():
        log.lock(lobby.pk + 1)


def test_a_room_can_only_be_locked_in_a_transaction(lobby):
    with pytest.raises(TransactionManagementError):
        log.lock(lobby.pk)


@transaction.atomic
def write(room, **row):
    log.append(log.lock(room.pk), [Line(kind="said", at=timezone.now(), **row)])


def test_every_value_of_a_row_is_read_as_it_was_written(lobby, alice):
    text = 'é "\\" \u2028 \U0001f600 \t %s {} \ud7ff \uffff'
    given = {"name": "x" * MAX_NAME, "text": text, "client_id": uuid4(), "author_id": alice.pk}
    write(lobby, **given, guest=True, of=2**40)
    write(lobby, name="plain")
    (full, plain) = Message.objects.order_by("seq").values(*given, "guest", "of", "removed")
    assert full == {**given, "guest": True, "of": 2**40, "removed": False}
    nothing = {"text": "", "client_id": None, "author_id": None, "of": None}
    assert plain == {"name": "plain", **nothing, "guest": False, "removed": False}


def test_a_value_that_is_too_long_for_its_column_is_not_cut(lobby):
    name = "x" * (MAX_NAME + 1)
    if connection.vendor == "sqlite":  # which knows no length
        write(lobby, name=name)
        assert Message.objects.get().name == name
    else:
        with pytest.raises(DataError):
            write(lobby, name=name)


def test_a_batch_takes_as_few_statements_as_one_saying(lobby, seat):
    with CaptureQueriesContext(connection) as captured:
        transcript.say([Saying(lobby.pk, seat, str(number), uuid4()) for number in range(50)])
    asked = [each["sql"] for each in captured if each["sql"] not in TRANSACTION]
    # The room, who speaks, the rows; SQLite counts them in a statement of its own.
    assert len(asked) == (3 if connection.vendor == "postgresql" else 4), asked


def test_saving_a_stale_room_does_not_reset_its_counters(lobby, seat):
    stale = Room.objects.get(pk=lobby.pk)
    transcript.say([Saying(lobby.pk, seat, "while the form was open")])
    stale.name = "Renamed"
    stale.save()
    transcript.say([Saying(lobby.pk, seat, "still alive")])
    assert numbers(lobby) == [1, 2, 3]
    assert Room.objects.get(pk=lobby.pk).name == "Renamed"


def test_writers_on_several_threads_make_numbers_without_a_gap(lobby, seat):
    def write(thread):
        try:
            for turn in range(10):
                transcript.say([Saying(lobby.pk, seat, f"{thread}.{turn}")])
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(4)))
    assert numbers(lobby) == list(range(1, 42))
    for thread in range(4):
        mine = [text for text in said(lobby) if text.startswith(f"{thread}.")]
        assert mine == [f"{thread}.{turn}" for turn in range(10)]


def test_removing_leaves_a_tombstone_that_staff_can_read(lobby, seat, bob):
    transcript.say([Saying(lobby.pk, seat, "regrettable")])
    assert removing.remove(lobby.pk, [2], bob) == 1
    tombstone, removal = log.after(lobby.pk, 1, 10)
    assert (tombstone.text, tombstone.removed) == ("", True)
    assert (removal.kind, removal.of, removal.name) == ("removed", 2, "bob")
    assert Message.objects.get(seq=2).text == "regrettable"


def test_only_messages_can_be_removed_and_each_once(lobby, seat, bob):
    transcript.say([Saying(lobby.pk, seat, "x")])
    assert removing.remove(lobby.pk, [1, 2, 2, 77], bob) == 1
    assert removing.remove(lobby.pk, [2, 3], bob) == 0
    assert numbers(lobby) == [1, 2, 3]


def test_pages_of_history_are_in_order_and_have_the_requested_limits(lobby, seat, bob):
    transcript.say([Saying(lobby.pk, seat, str(n)) for n in range(10)])
    removing.remove(lobby.pk, [11], bob)
    assert [line.seq for line in log.before(lobby.pk, 6, 3)] == [3, 4, 5]
    assert [line.seq for line in log.after(lobby.pk, 9, 10)] == [10, 11, 12]
    assert [line.text for line in log.messages_until(lobby.pk, 11, 2)] == ["7", "8"]


def test_forgetting_an_author_renames_the_lines_and_changes_the_revision(lobby, seat, alice):
    transcript.say([Saying(lobby.pk, seat, "remember me")])
    before = log.counters()[lobby.pk]
    forgetting.forget_author(alice)
    line = log.after(lobby.pk, 1, 1)[0]
    assert (line.name, line.text) == ("deleted user", "remember me")
    assert log.counters()[lobby.pk].revision == before.revision + 1


def speak_in_each_pause(monkeypatch, lobby, seat, text):
    """Let somebody speak in each pause of `forget_author`; return the revisions seen then."""
    monkeypatch.setattr(forgetting, "FORGOTTEN_PER_TRANSACTION", 4)
    revisions = []

    def pause(seconds):
        transcript.say([Saying(lobby.pk, seat, text)])
        revisions.append(log.counters()[lobby.pk].revision)

    monkeypatch.setattr(forgetting, "sleep", pause)
    return revisions


def test_others_speak_while_an_author_of_many_lines_is_forgotten(
    lobby, seat, alice, bob, process, monkeypatch
):
    transcript.say([Saying(lobby.pk, seat, str(number)) for number in range(9)])
    (stay,) = presence.enter([Entrant("bob", bob.pk, process, "web")])
    before = log.counters()[lobby.pk].revision
    revisions = speak_in_each_pause(monkeypatch, lobby, stay.connection_id, "meanwhile")
    forgetting.forget_author(alice)
    assert said(lobby)[-2:] == ["meanwhile", "meanwhile"]
    assert revisions == [before, before]
    assert log.counters()[lobby.pk].revision == before + 1
    forgotten = Message.objects.filter(name="deleted user", author=None)
    assert forgotten.count() == 10
    assert not Message.objects.filter(author=alice).exists()
    assert Message.objects.filter(name="bob", author=bob).count() == 3


def test_forgetting_an_author_continues_after_an_interruption(lobby, seat, alice, monkeypatch):
    transcript.say([Saying(lobby.pk, seat, str(number)) for number in range(6)])
    monkeypatch.setattr(forgetting, "FORGOTTEN_PER_TRANSACTION", 4)
    before = log.counters()[lobby.pk].revision

    def die(seconds):
        raise RuntimeError

    with monkeypatch.context() as patch, pytest.raises(RuntimeError):
        patch.setattr(forgetting, "sleep", die)
        forgetting.forget_author(alice)
    assert Message.objects.filter(name="deleted user").count() == 4
    forgetting.forget_author(alice)
    assert Message.objects.filter(name="deleted user", author=None).count() == 7
    assert log.counters()[lobby.pk].revision == before + 1


def test_a_row_has_every_column_of_the_log():
    columns = {field.column for field in log.FIELDS.values()}
    assert {*log.INSERTED, *log.OPTIONAL, *log.SET_LATER} == columns - {"id"}
    assert columns == log.FIELDS.keys()


def test_the_log_has_no_index_of_the_room_alone(lobby):
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, "chat_message")
    indexes = [each["columns"] for each in constraints.values() if each["index"]]
    assert ["room_id", "kind", "seq"] in indexes
    assert ["room_id"] not in indexes


def test_a_sanction_that_was_deleted_meanwhile_refuses_nothing(lobby, alice):
    saying = Saying(lobby.pk, 0, "hello").parsed()
    speaker = Speaker(alice.pk, "alice", may_speak=True, restraint=10**9, seq=None)
    with transaction.atomic():
        room = log.lock(lobby.pk)
        (written,) = formatting.resolve([Writing(room.pk, alice.pk, saying.markup)])
        batch = Batch({room.pk: room}, {}, {}, [saying], [speaker])
        assert isinstance(batch.add(saying, speaker, written), Said)
        batch.save()
    assert said(lobby) == ["hello"]

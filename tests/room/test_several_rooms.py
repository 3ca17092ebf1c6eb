"""Sayings of one transaction in several rooms: numbered in each, and locked without deadlock."""

import random
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection, transaction

from chat.models import Mention, Message, Room
from chat.room import creation, log, transcript
from chat.room.refusal import RefusalCode, Refused
from chat.room.transcript import Postponed, Said, Saying
from tests.support.presence import enter
from tests.support.threads import in_thread, together

WRITERS, TURNS = 4, 25


@pytest.fixture
def rooms(lobby, alice):
    """Return the ids of the lobby and three more rooms."""
    others = [creation.create(alice, name) for name in ("garden", "kitchen", "attic")]
    return [lobby.pk, *(room.pk for room in others)]


def texts(room_id):
    return [line.text for line in log.after(room_id, 0, 1000) if line.kind == "said"]


def test_each_room_numbers_its_own_lines(rooms, seat):
    lobby, garden, kitchen, _ = rooms
    results = transcript.say(
        [
            Saying(kitchen, seat, "a"),
            Saying(lobby, seat, "b"),
            Saying(garden, seat, "c"),
            Saying(kitchen, seat, "d"),
        ]
    )
    assert [result.seq for result in results] == [2, 2, 2, 3]
    assert [texts(room_id) for room_id in rooms] == [["b"], ["c"], ["a", "d"], []]
    assert {pk: counters.last_seq for pk, counters in log.counters().items()} == dict(
        zip(rooms, (2, 2, 3, 1), strict=True)
    )


def test_a_room_that_does_not_exist_refuses_its_own_sayings_only(rooms, seat):
    wanted = [Saying(-1, seat, "nowhere"), Saying(rooms[0], seat, "here")]
    nowhere, here = transcript.say(wanted)
    assert isinstance(here, Said)
    (refused,) = transcript.say([nowhere.item])
    assert isinstance(refused, Refused)
    assert refused.code is RefusalCode.NOT_IN_ROOM
    assert texts(rooms[0]) == ["here"]


@pytest.mark.only_postgresql
def test_a_locked_room_postpones_its_own_sayings_only(rooms, seat):
    lobby, garden, *_ = rooms
    sayings = [Saying(garden, seat, "later"), Saying(lobby, seat, "now")]
    with ThreadPoolExecutor(1) as thread, transaction.atomic():
        log.lock(garden)
        later, now = thread.submit(in_thread, transcript.say, sayings).result()
    assert isinstance(now, Said)
    assert isinstance(later, Postponed)
    assert (later.item.text, later.item.waits) == ("later", True)
    (said,) = transcript.say([later.item])
    assert isinstance(said, Said)
    assert (texts(garden), texts(lobby)) == (["later"], ["now"])


@pytest.mark.only_postgresql
def test_a_saying_that_waits_gets_its_room_although_others_are_locked(rooms, seat):
    lobby, garden, *_ = rooms
    sayings = [Saying(lobby, seat, "waits", waits=True), Saying(garden, seat, "is postponed")]
    with ThreadPoolExecutor(1) as thread, transaction.atomic():
        log.lock(garden)
        waits, postponed = thread.submit(in_thread, transcript.say, sayings).result()
    assert isinstance(waits, Said)
    assert isinstance(postponed, Postponed)


def test_writers_in_overlapping_rooms_never_deadlock_and_lose_nothing(rooms, seat):
    def write(writer):
        choose = random.Random(writer)
        for turn in range(TURNS):
            chosen = choose.sample(rooms, choose.randint(1, len(rooms)))
            waiting = [Saying(room_id, seat, f"{writer}.{turn}") for room_id in chosen]
            while waiting:
                results = transcript.say(waiting)
                assert all(isinstance(result, Said | Postponed) for result in results)
                waiting = [result.item for result in results if isinstance(result, Postponed)]

    together(*(partial(write, writer) for writer in range(WRITERS)))
    for room_id in rooms:
        numbers = Message.objects.filter(room=room_id).order_by("seq").values_list("seq", flat=True)
        assert list(numbers) == list(range(1, len(numbers) + 1))
        for writer in range(WRITERS):
            turns = [int(text.split(".")[1]) for text in texts(room_id) if text[0] == str(writer)]
            assert turns == sorted(set(turns))


def test_rooms_that_a_saying_has_waited_for_are_locked_before_the_others(rooms, seat, monkeypatch):
    lock_many, locked = log.lock_many, []

    def note(room_ids, *, skip_locked=False):
        locked.append((set(room_ids), skip_locked))
        return lock_many(room_ids, skip_locked=skip_locked)

    monkeypatch.setattr(log, "lock_many", note)
    lobby, garden, *_ = rooms
    transcript.say([Saying(lobby, seat, "new"), Saying(garden, seat, "old", waits=True)])
    assert locked == [({garden}, False), ({lobby}, True)]


@pytest.mark.only_postgresql
def test_rooms_are_locked_in_the_order_of_their_ids_wherever_their_rows_are(rooms):
    for room_id in reversed(rooms):
        Room.objects.filter(pk=room_id).update(topic="moved")  # to the end of the table
    with transaction.atomic():
        assert list(log.lock_many(rooms)) == sorted(rooms)


@pytest.mark.only_postgresql
def test_a_locked_room_delays_no_row_that_points_at_it(rooms, alice):
    def mention():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '5s'")
            Mention.objects.create(room_id=rooms[1], seq=1, user=alice)

    with ThreadPoolExecutor(1) as thread, transaction.atomic():
        log.lock(rooms[1])
        thread.submit(in_thread, mention).result()


def test_a_guest_does_not_join_a_room_by_speaking(rooms, process):
    Room.objects.filter(pk=rooms[1]).update(guests_allowed=True)
    (stay,) = enter(None, "carol", process=process)
    (refused,) = transcript.say([Saying(rooms[1], stay.connection_id, "hello")])
    assert refused.code is RefusalCode.NOT_ALLOWED

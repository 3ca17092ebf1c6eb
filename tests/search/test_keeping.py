"""The index follows the logs: each message is in it as it is now, whoever indexes it."""

from contextlib import suppress
from threading import Barrier, Event, Thread

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.models import IndexCursor, IndexedMessage, Line, Message, Room
from chat.room import log, removing
from chat.search import keeping
from tests.support.log import say, write_busy_log
from tests.support.plans import plan, run
from tests.support.search import found, index

pytestmark = pytest.mark.django_db(transaction=True)

BY_INDEX = ("SEARCH", "Index Cond")  # how the plans of both databases begin a step by an index


def change(room, kind, of, **fields):
    """Change a message, and write the line that says so, as one transaction."""
    with transaction.atomic():
        locked = log.lock(room.pk)
        Message.objects.filter(room=room, seq=of).update(**fields)
        log.append(locked, [Line(kind=kind, name="alice", at=timezone.now(), of=of)])


def last(room):
    return Room.objects.get(pk=room.pk).last_seq


def test_a_message_is_found_once_it_is_indexed(lobby, alice, stays):
    say(lobby, stays[0], "a red rose")
    assert keeping.lagging()
    assert found(alice, "rose") == []
    index()
    assert found(alice, "rose") == ["a red rose"]
    assert not keeping.lagging()
    assert keeping.step() == keeping.Step(0, more=False)


def test_several_rooms_are_indexed_and_each_message_once(lobby, garden, alice, stays):
    for _ in range(3):
        say(lobby, stays[0], "a rose")
        say(garden, stays[0], "another rose")
        index()
    assert len(found(alice, "rose")) == 6
    assert IndexedMessage.objects.count() == 6


def test_a_removed_message_is_not_found_before_and_after_its_line_is_indexed(lobby, alice, stays):
    say(lobby, stays[0], "a rose", "a tulip")
    index()
    removing.remove(lobby.pk, [last(lobby) - 1], alice)
    assert found(alice, "rose") == []
    index()
    assert found(alice, "rose") == []
    assert IndexedMessage.objects.count() == 1


def test_a_restored_message_is_found_again(lobby, alice, stays):
    say(lobby, stays[0], "a rose")
    seq = last(lobby)
    removing.remove(lobby.pk, [seq], alice)
    index()
    change(lobby, "restored", seq, removed=False)
    index()
    assert found(alice, "rose") == ["a rose"]


def test_an_edited_message_is_found_by_its_present_text(lobby, alice, stays):
    say(lobby, stays[0], "a rose")
    seq = last(lobby)
    index()
    change(lobby, "edited", seq, text="a tulip", edited=timezone.now())
    assert found(alice, "rose") == []  # the index still has the earlier text
    index()
    assert found(alice, "rose") == []
    assert found(alice, "tulip") == ["a tulip"]


def test_a_message_that_changes_before_it_is_indexed_is_indexed_as_it_is(lobby, alice, stays):
    say(lobby, stays[0], "a rose", "a tulip")
    seq = last(lobby)
    change(lobby, "edited", seq, text="an iris")
    removing.remove(lobby.pk, [seq - 1], alice)
    index()
    assert [found(alice, word) for word in ("rose", "tulip", "iris")] == [[], [], ["an iris"]]


def test_a_step_reads_few_messages_and_the_next_one_goes_on(lobby, alice, stays):
    say(lobby, stays[0], *(f"rose {number}" for number in range(7)))
    counts = []
    while True:
        done = keeping.step(3)
        counts.append(done.messages)
        if not done.more:
            break
    assert counts == [3, 3, 1]
    assert found(alice, "rose") == [f"rose {number}" for number in reversed(range(7))]


def test_a_log_with_few_messages_among_many_lines_is_indexed(lobby, alice, monkeypatch):
    monkeypatch.setattr(keeping, "WINDOW", 10)
    write_busy_log(lobby, 99, 33)
    index()
    assert found(alice, "number") == ["number 3", "number 2", "number 1"]
    assert IndexCursor.objects.get().seq == last(lobby)


def test_a_log_whose_old_lines_were_deleted_is_indexed(lobby, alice, monkeypatch):
    monkeypatch.setattr(keeping, "WINDOW", 3)
    write_busy_log(lobby, 99, 33)
    Message.objects.filter(room=lobby, seq__lt=66).delete()
    assert keeping.step() == keeping.Step(0, more=True)
    assert IndexCursor.objects.get().seq == 65
    index()
    assert found(alice, "number") == ["number 3", "number 2"]


def test_a_live_room_is_indexed_before_a_long_log(lobby, garden, alice, stays):
    write_busy_log(Room.objects.get(pk=lobby.pk), 99, 3)
    say(garden, stays[0], "a rose")
    keeping.step(1)
    assert found(alice, "rose") == ["a rose"]


def test_a_step_that_fails_changes_nothing_and_the_next_one_does_its_work(
    lobby, alice, stays, monkeypatch
):
    say(lobby, stays[0], "a rose")
    with monkeypatch.context() as broken:
        broken.setitem(keeping.PUT, connection.vendor, "INSERT NOTHING")
        with pytest.raises(DatabaseError):
            keeping.step()
    assert not IndexCursor.objects.filter(seq__gt=0).exists()
    index()
    assert found(alice, "rose") == ["a rose"]


@pytest.mark.only_postgresql
def test_a_room_that_another_process_indexes_is_skipped(lobby, garden, alice, stays):
    say(lobby, stays[0], "a rose")
    index()
    say(lobby, stays[0], "a tulip")
    say(garden, stays[0], "an iris")
    index_garden_cursor = keeping.step  # makes the cursor of the garden
    locked, go_on = Event(), Event()

    def hold():
        with transaction.atomic():
            IndexCursor.objects.select_for_update().get(pk=lobby.pk)
            locked.set()
            go_on.wait(60)
        connection.close()

    other = Thread(target=hold)
    other.start()
    assert locked.wait(60)
    try:
        index_garden_cursor()
        assert found(alice, "iris") == ["an iris"]
        assert found(alice, "tulip") == []
    finally:
        go_on.set()
        other.join()
    index()
    assert found(alice, "tulip") == ["a tulip"]


@pytest.mark.only_postgresql
def test_the_room_of_a_process_that_was_killed_in_a_step_is_taken_over(lobby, alice, stays):
    index()
    say(lobby, stays[0], "a rose")
    backends, begun, go_on = [], Event(), Event()

    def work():
        with suppress(DatabaseError), transaction.atomic():
            keeping.step()
            backends.append(connection.connection.info.backend_pid)
            begun.set()
            go_on.wait(60)
        connection.close()

    killed = Thread(target=work)
    killed.start()
    assert begun.wait(60)
    keeping.step()
    assert found(alice, "rose") == []  # it is not committed, and nobody else has done it
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 60000)", backends)
    index()
    assert found(alice, "rose") == ["a rose"]
    go_on.set()
    killed.join()


def test_steps_at_the_same_time_index_everything_once(lobby, garden, alice, stays):
    for room in (lobby, garden):
        say(room, stays[0], *(f"rose {number}" for number in range(60)))
    start = Barrier(3)

    def work():
        start.wait()
        while keeping.step(7).more:
            pass
        connection.close()

    threads = [Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    index()  # a thread ends when others are at work on all rooms
    assert len(found(alice, "rose", limit=200)) == 120


def test_the_index_is_built_anew_by_a_command(lobby, alice, stays, capsys):
    say(lobby, stays[0], "a rose", "a tulip")
    index()
    IndexedMessage.objects.filter(message_id=Message.objects.get(text="a rose").pk).delete()
    assert found(alice, "rose") == []
    call_command("rebuild_search_index")
    assert "complete" in capsys.readouterr().out
    assert found(alice, "rose") == ["a rose"]
    say(lobby, stays[0], "an iris")
    removing.remove(lobby.pk, [last(lobby) - 1], alice)
    index()
    assert [found(alice, word) for word in ("tulip", "iris")] == [[], ["an iris"]]
    if connection.vendor == "sqlite":
        check_words()


def check_words():
    """Let FTS5 compare its index with the rows. Raises a DatabaseError if they differ."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO chat_messagewords (chat_messagewords, rank) VALUES ('integrity-check', 1)"
        )


@pytest.mark.only_sqlite
def test_the_two_tables_of_sqlite_agree_after_all_kinds_of_changes(lobby, alice, stays):
    say(lobby, stays[0], "a rose", "a tulip", "an iris")
    index()
    seq = last(lobby)
    change(lobby, "edited", seq, text="a violet")
    removing.remove(lobby.pk, [seq - 1], alice)
    index()
    check_words()
    IndexedMessage.objects.all().delete()
    check_words()


def test_a_step_finds_lines_and_changed_messages_by_their_numbers(lobby, alice):
    write_busy_log(lobby, 4001, 3)  # PostgreSQL would read all of a shorter one
    index()
    if connection.vendor == "postgresql":
        run("ANALYZE chat_message")  # which it does by itself, some time after a table has grown
    for seq in range(3, 30, 3):
        change(lobby, "edited", seq, text="a tulip")
    with CaptureQueriesContext(connection) as captured:
        index()
    reads = [each["sql"] for each in captured if "FROM chat_message" in each["sql"]]
    assert len(reads) == 2
    for read in reads:
        steps = plan(read)
        assert any("seq" in step and step.strip().startswith(BY_INDEX) for step in steps), steps

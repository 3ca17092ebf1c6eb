"""Errors of the database before and while something is committed."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection

from chat.models.unavailable import OutcomeUnknown
from chat.room import transcript
from chat.room.transcript import Batch, Saying
from tests.support.threads import in_thread

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.only_postgresql]


def end_connection():
    """Let the database end the connection of this thread."""

    def end(backend):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 20000)", [backend])

    backend = connection.connection.info.backend_pid
    with ThreadPoolExecutor(1) as thread:
        thread.submit(in_thread, end, backend).result()


def say_while_lost(lobby, seat, monkeypatch, save):
    """Return the type of the error of a saying whose batch is saved by `save(batch)`."""
    monkeypatch.setattr(Batch, "save", save)
    saying = Saying(lobby.pk, seat, "hello")
    with ThreadPoolExecutor(1) as thread, pytest.raises(OperationalError) as raised:
        thread.submit(in_thread, transcript.say, [saying]).result()
    return raised.type


def test_the_outcome_is_unknown_if_the_database_is_lost_at_the_commit(lobby, seat, monkeypatch):
    save = Batch.save

    def save_and_lose(batch):
        save(batch)
        end_connection()

    assert say_while_lost(lobby, seat, monkeypatch, save_and_lose) is OutcomeUnknown


def test_nothing_is_saved_if_the_database_is_lost_before_the_commit(lobby, seat, monkeypatch):
    save = Batch.save

    def lose_and_save(batch):
        end_connection()
        save(batch)

    assert say_while_lost(lobby, seat, monkeypatch, lose_and_save) is not OutcomeUnknown

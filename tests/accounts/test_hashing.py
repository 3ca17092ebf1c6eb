"""The limit on password hashes."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Event, Lock

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password

from chat.accounts import hashing
from tests.support.waiting import PATIENCE, wait_until


@pytest.fixture(autouse=True)
def limited_hasher(settings):
    settings.PASSWORD_HASHERS = ["chat.accounts.hashing.LimitedPasswordHasher"]


def test_only_a_few_passwords_are_hashed_at_the_same_time(monkeypatch):
    running, most, lock = 0, 0, Lock()
    all_running, never = Event(), Event()

    def encode(*arguments):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            if running == hashing.MAX_RUNNING:
                all_running.set()
        assert all_running.wait(PATIENCE)
        never.wait(0.01)  # if more could run, they would begin now
        with lock:
            running -= 1
        return "hashed"

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", encode)
    with ThreadPoolExecutor(hashing.MAX_ADMITTED) as threads:
        hashes = set(threads.map(make_password, ["x"] * hashing.MAX_ADMITTED))
    assert hashes == {"hashed"}
    assert most == hashing.MAX_RUNNING


def test_a_hash_is_refused_when_no_more_may_wait(monkeypatch):
    limit = hashing.HashingLimit(running=1, admitted=1, patience=0)
    monkeypatch.setattr(hashing, "limit", limit)
    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", lambda *arguments: "hashed")

    with limit.slot(), pytest.raises(hashing.TooManyHashes):
        make_password("x")
    assert make_password("x") == "hashed"


def test_a_client_has_no_more_places_than_it_may_have():
    limit = hashing.HashingLimit(running=1, admitted=6, patience=0)
    with ExitStack() as held:
        for _ in range(2):
            held.enter_context(limit.place("attacker", 2))

        with pytest.raises(hashing.TooManyHashes), limit.place("attacker", 2):
            pass
        with limit.place("somebody else", 2), limit.slot():
            pass
    with limit.place("attacker", 2), limit.slot():
        pass


def test_a_client_waits_for_a_place_of_its_own():
    limit = hashing.HashingLimit(running=1, admitted=6, patience=PATIENCE)
    order = []

    def hash_once():
        with limit.place("somebody", 1), limit.slot():
            order.append("second")

    with ThreadPoolExecutor(1) as threads:
        with limit.place("somebody", 1):
            waiting = threads.submit(hash_once)
            wait_until(lambda: limit.waiting == 1, "nobody waits")
            order.append("first")
        waiting.result(PATIENCE)
    assert order == ["first", "second"]
    assert limit.waiting == 0


def test_few_of_one_client_wait_for_a_place():
    limit = hashing.HashingLimit(running=1, admitted=6, patience=PATIENCE)

    def refused():
        try:
            with limit.place("attacker", 1):
                return False
        except hashing.TooManyHashes:
            return True

    with ThreadPoolExecutor(9) as threads:
        with limit.place("attacker", 1):
            attempts = [threads.submit(refused) for _ in range(9)]
            most = hashing.WAITING_FOR_PLACE
            wait_until(lambda: sum(a.done() for a in attempts) == 9 - most, "none is refused")
        results = [attempt.result(PATIENCE) for attempt in attempts]
    assert results.count(True) == 9 - most

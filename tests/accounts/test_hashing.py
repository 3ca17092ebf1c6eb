"""The limit on password hashes."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password

from chat.accounts import hashing


@pytest.fixture(autouse=True)
def limited_hasher(settings):
    settings.PASSWORD_HASHERS = ["chat.accounts.hashing.LimitedPasswordHasher"]


def test_only_a_few_passwords_are_hashed_at_the_same_time(monkeypatch):
    running, most, lock = 0, 0, Lock()
    never = Event()

    def encode(*arguments):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        never.wait(0.01)
        with lock:
            running -= 1
        return "hashed"

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", encode)
    with ThreadPoolExecutor(hashing.MAX_ADMITTED) as threads:
        hashes = set(threads.map(make_password, ["x"] * hashing.MAX_ADMITTED))
    assert hashes == {"hashed"}
    assert most == hashing.MAX_RUNNING


def test_a_hash_is_refused_when_no_more_may_wait(monkeypatch):
    limit = hashing.HashingLimit(running=1, admitted=1)
    monkeypatch.setattr(hashing, "limit", limit)
    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", lambda *arguments: "hashed")

    with limit.slot(), pytest.raises(hashing.TooManyHashes):
        make_password("x")
    assert make_password("x") == "hashed"

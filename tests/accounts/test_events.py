"""Security events: what is kept of them, and the bounds of what is kept."""

import logging
from datetime import timedelta

import pytest
from django.db import OperationalError, transaction
from django.utils import timezone

from chat.accounts import event_rows, event_tally, events, lifecycle
from chat.accounts.events import Kind, Requester
from chat.models import SecurityEvent, User
from chat.names.keys import key_of

ADDRESS = "192.0.2.1"
STRANGER = Requester(ADDRESS, "Firefox")


@pytest.fixture
def clock(monkeypatch):
    """A clock that tests move: `clock.now`."""

    class Clock:
        now = timezone.now()

    monkeypatch.setattr(events.timezone, "now", lambda: Clock.now)
    return Clock


@pytest.fixture
def log(caplog, monkeypatch):
    """The lines that security events write to the server's log."""
    monkeypatch.setattr(logging.getLogger("chat"), "propagate", True)
    with caplog.at_level(logging.INFO, logger="chat"):
        yield caplog


def rows(*fields):
    return list(SecurityEvent.objects.order_by("pk").values_list(*fields))


def test_an_event_says_when_what_who_from_where_and_with_what(alice, bob, clock, log):
    events.record(Kind.EMAIL_CHANGED, Requester("192.0.2.1", "Firefox", bob), alice, "by hand")
    event = SecurityEvent.objects.get()
    assert (event.at, event.kind, event.count) == (clock.now, "email_changed", 1)
    assert (event.account, event.account_key, event.user_id) == ("alice", alice.key, alice.pk)
    assert (event.by, event.address, event.network) == ("bob", ADDRESS, ADDRESS)
    assert (event.user_agent, event.detail) == ("Firefox", "by hand")
    assert log.messages == [
        'email_changed account="alice" by="bob" address="192.0.2.1" detail="by hand" '
        'user_agent="Firefox"'
    ]


def test_somebody_who_does_it_to_the_own_account_is_not_named_twice(alice):
    events.record(Kind.PASSWORD_CHANGED, Requester(ADDRESS, account=alice), alice)
    events.record(Kind.SIGN_IN_FAILED, Requester(ADDRESS, account=alice), "Alice")
    assert rows("account", "by") == [("alice", ""), ("alice", "")]


def test_a_typed_name_is_kept_if_an_account_has_it_and_never_otherwise(alice, log):
    events.record(Kind.SIGN_IN_FAILED, STRANGER, " ALICE ")
    events.record(Kind.SIGN_IN_FAILED, STRANGER, "correct horse battery staple")
    assert rows("account", "account_key", "user_id") == [
        ("alice", alice.key, alice.pk),
        ("", "", None),
    ]
    assert "horse" not in log.text


def test_an_event_survives_its_account_and_the_account_of_who_caused_it(alice, bob):
    events.record(Kind.RIGHTS_CHANGED, Requester(ADDRESS, account=bob), alice)
    lifecycle.delete(alice)
    lifecycle.delete(bob)
    assert ("alice", "bob") in rows("account", "by")


def test_an_account_with_the_key_of_earlier_rules_is_found_by_its_name(alice):
    User.objects.filter(pk=alice.pk).update(key="earlier")
    events.record(Kind.SIGNED_IN, STRANGER, User.objects.get())
    assert rows("account", "account_key") == [("alice", key_of("alice"))]


# Repeats


def test_repeats_within_a_minute_are_one_row_and_two_lines(transactional_db, clock, log):
    for _ in range(40):
        events.record(Kind.SIGN_IN_FAILED, STRANGER, "nobody")
    clock.now += timedelta(seconds=61)
    events.record(Kind.SIGN_IN_FAILED, STRANGER, "nobody")
    assert rows("kind", "count") == [("sign_in_failed", 40), ("sign_in_failed", 1)]
    line = 'sign_in_failed address="192.0.2.1" user_agent="Firefox"'
    assert log.messages == [line, f"{line} repeated=39", line]


def test_a_clock_that_is_set_back_does_not_keep_events_together(transactional_db, clock):
    events.record(Kind.THROTTLED, STRANGER)
    clock.now -= timedelta(hours=1)
    events.record(Kind.THROTTLED, STRANGER)
    clock.now += timedelta(seconds=90)
    events.record(Kind.THROTTLED, STRANGER)
    assert len(rows("at")) == 3


def test_repeats_in_several_processes_are_one_row(transactional_db, clock):
    for _ in range(3):
        events.record(Kind.SIGN_IN_FAILED, STRANGER, "nobody")
        events.forget()  # another process knows nothing of these
    assert rows("count") == [(3,)]


def test_repeats_are_counted_together_whatever_was_stored_before_them(transactional_db, clock):
    events.record(Kind.THROTTLED, STRANGER)
    events.forget()  # another process, which could not reach the database until now
    clock.now -= timedelta(seconds=30)
    events.record(Kind.SIGNED_OUT, STRANGER)
    clock.now += timedelta(seconds=31)
    events.record(Kind.THROTTLED, STRANGER)
    assert rows("kind", "count") == [("throttled", 2), ("signed_out", 1)]


def test_a_repeat_from_another_address_or_of_another_kind_is_a_row_of_its_own(transactional_db):
    for address in ("192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"):
        events.record(Kind.SIGN_IN_FAILED, Requester(address))
    events.record(Kind.THROTTLED, Requester("192.0.2.1"))
    assert rows("network", "address", "count") == [
        ("192.0.2.1", "192.0.2.1", 1),
        ("192.0.2.2", "192.0.2.2", 1),
        ("2001:db8::/64", "2001:db8::1", 2),
        ("2001:db8:0:1::/64", "2001:db8:0:1::1", 1),
        ("192.0.2.1", "192.0.2.1", 1),
    ]


def test_invented_names_from_one_address_are_one_row(transactional_db, clock):
    for number in range(300):
        events.record(Kind.SIGN_IN_FAILED, STRANGER, f"invented{number}")
    assert rows("account", "count") == [("", 300)]


def test_what_strangers_cause_has_a_bound_for_an_address_and_for_all(transactional_db, clock):
    for number in range(100):
        events.record(Kind.ORIGIN_REFUSED, STRANGER, detail=f"https://{number}.example")
    assert SecurityEvent.objects.count() == event_tally.MAX_DETAILS_OF_NETWORK + 1
    for number in range(300):
        events.record(Kind.SIGN_IN_FAILED, Requester(f"198.51.{number // 256}.{number % 256}"))
    assert SecurityEvent.objects.count() == event_tally.MAX_FROM_ANYBODY + 1
    assert sum(count for (count,) in rows("count")) == 400


def test_what_staff_do_is_never_counted_together(alice, bob):
    for number in range(100):
        events.record(Kind.STAFF_ACTION, Requester(ADDRESS, account=bob), alice, f"Change {number}")
    assert SecurityEvent.objects.count() == 100


# Texts from strangers


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a\0b\r\nSet: x\x1b[2J", "a b Set: x [2J"),
        ("\u202eevil\u2028line\ud800\ufeff", "evil line"),
        ("x" * 5_000_000, "x" * 200),
        ("\0" * 5_000_000, ""),
    ],
    ids=["controls", "bidi", "long", "only NUL"],
)
def test_user_agents_and_details_are_short_lines_of_printable_text(
    transactional_db, log, sent, kept
):
    events.record(Kind.ORIGIN_REFUSED, Requester(ADDRESS, sent), detail=sent[:200])
    assert rows("user_agent") == [(kept,)]
    assert all(line.isprintable() for line in log.messages)


def test_a_text_cannot_pretend_to_be_another_part_of_the_line(transactional_db, log):
    events.record(Kind.ORIGIN_REFUSED, STRANGER, detail='x" by="root')
    assert 'detail="x\\" by=\\"root"' in log.text


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("", ""),
        ("unknown", ""),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("FE80::1%" + "x" * 9000, "fe80::1"),
        ("1.2.3.4\0", ""),
        ("2001:DB8:0:0::1", "2001:db8::1"),
    ],
)
def test_only_addresses_are_kept_as_addresses(transactional_db, address, kept):
    events.record(Kind.THROTTLED, Requester(address))
    assert rows("address") == [(kept,)]


@pytest.mark.parametrize("typed", ["\0", "\ud800", "x" * 1_000_000, "", "é" * 400, "1' OR 1=1 --"])
def test_any_text_may_be_typed_as_a_name(transactional_db, typed):
    events.record(Kind.SIGN_IN_FAILED, STRANGER, typed)
    assert rows("account") == [("",)]


# Transactions and a database that is away


def test_an_event_of_a_transaction_is_recorded_when_it_commits(transactional_db, log):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        events.record(Kind.EMAIL_CHANGED, STRANGER)
        raise ZeroDivisionError
    assert not log.messages
    with transaction.atomic():
        events.record(Kind.PASSWORD_CHANGED, STRANGER)
        assert not log.messages
    assert rows("kind") == [("password_changed",)]


def test_while_the_database_is_away_the_line_remains_and_the_row_follows(
    transactional_db, log, monkeypatch
):
    def fail(entries):
        raise OperationalError("database is locked")

    with monkeypatch.context() as patched:
        patched.setattr(event_rows, "store", fail)
        events.record(Kind.SIGN_IN_FAILED, STRANGER)
        events.record(Kind.SIGN_IN_FAILED, STRANGER)
    assert log.messages[0].startswith("sign_in_failed")
    assert rows("count") == []
    events.store()
    assert rows("count") == [(2,)]


def test_events_wait_for_a_server_process_that_stores_them(transactional_db):
    running = [True]
    events.store_in_background(lambda: running[0])
    events.record(Kind.SIGN_IN_FAILED, STRANGER)
    assert rows("count") == []
    running[0] = False
    events.record(Kind.SIGN_IN_FAILED, STRANGER)
    assert rows("count") == [(2,)]


# Deletion


def event_at(at, **fields):
    fields = {"kind": Kind.SIGNED_IN, **fields}
    return SecurityEvent.objects.create(at=at, **fields)


def delete_all_old():
    rounds = 1
    while event_rows.delete_old():
        rounds += 1
    return rounds


def test_events_are_deleted_after_the_number_of_days_in_the_setting(transactional_db, settings):
    settings.SECURITY_EVENT_DAYS = 7
    now = timezone.now()
    for hours in (7 * 24 + 1, 7 * 24 - 1):
        event_at(now - timedelta(hours=hours))
    delete_all_old()
    assert [now - at < timedelta(days=7) for (at,) in rows("at")] == [True]


def test_events_are_deleted_a_few_at_a_time(transactional_db, monkeypatch):
    monkeypatch.setattr(event_rows, "DELETED_AT_ONCE", 10)
    for _ in range(25):
        event_at(timezone.now() - timedelta(days=100))
    assert event_rows.delete_old()
    assert SecurityEvent.objects.count() == 15
    assert delete_all_old() == 2
    assert rows("pk") == []


def test_a_flood_of_events_pushes_out_older_ones_of_the_flood_only(transactional_db, monkeypatch):
    monkeypatch.setattr(event_rows, "MAX_KEPT_FROM_ANYBODY", 5)
    now = timezone.now()
    event_at(now)
    for _ in range(10):
        event_at(now, kind=Kind.THROTTLED)
    delete_all_old()
    assert rows("kind") == [("signed_in",), *[("throttled",)] * 5]

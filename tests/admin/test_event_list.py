"""The list of security events: what it shows to whom, and its cost in a large table."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from chat.accounts import event_rows, events
from chat.accounts.event_tally import Entry, Event
from chat.accounts.events import Kind, Requester
from chat.admin import listing
from chat.models import SecurityEvent
from tests.support.admin import create_staff, listed, signed_in
from tests.support.plans import plan, reads_of, run
from tests.support.presence import enter

PAGE = "/admin/chat/securityevent/"
MANY = 20_000  # events, for which PostgreSQL prefers an index
BUSY, RARE = "203.0.113.9", "203.0.113.77"


@pytest.fixture
def happenings(alice, bob):
    """Events of alice, of alice by bob, and of strangers."""
    events.record(Kind.SIGNED_IN, Requester("192.0.2.1", "Firefox"), alice)
    events.record(Kind.RIGHTS_CHANGED, Requester("192.0.2.2", "lynx", bob), alice, "is_staff: on")
    events.record(Kind.SIGN_IN_FAILED, Requester("2001:db8::1", "curl/8"), "nobody")
    events.record(Kind.SIGN_IN_FAILED, Requester("2001:db8:0:1::1", "curl/8"), "bob")


def shown(client, query=""):
    """Return (kind, account, address) of the events on a page of the list."""
    rows = listed(client.get(f"{PAGE}?{query}"))
    return [(row.kind, row.account, row.address) for row in rows]


def test_the_newest_events_come_first(root_client, happenings):
    assert [kind for kind, *_ in shown(root_client)] == [
        *("sign_in_failed", "sign_in_failed", "rights_changed", "signed_in"),
    ]


@pytest.mark.usefixtures("one_day")
@pytest.mark.parametrize(
    ("query", "addresses"),
    [
        ("q=ALICE", ["192.0.2.2", "192.0.2.1"]),
        ("q=аl1ce", ["192.0.2.2", "192.0.2.1"]),
        ("q=192.0.2.1", ["192.0.2.1"]),
        ("q=alice+192.0.2.1", ["192.0.2.1"]),
        ("q=2001:DB8::ffff", ["2001:db8::1"]),
        ("q=2001:db8:0:1::/64", ["2001:db8:0:1::1"]),
        ("q=%3A%3Affff%3A192.0.2.2", ["192.0.2.2"]),
        ("q=nobody", []),
        ("q=alic", []),
        ("account=alice", ["192.0.2.2", "192.0.2.1"]),
        ("by=bob", ["192.0.2.2"]),
        ("network=2001:db8::/64", ["2001:db8::1"]),
        ("kind__exact=signed_in&when=today", ["192.0.2.1"]),
        ("when=yesterday", []),
    ],
)
def test_events_are_found_by_account_address_kind_and_time(
    root_client, happenings, query, addresses
):
    assert [address for *_, address in shown(root_client, query)] == addresses


@pytest.mark.usefixtures("one_day")
def test_yesterday_has_what_happened_then_also_what_was_stored_later(root_client):
    now = timezone.localtime()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    late, yesterday = midnight - timedelta(hours=24.5), midnight - timedelta(hours=1)
    for at in (yesterday, late, midnight):  # in the order in which they were stored
        SecurityEvent.objects.create(at=at, kind="signed_in")
    assert [row.at for row in listed(root_client.get(f"{PAGE}?when=yesterday"))] == [yesterday]
    assert [row.at for row in listed(root_client.get(f"{PAGE}?when=today"))] == [midnight]


# Permissions


def test_staff_see_events_with_a_permission_only(transactional_db):
    assert signed_in(create_staff()).get(PAGE).status_code == 403
    assert signed_in(create_staff("view_securityevent", name="guard")).get(PAGE).status_code == 200


def test_staff_see_addresses_and_user_agents_with_a_permission_only(happenings):
    pages = [f"{PAGE}{SecurityEvent.objects.earliest('pk').pk}/change/", PAGE]
    may = signed_in(create_staff("view_securityevent", "view_addresses", name="detective"))
    may_not = signed_in(create_staff("view_securityevent"))
    for page in pages:
        assert "192.0.2.1" in may.get(page).content.decode()
        assert "Firefox" in may.get(page).content.decode()
        assert "192.0.2" not in may_not.get(page).content.decode()
        assert "Firefox" not in may_not.get(page).content.decode()
    assert may_not.get(f"{PAGE}?network=192.0.2.1").status_code == 400
    assert shown(may_not, "q=192.0.2.1") == []
    assert len(shown(may_not, "q=alice")) == 2


def test_nobody_changes_or_deletes_events(root_client, happenings):
    page = f"{PAGE}{SecurityEvent.objects.earliest('pk').pk}"
    assert root_client.get(f"{page}/change/").status_code == 200
    assert root_client.post(f"{page}/change/", {"account": "eve"}).status_code == 403
    assert root_client.post(f"{page}/delete/", {"post": "yes"}).status_code == 403
    assert root_client.get(f"{PAGE}add/").status_code == 403
    form = {"action": "delete_selected", "_selected_action": [1], "post": "yes"}
    root_client.post(PAGE, form)
    assert SecurityEvent.objects.count() == 4


def test_the_list_of_people_shows_addresses_with_the_permission_only(lobby, alice, process):
    enter(lobby, alice, process=process)
    alice.presence_set.get().connection_set.update(address="192.0.2.1")
    page = "/admin/chat/presence/"
    may = signed_in(create_staff("view_presence", "view_addresses", name="detective"))
    may_not = signed_in(create_staff("view_presence"))
    for address in (page, f"{page}{alice.presence_set.get().pk}/change/"):
        assert "192.0.2.1" in may.get(address).content.decode()
        assert "192.0.2.1" not in may_not.get(address).content.decode()


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "'\"&", "%s {} $(x)"])
def test_texts_from_strangers_are_shown_as_text(root_client, transactional_db, text):
    events.record(Kind.ORIGIN_REFUSED, Requester("192.0.2.1", text), detail=text)
    page = root_client.get(PAGE).content.decode()
    assert "<script>alert" not in page
    assert shown(root_client)


# Cost


@pytest.fixture
def many_events(root, alice, monkeypatch):
    """A large table: half of it from one address about one account, a little from another one."""
    monkeypatch.setattr(listing, "MAX_LISTED", 300)
    now = timezone.now()
    kinds = list(Kind)
    SecurityEvent.objects.bulk_create(
        (
            SecurityEvent(
                at=now - timedelta(minutes=MANY - number),
                kind="sign_in_failed" if number % 2 else kinds[number % len(kinds)],
                network=BUSY if number % 2 else f"10.{number % 7}.{number % 250}.1",
                account_key="allce" if number % 2 else f"key {number % 999}",
                by="root" if number % 10 == 0 else "",
            )
            for number in range(MANY)
        ),
        batch_size=5_000,
    )
    SecurityEvent.objects.filter(network="10.1.1.1").update(network=RARE, account_key="rare")
    run("ANALYZE")
    yield
    if connection.vendor == "sqlite":
        run("DELETE FROM sqlite_stat1")
        run("ANALYZE sqlite_schema")  # so that the next tests begin without statistics


LISTS = [
    *("", "p=3", f"q={BUSY}", f"q={RARE}", "q=10.2.2.1", "q=alice", "q=rare", "q=nobody"),
    *(f"q=alice+{BUSY}", "by=root", "by=nobody", "kind__exact=sign_in_failed"),
    *("kind__exact=throttled", f"kind__exact=sign_in_failed&q={BUSY}", "when=today", "when=week"),
    *("when=today&q=alice", f"when=yesterday&q={BUSY}", "kind__exact=signed_in&when=month"),
]


def test_every_list_uses_an_index_and_counts_nothing(root_client, many_events):
    for query in LISTS:
        reads = reads_of("chat_securityevent", root_client.get, f"{PAGE}?{query}")
        assert reads
        for sql in reads:
            assert "COUNT(" not in sql
            assert re.search(r'LIMIT \d+$|"id" IN \([\d, ]+\)', sql), sql
            assert_uses_an_index(sql, may_scan_newest="WHERE" not in sql)


def assert_uses_an_index(sql, may_scan_newest=False):
    steps = plan(sql)
    if connection.vendor == "sqlite":
        assert not [step for step in steps if "TEMP B-TREE" in step], (sql, steps)
        if not may_scan_newest:
            assert not [step for step in steps if step.startswith("SCAN")], (sql, steps)
    else:
        assert not [step for step in steps if "Seq Scan" in step], (sql, steps)


def test_storing_and_deleting_events_use_indexes(many_events):
    entries = [
        Entry(Event("sign_in_failed", address), timezone.now(), count=3)
        for address in (BUSY, RARE, "192.0.2.1", "2001:db8::1")
    ]
    calls = [(event_rows.store, entries), (event_rows.store, entries), (event_rows.delete_old,)]
    for call in calls:
        reads = reads_of("chat_securityevent", *call)
        assert reads
        for sql in reads:
            assert_uses_an_index(sql, may_scan_newest=sql.endswith("LIMIT 1"))

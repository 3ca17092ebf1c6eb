"""The list of messages: its order, its limit, and its cost in a large log."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.admin import listing
from tests.support.admin import listed_seqs
from tests.support.log import write_log

QUERY_PLANS = {  # query of the list: what SQLite must use to find the keys
    "": "SCAN chat_message",
    "p=3": "SCAN chat_message",
    "removed=no": "SCAN chat_message",
    "q=line": "SCAN chat_message",
    "kind__exact=said": "message_kind_newest (kind=?)",
    "kind__exact=said&when=week": "message_kind_newest (kind=? AND",
    "kind__exact=said&q=line": "message_kind_newest (kind=?)",
    "name=alice": "message_name_newest (name=?)",
    "name=alice&when=week": "message_name_newest (name=? AND",
    "when=week": "INTEGER PRIMARY KEY (rowid>?)",
    "when=week&q=line": "INTEGER PRIMARY KEY (rowid>?)",
}


def test_messages_are_always_listed_newest_first(root_client, conversation):
    assert listed_seqs(root_client.get("/admin/chat/message/")) == [5, 4, 3, 2, 1]
    assert listed_seqs(root_client.get("/admin/chat/message/?o=1")) == [5, 4, 3, 2, 1]


def test_the_list_is_limited_to_the_newest_and_says_that_there_are_older_ones(
    root_client, lobby, monkeypatch
):
    monkeypatch.setattr(listing, "MAX_LISTED", 250)
    write_log(lobby, 251)
    first = root_client.get("/admin/chat/message/")
    last = root_client.get("/admin/chat/message/?p=3")
    few = root_client.get("/admin/chat/message/?kind__exact=entered")
    assert listed_seqs(first)[0] == 251
    assert (listed_seqs(last)[0], listed_seqs(last)[-1]) == (51, 2)
    note = "Only the newest matching messages are listed."
    assert note in first.content.decode()
    assert note not in few.content.decode()
    beyond = root_client.get("/admin/chat/message/?p=4", follow=True)
    assert listed_seqs(beyond) == listed_seqs(first)


@pytest.mark.parametrize("query", QUERY_PLANS)
def test_a_list_reads_the_keys_once_and_every_read_has_a_limit(root_client, lobby, query):
    write_log(lobby, 400)
    reads = reads_of_messages(root_client, query)
    assert len(reads) >= 2
    for sql in reads:
        assert "COUNT(" not in sql
        assert "DISTINCT" not in sql
        assert re.search(r'LIMIT \d+$|"id" IN \([\d, ]+\)', sql), sql
    assert len([sql for sql in reads if reads_keys(sql)]) == 1


@pytest.mark.only_sqlite
@pytest.mark.parametrize(("query", "expected"), QUERY_PLANS.items())
def test_an_index_serves_every_list_without_sorting(root_client, lobby, query, expected):
    write_log(lobby, 400)
    for sql in reads_of_messages(root_client, query):
        steps = query_plan(sql)
        assert steps
        assert not [step for step in steps if "TEMP B-TREE" in step], steps
        if reads_keys(sql):
            assert len(steps) == 1
            assert expected in steps[0]


def reads_of_messages(client, query):
    """Return the statements with which a list reads the table of messages."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(f"/admin/chat/message/?{query}").status_code == 200
    return [each["sql"] for each in captured if 'FROM "chat_message"' in each["sql"]]


def reads_keys(sql):
    return f"LIMIT {listing.MAX_LISTED}" in sql


def query_plan(sql):
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + sql.replace("%", "%%"), ())
        return [row[3] for row in cursor.fetchall()]

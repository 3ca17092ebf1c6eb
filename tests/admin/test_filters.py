"""The filters beside the list of messages."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.models import Message
from tests.support.admin import listed_seqs


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind__exact=entered", [2, 1]),
        ("name=bob", [5, 2]),
        ("name=bob&kind__exact=said&q=night", [5]),
        ("removed=yes", []),
        ("removed=no&kind__exact=said", [5, 4, 3]),
    ],
)
def test_messages_are_filtered_by_kind_name_and_removal(root_client, conversation, query, found):
    assert listed_seqs(root_client.get(f"/admin/chat/message/?{query}")) == found


@pytest.mark.usefixtures("one_day")
def test_messages_are_filtered_by_time(root_client, conversation):
    noon = timezone.localtime().replace(hour=12)
    for seq, days in [(1, 400), (2, 20), (3, 6), (4, 1), (5, 0)]:
        Message.objects.filter(seq=seq).update(at=noon - timedelta(days=days))
    spans = ("today", "yesterday", "week", "month", "year", "unknown")
    found = {
        span: listed_seqs(root_client.get(f"/admin/chat/message/?when={span}")) for span in spans
    }
    assert found == {
        "today": [5],
        "yesterday": [4],
        "week": [5, 4, 3],
        "month": [5, 4, 3, 2],
        "year": [5, 4, 3, 2],
        "unknown": [5, 4, 3, 2, 1],
    }


def test_the_list_of_a_day_without_lines_is_empty(root_client, conversation):
    Message.objects.update(at=timezone.now() - timedelta(days=3))
    assert listed_seqs(root_client.get("/admin/chat/message/?when=today")) == []
    assert listed_seqs(root_client.get("/admin/chat/message/?when=yesterday")) == []

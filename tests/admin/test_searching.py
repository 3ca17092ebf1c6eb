"""Searches in the lists of accounts and messages."""

import pytest

from chat.accounts import lifecycle
from tests.support.admin import listed, listed_seqs


@pytest.mark.parametrize("typed", ["Alice", "аlice", "a1ic", "wonder@", "ALICE wonder"])
def test_a_user_is_found_by_name_by_similar_looking_name_and_by_email(
    root_client, alice, bob, typed
):
    lifecycle.change_email(alice, "wonder@example.org")
    response = root_client.get("/admin/chat/user/", {"q": typed})
    assert [user.username for user in listed(response)] == ["alice"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("GOOD", [5, 3]),
        ("good alice", [3]),
        ('"good night"', [5]),
        ("ärger", [4]),
        ("ÄRGER", [4]),
        ("%", []),
        ("bob", [5, 2]),
        (" ".join(["good"] * 2000), [5, 3]),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else None,
)
def test_messages_are_found_by_all_words_in_text_or_name(root_client, conversation, typed, found):
    assert listed_seqs(root_client.get("/admin/chat/message/", {"q": typed})) == found

"""The token that creates the first administrator."""

import pytest

from chat.accounts import first_administrator, lifecycle
from tests.support.accounts import PASSWORD
from tests.support.presence import enter

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_wrong_token_creates_nobody():
    first_administrator.issue_token()
    with pytest.raises(first_administrator.InvalidToken):
        first_administrator.create("guess", "mallory", PASSWORD)


def test_no_token_is_issued_once_there_is_an_account(alice):
    assert first_administrator.issue_token() is None
    assert not first_administrator.is_valid("None")


def test_a_new_token_replaces_the_one_before():
    old, new = first_administrator.issue_token(), first_administrator.issue_token()
    assert not first_administrator.is_valid(old)
    assert first_administrator.is_valid(new)


def test_a_token_stays_valid_when_the_name_is_taken(lobby, process):
    enter(lobby, "carol", process=process)
    token = first_administrator.issue_token()
    with pytest.raises(lifecycle.NameTaken):
        first_administrator.create(token, "carol", PASSWORD)
    assert first_administrator.create(token, "dora", PASSWORD).is_superuser
    assert not first_administrator.is_valid(token)

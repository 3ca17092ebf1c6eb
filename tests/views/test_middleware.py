"""The answer to a request whose password cannot be hashed now."""

import pytest

from chat.accounts import hashing
from chat.models import User
from tests.support.accounts import PASSWORD, sign_up_form

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("one_window")]


@pytest.fixture
def no_free_slot(monkeypatch, settings):
    """Let as many passwords be hashed and wait as may."""
    settings.PASSWORD_HASHERS = ["chat.accounts.hashing.LimitedPasswordHasher"]
    limit = hashing.HashingLimit(running=1, admitted=1, patience=0)
    monkeypatch.setattr(hashing, "limit", limit)
    with limit.slot():
        yield


@pytest.mark.parametrize(
    ("page", "form"),
    [
        ("/accounts/login/", {"username": "dora", "password": PASSWORD}),
        ("/accounts/signup/", sign_up_form(username="dora")),
    ],
)
def test_a_request_is_asked_to_retry_when_too_many_passwords_wait(client, no_free_slot, page, form):
    response = client.post(page, form)

    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert "try again" in response.content.decode()
    assert not User.objects.exists()

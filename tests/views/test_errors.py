"""The pages for requests that fail because of an error of ours."""

import pytest
from django.db import InterfaceError, InternalError, OperationalError
from django.test import Client

from chat.views.signing_in import SignInView


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (OperationalError("connection refused"), 503, "cannot reach its database"),
        (InterfaceError("connection already closed"), 503, "cannot reach its database"),
        (InternalError("read-only transaction"), 503, "cannot reach its database"),
        (ValueError("a mistake"), 500, "Something went wrong on our side"),
    ],
)
def test_pages_tell_an_absent_database_from_an_error_of_ours(monkeypatch, db, error, status, text):
    def fail(*arguments, **options):
        raise error

    monkeypatch.setattr(SignInView, "dispatch", fail)
    response = Client(raise_request_exception=False).get("/accounts/login/")
    assert response.status_code == status
    assert text in response.content.decode()
    assert response.has_header("Retry-After") == (status == 503)

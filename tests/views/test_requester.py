"""The sender of a request, as security events name it."""

from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import InterfaceError, OperationalError
from django.test import RequestFactory
from django.utils.functional import SimpleLazyObject

from chat.models import User
from chat.views.requester import requester_of


def request_of(user):
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", HTTP_USER_AGENT="Firefox")
    request.user = user
    return request


def test_a_requester_has_an_address_a_browser_and_the_account_that_is_signed_in():
    alice = User(username="alice")
    assert requester_of(request_of(alice)) == ("192.0.2.1", "Firefox", alice)
    assert requester_of(request_of(AnonymousUser())) == ("192.0.2.1", "Firefox", None)


def test_a_request_without_anything_has_a_requester():
    assert requester_of(SimpleNamespace(META={"REMOTE_ADDR": None})) == ("", "", None)


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_while_the_database_is_away_a_requester_has_no_account(error):
    def load():
        raise error("the database is away")

    assert requester_of(request_of(SimpleLazyObject(load))).account is None

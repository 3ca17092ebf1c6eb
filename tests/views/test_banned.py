"""The website for people who are banned from the site."""

from datetime import timedelta

import pytest
from django.test import Client

from chat.models import User
from chat.room import moderation, targets
from tests.support.accounts import PASSWORD, browser_of, sign_up_form
from tests.support.moderating import OPERATOR

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("one_window")]

PAGES = ["/", "/r/lobby/", "/rooms/", "/search/", "/mentions/", "/admin/", "/join/x/"]


def ban(target, duration=None, reason="spam"):
    return moderation.ban(OPERATOR, target, None, duration, reason)


@pytest.mark.parametrize("page", PAGES)
def test_somebody_who_is_banned_sees_one_sentence_on_every_page(alice, lobby, page):
    browser = browser_of(alice)
    ban(targets.of_account(alice), timedelta(hours=1))
    response = browser.get(page)

    assert response.status_code == 403
    assert "You are banned until" in response.content.decode()
    assert "spam" in response.content.decode()


def test_somebody_who_is_banned_signs_in_and_out_and_keeps_the_account(alice, lobby):
    ban(targets.of_account(alice))
    browser = Client()
    form = {"username": "alice", "password": PASSWORD}
    response = browser.post("/accounts/login/", form, follow=True)

    assert response.status_code == 403
    assert "You are banned: spam" in response.content.decode()
    assert browser.get("/accounts/").status_code == 200
    assert browser.get("/accounts/delete/").status_code == 200
    browser.post("/accounts/logout/")
    assert "_auth_user_id" not in browser.session


def test_a_ban_that_is_lifted_opens_the_pages_again(alice, lobby):
    sanction = ban(targets.of_account(alice))
    browser = browser_of(alice)
    before = browser.get("/rooms/").status_code
    moderation.lift(OPERATOR, sanction.pk)

    assert (before, browser.get("/rooms/").status_code) == (403, 200)


def test_nobody_signs_up_from_a_banned_network(lobby):
    ban(targets.find("network:203.0.113.0/24"), reason="a flood of accounts")
    barred, other = Client(REMOTE_ADDR="203.0.113.9"), Client(REMOTE_ADDR="192.0.2.1")
    refused = barred.get("/accounts/signup/")

    assert refused.status_code == 403
    assert "You are banned: a flood of accounts." in refused.content.decode()
    assert "203.0.113" not in refused.content.decode()
    assert barred.post("/accounts/signup/", sign_up_form()).status_code == 403
    assert not User.objects.exists()
    assert other.post("/accounts/signup/", sign_up_form()).status_code == 302


def test_a_ban_of_a_network_does_not_bind_site_moderators(alice, bob, lobby):
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    ban(targets.find("address:127.0.0.1"))

    assert browser_of(alice).get("/rooms/").status_code == 403
    assert browser_of(bob, "builder's yard").get("/rooms/").status_code == 200

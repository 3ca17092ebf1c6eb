"""The pages for moderators exist for moderators alone."""

import re

import pytest
from django.contrib.auth.models import Permission

from chat.accounts.budgets import Limit
from chat.models import User
from chat.room import creation, reporting
from chat.room.moderation_log import Door
from chat.room.reporting import Reporter
from chat.views.moderation import base
from tests.support.admin import signed_in
from tests.support.pages import problems, text_of

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = ["reports", "held", "sanctions", "requests", "log"]


@pytest.mark.parametrize("page", ["", "invitations", *PAGES])
def test_the_pages_do_not_exist_for_people_who_moderate_nothing(garden, bob, client, page):
    path = f"/moderation/{page}/".replace("//", "/")
    assert client.get(path).url == f"/accounts/login/?next={path}"
    creation.open_direct(bob, [User.objects.create_user("dave")])
    assert signed_in(bob).get(path).status_code == 404
    assert signed_in(bob).post(path, {"action": "dismiss"}).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_moderators_of_a_room_and_of_the_site_have_the_pages(garden, owner, staff, page):
    for browser in (owner, staff):
        assert browser.get(f"/moderation/{page}/").status_code == 200
    assert owner.get("/moderation/").url == "/moderation/reports/"


def test_only_moderators_of_the_site_invite(garden, owner, staff):
    assert owner.get("/moderation/invitations/").status_code == 404
    assert staff.get("/moderation/invitations/").status_code == 200
    assert "Invitations" not in text_of(owner.get("/moderation/reports/"))


def test_a_group_can_moderate_without_the_admin(lobby, carol):
    carol.user_permissions.add(Permission.objects.get(codename="moderate"))
    assert signed_in(carol).get("/moderation/log/").status_code == 200


@pytest.mark.parametrize("fields", [{}, {"action": "nothing"}])
def test_unknown_forms_do_not_exist(garden, owner, fields):
    assert owner.post("/moderation/reports/", fields).status_code == 404


@pytest.mark.parametrize("entry", ["", "x", "0", "-1", str(2**70), "\0", "77"])
def test_bad_entries_are_explained(garden, owner, entry):
    page = owner.post("/moderation/reports/", {"action": "dismiss", "entry": entry})
    assert page.status_code == 200
    assert problems(page)


def test_the_number_of_decisions_is_limited(garden, owner, monkeypatch, one_window):
    monkeypatch.setattr(base, "DECISIONS", Limit("decisions of moderator", 1, 3600))
    fields = {"action": "dismiss", "entry": "77"}
    assert owner.post("/moderation/reports/", fields).status_code == 200
    page = owner.post("/moderation/reports/", fields)
    assert page.status_code == 429
    assert "Too many decisions" in text_of(page)
    assert int(page["Retry-After"]) > 0


def test_the_menu_leads_to_the_pages_and_says_how_much_waits(garden, said, bob, carol, owner):
    page = text_of(signed_in(bob).get("/r/garden/"))
    assert 'href="/moderation/" data-moderation hidden>' in page
    page = text_of(owner.get("/r/garden/"))
    assert 'href="/moderation/" data-moderation>' in page
    assert len(re.findall(r'class="room-count"[^>]* data-waiting hidden>', page)) == 2
    reporting.report(Reporter(carol, "carol", Door.PAGE), garden.pk, said, None, "spam")
    page = text_of(owner.get("/r/garden/"))
    assert "data-waiting hidden" not in page
    assert '<span class="room-count" data-waiting><span data-part="count">1<' in page  # in the menu
    assert "1 decision waits for you" in page  # on its button
    assert "Moderation (1)" in page  # without scripts
    assert 'href="/moderation/"' in text_of(owner.get("/accounts/"))

"""The page of an invitation, and the modes of sign-up that need one or need approval."""

from datetime import timedelta

import pytest
from django.test import Client

from chat.accounts import applications, first_administrator, invitations, throttling
from chat.models import Application, Invitation, Membership, SecurityEvent, User
from chat.room import creation, membership
from tests.support.accounts import PASSWORD, browser_of, sign_up_form
from tests.support.moderating import OPERATOR, in_admin

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("one_window")]


@pytest.fixture
def garden(lobby, alice):
    return creation.create(alice, "The Garden")


def link(**options):
    return invitations.path(invitations.create(OPERATOR, **options))


def page_of(response):
    return response.content.decode()


def test_a_stranger_signs_up_with_an_invitation_and_lands_in_its_room(client, garden, settings):
    settings.SIGNUP = "invite"
    address = link(room_id=garden.pk)
    shown = page_of(client.get(address))
    response = client.post(address, sign_up_form(username="bob"), follow=True)

    assert "The Garden" in shown
    assert response.redirect_chain == [(f"/r/{garden.slug}/", 302)]
    assert response.context["user"].username == "bob"
    assert Membership.objects.filter(room=garden, user__username="bob").exists()
    assert Invitation.objects.get().uses == 1


def test_without_an_invitation_nobody_signs_up_where_one_is_needed(client, settings):
    settings.SIGNUP = "invite"

    assert "need an invitation" in page_of(client.get("/accounts/signup/"))
    assert client.post("/accounts/signup/", sign_up_form()).status_code == 403
    assert not User.objects.exists()


def test_staff_are_shown_how_people_come_in(settings, alice, lobby):
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    browser, hints = browser_of(alice), {}
    for mode in ("open", "approve", "invite", "closed"):
        settings.SIGNUP = mode
        hints[mode] = page_of(browser.get("/r/lobby/"))

    for mode, way in (
        ("open", "the address for signing up"),
        ("approve", "the address for signing up"),
        ("invite", "an invitation"),
        ("closed", "make an account"),
    ):
        assert f"{way}</a>" in hints[mode], mode


def test_a_member_of_the_site_follows_an_invitation_with_one_click(garden, bob):
    browser, address = browser_of(bob, "builder's yard"), link(room_id=garden.pk)
    shown = browser.get(address)
    joined_by_looking = Membership.objects.filter(user=bob).exists()
    response = browser.post(address)

    assert "Go to the room" in page_of(shown)
    assert not joined_by_looking
    assert response.url == f"/r/{garden.slug}/"
    assert Membership.objects.filter(room=garden, user=bob).exists()


def test_a_link_that_cannot_be_used_says_why(client, lobby):
    expired, used_up, revoked = (invitations.create(OPERATOR) for _ in range(3))
    Invitation.objects.filter(pk=expired.pk).update(expires=expired.created)
    Invitation.objects.filter(pk=used_up.pk).update(max_uses=1, uses=1)
    invitations.revoke(OPERATOR, revoked.pk)
    answers = [client.get(invitations.path(each)) for each in (expired, used_up, revoked)]
    unknown = [client.get(f"/join/{token}/") for token in ("x" * 22, "%00", "é" * 22, "x" * 500)]

    assert "has expired" in page_of(answers[0])
    assert "as often as it may be" in page_of(answers[1])
    assert [answer.status_code for answer in answers] == [410, 410, 404]
    for answer in (answers[2], *unknown):
        assert answer.status_code == 404
        assert "does not exist, or it was revoked" in page_of(answer)
    assert "sign up without one" in page_of(answers[0])
    assert client.post(invitations.path(expired), sign_up_form()).status_code == 410
    assert not User.objects.exists()


def test_sign_up_with_an_invitation_counts_as_any_other(monkeypatch, lobby):
    monkeypatch.setattr(throttling, "NEW_ACCOUNTS", throttling.NEW_ACCOUNTS._replace(most=1))
    address = link()
    statuses = [
        Client().post(address, sign_up_form(username=name)).status_code for name in ("ann", "ben")
    ]

    assert statuses == [302, 429]


def test_a_closed_site_makes_no_account_with_an_invitation_but_its_members_follow_it(
    client, settings, garden, bob
):
    settings.SIGNUP = "closed"
    address = link(room_id=garden.pk)

    assert client.post(address, sign_up_form(username="eve")).status_code == 403
    assert browser_of(bob, "builder's yard").post(address).url == f"/r/{garden.slug}/"
    assert not User.objects.filter(username="eve").exists()


def test_a_new_account_waits_until_it_is_approved(client, lobby, settings, mailbox):
    settings.SIGNUP = "approve"
    form = sign_up_form(username="bob", email="bob@example.org", reason="I grow beans")
    response = client.post("/accounts/signup/", form, follow=True)
    waiting = sign_in("bob")
    application = applications.waiting().get()
    applications.approve(OPERATOR, application.pk, site_url="https://chat.example.org")
    (mail,) = mailbox()

    assert "waits for approval" in page_of(response)
    assert not response.context["user"].is_authenticated
    assert application.text == "I grow beans"
    assert "waits for approval" in page_of(waiting)
    assert mail.to == ["bob@example.org"]
    assert "https://chat.example.org/accounts/login/" in mail.body
    assert sign_in("bob").status_code == 302


@pytest.mark.parametrize("mode", ["open", "invite", "approve", "closed"])
def test_the_first_administrator_needs_no_sign_up(client, lobby, settings, mode):
    settings.SIGNUP = mode
    link = f"/accounts/first/{first_administrator.issue_token()}/"
    response = client.post(link, sign_up_form(), follow=True)

    assert response.context["user"].is_superuser
    assert not Application.objects.exists()


def test_a_reason_is_asked_for_where_accounts_are_approved(client, lobby, settings):
    settings.SIGNUP = "approve"
    response = client.post("/accounts/signup/", sign_up_form())

    assert list(response.context["form"].errors) == ["reason"]
    assert not User.objects.exists()


def test_an_invitation_takes_the_place_of_the_approval(client, lobby, settings):
    settings.SIGNUP = "approve"
    response = client.post(link(), sign_up_form(), follow=True)

    assert response.context["user"].username == "alice"
    assert not Application.objects.exists()


def test_a_rejected_person_hears_why_and_nobody_else_does(client, lobby, settings):
    settings.SIGNUP = "approve"
    client.post("/accounts/signup/", sign_up_form(reason="because"))
    applications.reject(OPERATOR, applications.waiting().get().pk, "we are full")

    assert "not approved: we are full" in page_of(sign_in("alice"))
    assert "not approved" not in page_of(sign_in("alice", "wrong"))
    assert sign_in("alice", "wrong").context["form"].errors == (
        sign_in("nobody", "wrong").context["form"].errors
    )


def test_the_right_password_of_an_inactive_account_is_no_guess(lobby, alice):
    alice.is_active = False
    alice.save()
    answers = [sign_in("alice") for _ in range(12)]

    assert all("was deactivated" in page_of(answer) for answer in answers)
    events = SecurityEvent.objects.filter(kind="sign_in_failed")
    assert set(events.values_list("detail", flat=True)) == {"the account is inactive"}


def sign_in(name, password=PASSWORD):
    return Client().post("/accounts/login/", {"username": name, "password": password})


def test_a_moderator_in_the_admin_is_named_to_those_who_follow(client, garden, bob):
    bob.is_staff = True
    bob.save()
    address = invitations.path(
        invitations.create(in_admin(bob), room_id=garden.pk, expires=timedelta(days=1))
    )

    assert "bob" in page_of(client.get(address))
    client.post(address, sign_up_form(username="carol"))
    line = garden.message_set.order_by("-seq").first()
    assert (line.kind, line.name, line.text) == ("joined", "carol", "bob")
    membership.part(garden.pk, User.objects.get(username="carol"))

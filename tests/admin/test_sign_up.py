"""Invitations and applications in the admin site."""

from datetime import timedelta

import pytest

from chat.accounts import applications, invitations
from chat.models import Application, Invitation, User
from chat.room import creation
from tests.support.accounts import PASSWORD
from tests.support.admin import create_staff, listed, run_action, shown_messages, signed_in
from tests.support.moderation_entries import new_entries

PAGE = "/admin/chat/invitation/"


def test_staff_create_invitations_and_see_their_links(root_client, lobby, alice):
    garden = creation.create(alice, "Garden")
    new_entries()
    form = {"room_address": "garden", "max_uses": "3", "duration": "7d"}
    response = root_client.post(f"{PAGE}add/", form, follow=True)
    created = Invitation.objects.get()
    assert (created.room, created.max_uses, created.by) == (garden, 3, "root")
    assert created.expires - created.created == timedelta(days=7)
    assert invitations.path(created) in shown_messages(response)[0]
    own = {"host": "localhost:8000"}
    page = root_client.get(f"{PAGE}{created.pk}/change/", headers=own).content.decode()
    assert f"http://localhost:8000{invitations.path(created)}" in page
    assert new_entries() == [("invite", "root", "", "admin")]


@pytest.mark.parametrize(
    ("field", "value"),
    [("room_address", "nowhere"), ("max_uses", "0"), ("max_uses", "x"), ("duration", "soon")],
)
def test_a_wrong_invitation_is_not_created(root_client, lobby, field, value):
    form = {"room_address": "", "max_uses": "", "duration": ""} | {field: value}
    response = root_client.post(f"{PAGE}add/", form)
    assert field in response.context["adminform"].form.errors
    assert not Invitation.objects.exists()


def test_staff_revoke_invitations(root_client, lobby):
    root_client.post(f"{PAGE}add/", {"room_address": "", "max_uses": "", "duration": ""})
    created = Invitation.objects.get()
    run_action(root_client, "invitation", "revoke", created)
    created.refresh_from_db()
    assert invitations.state(created) is invitations.State.REVOKED
    assert [action for action, *_ in new_entries()] == ["invite", "revoke"]


def test_staff_who_only_view_invitations_do_not_see_links(root_client, lobby):
    root_client.post(f"{PAGE}add/", {"room_address": "", "max_uses": "", "duration": ""})
    created = Invitation.objects.get()
    client = signed_in(create_staff("view_invitation"))
    assert len(listed(client.get(PAGE))) == 1
    page = client.get(f"{PAGE}{created.pk}/change/").content.decode()
    assert created.token not in page
    assert client.get(f"{PAGE}add/").status_code == 403


def test_staff_approve_and_reject_accounts(root_client, lobby):
    dora, eve = (applications.apply(name, PASSWORD, "", "let me in") for name in ("dora", "eve"))
    run_action(root_client, "application", "approve", dora)
    run_action(root_client, "application", "reject", eve)
    states = dict(Application.objects.values_list("user__username", "state"))
    assert states == {"dora": "approved", "eve": "rejected"}
    assert User.objects.get(username="dora").is_active
    assert not User.objects.get(username="eve").is_active
    assert new_entries() == [
        ("approve", "root", "dora", "admin"),
        ("reject", "root", "eve", "admin"),
    ]

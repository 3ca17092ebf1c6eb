"""The page with the invitations to the site."""

import pytest

from chat.models import Invitation, ModerationEntry
from tests.support.admin import shown_messages
from tests.support.pages import problems, text_of

pytestmark = pytest.mark.django_db(transaction=True)

PATH = "/moderation/invitations/"


def create(browser, **fields):
    defaults = {"room": "", "max_uses": "", "expires": ""}
    return browser.post(PATH, {"action": "create", **defaults, **fields}, follow=True)


def test_an_invitation_is_created_and_its_link_shown(garden, staff):
    page = create(staff, room="Garden", max_uses="5", expires="7d")
    assert "created" in shown_messages(page)[0]
    invitation = Invitation.objects.get()
    assert (invitation.room, invitation.max_uses, invitation.by) == (garden, 5, "warden")
    assert (invitation.expires - invitation.created).days == 7
    assert f"http://testserver/join/{invitation.token}/" in text_of(page)
    assert ModerationEntry.objects.get().action == "invite"


@pytest.mark.parametrize(
    ("site_url", "begin"),
    [("", "http://localhost:8000/join/"), ("https://chat.example", "https://chat.example/join/")],
)
def test_a_link_has_the_address_by_which_the_moderator_sees_the_page(
    lobby, staff, settings, site_url, begin
):
    settings.SITE_URL = site_url
    create(staff)
    assert begin in text_of(staff.get(PATH, headers={"host": "localhost:8000"}))


def test_an_invitation_may_lead_to_the_lobby_for_good(lobby, staff):
    create(staff)
    invitation = Invitation.objects.get()
    assert (invitation.room, invitation.max_uses, invitation.expires) == (None, None, None)


def test_an_invitation_is_revoked(lobby, staff):
    create(staff)
    invitation = Invitation.objects.get()
    fields = {"action": "revoke", "entry": invitation.pk}
    page = staff.post(PATH, fields, follow=True)
    assert shown_messages(page) == ["The invitation is revoked."]
    assert "Revoked" in text_of(page)
    assert invitation.token not in text_of(page)
    assert problems(staff.post(PATH, fields))


@pytest.mark.parametrize(
    "fields",
    [
        {"room": "nowhere"},
        {"max_uses": "0"},
        {"max_uses": str(10**30)},
        {"max_uses": "many"},
        {"expires": "1y"},
    ],
)
def test_what_cannot_be_created_is_explained(lobby, staff, fields):
    page = create(staff, **fields)
    assert problems(page)
    assert '<details class="addition" open' in text_of(page)
    assert not Invitation.objects.exists()


def test_there_is_no_invitation(lobby, staff):
    assert "There are no invitations yet." in text_of(staff.get(PATH))

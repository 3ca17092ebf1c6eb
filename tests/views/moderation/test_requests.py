"""The page with people who ask to join a room, and with new accounts that wait."""

import pytest
from django.utils import timezone

from chat.models import Application, JoinRequest, Membership, ModerationEntry, User
from tests.support.admin import shown_messages
from tests.support.pages import headings, problems, text_of

pytestmark = pytest.mark.django_db(transaction=True)

PATH = "/moderation/requests/"


@pytest.fixture
def asked(garden, warden):
    """dave's request to join the garden."""
    dave = User.objects.create_user("dave")
    return JoinRequest.objects.create(room=garden, user=dave, at=timezone.now())


@pytest.fixture
def application(transactional_db):
    """The application of a newcomer."""
    newcomer = User.objects.create_user("newcomer", is_active=False)
    return Application.objects.create(user=newcomer, text="I grow <roses>.", at=timezone.now())


def send(browser, row, action, **fields):
    return browser.post(PATH, {"action": action, "entry": row.pk, **fields}, follow=True)


def test_nobody_waits(garden, owner, staff):
    for browser in (owner, staff):
        assert "Nobody is waiting to be let in." in text_of(browser.get(PATH))


def test_moderators_of_the_site_see_new_accounts_too(asked, application, owner, staff):
    assert headings(owner.get(PATH)) == ["dave"]
    assert headings(staff.get(PATH)) == ["newcomer", "dave"]
    assert "I grow &lt;roses&gt;." in text_of(staff.get(PATH))


def test_somebody_is_let_into_a_room(asked, garden, owner):
    assert shown_messages(send(owner, asked, "admit")) == [
        "The person is a member of the room now."
    ]
    assert Membership.objects.filter(room=garden, user=asked.user).exists()
    assert ModerationEntry.objects.get().by_address == "127.0.0.1"


def test_somebody_is_not_let_into_a_room(asked, garden, owner):
    assert shown_messages(send(owner, asked, "decline", reason="full")) == [
        "The request is declined."
    ]
    assert not Membership.objects.filter(room=garden, user=asked.user).exists()
    assert ModerationEntry.objects.get().reason == "full"
    assert problems(send(owner, asked, "admit"))


def test_an_account_is_approved(application, staff):
    assert shown_messages(send(staff, application, "approve")) == ["The account is approved."]
    assert User.objects.get(username="newcomer").is_active
    assert problems(send(staff, application, "reject"))


def test_an_account_is_rejected(application, staff):
    page = send(staff, application, "reject", reason="no roses here")
    assert shown_messages(page) == ["The account is rejected."]
    application.refresh_from_db()
    assert (application.state, application.reason) == ("rejected", "no roses here")


def test_a_refused_decision_is_explained_beside_the_account(application, asked, staff):
    page = send(staff, application, "reject", reason="x" * 301)
    assert len(problems(page)) == 1


def test_moderators_of_a_room_decide_about_no_account(garden, application, owner):
    assert problems(send(owner, application, "approve"))
    assert not User.objects.get(username="newcomer").is_active

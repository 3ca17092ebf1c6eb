"""Applications: accounts that wait until staff approve them."""

import pytest
from django.core import mail
from django.core.management import call_command

from chat.accounts import applications, lifecycle
from chat.models import Application, ModerationEntry, SecurityEvent, User
from chat.room.refusal import RefusalCode, Refused
from tests.support.accounts import PASSWORD
from tests.support.moderating import OPERATOR, on_page, site_moderator
from tests.support.threads import together

# A mail that is still on its way would count in the next test.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mailbox")]


@pytest.fixture
def mona(lobby):
    return on_page(site_moderator("mona"))


@pytest.fixture
def application(lobby):
    return applications.apply("eve", PASSWORD, "eve@example.org", "I grow beans")


def refusal(function, *arguments):
    """Return the code with which a call is refused."""
    with pytest.raises(Refused) as refused:
        function(*arguments)
    return refused.value.code


def test_an_applicant_is_inactive_and_keeps_the_name(application):
    assert not User.objects.get(username="eve").is_active
    assert lifecycle.is_taken("Eve")
    assert list(applications.waiting()) == [application]
    event = SecurityEvent.objects.get(kind="signed_up")
    assert (event.account, event.detail) == ("eve", "waits for approval")


def test_an_application_is_approved_once(mona, application):
    applications.approve(mona, application.pk, "welcome")

    assert User.objects.get(username="eve").is_active
    assert not applications.waiting()
    for decide in (applications.approve, applications.reject):
        assert refusal(decide, mona, application.pk) is RefusalCode.DECIDED
    entry = ModerationEntry.objects.get()
    assert (entry.action, entry.by, entry.target, entry.reason) == (
        *("approve", "mona", "eve", "welcome"),
    )
    assert SecurityEvent.objects.filter(kind="rights_changed", account="eve", by="mona").exists()


def test_a_rejection_can_be_taken_back(mona, application):
    applications.reject(mona, application.pk, "we are full")
    rejected = applications.sentence(User.objects.get(username="eve"))
    applications.approve(mona, application.pk)

    assert rejected == "Your account was not approved: we are full"
    assert User.objects.get(username="eve").is_active
    assert list(ModerationEntry.objects.order_by("pk").values_list("action", flat=True)) == (
        ["reject", "approve"]
    )


def test_two_moderators_decide_once(mona, application):
    def reject():
        try:
            return applications.reject(mona, application.pk).state
        except Refused as refused:
            return refused.code

    assert sorted(together(*[reject] * 4)) == ["decided"] * 3 + ["rejected"]
    assert ModerationEntry.objects.count() == 1


def test_only_site_moderators_decide(application, alice):
    for decide in (applications.approve, applications.reject):
        assert refusal(decide, on_page(alice), application.pk) is RefusalCode.NOT_ALLOWED
        assert refusal(decide, OPERATOR, 0) is RefusalCode.NO_SUCH_ENTRY
        too_long = "x" * 301
        assert refusal(decide, OPERATOR, application.pk, too_long) is RefusalCode.TOO_LONG
    assert Application.objects.get().state == "waiting"


def test_an_account_that_was_activated_otherwise_waits_no_more(mona, application):
    lifecycle.activate(User.objects.get(username="eve"))

    assert not applications.waiting()
    assert refusal(applications.reject, mona, application.pk) is RefusalCode.DECIDED


def test_the_person_is_told_by_mail(mona, application, mailbox):
    applications.reject(mona, application.pk, "we are full", "https://chat.example.org")
    applications.approve(mona, application.pk, site_url="https://chat.example.org")
    rejected, approved = mailbox()

    assert [mail.to for mail in (rejected, approved)] == [["eve@example.org"]] * 2
    assert rejected.subject == "Your account on Chatsite was not approved"
    assert "The staff wrote: we are full" in rejected.body
    assert "accounts/login" not in rejected.body
    assert approved.subject == "Your account on Chatsite was approved"
    assert "https://chat.example.org/accounts/login/" in approved.body


def test_a_decision_at_the_command_line_has_sent_its_mail_when_the_command_ends(application):
    call_command("moderate", "approve", str(application.pk))

    assert [message.to for message in mail.outbox] == [["eve@example.org"]]


def test_without_an_address_or_a_mail_server_no_mail_is_sent(mona, lobby, mailbox, settings):
    silent = applications.apply("silent", PASSWORD, "", "hello")
    applications.approve(mona, silent.pk)
    settings.SENDS_MAIL = False
    other = applications.apply("other", PASSWORD, "other@example.org", "hello")
    applications.approve(mona, other.pk)

    assert mailbox() == []


def test_only_the_right_password_finds_an_inactive_account(application, alice):
    assert applications.of_inactive("Eve", PASSWORD) == application.user
    assert applications.of_inactive("eve", "wrong") is None
    assert applications.of_inactive("alice", "wonderland 7") is None  # who is active
    assert applications.of_inactive("nobody", PASSWORD) is None

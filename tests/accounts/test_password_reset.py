"""Mails for forgotten passwords: to whom, with which links, and how many."""

import re

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.utils.http import urlsafe_base64_decode

from chat.accounts import known_browsers, lifecycle, password_reset, throttling
from chat.accounts.events import Requester
from chat.accounts.mail_queue import MailQueue
from chat.accounts.password_reset import ResetRequest
from chat.accounts.throttling import TooManyAttempts
from chat.models import SecurityEvent, User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("one_window")]

ADDRESS = "alice@example.org"
SITE = "https://chat.example.org"
STRANGER = "203.0.113.9"


@pytest.fixture(autouse=True)
def alices_address(alice, mailbox):
    lifecycle.change_email(alice, ADDRESS)


def account(name, email):
    return User.objects.create_user(name, email=email, password="wonderland 7")


def ask(email=ADDRESS, address=STRANGER, browser=""):
    password_reset.request(ResetRequest(email, Requester(address), browser, SITE))


def named_accounts(message):
    """Return the names of the accounts that the links of a mail are for."""
    names = []
    for uid, token in re.findall(rf"^{SITE}/accounts/reset/(\w+)/([\w-]+)/$", message.body, re.M):
        user = User.objects.get(pk=urlsafe_base64_decode(uid).decode())
        assert default_token_generator.check_token(user, token)
        names.append(user.username)
    return names


def test_the_owner_of_the_address_gets_a_link_for_the_account(mailbox):
    ask()
    (message,) = mailbox()
    assert message.to == [ADDRESS]
    assert named_accounts(message) == ["alice"]
    assert "alice" in message.body


def test_one_mail_has_the_links_of_all_accounts_of_an_address(mailbox):
    for number in range(12):
        account(f"spare{number}", ADDRESS)
    ask()
    (message,) = mailbox()
    assert named_accounts(message) == ["alice", *(f"spare{number}" for number in range(12))]
    assert all(f"spare{number}:\n" in message.body for number in range(12))


def test_a_mail_has_links_for_so_many_accounts_and_says_how_many_more_there_are(
    mailbox, monkeypatch
):
    monkeypatch.setattr(password_reset, "MAX_ACCOUNTS", 2)
    account("second", ADDRESS)
    account("third", ADDRESS)
    ask()
    (message,) = mailbox()
    assert named_accounts(message) == ["alice", "second"]
    assert "There is 1 more" in message.body
    assert "third" not in message.body


def test_accounts_without_a_password_or_that_were_deactivated_get_no_link(mailbox, alice, bob):
    lifecycle.change_email(bob, ADDRESS)
    lifecycle.set_password(bob, None)
    lifecycle.deactivate(account("former", ADDRESS))
    ask()
    assert [named_accounts(message) for message in mailbox()] == [["alice"]]
    lifecycle.set_password(alice, None)
    ask()
    assert len(mailbox()) == 1


@pytest.mark.parametrize("email", ["ALICE@example.org", "alice@EXAMPLE.org"])
def test_the_mail_goes_to_the_address_in_the_spelling_that_is_stored(mailbox, email):
    ask(email)
    assert [message.to for message in mailbox()] == [[ADDRESS]]


def test_other_spellings_of_an_address_are_other_mailboxes_and_get_no_further_mail(mailbox):
    account("shouter", "ALICE@example.org")
    for typed, to, name in (
        (ADDRESS, ADDRESS, "alice"),
        ("ALICE@example.org", "ALICE@example.org", "shouter"),
        ("Alice@example.org", ADDRESS, "alice"),
    ):
        ask(typed)
        message = mailbox()[-1]
        assert (message.to, named_accounts(message)) == ([to], [name])
    assert len(mailbox()) == 3


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("mike@example.org", "mıke@example.org"),
        ("mike@example.org", "m\N{KELVIN SIGN}ke@example.org"),
        ("ß@example.org", "ss@example.com"),
        ("ann@ex\N{CYRILLIC SMALL LETTER A}mple.org", "ann@example.org"),
        ("ann@example.org", "ann%@example.org"),
        ("ann@example.org", "ann_example.org"),
        ("ann@example.org", "a__@example.org"),
    ],
)
def test_an_address_that_only_looks_like_one_gets_no_mail(mailbox, stored, typed):
    account("mike", stored)
    ask(typed)
    assert mailbox() == []


def test_an_odd_address_of_an_account_is_no_error_for_others(mailbox, alice, caplog):
    odd = account("odd", "odd@example.org")
    User.objects.filter(pk=odd.pk).update(email="odd@example.org\nBcc: eve@example.org")
    ask("odd@example.org\nBcc: eve@example.org")
    ask()
    assert [message.to for message in mailbox()] == [[ADDRESS]]
    assert "/accounts/reset/" not in caplog.text


def test_a_stranger_cannot_use_up_the_mails_of_the_owner(mailbox):
    most = throttling.MAILS_FOR_MAILBOX_FROM_ADDRESS.most
    for _ in range(most + 3):
        ask()
    assert len(mailbox()) == most
    ask(address="2001:db8::1")
    assert len(mailbox()) == most + 1


def test_one_ipv6_network_is_one_stranger(mailbox):
    for number in range(throttling.MAILS_FOR_MAILBOX_FROM_ADDRESS.most + 3):
        ask(address=f"2001:db8::{number}")
    assert len(mailbox()) == throttling.MAILS_FOR_MAILBOX_FROM_ADDRESS.most


def test_a_mailbox_is_not_flooded_from_many_networks_but_known_browsers_get_mails(mailbox, alice):
    most = throttling.MAILS_FOR_MAILBOX.most
    for number in range(most + 5):
        ask(address=f"203.0.113.{number}")
    assert len(mailbox()) == most
    ask(browser=known_browsers.remembered(alice, ""))
    assert len(mailbox()) == most + 1
    assert named_accounts(mailbox()[-1]) == ["alice"]


def test_accounts_with_the_address_of_somebody_else_send_few_mails_and_leave_some_to_the_owner(
    mailbox, alice
):
    for name in ("eve", "mallory"):
        stranger = account(name, ADDRESS)
        for number in range(8):  # a new browser each time
            ask(address=f"192.0.2.{number}", browser=known_browsers.remembered(stranger, ""))
    assert len(mailbox()) == 2 * throttling.MAILS_FOR_BROWSERS_OF_ACCOUNT.most
    ask(browser=known_browsers.remembered(alice, ""))
    assert len(mailbox()) == 2 * throttling.MAILS_FOR_BROWSERS_OF_ACCOUNT.most + 1
    for number in range(throttling.MAILS_FOR_MAILBOX_FROM_BROWSERS.most):
        stranger = account(f"eve{number}", ADDRESS)
        ask(address=f"192.0.2.{number}", browser=known_browsers.remembered(stranger, ""))
    assert len(mailbox()) == throttling.MAILS_FOR_MAILBOX_FROM_BROWSERS.most


def test_the_account_that_the_browser_is_known_for_is_always_in_the_mail(mailbox, monkeypatch):
    monkeypatch.setattr(password_reset, "MAX_ACCOUNTS", 2)
    account("second", ADDRESS)
    latest = account("third", ADDRESS)
    ask(browser=known_browsers.remembered(latest, ""))
    assert named_accounts(mailbox()[0]) == ["third", "alice"]


def test_a_browser_that_is_known_for_another_account_has_no_mails_of_its_own(mailbox, bob):
    most = throttling.MAILS_FOR_MAILBOX_FROM_ADDRESS.most
    for _ in range(most + 3):
        ask(browser=known_browsers.remembered(bob, ""))
    assert len(mailbox()) == most


def test_requests_from_an_address_are_limited_whether_accounts_exist_or_not(mailbox):
    for number in range(throttling.RESETS.most):
        ask(f"nobody{number}@example.org")
    for email in (ADDRESS, "nobody@example.org"):
        with pytest.raises(TooManyAttempts):
            ask(email)
    ask(address="192.0.2.7")
    assert len(mailbox()) == 1


def test_clients_without_an_address_have_the_limit_of_the_mailbox(mailbox):
    for _ in range(throttling.MAILS_FOR_MAILBOX.most + 2):
        ask(address="")
    assert len(mailbox()) == throttling.MAILS_FOR_MAILBOX.most


def test_a_mail_that_could_not_be_sent_is_given_back(mailbox, monkeypatch, settings):
    queue = MailQueue(retry_after=())
    monkeypatch.setattr(password_reset, "mails", lambda: queue)
    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", fail)
        for number in range(throttling.MAILS_FOR_MAILBOX.most):
            ask(address=f"203.0.113.{number}")
        assert queue.wait_empty(30)
    ask()
    assert queue.wait_empty(30)
    assert len(mailbox()) == 1


def fail(*args):
    raise ConnectionRefusedError(111, "Connection refused")


def test_requests_are_security_events(mailbox, bob):
    lifecycle.change_email(bob, ADDRESS)
    ask()
    ask("nobody@example.org")
    mailbox()
    rows = SecurityEvent.objects.filter(kind="reset_requested").order_by("pk")
    assert list(rows.values_list("account", "address", "detail")) == [
        ("alice", STRANGER, "mail"),
        ("bob", STRANGER, "mail"),
        ("", STRANGER, "unknown email address"),
    ]


def test_a_full_queue_is_reported_to_the_requester(mailbox, monkeypatch):
    queue = MailQueue(most=0)
    monkeypatch.setattr(password_reset, "mails", lambda: queue)
    with pytest.raises(password_reset.QueueFull):
        ask()

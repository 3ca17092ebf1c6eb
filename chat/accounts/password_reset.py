"""Forgotten passwords: a mail with a link for each account that has an email address.

The answer of the page, and the time that it takes, are the same for known and unknown addresses:
the accounts are looked up in the background, where the mail is written. One request sends one mail
at most.

Nobody can flood a mailbox, and nobody can use up the mails of its owner:

- Each network may cause a few mails to a mailbox, so a stranger uses up only those of one network.
- A stranger with many networks can use up the mails of a mailbox for a day. Then the owner has that
  many mails, and the links in them work, because they are valid for three days.
- Browsers that are known for an account (see `known_browsers`) have mails of their own. Anybody can
  have an account with the same email address, so these mails are counted for each account, and for
  the mailbox.

A mail that could not be sent does not count.
"""

import logging
import unicodedata
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from chat.accounts import events, known_browsers, throttling
from chat.accounts.events import Kind, Requester
from chat.accounts.mail_queue import Letter, QueueFull, mails
from chat.models import User

__all__ = ["QueueFull", "request"]

MAX_ACCOUNTS = 50  # accounts of one mailbox that a mail has links for, the oldest
MAX_LOOKED_AT = 1_000  # accounts that are looked at for one request
HEADERS = {"Auto-Submitted": "auto-generated"}  # so that nothing answers it (RFC 3834)

logger = logging.getLogger(__name__)


class ResetRequest(NamedTuple):
    """A request for a new password, and the address to which the links in the mail lead."""

    email: str
    requester: Requester
    browser: str  # the cookie of `known_browsers`
    site_url: str


def request(asked: ResetRequest) -> None:
    """Let a mail be sent to the owner of an email address, if there is one.

    Raises TooManyAttempts if the requester has asked too often, and QueueFull.
    """
    throttling.count_reset_request(asked.requester.address)
    mails().add(partial(_write, asked))


def _write(asked: ResetRequest) -> Letter | None:
    accounts = _accounts(asked.email)
    if not accounts:
        events.record(Kind.RESET_REQUESTED, asked.requester, detail="unknown email address")
        return None
    known_for = _known_account(asked.browser, accounts)
    if known_for is not None:
        accounts.sort(key=lambda user: user != known_for)
    mailbox = _key(accounts[0].email)
    try:
        give_back = throttling.count_reset_mail(asked.requester.address, mailbox, known_for)
    except throttling.TooManyAttempts as error:
        _record(accounts, asked, f"no mail: {error.limit}")
        return None
    _record(accounts, asked, "mail")
    about = f"The mail with a new password link for {accounts[0].username}"
    return Letter(_message(accounts, asked.site_url), about, give_back)


def _accounts(email: str) -> list[User]:
    """Return the accounts with the email address, all of which have it in one spelling.

    Two spellings may be two mailboxes, and mails go only to an address that is stored. The spelling
    that was typed comes first, then that of the oldest account.
    """
    matching = User.objects.filter(email__iexact=email, is_active=True)
    found = [
        user
        for user in matching.order_by("pk")[:MAX_LOOKED_AT]
        # A database may take different characters for the same (CVE-2019-19844).
        if user.has_usable_password() and _key(user.email) == _key(email)
    ]
    spellings = [user.email for user in found]
    spelling = email if email in spellings else spellings[0] if spellings else ""
    return [user for user in found if user.email == spelling]


def _key(email: str) -> str:
    """Return an email address in the form in which two are compared (Unicode TR36, 2.11.2)."""
    return unicodedata.normalize("NFKC", email).casefold()


def _known_account(cookie: str, accounts: Sequence[User]) -> User | None:
    """Return the account that a browser is known for, which also comes first in the mail."""
    return next((user for user in accounts if known_browsers.is_known_for(cookie, user)), None)


def _record(accounts, asked, detail):
    for user in accounts[:MAX_ACCOUNTS]:
        events.record(Kind.RESET_REQUESTED, asked.requester, user, detail)


def _message(accounts: Sequence[User], site_url: str) -> EmailMessage:
    context = {
        "accounts": [
            {"name": user.get_username(), "link": site_url + _path(user)}
            for user in accounts[:MAX_ACCOUNTS]
        ],
        "left_out": len(accounts[MAX_ACCOUNTS:]),
    }
    subject = " ".join(render_to_string("accounts/reset_subject.txt").split())
    body = render_to_string("accounts/reset_email.txt", context)
    return EmailMessage(subject, body, to=[accounts[0].email], headers=HEADERS)


def _path(user):
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    token = default_token_generator.make_token(user)
    return reverse("reset_confirm", kwargs={"uidb64": uid, "token": token})

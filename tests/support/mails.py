"""The mails that pages send in the background, in tests with Django's test client."""

from django.core import mail

from chat.accounts.mail_queue import mails
from tests.support.waiting import PATIENCE


def sent_mails():
    """Return all mails that were sent so far, after waiting for those that are on their way."""
    assert mails().wait_empty(PATIENCE)
    return mail.outbox

"""`manage.py sendtestemail`: Django's command, with one sentence for a mail that was not sent."""

from django.core.management.commands import sendtestemail

from chat.accounts import mail_queue
from chatsite.environment import exit_with


class Command(sendtestemail.Command):
    help = "Send a mail to the given addresses, to try the mail server of EMAIL_URL."

    def handle(self, *args, **options):
        try:
            super().handle(*args, **options)
        except OSError as error:  # also all of smtplib's
            exit_with(f"the mail was not sent: {mail_queue.describe(error)}")

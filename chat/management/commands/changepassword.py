"""`manage.py changepassword`: Django's command, which here also ends open connections."""

import getpass

from django.contrib.auth.management.commands import changepassword

from chat.accounts import events
from chat.models import User
from chat.room import connections


class Command(changepassword.Command):
    help = "Set a new password for an account, which ends its sessions and connections."

    def handle(self, *args, **options):
        result = super().handle(*args, **options)
        user = User.objects.get(username=options["username"] or getpass.getuser())
        connections.disconnect(user_id=user.pk)
        events.record(events.Kind.PASSWORD_CHANGED, events.COMMAND_LINE, user)
        return result

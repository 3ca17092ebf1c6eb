"""`manage.py createsuperuser`: Django's command, which here records a security event."""

from django.contrib.auth.management.commands import createsuperuser

from chat.accounts import events
from chat.models import User


class Command(createsuperuser.Command):
    def handle(self, *args, **options):
        newest = User.objects.order_by("-pk").first()
        result = super().handle(*args, **options)
        for user in User.objects.filter(is_superuser=True, pk__gt=newest.pk if newest else 0):
            events.record(events.Kind.ACCOUNT_CREATED, events.COMMAND_LINE, user, "createsuperuser")
        return result

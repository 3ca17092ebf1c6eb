"""Code for a running server, after which there is something on every page of moderation."""

WAITING = """
from django.utils import timezone
from chat.accounts import applications, invitations
from chat.models import HeldMessage, JoinRequest
from chat.room import moderation, reporting, targets
from chat.room.moderation_log import Door, Moderator
from chat.room.seen_addresses import Sighting, store
room, now = Room.first(), timezone.now()
warden = User.objects.get(username={warden!r})
User.objects.filter(pk=warden.pk).update(is_superuser=True, is_staff=True)
warden.refresh_from_db()
other = User.objects.create_user({other!r})
reporter = reporting.Reporter(warden, warden.username, Door.PAGE)
reporting.report(reporter, room.pk, None, targets.of_account(other), "rude")
HeldMessage.objects.create(
    room=room, user=other, name=other.username, key=other.key, text="hello", at=now
)
JoinRequest.objects.create(room=room, user=other, at=now)
applications.apply({other!r} + "-too", "wonderland 7", "", "please")
by = Moderator(warden, Door.PAGE, "203.0.113.7")
moderation.mute(by, targets.find("address:203.0.113.9"), room.pk, None, "spam")
invitations.create(by)
store([Sighting(other.username, other.pk, "203.0.113.9", now)])
"""

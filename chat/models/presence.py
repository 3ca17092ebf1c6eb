"""The people on the site, and their connections."""

from django.conf import settings
from django.db import models

from chat.models.process import Process
from chat.models.room import Room
from chat.models.security_event import MAX_ADDRESS
from chat.names.keys import MAX_KEY, MAX_NAME


class Presence(models.Model):
    """A person on the site, who holds a name.

    `entered` is the number of the line of the lobby that announced the person.
    """

    name = models.CharField(max_length=MAX_NAME)
    key = models.CharField(max_length=MAX_KEY)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT
    )
    entered = models.PositiveBigIntegerField()

    class Meta:
        verbose_name_plural = "presence"
        constraints = [
            models.UniqueConstraint(fields=["key"], name="presence_name_is_claimed_once"),
        ]

    def __str__(self):
        return self.name

    @property
    def guest(self):
        return self.user_id is None


class Visit(models.Model):
    """A guest in a room besides the lobby. It ends with the guest's presence.

    `joined` is the number of the line of the room that announced the guest.
    """

    room = models.ForeignKey(Room, on_delete=models.CASCADE)
    presence = models.ForeignKey(Presence, on_delete=models.CASCADE, db_index=False)
    joined = models.PositiveBigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["presence", "room"], name="visit_is_unique"),
        ]

    def __str__(self):
        return f"{self.presence} in {self.room}"


class Connection(models.Model):
    """An open connection of a person; one server process holds it."""

    class Door(models.TextChoices):
        WEB = "web"
        LEGACY = "legacy"

    presence = models.ForeignKey(Presence, on_delete=models.CASCADE)
    process = models.ForeignKey(Process, on_delete=models.PROTECT)
    door = models.CharField(max_length=6, choices=Door)
    session_key = models.CharField(max_length=40, blank=True, db_index=True)
    # Of the client; empty if it has none, such as on a Unix socket.
    address = models.CharField(max_length=MAX_ADDRESS, blank=True)
    # The socket broke. The row is kept until the member returns or the grace period ends.
    lost = models.BooleanField(default=False)

    def __str__(self):
        return f"{self.presence_id} by {self.door}"

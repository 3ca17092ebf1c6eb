"""The people in a room, and their connections."""

from django.conf import settings
from django.db import models

from chat.models.process import Process
from chat.models.room import Room
from chat.names.keys import MAX_KEY, MAX_NAME


class Presence(models.Model):
    """A person in a room; `entered` is the number of the line that announced it."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE)
    name = models.CharField(max_length=MAX_NAME)
    key = models.CharField(max_length=MAX_KEY)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT
    )
    entered = models.PositiveBigIntegerField()

    class Meta:
        verbose_name_plural = "presence"
        constraints = [
            models.UniqueConstraint(fields=["room", "key"], name="presence_name_is_unique"),
        ]

    def __str__(self):
        return self.name

    @property
    def guest(self):
        return self.user_id is None


class Connection(models.Model):
    """An open connection of a person in a room; one server process holds it."""

    class Door(models.TextChoices):
        WEB = "web"
        LEGACY = "legacy"

    presence = models.ForeignKey(Presence, on_delete=models.CASCADE)
    process = models.ForeignKey(Process, on_delete=models.PROTECT)
    door = models.CharField(max_length=6, choices=Door)
    session_key = models.CharField(max_length=40, blank=True, db_index=True)
    # The socket broke. The row is kept until the member returns or the grace period ends.
    lost = models.BooleanField(default=False)

    def __str__(self):
        return f"{self.presence_id} by {self.door}"

"""The rows that wait for a moderator: messages, reports, and requests to join a room."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from chat.models.moderation import MAX_REASON
from chat.models.presence import Presence
from chat.models.room import Room
from chat.names.keys import MAX_KEY, MAX_NAME


class HeldMessage(models.Model):
    """A message that waits for approval. It has no number: it takes one when it is released.

    `reply` is the number of the message that it replies to, and `files` the ids of its uploads.
    """

    class Decision(models.TextChoices):
        WAITING = "waiting"
        RELEASED = "released"
        REFUSED = "refused"

    room = models.ForeignKey(Room, on_delete=models.CASCADE)
    # An account, or a guest, whose presence may have ended.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE
    )
    presence = models.ForeignKey(Presence, null=True, blank=True, on_delete=models.SET_NULL)
    name = models.CharField(max_length=MAX_NAME)
    key = models.CharField(max_length=MAX_KEY)
    client_id = models.UUIDField(null=True, blank=True)
    text = models.TextField(blank=True)
    reply = models.PositiveBigIntegerField(null=True, blank=True)
    files = models.JSONField(default=list, blank=True)
    at = models.DateTimeField()
    decision = models.CharField(max_length=8, choices=Decision, default=Decision.WAITING)
    decided = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=MAX_NAME, blank=True)
    reason = models.CharField(max_length=MAX_REASON, blank=True)
    seq = models.PositiveBigIntegerField(null=True, blank=True)  # of the released message

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["room", "user", "client_id"],
                condition=Q(client_id__isnull=False),
                name="message_is_held_once",
            ),
        ]
        indexes = [
            models.Index(fields=["at"], condition=Q(decision="waiting"), name="held_waiting"),
            models.Index(
                fields=["decided"], condition=Q(decided__isnull=False), name="held_decided"
            ),
        ]

    def __str__(self):
        return f"{self.name} in {self.room_id}"


class Report(models.Model):
    """A report of a message or of a person, for the moderators of a room.

    `context` has the message and some before it as they were shown when it was reported, as
    `[{"seq", "name", "text", "at"}, ...]`.
    """

    class State(models.TextChoices):
        OPEN = "open"
        HANDLED = "handled"
        DISMISSED = "dismissed"

    room = models.ForeignKey(Room, on_delete=models.CASCADE)
    seq = models.PositiveBigIntegerField(null=True, blank=True)  # of the message
    # The person who is reported: an account, or a guest.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="reports_about",
    )
    name = models.CharField(max_length=MAX_NAME)
    key = models.CharField(max_length=MAX_KEY)
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="reports_by",
    )
    reporter_name = models.CharField(max_length=MAX_NAME)
    reporter_key = models.CharField(max_length=MAX_KEY)
    # Of a guest, who is told of the decision while this presence lasts; others may take the name.
    reporter_presence = models.BigIntegerField(null=True, blank=True)
    why = models.CharField(max_length=MAX_REASON)
    context = models.JSONField(default=list, blank=True)
    at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    decided = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=MAX_NAME, blank=True)
    # The reporter was told that it was looked at.
    told = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["at"], condition=Q(state="open"), name="report_open"),
            models.Index(fields=["reporter_key", "at"], name="report_by_reporter"),
            models.Index(
                fields=["decided"], condition=Q(decided__isnull=False), name="report_decided"
            ),
        ]

    def __str__(self):
        return f"{self.name}, by {self.reporter_name}"


class JoinRequest(models.Model):
    """An account that asks to be let into a room."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "user"], name="join_request_is_unique"),
        ]

    def __str__(self):
        return f"{self.user} to {self.room}"

"""Signing up by invitation, or with the approval of staff."""

import secrets

from django.conf import settings
from django.db import models

from chat.models.moderation import MAX_REASON
from chat.models.room import Room
from chat.names.keys import MAX_NAME

TOKEN_BYTES = 16
MAX_TOKEN = 22  # characters


def random_token() -> str:
    """Return a token that nobody can guess."""
    return secrets.token_urlsafe(TOKEN_BYTES)


class Invitation(models.Model):
    """A link with which people sign up, a number of times, until it expires or is revoked."""

    token = models.CharField(
        max_length=MAX_TOKEN, unique=True, default=random_token, editable=False
    )
    # Where those who follow it land; the lobby without one.
    room = models.ForeignKey(Room, null=True, blank=True, on_delete=models.SET_NULL)
    by = models.CharField(max_length=MAX_NAME, blank=True)  # empty for the operator
    created = models.DateTimeField()
    expires = models.DateTimeField(null=True, blank=True)
    max_uses = models.PositiveIntegerField(null=True, blank=True)  # None: any number
    uses = models.PositiveIntegerField(default=0)
    revoked = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["created"], name="invitation_newest")]

    def __str__(self):
        return f"invitation {self.pk} by {self.by or 'the operator'}"


class Application(models.Model):
    """A new account that waits for approval, and is inactive meanwhile; `text` says why it asks."""

    class State(models.TextChoices):
        WAITING = "waiting"
        APPROVED = "approved"
        REJECTED = "rejected"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="application"
    )
    text = models.CharField(max_length=MAX_REASON, blank=True)
    at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    decided = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=MAX_NAME, blank=True)
    reason = models.CharField(max_length=MAX_REASON, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "at"], name="application_waiting")]

    def __str__(self):
        return f"application of {self.user}"

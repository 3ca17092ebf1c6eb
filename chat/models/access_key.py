"""Access keys: what a member of the legacy port signs in with instead of a password."""

from django.conf import settings
from django.db import models

MAX_KEY_NAME = 40  # characters
SESSION_PREFIX = "key:"  # no key of a login session contains a colon


class AccessKey(models.Model):
    """A key of an account. Only its digest is kept, so nobody can read the key again.

    The keys are long and random, so a fast digest is as safe as a slow hash of a password.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    name = models.CharField(max_length=MAX_KEY_NAME)
    digest = models.CharField(max_length=64, unique=True, editable=False)  # SHA-256
    created = models.DateTimeField()
    last_used = models.DateTimeField(null=True, blank=True)

    def __str__(self):
        return f"{self.name} of {self.user}"

    @property
    def session_key(self) -> str:
        """The text that stands for a login session in the connections opened with this key."""
        return f"{SESSION_PREFIX}{self.pk}"

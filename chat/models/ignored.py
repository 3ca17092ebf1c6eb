"""The people whom an account ignores."""

from django.conf import settings
from django.db import models

from chat.names.keys import MAX_KEY, MAX_NAME


class Ignored(models.Model):
    """An account is not shown what somebody says, whose name has this key: an account or a guest.

    `name` is as it was when it was added.
    """

    # The constraint below begins with the account.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="ignored"
    )
    key = models.CharField(max_length=MAX_KEY)
    name = models.CharField(max_length=MAX_NAME)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="ignored_is_unique"),
        ]

    def __str__(self):
        return f"{self.name}, by {self.user}"

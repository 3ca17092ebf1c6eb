"""The counters of attempts."""

from django.db import models


class Counter(models.Model):
    """The number of attempts in a window of time. `key` is a digest of what was tried and by whom.

    `expires` is the second, since the epoch, at which the window ends. Counters that have expired
    are removed by `chat.accounts.counter_stores`.
    """

    KEY_LENGTH = 40

    key = models.CharField(max_length=KEY_LENGTH, primary_key=True)
    counted = models.IntegerField()
    expires = models.BigIntegerField(db_index=True)

    def __str__(self):
        return self.key

"""The earlier versions of messages that were edited."""

from django.db import models

from chat.models.room import Room


class MessageVersion(models.Model):
    """A text that the message `seq` of a room had, from `at` until it was edited.

    It has no name: its author is that of the message.
    """

    # The constraint below begins with the room.
    room = models.ForeignKey(Room, on_delete=models.CASCADE, db_index=False)
    seq = models.PositiveBigIntegerField()
    number = models.PositiveSmallIntegerField()  # 1 for the first version
    text = models.TextField()
    spans = models.JSONField(null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["room", "seq", "number"], name="message_version_is_unique"
            ),
        ]

    def __str__(self):
        return f"version {self.number} of {self.seq} in {self.room}"

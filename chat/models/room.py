"""Rooms, each of which is a log."""

from django.conf import settings
from django.db import models


class Room(models.Model):
    """A room is a log. `last_seq` counts its rows; only the code that appends rows writes it."""

    name = models.CharField(max_length=64, unique=True)
    last_seq = models.PositiveBigIntegerField(default=0, editable=False)
    revision = models.PositiveBigIntegerField(
        default=0,
        editable=False,
        help_text="Counts changes of existing lines, such as those of a deleted account. "
        "Processes that keep lines in memory then read them again.",
    )

    COUNTERS = frozenset({"last_seq", "revision"})

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        """Save all fields except the counters.

        A stale copy of `last_seq` would give every later line a number that is in use.
        """
        if not self._state.adding:
            fields = kwargs.get("update_fields")
            if fields is None:
                fields = {f.name for f in self._meta.concrete_fields if not f.primary_key}
            kwargs["update_fields"] = set(fields) - self.COUNTERS
        super().save(*args, **kwargs)

    @classmethod
    def first(cls):
        """Return the room behind both doors; create it with the name CHAT_ROOM if there is none."""
        if (room := cls.objects.order_by("pk").first()) is None:
            # Several processes may start at the same time; only one of them creates it.
            room, _ = cls.objects.get_or_create(name=settings.CHAT_ROOM)
        return room

"""The rows of a room's log."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q

from chat.models.room import Room
from chat.names.keys import MAX_NAME


class Line(NamedTuple):
    """A row of a room's log, without its room. `seq` is 0 until `chat.room.log` numbers it.

    A message that was removed has no text here.
    """

    kind: str
    name: str
    at: datetime
    text: str = ""
    seq: int = 0
    client_id: UUID | None = None
    author_id: int | None = None
    guest: bool = False
    of: int | None = None
    removed: bool = False


class Person(NamedTuple):
    """A person in a room."""

    name: str
    guest: bool


class MessageQuerySet(models.QuerySet):
    """Rows of logs."""

    def lines(self) -> list[Line]:
        """Return the rows as `Line`s, in the queryset's order."""
        lines = [Line(*row) for row in self.values_list(*Line._fields)]
        return [line._replace(text="") if line.removed else line for line in lines]


class Message(models.Model):
    """One row of a room's log: a message, an arrival, a departure, a removal, or a notice."""

    class Kind(models.TextChoices):
        SAID = "said"
        ENTERED = "entered"
        LEFT = "left"
        REMOVED = "removed"
        NOTICE = "notice"

    # The field needs no index of its own, because the indexes below begin with it.
    room = models.ForeignKey(Room, on_delete=models.PROTECT, db_index=False)
    seq = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=8, choices=Kind)
    name = models.CharField(max_length=MAX_NAME)
    text = models.TextField(blank=True)
    at = models.DateTimeField()
    client_id = models.UUIDField(null=True, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    guest = models.BooleanField(default=False)
    of = models.PositiveBigIntegerField(null=True, blank=True)
    removed = models.BooleanField(default=False)

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "seq"], name="message_seq_is_unique"),
            # The client id comes before the author, so that each saying is found in one step.
            models.UniqueConstraint(
                fields=["room", "client_id", "author"],
                condition=Q(client_id__isnull=False),
                name="message_is_said_once",
            ),
        ]
        indexes = [
            models.Index(fields=["room", "kind", "seq"], name="message_by_kind"),
            models.Index(fields=["kind", "id"], name="message_kind_newest"),
            models.Index(fields=["name", "id"], name="message_name_newest"),
            models.Index(fields=["at"], name="message_at"),
            models.Index(fields=["id"], condition=Q(removed=True), name="message_removed_newest"),
        ]

    def __str__(self):
        return f"{self.seq} {self.kind} {self.name}"

"""What is kept: accounts, rooms and their logs, and who is here. The database holds the rules."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import Q

from chat.names import MAX_KEY, MAX_NAME, MAX_USERNAME, key_of, validate_username


class AccountManager(UserManager):
    """Finds accounts by the key of their name, so that `Alice` signs in as `alice`."""

    def get_by_natural_key(self, username):
        return self.get(key=key_of(username))

    async def aget_by_natural_key(self, username):
        return await self.aget(key=key_of(username))


class User(AbstractUser):
    """An account. Its name is unique by key: who looks the same is the same."""

    first_name = None
    last_name = None
    username = models.CharField(
        "user name", max_length=MAX_USERNAME, unique=True, validators=[validate_username]
    )
    key = models.CharField(max_length=MAX_KEY, unique=True, editable=False)

    objects = AccountManager()

    def save(self, *args, **kwargs):
        self.key = key_of(self.username)
        fields = kwargs.get("update_fields")
        if fields is not None and "username" in fields:
            kwargs["update_fields"] = {*fields, "key"}
        super().save(*args, **kwargs)


class Room(models.Model):
    """A room is a log. `last_seq` counts its rows; only `chat.room.transcript` writes it."""

    name = models.CharField(max_length=64, unique=True)
    last_seq = models.PositiveBigIntegerField(default=0, editable=False)
    revision = models.PositiveBigIntegerField(
        default=0,
        editable=False,
        help_text="Counts rewritings of rows that were written already (an account deleted); "
        "who keeps lines in memory reads them anew.",
    )

    COUNTERS = frozenset({"last_seq", "revision"})

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        """Save all but the counters: a stale copy would make every later line collide."""
        if not self._state.adding:
            fields = kwargs.get("update_fields")
            if fields is None:
                fields = {f.name for f in self._meta.concrete_fields if not f.primary_key}
            kwargs["update_fields"] = set(fields) - self.COUNTERS
        super().save(*args, **kwargs)

    @classmethod
    def first(cls):
        """The room behind both doors; made, with the name in CHAT_ROOM, when there is none."""
        if (room := cls.objects.order_by("pk").first()) is None:
            # Several processes may start at once; one of them makes it.
            room, _ = cls.objects.get_or_create(name=settings.CHAT_ROOM)
        return room


class Line(NamedTuple):
    """A row of a room's log as members see it; a removed one has no text."""

    seq: int
    kind: str
    name: str
    text: str
    at: datetime
    client_id: UUID | None
    guest: bool
    of: int | None
    removed: bool = False


class Person(NamedTuple):
    """Somebody in a room."""

    name: str
    guest: bool


class MessageQuerySet(models.QuerySet):
    def lines(self):
        """The rows as `Line`s, in the queryset's order."""
        rows = self.values_list(*Line._fields)
        return [Line(*row) if not row[-1] else Line(*row)._replace(text="") for row in rows]


class Message(models.Model):
    """One row of a room's log: somebody said, entered, left, or a message was removed."""

    class Kind(models.TextChoices):
        SAID = "said"
        ENTERED = "entered"
        LEFT = "left"
        REMOVED = "removed"
        NOTICE = "notice"

    # Without an index of its own: those below begin with the room.
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
            # In this order: a batch is looked up by the ids alone, each of which is one step.
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


class Process(models.Model):
    """A server process: where it runs, and a beat that says that it does."""

    host = models.CharField(max_length=200)
    pid = models.PositiveIntegerField()
    started = models.CharField(max_length=64)
    beat = models.PositiveBigIntegerField(default=0)
    stopped = models.BooleanField(default=False)  # in order, or taken for dead

    def __str__(self):
        return f"{self.host}:{self.pid}"


class Presence(models.Model):
    """A person in a room; `entered` is the number of the line that said so."""

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
    """A living connection of somebody present, kept alive by its process."""

    class Door(models.TextChoices):
        WEB = "web"
        LEGACY = "legacy"

    presence = models.ForeignKey(Presence, on_delete=models.CASCADE)
    process = models.ForeignKey(Process, on_delete=models.PROTECT)
    door = models.CharField(max_length=6, choices=Door)
    session_key = models.CharField(max_length=40, blank=True, db_index=True)
    lost = models.BooleanField(default=False)  # kept for a grace, in case its member comes back

    def __str__(self):
        return f"{self.presence_id} by {self.door}"

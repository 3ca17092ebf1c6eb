"""Rooms, each of which is a log, and their members."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.crypto import get_random_string

from chat.names.keys import MAX_KEY, key_of

SLUG_CHARACTERS = "abcdefghijkmnopqrstuvwxyz23456789"
MAX_NAME = 64  # characters
MAX_SLUG = 32
MAX_TOPIC = 250


def random_slug() -> str:
    """Return a slug that nobody can guess, for rooms that must not be found by their name."""
    return get_random_string(12, SLUG_CHARACTERS)


class Room(models.Model):
    """A room is a log. `last_seq` counts its rows; only the code that appends rows writes it.

    The room with the lowest id is the lobby. Everybody who is connected is in it.
    """

    class Kind(models.TextChoices):
        OPEN = "open"  # any account may join
        PRIVATE = "private"  # by invitation
        DIRECT = "direct"  # the people who began it, and nobody else

    name = models.CharField(max_length=MAX_NAME, blank=True)
    # The key of the name, so that no two open rooms have names that look the same. Direct rooms
    # have none, and only null may occur more than once.
    key = models.CharField(max_length=MAX_KEY, null=True, editable=False)  # noqa: DJ001
    # The address of the room. It stays when the room is renamed, and is never used again.
    slug = models.CharField(max_length=MAX_SLUG, unique=True, default=random_slug, editable=False)
    kind = models.CharField(max_length=7, choices=Kind, default=Kind.OPEN, editable=False)
    topic = models.CharField(max_length=MAX_TOPIC, blank=True)
    guests_allowed = models.BooleanField(default=False)
    archived = models.BooleanField(default=False)
    slow_seconds = models.PositiveIntegerField(default=0)  # between two messages of one person
    locked = models.BooleanField(default=False)  # only moderators may speak
    by_request = models.BooleanField(default=False)  # moderators decide who may join
    # Whether lines tell the room what moderators have done there.
    tells_moderation = models.BooleanField("tells of moderation", default=True)
    # The sorted ids of the accounts of a direct room, so that the same people have one room. Other
    # rooms have none, and only null may occur more than once.
    people_key = models.CharField(  # noqa: DJ001
        max_length=200, null=True, unique=True, editable=False
    )
    last_seq = models.PositiveBigIntegerField(default=0, editable=False)
    revision = models.PositiveBigIntegerField(
        default=0,
        editable=False,
        help_text="Counts changes of existing lines, such as those of a deleted account. "
        "Processes that keep lines in memory then read them again.",
    )

    COUNTERS = frozenset({"last_seq", "revision"})

    title = ""  # of a direct room, set where somebody has looked up who is in it

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=Q(kind="open"), name="room_open_name_is_unique"
            ),
        ]

    def __str__(self):
        return self.name or self.title or self.slug

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

    @property
    def is_lobby(self) -> bool:
        return not Room.objects.filter(pk__lt=self.pk).exists()

    @classmethod
    def first(cls):
        """Return the lobby; create it with the name CHAT_ROOM if there is none."""
        if (room := cls.objects.order_by("pk").first()) is None:
            # Several processes may start at the same time; only one of them creates it.
            room, _ = cls.objects.get_or_create(
                slug="lobby",
                defaults={
                    "name": settings.CHAT_ROOM,
                    "key": key_of(settings.CHAT_ROOM),
                    "guests_allowed": True,
                },
            )
        return room


class Membership(models.Model):
    """An account in a room: its rank there, and how far it has read.

    `read_seq` is the number of the last line that the account has read, and `read_at` when that
    last changed; `level` says which lines it wants to be told of.
    """

    class Role(models.TextChoices):
        MEMBER = "member"
        MODERATOR = "moderator"
        OWNER = "owner"

    class Level(models.TextChoices):
        ALL = "all"
        MENTIONS = "mentions"
        NOTHING = "nothing"

    room = models.ForeignKey(Room, on_delete=models.CASCADE, db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    role = models.CharField(max_length=9, choices=Role, default=Role.MEMBER)
    level = models.CharField(max_length=8, choices=Level, default=Level.ALL)
    read_seq = models.PositiveBigIntegerField(default=0)
    # Processes look for changes that others have made, so that all devices show the same.
    read_at = models.DateTimeField(null=True, editable=False)
    since = models.DateTimeField()
    # A direct room stays when somebody leaves it. It is only not shown to them any more, until
    # somebody says something there.
    hidden = models.BooleanField(default=False)
    favourite = models.BooleanField(default=False)  # the account wants it above its other rooms

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "user"], name="membership_is_unique"),
        ]
        indexes = [
            models.Index(
                fields=["read_at"], condition=Q(read_at__isnull=False), name="membership_read_at"
            ),
        ]

    def __str__(self):
        return f"{self.user} in {self.room}"


class Mention(models.Model):
    """The message `seq` of a room mentions an account, or all members of the room without one."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, db_index=False)
    seq = models.PositiveBigIntegerField()
    # The constraint below begins with the account.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "room", "seq"], name="mention_is_unique"),
        ]
        indexes = [
            models.Index(fields=["room", "seq"], name="mention_by_message"),
            models.Index(fields=["user", "id"], name="mention_newest"),
        ]

    def __str__(self):
        return f"{self.user or 'everybody'} in {self.room} at {self.seq}"

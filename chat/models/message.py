"""The rows of a room's log."""

from collections.abc import Iterable
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, NamedTuple, Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q

from chat.markup.spans import without_marks
from chat.models.room import Room
from chat.names.keys import MAX_NAME

QUOTED = 100  # characters of a message that a reply to it shows


class Line(NamedTuple):
    """A row of a room's log, without its room. `seq` is 0 until `chat.room.log` numbers it.

    A message that was removed has no content here. `spans` is the formatting of the text, `edited`
    the time of the last edit. `reactions` are {emoji: [name, ...]}. `files` describe the files of a
    message. A message with `of` is a reply; `quote` shows the message that it replies to, as that
    is now. Each of these five is None where there is none. `quote` is no column: it is filled in
    when the row is read, as is the content of lines that say that a message has changed.
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
    spans: list[list[Any]] | None = None
    edited: datetime | None = None
    reactions: dict[str, list[str]] | None = None
    files: list[dict[str, Any]] | None = None
    quote: dict[str, Any] | None = None

    def without_content(self) -> "Line":
        """Return the line as it is shown after the message was removed."""
        return self._replace(
            text="", removed=True, spans=None, reactions=None, files=None, quote=None
        )

    def as_shown(self) -> "Line":
        """Return the line without the content of a message that was removed."""
        return self.without_content() if self.removed else self

    @property
    def refers(self) -> bool:
        """Whether the line shows content of the message `of`."""
        return self.of is not None and self.kind in REFERRING

    def referring_to(self, message: "Line") -> "Line":
        """Return a line that refers to a message with the present content of that message."""
        if self.kind == "said":
            return self if self.removed else self._replace(quote=message.as_quoted())
        changed = self._replace(text=message.text, spans=message.spans, edited=message.edited)
        if self.kind == "restored":
            return changed._replace(
                files=message.files, reactions=message.reactions, quote=message.quote
            )
        return changed

    def as_quoted(self) -> dict[str, Any]:
        """Return how a reply shows the message: its name and its first words, in one line.

        The words have no marks of formatting. A message without words is shown by the names of its
        files.
        """
        words = without_marks(self.text, self.spans)
        words = words or ", ".join(file["name"] for file in self.files or ())
        quote: dict[str, Any] = {"name": self.name, "text": " ".join(words.split())[:QUOTED]}
        return quote | {"removed": True} if self.removed else quote


SEQ = Line._fields.index("seq")
STORED = tuple(name for name in Line._fields if name != "quote")  # the columns of a line
# Kinds of lines that show content of the message that they point at: replies, and changes of it.
REFERRING = frozenset({"said", "edited", "restored"})


class Access(models.TextChoices):
    """The values of the text of an `access` line: the people who may read and join a room."""

    PRIVATE = "private"  # its members
    OPEN = "open"  # every account
    GUESTS = "guests"  # every account, and guests


class Rule(models.TextChoices):
    """The values of the text of a `rules` line. That of slow mode has its seconds: `slow 30`."""

    SLOW = "slow"
    NOT_SLOW = "not_slow"
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    BY_REQUEST = "by_request"
    NOT_BY_REQUEST = "not_by_request"


class Person(NamedTuple):
    """A person in a room."""

    name: str
    guest: bool


class MessageQuerySet(models.QuerySet):
    """Rows of logs."""

    def lines(self) -> list[Line]:
        """Return the rows as `Line`s, in the queryset's order."""
        return [line for _, line in self.lines_of_rooms()]

    def lines_of_rooms(self) -> list[tuple[int, Line]]:
        """Return (room id, line) of the rows.

        Lines that refer to messages have the present content of these, which a second statement
        reads. It may be newer than the rows.
        """
        rows = self.values_list("room_id", *STORED)
        return _with_content([(room_id, Line(*row).as_shown()) for room_id, *row in rows])

    def at(self, places: Iterable[tuple[int, int | None]]) -> Self:
        """Return the rows with some (room id, number)."""
        seqs: dict[int, list[int | None]] = {}
        for room_id, seq in places:
            seqs.setdefault(room_id, []).append(seq)
        wanted = [Q(room_id=room_id, seq__in=found) for room_id, found in seqs.items()]
        return self.filter(reduce(or_, wanted)) if wanted else self.none()


def _with_content(lines: list[tuple[int, Line]]) -> list[tuple[int, Line]]:
    """Return (room id, line) with the content of the messages that the lines refer to."""
    asked = {(room_id, line.of) for room_id, line in lines if line.refers}
    if not asked:
        return lines
    messages = _messages(asked)
    # A reply that was restored shows again what it quotes.
    restored = {(room_id, line.of) for room_id, line in lines if line.kind == "restored"}
    replies = {place: messages[place] for place in restored & messages.keys()}
    quoted = _messages((room_id, line.of) for (room_id, _), line in replies.items() if line.refers)
    for (room_id, seq), line in replies.items():
        messages[room_id, seq] = _filled(room_id, line, quoted)
    return [(room_id, _filled(room_id, line, messages)) for room_id, line in lines]


def _messages(places):
    """Return {(room id, number): line} of the messages there."""
    said = Message.objects.at(places).filter(kind=Message.Kind.SAID)
    rows = said.values_list("room_id", *STORED)
    return {(room_id, row[SEQ]): Line(*row).as_shown() for room_id, *row in rows}


def _filled(room_id, line, messages):
    message = messages.get((room_id, line.of)) if line.refers else None
    return line if message is None else line.referring_to(message)


class Message(models.Model):
    """One row of a room's log: a message, a change of one, an arrival, a departure, a notice."""

    class Kind(models.TextChoices):
        SAID = "said"  # a reply to the message `of`, if that is set
        ENTERED = "entered"
        LEFT = "left"
        REMOVED = "removed"  # the message `of`, by `name`
        EDITED = "edited"  # the same; the text is that of the message, and empty here
        RESTORED = "restored"  # the same, after it was removed
        REACTED = "reacted"  # to the message `of`, with the emoji in `text`; taken back after `-`
        NOTICE = "notice"
        CREATED = "created"  # `name` created the room
        JOINED = "joined"  # `name` became a member; `text` is who invited them, if anybody did
        PARTED = "parted"  # `name` left the room; `text` is who removed them, if anybody did
        ROLE = "role"  # `name` now has the role `text`
        TOPIC = "topic"  # `name` set the topic to `text`
        RENAMED = "renamed"  # `name` named the room `text`
        ACCESS = "access"  # `name` changed who may read: a value of `Access`, in `text`
        RULES = "rules"  # `name` changed who may speak or join; `text` says how, see `Rule`
        ARCHIVED = "archived"  # by `name`
        REOPENED = "reopened"  # by `name`

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
    # The content that a message may have besides its text; see `Line`.
    spans = models.JSONField(null=True, blank=True)
    edited = models.DateTimeField(null=True, blank=True)
    reactions = models.JSONField(null=True, blank=True)
    files = models.JSONField(null=True, blank=True)

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

    @property
    def line(self) -> Line:
        """The row as a `Line`."""
        return Line(*(getattr(self, name) for name in STORED)).as_shown()

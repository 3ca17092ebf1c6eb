"""The index of the search: an entry for each message, and how far each log was read."""

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from chat.models.room import Room

# SQLite's table of the words, which is kept by triggers of the table of `IndexedMessage`.
WORDS_TABLE = "chat_messagewords"


class TermsField(models.Field):
    """The words and marks of a message, in the form that the database searches.

    `chat.search.entries` makes it.
    """

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "tsvector" if connection.vendor == "postgresql" else "text"


class IndexedMessage(models.Model):
    """The entry of one message in the index. The message may have been removed or deleted since."""

    message_id = models.BigIntegerField(primary_key=True)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, db_index=False, db_constraint=False)
    terms = TermsField()

    class Meta:
        indexes = [models.Index(fields=["room", "message_id"], name="indexed_by_room")]

    def __str__(self):
        return f"message {self.message_id}"


class IndexCursor(models.Model):
    """The number of the last line of a room whose effect is in the index."""

    room = models.OneToOneField(Room, primary_key=True, on_delete=models.CASCADE)
    seq = models.PositiveBigIntegerField(default=0)

    def __str__(self):
        return f"{self.room} up to {self.seq}"

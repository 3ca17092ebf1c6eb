"""Files that people have sent to rooms."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q

from chat.models.room import Room
from chat.names.files import MAX_FILE_NAME

ID_BYTES = 16  # random, so that nobody finds a file by guessing
MAX_ID = 22  # characters
MAX_ALT = 500
MAX_TYPE = 40


def random_id() -> str:
    """Return the id of a new upload."""
    return secrets.token_urlsafe(ID_BYTES)


class Upload(models.Model):
    """A file of a room. Its content is in a storage, under names that begin with its id.

    It may be used by its owner in one message, the line `seq` of the room. `expires` is the time at
    which the file is deleted: of one that no message uses, and of one whose message was removed.
    `is_stored` says that the content is there, and that nobody is deleting it.
    """

    id = models.CharField(max_length=MAX_ID, primary_key=True, default=random_id, editable=False)
    # A file outlives its room and its owner until it is deleted from the storage.
    room = models.ForeignKey(Room, null=True, on_delete=models.SET_NULL, db_index=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, db_index=False
    )
    name = models.CharField(max_length=MAX_FILE_NAME)
    type = models.CharField(max_length=MAX_TYPE, blank=True)
    size = models.PositiveBigIntegerField()  # bytes, with the thumbnail
    width = models.PositiveIntegerField(null=True)  # pixels, of an image that can be shown
    height = models.PositiveIntegerField(null=True)
    alt = models.CharField(max_length=MAX_ALT, blank=True)
    seq = models.PositiveBigIntegerField(null=True)
    created = models.DateTimeField()
    expires = models.DateTimeField(null=True)
    is_stored = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["owner", "created"], name="upload_by_owner"),
            models.Index(fields=["created"], name="upload_newest"),
            models.Index(fields=["room", "seq"], name="upload_by_message"),
            models.Index(
                fields=["expires"], condition=Q(expires__isnull=False), name="upload_expires"
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def is_image(self) -> bool:
        return self.width is not None

    @property
    def key(self) -> str:
        """The name of the content in the storage. Its first characters are a folder."""
        return f"{self.id[:2]}/{self.id}"

    @property
    def thumbnail_key(self) -> str:
        return f"{self.key}.thumbnail"

    @property
    def keys(self) -> list[str]:
        """All names that the upload may have in the storage."""
        return [self.key, self.thumbnail_key]

"""Receives a file: checks it, makes it safe if it is an image, and stores it."""

import mimetypes
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from django.conf import settings

from chat.files import converting, storage
from chat.models import Upload, User
from chat.models.upload import MAX_TYPE
from chat.names.files import clean_file_name, with_extension
from chat.room import uploads
from chat.room.refusal import RefusalCode, Refused

BINARY = "application/octet-stream"
# The names that files of these types end with; the first is given to files with another one.
EXTENSIONS = {
    "image/jpeg": ("jpg", "jpeg"),
    "image/png": ("png",),
    "image/gif": ("gif",),
    "image/webp": ("webp",),
}
# Python's own table, without those of the machine, so that it is the same everywhere.
TYPES = mimetypes.MimeTypes()


def receive(room_id: int, user: User, name: str, content: IO[bytes], size: int) -> Upload:
    """Store a file that a person sends to a room, and return its upload.

    An image is encoded anew in another process, which takes a moment. Raises `Refused`, and
    `NotConverted` for an image that is not accepted. Storages raise errors of their own.
    """
    if size > settings.UPLOAD_MB * uploads.MEGABYTE:
        raise Refused(RefusalCode.FILE_TOO_LARGE)
    if not size:
        raise Refused(RefusalCode.EMPTY_FILE)
    upload = uploads.begin(room_id, user, clean_file_name(name), size)
    with TemporaryDirectory(prefix="chatsite-") as name_of_folder:
        folder = Path(name_of_folder)
        received = folder / "received"
        with received.open("wb") as file:
            shutil.copyfileobj(content, file)
        if converting.is_image(received):
            _store_image(upload, received, folder)
        else:
            upload.type = (TYPES.guess_type(upload.name)[0] or BINARY)[:MAX_TYPE]
            storage.save(upload.key, received)
    uploads.finish(upload)
    return upload


def _store_image(upload, received, folder):
    image = converting.convert(received, folder)
    upload.name = with_extension(upload.name, EXTENSIONS[image.type])
    upload.type, upload.width, upload.height = image.type, image.width, image.height
    upload.size = image.image.stat().st_size
    storage.save(upload.key, image.image)
    storage.save(upload.thumbnail_key, image.thumbnail)
